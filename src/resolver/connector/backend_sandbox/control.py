"""A backend's sandbox through the back door over HTTP: what every one of them offers, and how its addresses are made.

For tests, benchmarks and people on this machine; no token, because it listens on loopback only.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from resolver.connector.backend_sandbox.answers import No, json_answer, refusal
from resolver.connector.backend_sandbox.door import Handle
from resolver.connector.backend_sandbox.faults import Fault, Faults
from resolver.errors import Malformed
from resolver.money import Money

_FRAME = Path(__file__).with_name("sandbox_frame.html")
_PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"}


def control_route(method: str, path: str, handle: Handle) -> Route:
    """One address of the back door; what it cannot read is refused with the reason."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            return handle(request, body)
        except No as no:
            return refusal(no)
        except (msgspec.DecodeError, Malformed) as error:
            return refusal(No(422, "invalid", str(error)))

    return Route(path, endpoint, methods=[method])


def fault_routes(faults: Faults) -> list[Route]:
    """See, arm and disarm what goes wrong."""

    def arm(_: Request, body: bytes) -> Response:
        faults.arm(msgspec.json.decode(body, type=Fault))
        return json_answer(faults.armed(), 201)

    def disarm(*_: object) -> Response:
        faults.clear()
        return json_answer([])

    return [
        control_route("GET", "/sandbox/faults", lambda *_: json_answer(faults.armed())),
        control_route("POST", "/sandbox/faults", arm),
        control_route("DELETE", "/sandbox/faults", disarm),
    ]


def reset_route(reset: Callable[[], None]) -> Route:
    """Forget everything."""

    def forget(*_: object) -> Response:
        reset()
        return json_answer({})

    return control_route("POST", "/sandbox/reset", forget)


def page_route(template: Path, values: Callable[[], dict[str, object]]) -> Route:
    """The page for a person at `/`, in the frame of `sandbox_frame.html`.

    It only reads, runs no script, and escapes whatever customers wrote.
    """
    found = FileSystemLoader([template.parent, _FRAME.parent])
    page = Environment(autoescape=True, undefined=StrictUndefined, loader=found).get_template(template.name)

    def endpoint(_: Request) -> Response:
        return HTMLResponse(page.render(money=_money, **values()), headers=_PAGE_HEADERS)

    return Route("/", endpoint)


def _money(minor: int, currency: str) -> str:
    return str(Money(minor, currency))
