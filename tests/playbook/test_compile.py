"""Plans: what they hold, that their id says what they are, and that a stored one is the same again."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any

import pytest

from resolver.condition.evaluate import Compiled
from resolver.errors import Malformed
from resolver.playbook.compile import compile_playbook, plan_from_document
from resolver.playbook.plan import Approve, Confirm, Do, HandOff, Mode, Plan
from resolver.source.load import load
from resolver.ticket import Level

Desk = Any  # the fixture of conftest, which importlib mode cannot import


def plan_of(desk: Desk, text: str) -> Plan:
    """The only plan of a folder with this playbook."""
    result = desk.load({"pay_back.yaml": text, "policy.yaml": desk.policy})
    assert result.library is not None, result.problems
    plan: Plan = result.library.by_playbook["pay_back"]
    return plan


def plain(value: Any) -> Any:
    """A plan without its functions, to be compared."""
    if isinstance(value, Compiled):
        return ("expression", value.source, str(value.type), value.names)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return [(key, plain(inner)) for key, inner in value.items()]
    return [plain(inner) for inner in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("mode", list(Mode))
def test_a_playbook_may_be_in_every_mode(desk: Desk, mode: Mode) -> None:
    text = desk.changed(("language: 1\n", f"language: 1\nmode: {mode}\n"))

    assert plan_of(desk, text).mode is mode


def test_a_plan_holds_what_the_file_says(desk: Desk) -> None:
    plan = plan_of(desk, desk.playbook)

    assert plan.mode is Mode.SHADOW
    assert plan.identify is Level.VERIFIED
    assert plan.languages == ("en", "de")
    assert plan.preparation == ("number", "order", "amount")
    assert [rule.id for rule in plan.rules] == ["sent", "open", "rest"]
    assert plan.rules[0].because == "It is on its way."
    assert plan.rules[0].line == 22
    confirm, approve, do, *_ = plan.outcomes["pay"]
    assert isinstance(confirm, Confirm)
    assert confirm.id == "pay_back/pay/confirm-sure"
    assert isinstance(approve, Approve)
    assert (approve.within, approve.within_business_days) == (None, 1)
    assert isinstance(do, Do)
    assert do.id == "pay_back/pay/do-store.pay"
    assert do.if_refused == {"too_old": "hand_over"}
    assert do.spec.settles_within == timedelta(days=5)


def test_steps_of_one_name_get_different_ids(desk: Desk) -> None:
    text = desk.changed(
        ("    - reply: begun\n", "    - reply: begun\n    - reply: begun\n    - ticket: {status: open}\n")
    )

    steps = plan_of(desk, text).outcomes["started"]

    assert [step.id for step in steps] == [
        "pay_back/started/reply-begun",
        "pay_back/started/reply-begun-2",
        "pay_back/started/ticket",
    ]


def test_a_business_day_to_approve_and_hours_to_confirm_are_kept_apart(desk: Desk) -> None:
    text = desk.changed(
        ("      if_no: keep\n", "      if_no: keep\n      within: 36 hours\n"),
        ("      if_denied: hand_over\n", "      if_denied: hand_over\n      within: 3 business days\n"),
    )

    confirm, approve, *_ = plan_of(desk, text).outcomes["pay"]

    assert isinstance(confirm, Confirm)
    assert confirm.within == timedelta(hours=36)
    assert isinstance(approve, Approve)
    assert approve.within_business_days == 3


def test_any_refusal_can_lead_to_one_outcome(desk: Desk) -> None:
    text = desk.changed(("if_refused: {too_old: hand_over}", "if_refused: hand_over"))

    do = plan_of(desk, text).outcomes["pay"][2]

    assert isinstance(do, Do)
    assert do.if_refused == {"*": "hand_over"}


def test_a_stored_plan_is_the_same_again(desk: Desk) -> None:
    plan = plan_of(desk, desk.playbook)

    again = plan_from_document(plan.document)

    assert plain(again) == plain(plan)


def test_a_stored_plan_does_not_need_the_interfaces_of_today(desk: Desk) -> None:
    plan = plan_of(desk, desk.playbook)

    stored = json.loads(plan.document)

    assert set(stored["interfaces"]) == {"store"}
    assert stored["limits"] == ["without_approval"]


def test_the_id_depends_on_words_and_lines_only(desk: Desk) -> None:
    plan = plan_of(desk, desk.playbook)
    relaid = desk.changed(
        ("languages: [en, de]\n", "languages:   [ 'en', \"de\" ]  # two\n"),
        ("with: {order: order, amount: amount}", "with: {amount: amount, order: order}"),
    )

    assert plan_of(desk, relaid).id == plan.id
    assert plan_of(desk, "# a comment above\n" + desk.playbook).id != plan.id


def test_the_id_changes_with_a_rule_and_with_an_interface(desk: Desk) -> None:
    plan = plan_of(desk, desk.playbook)

    other = plan_of(desk, desk.changed(("amount > 0", "amount >= 0")))

    assert other.id != plan.id


def test_the_id_is_the_same_in_every_process(desk: Desk) -> None:
    """Hash seeds differ between processes; what is sorted by accident would show."""
    script = (
        "import sys, json\n"
        "from resolver.playbook.compile import plan_from_document\n"
        "from resolver.playbook.compile import plan_from_document as again\n"
        "document = sys.stdin.read()\n"
        "print(again(document).id, list(again(document).slots), plan_from_document(document).preparation)\n"
    )
    document = plan_of(desk, desk.playbook).document

    runs = [
        subprocess.run(
            [sys.executable, "-c", script], input=document, capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip

    assert runs[0] == runs[1]
    assert runs[0].startswith(plan_from_document(document).id)


@pytest.mark.parametrize(
    "document", ["", "{}", "[1]", '{"document":1}', '{"document":2,"playbook":{}}', "null"]
)
def test_a_stored_plan_that_is_none_is_refused(document: str) -> None:
    with pytest.raises(Malformed, match="stored plan"):
        plan_from_document(document)


def test_names_come_in_the_order_of_what_they_need(desk: Desk) -> None:
    text = desk.changed(
        ("compute:\n", "compute:\n  rest: half - half\n  half: amount / 2 rounded down\n"),
        ("amount > 0", "amount > 0 and rest >= 0"),
    )

    assert plan_of(desk, text).preparation == ("number", "order", "amount", "half", "rest")


def test_a_name_may_be_called_like_the_word_it_is_compared_with(desk: Desk) -> None:
    text = desk.changed(
        ("compute:\n", "compute:\n  sent: order.status is sent\n"),
        ("when: order.status is sent", "when: sent"),
    )

    assert plan_of(desk, text).preparation == ("number", "order", "sent", "amount")


def test_a_choice_from_a_list_knows_its_options(desk: Desk) -> None:
    text = desk.changed(
        ("look_up:\n", "  line:\n    type: one of order.lines where fragile\n    ask: which\nlook_up:\n"),
        ("amount > 0", "amount > 0 and line.price > 0"),
    )

    slot = plan_of(desk, text).slots["line"]

    assert str(slot.type) == "store.line"
    assert slot.options is not None
    assert slot.options.name == "order.lines"


def test_one_file_is_compiled_without_its_folder(desk: Desk) -> None:
    library = desk.load({"pay_back.yaml": desk.playbook, "policy.yaml": desk.policy}).library

    plan, problems = compile_playbook(load(desk.playbook, "elsewhere.yaml"), desk.interfaces, library.policy)

    assert problems == ()
    assert plan is not None
    assert plan.id == library.by_playbook["pay_back"].id
    assert isinstance(plan.outcomes["hand_over"][0], HandOff)
