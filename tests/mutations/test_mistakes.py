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


def found_in(mistake: Mistake) -> set[tuple[str, int]]:
    """Code and line of all that lint says, and where lint is content, of all that cannot be proven."""
    path = f"{mistake.playbook}.yaml"
    plan, problems = compile_playbook(load(mistake.text, path), MAKER.interfaces, POLICY)
    found = {(one.code, one.where.line) for one in problems}
    if plan is not None:
        found |= {(one.code, one.where.line) for one in findings(plan, path, mistake.text)}
        found |= {(one.code, one.line) for one in prove(plan, POLICY).failures}
    return found


def test_there_are_many_of_every_kind() -> None:
    assert len(MISTAKES) >= 120
    assert len({mistake.kind for mistake in MISTAKES}) >= 20


@pytest.mark.parametrize("mistake", [one for one in MISTAKES if one.code in WITNESSED], ids=str)
def test_a_mistake_about_values_shows_in_a_ticket_that_the_gateway_stops(mistake: Mistake) -> None:
    plan, _ = compile_playbook(load(mistake.text, f"{mistake.playbook}.yaml"), MAKER.interfaces, POLICY)
    assert plan is not None
    failed = [
        one for one in prove(plan, POLICY).failures if (one.code, one.line) == (mistake.code, mistake.line)
    ]

    played = [witness(plan, POLICY, one.wanted, one.example) for one in failed]

    assert any(one is not None for one in played), [str(one.example) for one in failed]


@pytest.mark.parametrize("name", list(starters()))
def test_a_starter_has_no_such_ticket(name: str) -> None:
    plan, _ = compile_playbook(load(starters()[name], f"{name}.yaml"), MAKER.interfaces, POLICY)
    assert plan is not None

    assert [witness(plan, POLICY, Wanted(code), None, tries=300) for code in WITNESSED] == [None, None, None]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_every_mistake_is_found_where_it_stands(mistake: Mistake) -> None:
    assert (mistake.code, mistake.line) in found_in(mistake)
