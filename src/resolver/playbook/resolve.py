"""Gives every name of a playbook its type and every expression its compiled form (proofs P1, P2 and P14 in part).

Called by `compile`. Slots, look-ups and computed values are taken in the order of what they need; a name that could
not be read is left out without a second complaint wherever it is used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from heapq import heappop, heappush

from resolver.condition.declared import DeclaredNames, read_type
from resolver.condition.syntax import Compare, Expression, In, Name, walk
from resolver.condition.types import (
    DaysType,
    Field,
    ListOf,
    Number,
    PairsOf,
    Record,
    RecordType,
    Secret,
    Type,
    plain,
)
from resolver.connector.interface import ArgumentSpec
from resolver.playbook.expressions import Expressions
from resolver.playbook.names import Names
from resolver.playbook.syntax import (
    ALL,
    Edge,
    ForEachSyntax,
    Item,
    LookUpSyntax,
    PlaybookSyntax,
    SlotSyntax,
    StepSyntax,
    chooses_several,
    expressions_of,
    is_selection,
)
from resolver.playbook.vocabulary import OWN_NAMES, Vocabulary
from resolver.source.name import is_misspelt, nearest, only_near, shown
from resolver.source.node import ScalarNode
from resolver.source.problem import LackingAction, Problem
from resolver.source.reader import not_supported, unknown_word

_QUOTED = "', '"


def resolve(playbook: PlaybookSyntax, vocabulary: Vocabulary, problems: list[Problem]) -> Names:
    """The names and compiled expressions of the playbook; what does not fit is added to `problems`."""
    resolver = _Resolver(playbook, vocabulary, problems)
    resolver.prepare()
    resolver.decide()
    resolver.walk()
    resolver.texts()
    return resolver.names


class _Resolver:
    def __init__(self, playbook: PlaybookSyntax, vocabulary: Vocabulary, problems: list[Problem]) -> None:
        self.playbook = playbook
        self.vocabulary = vocabulary
        self.problems = problems
        self.names = Names(fields=dict(vocabulary.names), records=dict(vocabulary.records))
        self.items: dict[str, Item] = {}
        self.declared = DeclaredNames({}, vocabulary.patterns)
        self.read = Expressions(self.names, problems)
        if vocabulary.limits is None:
            self.read.broken |= {"limits", "customer"}  # no policy could be read to say what they have

    def report(self, code: str, message: str, place: ScalarNode, remedy: str, instead: str = "") -> None:
        self.problems.append(Problem(code, message, place.where, place.length, help=remedy, instead=instead))

    # -- slots, look-ups and computed values ----------------------------------------------------------------------

    def prepare(self) -> None:
        """Types of everything that is known before the rules, in the order it becomes known."""
        items: list[Item] = [*self.playbook.slots, *self.playbook.look_ups, *self.playbook.computed]
        for item in items:
            self._add(item)
        for name, item in self.items.items():
            self.names.needs[name] = self._needs_of(name, item)
        self.names.order = self._in_order()
        for name in self.names.order:
            if (found := self._type_of(self.items[name])) is None:
                self.read.broken.add(name)
            else:
                self.names.fields[name] = Field(found)
        for name in self.names.order:
            item = self.items[name]
            if isinstance(item, SlotSyntax):
                self._slot_values(item)

    def _add(self, item: Item) -> None:
        name = item.name.text
        if name in OWN_NAMES:
            remedy = "every playbook has it already; choose another"
            self.report("bad-name", f"'{name}' cannot be a name", item.name, remedy)
        elif name in self.items:
            first = self.items[name].name.where.line
            remedy = f"the first is in line {first}; rename one"
            self.report("written-twice", f"'{name}' is written twice here", item.name, remedy)
        else:
            self.items[name] = item

    def _needs_of(self, name: str, item: Item) -> frozenset[str]:
        """The other prepared names an item is made from."""
        found = set()
        for scalar in expressions_of(item):
            expression = self.read.parse(scalar)
            found |= _needed(expression, name) if expression else set()
        if isinstance(item, SlotSyntax) and item.for_each:
            found.discard(item.for_each.alias.text)
        return frozenset((found & self.items.keys()) - ({name} if isinstance(item, SlotSyntax) else set()))

    def _in_order(self) -> tuple[str, ...]:
        """Names so that each comes after what it needs; file order breaks ties. A circle is reported and left out."""
        position = {
            item.name.text: (item.name.where.line, index) for index, item in enumerate(self.items.values())
        }
        waiting = {name: set(needs) for name, needs in self.names.needs.items()}
        ready = [(position[name], name) for name, needs in waiting.items() if not needs]
        ready.sort()
        order = []
        while ready:
            _, name = heappop(ready)
            order.append(name)
            del waiting[name]
            for other, needs in waiting.items():
                if name in needs:
                    needs.discard(name)
                    if not needs:
                        heappush(ready, (position[other], other))
        if waiting:
            self._circle(min(waiting, key=lambda name: position[name]), waiting)
            self.read.broken.update(waiting)
        return tuple(order)

    def _circle(self, start: str, waiting: Mapping[str, set[str]]) -> None:
        path = [start]
        while path[-1] not in path[:-1]:
            path.append(min(waiting[path[-1]]))
        path = path[path.index(path[-1]) :]
        place = self.items[path[0]].name
        message = f"'{path[0]}' leads back to itself: {' → '.join(path)}"
        self.report("circle", message, place, "let one of them do without the other")

    def _type_of(self, item: Item) -> Type | None:
        if isinstance(item, SlotSyntax):
            return self._slot_type(item)
        if isinstance(item, LookUpSyntax):
            return self._record_of(item)
        compiled = self.read.expression(item.value)
        return compiled.type if compiled else None

    def _slot_type(self, slot: SlotSyntax) -> Type | None:
        if slot.type is None:
            return None
        if slot.for_each:
            return self._pairs(slot, slot.for_each)
        return self._single_type(slot.type)

    def _pairs(self, slot: SlotSyntax, each: ForEachSyntax) -> Type | None:
        """A list of pairs: the elements of the list, each with a value of the slot's own type."""
        listed = self.read.expression(each.list)
        if listed is None or slot.type is None:
            return None
        element = listed.type.element if isinstance(listed.type, ListOf) else None
        alias = each.alias.text
        if not isinstance(element, Record):
            remedy = "name a list of records, such as a slot of type 'some of LIST'"
            self.report("wrong-type", f"'{each.list.text}' is {listed.type}", each.list, remedy)
            return None
        if alias in self.items or alias in OWN_NAMES:
            self.report(
                "hidden-name", f"'{alias}' is also the name of something else", each.alias, "rename it"
            )
            return None
        if chooses_several(slot.type):
            remedy = "write 'one of LIST'"
            self.report("wrong-type", "each element gets one value, not several", slot.type, remedy)
            return None
        self.read.inner = {alias: Field(element)}
        found = self._single_type(slot.type)
        self.read.inner = {}
        return ListOf(PairsOf(element, found)) if found else None

    def _single_type(self, written: ScalarNode) -> Type | None:
        if is_selection(written):
            compiled = self.read.expression(written)
            return compiled.type if compiled else None
        if written.text.strip() == "code":
            self.problems.append(_later(written, "'code'", "the other types"))
            return None
        found = read_type(written, self.declared, self.problems)
        if isinstance(found, Secret | ListOf | DaysType):
            remedy = "ask for one value the customer can write"
            self.report("wrong-type", f"a slot cannot be {found}", written, remedy)
            return None
        return found

    def _slot_values(self, slot: SlotSyntax) -> None:
        """What a slot says besides its type, now that every name is known."""
        self.read.condition(slot.when)
        self.read.condition(slot.check)
        field_ = self.names.fields.get(slot.name.text)
        if field_ is None:
            return
        type_, each = field_.type, slot.for_each
        if each and isinstance(type_, ListOf) and isinstance(type_.element, PairsOf):
            self.read.inner, type_ = {each.alias.text: Field(type_.element.item)}, type_.element.to
        for key, scalar in (("assume", slot.assume), ("or_else", slot.or_else)):
            if scalar and scalar.text == ALL:
                self._all(key, scalar, slot)
            elif scalar:
                self.read.value(scalar, plain(type_), f"'{key}' needs {{}}")
        self._each_question(slot)
        self.read.inner = {}

    def _each_question(self, slot: SlotSyntax) -> None:
        """The question about one element may name it."""
        reply = self.playbook.replies.get(slot.ask.text) if slot.ask and slot.for_each else None
        for text in reply.every_text() if reply else ():
            self.read.template(text)

    def _all(self, key: str, scalar: ScalarNode, slot: SlotSyntax) -> None:
        if key != "assume" or slot.type is None or not chooses_several(slot.type):
            message = f"'{key}: all' stands only where several can be chosen"
            self.report(
                "wrong-type", message, scalar, "write a value, or make it 'some of' a list: 'assume: all'"
            )

    def _record_of(self, look_up: LookUpSyntax) -> Type | None:
        spec = self.vocabulary.look_ups.get(look_up.find.text)
        if spec is None:
            self._not_offered("unknown-look-up", look_up.find, self.vocabulary.look_ups)
            return None
        self._arguments(look_up.find, look_up.arguments, spec.takes)
        return Record(spec.gives.name)

    def _not_offered(
        self, code: str, place: ScalarNode, known: Iterable[str], lacking: LackingAction | None = None
    ) -> None:
        interface = place.text.partition(".")[0]
        if interface in self.vocabulary.unbound:
            message = f"interface '{interface}' is bound to no connection"
            self.report("not-bound", message, place, "add it under 'interfaces:' in the configuration")
            return
        known = sorted(known)
        near = self.vocabulary.near_offer(place.text, known)
        remedy = f"did you mean '{near}'?" if near else self.vocabulary.who_would_offer(place.text)
        message = f"no interface has {shown(place.text)}, or the connector bound to it does not offer it"
        self.report(code, message, place, remedy, only_near(place.text, known) if near else "")
        own, near_own = (name.partition(".")[2] for name in (place.text, near or ""))
        if not is_misspelt(own, near_own):
            self.problems[-1] = replace(self.problems[-1], lacking=lacking)

    def _arguments(
        self, whole: ScalarNode, given: Mapping[ScalarNode, ScalarNode], takes: Mapping[str, ArgumentSpec]
    ) -> None:
        present = {key.text for key in given}
        for key, value in given.items():
            if key.text in takes:
                self.read.value(value, takes[key.text].type, f"{whole.text} needs {{}} for '{key.text}'")
                continue
            near = nearest(key.text, takes)
            only = only_near(key.text, takes.keys() - {one.text for one in given})
            present |= {near or ""}
            remedy = f"did you mean '{near}'?" if near else f"it takes: {', '.join(takes) or 'nothing'}"
            self.report("unknown-argument", f"{whole.text} takes no {shown(key.text)}", key, remedy, only)
        missing = [name for name, spec in takes.items() if name not in present and not spec.may_be_missing]
        if missing:
            message = f"{whole.text} needs '{_QUOTED.join(missing)}'"
            self.report("missing-argument", message, whole, f"it takes: {', '.join(takes)}")

    # -- rules, steps and texts -----------------------------------------------------------------------------------

    def decide(self) -> None:
        """The conditions of the rules."""
        for rule in self.playbook.rules:
            self.read.condition(rule.when)

    def walk(self) -> None:
        """Arguments and conditions of the steps; results of actions become names."""
        for _, step in self.playbook.steps():
            spec = self.vocabulary.actions.get(step.object.text) if step.verb.text == "do" else None
            if spec and step.result:
                self._result(step.result, spec.name, spec.gives)
        for _, step in self.playbook.steps():
            self.read.condition(step.when)
            if step.verb.text != "do":
                continue
            spec = self.vocabulary.actions.get(step.object.text)
            if spec is None:
                lacking = self._lacks_action(step)
                self._not_offered("unknown-action", step.object, self.vocabulary.actions, lacking)
                continue
            self._arguments(step.object, step.arguments, spec.takes)
            self._codes(spec.refuses, step.edges, spec.name)

    def _lacks_action(self, step: StepSyntax) -> LackingAction:
        """What a developer would have to add for a step to be possible."""
        given = {key.text: self.read.expression(value) for key, value in step.arguments.items()}
        return LackingAction(
            step.object.text, tuple((name, str(found.type) if found else "") for name, found in given.items())
        )

    def _result(self, place: ScalarNode, action: str, gives: Mapping[str, Field]) -> None:
        if place.text in self.items or place.text in OWN_NAMES:
            self.report(
                "written-twice", f"'{place.text}' is the name of something else", place, "choose another name"
            )
            return
        result = RecordType(name=f"{action} result", key="", fields=gives, owner="nobody")
        self.names.records[result.name] = result
        self.names.fields[place.text] = Field(Record(result.name), may_be_missing=True)

    def _codes(self, refuses: Iterable[str], edges: Iterable[Edge], action: str) -> None:
        for edge in edges:
            if edge.code is not None and edge.code.text not in refuses:
                self.problems.append(unknown_word(edge.code, refuses))

    def texts(self) -> None:
        """The names in replies and summaries."""
        for reply in self.playbook.replies.values():
            for text in reply.every_text():
                if text not in self.names.templates:
                    self.read.template(text)
            if reply.count:
                self._count(reply.count)
        for _, step in self.playbook.steps():
            if step.summary:
                self.read.template(step.summary)

    def _count(self, place: ScalarNode) -> None:
        """What decides between plural forms: a number, or a list whose elements are counted."""
        if (compiled := self.read.expression(place)) and not isinstance(compiled.type, Number | ListOf):
            message = f"'count' needs a number or a list, but this is {compiled.type}"
            self.report("wrong-type", message, place, "name a number, or a list such as items")


def _needed(expression: Expression, name: str) -> set[str]:
    """The root names it reads. `delivered: order.status is delivered` compares with a word, not with itself."""
    words = set()
    for node in walk(expression.root):
        sides = (node.right,) if isinstance(node, Compare) else node.options if isinstance(node, In) else ()
        words |= {side for side in sides if isinstance(side, Name) and side.parts == (name,)}
    return {node.parts[0] for node in walk(expression.root) if isinstance(node, Name) and node not in words}


def _later(place: ScalarNode, what: str, supported: str) -> Problem:
    return replace(
        not_supported(place), message=f"{what} is not supported yet", help=f"supported here: {supported}"
    )
