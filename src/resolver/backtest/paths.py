"""Plays archived tickets along the ways that tickets before them took; where one leaves them, the engine plays it.

Called by `simulation`. There is no second engine: a way is recorded while the engine goes it, with every question it
asked about a value. A ticket that gives the same answers goes the same way, so only its values are worked out anew.
docs/decisions/0008 says why that is the same, byte for byte.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from pathlib import Path
from traceback import extract_tb
from typing import Any

import msgspec

from resolver.backtest.hidden import Hidden, Looked, code_of
from resolver.backtest.playing import Played, Version, encoded, play, staged
from resolver.backtest.recording import Recording, Words, watched
from resolver.backtest.shape import Shape, hidden, shape_of
from resolver.backtest.ticket import Archived
from resolver.backtest.way import Place, Way, grown, made
from resolver.condition.evaluate import Compiled
from resolver.condition.one_step import recorder
from resolver.playbook.plan import Plan

MAX_SHAPES = 200
"""Shapes whose ways are remembered; tickets of others are played by the engine."""
MAX_WAYS = 600
"""Ways that are recorded in all."""
_CHECKED_EVERY = 1_000
"""Tickets that went a recorded way; one of them is played by the engine, too."""

_MARK = b"\x00"
"""Stands around names of hidden values in a line; in no JSON text is such a byte."""
_WORTH_JOINING = 6
"""Pieces that two lines have in common one after another, from which on they are put together only once."""
_LOOKED = (Looked, TypeError, ValueError)
"""What recording comes to where the engine does something with a value that no line can say."""
_UNLIKE = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError)
"""What a line may raise for a ticket unlike the one it was recorded with."""


@dataclass(slots=True)
class _Ways:
    """The ways of one shape: as a tree, and as the function made of it."""

    first: Place = field(default_factory=Place)
    seen: int = 0
    way: Way | None = None


class Paths:
    """Plays tickets through one version. `recorded` and `engine` count the tickets played by each.

    `why` says what kept the last ticket that could not be recorded from it, and where.
    """

    def __init__(self, version: Version, *, most: int = MAX_WAYS) -> None:
        self.recorded = self.engine = 0
        self.why = ""
        self._version = version
        self._ways: dict[Shape, _Ways] = {}
        self._left = most
        self._tape: Recording | None = None
        originals: dict[int, object] = {}
        plans: dict[str, Plan] = {
            name: watched(one, self._watches, originals) for name, one in version.plans.items()
        }
        self._watched = Version(version.label, plans[version.plan.playbook], plans, version.policy)
        self._words = Words(originals)

    def play(self, ticket: Archived, note: Callable[[bytes], object]) -> Played:
        """What came of the ticket. `note` takes the traces of its turns."""
        ways = self._of(shape_of(ticket))
        if ways is not None and ways.way is not None:
            found = _along(ways.way, ticket)
            if found is not None:
                self.recorded += 1
                if self.recorded % _CHECKED_EVERY == 0:
                    self._check(ticket, found)
                note(found[1])
                return found[0]
        self.engine += 1
        found = self._engine(ticket)
        note(found[1])
        if ways is not None:
            self._learn(ways, ticket, found)
        return found[0]

    def _of(self, shape: Shape) -> _Ways | None:
        known = self._ways.get(shape)
        if known is None and len(self._ways) < MAX_SHAPES:
            known = self._ways[shape] = _Ways()
        return known

    def _engine(self, ticket: Archived) -> tuple[Played, bytes]:
        traces: list[bytes] = []
        return play(self._version, ticket, traces.append), b"".join(traces)

    def _check(self, ticket: Archived, found: tuple[Played, bytes]) -> None:
        if found != self._engine(ticket):
            raise RuntimeError(
                f"ticket {ticket.id}: the recorded way is not the engine's; please report this"
            )

    # -- recording ----------------------------------------------------------------------------------------------------

    def _watches(self, expression: Compiled) -> Callable[[Any], Any]:
        """The expression's function, which is written down while a ticket is recorded."""
        call = expression.call

        def evaluate(env: Any) -> Any:
            tape = self._tape
            return call(env) if tape is None else tape.evaluated(expression, env)

        return evaluate

    def _learn(self, ways: _Ways, ticket: Archived, expected: tuple[Played, bytes]) -> None:
        """Record the way of this ticket. A shape that comes only once is not worth it."""
        ways.seen += 1
        if ways.seen < 2 or not self._left:
            return
        self._left -= 1
        recording = self._record(ticket)
        if recording is None:
            return
        grown(ways.first, *recording)
        ways.way = made(ways.first, self._words.names)
        if _along(ways.way, ticket) not in (expected, None):
            raise RuntimeError(f"ticket {ticket.id}: its recording is not the engine's; please report this")

    def _record(self, ticket: Archived) -> tuple[Recording, str] | None:
        """The recording, and the expression for what came of the ticket; None if it cannot be recorded."""
        tape = self._tape = Recording(self._words, ticket)
        token = recorder.set(tape.called)
        bodies: list[bytes] = []
        try:
            played = staged(self._watched, hidden(ticket, tape), lambda body: bodies.append(_marked(body)))
            ends = f"{_code(tape, played)}, {_joined(tape, bodies)}"
        except _LOOKED as error:
            self.why = f"{_place(error)}: {error}"
            return None
        finally:
            self._tape = None
            recorder.reset(token)
        return None if tape.broken else (tape, ends)


