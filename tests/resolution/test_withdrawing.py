"""A plan that is withdrawn does nothing more: its runs go to people at their next turn, and no new one begins by it."""

import pytest

from tests.installation import Desk, Installation, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def offered(desk: Desk, order: str) -> Ticket:
    """A ticket whose customer was asked whether the order shall be refunded."""
    ticket = await desk.receives(f"I want my money back for order {order}")
    assert ticket.waits_for == "customer"
    return ticket


async def test_a_run_whose_plan_is_withdrawn_goes_to_people_at_its_next_turn_and_pays_nothing(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await offered(desk, shop.has_order())

    await installation.withdraws(ticket.runs[0].plan)
    await ticket.answers("Yes")
    await installation.resumes(f"plan:{ticket.runs[0].plan}")

    assert (shop.paid_back, ticket.effects) == ([], [])
    assert (ticket.disposition, ticket.stopped_by, ticket.queue) == ("handed_off", "withdrawn", "Refunds")


async def test_a_withdrawn_plan_opens_no_run_and_its_tickets_go_to_the_default_queue(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    plan = installation.resolver.resources.plans.library().by_playbook["refund_order"]

    await installation.withdraws(plan.id)
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")
    await installation.resumes(f"plan:{plan.id}")

    assert (ticket.runs, ticket.queue) == ([], "Support")
    assert "refund_order was withdrawn" in ticket.notes[0]


async def test_an_action_that_was_intended_before_its_plan_was_withdrawn_does_not_leave_us(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await offered(desk, shop.has_order())
    shop.sandbox.fault("refund", "http_429", 50, retry_after_s=0)
    await ticket.answers("Yes")
    assert ticket.actions == [("shop.refund", "open")]

    await installation.withdraws(ticket.runs[0].plan)
    shop.sandbox.faults.clear()
    await ticket.retries()
    await installation.resumes(f"plan:{ticket.runs[0].plan}")

    assert (shop.paid_back, ticket.actions) == ([], [("shop.refund", "refused")])
    assert (ticket.effects[0].stopped_by, ticket.disposition) == ("withdrawn", "handed_off")


async def test_what_was_done_before_its_plan_was_withdrawn_is_still_reported(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await offered(desk, shop.has_order())
    desk.zendesk.fault("error_before", method="PUT", path="/api/v2/tickets/*", times=50)
    await ticket.answers("Yes")
    assert shop.paid_back == [("refund", "39.90 EUR")]

    await installation.withdraws(ticket.runs[0].plan)
    desk.zendesk.clear_faults()
    await ticket.retries()
    await installation.resumes(f"plan:{ticket.runs[0].plan}")

    assert "39.90" in ticket.replies[-1]
    assert (shop.paid_back, ticket.disposition) == ([("refund", "39.90 EUR")], "resolved")


async def test_a_withdrawn_plan_that_another_one_starts_acts_not_and_hands_over(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    plan = installation.resolver.resources.plans.library().by_playbook["cancel_order"]

    await installation.withdraws(plan.id)
    ticket = await desk.receives(f"I want my money back for order {shop.has_order(status='paid')}")
    await installation.resumes(f"plan:{plan.id}")

    assert [(run.playbook, run.disposition) for run in ticket.runs] == [
        ("refund_order", None), ("cancel_order", "handed_off"),
    ]  # fmt: skip
    assert (shop.paid_back, ticket.effects, ticket.status, ticket.stopped_by) == ([], [], "open", "withdrawn")
    assert "withdrawn" in ticket.notes[0]
    assert len(ticket.replies) == 1
