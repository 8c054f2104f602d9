"""The two sandboxes as the demo sees them: the helpdesk customers write to, and the shop with its ledger.

Used by the demo only, which may name no connector: it asks for what a sandbox can do. What it reads here comes from
the sandboxes themselves, never from the resolver.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec

from resolver.errors import Malformed
from resolver.money import Money
from resolver.sandboxed import Sandboxed


@runtime_checkable
class Desk(Protocol):
    """A helpdesk's sandbox, as far as a customer and an onlooker need it. Safe to call from threads."""

    def customer_writes(
        self, email: str, name: str = "", subject: str = "", text: str = "", *, ticket: int | None = None
    ) -> int:
        """Send a message; returns the ticket it went to."""

    def redeliver(self, ticket: int, times: int = 1) -> int:
        """Deliver the ticket's last webhook again."""

    def deliveries(self, ticket: int | None = None) -> Sequence[Mapping[str, Any]]:
        """Every delivery about a ticket with its body, state and answers."""

    def ticket(self, ticket: int) -> Mapping[str, Any]:
        """The ticket with its comments."""

    def describe(self) -> Mapping[str, Any]:
        """Addresses for a person."""


class ArmedFaults(Protocol):
    """What is still to go wrong."""

    def armed(self) -> Sequence[object]:
        """The faults that no request has met yet."""

    def clear(self) -> None:
        """Let everything work again."""


@runtime_checkable
class Shop(Protocol):
    """A shop's sandbox. Its ledger is a file that it writes before it answers."""

    faults: ArmedFaults
    ledger: Path | None

    def has_order(self, number: str, **fields: object) -> object:
        """Put an order into the shop."""

    def fault(self, operation: str, kind: str) -> None:
        """Let the next request of an operation go wrong."""

    def describe(self) -> Mapping[str, Any]:
        """Addresses for a person."""


class Movement(msgspec.Struct, frozen=True):
    """A line of the shop's ledger."""

    kind: str
    number: str
    amount: str = ""
    currency: str = ""
    address: str = ""

    @property
    def money(self) -> Money | None:
        """What left the shop; `None` for a movement of no money."""
        return Money.parse(f"{self.amount} {self.currency}") if self.amount else None

    def __str__(self) -> str:
        return f"{self.kind} {self.number} {self.money or self.address}".strip()


class Comment(msgspec.Struct, frozen=True):
    """A comment on the ticket; `bot` if the resolver wrote it."""

    body: str
    public: bool
    bot: bool


class TicketSeen(msgspec.Struct, frozen=True):
    """The ticket as the helpdesk shows it now. `group` is the queue it lies in."""

    status: str
    tags: list[str]
    comments: list[Comment]
    group: str | None = None
    assignee: str | None = None


class _Delivery(msgspec.Struct, frozen=True):
    body: str
    status: str
    codes: list[int | None]


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The webhooks about a ticket so far. `most` is how often the same one was taken in with success."""

    count: int
    under_way: int
    refused: int
    most: int


@dataclass(frozen=True, slots=True)
class World:
    """Helpdesk and shop of a running installation; `connection` is the name of the helpdesk's connection."""

    desk: Desk
    shop: Shop
    connection: str

    @classmethod
    def of(cls, installation: Sandboxed) -> "World":
        """The first helpdesk a customer can write to, and the shop that the interface `shop` is bound to."""
        running: Mapping[str, object] = installation.sandboxes
        shop = running.get(installation.config.interfaces.get("shop", ""))
        for name, desk in running.items():
            if isinstance(desk, Desk) and isinstance(shop, Shop):
                return cls(desk, shop, name)
        raise Malformed(
            "The demo needs the sandboxes of a helpdesk and of a shop.",
            remedy="install the extra that brings them: pip install 'helpdesk-resolver[all]'",
        )

    def ticket(self, number: int) -> TicketSeen:
        """The ticket as the helpdesk shows it."""
        return msgspec.convert(self.desk.ticket(number), TicketSeen)

    def movements(self) -> tuple[Movement, ...]:
        """All that happened in the shop, read from its ledger file."""
        ledger = self.shop.ledger
        if ledger is None or not ledger.exists():
            return ()
        *whole, _ = ledger.read_bytes().split(b"\n")
        return tuple(msgspec.json.decode(line, type=Movement) for line in whole)

    def deliveries(self, number: int) -> Deliveries:
        """How far the webhooks about a ticket are."""
        all_ = msgspec.convert(self.desk.deliveries(number), list[_Delivery])
        taken = Counter(one.body for one in all_ if one.codes and _success(one.codes[-1]))
        return Deliveries(
            count=len(all_),
            under_way=sum(one.status == "accepted" for one in all_),
            refused=sum(
                one.status != "accepted" and not _success(one.codes[-1]) for one in all_ if one.codes
            ),
            most=max(taken.values(), default=0),
        )


def _success(code: int | None) -> bool:
    return code is not None and 200 <= code < 300
