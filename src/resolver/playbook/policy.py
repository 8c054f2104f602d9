"""The company's policy as read from `policy.yaml`: limits, queues, teams, identity, calendar, kill switch.

Made by `playbook.read_policy`, kept by hash like plans, handed to decision and gateway. Frozen, no I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from resolver.condition.calendar import Calendar
from resolver.condition.types import Type
from resolver.money import Money
from resolver.playbook.policy_places import CODE_LASTS, OPT_OUT_TAG, PATIENCE, RUNS_PER_CASE, STATUS_AT_END
from resolver.ticket import Level, Status


@dataclass(frozen=True, slots=True)
class Team:
    """People who may approve, by the address they sign in with."""

    members: tuple[str, ...]
    four_eyes: bool = False


@dataclass(frozen=True, slots=True)
class CustomerField:
    """One `customer_fields` entry: its type and, per connector name, where the helpdesk keeps it."""

    type: Type
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ActionPolicy:
    """What policy says about one action; caps are per currency, absent = no cap.

    `approval_above` maps a playbook id (or `otherwise`) to a limit name or `never`; empty if policy is silent.
    `identity` raises what the interface demands and never lowers it.
    """

    approval_above: Mapping[str, str] = field(default_factory=dict)
    per_ticket: Mapping[str, Money] = field(default_factory=dict)
    per_customer_and_day: Mapping[str, Money] = field(default_factory=dict)
    per_day: Mapping[str, Money] = field(default_factory=dict)
    identity: Level = Level.ANONYMOUS

    def caps(self) -> dict[str, Mapping[str, Money]]:
        """The caps there are, by whom they hold for, in words."""
        every = {
            "per ticket": self.per_ticket,
            "per customer and day": self.per_customer_and_day,
            "per day": self.per_day,
        }
        return {name: amounts for name, amounts in every.items() if amounts}

    def demands(self, interface: Level) -> Level:
        """The level this action takes: the interface's own, or the policy's if that is higher."""
        return interface if interface.rank >= self.identity.rank else self.identity


@dataclass(frozen=True, slots=True)
class Way:
    """One way for a customer to be known: `needed` of these fields of their record, or arguments of `account`."""

    needed: int
    fields: tuple[str, ...]


SILENT = ActionPolicy()
"""What holds for an action that the policy says nothing about."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything in `policy.yaml`. `id` is the sha256 of `document`, its canonical JSON."""

    id: str
    document: str
    calendar: Calendar
    queues: Mapping[str, str]
    teams: Mapping[str, Team]
    limits: Mapping[str, Mapping[str, Money]]
    actions: Mapping[str, ActionPolicy]
    customer_fields: Mapping[str, CustomerField]
    stop: frozenset[str] = frozenset()
    trust_email: bool = False
    matched_may_see: bool = False
    details: tuple[Way, ...] = ()
    details_tries: int = 6
    account: str = ""
    patience: timedelta = PATIENCE
    code_lasts: timedelta = CODE_LASTS
    runs_per_case: int = RUNS_PER_CASE
    confirm_always: bool = False
    opt_out_tag: str = OPT_OUT_TAG
    status_at_end: Status = STATUS_AT_END
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
