"""The control methods over HTTP, for other processes: `POST /sandbox/<what>` with the arguments as a JSON object.

`GET /sandbox` lists what there is. No credentials are asked for: the server listens on loopback only, and a JSON body
keeps web pages of other origins out.
"""

import asyncio
import inspect
from collections.abc import Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.zendesk.sandbox_parts.control import Control
from connectors.zendesk.sandbox_parts.records import JsonObject
from resolver.errors import NotFound, ResolverError

NAMES = (
    "customer_writes",
    "agent_writes",
    "assign",
    "unassign",
    "set_status",
    "close",
    "tag",
    "change_requester",
    "merge",
    "delete",
    "set_user",
    "add_agent",
    "add_organization",
    "add_field",
    "register_webhook",
    "register_trigger_webhook",
    "redeliver",
    "pause_deliveries",
    "resume_deliveries",
    "idle",
    "deliveries",
    "fault",
    "clear_faults",
    "advance",
    "ticket",
    "tickets",
)


def routes(control: Control) -> list[Route]:
    """One route per control method, and the list of them."""
    methods: dict[str, Callable[..., object]] = {name: getattr(control, name) for name in NAMES}
    kinds = {name: _arguments(name, method) for name, method in methods.items()}

    async def what(request: Request) -> Response:
        return _json({"methods": {name: list(kind.__struct_fields__) for name, kind in kinds.items()}})

    async def run(request: Request) -> Response:
        name = request.path_params["name"].replace("-", "_")
        if name not in methods:
            return _json({"error": f"There is no {name!r} here.", "remedy": "GET /sandbox lists all."}, 404)
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return _json({"error": "Send a JSON object.", "remedy": "Content-Type: application/json"}, 415)
        try:
            given = msgspec.json.decode(await request.body() or b"{}", type=kinds[name], strict=False)
        except (msgspec.DecodeError, RecursionError) as error:
            return _json({"error": str(error), "remedy": "GET /sandbox lists the arguments."}, 400)
        return await _run(methods[name], msgspec.structs.asdict(given))

    return [
        Route("/sandbox", what, methods=["GET"]),
        Route("/sandbox/{name}", run, methods=["POST"]),
    ]


def _arguments(name: str, method: Callable[..., object]) -> type[msgspec.Struct]:
    hints = inspect.get_annotations(method, eval_str=True)
    fields: list[tuple[str, object] | tuple[str, object, object]] = []
    for parameter in inspect.signature(method).parameters.values():
        if parameter.default is inspect.Parameter.empty:
            fields.append((parameter.name, hints[parameter.name]))
        else:
            fields.append((parameter.name, hints[parameter.name], parameter.default))
    return msgspec.defstruct(name, fields, forbid_unknown_fields=True)


async def _run(method: Callable[..., object], arguments: Mapping[str, object]) -> Response:
    try:
        # In a thread, because waiting for idle deliveries blocks.
        result = await asyncio.to_thread(method, **arguments)
    except ResolverError as error:
        status = 404 if isinstance(error, NotFound) else 422
        return _json({"error": error.problem, "remedy": error.remedy}, status)
    return _json({"result": result})


def _json(body: JsonObject, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
