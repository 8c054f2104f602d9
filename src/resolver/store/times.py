"""How instants are stored: ISO 8601 text in UTC with microseconds, so that text order is time order."""

from datetime import UTC, datetime


def stored(instant: datetime) -> str:
    """The column text of an aware instant."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def read(text: str) -> datetime:
    """The instant of a column text."""
    return datetime.fromisoformat(text)
