"""The sandbox's back door over HTTP: put orders in, change them, let things go wrong, read everything; and the page.

For tests, benchmarks and people on this machine; no token, because it listens on loopback only.
"""

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from connectors.demo_shop.sandbox_faults import Fault
from connectors.demo_shop.sandbox_ledger import State
from connectors.demo_shop.sandbox_page import page
from connectors.demo_shop.sandbox_refusal import No
from connectors.demo_shop.sandbox_seed import NewOrder, OrderChange
from connectors.demo_shop.sandbox_web import json_answer, refusal
from connectors.demo_shop.sandbox_world import World
from resolver.errors import Malformed

_Handle = Callable[[World, Request, bytes], Response]
_PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"}


class _Settlement(msgspec.Struct, forbid_unknown_fields=True):
    refund: str
    state: State = "done"


def control_routes(world: World) -> list[Route]:
    """The page at `/` and everything under `/sandbox/`."""
    return [
        Route("/", _page(world)),
        _route(world, "GET", "/sandbox/orders", lambda world, *_: json_answer(world.orders())),
        _route(world, "POST", "/sandbox/orders", _add),
        _route(world, "PATCH", "/sandbox/orders/{number}", _change),
        _route(world, "GET", "/sandbox/movements", lambda world, *_: json_answer(world.movements())),
        _route(world, "GET", "/sandbox/faults", lambda world, *_: json_answer(world.faults.armed())),
        _route(world, "POST", "/sandbox/faults", _arm),
        _route(world, "DELETE", "/sandbox/faults", _disarm),
        _route(world, "POST", "/sandbox/settle", _settle),
        _route(world, "POST", "/sandbox/reset", _reset),
    ]


def _route(world: World, method: str, path: str, handle: _Handle) -> Route:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            return handle(world, request, body)
        except No as no:
            return refusal(no)
        except (msgspec.DecodeError, Malformed) as error:
            return refusal(No(422, "invalid", str(error)))

    return Route(path, endpoint, methods=[method])


def _page(world: World) -> Callable[[Request], Response]:
    def endpoint(_: Request) -> Response:
        return HTMLResponse(page(world.orders(), world.movements()), headers=_PAGE_HEADERS)

    return endpoint


def _add(world: World, _: Request, body: bytes) -> Response:
    return json_answer(world.add(msgspec.json.decode(body, type=NewOrder)), 201)


def _change(world: World, request: Request, body: bytes) -> Response:
    change = msgspec.json.decode(body, type=OrderChange)
    return json_answer(world.change(request.path_params["number"], change))


def _arm(world: World, _: Request, body: bytes) -> Response:
    world.faults.arm(msgspec.json.decode(body, type=Fault))
    return json_answer(world.faults.armed(), 201)


def _disarm(world: World, *_: object) -> Response:
    world.faults.clear()
    return json_answer([])


def _settle(world: World, _: Request, body: bytes) -> Response:
    asked = msgspec.json.decode(body, type=_Settlement)
    return json_answer(world.settle(asked.refund, asked.state))


def _reset(world: World, *_: object) -> Response:
    world.reset()
    return json_answer({})
