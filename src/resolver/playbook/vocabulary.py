"""The words a playbook can use here besides its own: what interfaces offer and what the policy names.

Built once per installation for all its playbooks, and again from a stored plan. Frozen, no I/O.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from resolver.condition.types import (
    Choice,
    Date,
    Field,
    ListOf,
    MoneyType,
    Record,
    Records,
    RecordType,
    Text,
    Time,
    Type,
)
from resolver.connector.interface import ActionSpec, Interface, LookUpSpec
from resolver.connector.manifest import Interfaces
from resolver.playbook.policy import Policy
from resolver.source.name import nearest
from resolver.ticket import Channel

OWN_NAMES = ("customer", "ticket", "limits", "now", "today")
"""Names every playbook has; nothing in a file may be called so."""

_PAYOUT = RecordType(
    name="payout",
    key="record",
    fields={
        "action": Field(Text("id")),
        "playbook": Field(Text("id")),
        "record": Field(Text()),
        "amount": Field(MoneyType()),
        "paid_at": Field(Time()),
        "by": Field(Choice(("resolver", "person"))),
    },
    owner="nobody",
)
_TICKET = RecordType(
    name="ticket",
    key="channel",
    fields={
        "channel": Field(Choice(tuple(channel.value for channel in Channel))),
        "language": Field(Text("id"), may_be_missing=True),
        "tags": Field(ListOf(Text())),
        "priority": Field(Choice(("low", "normal", "high", "urgent")), may_be_missing=True),
        "created_at": Field(Time()),
    },
    owner="nobody",
)
_CUSTOMER: Mapping[str, Type] = {
    "email": Text("email"),
    "name": Text(),
    "language": Text("id"),
    "payouts": ListOf(Record("payout")),
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is offered and named outside a playbook.

    `look_ups` and `actions` are those that can be used, `interfaces` the ones they come from, `unbound` interfaces
    that exist but are served by no connection. `customer` are the policy's own fields of the customer, `limits` None
    where no policy could be read, `topics` None where no knowledge base is configured. `served` are the connectors by
    interface.
    """

    look_ups: Mapping[str, LookUpSpec]
    actions: Mapping[str, ActionSpec]
    interfaces: Mapping[str, Interface]
    unbound: frozenset[str] = frozenset()
    customer: Mapping[str, Type] = field(default_factory=dict)
    limits: frozenset[str] | None = frozenset()
    topics: frozenset[str] | None = None
    served: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, interfaces: Interfaces, policy: Policy | None) -> "Vocabulary":
        """The words of an installation."""
        return cls(
            look_ups={
                name: look_up
                for name in interfaces.offered_look_ups()
                if (look_up := interfaces.look_up(name))
            },
            actions={
                name: action for name in interfaces.offered_actions() if (action := interfaces.action(name))
            },
            interfaces={name: bound.interface for name, bound in interfaces.bound.items()},
            unbound=frozenset(interfaces.known.keys() - interfaces.bound.keys()),
            customer={name: one.type for name, one in policy.customer_fields.items()} if policy else {},
            limits=frozenset(policy.limits) if policy else None,
            topics=interfaces.topics,
            served={name: bound.manifest.connector for name, bound in interfaces.bound.items()},
        )

    def declares(self, name: str) -> bool:
        """Whether an interface that is bound here has this look-up or action, offered or not."""
        declared = self.interfaces.get(name.partition(".")[0])
        return declared is not None and (name in declared.actions or name in declared.look_ups)

    def near_offer(self, name: str, known: Iterable[str]) -> str | None:
        """What is known and nearly so called; the interface that both begin with makes nothing alike."""
        interface, _, own = name.partition(".")
        if self.declares(name):
            return None
        if interface not in self.interfaces or not own:
            return nearest(name, known)
        before = f"{interface}."
        near = nearest(own, [one.removeprefix(before) for one in known if one.startswith(before)])
        return f"{before}{near}" if near else None

    def who_would_offer(self, name: str) -> str:
        """Whom to ask for a look-up or action that is not offered: the interface and connector that would need it."""
        interface, _, own = name.partition(".")
        declared = self.interfaces.get(interface)
        if declared is None or not own:
            known = ", ".join(sorted({*self.interfaces, *self.unbound})) or "none"
            return f"its first word is no interface here (there are: {known}); until then hand_off"
        connector = self.served.get(interface, "")
        if self.declares(name):
            return f"the interface has it, but the connector {connector} does not offer it: ask its developer"
        return (
            f"ask a developer to add it to the interface {interface} and its connector {connector};"
            " until then hand_off ('resolver words' lists what is offered)"
        )

    @classmethod
    def whole(
        cls, interfaces: Collection[Interface], customer: Mapping[str, Type], limits: Collection[str]
    ) -> "Vocabulary":
        """Everything these interfaces declare, offered or not: what a stored plan is rebuilt with."""
        return cls(
            look_ups={name: spec for one in interfaces for name, spec in one.look_ups.items()},
            actions={name: spec for one in interfaces for name, spec in one.actions.items()},
            interfaces={one.name: one for one in interfaces},
            customer=customer,
            limits=frozenset(limits),
        )

    @property
    def records(self) -> Records:
        """Every record type by its full name, the product's own included."""
        declared = {name: record for one in self.interfaces.values() for name, record in one.records.items()}
        return {**declared, **own_records(self.customer, self.limits or ())}

    @property
    def patterns(self) -> frozenset[str]:
        """The interfaces' own kinds of text."""
        return frozenset(name for one in self.interfaces.values() for name in one.patterns)

    @property
    def names(self) -> Mapping[str, Field]:
        """The root names every playbook has."""
        own = {name: Field(Record(name)) for name in ("customer", "ticket", "limits")}
        return {**own, "now": Field(Time()), "today": Field(Date())}


def own_records(customer: Mapping[str, Type] = {}, limits: Collection[str] = ()) -> Records:
    """The product's own record types, with the policy's fields of the customer and its limits."""
    own = [
        _PAYOUT,
        _TICKET,
        _fields_of("customer", {**_CUSTOMER, **customer}, missing=True),
        _fields_of("limits", {name: MoneyType(per_currency=True) for name in sorted(limits)}, missing=True),
    ]
    return {record.name: record for record in own}


def _fields_of(name: str, types: Mapping[str, Type], *, missing: bool) -> RecordType:
    fields = {key: Field(type_, may_be_missing=missing) for key, type_ in types.items()}
    return RecordType(name=name, key="", fields=fields, owner="nobody")
