"""`/healthz` (the process lives), `/readyz` (it can take and do work), `/metrics` (Prometheus)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from resolver import telemetry
from resolver.clock import Clock
from resolver.store import events
from resolver.store.database import Connection, Database
from resolver.store.times import read as read_time


def routes(
    database: Database,
    *,
    ready: Callable[[], bool],
    clock: Clock,
    playbooks: Callable[[], Mapping[str, object]] = dict,
) -> APIRouter:
    """The three routes. `playbooks` says since when those in force are, and what is wrong with newer files."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        if not ready():
            return JSONResponse({"status": "starting or draining"}, status_code=503)
        try:
            await database.read(events.count_by_state)
        except Exception as error:  # whatever the driver raises, it means not ready
            return JSONResponse({"status": f"database: {type(error).__name__}"}, status_code=503)
        told = dict(playbooks())
        return JSONResponse({"status": "ready", **({"playbooks": told} if told else {})})

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        await database.read(lambda c: _count(c, clock()))
        return Response(generate_latest(telemetry.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router


def _count(connection: Connection, now: datetime) -> None:
    counts = events.count_by_state(connection)
    for state in ("queued", "done", "dead"):
        telemetry.EVENTS.labels(state).set(counts.get(state, 0))
    oldest = events.oldest_queued(connection)
    telemetry.OLDEST_QUEUED_SECONDS.set((now - read_time(oldest)).total_seconds() if oldest else 0)
