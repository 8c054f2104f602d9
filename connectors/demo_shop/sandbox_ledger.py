"""The sandbox's ledger: every movement the shop ever made, one JSON line each, on disk before the answer leaves.

Written by the sandbox only; read by whoever judges afterwards, with or without the server.
It never imports the connector.
"""

from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from resolver.connector.backend_sandbox.journal import lines_in
from resolver.money import Money

Kind = Literal[
    "refund",
    "cancellation",
    "address_change",
    "settlement",
    "invoice",
    "replacement",
    "return",
    "price_adjustment",
    "exchange",
    "item_change",
]
State = Literal["done", "pending", "failed"]


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened in the shop. `key` is what the caller sent with it, and `n` orders the whole history."""

    n: int
    id: str
    kind: Kind
    order: str
    number: str
    at: datetime
    key: str = ""
    amount: str = ""
    currency: str = ""
    state: State = "done"
    request: str = ""
    taken: dict[str, int] = {}
    units: dict[str, int] = {}
    variants: dict[str, str] = {}
    address: str = ""
    of: str = ""

    @property
    def money(self) -> Money:
        """What left the shop with this movement; where nothing did, as for an address change, asking is a mistake."""
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
