"""Waiting for an installation to have done what was asked of it, without asking it so often that it counts."""

import asyncio
import time
from collections.abc import Callable

from resolver.app import Resolver
from resolver.store import events

LOOKS_EVERY_S = 0.05
GIVES_UP_AFTER_S = 120.0


class TooLong(Exception):
    """It never came to what was waited for."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something in this process to be so; `TooLong` after two minutes."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > GIVES_UP_AFTER_S:
            raise TooLong
        await asyncio.sleep(LOOKS_EVERY_S)


async def ended(resolver: Resolver) -> None:
    """Wait until no event waits for its turn; `TooLong` after two minutes."""
    began = time.monotonic()
    while (await asyncio.to_thread(resolver.resources.database.read_now, events.count_by_state)).get(
        "queued"
    ):
        if time.monotonic() - began > GIVES_UP_AFTER_S:
            raise TooLong
        await asyncio.sleep(LOOKS_EVERY_S)
