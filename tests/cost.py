"""What a piece of work costs this thread: other threads of the process and collecting their garbage are left out."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Cost:
    """CPU seconds of the work; known when it is over."""

    seconds: float = 0.0


@contextmanager
def cost() -> Iterator[Cost]:
    """For bounds that tell a blow-up from ordinary work, never for speed."""
    found = Cost()
    gc.disable()
    began = time.thread_time()
    try:
        yield found
    finally:
        found.seconds = time.thread_time() - began
        gc.enable()
