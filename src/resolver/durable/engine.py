"""Starting and stopping the engine, and putting work into it inside a caller's transaction.

Used by intake (enqueue), resolution (timers) and app (launch, shut down). Queue names and options come from
enums only: a wrong one would leave a row queued for ever without a word (reference condition 9).
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

from resolver.durable.workflow import VERSION, Work, idle, register, rung, unrung
from resolver.store.database import Database

_APPLICATION = "resolver"
_FAILED = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")


class Queue(StrEnum):
    """The queues: turns run in order per ticket, timers are delayed and unordered."""

    TURNS = "turns"
    TIMERS = "timers"


@dataclass(frozen=True, slots=True)
class Polls:
    """How often the engine looks, in seconds; lower is quicker and costs idle CPU (reference condition 16)."""

    turns_s: float = 0.1
    timers_s: float = 1.0
    notifications_s: float = 1.0


class Engine:
    """The durable engine on an open database. Enqueuing works without launching (role receiver)."""

    def __init__(self, database: Database, *, polls: Polls = Polls(), workers: int = 16) -> None:
        self._database = database
        self._polls = polls
        self._workers = workers
        self._client = DBOSClient(
            system_database_engine=database.engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=_APPLICATION,
        )
        self._launched = False

    @staticmethod
    def migrate(database_url: str) -> None:
        """Bring the engine's own tables up to date; before any `Engine` is made."""
        DBOS.migrate(database_url)

    async def launch(self, work: Work, *, executor: str) -> None:
        """Start taking turns. `executor` is unique and stable per process; its unfinished turns are taken up again.

        Call inside the running event loop: turns run on it.
        """
        await self._register_queues()
        register(work)
        DBOS(
            config={
                "name": _APPLICATION,
                "system_database_engine": self._database.engine,
                "application_version": VERSION,
                "executor_id": executor,
                "serializer": DBOSPortableJSONSerializer(),
                "max_executor_threads": self._workers,
                "run_migrations": False,
                "log_level": "CRITICAL",
                "notification_listener_polling_interval_sec": self._polls.notifications_s,
            }
        )
        DBOS.launch()
        self._launched = True

    async def shut_down(self, *, drain: timedelta = timedelta(seconds=15)) -> None:
        """Let running turns finish for up to `drain`; what is left goes on at the next start."""
        with ThreadPoolExecutor(1, thread_name_prefix="shutdown") as thread:
            loop = asyncio.get_running_loop()
            if self._launched:
                # The engine looks only once a second, so where nothing is under way it need not look at all.
                seconds = 0 if idle() else max(1, int(drain.total_seconds()))
                await loop.run_in_executor(
                    thread, partial(DBOS.destroy, workflow_completion_timeout_sec=seconds)
                )
                # The engine made its own pool the loop's default and has just closed it.
                loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="default"))
                register(None)
                self._launched = False
            await loop.run_in_executor(thread, self._client.destroy)

    def enqueue_turn(
        self, connection: sa.Connection, *, seq: int, event_id: str, case: str, failed: int = 0
    ) -> None:
        """Queue the turn for event `seq` in the caller's transaction; turns of one case run in `seq` order.

        `failed` is how often the engine lost this turn; the same turn with the same number is queued once.
        """
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": "turn",
                "queue_name": Queue.TURNS,
                "workflow_id": turn_id(seq, event_id, failed),
                "queue_partition_key": case,
            },
            seq,
        )

    def arm_timer(
        self, connection: sa.Connection, *, case: str, kind: str, generation: int, after: timedelta
    ) -> None:
        """Have `Work.timer` called once after `after` (up to a second late), in the caller's transaction."""
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": "timer",
                "queue_name": Queue.TIMERS,
                "workflow_id": timer_id(case, kind, generation),
                "delay_seconds": max(0.0, after.total_seconds()),
            },
            case,
            kind,
            generation,
        )

    def recover(self, dead: list[str]) -> list[str]:
        """Give what dead executors had under way back to the queues; those of them that have nothing left.

        A private call of the engine, pinned by a contract test (reference condition 3). It passes over a turn
        that it could not give back, so what is left is asked for afterwards.
        """
        DBOS._recover_pending_workflows(dead)
        left = self._client.list_workflows(
            status="PENDING", executor_id=dead, app_version=VERSION, load_input=False, load_output=False
        )
        keeping = {one.executor_id for one in left}
        return [one for one in dead if one not in keeping]

    async def ring_again(self) -> None:
        """Put the timers that this process gave up on, because the store did not take them, into their queue again."""
        given_up = unrung()
        if not given_up:
            return
        left = await self._client.list_workflows_async(
            workflow_ids=sorted(given_up), status="PENDING", load_input=False, load_output=False
        )
        if left:
            ids = [one.workflow_id for one in left]
            await self._client.resume_workflows_async(ids, queue_name=Queue.TIMERS)
        rung(given_up)

    async def lost(self, turns: Mapping[int, str], *, most: int) -> dict[int, int]:
        """The turns (event number and id) that will never run on, and how often each has failed, up to `most`.

        A turn is lost if every try at it ended without success, or if there is none.
        """
        ids = {
            turn_id(seq, name, failed): (seq, failed) for seq, name in turns.items() for failed in range(most)
        }
        found = await self._client.list_workflows_async(
            workflow_ids=list(ids), load_input=False, load_output=False
        )
        lost = dict.fromkeys(turns, 0)
        for one in found:
            seq, failed = ids[one.workflow_id]
            lost[seq] = max(lost[seq], failed + 1)
        for one in found:
            if one.status not in _FAILED:
                lost.pop(ids[one.workflow_id][0], None)
        return lost

    async def _register_queues(self) -> None:
        await self._client.register_queue_async(
            Queue.TURNS,
            partition_concurrency=1,
            worker_concurrency=self._workers,
            polling_interval_sec=self._polls.turns_s,
        )
        await self._client.register_queue_async(
            Queue.TIMERS, worker_concurrency=self._workers, polling_interval_sec=self._polls.timers_s
        )


def turn_id(seq: int, event_id: str, failed: int) -> str:
    """The id of a turn's workflow: in text order the order of events, and another one after each try that failed."""
    return f"{seq:016d}-{event_id}" + (f"~{failed}" if failed else "")


def timer_id(case: str, kind: str, generation: int) -> str:
    """The id under which a timer's event and workflow are known, so that it fires once."""
    return f"timer:{case}:{kind}:{generation}"
