"""Verifying the audit trail: whatever is done to it afterwards is found, with its kind and place."""

from dataclasses import replace
from random import Random

import pytest

from resolver.audit.checkpoint import first_wrong, signing_key
from resolver.audit.verify import Finding, Verdict, verify
from resolver.store.trail import Line
from tests.audit.trails import KEY, chained, checkpoints, line, numbered

LINES = chained(60)
SIGNED = checkpoints(LINES, (10, 25, 26, 48, 60))


def test_a_trail_as_it_was_written_holds_with_all_its_checkpoints() -> None:
    assert verify(LINES, SIGNED) == Verdict(60, 5)
    assert verify([], []) == Verdict(0, 0)


def test_lines_after_the_last_checkpoint_are_fine_and_numbers_may_be_left_out() -> None:
    gaps = [replace(one, seq=one.seq * 3) for one in LINES]

    assert verify(LINES, SIGNED[:4]) == Verdict(60, 4)
    assert verify(gaps, checkpoints(gaps, (10, 60))) == Verdict(60, 2)


def test_a_trail_without_any_checkpoint_is_said_to_be_unsigned() -> None:
    assert verify(LINES, []).finding == Finding("unsigned", 1, 60)


# -- a thousand tampers -----------------------------------------------------------------------------------------------


def before(seq: int) -> int | None:
    """The last checkpoint over lines before this one."""
    return max((one.n for one in SIGNED if one.seq < seq), default=None)


def flip(chance: Random) -> tuple[list[Line], Finding]:
    lines, at = list(LINES), chance.randrange(60)
    column = chance.choice(("line", "line", "hash", "case", "run"))
    old = getattr(lines[at], column)
    place = chance.randrange(len(old))
    other = chance.choice([char for char in '0a9"z }' if char != old[place]])
    lines[at] = replace(lines[at], **{column: old[:place] + other + old[place + 1 :]})
    return lines, Finding("changed", at + 1, checkpoint=before(at + 1))


def hash_anew(chance: Random) -> tuple[list[Line], Finding]:
    lines, at = list(LINES), chance.randrange(59)
    lines[at] = line(at + 1, lines[at - 1].hash if at else "0" * 64, n="forged")
    return lines, Finding("changed", at + 1, checkpoint=before(at + 1))


def delete(chance: Random) -> tuple[list[Line], Finding]:
    at, many = chance.randrange(59), chance.choice((1, 1, 2, 7))
    lines = LINES[:at] + LINES[min(59, at + many) :]
    hidden = numbered(lines) if chance.random() < 0.5 else lines
    return hidden, Finding("missing", at + 1, checkpoint=before(at + 1))


def insert(chance: Random) -> tuple[list[Line], Finding]:
    at = chance.randrange(60)
    previous = LINES[at - 1].hash if at else "0" * 64
    forged = chance.choice(
        (
            line(0, previous, n="forged"),
            line(0, chance.choice(LINES).hash, n="forged"),
            line(0, "f" * 64, n="forged"),
            replace(line(0, previous, n="forged"), hash="f" * 64),
            chance.choice([one for one in LINES if one is not LINES[at]]),
        )
    )
    return numbered([*LINES[:at], forged, *LINES[at:]]), Finding(
        "inserted", at + 1, checkpoint=before(at + 1)
    )


def swap(chance: Random) -> tuple[list[Line], Finding]:
    one, other = sorted(chance.sample(range(60), 2))
    lines = list(LINES)
    lines[one], lines[other] = lines[other], lines[one]
    return numbered(lines), Finding("swapped", one + 1, checkpoint=before(one + 1))


def truncate(chance: Random) -> tuple[list[Line], Finding]:
    at = chance.randrange(60)
    return LINES[:at], Finding("truncated", at + 1, 60, before(at + 1))


def rewrite(chance: Random) -> tuple[list[Line], Finding]:
    """Everything from some line on, well formed and with hashes of its own; nobody can tell where it begins."""
    at = chance.choice((0, 0, chance.randrange(60)))
    lines = chained(60 - at + chance.randrange(5), after=LINES[:at], word="forged")
    held = before(at + 1)
    due = next(one for one in SIGNED if one.n == (held or 0) + 1)
    return lines, Finding("rewritten", (SIGNED[held - 1].seq if held else 0) + 1, due.seq, held)


TAMPERS = (flip, hash_anew, delete, insert, swap, truncate, rewrite)


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda one: one.__name__)
def test_of_a_thousand_tampers_every_one_is_found_with_its_kind_and_place(tamper) -> None:
    missed = []
    for seed in range(1_000 // len(TAMPERS) + 1):
        lines, expected = tamper(Random(seed))
        found = verify(lines, SIGNED).finding
        if found != expected:
            missed.append((seed, expected, found))

    assert missed == []


# -- checkpoints ------------------------------------------------------------------------------------------------------


def test_a_checkpoint_that_was_changed_taken_away_or_signed_by_another_key_is_named() -> None:
    lines = [one.line for one in SIGNED]
    changed = [*lines[:2], lines[2].replace(b'"count":26', b'"count":27'), *lines[3:]]
    public = KEY.public_key()

    assert first_wrong(lines, public) == (SIGNED, None)
    assert first_wrong(changed, public) == (SIGNED[:2], 3)
    assert first_wrong(lines[:1] + lines[2:], public) == (SIGNED[:1], 2)
    assert first_wrong(lines, signing_key(b"o" * 32).public_key()) == ([], 1)
    assert verify(LINES, SIGNED[:2], wrong=3) == Verdict(60, 2, Finding("checkpoint", 26, checkpoint=3))
