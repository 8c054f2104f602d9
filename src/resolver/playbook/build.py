"""Puts a playbook that was read and resolved together as a plan.

Called by `compile`, for a fresh file and for a stored document alike. Nothing is checked here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from resolver.condition.evaluate import Compiled
from resolver.condition.parser import parse_length
from resolver.condition.values import Days
from resolver.connector.interface import ActionSpec, LookUpSpec
from resolver.playbook.names import Names
from resolver.playbook.plan import (
    Answer,
    AnyStep,
    Approve,
    CheckIn,
    Computed,
    Confirm,
    Do,
    Each,
    Go,
    HandOff,
    Identify,
    LookUp,
    Mode,
    Options,
    Plan,
    Plural,
    Reply,
    Rule,
    SetTicket,
    Slot,
    Start,
    Template,
)
from resolver.playbook.syntax import (
    ALL,
    ComputedSyntax,
    LookUpSyntax,
    PlaybookSyntax,
    RuleSyntax,
    SlotSyntax,
    StepSyntax,
    Texts,
    chooses_several,
    is_selection,
)
from resolver.playbook.vocabulary import Vocabulary
from resolver.source.node import ScalarNode
from resolver.ticket import Level, Status


def build_plan(
    playbook: PlaybookSyntax, names: Names, vocabulary: Vocabulary, *, plan_id: str, document: str
) -> Plan:
    """The plan of a playbook without errors."""
    return _Builder(playbook, names, vocabulary).plan(plan_id, document)


@dataclass(frozen=True, slots=True)
class _Builder:
    playbook: PlaybookSyntax
    names: Names
    vocabulary: Vocabulary

    def plan(self, plan_id: str, document: str) -> Plan:
        playbook = self.playbook
        return Plan(
            id=plan_id,
            document=document,
            playbook=playbook.playbook.text,
            title=playbook.title,
            owner=playbook.owner,
            mode=Mode(playbook.mode),
            rollout=playbook.rollout,
            languages=tuple(word.text for word in playbook.languages),
            intent=_text(playbook.handles.intent),
            anything_else=playbook.handles.anything_else,
            examples=playbook.handles.examples,
            not_for=playbook.handles.not_for,
            identify=Level(playbook.identify),
            slots={slot.name.text: self._slot(slot) for slot in playbook.slots},
            look_ups={one.name.text: self._look_up(one) for one in playbook.look_ups},
            computed={one.name.text: self._computed(one) for one in playbook.computed},
            preparation=self.names.order,
            rules=tuple(self._rule(rule) for rule in playbook.rules),
            outcomes={name: self._steps(name, outcome.steps) for name, outcome in playbook.outcomes.items()},
            if_unsure=_text(playbook.if_unsure) or "",
            if_silent=_text(playbook.if_silent),
            replies={name: self._texts(reply.texts) for name, reply in playbook.replies.items()},
            records=self.names.records,
            references=self._references(),
            plurals={
                name: Plural(
                    self._one(reply.count), {one: self._texts(forms) for one, forms in reply.forms.items()}
                )
                for name, reply in playbook.replies.items()
                if reply.count
            },
            polished=frozenset(name for name, reply in playbook.replies.items() if reply.polish),
        )

    def _references(self) -> dict[str, LookUpSpec]:
        fields = [field for record in self.names.records.values() for field in record.fields.values()]
        return {
            one.from_look_up: self.vocabulary.look_ups[one.from_look_up] for one in fields if one.from_look_up
        }

    def _one(self, scalar: ScalarNode) -> Compiled:
        return self.names.compiled[scalar]

    def _texts(self, texts: Texts) -> dict[str, Template]:
        return {language: self.names.templates[text] for language, text in texts.items()}

    # -- before the rules -----------------------------------------------------------------------------------------

    def _slot(self, slot: SlotSyntax) -> Slot:
        options = self._options(slot)
        takes_all = options is not None and slot.assume is not None and slot.assume.text == ALL
        return Slot(
            name=slot.name.text,
            type=self.names.fields[slot.name.text].type,
            ask=_text(slot.ask) or "",
            line=slot.name.where.line,
            when=self.names.of(slot.when),
            check=self.names.of(slot.check),
            options=None if slot.for_each else options,
            each=Each(self._one(slot.for_each.list), slot.for_each.alias.text, options)
            if slot.for_each
            else None,
            assume=options.list if options and takes_all else self.names.of(slot.assume),
            prefill=slot.prefill,
            tries=slot.tries,
            or_else=self.names.of(slot.or_else),
            if_given_up=_text(slot.if_given_up),
            if_none=_text(slot.if_none),
            labels={
                word.text: {language: text.text.strip() for language, text in texts.items()}
                for word, texts in slot.labels.items()
            },
        )

    def _options(self, slot: SlotSyntax) -> Options | None:
        if slot.type is None or not is_selection(slot.type):
            return None
        selection = self._one(slot.type)
        return Options(selection.names[0], selection, several=chooses_several(slot.type))

    def _look_up(self, look_up: LookUpSyntax) -> LookUp:
        return LookUp(
            name=look_up.name.text,
            find=look_up.find.text,
            spec=self.vocabulary.look_ups[look_up.find.text],
            arguments=self._arguments(look_up.arguments),
            if_missing=_text(look_up.if_missing) or "",
            if_fails=_text(look_up.if_fails),
            line=look_up.find.where.line,
        )

    def _arguments(self, arguments: Mapping[ScalarNode, ScalarNode]) -> dict[str, Compiled]:
        return {key.text: self._one(value) for key, value in arguments.items()}

    def _computed(self, computed: ComputedSyntax) -> Computed:
        return Computed(computed.name.text, self._one(computed.value), computed.name.where.line)

    def _rule(self, rule: RuleSyntax) -> Rule:
        return Rule(
            id=rule.id.text,
            when=self.names.of(rule.when),
            then=_text(rule.then) or "",
            because=(rule.because.text if rule.because else "").strip(),
            line=rule.id.where.line,
        )

    # -- steps ----------------------------------------------------------------------------------------------------

    def _steps(self, outcome: str, steps: tuple[StepSyntax, ...]) -> tuple[AnyStep, ...]:
        seen: dict[str, int] = {}
        found = []
        for step in steps:
            verb = step.verb.text
            plain = verb if verb == "ticket" else f"{verb}-{step.object.text}"
            seen[plain] = seen.get(plain, 0) + 1
            clash = f"-{seen[plain]}" if seen[plain] > 1 else ""
            found.append(self._step(f"{self.playbook.playbook.text}/{outcome}/{plain}{clash}", step))
        return tuple(found)

    def _step(self, step_id: str, step: StepSyntax) -> AnyStep:
        line, found = step.verb.where.line, step.object.text
        match step.verb.text:
            case "identify":
                return Identify(step_id, line, Level(found), _edge(step, "if_fails"))
            case "confirm":
                within, _ = _length(step.within)
                return Confirm(
                    step_id, line, found, _edge(step, "if_no"),
                    _text(step.edge("if_silent")), _text(step.edge("if_unclear")), within,
                )  # fmt: skip
            case "check_in":
                within, _ = _length(step.within)
                return CheckIn(
                    step_id, line, found, _edge(step, "if_no"), _text(step.edge("if_silent")), within
                )
            case "approve":
                return self._approve(step_id, line, step)
            case "do":
                return self._do(step_id, line, step)
            case "answer":
                return Answer(step_id, line, found, _text(step.say_first), _edge(step, "if_no_answer"))
            case "reply":
                return Reply(step_id, line, found, step.ends)
            case "hand_off":
                summary = self.names.templates[step.summary] if step.summary else ()
                return HandOff(step_id, line, found, summary, _text(step.tell), step.priority)
            case "go":
                return Go(step_id, line, found)
            case "start":
                return Start(step_id, line, found)
        return self._ticket(step_id, line, step)

    def _approve(self, step_id: str, line: int, step: StepSyntax) -> Approve:
        within, business_days = _length(step.within)
        if step.within is None:
            business_days = 1
        return Approve(
            step_id, line, step.object.text, self.names.of(step.when), _text(step.tell),
            _edge(step, "if_denied"), _edge(step, "if_late"), within, business_days,
        )  # fmt: skip

    def _do(self, step_id: str, line: int, step: StepSyntax) -> Do:
        spec: ActionSpec = self.vocabulary.actions[step.object.text]
        return Do(
            step_id,
            line,
            action=step.object.text,
            spec=spec,
            arguments=self._arguments(step.arguments),
            result_name=_text(step.result),
            if_refused={
                edge.code.text if edge.code else "*": edge.outcome.text
                for edge in step.edges
                if edge.key == "if_refused"
            },
            if_pending=_text(step.edge("if_pending")),
            if_fails=_edge(step, "if_fails"),
            keep=step.keep,
            undo=self.vocabulary.actions.get(spec.undo) if spec.undo else None,
        )

    def _ticket(self, step_id: str, line: int, step: StepSyntax) -> SetTicket:
        ticket = step.ticket
        return SetTicket(
            step_id,
            line,
            status=Status(ticket.status) if ticket.status else None,
            priority=ticket.priority,
            queue=_text(ticket.queue),
            add_tags=ticket.add_tags,
            remove_tags=ticket.remove_tags,
            fields=ticket.fields,
        )


def _text(scalar: ScalarNode | None) -> str | None:
    return scalar.text if scalar else None


def _edge(step: StepSyntax, key: str) -> str:
    return _text(step.edge(key)) or ""


def _length(scalar: ScalarNode | None) -> tuple[timedelta | None, int | None]:
    """A `within`: exact time or calendar days as they are, business days apart."""
    length = parse_length(scalar, []) if scalar else None
    if isinstance(length, Days):
        return (None, length.count) if length.business else (timedelta(days=length.count), None)
    return length, None
