"""Reads `*.test.yaml` into test cases, each problem with its place (LANGUAGE 15).

Called by `resolver test` and `lint`; it reads text that was handed over, never a file.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from resolver.condition.parser import parse_length
from resolver.condition.storage import to_offer
from resolver.connector.interface import ArgumentSpec
from resolver.decision.answer import derives, parsed
from resolver.decision.choice import key_name
from resolver.decision.effects import Answered, NoAnswer
from resolver.decision.given_answers import read_answers
from resolver.decision.outline import outline_of
from resolver.decision.referred import look_ups_of
from resolver.decision.testcase import (
    Answers,
    Case,
    Expected,
    ExpectedAction,
    Given,
    Happening,
    Settles,
    TestFile,
    Understood,
    Waits,
    World,
    Writes,
)
from resolver.decision.testplaces import CASE, CODES, FILE, GIVEN, MOVES, THEN, UNDERSTOOD, WHEN
from resolver.decision.testresult import ResultReader
from resolver.decision.testvalue import ValueReader, described
from resolver.errors import Malformed
from resolver.money import Money
from resolver.playbook.plan import Plan, Slot, Start
from resolver.playbook.policy import Policy
from resolver.reading import MoveKind, Reading, SlotReading, Span
from resolver.source.load import Loaded
from resolver.source.name import shown
from resolver.source.node import MappingNode, Node, ScalarNode, SequenceNode
from resolver.source.problem import Problem, has_errors
from resolver.source.reader import (
    Keys,
    missing_word,
    read_entries,
    read_items,
    read_one_of,
    read_prose,
    read_scalar,
    unknown_word,
    wrong_kind,
    wrong_value,
)
from resolver.ticket import Level, MessageId

_HAPPENINGS = tuple(name for name in WHEN.names if name != "understood")
_ELSEWHERE = {
    "gives": "write the slot and its value",
    "code": "write 'code: right' or 'code: wrong'",
    "new_intent": "test the other request beside its own playbook",
}
"""Moves that a message has, but that are no words of their own in a test."""
_ASKED_BESIDES = ("code", "details")
"""What customers are asked for besides slots, to prove who they are."""
_MOST_UNITS = 1_000_000
_WHEN = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?")


def read_tests(
    loaded: Loaded, plans: Mapping[str, Plan], policy: Policy
) -> tuple[TestFile | None, tuple[Problem, ...]]:
    """The cases of a file, or None and everything that is wrong with it. `plans` by playbook id."""
    problems = list(loaded.problems)
    if loaded.root is None:
        return None, tuple(problems)
    keys = Keys(loaded.root, problems, required=FILE.required, optional=FILE.optional, lines=FILE.lines)
    playbook = keys.scalar("tests")
    plan = plans.get(playbook.text) if playbook else None
    if playbook is not None and plan is None:
        problems.append(unknown_word(playbook, plans))
    if plan is None:
        return None, tuple(problems)
    reader = _Reader(plan, policy, problems, _slots(plan, plans))
    shared = keys.get("given")
    base = reader.given(shared, None) if shared else None
    cases = tuple(case for node in keys.items("cases") if (case := reader.case(node, base)))
    return (None if has_errors(problems) else TestFile(plan.playbook, loaded.path, cases, base)), tuple(
        problems
    )


def _slots(plan: Plan, plans: Mapping[str, Plan]) -> tuple[str, ...]:
    """What a run can be asked for: the slots of a playbook and of those that it starts."""
    found = {plan.playbook: plan}
    todo = [plan]
    while todo:
        steps = (step for steps in todo.pop().outcomes.values() for step in steps)
        started = {step.playbook for step in steps if isinstance(step, Start)} & plans.keys() - found.keys()
        found |= {name: plans[name] for name in sorted(started)}
        todo += [plans[name] for name in started]
    return tuple(dict.fromkeys(name for one in found.values() for name in one.slots))


class _Reader:
    def __init__(self, plan: Plan, policy: Policy, problems: list[Problem], slots: Collection[str]) -> None:
        self.plan = plan
        self.slots = slots
        self.policy = policy
        self.problems = problems
        self.zone: ZoneInfo = policy.calendar.zone
        self.values = ValueReader(plan.records, self.zone, problems)
        self.results = ResultReader(plan, self.values, problems)
        self.look_ups = look_ups_of(plan)
        self.acts = tuple(outline_of(plan).actions.values())

    # -- given ----------------------------------------------------------------------------------------------------

    def given(self, node: Node, base: Given | None) -> Given | None:
        """What is given, a case's own parts over the shared ones."""
        found = {entry.key.text: entry.value for entry in read_entries(node, self.problems)}
        for entry in read_entries(node, []):
            if entry.key.text not in GIVEN.names and entry.key.text not in self.look_ups:
                self.problems.append(unknown_word(entry.key, (*GIVEN.names, *self.look_ups)))
        level, language, customer = self._customer(found.get("customer"), base)
        ticket = {**(base.ticket if base else {}), **self._ticket(found.get("ticket"))}
        now = self._instant(found["now"]) if "now" in found else base.now if base else None
        if now is None:
            self.problems.append(missing_word(node, "now", GIVEN.lines["now"]))
            return None
        records = dict(base.records) if base else {}
        for name in self.look_ups.keys() & found.keys():
            records[name] = self._records(name, found[name], records.get(name, ()))
        return Given(
            now=now,
            level=level,
            language=language,
            customer=customer,
            records=records,
            results={**(base.results if base else {}), **self.results.each(found.get("results"))},
            dry_runs={**(base.dry_runs if base else {}), **self.results.each(found.get("dry_runs"))},
            limits={**(base.limits if base else {}), **self._limits(found.get("limits"))},
            codes=self._codes(found.get("codes"), base),
            answers={
                **(base.answers if base else {}),
                **self._answers(found.get("answers"), now, language),
            },
            ticket=ticket,
        )

    def _ticket(self, node: Node | None) -> dict[str, Any]:
        types = self.values.fields("ticket")
        found: dict[str, Any] = {}
        for entry in read_entries(node, self.problems) if node else ():
            if entry.key.text in types:
                found[entry.key.text] = self.values.read(types[entry.key.text], entry.value)
            else:
                self.problems.append(unknown_word(entry.key, types))
        return found

    def _answers(self, node: Node | None, now: datetime, language: str) -> dict[str, Answered | NoAnswer]:
        if node is None:
            return {}
        today = self.policy.calendar.day_of(now)
        return read_answers(node, today=today, language=language, problems=self.problems)

    def _codes(self, node: Node | None, base: Given | None) -> bool:
        if node is None:
            return base.codes if base else False
        return read_one_of(node, ("yes", "no"), self.problems) == "yes"

    def _customer(self, node: Node | None, base: Given | None) -> tuple[Level, str, dict[str, Any]]:
        level = base.level if base else Level.ANONYMOUS
        customer = dict(base.customer) if base else {}
        types = self.values.fields("customer") | {
            name: one.type for name, one in self.policy.customer_fields.items()
        }
        for entry in read_entries(node, self.problems) if node else ():
            name = entry.key.text
            if name == "identity":
                word = read_one_of(entry.value, [*Level], self.problems)
                level = Level(word) if word else level
            elif name in types:
                customer[name] = self.values.read(types[name], entry.value)
            else:
                self.problems.append(unknown_word(entry.key, ("identity", *types)))
        return level, str(customer.get("language") or self.plan.languages[0]), customer

    def _records(self, look_up: str, node: Node, before: tuple[Any, ...]) -> tuple[Any, ...]:
        declared = self.look_ups[look_up].gives
        merged = list(before)
        for item in read_items(node, self.problems):
            fields = self.values.record(declared, item)
            index = next((n for n, one in enumerate(merged) if self._same(look_up, one, fields)), None)
            if index is None:
                merged.append(fields)
            else:
                merged[index] = self.values.merged(declared, merged[index], fields)
        return tuple(merged)

    def _same(self, look_up: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Whether two descriptions are of one record: the same key, or found by the same argument."""
        found = self.look_ups[look_up]
        names = [found.gives.key, *found.takes]
        return any(name in one and name in other and one[name] == other[name] for name in names)

    def _limits(self, node: Node | None) -> dict[str, dict[str, Money]]:
        found: dict[str, dict[str, Money]] = {}
        for entry in read_entries(node, self.problems) if node else ():
            if entry.key.text not in self.policy.limits:
                self.problems.append(unknown_word(entry.key, self.policy.limits))
                continue
            amounts = found.setdefault(entry.key.text, {})
            for each in read_entries(entry.value, self.problems):
                amount = read_scalar(each.value, self.problems)
                try:
                    amounts[each.key.text] = Money.parse(f"{amount.text if amount else ''} {each.key.text}")
                except Malformed:
                    self.problems.append(wrong_value(each.key, "an amount such as 'EUR: 50'"))
        return found

    def _instant(self, node: Node) -> datetime | None:
        found = read_scalar(node, self.problems)
        if found is None:
            return None
        if _WHEN.fullmatch(found.text):
            try:
                return datetime.fromisoformat(found.text).replace(tzinfo=self.zone).astimezone(UTC)
            except ValueError:
                pass  # such as 2026-02-30 10:00; reported below
        self.problems.append(wrong_value(found, "a moment such as 2026-11-23 10:00"))
        return None

    # -- cases ----------------------------------------------------------------------------------------------------

    def case(self, node: Node, base: Given | None) -> Case | None:
        """One case with everything it inherits."""
        keys = Keys(node, self.problems, required=CASE.required, optional=CASE.optional, lines=CASE.lines)
        name = keys.prose("test")
        own = keys.get("given")
        given = self.given(own, base) if own else base
        if given is None:
            if own is None:
                message = "neither the file nor this case says what is given"
                self.problems.append(
                    Problem("missing-word", message, node.where, node.length, help="add 'given:' with 'now:'")
                )
            return None
        happenings = [one for item in keys.items("when") for one in self._happening(item)]
        then = keys.get("then")
        return Case(name, node.where, given, tuple(happenings), self._expected(then) if then else Expected())

    def _happening(self, node: Node) -> tuple[Happening, ...]:
        keys = Keys(node, self.problems, optional=WHEN.names)
        kinds = [kind for kind in _HAPPENINGS if kind in keys]
        if len(kinds) != 1:
            self.problems.append(wrong_kind(node, f"one of {', '.join(_HAPPENINGS)}"))
            return ()
        match kinds[0]:
            case "writes":
                return self._writes(keys)
            case "approves" | "denies" as kind:
                team = keys.scalar(kind)
                if team is None or team.text not in self.policy.teams:
                    self.problems.extend([unknown_word(team, self.policy.teams)] if team else [])
                    return ()
                return (Answers(team.text, kind == "approves", team.where),)
            case "waits":
                scalar = keys.scalar("waits")
                length = parse_length(scalar, self.problems) if scalar else None
                return (Waits(length, scalar.where),) if scalar and length else ()
            case "world":
                return tuple(
                    one for entry in keys.entries("world") if (one := self._world(entry.key, entry.value))
                )
        return tuple(
            Settles(entry.key.text, performed, entry.key.where)
            for entry in keys.entries("settles")
            if (performed := self.results.one(entry.key, entry.value))
        )

    def _world(self, key: ScalarNode, node: Node) -> World | None:
        look_up, _, argument = key.text.partition(" ")
        if look_up not in self.look_ups or not argument:
            words = [f"{name} ARGUMENT" for name in self.look_ups]
            self.problems.append(unknown_word(key, words))
            return None
        fields = self.values.record(self.look_ups[look_up].gives, node)
        return World(look_up, argument.strip(), fields, key.where)

    def _writes(self, keys: Keys) -> tuple[Happening, ...]:
        text, understood = keys.prose("writes"), keys.get("understood")
        if understood is None:
            place = keys.get("writes")
            if place is not None:
                message = "'understood' is missing here"
                self.problems.append(
                    Problem("missing-word", message, place.where, place.length, help="say what this means")
                )
            return ()
        if not isinstance(understood, MappingNode):
            return (Writes(text, self._moves(understood), (), keys.where),)
        moves: tuple[MoveKind, ...] = ()
        slots: list[Understood] = []
        code: str | None = None
        for entry in understood.entries:
            if entry.key.text == "code" and "code" not in self.plan.slots:
                code = read_one_of(entry.value, CODES, self.problems)
            elif entry.key.text == "intent":
                self._intent(entry.value)
            elif entry.key.text == "moves":
                moves = self._moves(entry.value)
            elif entry.key.text in self.plan.slots:
                slots += self._slot(entry.key, entry.value, text)
            else:
                self.problems.append(unknown_word(entry.key, (*UNDERSTOOD.names, *self.plan.slots)))
        said: Literal["right", "wrong"] | None = (
            None if code is None else "right" if code == "right" else "wrong"
        )
        return (Writes(text, moves, tuple(slots), keys.where, said),)

    def _moves(self, node: Node) -> tuple[MoveKind, ...]:
        nodes = node.items if isinstance(node, SequenceNode) else (node,)
        found: list[MoveKind] = []
        for one in nodes:
            if isinstance(one, ScalarNode) and one.text in _ELSEWHERE:
                self.problems.append(replace(unknown_word(one, MOVES), help=_ELSEWHERE[one.text]))
                continue
            word = read_one_of(one, MOVES, self.problems)
            found.extend(kind for kind in get_args(MoveKind) if kind == word)
        return tuple(found)

    def _intent(self, node: Node) -> None:
        found = read_scalar(node, self.problems)
        if found is not None and self.plan.intent is not None and found.text != self.plan.intent:
            self.problems.append(unknown_word(found, [self.plan.intent]))

    def _slot(self, key: ScalarNode, node: Node, text: str) -> list[Understood]:
        slot = self.plan.slots[key.text]
        if slot.each is not None:
            return [one for item in read_items(node, self.problems) if (one := self._pair(slot, item))]
        if slot.options is not None and slot.options.several:
            return [one for item in read_items(node, self.problems) if (one := self._element(slot, item))]
        found = read_scalar(node, self.problems)
        if found is None:
            return []
        value = self.values.of_slot(slot.type, found.text.strip())
        if slot.options is None and parsed(slot.type, value) is None:
            self.problems.append(wrong_value(found, described(slot.type)))
        elif slot.options is None and not derives(slot.type, *_as_read(Understood(key.text, value), text)):
            message = f"'{value}' does not stand in the message, so it would not count"
            self.problems.append(
                Problem("wrong-type", message, found.where, found.length, help="write it into the text")
            )
        return [Understood(key.text, value)]

    def _pair(self, slot: Slot, node: Node) -> Understood | None:
        """The value that was named for one element: `{item: KEY, to: KEY or value}`."""
        keys = Keys(node, self.problems, required=("item", "to"))
        item, to = keys.text("item"), keys.text("to")
        return Understood(slot.name, to, element=item) if item and to else None

    def _element(self, slot: Slot, node: Node) -> Understood | None:
        """An element that was named: its key, or its key and how many units of it."""
        if isinstance(node, ScalarNode):
            return Understood(slot.name, node.text.strip())
        name = key_name(slot, self.plan.records)
        keys = Keys(node, self.problems, required=(name,), optional=("chosen",))
        key = keys.text(name)
        return (
            Understood(slot.name, key, keys.whole("chosen", 0, least=1, most=_MOST_UNITS) or None)
            if key
            else None
        )

    # -- then -----------------------------------------------------------------------------------------------------

    def _expected(self, node: Node) -> Expected:
        keys = Keys(node, self.problems, optional=THEN.names)
        for key, known in (
            ("rule", [rule.id for rule in self.plan.rules]),
            ("outcome", list(self.plan.outcomes)),
        ):
            word = keys.scalar(key)
            if word is not None and "/" not in word.text and word.text not in known:
                self._no_such(key, word, known, code=f"unknown-{key}")
        queue = keys.scalar("handoff")
        if queue is not None and queue.text not in self.policy.queues:
            self._no_such("queue", queue, self.policy.queues, code="unknown-queue")
        self._asked(keys.get("asked"))
        return Expected(
            rule=keys.text("rule") or None,
            outcome=keys.text("outcome") or None,
            stopped_by=keys.text("stopped_by") or None,
            done=self._actions(keys, "done", {step.action: step.spec.takes for step in self.acts}),
            undone=self._actions(
                keys, "undone", {step.action: step.undo.takes for step in self.acts if step.undo is not None}
            ),
            asked=self._texts(keys, "asked"),
            replies=self._texts(keys, "replies"),
            last_reply_contains=self._texts(keys, "last_reply_contains") or (),
            messages=keys.whole("messages", 0) if "messages" in keys else None,
            handoff=keys.text("handoff") or None,
            summary_contains=self._texts(keys, "summary_contains") or (),
            ticket={entry.key.text: _plain(entry.value) for entry in keys.entries("ticket")},
            disposition=keys.text("disposition") or None,
        )

    def _no_such(self, what: str, word: ScalarNode, known: Iterable[str], *, code: str) -> None:
        message = f"there is no {what} {shown(word.text)}"
        self.problems.append(replace(unknown_word(word, known), code=code, message=message))

    def _asked(self, node: Node | None) -> None:
        """Questions are for slots, a code or details."""
        known = (*self.slots, *_ASKED_BESIDES)
        for word in node.items if isinstance(node, SequenceNode) else (node,):
            if isinstance(word, ScalarNode) and word.text and word.text not in known:
                self._no_such("slot", word, known, code="unknown-name")

    def _texts(self, keys: Keys, key: str) -> tuple[str, ...] | None:
        """A list of texts, or a single one."""
        node = keys.get(key)
        if node is None:
            return None
        nodes = node.items if isinstance(node, SequenceNode) else (node,)
        return tuple(text for one in nodes if (text := read_prose(one, self.problems)))

    def _actions(
        self, keys: Keys, key: str, known: Mapping[str, Mapping[str, ArgumentSpec]]
    ) -> tuple[ExpectedAction, ...] | None:
        """A list of actions; `known` are the arguments of those there are."""
        if key not in keys:
            return None
        return tuple(one for item in keys.items(key) if (one := self._action(item, known)))

    def _action(self, node: Node, known: Mapping[str, Mapping[str, ArgumentSpec]]) -> ExpectedAction | None:
        if isinstance(node, ScalarNode):
            return ExpectedAction(node.text, {})
        entries = read_entries(node, self.problems)
        if len(entries) != 1:
            self.problems.append(wrong_kind(node, "one action with its arguments"))
            return None
        takes = known.get(entries[0].key.text)
        arguments = {}
        for entry in read_entries(entries[0].value, self.problems):
            spec = takes.get(entry.key.text) if takes is not None else None
            if takes is not None and spec is None:
                self.problems.append(unknown_word(entry.key, takes))
            elif isinstance(entry.value, ScalarNode) and spec is not None:
                value = self.values.key_or_value(spec.type, entry.value)
                arguments[entry.key.text] = value if isinstance(value, str) else to_offer(value)
            else:
                arguments[entry.key.text] = _plain(entry.value)
        return ExpectedAction(entries[0].key.text, arguments)


def _as_read(understood: Understood, text: str) -> tuple[SlotReading, Reading]:
    found = reading_of(text, (), (understood,), MessageId("test"), "en")
    return found.slots[0], found


def reading_of(
    text: str, moves: tuple[MoveKind, ...], slots: Sequence[Understood], message: MessageId, language: str
) -> Reading:
    """What understanding would have handed over; a value that is not literal gets the whole text as its span."""
    found = []
    for one in slots:
        value = one.value
        start = text.casefold().find(value.casefold())
        span = Span(start, start + len(value), text[start : start + len(value)]) if start >= 0 else None
        found.append(SlotReading(one.slot, value, span or Span(0, len(text), text), one.units, one.element))
    return Reading(message, text, language, moves=moves, slots=tuple(found))


def _plain(node: Node) -> Any:
    """A node as plain text, lists and mappings."""
    if isinstance(node, ScalarNode):
        return node.text
    if isinstance(node, SequenceNode):
        return [_plain(one) for one in node.items]
    return {entry.key.text: _plain(entry.value) for entry in node.entries}
