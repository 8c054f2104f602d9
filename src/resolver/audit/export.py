"""The audit trail as one file that anybody can verify without the database: JSON Lines.

First a head with the public key, then the checkpoints, then the lines; checkpoints come first, so that a file whose end
was cut off does not look whole. Nothing in it is personal: values stand in the trail as keyed digests only.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from resolver.audit.checkpoint import public_key, told_key
from resolver.audit.verify import read
from resolver.decision.trace import canonical
from resolver.errors import Malformed
from resolver.store.trail import Line

FORMAT = "resolver-audit-1"
_CHECKPOINT, _LINE = b'{"checkpoint":', b'{"line":'


@dataclass(frozen=True, slots=True)
class Exported:
    """An opened export: the key it names, its checkpoints' lines, and the trail's lines, read as they are asked for."""

    public: Ed25519PublicKey
    checkpoints: list[bytes]
    lines: Iterator[Line]


def export(
    file: IO[bytes], lines: Iterable[Line], checkpoints: Iterable[bytes], public: Ed25519PublicKey
) -> int:
    """Write the whole export; returns how many lines of the trail are in it."""
    count = 0
    file.write(canonical({"format": FORMAT, "public_key": told_key(public)}) + b"\n")
    for one in checkpoints:
        file.write(_CHECKPOINT + one + b"}\n")
    for line in lines:
        count += 1
        file.write(_LINE + line.line.encode() + b',"seq":' + str(line.seq).encode() + b"}\n")
    return count


@contextmanager
def exported(path: Path) -> Iterator[Exported]:
    """Open what `export` wrote.

    Raises:
        Malformed: It cannot be read, or is no export.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise Malformed(f"{path} cannot be read: {error.strerror}.", remedy="name an exported file") from None
    with file:
        public = _head(file.readline(), path)
        checkpoints: list[bytes] = []
        for line in file:
            if not line.startswith(_CHECKPOINT):
                yield Exported(public, checkpoints, _lines(chain((line,), file)))
                return
            checkpoints.append(line.rstrip(b"\n").removesuffix(b"}")[len(_CHECKPOINT) :])
        yield Exported(public, checkpoints, iter(()))


def _head(line: bytes, path: Path) -> Ed25519PublicKey:
    try:
        head = json.loads(line)
        if head["format"] == FORMAT:
            return public_key(head["public_key"])
    except (ValueError, TypeError, KeyError):
        pass
    raise Malformed(f"{path} is no exported audit trail.", remedy="make one: resolver audit export FILE")


def _lines(lines: Iterable[bytes]) -> Iterator[Line]:
    """The trail's lines; one that is none of ours is given as it stands, for whoever verifies to find."""
    seq = 0
    for whole in lines:
        text, comma, number = whole.rstrip(b"\n").removesuffix(b"}").rpartition(b',"seq":')
        well = bool(comma) and text.startswith(_LINE) and number.isdigit() and int(number) > seq
        seq = int(number) if well else seq + 1
        line = (text[len(_LINE) :] if well else whole).decode(errors="replace")
        yield _told(seq, line)


def _told(seq: int, line: str) -> Line:
    """A line with the columns that it names itself: an export has none beside it."""
    try:
        body = read(line.encode())
        return Line(seq, body["case"], body.get("run"), body.get("turn"), line, body["hash"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return Line(seq, "", None, None, line, "")
