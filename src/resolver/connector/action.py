"""The port of a backend: the look-ups, actions and read-backs a connector's `actions.py` declares.

    @look_up("shop.order")
    async def order(shop: ShopClient, *, number: str) -> Mapping[str, Raw]: ...

    @action("shop.refund")
    async def refund(shop: ShopClient, *, order: str, items: Sequence[ChosenLine], amount: Money, key: str) -> Done: ...

    @read_back("shop.refund")
    async def refund_done(shop: ShopClient, *, order: str, items: ..., amount: Money, key: str) -> ReadBack: ...

    @dry_run("shop.refund")
    async def refund_would_go(shop: ShopClient, *, order: str, items: ..., amount: Money) -> None: ...

Effect, limits and types stand in the interface file, nowhere else. Called by the gateway only.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import ModuleType
from typing import Any, Protocol, TypeVar

from resolver.errors import Malformed
from resolver.money import Money

Raw = None | bool | int | Decimal | str | Money | datetime | date | Sequence["Raw"] | Mapping[str, "Raw"]
"""A field as a connector hands it over; the interface's declared type reads it. Times are aware."""


@dataclass(frozen=True, slots=True)
class ChosenLine:
    """One element of a list argument by the backend's own key, and how many units of it; `None` = all."""

    key: str
    chosen: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ChosenPair:
    """One pair of a list argument: the element, and what it gets (a record as the backend's own key)."""

    item: ChosenLine
    to: "Plain"


Plain = str | bool | Decimal | Money | datetime | date
"""A value that is no list."""

Argument = Plain | tuple[ChosenLine, ...] | tuple[ChosenPair, ...] | tuple[Plain, ...]
"""What an action receives: a record as its key, a list of records as chosen lines, a list of pairs as chosen pairs,
everything else as typed."""


@dataclass(frozen=True, slots=True)
class Done:
    """The backend says it happened. `external_id` is its own name for it, shown to agents.

    `gives` is what the interface declares under `gives:`; a playbook names it by `as`.
    """

    external_id: str | None = None
    gives: Mapping[str, Raw] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pending:
    """Accepted, final later."""

    external_id: str | None = None


class Seen(StrEnum):
    """What a read-back found: it happened, it surely did not (yet), it was accepted and failed, or nobody can tell.

    `NOT_DONE` of a pending action means that it goes on being watched; `FAILED` ends it.
    """

    DONE = "done"
    NOT_DONE = "not_done"
    FAILED = "failed"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Answer of a read-back, with the backend's own id of what was found and, where it is done, what it gives."""

    seen: Seen
    external_id: str | None = None
    gives: Mapping[str, Raw] = field(default_factory=dict)


class Client(Protocol):
    """Whatever a connector talks through; the port only closes it."""

    async def aclose(self) -> None:
        """Let connections go."""


LookUp = Callable[..., Awaitable[Mapping[str, Raw]]]
Action = Callable[..., Awaitable[Done | Pending]]
ReadBackCall = Callable[..., Awaitable[ReadBack]]
DryRunCall = Callable[..., Awaitable[None]]
_F = TypeVar("_F", bound=Callable[..., Awaitable[Any]])
_MARK = "__resolver_port__"


def look_up(name: str) -> Callable[[_F], _F]:
    """Declare a look-up. It returns the record's fields, or raises NotFound or Unavailable; it never writes."""
    return _mark("look_up", name)


def action(name: str) -> Callable[[_F], _F]:
    """Declare an action. It sends once and returns Done or Pending, or raises Refused, Unavailable or Unknown."""
    return _mark("action", name)


def read_back(name: str) -> Callable[[_F], _F]:
    """Declare the read-back of an action: the same arguments and key, read only, returns ReadBack."""
    return _mark("read_back", name)


def dry_run(name: str) -> Callable[[_F], _F]:
    """Declare the dry run of an action: the same arguments without a key.

    It moves nothing and returns nothing where the action would go, or raises Refused as the action would.
    """
    return _mark("dry_run", name)


def _mark(kind: str, name: str) -> Callable[[_F], _F]:
    def mark(function: _F) -> _F:
        setattr(function, _MARK, (kind, name))
        return function

    return mark


@dataclass(frozen=True, slots=True)
class Backend:
    """One connection to a shop, payment or address service, as the gateway calls it."""

    client: Client
    look_ups: Mapping[str, LookUp]
    actions: Mapping[str, Action]
    read_backs: Mapping[str, ReadBackCall]
    dry_runs: Mapping[str, DryRunCall] = field(default_factory=dict)

    @classmethod
    def of(cls, module: ModuleType, client: Client) -> "Backend":
        """Collect what `module` declares. `Malformed` if one name is declared twice."""
        found: dict[str, dict[str, Callable[..., Awaitable[Any]]]] = {
            "look_up": {},
            "action": {},
            "read_back": {},
            "dry_run": {},
        }
        for member in vars(module).values():
            kind, name = getattr(member, _MARK, (None, ""))
            if kind is None:
                continue
            if name in found[kind]:
                raise Malformed(
                    f"{module.__name__} declares the {kind} {name!r} twice.", remedy="keep one of them"
                )
            found[kind][name] = member
        return cls(client, found["look_up"], found["action"], found["read_back"], found["dry_run"])

    async def look_up(self, name: str, arguments: Mapping[str, Argument]) -> Mapping[str, Raw]:
        """Read one record. Raises NotFound or Unavailable."""
        return await self.look_ups[name](self.client, **arguments)

    async def perform(self, name: str, arguments: Mapping[str, Argument], *, key: str) -> Done | Pending:
        """Send once, with the ledger's key. Raises Refused, Unavailable (surely not executed) or Unknown."""
        return await self.actions[name](self.client, **arguments, key=key)

    async def read_back(self, name: str, arguments: Mapping[str, Argument], *, key: str) -> ReadBack:
        """Ask whether it happened; `CANNOT_TELL` where the connector declares no read-back."""
        reader = self.read_backs.get(name)
        if reader is None:
            return ReadBack(Seen.CANNOT_TELL)
        return await reader(self.client, **arguments, key=key)

    async def dry_run(self, name: str, arguments: Mapping[str, Argument]) -> None:
        """Try it without doing it. Raises Refused, or Unavailable and Unknown where it could not be tried."""
        await self.dry_runs[name](self.client, **arguments)

    async def aclose(self) -> None:
        """Let the client's connections go."""
        await self.client.aclose()
