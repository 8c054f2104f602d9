"""Every name a playbook can use here, with its type: what interfaces offer, what the policy names, what a plan defines.

Called by the command line for authors. It describes and judges nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from resolver.condition.types import Field, ListOf, PairsOf, Record, Records, Type
from resolver.connector.interface import ActionSpec, ArgumentSpec, LookUpSpec
from resolver.playbook.plan import Plan
from resolver.playbook.policy import SILENT, Policy
from resolver.playbook.step_places import VERBS
from resolver.playbook.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Form:
    """One form of condition or formula: what it is for, and one that could stand in a playbook."""

    means: str
    example: str


OPERATORS: Mapping[str, Form] = {
    "and, or, not": Form(
        "join conditions; brackets where people could read it both ways",
        "not late and (reason is broken or reason is too_small)",
    ),
    "is, is not": Form("the same, or not", "order.status is delivered"),
    "is known, is not known": Form(
        "whether there is a value; the only question that is never unknown", "order.tracking_url is known"
    ),
    "is at least, is at most, is more than, is less than": Form(
        "numbers, money, times and dates", "amount is at most limits.refund_without_approval"
    ),
    "=, <, <=, >, >=": Form(
        "the same as is, is less than, is at most, is more than, is at least", "amount <= 50 EUR"
    ),
    "in [a, b], not in [a, b]": Form("one of several, or none of them", "order.status in [paid, processing]"),
    "contains": Form(
        "a text in a text, or in a list of texts; capitals and small letters are the same",
        "ticket.tags contains 'vip'",
    ),
    "is before, is after": Form("times and dates", "order.expected_on is before today"),
    "N days ago, N days from now": Form(
        "calendar days of the shop; also minutes, hours, weeks, business days",
        "order.delivered_at is more than 30 days ago",
    ),
    "any of, all of, none of LIST where …": Form(
        "elements of a list; their fields are bare names, the element is it", "any of items where final_sale"
    ),
    "count of LIST where …": Form(
        "how many; without where all of them",
        "(count of items where final_sale) is at least 2",
    ),
    "sum of FIELD in LIST where …": Form(
        "a field, or a formula of fields such as to.price - item.price, added up; 0 if there are none",
        "sum of refundable in items is more than 20 EUR",
    ),
    "lesser of A and B, greater of A and B": Form(
        "one of two", "lesser of amount and order.total is at most 50 EUR"
    ),
    "+, -": Form("numbers, money; a date with days, a time with hours", "order.total - order.refunded > 0"),
    "* NUMBER, / NUMBER": Form(
        "by a plain number or percentage only; money then needs rounded down or up",
        "order.total * 30% rounded down <= 20 EUR",
    ),
    "DATE at 18:00": Form(
        "that clock time in the shop's zone", "now is before order.expected_on - 1 day at 18:00"
    ),
}
"""The operators of the condition language, as people write them."""


@dataclass(frozen=True, slots=True)
class Word:
    """One thing a playbook can write: its name, what it is in words, and whose field or argument it is."""

    section: str
    name: str
    means: str


def words_here(vocabulary: Vocabulary, policy: Policy | None) -> tuple[Word, ...]:
    """Everything that can be named in any playbook of the installation."""
    found = [Word("look-ups", spec.name, _look_up(spec)) for spec in vocabulary.look_ups.values()]
    found += [Word("actions", spec.name, _action(spec, policy)) for spec in vocabulary.actions.values()]
    records = vocabulary.records
    for name in sorted(records):
        found += _fields(f"fields of {name}", records[name].fields)
    if policy is not None:
        found += [Word("queues", name, f"the group {group}") for name, group in sorted(policy.queues.items())]
        found += [Word("teams", name, "") for name in sorted(policy.teams)]
    found += [
        Word("topics", name, "articles of the knowledge base") for name in sorted(vocabulary.topics or ())
    ]
    found += [Word("steps", verb, one.does) for verb, one in VERBS.items()]
    found += [Word("operators", name, f"{form.means}: {form.example}") for name, form in OPERATORS.items()]
    return tuple(found)


def words_of(plan: Plan) -> tuple[Word, ...]:
    """What one playbook defines and can read in its conditions, with the fields behind it."""
    found = [Word("slots", slot.name, str(slot.type)) for slot in plan.slots.values()]
    for slot in plan.slots.values():
        found += _behind(slot.name, slot.type, plan.records)
    for look_up in plan.look_ups.values():
        gives = look_up.spec.gives
        found.append(Word("records", look_up.name, f"{gives.name}, by {look_up.find}"))
        found += _fields("records", gives.fields, f"{look_up.name}.")
    found += [
        Word("computed", one.name, f"{one.value.type}: {one.value.source}") for one in plan.computed.values()
    ]
    for name in ("customer", "ticket", "limits"):
        found += _fields(name, plan.records[name].fields, f"{name}.")
    found += [Word("outcomes", name, ", ".join(_verbs(plan, name))) for name in plan.outcomes]
    found += [Word("replies", name, ", ".join(sorted(texts))) for name, texts in plan.replies.items()]
    return tuple(found)


def _verbs(plan: Plan, outcome: str) -> Iterable[str]:
    return (step.id.rpartition("/")[2] for step in plan.outcomes[outcome])


def _behind(name: str, type_: Type, records: Records) -> list[Word]:
    """The fields behind a slot: its own, or those that `where` sees of its elements."""
    inner = type_.element if isinstance(type_, ListOf) else type_
    if isinstance(inner, PairsOf):
        return [
            Word("slots", f"{name}, in where: item", str(inner.item)),
            Word("slots", f"{name}, in where: to", str(inner.to)),
        ]
    declared = records.get(inner.name) if isinstance(inner, Record) else None
    if declared is None:
        return []
    return _fields("slots", declared.fields, f"{name}." if inner is type_ else f"{name}, in where: ")


def _fields(section: str, fields: Mapping[str, Field], before: str = "") -> list[Word]:
    return [Word(section, f"{before}{name}", shown_field(field)) for name, field in fields.items()]


def shown_field(field: Field) -> str:
    """A field's type and the words behind it."""
    flags = (
        (field.may_be_missing, "may be missing"),
        (field.public, "public"),
        (field.split_by_units, "split by units"),
        (bool(field.from_look_up), f"from {field.from_look_up}"),
    )
    return ", ".join([str(field.type), *(word for there, word in flags if there)])


