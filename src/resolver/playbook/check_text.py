"""Checks texts: every language there (P14), no private value too early (P6), numbers that agree with the rules.

Called by `check` once for a playbook. Names and braces were read before; here it is judged who sees what, and when.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from resolver.condition.syntax import AtClock, Constant, walk
from resolver.condition.types import Choice, Date, Record, Time
from resolver.condition.values import Amount, Days
from resolver.playbook.finding import Subject
from resolver.playbook.graph import reached
from resolver.playbook.plan import Placeholder
from resolver.playbook.plural import forms_of
from resolver.playbook.syntax import LookUpSyntax, StepSyntax, Texts
from resolver.source.node import ScalarNode, scalar
from resolver.source.template import Hole, read_template
from resolver.ticket import Level

_NUMBER = re.compile(r"(?<![\w.,{])\d+(?![\w}]|[.,]\d)")
_LENGTH = re.compile(
    r"\s*(?:\w+\s+)?(?:%|[€£$]|(?-i:[A-Z]{3})\b|(?:days?|weeks?|hours?|minutes?|months?"
    r"|tage?n?|werktage?n?|wochen?|stunden?|minuten?|monate?n?|jours?|semaines?|mois|días?|semanas?|horas|mes(?:es)?"
    r"|dni|dzień|tygodni(?:e|a)?|godzin|miesi\w+)\b)",
    re.IGNORECASE,
)
"""What stands behind a number that promises something: a length of time or an amount."""
_ALWAYS_KNOWN = ("now", "today", "ticket.channel", "ticket.created_at", "ticket.tags")


def check_languages(subject: Subject) -> None:
    """Report replies and labels without a text for one of the languages."""
    _languages(subject)
    _plurals(subject)
    _labels(subject)


def check_texts(subject: Subject) -> None:
    """Report values shown too early or perhaps unknown, and numbers no rule knows."""
    _unsure(subject)
    _private(subject)
    _numbers(subject)


# -- languages ----------------------------------------------------------------------------------------------------


def _languages(subject: Subject) -> None:
    for name, reply in subject.playbook.replies.items():
        _in_every_language(subject, f"reply '{name}'", reply.id, reply.texts)
        for language, text in reply.texts.items():
            if subject.playbook.languages and language not in _declared(subject):
                message = f"'{language}' is not among 'languages:', so this text is never used"
                subject.report("unused", message, text, "remove it, or add the language", severity="warning")


def _in_every_language(subject: Subject, what: str, place: ScalarNode, texts: Texts) -> None:
    missing = [language for language in _declared(subject) if language not in texts]
    if missing:
        message = f"{what} has no text for {', '.join(missing)}"
        add = " and ".join(f"'{language}: …'" for language in missing)
        subject.report(
            "missing-language", message, place, f"write {add} below '{place.text}:', with the text"
        )


def _plurals(subject: Subject) -> None:
    """A text that depends on a count has every form its language needs."""
    for name, reply in subject.playbook.replies.items():
        for language, forms in reply.forms.items():
            missing = [form for form in forms_of(language) if form not in forms]
            if missing:
                message = f"reply '{name}' has no text for {language}: {', '.join(missing)}"
                add = " and ".join(f"'{form}: …'" for form in missing)
                subject.report(
                    "missing-plural", message, reply.id, f"write {add} below '{language}:', with the text"
                )


def _declared(subject: Subject) -> list[str]:
    return [word.text for word in subject.playbook.languages]


def _labels(subject: Subject) -> None:
    for slot in subject.playbook.slots:
        field = subject.names.fields.get(slot.name.text)
        options = field.type.options if field and isinstance(field.type, Choice) else ()
        for word, texts in slot.labels.items():
            if field and word.text not in options:
                subject.report(
                    "never-that-value", f"{slot.name.text} is never '{word.text}'", word,
                    f"possible values: {', '.join(options) or 'this slot is no choice'}",
                )  # fmt: skip
            else:
                _in_every_language(subject, f"the label '{word.text}'", word, texts)


# -- what may be shown --------------------------------------------------------------------------------------------


def _unsure(subject: Subject) -> None:
    """Where `if_unsure` leads, hardly anything is surely known."""
    start = subject.playbook.if_unsure
    for name in sorted(reached(subject.playbook, start.text)) if start else ():
        for step in subject.playbook.outcomes[name].steps:
            for reply in _replies_of(step):
                doubtful = [
                    placeholder.name
                    for text in subject.every_text(reply.text)
                    for placeholder in subject.placeholders(text)
                    if placeholder.name not in _ALWAYS_KNOWN
                ]
                if doubtful:
                    message = f"'{doubtful[0]}' may be unknown where 'if_unsure' leads"
                    subject.report("unsure-may-stop", message, reply, "use a name that is always known")


def _replies_of(step: StepSyntax) -> Iterator[ScalarNode]:
    if step.verb.text in ("reply", "confirm", "check_in"):
        yield step.object
    yield from (word for word in (step.tell, step.say_first) if word)


def _private(subject: Subject) -> None:
    enough = Level.MATCHED if subject.policy and subject.policy.matched_may_see else Level.VERIFIED
    if Level(subject.playbook.identify).rank < enough.rank:
        for slot in subject.playbook.slots:
            if slot.ask:
                _shown_too_early(subject, slot.ask.text)
    for visit in subject.ways.visits if subject.ways else ():
        if visit.state.level.rank < enough.rank:
            for reply in _replies_of(visit.step):
                _shown_too_early(subject, reply.text)


def _shown_too_early(subject: Subject, reply: str) -> None:
    for text in subject.every_text(reply):
        for placeholder in subject.placeholders(text):
            if _is_private(subject, placeholder):
                message = f"'{placeholder.name}' is private and may be shown to an unproven customer"
                subject.report("shown-too-early", message, text, "add 'identify: verified' above")


def _is_private(subject: Subject, placeholder: Placeholder) -> bool:
    return any(_name_is_private(subject, name) for name in placeholder.value.names)


def _name_is_private(subject: Subject, name: str) -> bool:
    """Whether a record's field that is not public is in it, directly or computed."""
    root, *fields = name.split(".")
    item = next((one for one in subject.playbook.computed if one.name.text == root), None)
    if item:
        compiled = subject.names.of(item.value)
        return any(_name_is_private(subject, inner) for inner in (compiled.names if compiled else ()))
    look_up = next((one for one in subject.playbook.look_ups if one.name.text == root), None)
    return look_up is not None and _field_is_private(subject, look_up, fields)


