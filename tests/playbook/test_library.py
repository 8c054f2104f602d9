"""A folder of playbooks is loaded whole or not at all; what shows only side by side is told here."""

from collections.abc import Callable
from typing import Any

import pytest

from resolver.source.problem import render

Desk = Any  # the fixture of conftest, which importlib mode cannot import


@pytest.fixture
def second(desk: Desk) -> Callable[..., str]:
    """A second good playbook for another intent, perhaps changed."""

    def make(*changes: tuple[str, str]) -> str:
        first = desk.changed(
            ("playbook: pay_back", "playbook: pay_more"), ("intent: pay_back", "intent: pay_more")
        )
        for old, new in changes:
            assert old in first
            first = first.replace(old, new)
        return str(first)

    return make


def told(desk: Desk, files: dict[str, str]) -> list[str]:
    """The first line of every problem."""
    return [render(problem, None).split("\n")[0] for problem in desk.load(files).problems]


def test_a_folder_gives_its_plans_by_id_by_name_and_by_intent(desk: Desk, second: Callable[..., str]) -> None:
    result = desk.load(
        {"p/pay_back.yaml": desk.playbook, "p/pay_more.yaml": second(), "p/policy.yaml": desk.policy}
    )

    assert result.problems == ()
    library = result.library
    assert set(library.by_playbook) == {"pay_back", "pay_more"}
    assert library.by_intent["pay_more"] is library.by_playbook["pay_more"]
    assert set(library.plans) == {plan.id for plan in library.by_playbook.values()}
    assert library.policy.queues["money"] == "Money desk"


def test_one_wrong_playbook_and_nothing_is_loaded(desk: Desk, second: Callable[..., str]) -> None:
    wrong = second(("then: pay", "then: pya"))

    result = desk.load({"pay_back.yaml": desk.playbook, "pay_more.yaml": wrong, "policy.yaml": desk.policy})

    assert result.library is None
    assert [problem.code for problem in result.problems] == ["unknown-outcome"]


def test_tests_and_the_policy_are_no_playbooks(desk: Desk) -> None:
    files = {
        "pay_back.yaml": desk.playbook,
        "pay_back.test.yaml": "- no playbook",
        "policy.yaml": desk.policy,
    }

    assert desk.load(files).problems == ()


def test_a_folder_without_a_policy_is_told(desk: Desk) -> None:
    assert told(desk, {"p/pay_back.yaml": desk.playbook}) == [
        "p/policy.yaml:1:1: error: 'policy.yaml' is missing here [missing-word]"
    ]


def test_a_wrong_policy_does_not_make_its_names_unknown(desk: Desk) -> None:
    policy = desk.policy.replace("policy: 1", "policy: one")

    assert told(desk, {"pay_back.yaml": desk.playbook, "policy.yaml": policy}) == [
        "policy.yaml:1:9: error: policy 'one' cannot be read by this release [wrong-type]"
    ]


def test_a_policy_that_is_no_yaml_does_not_make_its_names_unknown(desk: Desk) -> None:
    result = desk.load({"pay_back.yaml": desk.playbook, "policy.yaml": "limits: ["})

    assert result.library is None
    assert [problem.code for problem in result.problems] == ["not-yaml"]


def test_a_money_action_the_policy_does_not_speak_of_is_told(desk: Desk) -> None:
    policy = desk.policy.replace("actions:\n  store.pay: {approval_above: without_approval}\n", "")

    assert told(desk, {"pay_back.yaml": desk.playbook, "policy.yaml": policy}) == [
        "pay_back.yaml:40:11: error: policy.yaml does not say above what store.pay needs approval [no-approval-policy]"
    ]


def test_a_playbook_in_a_file_of_another_name_is_told(desk: Desk) -> None:
    assert told(desk, {"p/refund.yaml": desk.playbook, "p/policy.yaml": desk.policy}) == [
        "p/refund.yaml:1:11: error: playbook 'pay_back' must be in pay_back.yaml [wrong-file]"
    ]


def test_two_playbooks_for_one_intent_are_told(desk: Desk, second: Callable[..., str]) -> None:
    twin = second(("intent: pay_more", "intent: pay_back"))

    assert told(
        desk, {"pay_back.yaml": desk.playbook, "pay_more.yaml": twin, "policy.yaml": desk.policy}
    ) == ["pay_more.yaml:7:11: error: intent 'pay_back' is handled by pay_back and pay_more [two-playbooks]"]


def test_starting_a_playbook_that_is_not_there_is_told(desk: Desk) -> None:
    text = desk.changed(("    - reply: begun\n", "    - reply: begun\n    - start: pay_mor\n"))

    assert told(desk, {"pay_back.yaml": text, "policy.yaml": desk.policy}) == [
        "pay_back.yaml:49:14: error: there is no playbook 'pay_mor' [unknown-name]"
    ]


def test_a_starter_copied_without_the_playbook_it_starts_says_what_to_copy(desk: Desk) -> None:
    text = desk.changed(("    - reply: begun\n", "    - reply: begun\n    - start: cancel_order\n"))

    (problem,) = desk.load({"pay_back.yaml": text, "policy.yaml": desk.policy}).problems

    assert str(problem.where) == "pay_back.yaml:49:14"
    assert problem.message == "there is no playbook 'cancel_order'"
    assert (
        problem.help
        == "copy cancel_order.yaml here, too, with its tests, or write 'hand_off:' instead of 'start:'"
    )


def test_playbooks_that_start_each_other_are_told(desk: Desk, second: Callable[..., str]) -> None:
    change = "    - reply: begun\n"
    first = desk.changed((change, f"{change}    - start: pay_more\n"))
    other = second((change, f"{change}    - start: pay_back\n"))

    assert told(desk, {"pay_back.yaml": first, "pay_more.yaml": other, "policy.yaml": desk.policy}) == [
        "pay_back.yaml:49:14: error: 'pay_back' leads back to itself: pay_back → pay_more → pay_back [circle]"
    ]


def test_a_kill_switch_for_a_playbook_that_is_not_there_is_told(desk: Desk) -> None:
    policy = f'{desk.policy}stop: ["playbook:pay_bak"]\n'

    assert told(desk, {"pay_back.yaml": desk.playbook, "policy.yaml": policy}) == [
        "policy.yaml:10:8: error: there is no playbook 'pay_bak' [unknown-name]"
    ]


def test_a_playbook_for_everything_else_is_found_beside_the_others(
    desk: Desk, second: Callable[..., str]
) -> None:
    rest = second(("  intent: pay_more\n", "  anything_else: yes\n"))

    library = desk.load(
        {"pay_back.yaml": desk.playbook, "pay_more.yaml": rest, "policy.yaml": desk.policy}
    ).library

    assert library.anything_else is library.by_playbook["pay_more"]
    assert set(library.by_intent) == {"pay_back"}
