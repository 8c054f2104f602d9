"""What the carrier offers of the interface `van`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from resolver.connector.action import Done, Raw, action, look_up
from resolver.errors import NotFound


@dataclass(slots=True)
class Van:
    """Deliveries by number: whose they are, and the day they come."""

    deliveries: dict[str, tuple[str, date]] = field(default_factory=dict)

    async def aclose(self) -> None:
        """Nothing is open."""


def connect(settings: Mapping[str, str]) -> Van:
    """A carrier with nothing to deliver yet."""
    return Van()


@look_up("van.delivery")
async def delivery(van: Van, *, number: str) -> Mapping[str, Raw]:
    """The delivery with this number."""
    if number not in van.deliveries:
        raise NotFound(f"There is no delivery {number}.")
    email, day = van.deliveries[number]
    return {"number": number, "email": email, "day": day}


@action("van.change_day")
async def change_day(van: Van, *, delivery: str, day: date, key: str) -> Done:
    """Deliver on that day."""
    van.deliveries[delivery] = (van.deliveries[delivery][0], day)
    return Done()
