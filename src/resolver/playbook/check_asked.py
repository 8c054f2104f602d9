"""Judges whether messages can say what a playbook asks for: values that nothing reads (never-filled).

Called by `check`. Which types are read is the business of understanding and of answers to open questions; a test
compares.
"""

from resolver.condition.types import Choice, Duration, ListOf, PairsOf, Text, Time, Type, YesNo
from resolver.playbook.finding import Subject
from resolver.playbook.syntax import is_selection

_OF_EACH = ("text", "address")
"""Kinds of text that an answer for each element of a list gives as a whole."""


def check_asked(subject: Subject) -> None:
    """Warn of slots whose question no message can answer."""
    for slot in subject.playbook.slots:
        field = subject.names.fields.get(slot.name.text)
        if field is None or slot.type is None or is_selection(slot.type):
            continue
        each = field.type.element if isinstance(field.type, ListOf) else None
        if isinstance(each, PairsOf) and not _answers_for_each(each.to):
            message = f"nothing reads a {each.to} for each of several things"
            remedy = "ask for a choice, yes/no or a text, or for one value"
        elif isinstance(field.type, Time | Duration):
            message = f"nothing reads a {field.type} from messages, so '{slot.name.text}' is never filled"
            remedy = "ask for a date, a choice or a text"
        else:
            continue
        subject.report("never-filled", message, slot.type, remedy, severity="warning")


def _answers_for_each(type_: Type) -> bool:
    return isinstance(type_, Choice | YesNo) or (isinstance(type_, Text) and type_.kind in _OF_EACH)
