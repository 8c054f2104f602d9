"""Where the time comes from: handed in as an argument everywhere, read from the system only here."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