def _look_up(spec: LookUpSpec) -> str:
    return (
        f"({_arguments(spec.takes)}) gives {spec.gives.name}, for a customer who is at least {spec.identity}"
    )


def _action(spec: ActionSpec, policy: Policy | None) -> str:
    parts = [f"({_arguments(spec.takes)}) {spec.title}", f"effect {spec.effect}", f"result {spec.result}"]
    parts += [f"refuses {', '.join(spec.refuses)}"] if spec.refuses else []
    given = [f"{name} ({field.type})" for name, field in spec.gives.items()]
    parts += [f"gives {', '.join(given)}"] if given else []
    parts.append(f"undo {spec.undo}" if spec.undo else "cannot be undone")
    return f"{'; '.join(parts)}. Needs: {'; '.join(_needs(spec, policy))}"


def _needs(spec: ActionSpec, policy: Policy | None) -> Iterator[str]:
    """What interface and policy demand before an action runs, checked again when it is sent."""
    said = policy.actions.get(spec.name, SILENT) if policy else SILENT
    yield f"the customer at least {said.demands(spec.identity)}"
    if spec.needs_confirmation or (policy and policy.confirm_always):
        yield "their yes (confirm)"
    yield from (one.source for one in spec.requires)
    for playbook, limit in sorted(said.approval_above.items()):
        where = "" if playbook == "otherwise" else f" in {playbook}"
        yield f"no approval{where}" if limit == "never" else f"an approval above limits.{limit}{where}"
    for name, amounts in said.caps().items():
        yield f"at most {' or '.join(str(amount) for amount in amounts.values())} {name}"


def _arguments(takes: Mapping[str, ArgumentSpec]) -> str:
    return ", ".join(
        f"{name}: {spec.type}{', may be missing' if spec.may_be_missing else ''}"
        for name, spec in takes.items()
    )
