"""The sandbox's back door over HTTP: put orders in, change them, let things go wrong, read everything; and the page.

For tests, benchmarks and people on this machine; no token, because it listens on loopback only.
"""

from functools import partial
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.demo_shop.sandbox_ledger import State
from connectors.demo_shop.sandbox_seed import NewOrder, OrderChange
from connectors.demo_shop.sandbox_world import World
from resolver.connector.backend_sandbox.answers import json_answer
from resolver.connector.backend_sandbox.control import control_route, fault_routes, page_route, reset_route

_PAGE = Path(__file__).with_name("sandbox_page.html")


class _Settlement(msgspec.Struct, forbid_unknown_fields=True):
    refund: str
    state: State = "done"


def control_routes(world: World) -> list[Route]:
    """The page at `/` and everything under `/sandbox/`."""
    return [
        page_route(_PAGE, lambda: {"orders": world.orders(), "movements": world.movements()[::-1]}),
        control_route("GET", "/sandbox/orders", lambda *_: json_answer(world.orders())),
        control_route("POST", "/sandbox/orders", partial(_add, world)),
        control_route("PATCH", "/sandbox/orders/{number}", partial(_change, world)),
        control_route("GET", "/sandbox/movements", lambda *_: json_answer(world.movements())),
        *fault_routes(world.faults),
        control_route("POST", "/sandbox/settle", partial(_settle, world)),
        reset_route(world.reset),
    ]


def _add(world: World, _: Request, body: bytes) -> Response:
    return json_answer(world.add(msgspec.json.decode(body, type=NewOrder)), 201)


def _change(world: World, request: Request, body: bytes) -> Response:
    change = msgspec.json.decode(body, type=OrderChange)
    return json_answer(world.change(request.path_params["number"], change))


def _settle(world: World, _: Request, body: bytes) -> Response:
    asked = msgspec.json.decode(body, type=_Settlement)
    return json_answer(world.settle(asked.refund, asked.state))
