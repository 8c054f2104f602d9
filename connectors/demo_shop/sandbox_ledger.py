"""The sandbox's ledger: every movement the shop ever made, one JSON line each, on disk before the answer leaves.

Written by the sandbox only; read by whoever judges afterwards, with or without the server.
It never imports the connector.
"""

from pathlib import Path
from typing import Literal

import msgspec

from resolver.connector.backend_sandbox import history

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


class Movement(history.Moved, frozen=True, kw_only=True):
    """One thing that happened in the shop. `key` is what the caller sent with it, and `n` orders the whole history."""

    kind: Kind
    order: str
    number: str
    state: State = "done"
    taken: dict[str, int] = msgspec.field(default_factory=dict)
    units: dict[str, int] = msgspec.field(default_factory=dict)
    variants: dict[str, str] = msgspec.field(default_factory=dict)
    address: str = ""
    of: str = ""


def movements_in(ledger: Path) -> tuple[Movement, ...]:
    """Every movement in a ledger file, oldest first; needs no server and tolerates one that is being written."""
    return history.movements_in(ledger, Movement)
