"""The billing system's own web interface: what a customer's software may ask it, with a bearer token.

Started by `sandbox.py` under uvicorn. It shares nothing with the connector but the wire; README.md describes that.
"""

from datetime import date

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.demo_billing.sandbox_billing import Billing
from connectors.demo_billing.sandbox_ledger import Movement
from connectors.demo_billing.sandbox_subscription import Subscription
from resolver.connector.backend_sandbox.answers import Amount, No, amount_json, happened_json, json_answer
from resolver.connector.backend_sandbox.door import Door, call_of


class _Discount(msgspec.Struct, forbid_unknown_fields=True):
    amount: Amount
    reference: str = ""


class _Ending(msgspec.Struct, forbid_unknown_fields=True):
    on: date
    reference: str = ""


class _Plain(msgspec.Struct, forbid_unknown_fields=True):
    reference: str = ""


class BillingWeb:
    """The addresses of one billing system, behind its door."""

    def __init__(self, billing: Billing, door: Door) -> None:
        self._billing, self._door = billing, door

    def routes(self) -> list[Route]:
        """All addresses of the billing system."""
        route = self._door.route
        one = "/subscriptions/{id}"
        return [
            route("GET", "/subscriptions", "find", self._find),
            route("GET", one, "subscription", self._subscription),
            route("GET", f"{one}/changes", "changes", self._changes),
            route("POST", f"{one}/discounts", "apply_discount", self._discount),
            route("POST", f"{one}/discount-removals", "remove_discount", self._remove_discount),
            route("POST", f"{one}/endings", "cancel", self._end),
            route("POST", f"{one}/payment-links", "send_payment_link", self._send_link),
        ]

    def _find(self, request: Request, _: bytes) -> Response:
        email = request.query_params.get("email", "")
        if not email:
            raise No(422, "invalid", "Say whose subscriptions: ?email=ADDRESS")
        views = self._billing.views_of(email)
        return json_answer({"subscriptions": [_subscription_json(view.subscription) for view in views]})

    def _subscription(self, request: Request, _: bytes) -> Response:
        view = self._billing.view(request.path_params["id"])
        return json_answer({"subscription": _subscription_json(view.subscription)})

    def _changes(self, request: Request, _: bytes) -> Response:
        view = self._billing.view(request.path_params["id"])
        return json_answer({"changes": [_change_json(movement) for movement in view.movements]})

    def _discount(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Discount)
        call = call_of(request, body, asked.reference)
        return _changed(self._billing.discount(request.path_params["id"], asked.amount.money, call))

    def _remove_discount(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Plain)
        call = call_of(request, body, asked.reference)
        return _changed(self._billing.remove_discount(request.path_params["id"], call))

    def _end(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Ending)
        call = call_of(request, body, asked.reference)
        return _changed(self._billing.end(request.path_params["id"], asked.on, call))

    def _send_link(self, request: Request, body: bytes) -> Response:
        asked = msgspec.json.decode(body, type=_Plain)
        call = call_of(request, body, asked.reference)
        return _changed(self._billing.send_link(request.path_params["id"], call))


def _changed(movement: Movement) -> Response:
    return json_answer({"change": _change_json(movement)}, 201)


def _change_json(movement: Movement) -> dict[str, object]:
    happened = happened_json(movement.id, movement.kind, movement.key, movement.at)
    return {**happened, "subscription": movement.subscription}


def _subscription_json(subscription: Subscription) -> dict[str, object]:
    return {
        "id": subscription.id,
        "email": subscription.email,
        "name": subscription.name,
        "status": subscription.status,
        "price": amount_json(subscription.price, subscription.currency),
        "discount": amount_json(subscription.discount, subscription.currency),
        "discounts_used": subscription.discounts_used,
        "renews_on": subscription.renews_on,
        "committed_until": subscription.committed_until,
        "payment_method": subscription.payment_method,
        "link_sent_at": subscription.link_sent_at,
    }
