"""Every mistake sown into the starters is found, with the right code, in the right line."""

import pytest

from resolver.playbook.compile import compile_playbook
from resolver.proof.findings import findings
from resolver.proof.prover import prove
from resolver.source.load import load
from resolver.starters import playbooks_folder
from tests.decision.conftest import Maker
from tests.mutations.mistakes import Mistake, sown

MAKER = Maker()
POLICY = MAKER.policy((playbooks_folder() / "policy.yaml").read_text("utf-8"))
MISTAKES = sown()


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


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_every_mistake_is_found_where_it_stands(mistake: Mistake) -> None:
    assert (mistake.code, mistake.line) in found_in(mistake)
