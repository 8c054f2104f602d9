"""A shop in memory for tests of playbooks: records by look-up, answers by action, a ledger that counts.

Used by `testrun`. Ownership, requirements and limits hold as in production, through the same guard.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from resolver.condition.chosen import CHOSEN, chosen_part
from resolver.condition.storage import read_value
from resolver.condition.types import Record, Records, RecordType
from resolver.condition.values import PairValue, RecordValue, Value, normal_email, unknown
from resolver.connector.interface import ActionSpec
from resolver.decision import details, guard
from resolver.decision.effects import (
    Act,
    DryRun,
    Found,
    LookUp,
    LookUpFailed,
    Missing,
    Perform,
    Performed,
    Prove,
    Undo,
)
from resolver.decision.facts import Facts
from resolver.decision.guard import Spent, Stop
from resolver.decision.outline import outline_of
from resolver.decision.proving import ACCOUNT
from resolver.decision.referred import look_up_of, look_ups_of
from resolver.decision.testcase import Given, World
from resolver.decision.testvalue import ValueReader
from resolver.playbook.plan import Plan
from resolver.playbook.policy import SILENT, Policy


@dataclass(slots=True)
class FakeShop:
    """The world of one case. `done` are the actions that reached it and were not refused, `undone` those taken back."""

    given: Given
    policy: Policy
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    done: list[Perform] = field(default_factory=list)
    undone: list[Undo] = field(default_factory=list)
    names_undone: list[str] = field(default_factory=list)
    spent: list[tuple[str, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.records = {name: [dict(one) for one in found] for name, found in self.given.records.items()}

    # -- reading --------------------------------------------------------------------------------------------------

    def read(self, plan: Plan, facts: Facts, effect: LookUp) -> Found | Missing | LookUpFailed:
        """The record the arguments find, if it is this customer's."""
        declared = look_up_of(plan, effect.name).gives
        for raw in self.records.get(effect.look_up, []):
            record = read_value(Record(declared.name), raw, plan.records, name=effect.name)
            if not isinstance(record, RecordValue):
                return LookUpFailed(f"the record given for {effect.look_up} has no {declared.key}")
            if fits(record, effect.arguments):
                return Found(record, facts.now) if owned(record, declared, facts) else Missing()
        return Missing()

    def change(self, plan: Plan, world: World) -> bool:
        """The record that the argument finds changes; False if there is none."""
        look_up = look_ups_of(plan)[world.look_up]
        names = [look_up.gives.key, *look_up.takes]
        reader = ValueReader(plan.records, self.policy.calendar.zone, [])
        for index, raw in enumerate(self.records.get(world.look_up, [])):
            if any(str(raw.get(name)) == world.argument for name in names):
                self.records[world.look_up][index] = reader.merged(look_up.gives, raw, world.fields)
                return True
        return False

    def sends_code(self, plan: Plan, effect: Prove) -> str | None:
        """Whose record the code goes to: its owner; None if there is no such record, so that nothing is sent."""
        declared = plan.look_ups[effect.look_up.name].spec.gives
        for raw in self.records.get(effect.look_up.look_up, []):
            record = read_value(Record(declared.name), raw, plan.records, name=effect.look_up.name)
            if isinstance(record, RecordValue) and fits(record, effect.look_up.arguments):
                owner, contact = record.fields.get(declared.owner), record.fields.get(declared.contact)
                return owner if isinstance(owner, str) and isinstance(contact, str) else None
        return None

    def matches(self, plan: Plan, facts: Facts, text: str) -> str | None:
        """Whose record it is that the run waits for details of, if the message names them; else None."""
        look_up = details.asked_for(plan, facts)
        return self.owner_named(plan, facts, look_up, text) if look_up is not None else None

    def owner_named(self, plan: Plan, facts: Facts, look_up: LookUp, text: str) -> str | None:
        """Whose record this look-up finds, if the message names its details; else None."""
        if look_up.name == ACCOUNT:
            return self._account_named(plan, facts, text)
        for raw in self.records.get(look_up.look_up, []):
            declared = look_up_of(plan, look_up.name).gives
            record = read_value(Record(declared.name), raw, plan.records, name=look_up.name)
            if isinstance(record, RecordValue) and fits(record, look_up.arguments):
                return details.owner_in(text, record, plan, look_up, facts)
        return None

    def _account_named(self, plan: Plan, facts: Facts, text: str) -> str | None:
        """Whose account the message finds; a playbook that never looks accounts up knows none in its test files."""
        specs = (one.spec for one in plan.look_ups.values())
        spec = next((one for one in specs if one.name == facts.policy.account), None)
        said = details.arguments_in(text, spec, facts.policy.details) if spec is not None else None
        if spec is None or said is None:
            return None
        values = [
            read_value(Record(spec.gives.name), raw, plan.records) for raw in self.records.get(spec.name, [])
        ]
        found = [one for one in values if isinstance(one, RecordValue) and fits(one, said)]
        owner = found[0].fields.get(spec.gives.owner) if len(found) == 1 else None
        return owner if isinstance(owner, str) and owner else None

    # -- acting ---------------------------------------------------------------------------------------------------

    def perform(self, plan: Plan, facts: Facts, effect: Perform) -> Performed:
        """What the gateway would answer: every check first, then what the case says the action comes to."""
        stop = self._stop(plan, facts, effect)
        if stop is not None:
            return Performed("stopped", stopped_by=stop.check)
        came = self.given.results.get(effect.action, Performed("done", external_id="test"))
        if came.state != "refused":
            self.done.append(effect)
            if effect.pays is not None:
                self.spent.append((effect.action, effect.pays.currency, effect.pays.minor))
        return came

    def tries(self, effect: DryRun) -> Performed:
        """What trying comes to; an action that can be tried and of which the case says no more would go."""
        return self.given.dry_runs.get(effect.action, Performed("done"))

    def undo(self, plan: Plan, facts: Facts, effect: Undo) -> Performed:
        """The same for an action that is taken back; the case says it for `undo ACTION`."""
        stop = self._stop(plan, facts, effect)
        if stop is not None:
            return Performed("stopped", stopped_by=stop.check)
        of = outline_of(plan).actions[effect.of].action
        came = self.given.results.get(f"undo {of}", Performed("done", external_id="test"))
        if came.state != "refused":
            self.undone.append(effect)
            self.names_undone.append(of)
        if came.state == "done":
            self._gives_back(effect)
        return came

    def _gives_back(self, effect: Undo) -> None:
        """What was surely taken back counts in no limit any more."""
        before = next((one for one in reversed(self.done) if one.step == effect.of), None)
        if before is not None and before.pays is not None:
            self.spent.remove((before.action, before.pays.currency, before.pays.minor))

    def _stop(self, plan: Plan, facts: Facts, effect: Act) -> Stop | None:
        if stop := guard.kill_switch(self.policy.stop, action=effect.action, playbook=plan.playbook):
            return stop
        return checked(plan, facts, effect, self._spent(effect), self._fresh(plan, facts, effect))

    def _spent(self, effect: Act) -> Spent:
        currency = effect.pays.currency if effect.pays else ""
        whole = sum(
            minor for action, code, minor in self.spent if (action, code) == (effect.action, currency)
        )
        return Spent(whole, whole, whole)

    def _fresh(self, plan: Plan, facts: Facts, effect: Act) -> dict[str, Value]:
        """The arguments with every record as the shop has it now."""
        now: dict[tuple[str, str], RecordValue] = {}
        for look_up in self.records:
            declared = look_ups_of(plan)[look_up].gives
            for raw in self.records[look_up]:
                _collect(read_value(Record(declared.name), raw, plan.records), now)
        return {name: _renewed(value, now, plan.records) for name, value in effect.arguments.items()}


