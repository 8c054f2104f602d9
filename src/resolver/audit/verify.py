"""Whether the audit trail is as it was written: every line, their order, and what the checkpoints say of them.

Pure: lines and checkpoints go in, the first place and kind of what is wrong comes out. Called on the database and on
exported files.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import msgspec

from resolver.audit.checkpoint import Checkpoint
from resolver.decision.trace import FIRST, canonical, chain_hash
from resolver.store.trail import Line

Kind = Literal[
    "changed", "missing", "inserted", "swapped", "truncated", "rewritten", "checkpoint", "unsigned"
]

_quick_read = msgspec.json.Decoder().decode
_quick_write = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong first: at line `seq`; where only a stretch is known, up to line `until`.

    `checkpoint` is the last one that holds before it, for kind `checkpoint` the one that is wrong.
    """

    kind: Kind
    seq: int
    until: int | None = None
    checkpoint: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many lines and checkpoints hold, and what is wrong after them."""

    lines: int
    checkpoints: int
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class _Link:
    """What a line says of itself: `sound` if nothing in it was changed since it was hashed."""

    seq: int
    prev: str
    hash: str
    sound: bool


def verify(lines: Iterable[Line], checkpoints: Sequence[Checkpoint], *, wrong: int | None = None) -> Verdict:
    """Judge a whole trail from its first line; of checkpoint `wrong` and later ones nothing is believed."""
    rest = map(_link, lines)
    walk = _Walk(checkpoints)
    doubt: Finding | None = None  # where the next line does not follow either, more can be said
    for link in rest:
        if doubt is not None and (not link.sound or link.prev == walk.previous):
            break
        if not link.sound or link.prev != walk.previous:
            return walk.ends(_Break(walk, [link, *rest]).finding())
        doubt = walk.takes(link)
    return walk.ends(doubt or walk.after_all(wrong))


def first_break(lines: Iterable[Line], *, follows: str = FIRST) -> int | None:
    """The number of the first line that was changed or does not follow; the first of them must follow that hash."""
    for line in lines:
        link = _link(line)
        if not link.sound or link.prev != follows:
            return link.seq
        follows = link.hash
    return None


class _Walk:
    """The lines that hold so far."""

    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        self.checkpoints = checkpoints
        self.held = 0
        self.links: list[tuple[int, str]] = []
        self.previous = FIRST

    def takes(self, link: _Link) -> Finding | None:
        """One more line; what the checkpoint that was signed over it says against it."""
        self.links.append((link.seq, link.hash))
        self.previous = link.hash
        due = self.checkpoints[self.held] if self.held < len(self.checkpoints) else None
        if due is None or due.count != len(self.links):
            return None
        if (due.seq, due.hash) != (link.seq, link.hash):
            return Finding("rewritten", self.vouched + 1, max(due.seq, link.seq), self.last)
        self.held += 1
        return None

    @property
    def last(self) -> int | None:
        """The last checkpoint that holds."""
        return self.checkpoints[self.held - 1].n if self.held else None

    @property
    def vouched(self) -> int:
        """The number of the last line that a checkpoint vouches for."""
        return self.checkpoints[self.held - 1].seq if self.held else 0

    @property
    def end(self) -> int:
        """The number of the last line that holds."""
        return self.links[-1][0] if self.links else 0

    def after_all(self, wrong: int | None) -> Finding | None:
        """What is wrong though every line follows from the one before."""
        if self.held < len(self.checkpoints):
            return Finding("truncated", self.end + 1, self.checkpoints[-1].seq, self.last)
        if wrong is not None:
            return Finding("checkpoint", self.vouched + 1, checkpoint=wrong)
        if self.links and not self.checkpoints:
            return Finding("unsigned", self.links[0][0], self.end)
        return None

    def ends(self, finding: Finding | None) -> Verdict:
        return Verdict(len(self.links), self.held, finding)


class _Break:
    """Why the first of some lines does not follow from those before it: the chain is broken, but by what?"""

    def __init__(self, walk: _Walk, rest: Sequence[_Link]) -> None:
        self.walk = walk
        self.first = rest[0]
        self.rest = rest
        self.before = {hash: place for place, (_, hash) in enumerate(walk.links)} | {FIRST: -1}

    def finding(self) -> Finding:
        kind, seq = self._kind()
        return Finding(kind, seq, checkpoint=self.walk.last)

    def _kind(self) -> tuple[Kind, int]:
        first, later = self.first, self.rest[1:]
        goes_on = bool(later) and later[0].sound and later[0].prev == self.walk.previous
        if not first.sound:
            return ("inserted" if goes_on else "changed"), first.seq
        if first.hash in self.before or (goes_on and not self._belongs_later()):
            return "inserted", first.seq
        if any(one.hash == first.prev for one in later):
            return "swapped", first.seq
        if first.prev in self.before:
            return "inserted", self.walk.links[self.before[first.prev] + 1][0]
        if self.walk.links and not self._is_less():
            return "changed", self.walk.end  # it was hashed anew, so the next one shows it
        return "missing", self.walk.end + 1

    def _belongs_later(self) -> bool:
        """Whether the first line was taken from further on: one there follows it, or it was signed as the last."""
        if any(one.hash == self.first.hash for one in self.rest[1:]):
            return False  # a copy
        signed = any(one.hash == self.first.hash for one in self.walk.checkpoints)
        return signed or any(one.prev == self.first.hash for one in self.rest[1:])

    def _is_less(self) -> bool:
        """Whether there are fewer lines than were signed; where no checkpoint tells, a number was left out."""
        if self.walk.vouched and self.walk.vouched == self.walk.end:
            return True  # the line before is vouched for
        surplus = self._surplus()
        return self.first.seq > self.walk.end + 1 if surplus is None else surplus < 0

    def _surplus(self) -> int | None:
        """How many lines there are too many up to the next checkpoint that can be found again."""
        places = {one.hash: place for place, one in enumerate(self.rest, len(self.walk.links) + 1)}
        for one in self.walk.checkpoints[self.walk.held :]:
            if one.hash in places:
                return places[one.hash] - one.count
        return None


def _link(stored: Line) -> _Link:
    text = stored.line.encode(errors="surrogatepass")
    try:
        body = read(text)
        return _Link(stored.seq, body["prev"], body["hash"], sound=_is_sound(stored, text, body))
    except (ValueError, TypeError, KeyError):
        return _Link(stored.seq, "", "", sound=False)


def read(text: bytes) -> dict[str, Any]:
    """What a line says. `ValueError` if it is no JSON."""
    try:
        found: dict[str, Any] = _quick_read(text)
    except msgspec.MsgspecError:  # whole numbers of any size are JSON too
        found = json.loads(text)
    return found


def _is_sound(stored: Line, text: bytes, body: dict[str, Any]) -> bool:
    """Whether line, hash and the columns beside them belong together to the byte."""
    if (body["hash"], body.get("case")) != (stored.hash, stored.case):
        return False
    if body.get("run", stored.run) != stored.run:
        return False
    names_turn = "what" in body  # a turn's own line counts within its run
    if names_turn and body.get("turn", stored.turn) != stored.turn:
        return False
    if _quick_write(body) == text:  # canonical, so what was hashed is the line but for its hash
        cut = text.replace(f'"hash":"{stored.hash}",'.encode(), b"", 1)
        if sha256(cut).hexdigest() == stored.hash:
            return True
    return chain_hash(body) == stored.hash and canonical(body) == text
