"""What a backend's sandbox remembers: records as they were put in, and every movement since, replayed in order.

Held by the backend a sandbox pretends to be, which says what a record and a movement are and what a movement changes.
Not locked: its owner's transactions are.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from resolver.connector.backend_sandbox.answers import No
from resolver.connector.backend_sandbox.door import Call
from resolver.connector.backend_sandbox.habits import Habits
from resolver.connector.backend_sandbox.journal import Journal, lines_in
from resolver.money import Money


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What every movement tells. `key` is what the caller sent with it, and `n` orders the whole history."""

    n: int
    id: str
    at: datetime
    key: str = ""
    request: str = ""
    amount: str = ""
    currency: str = ""

    @property
    def money(self) -> Money:
        """The amount of this movement; where there is none, asking is a mistake."""
        return Money.parse(f"{self.amount} {self.currency}")


Record = TypeVar("Record", bound=msgspec.Struct)
Movement = TypeVar("Movement", bound=Moved)


class _Entry(msgspec.Struct, Generic[Record], frozen=True):
    """A line of the state file: a record as it was put in or changed from outside, at its place in history."""

    n: int
    record: Record


class History(Generic[Record, Movement]):
    """Two journals: the records put in from outside, and the ledger of movements, each on disk before the answer."""

    def __init__(
        self, *, state: Path | None, ledger: Path | None, record: type[Record], movement: type[Movement], habits: Habits
    ) -> None:  # fmt: skip
        self._state, self._ledger = Journal(state, durable=False), Journal(ledger, durable=True)
        self._entries = msgspec.json.Decoder(_Entry[record])  # type: ignore[valid-type]
        self._movements = msgspec.json.Decoder(movement)
        self._honours_keys = habits.honours_keys
        self._n = 0
        self._first_of_key: dict[str, Movement] = {}

    @property
    def next_n(self) -> int:
        """The place in history of what happens next."""
        return self._n + 1

    def replay(self, place: Callable[[Record], None], apply: Callable[[Movement], None]) -> None:
        """Everything that was ever put in or happened, oldest first."""
        entries = [self._entries.decode(line) for line in self._state.read()]
        moved = [self._movements.decode(line) for line in self._ledger.read()]
        history: list[_Entry[Record] | Movement] = [*entries, *moved]
        for event in sorted(history, key=lambda event: event.n):
            self._n = event.n
            if isinstance(event, _Entry):
                place(event.record)
            else:
                apply(event)

    def put(self, record: Record) -> None:
        """Note a record as it was put in or changed from outside."""
        self._n += 1
        self._state.append(msgspec.json.encode(_Entry(self._n, record)))

    def commit(self, movement: Movement) -> None:
        """The ledger line is the commit: state follows from it, now and after a crash."""
        self._ledger.append(msgspec.json.encode(movement))
        self._n = movement.n

    def keep_key(self, movement: Movement) -> None:
        """Let a second request with this movement's key be answered with it."""
        self._first_of_key.setdefault(movement.key, movement)

    def first(self, call: Call) -> Movement | None:
        """The movement this key made before, as it was answered then. `No` if it came with another request."""
        first = self._first_of_key.get(call.key) if self._honours_keys and call.key else None
        if first is not None and first.request != call.digest:
            raise No(422, "key_reused", "This key was used before, for another request.")
        return first

    def clear(self) -> None:
        """Forget everything, on disk as well."""
        self._state.clear()
        self._ledger.clear()
        self._n = 0
        self._first_of_key.clear()

    def close(self) -> None:
        """Let the files go; the next use opens them again."""
        self._state.close()
        self._ledger.close()


def movements_in(ledger: Path, kind: type[Movement]) -> tuple[Movement, ...]:
    """Every movement in a ledger file, oldest first; needs no server and tolerates one that is being written."""
    return tuple(_decoded(lines_in(ledger), kind))


def _decoded(lines: Iterable[bytes], kind: type[Movement]) -> Iterable[Movement]:
    decoder = msgspec.json.Decoder(kind)
    return (decoder.decode(line) for line in lines)
