"""The webhook receiver: raw bytes in, a verified and stored event, a quick answer.

It answers before anything is understood. A bad delivery gets a 4xx and one log line; nothing of it is stored.
"""

import asyncio
import logging
import time
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from resolver import telemetry
from resolver.connector.helpdesk import Helpdesk, WebhookRequest
from resolver.errors import Forged, Malformed
from resolver.intake.receive import Intake
from resolver.store.writer import StoreUnavailable
from resolver.ticket import ConnectionName

log = logging.getLogger("resolver.webhooks")

_BODY_TIMEOUT_S = 10.0
_COMMIT_TIMEOUT_S = 5.0  # helpdesks hang up after ten; what commits later is known when they deliver it again


class _TooLarge(Exception):
    """More bytes than a delivery has."""


def routes(intake: Intake, helpdesks: Mapping[ConnectionName, Helpdesk], *, max_body_bytes: int) -> APIRouter:
    """`POST /hooks/CONNECTION` for every helpdesk connection."""
    router = APIRouter()

    @router.post("/hooks/{name}", include_in_schema=False)
    async def receive(name: str, request: Request) -> Response:
        began = time.perf_counter()
        status, why = await _take(name, request)
        known = name if ConnectionName(name) in helpdesks else "unknown"
        telemetry.DELIVERIES.labels(known, str(status)).inc()
        telemetry.DELIVERY_SECONDS.observe(time.perf_counter() - began)
        if status >= 300:
            log.warning("delivery refused: %s %s for connection %s", status, why, known)
        return Response(status_code=status, headers={"Retry-After": "5"} if status == 503 else None)

    async def _take(name: str, request: Request) -> tuple[int, str]:
        helpdesk = helpdesks.get(ConnectionName(name))
        if helpdesk is None:
            return 401, "no such connection"  # as for a bad signature: names are not to be guessed
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            return 415, "compressed"
        try:
            body = await asyncio.wait_for(_body(request, max_body_bytes), _BODY_TIMEOUT_S)
        except TimeoutError:
            return 408, "body too slow"
        except _TooLarge:
            return 413, "too large"
        except ClientDisconnect:
            return 400, "hung up"
        headers = {key.lower(): value for key, value in request.headers.items()}
        try:
            async with asyncio.timeout(_COMMIT_TIMEOUT_S):
                await intake.webhook(ConnectionName(name), helpdesk, WebhookRequest(headers, body))
        except TimeoutError:
            return 503, "the store takes too long"
        except Forged as error:
            return 401, error.problem
        except Malformed as error:
            return 400, error.problem
        except StoreUnavailable as error:
            return 503, error.problem
        return 202, ""

    return router


async def _body(request: Request, most: int) -> bytes:
    """The raw bytes, given up on as soon as they are too many."""
    if int(request.headers.get("content-length") or 0) > most:
        raise _TooLarge
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise _TooLarge
        chunks.append(chunk)
    return b"".join(chunks)
