"""The sandbox's ledger: every movement the billing system ever made, one JSON line each, on disk before the answer.

Written by the sandbox only; read by whoever judges afterwards, with or without the server.
It never imports the connector.
"""

from datetime import date
from pathlib import Path
from typing import Literal

from resolver.connector.backend_sandbox import history

Kind = Literal["discount", "discount_removal", "ending", "payment_link"]


class Movement(history.Moved, frozen=True, kw_only=True):
    """One thing that happened. `key` is what the caller sent with it, and `n` orders the whole history."""

    kind: Kind
    subscription: str
    on: date | None = None
    to: str = ""  # where the link went


def movements_in(ledger: Path) -> tuple[Movement, ...]:
    """Every movement in a ledger file, oldest first; needs no server and tolerates one that is being written."""
    return history.movements_in(ledger, Movement)
