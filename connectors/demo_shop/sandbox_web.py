"""The shop's own web interface: what a customer's software may ask it, with a bearer token.

Started by `sandbox.py` under uvicorn. It shares nothing with the connector but the wire; README.md describes that.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable
from typing import Annotated

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.demo_shop.sandbox_errand import KINDS, Errand
from connectors.demo_shop.sandbox_faults import Cut, Faults, carried_out
from connectors.demo_shop.sandbox_ledger import Movement, State
from connectors.demo_shop.sandbox_order import Order
from connectors.demo_shop.sandbox_refusal import No
from connectors.demo_shop.sandbox_shop import Call, Shop
from resolver.money import Money

_Handle = Callable[[Request, bytes], Response]
_Units = Annotated[int, msgspec.Meta(ge=1)]


class _Amount(msgspec.Struct, forbid_unknown_fields=True):
    minor: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    currency: str

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)


class _ChosenLine(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    quantity: _Units | None = None


class _Refund(msgspec.Struct, forbid_unknown_fields=True):
    amount: _Amount
    reference: str = ""
    lines: list[_ChosenLine] = []


class _Cancellation(msgspec.Struct, forbid_unknown_fields=True):
    amount: _Amount
    reference: str = ""


class _Address(msgspec.Struct, forbid_unknown_fields=True):
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    reference: str = ""


class _Plain(msgspec.Struct, forbid_unknown_fields=True):
    reference: str = ""


class _Adjustment(msgspec.Struct, forbid_unknown_fields=True):
    amount: _Amount
    lines: list[_ChosenLine]
    reference: str = ""


class _Lines(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[_ChosenLine]
    reference: str = ""


class ShopWeb:
    """The routes of one shop. `requests` counts what arrived per operation, carried out or not."""

    def __init__(self, shop: Shop, faults: Faults, *, token: str, cut: Cut) -> None:
        self._shop, self._faults, self._token, self._cut = shop, faults, token, cut
        self.requests: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """All addresses of the shop."""
        return [
            self._route("GET", "/orders/{number}", "order", self._order),
            self._route("GET", "/orders/{id}/state", "state", self._state),
            self._route("GET", "/orders/{id}/refunds", "refunds", self._refunds),
            self._route("POST", "/orders/{id}/refunds", "refund", self._refund),
            self._route("POST", "/orders/{id}/cancel", "cancel_order", self._cancel),
            self._route("PUT", "/orders/{id}/address", "change_address", self._change_address),
            self._route("GET", "/orders/{id}/errands", "errands", self._errands),
            self._route("POST", "/orders/{id}/invoices", "send_invoice", self._send_invoice),
            self._route("POST", "/orders/{id}/replacements", "send_replacement", self._send_replacement),
            self._route("POST", "/orders/{id}/returns", "return_items", self._return_items),
            self._route("POST", "/orders/{id}/price-adjustments", "adjust_price", self._adjust_price),
        ]

    def _route(self, method: str, path: str, operation: str, handle: _Handle) -> Route:
        async def endpoint(request: Request) -> Response:
            self.requests[operation] += 1
            body = await request.body()
            if not self._may(request):
                return refusal(No(401, "unauthorized", "The token is missing or wrong."))

            async def execute() -> Response:
                try:
                    return handle(request, body)
                except No as no:
                    return refusal(no)
                except msgspec.DecodeError as error:
                    return refusal(No(422, "invalid", str(error)))

            return await carried_out(execute, request, self._faults, self._cut, operation=operation)

        return Route(path, endpoint, methods=[method])

    def _may(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode())

    def _order(self, request: Request, _: bytes) -> Response:
        return json_answer(
            {"order": _order_json(self._shop.view_by_number(request.path_params["number"]).order)}
        )

    def _state(self, request: Request, _: bytes) -> Response:
        view = self._shop.view(request.path_params["id"])
        ended = next((m for m in reversed(view.movements) if m.kind == "cancellation"), None)
        return json_answer(
            {
                "status": view.order.status,
                "address": view.order.address,
                "cancellation": _cancellation_json(ended) if ended else None,
            }
        )

    def _refunds(self, request: Request, _: bytes) -> Response:
        movements = self._shop.view(request.path_params["id"]).movements
        return json_answer({"refunds": [_refund_json(m) for m in movements if m.kind == "refund"]})

    def _refund(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Refund)
        if not asked.amount.minor:
            raise No(422, "invalid", "There is no refund of nothing.")
        made = self._shop.refund(
            request.path_params["id"],
            asked.amount.money,
            _chosen(asked.lines),
            _call(request, body, asked.reference),
            state=_state_of(request),
        )
        return json_answer({"refund": _refund_json(made)}, 201)

    def _cancel(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Cancellation)
        call = _call(request, body, asked.reference)
        made = self._shop.cancel(
            request.path_params["id"], asked.amount.money, call, state=_state_of(request)
        )
        return json_answer({"cancellation": _cancellation_json(made) | {"order": made.order}})

    def _change_address(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Address)
        call = _call(request, body, asked.reference)
        order = self._shop.change_address(request.path_params["id"], asked.address, call)
        return json_answer({"order": _order_json(order)})

    def _errands(self, request: Request, _: bytes) -> Response:
        movements = self._shop.view(request.path_params["id"]).movements
        return json_answer({"errands": [_errand_json(m) for m in movements if m.kind in KINDS]})

    def _send_invoice(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Plain)
        return self._run(request, body, asked.reference, Errand(kind="invoice"))

    def _send_replacement(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Lines)
        return self._run(
            request, body, asked.reference, Errand(kind="replacement", chosen=_chosen(asked.lines))
        )

    def _return_items(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Lines)
        return self._run(request, body, asked.reference, Errand(kind="return", chosen=_chosen(asked.lines)))

    def _adjust_price(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Adjustment)
        errand = Errand(kind="price_adjustment", chosen=_chosen(asked.lines), amount=asked.amount.money)
        return self._run(request, body, asked.reference, errand)

    def _run(self, request: Request, body: bytes, reference: str, errand: Errand) -> Response:
        call = _call(request, body, reference)
        return json_answer(
            {"errand": _errand_json(self._shop.run(request.path_params["id"], errand, call))}, 201
        )


def json_answer(body: object, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def refusal(no: No) -> Response:
    """The shop's one shape of an error."""
    return json_answer({"error": {"code": no.code, "message": no.message}}, no.status)


