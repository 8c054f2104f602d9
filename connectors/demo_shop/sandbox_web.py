"""The shop's own web interface: what a customer's software may ask it, with a bearer token.

Started by `sandbox.py` under uvicorn. It shares nothing with the connector but the wire; README.md describes that.
"""

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.demo_shop.sandbox_errand import KINDS, Errand
from connectors.demo_shop.sandbox_ledger import Movement, State
from connectors.demo_shop.sandbox_order import Order
from connectors.demo_shop.sandbox_shop import Shop
from resolver.connector.backend_sandbox.answers import Amount, No, amount_json, json_answer
from resolver.connector.backend_sandbox.door import Door, call_of

_Units = Annotated[int, msgspec.Meta(ge=1)]


class _ChosenLine(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    quantity: _Units | None = None


class _Refund(msgspec.Struct, forbid_unknown_fields=True):
    amount: Amount
    reference: str = ""
    lines: list[_ChosenLine] = []


class _Cancellation(msgspec.Struct, forbid_unknown_fields=True):
    amount: Amount
    reference: str = ""


class _Address(msgspec.Struct, forbid_unknown_fields=True):
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    reference: str = ""


class _Plain(msgspec.Struct, forbid_unknown_fields=True):
    reference: str = ""


class _Adjustment(msgspec.Struct, forbid_unknown_fields=True):
    amount: Amount
    lines: list[_ChosenLine]
    reference: str = ""


class _Lines(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[_ChosenLine]
    reference: str = ""


class _Change(msgspec.Struct, forbid_unknown_fields=True):
    line: _ChosenLine
    to: str


class _Changes(msgspec.Struct, forbid_unknown_fields=True):
    changes: list[_Change]
    reference: str = ""


class _PaidChanges(msgspec.Struct, forbid_unknown_fields=True):
    changes: list[_Change]
    amount: Amount
    reference: str = ""


class ShopWeb:
    """The addresses of one shop, behind its door."""

    def __init__(self, shop: Shop, door: Door) -> None:
        self._shop, self._door = shop, door

    def routes(self) -> list[Route]:
        """All addresses of the shop."""
        route = self._door.route
        return [
            route("GET", "/orders/{number}", "order", self._order),
            route("GET", "/orders/{id}/state", "state", self._state),
            route("GET", "/orders/{id}/refunds", "refunds", self._refunds),
            route("POST", "/orders/{id}/refunds", "refund", self._refund),
            route("POST", "/orders/{id}/refunds/dry-run", "try_refund", self._try_refund),
            route("POST", "/orders/{id}/cancel", "cancel_order", self._cancel),
            route("PUT", "/orders/{id}/address", "change_address", self._change_address),
            route("GET", "/orders/{id}/errands", "errands", self._errands),
            route("POST", "/orders/{id}/invoices", "send_invoice", self._send_invoice),
            route("POST", "/orders/{id}/replacements", "send_replacement", self._send_replacement),
            route("POST", "/orders/{id}/returns", "return_items", self._return_items),
            route("POST", "/orders/{id}/price-adjustments", "adjust_price", self._adjust_price),
            route("POST", "/orders/{id}/exchanges", "exchange_items", self._exchange_items),
            route("POST", "/orders/{id}/item-changes", "change_items", self._change_items),
        ]

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
            call_of(request, body, asked.reference),
            state=_state_of(request),
        )
        return json_answer({"refund": _refund_json(made)}, 201)

    def _try_refund(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Refund)
        if not asked.amount.minor:
            raise No(422, "invalid", "There is no refund of nothing.")
        self._shop.try_refund(request.path_params["id"], asked.amount.money, _chosen(asked.lines))
        return json_answer({"would": "go"})

    def _cancel(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Cancellation)
        call = call_of(request, body, asked.reference)
        made = self._shop.cancel(
            request.path_params["id"], asked.amount.money, call, state=_state_of(request)
        )
        return json_answer({"cancellation": _cancellation_json(made) | {"order": made.order}})

    def _change_address(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Address)
        call = call_of(request, body, asked.reference)
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

    def _exchange_items(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Changes)
        chosen = _chosen([change.line for change in asked.changes])
        variants = {change.line.id: change.to for change in asked.changes}
        errand = Errand(kind="exchange", chosen=chosen, variants=variants)
        return self._run(request, body, asked.reference, errand)

    def _change_items(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_PaidChanges)
        errand = Errand(
            kind="item_change",
            chosen=_chosen([change.line for change in asked.changes]),
            variants={change.line.id: change.to for change in asked.changes},
            amount=asked.amount.money,
        )
        return self._run(request, body, asked.reference, errand)

    def _run(self, request: Request, body: bytes, reference: str, errand: Errand) -> Response:
        call = call_of(request, body, reference)
        return json_answer(
            {"errand": _errand_json(self._shop.run(request.path_params["id"], errand, call))}, 201
        )


def _chosen(lines: list[_ChosenLine]) -> dict[str, int | None]:
    return {line.id: line.quantity for line in lines}


def _order_json(order: Order) -> dict[str, object]:
    return {
        "id": order.id,
        "number": order.number,
        "customer": {"name": order.customer, "email": order.email},
        "status": order.status,
        "total": amount_json(order.total, order.currency),
        "refunded": amount_json(order.refunded, order.currency),
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
                "refundable": amount_json(line.refundable, order.currency),
                "final_sale": line.final_sale,
                "current_price": None
                if line.current_price is None
                else amount_json(line.current_price, order.currency),
                "variants": [
                    {
                        "id": each.id,
                        "name": each.name,
                        "available": each.available,
                        "difference": amount_json(each.difference, order.currency),
                    }
                    for each in line.variants
                ],
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
        "amount": amount_json(refund.money.minor, refund.currency),
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
