"""A worker process that dies in the middle of a turn: `python -m tests.durable.dying_worker URL EXECUTOR PLACE`.

PLACE is `in_step` (nothing of the step was answered) or `after_step` (it was, and the turn went on).
"""

import asyncio
import os
import sys

from resolver.durable.engine import Engine, Polls
from resolver.durable.workflow import Json, Work, perform
from resolver.store.database import Database

DIED = 9


async def main(url: str, executor: str, place: str) -> None:
    database = Database(url)
    engine = Engine(database, polls=Polls(0.02, 0.05, 0.05))

    async def turn(seq: int) -> None:
        await perform(f"effect-{seq}-0")
        os._exit(DIED)

    async def asks(row: str) -> Json:
        if place == "in_step":
            os._exit(DIED)
        return {"state": "refused", "code": "already_refunded"}

    async def nothing(*_: object) -> Json:
        return None

    async def no_timer(case: str, kind: str, generation: int) -> None:
        return None

    await engine.launch(Work(turn, nothing, asks, no_timer), executor=executor)
    await database.write(lambda c: engine.enqueue_turn(c, seq=1, event_id="e1", case="zendesk:1"))
    await asyncio.sleep(30)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
