"""Group commit: jobs queued by many callers share a transaction, so one fsync serves them all.

Owned by `Database`. A job that fails takes only itself down: its batch is rolled back and repeated one by one.
"""

import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from resolver.errors import ResolverError

T = TypeVar("T")
_BATCH = 128
_TRIES = 5
_PASSING = (
    "40001",
    "40P01",
)  # PostgreSQL: serialization failure, deadlock (batches take their locks in any order)


class StoreUnavailable(ResolverError):
    """The database could not commit; nothing was stored. Receivers answer 503 so that the sender tries again."""


@dataclass(frozen=True, slots=True)
class _Job:
    call: Callable[[sa.Connection], Any]
    future: "Future[Any]"


class Writer:
    """One thread on SQLite (it has one writer anyway), a few on PostgreSQL."""

    def __init__(self, engine: sa.Engine, *, threads: int) -> None:
        self._engine = engine
        self._begin = "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"writer-{n}", daemon=True) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, call: Callable[[sa.Connection], T]) -> "Future[T]":
        """Queue a job; the future resolves after its commit, or with `StoreUnavailable`."""
        future: Future[T] = Future()
        if self._closed:
            future.set_exception(
                StoreUnavailable("The database is closed.", remedy="the process is shutting down")
            )
            return future
        self._jobs.put(_Job(call, future))
        return future

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while True:
            taken, last = self._take()
            # From here on a caller who gives up cannot cancel any more; one who did so before is not waited for.
            batch = [job for job in taken if job.future.set_running_or_notify_cancel()]
            if len(batch) < 2 or self._commit(batch) is not None:
                for job in batch:
                    self._alone(job)
            if last:
                return

    def _alone(self, job: _Job) -> None:
        """Run one job; a failure is its own then. What only other transactions were in the way of is tried again."""
        for _ in range(_TRIES):
            error = self._commit([job])
            if error is None:
                return
            if getattr(getattr(error, "orig", None), "sqlstate", None) not in _PASSING:
                break
        if isinstance(error, sa.exc.SQLAlchemyError):
            problem = f"The database did not take it: {type(error).__name__}."
            error = StoreUnavailable(problem, remedy="it may be tried again")
        job.future.set_exception(error)

    def _take(self) -> tuple[list[_Job], bool]:
        first = self._jobs.get()
        if first is None:
            return [], True
        batch = [first]
        with contextlib.suppress(queue.Empty):
            while len(batch) < _BATCH:
                job = self._jobs.get_nowait()
                if job is None:
                    return batch, True
                batch.append(job)
        return batch, False

    def _commit(self, batch: list[_Job]) -> BaseException | None:
        """Run and commit a batch; what went wrong, if something did: then nothing of it is stored and nobody told."""
        results: list[Any] = []
        try:
            with self._engine.connect() as connection:
                if self._begin:
                    connection.exec_driver_sql(self._begin)
                for job in batch:
                    results.append(job.call(connection))
                connection.commit()
        except BaseException as error:
            return error
        for job, result in zip(batch, results, strict=True):
            job.future.set_result(result)
        return None
