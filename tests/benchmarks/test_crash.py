"""The crash benchmark: a few kills go well, and its judge sees what must not be."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from benchmarks.crash_parts.fuse import BOUNDARIES
from benchmarks.crash_parts.judge import Case, findings
from benchmarks.crash_parts.kills import kills
from benchmarks.crash_parts.world import Story
from connectors.demo_shop.sandbox_ledger import Movement
from resolver.store.ledger import Entry
from resolver.store.trail import Line

ROOT = Path(__file__).parents[2]
AT = "2026-11-23T10:00:00Z"
KEY = "rsv1-key"
ASK = "I can refund €5.00 for order 10001 (Blue mug). Shall I do that?"
DONE = "Done. €5.00 for order 10001 is on its way to you."
HANDED_OFF = "Thank you for your message. A colleague will take care of this and write to you here."
NOTE = "Refund asked for order 10001.\n\nActions:\n- Refund money for an order: "


def crash(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.crash", "--json", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_after_a_few_kills_everybody_was_paid_once_and_told_the_truth() -> None:
    found = crash("--provider", "native", "--kills", "3", "--seed", "1")

    assert found["kills"] == 3
    assert found["under_way_least"] >= 10
    assert found["paid"] > 0
    assert [found[name] for name in ("double", "lost", "wrong_reply", "unaudited", "to_person")] == [0] * 5


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["native", "none", "stale"])
def test_after_many_kills_nothing_is_double_lost_untrue_or_unrecorded(provider: str) -> None:
    found = crash("--provider", provider, "--kills", "30", "--seed", "2")

    assert [found[name] for name in ("double", "lost", "wrong_reply", "unaudited")] == [0] * 4
    assert found["unexplained"] == 0
    assert provider != "native" or found["to_person"] == 0


def test_every_boundary_has_its_turn_and_a_seed_gives_the_same_kills() -> None:
    planned = list(islice(kills(random.Random(7)), 100))

    again = list(islice(kills(random.Random(7)), 100))

    assert {kill.boundary for kill in planned} >= set(BOUNDARIES)
    assert planned == again


# -- the judge ----------------------------------------------------------------------------------------------------


def says(body: str, *, bot: bool = True, public: bool = True) -> dict[str, Any]:
    return {"bot": bot, "public": public, "body": body, "created_at": AT}


def customer(body: str) -> dict[str, Any]:
    return says(body, bot=False)


def payment(amount: str = "5.00", *, n: int = 1) -> Movement:
    at = datetime.fromisoformat(AT).astimezone(UTC)
    return Movement(
        n=n,
        id=f"r{n}",
        kind="refund",
        order="o-10001",
        number="10001",
        at=at,
        key=KEY,
        amount=amount,
        currency="EUR",
    )


def intent(state: str = "done") -> Entry:
    return Entry(
        id="effect-2-0", turn=2, n=0, case="zendesk:1", run="zendesk:1/1-1", step="s", generation=1,
        playbook="refund_order", requester="zendesk:7", connection="demo_shop", action="shop.refund",
        effect_class="money", key=KEY, record="demo_shop|order|o-10001", document_sealed=b"", offer="o",
        pays_minor=500, pays_currency="EUR", day="2026-11-23", intended_at=AT, state=state,
    )  # fmt: skip


def audited() -> Line:
    return Line(1, "zendesk:1", "zendesk:1/1-1", 2, f'{{"key":"{KEY}","what":"effect"}}', "hash")


TALK = [customer("Please refund order 10001."), says(ASK), customer("Yes, please.")]


def a_case(
    *last: dict[str, Any],
    talk: list[dict[str, Any]] = TALK,
    movements: tuple[Movement, ...] = (payment(),),
    entries: tuple[Entry, ...] = (intent(),),
    lines: tuple[Line, ...] = (audited(),),
    people: bool = False,
    change: str | None = None,
) -> Case:
    return Case(
        story=Story("10001", "refund", "5.00 EUR", 1, change=change),
        comments=[*talk, *last],
        movements=list(movements),
        order={"refunded": 500 if movements else 0, "total": 500, "status": "delivered"},
        entries=list(entries),
        lines=list(lines),
        people=people,
    )


def counts(case: Case, provider: str = "native") -> set[str]:
    return {count for count, _ in findings(case, provider)}


def test_paid_once_told_so_and_recorded_is_fine() -> None:
    assert counts(a_case(says(DONE))) == set()


def test_a_doubt_handed_over_with_a_note_that_says_so_is_fine_without_keys_only() -> None:
    note = says(NOTE + "MAY HAVE HAPPENED: look it up before doing it again", public=False)

    handed_over = a_case(
        note, says(HANDED_OFF), entries=(intent("unknown"),), lines=(audited(),), people=True
    )

    assert counts(handed_over, "none") == set()
    assert counts(handed_over, "native") == {"unexplained"}


@pytest.mark.parametrize(
    ("count", "case"),
    [
        ("double", lambda: a_case(says(DONE), movements=(payment(), payment(n=2)))),
        ("unaudited", lambda: a_case(says(DONE), entries=(), lines=())),
        ("unaudited", lambda: a_case(says(DONE), lines=())),
        ("lost", lambda: a_case(movements=(), entries=(), lines=())),
        ("lost", lambda: a_case(says(DONE), entries=(intent("sent"),))),
        ("lost", lambda: a_case(says(HANDED_OFF), movements=(), entries=(intent("unknown"),), people=True)),
        ("wrong_reply", lambda: a_case(says(DONE), movements=(), entries=(), lines=())),
        ("wrong_reply", lambda: a_case(says("Order 10001 has already been refunded."))),
        ("wrong_reply", lambda: a_case(says(DONE), says(DONE))),
        ("wrong_reply", lambda: a_case(says(HANDED_OFF), says(DONE))),
        ("wrong_reply", lambda: a_case(says(DONE), movements=(payment("4.00"),))),
        ("wrong_reply", lambda: a_case(says(DONE), talk=[customer("Please refund order 10001."), says(ASK)])),
        ("wrong_reply", lambda: a_case(says(NOTE + "refused, nothing happened", public=False), people=True)),
        ("wrong_reply", lambda: a_case(says("Here is a poem."), says(DONE))),
        ("unexplained", lambda: a_case(says(NOTE + "done", public=False), people=True)),
    ],
)
def test_the_judge_sees_what_must_not_be(count: str, case: Callable[[], Case]) -> None:
    assert count in counts(case())
