"""The demo shop's HTTP interface: one method per address, each answer checked before anybody believes it.

Called by `actions.py` only. It sends every request once (reads are repeated by the port) and decides nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from resolver.connector.action import ChosenLine
from resolver.connector.http import Answer, Http, Json
from resolver.errors import NotFound, Refused, Unavailable, Unknown
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
    """One shop. `reads_prove` says that what a read does not show has not happened."""

    http: Http
    reads_prove: bool

    async def order(self, number: str) -> Mapping[str, Json]:
        """The order with this number. Raises NotFound or Unavailable."""
        if not _ORDER_NUMBER.fullmatch(number):
            raise NotFound("There is no such order.")
        return _mapping(await self._read(f"/orders/{quote(number, safe='')}"), "order")

    async def state(self, order: str) -> OrderState:
        """Status, address and cancellation of an order by its key. Raises NotFound or Unavailable."""
        body = await self._read(f"/orders/{quote(order, safe='')}/state")
        match body:
            case {"status": str(status), "address": str(address), "cancellation": None}:
                return OrderState(status, address, None)
            case {"status": str(status), "address": str(address), "cancellation": told}:
                if (cancellation := _cancellation(told)) is not None:
                    return OrderState(status, address, cancellation)
        raise Unavailable("The shop's answer about an order's state has no form we know.")

    async def refunds(self, order: str) -> tuple[Refund, ...]:
        """Every refund of an order. Raises NotFound or Unavailable."""
        body = await self._read(f"/orders/{quote(order, safe='')}/refunds")
        listed = body.get("refunds")
        found = [_refund(each) for each in listed] if isinstance(listed, Sequence) else [None]
        refunds = tuple(refund for refund in found if refund is not None)
        if len(refunds) != len(found):
            raise Unavailable("The shop's list of refunds has no form we know.")
        return refunds

    async def refund(self, order: str, items: Sequence[ChosenLine], amount: Money, key: str) -> Refund:
        """Pay back once for this key. Raises Refused, Unavailable or Unknown."""
        body = await self._write(
            "POST",
            f"/orders/{quote(order, safe='')}/refunds",
            {"amount": money_json(amount), "reference": key, "lines": lines_json(items)},
            key=key,
        )
        made = _refund(body.get("refund"))
        # An answer that belongs to another request proves nothing about ours.
        if made is None or (made.reference, made.amount) != (key, amount):
            raise Unknown("The shop's answer to a refund is not about this refund.")
        return made

    async def cancel(self, order: str, amount: Money, key: str) -> Cancellation:
        """Cancel an order and pay it back. Raises Refused, Unavailable or Unknown."""
        path = f"/orders/{quote(order, safe='')}/cancel"
        match await self._write("POST", path, {"amount": money_json(amount), "reference": key}, key=key):
            case {"cancellation": {"order": answered} as told}:
                made = _cancellation(told)
                if made is not None and (answered, made.reference) == (order, key):
                    return made
        raise Unknown("The shop's answer to a cancellation is not about this order.")

    async def change_address(self, order: str, address: str, key: str) -> None:
        """Send an order elsewhere. Raises Refused, Unavailable or Unknown."""
        path = f"/orders/{quote(order, safe='')}/address"
        match await self._write("PUT", path, {"address": address, "reference": key}, key=key):
            case {"order": {"id": answered, "address": now}} if (answered, now) == (order, address):
                return
        raise Unknown("The shop's answer to an address change is not about this order.")

    async def run(self, order: str, what: str, body: Mapping[str, object], key: str) -> str:
        """Ask for an errand at its address, such as `invoices`; gives the shop's id of it.

        Raises Refused, Unavailable or Unknown.
        """
        path = f"/orders/{quote(order, safe='')}/{what}"
        answer = await self._write("POST", path, {**body, "reference": key}, key=key)
        made = _errand(answer.get("errand"))
        if made is None or (made.order, made.reference) != (order, key):
            raise Unknown("The shop's answer is not about what it was asked.")
        return made.id

    async def errands(self, order: str) -> tuple[Errand, ...]:
        """Every errand the shop did for an order. Raises NotFound or Unavailable."""
        listed = (await self._read(f"/orders/{quote(order, safe='')}/errands")).get("errands")
        found = [_errand(each) for each in listed] if isinstance(listed, Sequence) else [None]
        errands = tuple(errand for errand in found if errand is not None)
        if len(errands) != len(found):
            raise Unavailable("The shop's list of errands has no form we know.")
        return errands

    async def aclose(self) -> None:
        """Let connections go."""
        await self.http.aclose()

    async def _read(self, path: str) -> Mapping[str, Json]:
        answer = await self.http.read(self.http.client.build_request("GET", path))
        if answer.ok and isinstance(answer.body, Mapping):
            return answer.body
        code, message = _error(answer)
        if code == "not_found":
            raise NotFound(message)
        raise _not_understood(answer)

    async def _write(self, method: str, path: str, body: object, *, key: str) -> Mapping[str, Json]:
        request = self.http.client.build_request(method, path, json=body, headers={"Idempotency-Key": key})
        answer = await self.http.write(request)
        if answer.ok:
            # Something happened, whatever stands in there; the caller reads it strictly.
            return answer.body if isinstance(answer.body, Mapping) else {}
        code, message = _error(answer)
        if code == "no_such_address":
            raise _not_understood(answer)
        # A key that was used for something else means that something did happen under it.
        if code is None or code == "key_reused":
            raise Unknown(
                f"The shop answered {answer.status} in a way that does not say whether it happened."
            )
        raise Refused(code, message)


def shop_client(url: str, token: str, *, timeout_s: float, reads_prove: bool) -> ShopClient:
    """A client for one shop. The environment's proxies are not used: the shop is local or inside the company."""
    client = httpx.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        timeout=httpx.Timeout(timeout_s, connect=min(3.0, timeout_s), pool=min(3.0, timeout_s)),
        # Shorter than the 5 s after which common servers hang up on an idle connection: a write that meets a
        # connection just closed would be Unknown for nothing.
        limits=httpx.Limits(max_connections=20, keepalive_expiry=2.0),
        trust_env=False,
    )
    return ShopClient(Http(client, credential="token"), reads_prove)


def _error(answer: Answer) -> tuple[str | None, str]:
    match answer.body:
        case {"error": {"code": str(code), "message": str(message)}}:
            return code, message
    return None, ""


def _not_understood(answer: Answer) -> Unavailable:
    return Unavailable(
        f"What answers at the shop's address does not speak as the shop does ({answer.status}).",
        remedy="check the setting 'url' of this connection",
    )


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


def money_json(amount: Money) -> Mapping[str, Json]:
    """An amount as the shop takes it."""
    return {"minor": amount.minor, "currency": amount.currency}


def lines_json(items: Sequence[ChosenLine]) -> list[Json]:
    """Chosen lines as the shop takes them; no quantity means the whole line."""
    return [{"id": item.key, "quantity": None if item.chosen is None else int(item.chosen)} for item in items]
