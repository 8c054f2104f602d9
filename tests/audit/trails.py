"""Trails made up for tests: lines as the store chains them, and checkpoints over some of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from resolver.audit.checkpoint import Checkpoint, signed, signing_key
from resolver.decision.trace import FIRST, canonical, chain_hash
from resolver.store.trail import Line

KEY = signing_key(b"k" * 32)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def line(seq: int, prev: str, **record: Any) -> Line:
    """A line that was written as the store writes it."""
    body = {"case": "zendesk:1", "prev": prev, "run": "R1", "turn": seq, **record}
    chained = chain_hash(body)
    text = canonical({**body, "hash": chained}).decode()
    return Line(seq, body["case"], body["run"], body["turn"], text, chained)


def chained(count: int, *, after: Sequence[Line] = (), word: str = "n") -> list[Line]:
    """The lines `after`, and as many more that follow from them."""
    lines = list(after)
    for seq in range(len(lines) + 1, len(lines) + count + 1):
        lines.append(line(seq, lines[-1].hash if lines else FIRST, **{word: seq}))
    return lines


def checkpoints(lines: Sequence[Line], counts: Iterable[int]) -> list[Checkpoint]:
    """Checkpoints signed when there were so many of the lines."""
    found: list[Checkpoint] = []
    for count in counts:
        head, last = lines[count - 1], found[-1] if found else None
        now = NOW + timedelta(minutes=count)
        found.append(signed(KEY, last=last, seq=head.seq, count=count, head=head.hash, now=now))
    return found


def numbered(lines: Iterable[Line]) -> list[Line]:
    """The lines with their numbers given anew, as somebody would who hides a gap."""
    return [replace(one, seq=seq) for seq, one in enumerate(lines, 1)]
