"""A request to a developer for a field or an action that nobody has, ready to be copied into a ticket or a message.

Made from the `lacking` of a problem and what is bound here; `lint --explain` prints it.
"""

from dataclasses import dataclass, replace
from typing import Any

from resolver.condition.types import ListOf, Record, Records
from resolver.condition.wanted import UNSAID
from resolver.connector.interface import Interface, LookUpSpec
from resolver.connector.manifest import Interfaces
from resolver.source.problem import Lacking, LackingAction, Problem

_EXAMPLES = {
    "yes/no": "yes", "money": "12.50 EUR", "number": "3", "time": "2026-11-23T10:00:00Z", "date": "2026-11-23",
    "email": "ann@example.com", "text": "some text",
}  # fmt: skip
_OWN = ("ticket", "payout", "limits")


@dataclass(frozen=True, slots=True)
class FieldRequest:
    """One field to be added: where it is declared, what it is, and which connector has to fill it.

    `interface` is empty for a field of the customer, which the policy declares; `connector` where none is bound.
    """

    field: str
    record: str
    interface: str
    type: str
    example: str
    connector: str
    connection: str
    look_ups: tuple[str, ...]
    needed_by: str

    def to_json(self) -> dict[str, Any]:
        """The same as plain data, with the text to copy."""
        return {
            "field": self.field,
            "record": self.record,
            "interface": self.interface or None,
            "type": self.type,
            "may_be_missing": True,
            "example": self.example,
            "connector": self.connector or None,
            "connection": self.connection or None,
            "look_ups": list(self.look_ups),
            "needed_by": self.needed_by,
            "text": "\n".join(self.lines),
        }

    @property
    def lines(self) -> list[str]:
        """The request as text to copy."""
        what = self.record.rpartition(".")[2]
        if not self.interface:
            return [
                f"Please give playbooks the field `{self.field}` of the customer.",
                "Where: policy.yaml, under customer_fields:",
                f"    {self.field}: {{type: '{self.type}', from: {{HELPDESK: user.FIELD}}}}",
                f"Type: {self.type}. It may be missing: customers without it have none.",
                f"Example: {self.field}: {self.example}",
                "Who fills it: the field of the helpdesk that is named there.",
                f"Needed by: {self.needed_by}",
            ]
        return [
            f"Please give playbooks the field `{self.field}` of {self.record}.",
            f"Interface: {self.interface}, in {self.interface}.yaml under types: {what}: fields:",
            f'    {self.field}: "{self.type}, may be missing"',
            f"Type: {self.type}{_more(self.type)}.",
            f"May be missing: yes. Leave the words away only if every {what.replace('_', ' ')} has it; "
            "without it a rule that asks stops, and the ticket goes to a person.",
            f"Example: {self.field}: {self.example}",
            self._fills(),
            f"Needed by: {self.needed_by}",
        ]

    def _fills(self) -> str:
        where = ", ".join(self.look_ups) or "the look-up that reads it"
        if not self.connector:
            return f"Who fills it: the connector that serves {self.interface}, in what {where} returns."
        return (
            f"Who fills it: connector {self.connector} (connection {self.connection}), in the record that {where} "
            "returns; and its sandbox, so that tests have it."
        )


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """One action to be added; `declared`: the interface has it already, and only its connector does not offer it."""

    action: str
    takes: tuple[tuple[str, str], ...]
    interface: str
    known: bool
    declared: bool
    connector: str
    connection: str
    needed_by: str

    def to_json(self) -> dict[str, Any]:
        """The same as plain data, with the text to copy."""
        return {
            "action": self.action,
            "takes": dict(self.takes),
            "interface": self.interface,
            "declared": self.declared,
            "connector": self.connector or None,
            "connection": self.connection or None,
            "needed_by": self.needed_by,
            "text": "\n".join(self.lines),
        }

    @property
    def lines(self) -> list[str]:
        """The request as text to copy."""
        if self.declared:
            return [
                f"Please let playbooks do `{self.action}`, which the interface {self.interface} has already.",
                self._does(),
                f"Needed by: {self.needed_by}",
            ]
        takes = ", ".join(f"{name}: {type_ or 'TYPE'}" for name, type_ in self.takes)
        new = "" if self.known else ", which is new"
        return [
            f"Please give playbooks the action `{self.action}`.",
            f"Interface: {self.interface}{new}, in {self.interface}.yaml under actions:",
            f"    {self.action}:",
            "      title: WHAT IT DOES, as a colleague would say it",
            "      effect: write # or money: then also pays: AMOUNT",
            f"      takes: {{{takes}}}",
            "      undo: none",
            "It should say under refuses: when the answer is no, and under requires: what must hold before.",
            self._does(),
            f"Needed by: {self.needed_by}",
        ]

    def _does(self) -> str:
        if not self.connector:
            return f"Who does it: the connector that serves {self.interface}."
        return (
            f"Who does it: connector {self.connector} (connection {self.connection}), with a line under actions: of "
            "its connector.yaml; and its sandbox, so that tests can do it."
        )


