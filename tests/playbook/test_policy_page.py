"""A policy page says everything a playbook does, and the same every time."""

from pathlib import Path

import pytest

from resolver.cli.folder import interfaces_of, read_folder
from resolver.config import Config
from resolver.playbook.plan import Confirm, Do
from resolver.playbook.policy_page import policy_page

ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "pages"
STARTERS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yaml") if "." not in path.stem)
STARTERS.remove("policy")


@pytest.fixture(scope="module")
def library():
    found = read_folder(ROOT / "playbooks", interfaces_of(Config())).result.library
    assert found is not None
    return found


@pytest.fixture(scope="module")
def page_of(library):
    plans = library.by_playbook
    return lambda name: policy_page(plans[name], library.policy, plans.values())


@pytest.mark.parametrize("name", ["cancel_order", "refund_order"])
def test_the_page_of_a_starter_reads_as_accepted(name, library, page_of):
    accepted = (PAGES / f"{name}.policy.md").read_text("utf-8")

    page = page_of(name).replace(library.by_playbook[name].id, "PLAN").replace(library.policy.id, "POLICY")

    assert page == accepted


@pytest.mark.parametrize("name", STARTERS)
def test_every_rule_outcome_and_text_stands_on_the_page(name, library, page_of):
    plan = library.by_playbook[name]

    page = page_of(name)

    assert [rule.id for rule in plan.rules if f"`{rule.id}`: " not in page or rule.because not in page] == []
    assert [one for one in plan.outcomes if f"\n### {one.replace('_', ' ')}\n" not in page] == []
    assert [one for one in plan.replies if f"\n### `{one}`\n" not in page] == []
    assert plan.owner in page
    assert plan.id in page


@pytest.mark.parametrize("name", STARTERS)
def test_every_limit_and_cap_of_what_a_playbook_pays_stands_on_its_page(name, library, page_of):
    policy = library.policy
    steps = [one for steps in library.by_playbook[name].outcomes.values() for one in steps]
    paid = [policy.actions[one.action] for one in steps if isinstance(one, Do) and one.spec.effect == "money"]

    page = page_of(name)

    amounts = [
        amount
        for one in paid
        for caps in (one.per_ticket, one.per_customer_and_day, one.per_day)
        for amount in caps.values()
    ]
    amounts += [
        amount
        for one in paid
        for limit in one.approval_above.values()
        for amount in policy.limits[limit].values()
    ]
    assert [amount for amount in amounts if f"**{amount}**" not in page] == []
    assert ("This playbook moves no money." in page) is not bool(paid)


@pytest.mark.parametrize("name", STARTERS)
def test_every_link_on_the_page_leads_to_an_outcome_of_it(name, library, page_of):
    plan = library.by_playbook[name]
    anchors = {f"(#{one.replace('_', '-')})" for one in plan.outcomes}

    links = {f"(#{part.partition(')')[0]})" for part in page_of(name).split("](#")[1:]}

    assert links <= anchors
    assert links


def test_a_playbook_names_the_others_that_can_pay_for_the_same_record(page_of):
    told = page_of("refund_order").partition("pay for the same record: ")[2].partition("\n")[0]

    assert "“Cancel an order” (`cancel_order`)" in told
    assert "“An order that did not arrive” (`not_received`)" in told
    assert "invoice_copy" not in told


def test_silence_after_a_question_leads_where_the_playbook_says(library, page_of):
    plan = library.by_playbook["change_address"]
    confirms = [one for steps in plan.outcomes.values() for one in steps if isinstance(one, Confirm)]

    page = page_of("change_address")

    assert plan.if_silent is None
    assert confirms
    assert "If no answer comes within **3 days**: nothing is sent and the ticket stays as it is." in page
