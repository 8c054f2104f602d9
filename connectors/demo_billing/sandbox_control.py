"""The sandbox's back door over HTTP: let people subscribe, change it, let things go wrong, read all; and the page.

For tests, benchmarks and people on this machine; no token, because it listens on loopback only.
"""

from functools import partial
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.demo_billing.sandbox_subscription import NewSubscription, SubscriptionChange
from connectors.demo_billing.sandbox_world import World
from resolver.connector.backend_sandbox.answers import json_answer
from resolver.connector.backend_sandbox.control import control_route, fault_routes, page_route, reset_route

_PAGE = Path(__file__).with_name("sandbox_page.html")


def control_routes(world: World) -> list[Route]:
    """The page at `/` and everything under `/sandbox/`."""
    listed = "/sandbox/subscriptions"
    return [
        page_route(
            _PAGE, lambda: {"subscriptions": world.subscriptions(), "movements": world.movements()[::-1]}
        ),
        control_route("GET", listed, lambda *_: json_answer(world.subscriptions())),
        control_route("POST", listed, partial(_add, world)),
        control_route("PATCH", f"{listed}/{{id}}", partial(_change, world)),
        control_route("GET", "/sandbox/movements", lambda *_: json_answer(world.movements())),
        *fault_routes(world.faults),
        reset_route(world.reset),
    ]


def _add(world: World, _: Request, body: bytes) -> Response:
    return json_answer(world.add(msgspec.json.decode(body, type=NewSubscription)), 201)


def _change(world: World, request: Request, body: bytes) -> Response:
    change = msgspec.json.decode(body, type=SubscriptionChange)
    return json_answer(world.change(request.path_params["id"], change))
