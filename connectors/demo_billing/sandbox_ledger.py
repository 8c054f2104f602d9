"""The sandbox's ledger: every movement the billing system ever made, one JSON line each, on disk before the answer.

Written by the sandbox only; read by whoever judges afterwards, with or without the server.
It never imports the connector.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Literal

import msgspec

from resolver.connector.backend_sandbox.journal import lines_in
from resolver.money import Money

Kind = Literal["discount", "discount_removal", "ending", "payment_link"]


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `key` is what the caller sent with it, and `n` orders the whole history."""

    n: int
    id: str
    kind: Kind
    subscription: str
    at: datetime
    key: str = ""
    request: str = ""
    amount: str = ""
    currency: str = ""
    on: date | None = None
    to: str = ""  # where the link went

    @property
    def money(self) -> Money:
        """What comes off each month with this movement; where nothing does, asking is a mistake."""
        return Money.parse(f"{self.amount} {self.currency}")


def movements_in(ledger: Path) -> tuple[Movement, ...]:
    """Every movement in a ledger file, oldest first; needs no server and tolerates one that is being written."""
    return tuple(movements_of(lines_in(ledger)))


def movements_of(lines: list[bytes]) -> list[Movement]:
    """The movements that lines of the ledger stand for."""
    return [_decoder.decode(line) for line in lines]


def line_of(movement: Movement) -> bytes:
    """The line of the ledger that stands for a movement."""
    return msgspec.json.encode(movement)


_decoder = msgspec.json.Decoder(Movement)