def checked(plan: Plan, facts: Facts, effect: Act, spent: Spent, fresh: Mapping[str, Value]) -> Stop | None:
    """The gateway's checks in their order, with the arguments as the shop has them now; None if all hold."""
    policy = facts.policy
    return (
        guard.identity(effect, facts.level)
        or guard.may_act(plan, facts, effect)
        or guard.limits(policy.actions.get(effect.action, SILENT), effect.pays, spent)
        or guard.requirements(_spec(plan, effect), fresh, now=facts.now, policy=policy)
    )


def _spec(plan: Plan, effect: Act) -> ActionSpec:
    """What the interface says of an action, or of the one that takes it back."""
    step = outline_of(plan).actions[effect.of if isinstance(effect, Undo) else effect.step]
    return step.undo if isinstance(effect, Undo) and step.undo is not None else step.spec


def fits(record: RecordValue, arguments: Mapping[str, Value]) -> bool:
    """Whether these arguments find this record."""
    found = False
    for name, value in arguments.items():
        if name in record.fields:
            if record.fields[name] != value:
                return False
            found = True
    return found


def owned(record: RecordValue, declared: RecordType, facts: Facts) -> bool:
    """Whether the record is this customer's, or nobody's."""
    if declared.owner in ("", "nobody"):
        return True
    owner, email = record.fields.get(declared.owner), facts.customer.get("email")
    return isinstance(owner, str) and isinstance(email, str) and normal_email(owner) == normal_email(email)


def _collect(value: Value, found: dict[tuple[str, str], RecordValue]) -> None:
    if isinstance(value, RecordValue):
        found[value.type_name, value.key] = value
        for one in value.fields.values():
            _collect(one, found)
    elif isinstance(value, tuple):
        for one in value:
            _collect(one, found)


def _renewed(value: Value, now: Mapping[tuple[str, str], RecordValue], records: Records) -> Value:
    if isinstance(value, RecordValue):
        fresh, chosen = now.get((value.type_name, value.key), value), value.fields.get(CHOSEN)
        if not isinstance(chosen, Decimal):
            return fresh
        return chosen_part(fresh, records[value.type_name], chosen) or unknown(
            value.type_name, "out of range"
        )
    if isinstance(value, PairValue):
        return PairValue(_renewed(value.item, now, records), _renewed(value.to, now, records))
    return tuple(_renewed(one, now, records) for one in value) if isinstance(value, tuple) else value
