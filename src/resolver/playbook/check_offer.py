"""Checks offers: confirmation above each action that needs it (P7), and a confirm text that shows what is bound (P8).

Called by `check` once for a playbook. What a customer agrees to stands in the text they were sent, in every language.
"""

from collections.abc import Iterator, Sequence

from resolver.condition.types import Record
from resolver.connector.interface import ArgumentSpec
from resolver.playbook.finding import Subject
from resolver.playbook.graph import straight_line
from resolver.playbook.syntax import OutcomeSyntax, PlaybookSyntax, SlotSyntax, StepSyntax
from resolver.source.node import ScalarNode


def check_offers(subject: Subject) -> None:
    """Report actions without the customer's yes, and confirm texts that hide a value."""
    _unconfirmed(subject)
    for outcome in subject.playbook.outcomes.values():
        for index, step in enumerate(outcome.steps):
            if step.verb.text in ("confirm", "approve"):
                covered = _covered(straight_line(subject.playbook, outcome.name.text, index + 1))
                _frozen(subject, covered)
                if step.verb.text == "confirm":
                    _shown(subject, step, covered)


def _unconfirmed(subject: Subject) -> None:
    for visit in subject.ways.visits if subject.ways else ():
        step = visit.step
        if step.verb.text != "do" or visit.state.confirmed:
            continue
        if subject.needs_yes(step):
            message = f"{step.object.text} can run without the customer's yes"
            subject.report("not-confirmed", message, step.object, _confirm(subject.playbook))
            continue
        for slot in _taken_from_messages(subject, step):
            message = f"nobody confirms '{slot.name.text}', which may be taken from a message"
            remedy = "add 'confirm:' above, or 'prefill: no' to the slot"
            subject.report("confirm-hides-value", message, step.object, remedy)


def _confirm(playbook: PlaybookSyntax) -> str:
    """The lines that ask for the customer's yes: with a question nothing asks yet, and where a no leads."""
    used = {word.text for word in playbook.replies_named()}
    text = next(
        (name for name, reply in playbook.replies.items() if reply.is_question and name not in used), ""
    )
    no = next((name for name, one in playbook.outcomes.items() if _ends_withdrawn(one)), "")
    no = no or (playbook.if_unsure.text if playbook.if_unsure else "OUTCOME")
    asks = text or "TEXT"
    what = "" if text else "; TEXT is a reply that shows what will be done and asks for a yes"
    return f"write '- confirm: {asks}' above, and 'if_no: {no}' below that{what}"


def _ends_withdrawn(outcome: OutcomeSyntax) -> bool:
    return any(step.ends == "withdrawn" for step in outcome.steps)


def _covered(line: Sequence[StepSyntax]) -> tuple[StepSyntax, ...]:
    return tuple(step for step in line if step.verb.text == "do")


def _frozen(subject: Subject, covered: Sequence[StepSyntax]) -> None:
    """No argument may use the result of an action of the same offer."""
    results: set[str] = set()
    for step in covered:
        for value in step.arguments.values():
            compiled = subject.names.of(value)
            late = [
                name for name in (compiled.names if compiled else ()) if name.partition(".")[0] in results
            ]
            if late:
                message = f"'{late[0]}' is the result of an action in the same offer"
                subject.report("not-frozen", message, value, "use a value known before the confirm")
        if step.result:
            results.add(step.result.text)


def _shown(subject: Subject, confirm: StepSyntax, covered: Sequence[StepSyntax]) -> None:
    """Every bound value stands in the text, in every language."""
    texts = subject.texts_of(confirm.object.text)
    for step in covered:
        _formulas(subject, step)
        for language, placeholders in subject.shown_in(confirm.object.text).items():
            shown = {placeholder.name for placeholder in placeholders}
            for hidden in _hidden(subject, step, shown):
                message = f"the confirm text does not show '{hidden}' (language {language})"
                subject.report("confirm-hides-value", message, texts[language], f"add {{{hidden}}}")


def _formulas(subject: Subject, step: StepSyntax) -> None:
    """A formula has no name that a text could show."""
    for key, value, declared in _arguments(subject, step):
        if declared.shown and subject.names.of(value) and subject.bound_name(value) is None:
            message = f"the confirm text cannot show '{value.text}'"
            remedy = f"name it under 'compute:', use that name for '{key}' and show it"
            subject.report("confirm-hides-value", message, value, remedy)


def _hidden(subject: Subject, step: StepSyntax, shown: set[str]) -> Iterator[str]:
    """The names of one action's values that the text does not show."""
    for _, value, declared in _arguments(subject, step):
        name = subject.bound_name(value)
        if not declared.shown:
            slots = (slot.name.text for slot in _slots_behind(subject, [value]))
            yield from (slot for slot in slots if slot not in shown)
        elif (
            name
            and name not in shown
            and not (isinstance(declared.type, Record) and _shows_field(name, shown))
        ):
            yield name


def _arguments(subject: Subject, step: StepSyntax) -> Iterator[tuple[str, ScalarNode, ArgumentSpec]]:
    spec = subject.vocabulary.actions.get(step.object.text)
    for key, value in step.arguments.items():
        if spec and key.text in spec.takes:
            yield key.text, value, spec.takes[key.text]


def _shows_field(record: str, shown: set[str]) -> bool:
    return any(name.startswith(f"{record}.") for name in shown)


def _taken_from_messages(subject: Subject, step: StepSyntax) -> list[SlotSyntax]:
    return _slots_behind(subject, list(step.arguments.values()))


def _slots_behind(subject: Subject, values: Sequence[ScalarNode]) -> list[SlotSyntax]:
    """The slots those values are made from that may be taken from a message or assumed."""
    behind: set[str] = set()
    for value in values:
        compiled = subject.names.of(value)
        for name in compiled.names if compiled else ():
            behind |= subject.names.behind(name.partition(".")[0])
    return [
        slot for slot in subject.playbook.slots
        if slot.name.text in behind and (slot.prefill or slot.assume or slot.or_else)
    ]  # fmt: skip
