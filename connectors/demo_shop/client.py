"""The demo shop's HTTP interface: one method per address, each answer checked before anybody believes it.

Called by `actions.py` only. It sends every request once (reads are repeated by the port) and decides nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from resolver.connector.action import ChosenLine, ChosenPair
from resolver.connector.http import Json
from resolver.connector.json_backend import JsonBackend, amount_json
from resolver.errors import NotFound, Unavailable, Unknown
from resolver.money import Money

# What the shop gives out as order numbers; anything else is not worth a request.
_ORDER_NUMBER = re.compile(r"(?!\.+\Z)[A-Za-z0-9#._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund as the shop tells it; `reference` is the key it was made with."""

    id: str
    state: str
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A cancellation as the shop tells it: `state` done, pending or failed; `reference` the key it was made with."""

    id: str
    state: str
    reference: str


@dataclass(frozen=True, slots=True)
class OrderState:
    """The little of an order that a read-back needs. `cancellation` is the newest one."""

    status: str
    address: str
    cancellation: Cancellation | None


@dataclass(frozen=True, slots=True)
class Errand:
    """Something else the shop did for an order; `reference` is the key it was asked with."""

    id: str
    kind: str
    order: str
    reference: str


@dataclass(frozen=True, slots=True)
class ShopClient:
    """One shop."""

    backend: JsonBackend

    async def order(self, number: str) -> Mapping[str, Json]:
        """The order with this number. Raises NotFound or Unavailable."""
        if not _ORDER_NUMBER.fullmatch(number):
            raise NotFound("There is no such order.")
        return _mapping(await self.backend.read(f"/orders/{quote(number, safe='')}"), "order")

    async def state(self, order: str) -> OrderState:
        """Status, address and cancellation of an order by its key. Raises NotFound or Unavailable."""
        body = await self.backend.read(f"/orders/{quote(order, safe='')}/state")
        match body:
            case {"status": str(status), "address": str(address), "cancellation": None}:
                return OrderState(status, address, None)
            case {"status": str(status), "address": str(address), "cancellation": told}:
                if (cancellation := _cancellation(told)) is not None:
                    return OrderState(status, address, cancellation)
        raise Unavailable("The shop's answer about an order's state has no form we know.")

    async def refunds(self, order: str) -> tuple[Refund, ...]:
        """Every refund of an order. Raises NotFound or Unavailable."""
        body = await self.backend.read(f"/orders/{quote(order, safe='')}/refunds")
        listed = body.get("refunds")
        found = [_refund(each) for each in listed] if isinstance(listed, Sequence) else [None]
        refunds = tuple(refund for refund in found if refund is not None)
        if len(refunds) != len(found):
            raise Unavailable("The shop's list of refunds has no form we know.")
        return refunds

    async def refund(self, order: str, items: Sequence[ChosenLine], amount: Money, key: str) -> Refund:
        """Pay back once for this key. Raises Refused, Unavailable or Unknown."""
        body = await self.backend.write(
            "POST",
            f"/orders/{quote(order, safe='')}/refunds",
            {"amount": amount_json(amount), "reference": key, "lines": lines_json(items)},
            key=key,
        )
        made = _refund(body.get("refund"))
        # An answer that belongs to another request proves nothing about ours.
        if made is None or (made.reference, made.amount) != (key, amount):
            raise Unknown("The shop's answer to a refund is not about this refund.")
        return made

    async def refund_would_go(self, order: str, items: Sequence[ChosenLine], amount: Money) -> None:
        """Ask the shop whether it would pay that back; it pays nothing. Raises Refused or Unavailable."""
        body = {"amount": amount_json(amount), "lines": lines_json(items)}
        answer = await self.backend.dry_run(f"/orders/{quote(order, safe='')}/refunds/dry-run", body)
        if answer != {"would": "go"}:
            raise Unavailable("The shop's answer to a dry run has no form we know.")

    async def cancel(self, order: str, amount: Money, key: str) -> Cancellation:
        """Cancel an order and pay it back. Raises Refused, Unavailable or Unknown."""
        path = f"/orders/{quote(order, safe='')}/cancel"
        match await self.backend.write(
            "POST", path, {"amount": amount_json(amount), "reference": key}, key=key
        ):
            case {"cancellation": {"order": answered} as told}:
                made = _cancellation(told)
                if made is not None and (answered, made.reference) == (order, key):
                    return made
        raise Unknown("The shop's answer to a cancellation is not about this order.")

    async def change_address(self, order: str, address: str, key: str) -> None:
        """Send an order elsewhere. Raises Refused, Unavailable or Unknown."""
        path = f"/orders/{quote(order, safe='')}/address"
        match await self.backend.write("PUT", path, {"address": address, "reference": key}, key=key):
            case {"order": {"id": answered, "address": now}} if (answered, now) == (order, address):
                return
        raise Unknown("The shop's answer to an address change is not about this order.")

    async def run(self, order: str, what: str, body: Mapping[str, object], key: str) -> str:
        """Ask for an errand at its address, such as `invoices`; gives the shop's id of it.

        Raises Refused, Unavailable or Unknown.
        """
        path = f"/orders/{quote(order, safe='')}/{what}"
        answer = await self.backend.write("POST", path, {**body, "reference": key}, key=key)
        made = _errand(answer.get("errand"))
        if made is None or (made.order, made.reference) != (order, key):
            raise Unknown("The shop's answer is not about what it was asked.")
        return made.id

    async def errands(self, order: str) -> tuple[Errand, ...]:
        """Every errand the shop did for an order. Raises NotFound or Unavailable."""
        listed = (await self.backend.read(f"/orders/{quote(order, safe='')}/errands")).get("errands")
        found = [_errand(each) for each in listed] if isinstance(listed, Sequence) else [None]
        errands = tuple(errand for errand in found if errand is not None)
        if len(errands) != len(found):
            raise Unavailable("The shop's list of errands has no form we know.")
        return errands

    @property
    def reads_prove(self) -> bool:
        """Whether what a read does not show has not happened."""
        return self.backend.reads_prove

    async def aclose(self) -> None:
        """Let connections go."""
        await self.backend.aclose()


def _mapping(body: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = body.get(name)
    if not isinstance(found, Mapping):
        raise Unavailable(f"The shop's answer has no {name} in it.")
    return found


def _refund(body: Json) -> Refund | None:
    match body:
        case {
            "id": str(id_),
            "state": ("done" | "pending" | "failed") as state,
            "reference": str(reference),
            "amount": {"minor": int(minor), "currency": str(currency)},
        }:
            return Refund(id_, str(state), reference, Money(minor, currency))
    return None


def _cancellation(body: Json) -> Cancellation | None:
    match body:
        case {
            "id": str(id_),
            "state": ("done" | "pending" | "failed") as state,
            "reference": str(reference),
        }:
            return Cancellation(id_, str(state), reference)
    return None


def _errand(body: Json) -> Errand | None:
    match body:
        case {"id": str(id_), "kind": str(kind), "order": str(order), "reference": str(reference)}:
            return Errand(id_, kind, order, reference)
    return None


def lines_json(items: Sequence[ChosenLine]) -> list[Json]:
    """Chosen lines as the shop takes them; no quantity means the whole line."""
    return [{"id": item.key, "quantity": None if item.chosen is None else int(item.chosen)} for item in items]


def changes_json(changes: Sequence[ChosenPair]) -> list[Json]:
    """Lines with the variant that takes their place, as the shop takes them."""
    lines = lines_json([change.item for change in changes if isinstance(change.item, ChosenLine)])
    return [{"line": line, "to": str(change.to)} for line, change in zip(lines, changes, strict=True)]
