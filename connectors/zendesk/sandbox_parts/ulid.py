"""Sortable ids of 26 characters, as the vendor gives webhooks, invocations and event sequences."""

import secrets
from datetime import datetime

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_ulid(now: datetime) -> str:
    """An id whose first ten characters are the time in milliseconds, the others chance."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(_LETTERS[(number >> shift) & 31] for shift in range(125, -5, -5))
