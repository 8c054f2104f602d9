"""A checkpoint: the head of the audit trail at an instant, signed, in a file outside the database.

A chain of hashes tells neither that its end was cut off nor that all of it was written anew; a checkpoint does.
Checkpoints are chained themselves. Written by `signing`, judged by `verify`; the file is only ever appended to.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from resolver.decision.trace import FIRST, canonical
from resolver.errors import Malformed
from resolver.store.times import stored

_PURPOSE = b"resolver audit checkpoints"
_LONGEST = 4_096  # bytes; a checkpoint takes about 450


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The `n`-th: `count` lines, the last of them number `seq` with this hash; `prev` is the one before it."""

    n: int
    seq: int
    count: int
    hash: str
    at: str
    prev: str
    signature: str

    @property
    def line(self) -> bytes:
        """Its canonical JSON."""
        return canonical(asdict(self))

    @property
    def digest(self) -> str:
        """What the next one has as `prev`."""
        return sha256(self.line).hexdigest()

    def is_signed(self, public: Ed25519PublicKey) -> bool:
        """Whether the key's owner signed exactly this."""
        try:
            public.verify(bytes.fromhex(self.signature), _signed(self))
        except (InvalidSignature, ValueError):
            return False
        return True

    def follows(self, last: "Checkpoint | None") -> bool:
        """Whether it is the one after `last`; `None` stands for the beginning."""
        if last is None:
            return self.n == 1 and self.prev == FIRST
        return self.n == last.n + 1 and self.prev == last.digest and self.count > last.count


def signing_key(master: bytes) -> Ed25519PrivateKey:
    """The installation's key for signing, derived from its master key."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(master)
    return Ed25519PrivateKey.from_private_bytes(derived)


def told_key(public: Ed25519PublicKey) -> str:
    """A public key in hex, to be written down elsewhere."""
    return public.public_bytes_raw().hex()


def public_key(told: str) -> Ed25519PublicKey:
    """The public key that `told_key` wrote. `Malformed` if it is none."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(told))
    except ValueError:
        raise Malformed(
            f"{told!r} is no public key.", remedy="copy the 64 characters that `audit verify` prints"
        ) from None


def signed(
    key: Ed25519PrivateKey, *, last: Checkpoint | None, seq: int, count: int, head: str, now: datetime
) -> Checkpoint:
    """The checkpoint after `last`."""
    n, prev = (1, FIRST) if last is None else (last.n + 1, last.digest)
    bare = Checkpoint(n=n, seq=seq, count=count, hash=head, at=stored(now), prev=prev, signature="")
    return Checkpoint(**{**asdict(bare), "signature": key.sign(_signed(bare)).hex()})


def parsed(line: bytes) -> Checkpoint | None:
    """The checkpoint whose canonical JSON `line` is, or `None` if it is none."""
    try:
        found = Checkpoint(**json.loads(line))
        return found if found.line == line and _is_typed(found) else None
    except (ValueError, TypeError):
        return None


def lines_of(path: Path) -> list[bytes]:
    """The lines of a file of checkpoints, none if there is no file. What a crash left half written does not count."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            whole = file.read()
    except FileNotFoundError:
        return []
    return whole.split(b"\n")[:-1]


@contextmanager
def appending(path: Path) -> Iterator["Tail"]:
    """The end of the file, for one writer at a time; the file is made at first use."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Tail(file, path)


class Tail:
    """The last checkpoint of a file, and adding one after it."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 2 * _LONGEST))
        whole, newline, torn = file.read().rpartition(b"\n")
        self._end = size - len(torn)
        self.last = self._parsed(whole.rpartition(b"\n")[2]) if newline else None

    def append(self, one: Checkpoint) -> None:
        """Write it where the last whole line ends, and see it on the disk."""
        self._file.seek(self._end)
        self._file.truncate()
        self._file.write(one.line + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _parsed(self, line: bytes) -> Checkpoint:
        found = parsed(line)
        if found is None:
            problem = f"The last line of {self._path} is no checkpoint."
            raise Malformed(problem, remedy="see what was changed: resolver audit verify")
        return found


def first_wrong(lines: Iterable[bytes], public: Ed25519PublicKey) -> tuple[list[Checkpoint], int | None]:
    """The checkpoints that hold, and the number of the first that does not: changed, missing or of another key."""
    held: list[Checkpoint] = []
    for line in lines:
        one = parsed(line)
        if one is None or not one.follows(held[-1] if held else None) or not one.is_signed(public):
            return held, len(held) + 1
        held.append(one)
    return held, None


def _signed(one: Checkpoint) -> bytes:
    body: dict[str, Any] = asdict(one)
    del body["signature"]
    return _PURPOSE + b"\0" + canonical(body)


def _is_typed(one: Checkpoint) -> bool:
    numbers, texts = (one.n, one.seq, one.count), (one.hash, one.at, one.prev, one.signature)
    return all(type(each) is int for each in numbers) and all(type(each) is str for each in texts)
