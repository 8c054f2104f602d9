"""The yardstick: the least that takes an event in and runs checkpointed turns on the same engine and database.

FastAPI, one group-committing writer thread, DBOS with the settings of the resolver. Nothing is verified, read, decided
or recorded; steps and transactions do one plain insert each. Started by intake and pipeline, in a process of its own.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from fastapi import FastAPI, Request, Response

from benchmarks.patience import until
from resolver.store.database import Database

DOCUMENT = "x" * 1000  # what a row of ours holds, about
_BATCH = 128
_TABLES = sa.MetaData()
EVENT = sa.Table(
    "bare_event",
    _TABLES,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.Text, nullable=False, unique=True),
    sa.Column("body", sa.Text, nullable=False),
)
ROW = sa.Table(
    "bare_row",
    _TABLES,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("document", sa.Text, nullable=False),
)
Job = Callable[[sa.Connection], Any]


@dataclass(frozen=True, slots=True)
class Load:
    """What one bare turn does: checkpointed steps with a transaction each, and transactions beside them."""

    steps: int = 0
    transactions: int = 0


@dataclass(slots=True)
class _Running:
    """The engine finds workflows by name, so their process has one of these."""

    store: "BareStore | None" = None
    finished: int = 0
    loads: list[Load] = field(default_factory=list)


_RUNNING = _Running()


class BareStore:
    """A database with one writer thread that commits what is queued together."""

    def __init__(self, url: str) -> None:
        DBOS.migrate(url)  # first: it may bring another copy of SQLite than the one that keeps the file open
        self._database = Database(url)  # only for its engine: the same file settings and drivers
        self.engine = self._database.engine
        _TABLES.create_all(self.engine)
        self.client = DBOSClient(
            system_database_engine=self.engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name="bare",
        )
        self._jobs: queue.SimpleQueue[tuple[Job, asyncio.Future[Any], asyncio.AbstractEventLoop]] = (
            queue.SimpleQueue()
        )
        threading.Thread(target=self._serve, daemon=True).start()

    async def write(self, job: Job) -> Any:
        """Run a job in the next group commit."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._jobs.put((job, future, loop))
        return await future

    async def take_in(self, event_id: str, body: str, *, case: str, load: int) -> None:
        """Store an event and enqueue its turn in one commit."""

        def job(connection: sa.Connection) -> None:
            values = {"event_id": event_id, "body": body}
            seq = connection.execute(sa.insert(EVENT).values(values).returning(EVENT.c.seq)).scalar_one()
            options: Any = {
                "workflow_name": "bare_turn",
                "queue_name": "bare",
                "workflow_id": f"{seq:016d}-{event_id}",
                "queue_partition_key": case,
            }
            self.client.enqueue_in_transaction(connection, options, seq, load)

        await self.write(job)

    async def launch(self, loads: list[Load], *, poll_s: float, workers: int = 16) -> None:
        """Start taking turns."""
        await self.client.register_queue_async(
            "bare", partition_concurrency=1, worker_concurrency=workers, polling_interval_sec=poll_s
        )
        _RUNNING.store, _RUNNING.loads = self, loads
        DBOS(
            config={
                "name": "bare",
                "system_database_engine": self.engine,
                "application_version": "bare-1",
                "executor_id": "bare-1",
                "serializer": DBOSPortableJSONSerializer(),
                "max_executor_threads": workers,
                "run_migrations": False,
                "log_level": "CRITICAL",
            }
        )
        DBOS.launch()

    async def finished(self, turns: int) -> None:
        """Wait until so many turns are over."""
        await until(lambda: _RUNNING.finished >= turns)

    def web(self) -> FastAPI:
        """The bare receiver."""
        application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

        @application.post("/hooks/desk")
        async def receive(request: Request) -> Response:
            body = await request.body()
            event_id = request.headers["x-event-id"]
            await self.take_in(event_id, body.decode(), case=request.headers["x-case"], load=0)
            return Response(status_code=202)

        return application

    def _serve(self) -> None:
        while True:
            batch = [self._jobs.get()]
            while len(batch) < _BATCH and not self._jobs.empty():
                batch.append(self._jobs.get())
            with self.engine.begin() as connection:
                results = [job(connection) for job, _, _ in batch]
            for (_, future, loop), result in zip(batch, results, strict=True):
                loop.call_soon_threadsafe(future.set_result, result)


def _store() -> BareStore:
    assert _RUNNING.store is not None
    return _RUNNING.store


def _insert(connection: sa.Connection) -> None:
    connection.execute(sa.insert(ROW).values(document=DOCUMENT))


@DBOS.workflow(name="bare_turn")
async def bare_turn(seq: int, load: int) -> None:
    """A turn without anything in it."""
    wanted = _RUNNING.loads[load]
    for _ in range(wanted.transactions):
        await _store().write(_insert)
    for n in range(wanted.steps):
        await bare_step(f"{seq}-{n}")
    _RUNNING.finished += 1


@DBOS.step(name="bare_step")
async def bare_step(row: str) -> dict[str, str]:
    """A checkpoint with one transaction."""
    await _store().write(_insert)
    return {"state": "done", "row": row}
