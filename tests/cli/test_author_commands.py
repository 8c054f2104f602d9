"""What authors of playbooks ask the command line: formats of lint, the words that can be used, a drawing."""

import json
import re
import shutil

import pytest

from resolver.starters import error_pages_folder, playbooks_folder


@pytest.fixture
def broken(tmp_path):
    folder = shutil.copytree(playbooks_folder(), tmp_path / "playbooks")
    path = folder / "cancel_order.yaml"
    path.write_text(path.read_text("utf-8").replace("find: shop.order", "find: shop.oder", 1), "utf-8")
    return folder


def test_sarif_names_rule_level_file_and_region_of_each_problem(resolver, broken):
    ended = resolver("lint", "playbooks", "--format", "sarif")

    assert ended.code == 1
    log = json.loads(ended.out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    found = next(one for one in run["results"] if one["ruleId"] == "unknown-look-up")
    place = found["locations"][0]["physicalLocation"]
    assert found["level"] == "error"
    assert place["artifactLocation"]["uri"] == "playbooks/cancel_order.yaml"
    assert place["region"]["endColumn"] - place["region"]["startColumn"] == len("shop.oder")
    assert {one["ruleId"] for one in run["results"]} == {
        rule["id"] for rule in run["tool"]["driver"]["rules"]
    }


def test_a_workflow_command_names_the_place_and_escapes_what_would_end_it(resolver, broken):
    ended = resolver("lint", "playbooks", "--format", "github")

    assert ended.code == 1
    (line,) = [one for one in ended.out.splitlines() if "title=unknown-look-up" in one]
    assert line.startswith("::error file=playbooks/cancel_order.yaml,line=")
    assert "%0AHelp: did you mean 'shop.order'?" in line


def test_a_format_that_does_not_exist_is_refused_with_those_that_do(resolver):
    ended = resolver("lint", "--format", "xml")

    assert ended.code == 2
    assert "sarif" in ended.err


def test_a_rule_that_is_covered_by_those_above_is_an_error(resolver, tmp_path):
    folder = shutil.copytree(playbooks_folder(), tmp_path / "playbooks")
    path = folder / "cancel_order.yaml"
    text = path.read_text("utf-8")
    again = "  - rule: twice\n    when: order.status is cancelled\n    then: hand_over\n    because: Again.\n"
    path.write_text(
        text.replace("  - rule: anything_else\n", f"{again}  - rule: anything_else\n", 1), "utf-8"
    )

    ended = resolver("lint", "playbooks")

    assert ended.code == 1
    assert "rule 'twice' can never apply; the rules above cover it: " in ended.out
    assert "[never-used]" in ended.out


def test_the_words_name_look_ups_actions_fields_queues_steps_and_operators(resolver):
    ended = resolver("words")

    assert ended.code == 0
    for word in (
        "shop.order: (number: order_number)",
        "shop.refund: (",
        "refundable: money, split by units",
        "refunds:",
    ):
        assert word in ended.out
    assert "is known" in ended.out
    assert "hand_off: " in ended.out


def test_the_words_say_what_an_action_demands_as_the_guide_shows_it(resolver):
    told = resolver("words").out

    page = (error_pages_folder().parent / "5-money.md").read_text("utf-8")
    (shown,) = re.findall(r"^shop\.change_address: .*$", page, re.MULTILINE)
    assert f"\n  {shown}\n" in told
    assert (
        "amount <= order.total - order.refunded; an approval above limits.cancel_without_approval; at most"
        in told
    )


def test_the_words_of_a_playbook_are_its_own_with_the_fields_behind_them(resolver):
    ended = resolver("words", "refund_order", "--json")

    assert ended.code == 0
    found = {one["name"]: one["means"] for one in ended.data}
    assert found["order.delivered_at"] == "time, may be missing"
    assert found["amount"].startswith("money: ")
    assert found["items, in where: final_sale"] == "yes/no"


@pytest.mark.parametrize("command", ["words", "graph"])
def test_a_playbook_that_is_not_there_is_named_with_the_nearest_one(resolver, command):
    ended = resolver(command, "refund_orders")

    assert ended.code == 2
    assert "did you mean 'refund_order'?" in ended.err


def test_a_playbook_is_drawn_as_text_or_into_a_file(resolver, tmp_path):
    assert resolver("graph", "refund_order").out.startswith("flowchart TD\n")

    ended = resolver("graph", "refund_order", "--format", "svg", "--out", "refund.svg")

    assert (ended.code, ended.out) == (0, "")
    assert (tmp_path / "refund.svg").read_text("utf-8").startswith("<svg ")


def test_a_file_of_any_folder_can_be_drawn(resolver, tmp_path):
    shutil.copytree(playbooks_folder(), tmp_path / "mine")

    assert resolver("graph", "mine/cancel_order.yaml", "--json").data["playbook"] == "cancel_order"


def test_lint_tells_where_a_payment_may_exceed_a_cap_until_a_rule_catches_it(resolver, tmp_path):
    folder = shutil.copytree(playbooks_folder(), tmp_path / "playbooks")
    path, policy = folder / "refund_order.yaml", folder / "policy.yaml"

    def capped():
        found = resolver("lint", path, "--json").data
        assert found["errors"] == 0
        return [one["message"] for one in found["problems"] if one["code"] == "over-limit"]

    before = capped()
    rule = "  - rule: above_the_cap\n    when: amount > limits.refund_cap\n    then: hand_over\n    because: Much.\n"
    path.write_text(
        path.read_text("utf-8").replace("  - rule: refund\n", f"{rule}  - rule: refund\n", 1), "utf-8"
    )
    limit = "limits:\n  refund_cap: {EUR: 200, GBP: 180, USD: 220}\n"
    policy.write_text(policy.read_text("utf-8").replace("limits:\n", limit, 1), "utf-8")

    assert before == [
        "shop.refund may come to more than 200.00 EUR or 180.00 GBP or 220.00 USD, the cap in policy.yaml;"
        " that goes to a person"
    ]
    assert capped() == []
    policy.write_text(
        policy.read_text("utf-8").replace("refund_cap: {EUR: 200", "refund_cap: {EUR: 201", 1), "utf-8"
    )
    assert capped() == [
        "shop.refund may come to more than 200.00 EUR, the cap in policy.yaml; that goes to a person"
    ]


@pytest.mark.parametrize("bound", ["limits.refund_cap", "200 EUR"])
def test_lint_fears_no_cap_in_a_currency_in_which_the_rule_below_it_stops(resolver, tmp_path, bound):
    folder = shutil.copytree(playbooks_folder(), tmp_path / "playbooks")
    path, policy = folder / "refund_order.yaml", folder / "policy.yaml"
    rule = f"  - rule: above_the_cap\n    when: amount > {bound}\n    then: hand_over\n    because: Much.\n"
    text = path.read_text("utf-8").replace("  - rule: refund\n", f"{rule}  - rule: refund\n", 1)
    path.write_text(text, "utf-8")
    limits = policy.read_text("utf-8").replace("limits:\n", "limits:\n  refund_cap: {EUR: 200}\n", 1)
    policy.write_text(limits, "utf-8")

    found = resolver("lint", path, "--json").data["problems"]

    assert [one["code"] for one in found if one["severity"] == "error"] == []
    assert "over-limit" not in [one["code"] for one in found]


def test_lint_of_the_tutorials_playbook_ends_as_the_tutorial_says(resolver, tmp_path):
    page = (error_pages_folder().parent / "tutorial.md").read_text("utf-8")
    (tmp_path / "playbooks").mkdir()
    for name, text in re.findall(
        r"```yaml\n# (playbooks/(?:policy|give_back)\.yaml)\n(.*?)```", page, re.DOTALL
    ):
        (tmp_path / name).write_text(text, "utf-8")
    (said,) = re.findall(r"`lint` ends with `([^`]+)`", page)

    told = resolver("lint", "playbooks").out

    assert told.splitlines()[-1] == said