def asked_alone(problem: Problem) -> Problem:
    """A field that is a condition by itself is a yes/no."""
    lacking = problem.lacking
    if not isinstance(lacking, Lacking) or lacking.type != UNSAID:
        return problem
    return replace(problem, lacking=replace(lacking, type="yes/no"))


def request_of(problem: Problem, interfaces: Interfaces, source: str) -> FieldRequest | ActionRequest | None:
    """What to ask a developer for; None if the problem is not about something somebody could add.

    `source` is the text of the problem's file, to quote the line that needs it.
    """
    lacking = problem.lacking
    lines = source.splitlines()
    quoted = lines[problem.where.line - 1].strip() if problem.where.line <= len(lines) else ""
    needed = f"{problem.where}: {quoted}" if quoted else str(problem.where)
    if isinstance(lacking, LackingAction):
        return _action_request(lacking, interfaces, needed)
    if lacking is None or lacking.record in _OWN:
        return None
    name = lacking.record.partition(".")[0] if lacking.record != "customer" else ""
    bound, declared = interfaces.bound.get(name), interfaces.known.get(name)
    return FieldRequest(
        field=lacking.field,
        record=lacking.record,
        interface=name,
        type=lacking.type,
        example=_example(lacking),
        connector=bound.manifest.connector if bound else "",
        connection=bound.connection if bound else "",
        look_ups=_giving(lacking.record, declared) if declared else (),
        needed_by=needed,
    )


def _action_request(lacking: LackingAction, interfaces: Interfaces, needed_by: str) -> ActionRequest | None:
    name, _, own = lacking.name.partition(".")
    if not own:
        return None
    bound, known = interfaces.bound.get(name), interfaces.known.get(name)
    return ActionRequest(
        action=lacking.name,
        takes=lacking.takes,
        interface=name,
        known=known is not None,
        declared=known is not None and lacking.name in known.actions,
        connector=bound.manifest.connector if bound else "",
        connection=bound.connection if bound else "",
        needed_by=needed_by,
    )


def _example(lacking: Lacking) -> str:
    if lacking.type.startswith("one of ["):
        return lacking.type.removeprefix("one of [").rstrip("]").partition(",")[0]
    return _EXAMPLES.get(lacking.type, "as the interface's type is written")


def _more(type_: str) -> str:
    return " and every other word it can be" if type_.startswith("one of [") else ""


def _giving(record: str, interface: Interface) -> tuple[str, ...]:
    """The look-ups whose record is of that type, or holds records of it."""
    return tuple(one.name for one in interface.look_ups.values() if _holds(one, record, interface.records))


def _holds(look_up: LookUpSpec, record: str, records: Records) -> bool:
    seen: set[str] = set()
    todo = [look_up.gives.name]
    while todo:
        name = todo.pop()
        if name not in seen and (declared := records.get(name)) is not None:
            seen.add(name)
            inner = [
                one.type.element if isinstance(one.type, ListOf) else one.type
                for one in declared.fields.values()
            ]
            todo += [one.name for one in inner if isinstance(one, Record)]
    return record in seen
