"""Judges whether messages can say what a playbook asks for: values that nothing reads (never-filled).

Called by `check`. Which types are read is the business of understanding and of answers to open questions; a test
compares.
"""

from resolver.condition.types import Duration, ListOf, Number, PairsOf, Type
from resolver.playbook.finding import Subject
from resolver.playbook.syntax import is_selection


def check_asked(subject: Subject) -> None:
    """Warn of slots whose question no message can answer."""
    for slot in subject.playbook.slots:
        field = subject.names.fields.get(slot.name.text)
        if field is None or slot.type is None or is_selection(slot.type):
            continue
        each = field.type.element if isinstance(field.type, ListOf) else None
        if isinstance(each, PairsOf) and not _answers_for_each(each.to):
            message = f"nothing reads a {each.to} for each of several things"
            remedy = "ask for a choice, a date, an amount or a text, or for one value"
        elif isinstance(field.type, Duration):
            message = f"nothing reads a {field.type} from messages, so '{slot.name.text}' is never filled"
            remedy = "ask for a time, a choice or a text"
        else:
            continue
        subject.report("never-filled", message, slot.type, remedy, severity="warning")


def _answers_for_each(type_: Type) -> bool:
    return not isinstance(type_, Number | Duration)
