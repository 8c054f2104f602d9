"""A value of a ticket whose content the engine may not look at without a recording noting it.

Made by `recording` only. Every operation on one becomes a line of the recording; whatever the engine branches on, a
question with its answer. What cannot be noted (a hash, a text made of it) raises `Looked`, and the engine plays the
ticket itself.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from resolver.backtest.recording import Recording


class Looked(Exception):
    """The engine looked at a value in a way that cannot be recorded."""


class Hidden:
    """A value known by the name it has in the recording; `isinstance` sees the class of what is behind it."""

    __slots__ = ("_code", "_recording", "_value")

    def __init__(self, recording: "Recording", code: str, value: Any) -> None:
        object.__setattr__(self, "_recording", recording)
        object.__setattr__(self, "_code", code)
        object.__setattr__(self, "_value", value)

    @property  # type: ignore[misc]  # the class is asked when the value is found, so it is part of the recording
    def __class__(self) -> type:
        return type(object.__getattribute__(self, "_value"))

    def __getattr__(self, name: str) -> Any:
        recording, kind = _of(self), type(object.__getattribute__(self, "_value"))
        method = recording.method(self, kind, name)
        return recording.found(f"{code_of(self)}.{name}") if method is None else method

    def __call__(self, *args: Any) -> Any:
        """What a method of the value gives."""
        recording = _of(self)
        given = ", ".join([recording.code_of(one) for one in args])
        return recording.found(f"{code_of(self)}({given})")

    def __getitem__(self, place: Any) -> Any:
        recording = _of(self)
        return recording.found(f"{code_of(self)}[{recording.code_of(place)}]")

    def __contains__(self, one: Any) -> bool:
        recording = _of(self)
        return bool(recording.whether(f"{recording.code_of(one)} in {code_of(self)}"))

    def __len__(self) -> int:
        recording = _of(self)
        return int(recording.which(f"len({code_of(self)})"))

    def __iter__(self) -> Iterator[Any]:
        if type(object.__getattribute__(self, "_value")) is not tuple:
            raise Looked("a mapping or text was gone through")
        return iter([self[place] for place in range(len(self))])

    def __bool__(self) -> bool:
        recording = _of(self)
        return bool(recording.whether(f"bool({code_of(self)})"))

    def __hash__(self) -> int:
        """As a key of a mapping the value itself counts: what is recorded holds for no other."""
        recording = _of(self)
        return hash(recording.which(code_of(self)))

    def __str__(self) -> str:
        raise Looked("a text was made of a value")

    __repr__ = __str__

    def __format__(self, how: str) -> str:
        raise Looked("a text was made of a value")

    def __eq__(self, other: object) -> bool:
        return _compared(self, "==", other)

    def __ne__(self, other: object) -> bool:
        return not _compared(self, "==", other)

    def __lt__(self, other: object) -> bool:
        return _compared(self, "<", other)

    def __le__(self, other: object) -> bool:
        return _compared(self, "<=", other)

    def __gt__(self, other: object) -> bool:
        return _compared(self, ">", other)

    def __ge__(self, other: object) -> bool:
        return _compared(self, ">=", other)

    def __add__(self, other: object) -> Any:
        return _computed(self, "+", other)

    def __radd__(self, other: object) -> Any:
        return _computed(other, "+", self)

    def __sub__(self, other: object) -> Any:
        return _computed(self, "-", other)

    def __rsub__(self, other: object) -> Any:
        return _computed(other, "-", self)


def code_of(value: Hidden) -> str:
    """The name of the value in its recording."""
    found: str = object.__getattribute__(value, "_code")
    return found


def _of(value: Any) -> "Recording":
    found: Recording = object.__getattribute__(value, "_recording")
    return found


def _compared(left: Hidden, sign: str, right: object) -> bool:
    recording = _of(left)
    return bool(recording.whether(f"{recording.code_of(left)} {sign} {recording.code_of(right)}"))


def _computed(left: object, sign: str, right: object) -> Any:
    one = left if type(left) is Hidden else right
    recording = _of(one)
    return recording.found(f"{recording.code_of(left)} {sign} {recording.code_of(right)}")
