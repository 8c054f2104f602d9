"""An exported trail is verified with nothing but the file, and whatever is done to the file is found."""

import io
from pathlib import Path
from random import Random

import pytest

from resolver.audit.checkpoint import first_wrong
from resolver.audit.export import export, exported
from resolver.audit.verify import Finding, Verdict, verify
from resolver.errors import Malformed
from tests.audit.trails import KEY, chained, checkpoints

LINES = chained(30)


def written() -> bytes:
    out = io.BytesIO()
    signed = [one.line for one in checkpoints(LINES, (10, 20, 30))]
    assert export(out, LINES, signed, KEY.public_key()) == 30
    return out.getvalue()


def judged(path: Path) -> Verdict:
    with exported(path) as found:
        held, wrong = first_wrong(found.checkpoints, found.public)
        return verify(found.lines, held, wrong=wrong)


def test_it_holds_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    path.write_bytes(written())

    assert judged(path) == Verdict(30, 3)


def test_a_file_whose_end_was_cut_off_does_not_look_whole(tmp_path: Path) -> None:
    path, lines = tmp_path / "trail.jsonl", written().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-5]))

    assert judged(path) == Verdict(25, 2, Finding("truncated", 26, 30, 2))


def test_no_byte_of_it_can_be_changed_unnoticed(tmp_path: Path) -> None:
    path, whole, chance = tmp_path / "trail.jsonl", written(), Random(1)
    unnoticed = []
    for _ in range(300):
        at = chance.randrange(len(whole) - 1)
        changed = bytearray(whole)
        changed[at] = changed[at] ^ 1
        path.write_bytes(changed)
        try:
            if judged(path).finding is None:
                unnoticed.append(at)
        except Malformed:
            pass

    assert unnoticed == []


@pytest.mark.parametrize("text", ["", "{}\n", '{"format":"other"}\n', "nothing of ours\n", "[1]\n"])
def test_what_is_no_export_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(text, "utf-8")

    with pytest.raises(Malformed, match="is no exported audit trail"):
        judged(path)
    with pytest.raises(Malformed, match="cannot be read"):
        judged(tmp_path / "none.jsonl")