def _field_is_private(subject: Subject, look_up: LookUpSyntax, fields: list[str]) -> bool:
    type_ = subject.names.fields[look_up.name.text].type
    for part in fields:
        record = subject.names.records.get(type_.name) if isinstance(type_, Record) else None
        field = record.fields.get(part) if record else None
        if field is None or not field.public:
            return True
        type_ = field.type
    record = subject.names.records.get(type_.name) if isinstance(type_, Record) else None
    return record is not None and any(not record.fields[name].public for name in _show_fields(record.show))


def _show_fields(show: str) -> list[str]:
    found = read_template(scalar(show), [])
    return [part.name.partition(".")[0] for part in found if isinstance(part, Hole)]


# -- numbers ------------------------------------------------------------------------------------------------------


def _numbers(subject: Subject) -> None:
    """A number in a text should stand in a rule on the way there, or in what an action declares."""
    if subject.names.unread:
        return  # what could not be read may say any number
    for name, reply in subject.playbook.replies.items():
        allowed = None
        asks_when = _asks_when(subject, name)
        for text in reply.every_text():
            for found in _NUMBER.finditer(text.text):
                if asks_when and not _LENGTH.match(text.text, found.end()):
                    continue
                allowed = _numbers_for(subject, name) if allowed is None else allowed
                if int(found.group()) not in allowed:
                    message = f"'{found.group()}' stands in this text but in no rule that leads here"
                    where = ScalarNode(found.group(), text.place(found.start()), len(found.group()))
                    subject.report(
                        "number-not-in-rule", message, where, "change one of them", severity="warning"
                    )


def _asks_when(subject: Subject, reply: str) -> bool:
    """Whether a text asks for a day or a time, of which it may give an example such as `Friday at 6 pm`."""
    slots = [slot.name.text for slot in subject.playbook.slots if slot.ask and slot.ask.text == reply]
    fields = [subject.names.fields[name] for name in slots if name in subject.names.fields]
    return any(isinstance(field.type, Date | Time) for field in fields)


def _numbers_for(subject: Subject, reply: str) -> set[int]:
    outcomes = {
        outcome.name.text
        for outcome, step in subject.playbook.steps()
        if any(word.text == reply for word in _replies_of(step))
    }
    leading = [
        place
        for place, rule in enumerate(subject.playbook.rules, start=1)
        if rule.then and outcomes & reached(subject.playbook, rule.then.text)
    ]
    # the rules above the last of them count too: that they did not apply is known there as well
    allowed = _numbers_in(subject, [rule.when for rule in subject.playbook.rules[: max(leading, default=0)]])
    for slot in subject.playbook.slots:
        if slot.ask and slot.ask.text == reply:
            allowed |= _numbers_in(subject, [slot.when, slot.check])
    for _, step in subject.playbook.steps():
        spec = subject.vocabulary.actions.get(step.object.text) if step.verb.text == "do" else None
        if spec and spec.settles_within:
            allowed |= _of_length(spec.settles_within)
    return allowed


def _numbers_in(subject: Subject, scalars: Iterable[ScalarNode | None]) -> set[int]:
    """The numbers written in expressions, and in the computed values they use."""
    found: set[int] = set()
    computed = {one.name.text: one.value for one in subject.playbook.computed}
    todo = [scalar for scalar in scalars if scalar]
    seen = set()
    while todo:
        scalar = todo.pop()
        compiled = subject.names.of(scalar)
        if compiled is None or scalar in seen:
            continue
        seen.add(scalar)
        todo += [computed[root] for name in compiled.names if (root := name.partition(".")[0]) in computed]
        for node in walk(compiled.checked.expression.root):
            if isinstance(node, Constant):
                found |= _whole_numbers(node.value)
            if isinstance(node, AtClock):
                found |= {node.clock.hour, node.clock.minute}
    return found


def _whole_numbers(value: object) -> set[int]:
    match value:
        case Days(count=count):
            return {count, count // 7}
        case Amount(value=amount):
            return {int(amount)}
        case timedelta():
            return _of_length(value)
        case Decimal():
            return {int(value)}
    return set()


def _of_length(length: timedelta) -> set[int]:
    minutes = int(length.total_seconds()) // 60
    return {length.days, minutes // 60, minutes}
