"""The real database, asked and written at once on the calling task, with faults and deaths around each transaction.

The queue of the simulated engine is written by the same commit, as the real engine's is.
"""

import asyncio
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from benchmarks.fault_parts.chance import Chance
from benchmarks.fault_parts.engine import SimulatedEngine
from benchmarks.fault_parts.life import Life
from resolver.store.database import Job
from resolver.store.writer import StoreUnavailable

T = TypeVar("T")


@dataclass(slots=True)
class LivingStore:
    """The database as one life of the process sees it; it stands where `Database` stands."""

    engine: sa.Engine
    queue: SimulatedEngine
    chance: Chance
    life: Life
    is_sqlite: bool = True

    async def read(self, job: Job[T]) -> T:
        """See `Database.read`."""
        await asyncio.sleep(0)
        self.life.boundary("read")
        return self.read_now(job)

    async def write(self, job: Job[T]) -> T:
        """See `Database.write`."""
        await asyncio.sleep(0)
        self.life.boundary("before_commit")
        found = self.write_now(job)
        self.life.boundary("after_commit")
        return found

    def read_now(self, job: Job[T]) -> T:
        """See `Database.read_now`."""
        with self.engine.connect() as connection:
            return job(connection)

    def write_now(self, job: Job[T]) -> T:
        """See `Database.write_now`."""
        fault = self.chance.database_fault()
        if fault is not None:
            raise StoreUnavailable(f"The database did not take it: {fault}.", remedy="it may be tried again")
        try:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                found = job(connection)
                connection.commit()
        except sa.exc.SQLAlchemyError as error:
            self.queue.rolled_back()
            raise StoreUnavailable(f"The database did not take it: {type(error).__name__}.") from error
        except BaseException:
            self.queue.rolled_back()
            raise
        self.queue.committed()
        return found
