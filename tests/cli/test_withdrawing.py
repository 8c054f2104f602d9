"""`resolver withdraw`: which versions of playbooks there are, and one of them taken out of use and let go on."""

import pytest

pytestmark = pytest.mark.xdist_group("served")


@pytest.fixture
def typed(resolver, served):
    """A command about the data of the running server."""
    return lambda *words: resolver(*words, "--data", served.data)


def plan_of(typed, playbook):
    plans = typed("withdraw", "--list", "--json").data["plans"]
    return next(one for one in plans if one["playbook"] == playbook)


def test_a_plan_is_withdrawn_and_goes_on_again(typed):
    plan = plan_of(typed, "change_address")

    told = typed("withdraw", plan["plan"][:8], "--as", "ops@acme.example")
    gone = plan_of(typed, "change_address")["withdrawn"]
    listed = typed("withdraw", "--list").out
    again = typed("withdraw", "change_address", "--undo", "--json")

    assert (told.code, again.code) == (0, 0)
    assert f"change_address {plan['plan'][:8]} is withdrawn" in told.out
    assert gone["by"] == "ops@acme.example"
    assert "ops@acme.example" in listed
    assert plan_of(typed, "change_address")["withdrawn"] is None


def test_a_withdrawn_plan_is_neither_paused_nor_resumed(typed):
    plan = plan_of(typed, "change_address")["plan"]
    typed("withdraw", plan)

    paused = typed("pause", "--list", "--json").data["paused"]
    typed("resume")
    still = plan_of(typed, "change_address")["withdrawn"]
    typed("withdraw", plan, "--undo")

    assert paused == []
    assert still is not None


@pytest.mark.parametrize(
    ("named", "problem"),
    [("refund", "There is no plan 'refund'"), ("0000000000", "There is no plan '0000000000'")],
)
def test_a_plan_that_is_not_there_is_refused_with_what_to_do(typed, named, problem):
    told = typed("withdraw", named)

    assert told.code == 2
    assert problem in told.err
    assert "resolver withdraw --list" in told.err


def test_undoing_what_was_not_withdrawn_says_so(typed):
    told = typed("withdraw", "change_address", "--undo")

    assert told.code == 2
    assert "is not withdrawn" in told.err
