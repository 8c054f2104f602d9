"""Every mistake sown into the starters is found, with the right code, in the right line."""

import pytest

from resolver.playbook.compile import compile_playbook
from resolver.proof.findings import findings
from resolver.proof.prover import prove
from resolver.proof.trial import Wanted
from resolver.proof.witness import witness
from resolver.source.load import load
from resolver.starters import playbooks_folder
from tests.decision.conftest import Maker
from tests.mutations.mistakes import Mistake, sown, starters

MAKER = Maker()
POLICY = MAKER.policy((playbooks_folder() / "policy.yaml").read_text("utf-8"))
MISTAKES = sown()

WITNESSED = ("requirement-not-met", "over-limit", "no-rule")
"""The codes about values: what they say shows in a ticket."""


SHOWN = {(one.playbook, one.kind): one for one in reversed(MISTAKES)}
"""The first mistake of each kind in each starter; the others stand elsewhere in the same file."""

AT_ONCE = [one for one in MISTAKES if one is SHOWN[one.playbook, one.kind] or one.code in WITNESSED]


def missed(mistake: Mistake) -> str | None:
    """What is wrong with what is told of a mistake: of lint, and where lint is content, of what cannot be proven."""
    path = f"{mistake.playbook}.yaml"
    plan, problems = compile_playbook(load(mistake.text, path), MAKER.interfaces, POLICY)
    found = {(one.code, one.where.line) for one in problems}
    failures = []
    if plan is not None:
        failures = list(prove(plan, POLICY).failures)
        found |= {(one.code, one.where.line) for one in findings(plan, path, mistake.text)}
        found |= {(one.code, one.line) for one in failures}
    if (mistake.code, mistake.line) not in found:
        return f"{mistake}: told is {found}"
    if mistake.code in WITNESSED:
        assert plan is not None
        at = [one for one in failures if (one.code, one.line) == (mistake.code, mistake.line)]
        if all(witness(plan, POLICY, one.wanted, one.example) is None for one in at):
            return f"{mistake}: no ticket shows {[str(one.example) for one in at]}"
    return None


def test_there_are_many_of_every_kind() -> None:
    assert len(MISTAKES) >= 120
    assert len(AT_ONCE) >= 120
    assert {mistake.kind for mistake in AT_ONCE} == {mistake.kind for mistake in MISTAKES}
    assert len({mistake.kind for mistake in MISTAKES}) >= 20


@pytest.mark.parametrize("name", list(starters()))
def test_a_starter_has_no_such_ticket(name: str) -> None:
    plan, _ = compile_playbook(load(starters()[name], f"{name}.yaml"), MAKER.interfaces, POLICY)
    assert plan is not None

    assert [witness(plan, POLICY, Wanted(code), None, tries=300) for code in WITNESSED] == [None, None, None]


@pytest.mark.parametrize("mistake", AT_ONCE, ids=str)
def test_a_mistake_is_found_where_it_stands_and_one_about_values_shows_in_a_ticket(mistake: Mistake) -> None:
    assert missed(mistake) is None


@pytest.mark.slow
def test_every_other_mistake_of_the_same_kinds_is_found_too() -> None:
    others = [one for one in MISTAKES if one not in AT_ONCE]

    assert len(others) > 400
    assert [told for one in others if (told := missed(one))] == []