def _along(way: Way, ticket: Archived) -> tuple[Played, bytes] | None:
    """What a recorded way gives; None if this ticket leaves it."""
    try:
        return way(ticket)
    except _UNLIKE:
        return None


def _place(error: BaseException) -> str:
    """Where the engine looked at a value, or called what did."""
    frames = [one for one in extract_tb(error.__traceback__) if "/backtest/" not in one.filename]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "backtest"


# -- what a recording gives -------------------------------------------------------------------------------------------


def _marked(body: dict[str, Any]) -> bytes:
    """A turn's line with the names of hidden values, marked, instead of them."""
    return _with_names.encode(body)


def _name(value: Any) -> msgspec.Raw:
    if type(value) is not Hidden:
        raise TypeError(f"{type(value).__name__} cannot stand in a recorded line")
    return msgspec.Raw(_MARK + code_of(value).encode() + _MARK)


_with_names = msgspec.json.Encoder(enc_hook=_name)
_together = b"".join


def _joined(tape: Recording, lines: Sequence[bytes]) -> str:
    """The expression for these lines with the values of another ticket; what several have in common is put once."""
    codes = [[_piece(tape, place, part) for place, part in enumerate(line.split(_MARK))] for line in lines]
    for before, after in pairwise(range(len(codes))):
        same = SequenceMatcher(None, codes[before], codes[after], autojunk=False).find_longest_match()
        if same.size >= _WORTH_JOINING:
            shared = codes[before][same.a : same.a + same.size]
            once = tape.line(_filled(tape, shared))
            codes = [_with_once(line, shared, once) for line in codes]
    return _filled(tape, [piece for line in codes for piece in line])


def _piece(tape: Recording, place: int, part: bytes) -> str:
    return tape.step(encoded, part.decode()) if place % 2 else tape.words.of(part)


def _filled(tape: Recording, pieces: Sequence[str]) -> str:
    """One text of all that never changes, with the values put in."""
    known = tape.words.names
    parts: list[str] = []
    for fixed, some in groupby(pieces, known.__contains__):
        names = list(some)
        parts += [tape.words.of(_together([known[one] for one in names]))] if fixed else names
    return f"{tape.words.of(_together)}(({', '.join(parts)},))"


def _with_once(line: list[str], shared: list[str], once: str) -> list[str]:
    size = len(shared)
    at = next((at for at in range(len(line) - size + 1) if line[at : at + size] == shared), None)
    return line if at is None else [*line[:at], once, *line[at + size :]]


def _code(tape: Recording, played: Played) -> str:
    """The expression for what came of another ticket."""
    done = "".join([f"({tape.code_of(action)}, {tape.code_of(pays)}), " for action, pays in played.done])
    parts = [
        tape.code_of(played.outcome), tape.code_of(played.disposition), tape.code_of(played.queue), f"({done})",
        tape.code_of(played.stopped_by), str(played.assumed_yes), str(played.assumed_approvals),
    ]  # fmt: skip
    return f"{tape.words.of(Played)}({', '.join(parts)})"
