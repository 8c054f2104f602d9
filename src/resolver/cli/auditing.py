"""`resolver audit`: whether the trail is as it was written, and the trail as a file; 1 if something is wrong."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.installation import key_file, now, opened, stored
from resolver.cli.screen import Ticks, note, print_json, progress, say
from resolver.errors import Malformed, ResolverError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from resolver.audit.verify import Finding, Verdict
    from resolver.config import Config
    from resolver.store.trail import Line

WRONG = 1
_EACH = 500


def verify(key: str | None, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Verify the trail in the database with the checkpoints beside it."""
    from resolver.audit.checkpoint import lines_of, public_key
    from resolver.store import trail

    config = stored(config_path, data)
    with opened(config) as database:
        public = public_key(key) if key else _key(config).public_key()
        checkpoints = lines_of(config.checkpoints_file)  # first: the trail may grow meanwhile
        total = database.read_now(trail.count)
        with progress("Verifying", total) as ticks:
            verdict = database.read_now(
                lambda c: _judged(_ticking(trail.after(c, 0), ticks), checkpoints, public)
            )
    return _tell(verdict, public, as_json=as_json)


def verify_file(file: Path, key: str | None, *, as_json: bool) -> int:
    """Verify an exported trail, without any installation."""
    from resolver.audit.checkpoint import public_key
    from resolver.audit.export import exported

    with exported(file) as found:
        public = public_key(key) if key else found.public
        verdict = _judged(found.lines, found.checkpoints, public)
    return _tell(verdict, public, as_json=as_json)


def export(file: Path, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Sign the trail's head, then write everything up to it.

    Raises:
        Malformed: The file is there already or cannot be written.
    """
    from resolver.audit.checkpoint import lines_of
    from resolver.audit.export import export as write
    from resolver.audit.signing import sign
    from resolver.store import trail

    config = stored(config_path, data)
    at = now()
    with opened(config) as database:
        key = _key(config)
        try:
            database.read_now(lambda c: sign(c, config.checkpoints_file, key, now=at))
        except ResolverError as error:  # what is wrong must be shown to others, too
            note(f"No checkpoint was signed over the newest lines: {error}")
        try:
            checkpoints = lines_of(config.checkpoints_file)
            with file.open("xb") as out, progress("Exporting", database.read_now(trail.count)) as ticks:
                lines = database.read_now(
                    lambda c: write(out, _ticking(trail.after(c, 0), ticks), checkpoints, key.public_key())
                )
        except OSError as error:
            raise Malformed(
                f"{error.filename or file}: {error.strerror}.", remedy="name another file"
            ) from None
    if as_json:
        print_json({"file": str(file), "lines": lines, "checkpoints": len(checkpoints)})
    else:
        counts = f"{_count(lines, 'line')}, {_count(len(checkpoints), 'checkpoint')}"
        say(f"{file}: {counts}. Verify it anywhere: resolver audit verify {file}")
    return 0


def _key(config: "Config") -> "Ed25519PrivateKey":
    from resolver.audit.checkpoint import signing_key
    from resolver.store.vault import master_key

    return signing_key(master_key(key_file(config)))


def _judged(lines: "Iterable[Line]", checkpoints: Sequence[bytes], public: "Ed25519PublicKey") -> "Verdict":
    from resolver.audit import verify
    from resolver.audit.checkpoint import first_wrong

    held, wrong = first_wrong(checkpoints, public)
    return verify.verify(lines, held, wrong=wrong)


def _ticking(lines: "Iterator[Line]", ticks: Ticks) -> "Iterator[Line]":
    for count, line in enumerate(lines, 1):
        yield line
        if count % _EACH == 0:
            ticks.tick(_EACH)


# -- telling ----------------------------------------------------------------------------------------------------------


def _tell(verdict: "Verdict", public: "Ed25519PublicKey", *, as_json: bool) -> int:
    from resolver.audit.checkpoint import told_key

    finding = verdict.finding
    counts = f"{_count(verdict.lines, 'line')}, {_count(verdict.checkpoints, 'checkpoint')}"
    if as_json:
        told = {"lines": verdict.lines, "checkpoints": verdict.checkpoints, "public_key": told_key(public)}
        wrong = {**asdict(finding), "problem": _problem(finding)} if finding else None
        print_json({"holds": finding is None, **told, "wrong": wrong})
    elif finding is None:
        say(f"{counts}, all hold.", f"Signed with the key {told_key(public)}")
    else:
        say(_problem(finding), f"Before that {counts} hold. The key: {told_key(public)}")
    return 0 if finding is None else WRONG


def _problem(finding: "Finding") -> str:
    """What is wrong, in a sentence."""
    seq, until = finding.seq, finding.until
    after = f"checkpoint {finding.checkpoint}" if finding.checkpoint else "the beginning"
    match finding.kind:
        case "changed":
            return f"Line {seq} was changed after it was written."
        case "missing":
            return f"From line {seq} on lines are missing."
        case "inserted":
            return f"Line {seq} was slipped in."
        case "swapped":
            return f"Line {seq} does not belong there: lines were put into another order."
        case "truncated":
            return f"The end was cut off: lines {seq} to {until} are missing, behind {after}."
        case "rewritten":
            return f"Lines were written anew behind {after}: somewhere from line {seq} to {until}."
        case "checkpoint":
            return f"Checkpoint {finding.checkpoint} was changed or taken away, or another key signed it."
        case "unsigned":
            return f"Lines {seq} to {until} follow from one another, but nothing is signed: there are no checkpoints."


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
