"""The imitated API as an ASGI application: who calls, may they, how often; then the handler, then the answer.

Handlers stand in the `…_api` modules. Every path works with and without `.json`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from inspect import isawaitable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.zendesk.sandbox_parts import people_api, tickets_api, tokens, webhooks_api
from connectors.zendesk.sandbox_parts.calls import Answer, Call, Endpoint
from connectors.zendesk.sandbox_parts.desk import Desk
from connectors.zendesk.sandbox_parts.inputs import TokenInput, parse
from connectors.zendesk.sandbox_parts.limits import Limits
from connectors.zendesk.sandbox_parts.problems import Problem
from connectors.zendesk.sandbox_parts.records import JsonObject

PREFIX = "/api/v2"
JSON_TYPE = "application/json; charset=utf-8"
ENDPOINTS: tuple[Endpoint, ...] = (*tickets_api.ENDPOINTS, *people_api.ENDPOINTS, *webhooks_api.ENDPOINTS)


def routes(desk: Desk, limits: Limits) -> list[Route]:
    """The API's routes and the token endpoint."""
    api = [_route(desk, limits, endpoint) for endpoint in ENDPOINTS]
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [
        Route("/oauth/tokens", _token_endpoint(desk), methods=["POST"]),
        *api,
        Route(PREFIX + "/{rest:path}", _no_such_endpoint, methods=every),
    ]


def _route(desk: Desk, limits: Limits, endpoint: Endpoint) -> Route:
    async def serve(request: Request) -> Response:
        raw = await request.body()
        headers: dict[str, str] = {}
        try:
            with desk.state.lock:
                call = _admit(desk, limits, endpoint, request, raw, headers)
                outcome = endpoint.handle(desk, call)
            answer = await outcome if isawaitable(outcome) else outcome
        except Problem as problem:
            answer = Answer(problem.body, problem.status, problem.headers)
        return _response(replace(answer, headers={**headers, **answer.headers}))

    return Route(PREFIX + endpoint.path, serve, methods=[endpoint.method])


def _admit(
    desk: Desk, limits: Limits, endpoint: Endpoint, request: Request, raw: bytes, headers: dict[str, str]
) -> Call:
    writes = endpoint.method != "GET"
    authorization = request.headers.get("authorization", "")
    caller = tokens.caller(desk.state, authorization, endpoint.resource, writes=writes)
    call = Call(
        method=endpoint.method,
        path=request.url.path,
        parameters={key: str(value) for key, value in request.path_params.items()},
        query=dict(request.query_params),
        headers={key.lower(): value for key, value in request.headers.items()},
        raw=raw,
        body={},
        caller=caller,
    )
    _spend(desk, limits, endpoint, call, headers)
    return replace(call, body=_read(raw)) if writes else call


def _spend(desk: Desk, limits: Limits, endpoint: Endpoint, call: Call, headers: dict[str, str]) -> None:
    settings, now = desk.settings, desk.state.now()
    headers.update(limits.spend("account", "", settings.requests_per_minute, 60, now))
    if endpoint.limit == "tickets-update":
        headers.update(limits.spend("tickets-update", "", settings.updates_per_minute, 60, now))
        key = f"{call.caller.id}:{call.parameters['id']}"
        limits.spend("tickets-update", key, settings.updates_per_ticket, 600, now)
    elif endpoint.limit == "incremental-exports":
        headers.update(limits.spend("incremental-exports", "", settings.exports_per_minute, 60, now))
    elif endpoint.limit == "users-update":
        limits.spend("users-update", call.parameters["id"], 5, 60, now)


def _read(raw: bytes) -> JsonObject:
    if not raw.strip():
        return {}
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Problem(400, {"title": "Bad request", "message": "The body is not JSON"}) from error
    if not isinstance(body, dict):
        raise Problem(400, {"title": "Bad request", "message": "The body is not a JSON object"})
    return body


def _token_endpoint(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        raw = await request.body()
        try:
            with desk.state.lock:
                body = tokens.grant(desk.state, desk.settings, parse(_read(raw), TokenInput))
                answer = Answer(body, 201)
        except Problem as problem:
            answer = Answer(problem.body, problem.status)
        return _response(answer)

    return serve


async def _no_such_endpoint(request: Request) -> Response:
    return _response(Answer({"error": "InvalidEndpoint", "description": "Not found"}, 404))


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status, headers=answer.headers)
    return Response(
        msgspec.json.encode(answer.body),
        status_code=answer.status,
        headers=answer.headers,
        media_type=JSON_TYPE,
    )


class WithoutSuffix:
    """Serves `…/tickets/1.json` as `…/tickets/1`, as the vendor does for the whole API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX) and scope["path"].endswith(".json"):
            path = scope["path"].removesuffix(".json")
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)
