"""What is shown for a property that does not hold is one ticket: it was played, went wrong, and people can read it."""

import re
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from resolver.money import Money
from resolver.playbook.compile import compile_playbook
from resolver.playbook.plan import Plan
from resolver.proof.drawing import Drawing
from resolver.proof.properties import OF_CODE, SENTENCES
from resolver.proof.prover import Failure, prove
from resolver.proof.trial import Wanted, misstep
from resolver.proof.witness import Witness, witness
from resolver.source.load import load
from tests.decision.conftest import Maker
from tests.proof.test_prover import STARTER_POLICY, starter

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
MAKER = Maker()
POLICY = MAKER.policy(STARTER_POLICY)
ABOUT_TEXT = {
    "P1": "unknown-name", "P2": "circle", "P3": "silent-ending", "P5": "never-used", "P6": "not-identified",
    "P7": "not-confirmed", "P8": "confirm-hides-value", "P11": "reply-may-lie", "P12": "pending-ignored",
    "P13": "wait-after-do", "P14": "missing-language", "P15": "may-stop",
}  # fmt: skip
"""Properties that do not depend on what a ticket says, or that are no failure, each with a code."""
ABOUT_VALUES = [
    ("P9", "refund_order", [(" and amount > 0", "")]),
    ("P9", "refund_order", [("amount: sum of refundable in items", "amount: order.total")]),
    ("P9", "cancel_order", [("amount: order.total - order.refunded", "amount: order.total")]),
    (
        "P9",
        "exchange_items",
        [("untouched: order.replaced_at is not known", "untouched: order.refunded >= 0")],
    ),
    ("P10", "refund_order", [("amount > limits.refund_without_approval", "amount > limits.valuable_order")]),
    ("P10", "price_adjustment", [("amount > limits.adjust_without_approval", "amount < 0")]),
    (
        "P4",
        "refund_order",
        [
            (
                "  - rule: anything_else\n    otherwise: hand_over\n    because: No rule fits; a person decides.\n",
                "",
            )
        ],
    ),
]
_DAY = re.compile(r"[A-Z][a-z]+day \d{1,2} [A-Z][a-z]+ 2026, (today|\d{1,3} days? (ago|from now))")


def failed(name: str, *changes: tuple[str, str]) -> tuple[Plan, Failure]:
    plan, problems = compile_playbook(load(starter(name, *changes), f"{name}.yaml"), MAKER.interfaces, POLICY)
    assert plan is not None, problems
    failures = [one for one in prove(plan, POLICY).failures if one.code in OF_CODE]
    return plan, next(one for one in failures if one.wanted.shows)


@pytest.fixture(
    scope="module", params=ABOUT_VALUES, ids=lambda one: f"{one[0]} {one[1]} {one[2][0][0].strip()}"
)
def shown(request: pytest.FixtureRequest) -> tuple[str, Plan, Failure, Witness]:
    """A property, a playbook that breaks it, the failure, and the ticket shown for it."""
    number, name, changes = request.param
    plan, failure = failed(name, *changes)
    found = witness(plan, POLICY, failure.wanted, failure.example, now=NOW)
    assert found is not None, str(failure.example)
    return number, plan, failure, found


Shown = tuple[str, Plan, Failure, Witness]


def test_the_ticket_is_about_the_very_property_that_failed(shown: Shown) -> None:
    number, _, failure, found = shown

    assert OF_CODE[failure.code] == number
    assert found.action == (failure.word if number != "P4" else "")
    if number == "P9":
        assert failure.claim in found.problem or failure.claim in " ".join(found.saw)


def test_played_again_the_ticket_that_is_shown_goes_wrong_alike(shown: Shown) -> None:
    _, plan, failure, found = shown
    draw = Drawing(plan, Random(7), None, POLICY.calendar, now=NOW)

    again = misstep(draw, POLICY, failure.wanted, found.trial)

    assert again is not None
    assert (again.action, again.check, again.rule) == (found.action, found.check, found.rule)


def test_each_fact_shown_is_one_of_the_ticket(shown: Shown) -> None:
    _, _, _, found = shown

    for name, said in found.facts.items():
        root, _, field = name.partition(".")
        if root in found.trial.records and "." not in field:
            value = found.trial.records[root].get(field)
            assert said == ("missing" if value is None else said)
            if isinstance(value, Money):
                assert said == str(value)


def test_people_can_read_it(shown: Shown) -> None:
    text = str(shown[3])

    assert re.search(r"\bx\d{3,}", text) is None
    assert re.search(r"\d{5,}\.\d\d EUR", text) is None
    for name, said in shown[3].facts.items():
        if name.endswith(("_at", "_on")) and said != "missing":
            assert _DAY.fullmatch(said), said
    assert "anything else as usual" in text
    assert text.count("Played as a ticket") == 1


def test_a_limit_is_passed_by_one_cent() -> None:
    plan, failure = failed("price_adjustment", ("amount > limits.adjust_without_approval", "amount < 0"))

    found = witness(plan, POLICY, failure.wanted, failure.example, now=NOW)

    assert found is not None
    assert found.facts["limits.adjust_without_approval"] == "20.00 EUR"
    assert found.problem == "20.01 EUR needs the approval of a team."


def test_an_amount_that_may_be_nothing_is_shown_with_an_amount_of_nothing() -> None:
    plan, failure = failed("refund_order", (" and amount > 0", ""))

    found = witness(plan, POLICY, failure.wanted, failure.example, now=NOW)

    assert found is not None
    assert found.saw == ("amount > 0: 0.00 EUR, no",)
    assert "1 × " in found.facts["items"]


@pytest.mark.parametrize("number", SENTENCES)
def test_every_property_either_has_a_ticket_or_none_is_claimed(number: str) -> None:
    if number in ABOUT_TEXT:
        plan, _ = compile_playbook(
            load(starter("invoice_copy"), "invoice_copy.yaml"), MAKER.interfaces, POLICY
        )
        assert plan is not None
        assert witness(plan, POLICY, Wanted(ABOUT_TEXT[number]), None) is None
    else:
        assert number in {one[0] for one in ABOUT_VALUES}


def test_the_guide_says_each_property_as_the_command_does() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "playbooks" / "6-testing.md").read_text("utf-8")

    assert [f"| {number} | {sentence} |" for number, sentence in SENTENCES.items()] == [
        line for line in guide.splitlines() if re.match(r"\| P\d+ \|", line)
    ]