async def no_such_address(_: Request, error: Exception) -> Response:
    """The same shape for an address or method the shop does not have."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return refusal(No(status, "no_such_address", "The shop has no such address."))


def _chosen(lines: list[_ChosenLine]) -> dict[str, int | None]:
    return {line.id: line.quantity for line in lines}


def _call(request: Request, body: bytes, reference: str) -> Call:
    """The header is the key; the reference in the body stands in for it, so that the ledger names the caller's key."""
    digest = hashlib.sha256(request.url.path.encode() + b"\n" + body).hexdigest()
    return Call(request.headers.get("idempotency-key", "") or reference, digest)


def _order_json(order: Order) -> dict[str, object]:
    return {
        "id": order.id,
        "number": order.number,
        "customer": {"name": order.customer, "email": order.email},
        "status": order.status,
        "total": _money_json(order.total, order.currency),
        "refunded": _money_json(order.refunded, order.currency),
        "country": order.country,
        "address": order.address,
        "expected_on": order.expected_on,
        "delivered_at": order.delivered_at,
        "tracking_url": order.tracking_url,
        "paid_at": order.paid_at,
        "replaced_at": order.replaced_at,
        "adjusted_at": order.adjusted_at,
        "lines": [
            {
                "id": line.id,
                "name": line.name,
                "quantity": line.quantity,
                "refundable": _money_json(line.refundable, order.currency),
                "final_sale": line.final_sale,
                "current_price": None
                if line.current_price is None
                else _money_json(line.current_price, order.currency),
            }
            for line in order.lines
        ],
    }


def _state_of(request: Request) -> State:
    """What a fault has made of it."""
    return "pending" if getattr(request.state, "pending", False) else "done"


def _cancellation_json(cancellation: Movement) -> dict[str, object]:
    return {"id": cancellation.id, "state": cancellation.state, "reference": cancellation.key}


def _refund_json(refund: Movement) -> dict[str, object]:
    return {
        "id": refund.id,
        "state": refund.state,
        "amount": _money_json(refund.money.minor, refund.currency),
        "reference": refund.key,
        "created_at": refund.at,
    }


def _errand_json(errand: Movement) -> dict[str, object]:
    return {
        "id": errand.id,
        "kind": errand.kind,
        "order": errand.order,
        "reference": errand.key,
        "created_at": errand.at,
    }


def _money_json(minor: int, currency: str) -> dict[str, object]:
    return {"minor": minor, "currency": currency}
