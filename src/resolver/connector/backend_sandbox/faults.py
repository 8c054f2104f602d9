"""What a backend's sandbox does wrong on demand, and how each fault looks on the wire.

Armed by tests, benchmarks and the control address; used by the sandbox's web side only.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from resolver.connector.backend_sandbox.seed import read
from resolver.errors import Malformed

FaultKind = Literal[
    "timeout_before",
    "timeout_after_executing",
    "reset_before",
    "reset_after",
    "http_500_before",
    "http_500_after",
    "http_429",
    "slow",
    "malformed_json",
    "truncated",
    "pending",
    "refused",
]
Cut = Callable[[Request, bool], None]
"""Ends the connection a request came over; with `True` as a reset, else orderly."""

_PATIENCE_S = 120.0


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to go wrong with the next `count` requests of an operation (`*` for any).

    `code` is what a `refused` one is refused with; `pending` leaves what was asked to be settled later.
    """

    operation: str
    kind: FaultKind
    count: Annotated[int, msgspec.Meta(ge=1)] = 1
    ms: Annotated[int, msgspec.Meta(ge=0)] = 0
    retry_after_s: Annotated[int, msgspec.Meta(ge=0)] = 1
    code: str = "refused"


class Faults:
    """The armed faults, used up in the order they were armed. Only `may_pend` can be left pending."""

    def __init__(self, operations: Collection[str], *, may_pend: Collection[str] = ()) -> None:
        self._operations, self._may_pend = frozenset(operations), frozenset(may_pend)
        self._armed: list[Fault] = []
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> None:
        """Let something go wrong from the next fitting request on. `Malformed` if there is no such operation."""
        if fault.operation not in (*self._operations, "*"):
            raise Malformed(
                f"There is no operation {fault.operation!r} here.",
                remedy=f"One of: {', '.join(sorted(self._operations))}, or * for any.",
            )
        with self._lock:
            self._armed.append(fault)

    def armed(self) -> tuple[Fault, ...]:
        """What is still to come."""
        with self._lock:
            return tuple(self._armed)

    def clear(self) -> None:
        """Let everything work again."""
        with self._lock:
            self._armed.clear()

    def take(self, operation: str) -> Fault | None:
        """Use up one fault for a request of this operation."""
        with self._lock:
            for place, fault in enumerate(self._armed):
                if fault.operation not in (operation, "*"):
                    continue
                if fault.kind == "pending" and operation not in self._may_pend:
                    continue
                if fault.count > 1:
                    self._armed[place] = msgspec.structs.replace(fault, count=fault.count - 1)
                else:
                    del self._armed[place]
                return fault
        return None


class Faulty:
    """Whatever can be told to go wrong."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def fault(
        self,
        operation: str,
        kind: str,
        count: int = 1,
        *,
        ms: int = 0,
        retry_after_s: int = 1,
        code: str = "refused",
    ) -> None:
        """Let the next `count` requests of an operation go wrong. `Malformed` says which word does not fit."""
        fields = {
            "operation": operation,
            "kind": kind,
            "count": count,
            "ms": ms,
            "retry_after_s": retry_after_s,
            "code": code,
        }
        self.faults.arm(read(Fault, fields))


async def before(fault: Fault, request: Request, cut: Cut) -> Response | None:
    """What goes wrong before anything is done; `None` if the request is carried out after all."""
    match fault.kind:
        case "timeout_before":
            return await _never(request)
        case "reset_before":
            cut(request, True)
            return await _never(request)
        case "http_500_before":
            return _broken()
        case "http_429":
            headers = {"Retry-After": str(fault.retry_after_s)}
            return Response(b'{"error":{"code":"busy","message":"Too many requests."}}', 429, headers)
        case "refused":
            refusal = {"error": {"code": fault.code, "message": "Refused, as it was told to."}}
            return Response(msgspec.json.encode(refusal), 409, media_type="application/json")
        case "slow":
            await asyncio.sleep(fault.ms / 1000)
    return None


async def after(fault: Fault, request: Request, answer: Response, cut: Cut) -> Response:
    """What goes wrong with the answer once the request was carried out."""
    match fault.kind:
        case "timeout_after_executing":
            return await _never(request)
        case "reset_after":
            cut(request, True)
            return await _never(request)
        case "http_500_after":
            return _broken()
        case "malformed_json":
            return Response(bytes(answer.body)[:-3] + b"]", answer.status_code, media_type="application/json")
        case "truncated":
            return _Truncated(answer, request, cut)
    return answer


async def carried_out(
    execute: Callable[[], Awaitable[Response]], request: Request, faults: Faults, cut: Cut, *, operation: str
) -> Response:
    """Carry a request out, with whatever is armed for its operation going wrong."""
    fault = faults.take(operation)
    if fault is None:
        return await execute()
    try:
        if (early := await before(fault, request, cut)) is not None:
            return early
        request.state.pending = fault.kind == "pending"
        return await after(fault, request, await execute(), cut)
    except asyncio.CancelledError:
        # the sandbox is being stopped in the middle of a fault; nobody listens
        return Response(status_code=503)


def _broken() -> Response:
    return Response(
        b'{"error":{"code":"internal","message":"Something broke."}}', 500, media_type="application/json"
    )


async def _never(request: Request) -> Response:
    """Say nothing until the caller has gone; what is returned then reaches nobody."""
    await request.body()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        pass
    return Response(status_code=504)


class _Truncated(Response):
    """An answer that announces its full length and breaks off in the middle."""

    def __init__(self, whole: Response, request: Request, cut: Cut) -> None:
        super().__init__(whole.body, whole.status_code, media_type="application/json")
        self._request, self._cut = request, cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        self._cut(self._request, False)
        await _never(self._request)
