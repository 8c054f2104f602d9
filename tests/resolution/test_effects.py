"""What the shop does wrong, and that money nevertheless moves exactly once and is told truthfully."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from resolver.connector.action import Done, Raw, ReadBack
from resolver.errors import NotFound, Unavailable, Unknown
from resolver.gateway.lookups import LookUps
from resolver.gateway.send import Gateway
from resolver.store import switches
from resolver.ticket import ConnectionName
from tests.installation import Desk, Installation, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def offered(desk: Desk, order: str) -> Ticket:
    """A ticket that waits for the customer's yes to a refund."""
    return await desk.receives(f"I want my money back for order {order}")


# -- no answer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["timeout_after_executing", "reset_after", "http_500_after", "malformed_json"]
)
async def test_a_refund_whose_answer_is_lost_is_paid_once_and_told(
    desk: Desk, shop: Shop, fault: str
) -> None:
    ticket = await offered(desk, shop.has_order(paid="39.90 EUR"))

    shop.sandbox.fault("refund", fault)
    await ticket.answers("Yes")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert (ticket.actions, ticket.disposition) == ([("shop.refund", "done")], "resolved")
    assert "is on its way to you" in ticket.replies[-1]


@pytest.mark.parametrize("fault", ["timeout_before", "reset_before", "http_500_before", "http_429"])
async def test_a_refund_that_did_not_reach_the_shop_is_sent_again(desk: Desk, shop: Shop, fault: str) -> None:
    ticket = await offered(desk, shop.has_order(paid="39.90 EUR"))

    shop.sandbox.fault("refund", fault)
    await ticket.answers("Yes")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert ticket.disposition == "resolved"


async def test_a_cancellation_whose_answer_is_lost_happens_once(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", paid="80.00 EUR")
    ticket = await desk.receives(f"Please cancel order {order}")

    shop.sandbox.fault("cancel_order", "timeout_after_executing")
    await ticket.answers("Yes")

    assert shop.paid_back == [("cancellation", "80.00 EUR")]
    assert (ticket.actions, ticket.disposition) == ([("shop.cancel_order", "done")], "resolved")


async def test_without_a_key_a_second_lost_answer_is_looked_into_before_anything_is_sent_again(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(status="paid")
    ticket = await desk.receives(
        f"Please change the delivery address of order {order} to Marktstraße 7, 50667 Köln, Germany"
    )
    before = shop.sandbox.requests["change_address"]

    shop.sandbox.fault("change_address", "timeout_before")
    shop.sandbox.fault("change_address", "timeout_after_executing")
    await ticket.answers("Yes")
    await ticket.retries()

    assert shop.sandbox.requests["change_address"] == before + 2
    assert (ticket.actions, ticket.disposition) == ([("shop.change_address", "done")], "resolved")
    assert [one["how"] for one in ticket.trail if one.get("what") == "effect"] == ["read_back"]


async def test_without_a_key_what_surely_did_not_happen_is_sent_again_at_once(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", paid="80.00 EUR")
    ticket = await desk.receives(f"Please cancel order {order}")

    shop.sandbox.fault("cancel_order", "timeout_before")
    shop.sandbox.fault("cancel_order", "http_429", retry_after_s=0)
    await ticket.answers("Yes")

    assert shop.paid_back == [("cancellation", "80.00 EUR")]
    assert (ticket.actions, ticket.disposition) == ([("shop.cancel_order", "done")], "resolved")


async def test_a_shop_that_is_down_when_asked_about_the_order_is_asked_again_later(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(status="processing")
    shop.sandbox.fault("order", "http_500_before", 50)

    ticket = await desk.receives(f"Where is my parcel {order}?")
    assert (ticket.replies, ticket.endings[-1]) == ([], "later:waiting")
    shop.sandbox.faults.clear()
    await ticket.retries()

    assert ticket.replies == [f"Order {order} is being prepared."]


async def test_a_shop_that_is_down_when_paying_gets_the_same_intent_later(desk: Desk, shop: Shop) -> None:
    ticket = await offered(desk, shop.has_order(paid="39.90 EUR"))

    shop.sandbox.fault("refund", "http_429", 50, retry_after_s=0)
    await ticket.answers("Yes")
    assert (shop.paid_back, ticket.actions) == ([], [("shop.refund", "open")])
    intent = ticket.effects[0]
    shop.sandbox.faults.clear()
    await ticket.retries()

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert (ticket.effects[0].key, ticket.effects[0].state) == (intent.key, "done")
    assert len(ticket.replies) == 2


async def test_a_message_that_arrives_while_the_shop_is_down_waits_behind_what_was_begun(
    desk: Desk, shop: Shop
) -> None:
    ticket = await offered(desk, shop.has_order(paid="39.90 EUR"))
    shop.sandbox.fault("refund", "http_429", 50, retry_after_s=0)
    await ticket.answers("Yes")

    shop.sandbox.faults.clear()
    await ticket.answers("Thanks!")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert "is on its way to you" in ticket.replies[1]
    assert (len(ticket.replies), ticket.disposition) == (2, "resolved")


async def test_money_that_the_shops_staff_paid_back_before_we_sent_is_not_paid_twice(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await offered(desk, order)
    shop.sandbox.fault("refund", "http_429", 50, retry_after_s=0)
    await ticket.answers("Yes")

    shop.changes(order, refunded="39.90 EUR")
    shop.sandbox.faults.clear()
    await ticket.retries()

    assert shop.paid_back == []
    assert (ticket.disposition, ticket.actions) == ("handed_off", [("shop.refund", "refused")])
    assert "on its way" not in "".join(ticket.replies)


# -- refusals ---------------------------------------------------------------------------------------------------------


async def test_a_refusal_takes_the_branch_of_its_code(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", paid="80.00 EUR")
    ticket = await desk.receives(f"Please cancel order {order}")
    shop.sandbox.fault("cancel_order", "slow", ms=300)

    desk.writes("Yes", ticket=ticket.number)
    await desk.waits_until(lambda: ("shop.cancel_order", "sent") in ticket.actions)
    shop.changes(order, status="shipped")
    await ticket.settles()

    assert shop.paid_back == []
    assert ticket.effects[0].code == "already_fulfilled"
    assert ticket.disposition == "declined"
    assert "You can send it back instead" in ticket.replies[-1]


async def test_an_order_cancelled_by_somebody_else_meanwhile_is_told_as_such(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", paid="80.00 EUR")
    ticket = await desk.receives(f"Please cancel order {order}")
    shop.sandbox.fault("cancel_order", "slow", ms=300)

    desk.writes("Yes", ticket=ticket.number)
    await desk.waits_until(lambda: ("shop.cancel_order", "sent") in ticket.actions)
    shop.changes(order, status="cancelled")
    await ticket.settles()

    assert (shop.paid_back, ticket.effects[0].code) == ([], "already_cancelled")
    assert ticket.replies[-1] == f"Order {order} is cancelled already."


async def test_a_refund_that_the_shops_staff_was_quicker_with_is_told_as_done_before(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await offered(desk, order)
    shop.sandbox.fault("refund", "slow", ms=300)

    desk.writes("Yes", ticket=ticket.number)
    await desk.waits_until(lambda: ("shop.refund", "sent") in ticket.actions)
    shop.changes(order, refunded="39.90 EUR")
    await ticket.settles()

    assert (shop.paid_back, ticket.effects[0].code) == ([], "already_refunded")
    assert ticket.replies[-1] == f"Order {order} has already been refunded."


async def test_a_refusal_that_no_connector_promises_has_no_code_and_goes_to_a_person(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(paid="39.90 EUR", paid_days_ago=200, delivered_days_ago=3)
    shop.sandbox.fault("try_refund", "malformed_json", 3)  # or it would not be offered at all
    ticket = await offered(desk, order)

    await ticket.answers("Yes")

    assert (shop.paid_back, ticket.actions) == ([], [("shop.refund", "refused")])
    assert (ticket.effects[0].code, ticket.disposition) == (None, "handed_off")


async def test_an_address_is_refused_once_the_parcel_has_left(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid")
    ticket = await desk.receives(
        f"Please change the delivery address of order {order} to Marktstraße 7, 50667 Köln, Germany"
    )
    shop.sandbox.fault("change_address", "slow", ms=300)

    desk.writes("Yes", ticket=ticket.number)
    await desk.waits_until(lambda: ("shop.change_address", "sent") in ticket.actions)
    shop.changes(order, status="shipped")
    await ticket.settles()

    assert (shop.movements(), ticket.disposition) == ([], "declined")


# -- a refusal that is none -----------------------------------------------------------------------------------------


async def test_a_refund_that_arrived_and_whose_repeat_is_refused_counts_as_paid(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await offered(desk, order)

    shop.sandbox.fault("refund", "timeout_after_executing")
    shop.sandbox.fault("refund", "refused", code="already_refunded")
    await ticket.answers("Yes")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert ticket.actions == [("shop.refund", "done")]
    assert ticket.replies[-1].startswith("Done. €39.90")


# -- pending money ----------------------------------------------------------------------------------------------------


async def pending_refund(desk: Desk, shop: Shop) -> tuple[Ticket, str]:
    """A ticket whose refund the bank has not decided about, and the refund's own id."""
    ticket = await offered(desk, shop.has_order(paid="39.90 EUR"))
    shop.sandbox.fault("refund", "pending")
    await ticket.answers("Yes")
    assert ticket.actions == [("shop.refund", "pending")]
    return ticket, shop.movements()[-1].id


async def test_a_pending_refund_is_told_as_started_and_settles_in_silence(desk: Desk, shop: Shop) -> None:
    ticket, refund = await pending_refund(desk, shop)
    assert "I have started the refund" in ticket.replies[-1]
    said = ticket.updates

    shop.sandbox.settle(refund)
    await ticket.looks_at_pending_money()

    assert ticket.actions == [("shop.refund", "done")]
    assert (ticket.updates, ticket.status) == (said, "solved")


async def test_a_pending_refund_is_looked_at_again_and_again(desk: Desk, shop: Shop) -> None:
    ticket, refund = await pending_refund(desk, shop)

    await ticket.looks_at_pending_money(1)
    await ticket.looks_at_pending_money(2)
    assert ticket.actions == [("shop.refund", "pending")]
    assert ticket.armed_for("watch") == [1, 2, 3]
    shop.sandbox.settle(refund)
    await ticket.looks_at_pending_money(3)

    assert ticket.actions == [("shop.refund", "done")]


async def test_a_pending_refund_that_fails_later_is_handed_to_people(desk: Desk, shop: Shop) -> None:
    ticket, refund = await pending_refund(desk, shop)

    said = len(ticket.replies)
    shop.sandbox.settle(refund, "failed")
    await ticket.looks_at_pending_money()

    assert ticket.actions == [("shop.refund", "refused")]
    assert (ticket.status, ticket.queue, ticket.disposition) == ("open", "Refunds", "handed_off")
    day = f"{ticket.facts.now:%Y-%m-%d}"
    assert f"shop.refund was started on {day} and failed on {day}" in ticket.notes[-1]
    assert len(ticket.replies) == said


async def test_a_pending_refund_that_never_settles_is_handed_to_people(desk: Desk, shop: Shop) -> None:
    ticket, _ = await pending_refund(desk, shop)

    with desk.installation.ahead(days=4):
        await ticket.looks_at_pending_money()

    assert ticket.actions == [("shop.refund", "unknown")]
    assert "nobody could tell whether it happened" in ticket.notes[-1]


async def test_a_pending_refund_on_a_ticket_that_people_took_over_still_settles(
    desk: Desk, shop: Shop
) -> None:
    ticket, refund = await pending_refund(desk, shop)
    await ticket.answers("I want to speak to a human being")

    shop.sandbox.settle(refund)
    await ticket.looks_at_pending_money()

    assert ticket.actions == [("shop.refund", "done")]


async def test_a_pending_refund_on_a_closed_ticket_still_settles(desk: Desk, shop: Shop) -> None:
    ticket, refund = await pending_refund(desk, shop)
    desk.zendesk.close(ticket.number)

    shop.sandbox.settle(refund)
    await ticket.looks_at_pending_money()

    assert ticket.actions == [("shop.refund", "done")]


async def test_a_pending_refund_that_fails_goes_to_people_beside_a_run_that_still_waits(
    desk: Desk, shop: Shop
) -> None:
    ticket, refund = await pending_refund(desk, shop)
    await ticket.answers(f"Please cancel order {shop.has_order(status='paid')}")
    assert ticket.waits_for == "customer"

    shop.sandbox.settle(refund, "failed")
    await ticket.looks_at_pending_money()
    assert [run.disposition for run in ticket.runs] == ["handed_off", None]
    assert "shop.refund was started on " in ticket.notes[-1]
    await ticket.answers("Yes")

    assert [run.disposition for run in ticket.runs] == ["handed_off", "resolved"]
    assert (ticket.status, ticket.queue) == ("open", "Refunds")


async def test_a_note_about_failed_money_leaves_a_ticket_with_the_agent_who_has_it(
    desk: Desk, shop: Shop
) -> None:
    ticket, refund = await pending_refund(desk, shop)
    desk.zendesk.assign(ticket.number, agent="Tom Okafor")
    await ticket.settles()
    await ticket.answers("Are you sure?")
    assert ticket.case.people

    shop.sandbox.settle(refund, "failed")
    await ticket.looks_at_pending_money()

    assert "shop.refund was started on " in ticket.notes[-1]
    assert ticket.assignee == "Tom Okafor"


async def test_a_second_ticket_about_an_order_with_money_under_way_pays_nothing(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await offered(desk, order)
    shop.sandbox.fault("refund", "http_429", 50, retry_after_s=0)
    await ticket.answers("Yes")

    second = await offered(desk, order)
    await second.answers("Yes")
    assert (second.actions, second.stopped_by, second.disposition) == ([], "open_intent", "handed_off")
    shop.sandbox.faults.clear()
    await ticket.retries()

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert ticket.disposition == "resolved"


# -- the kill switch --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["all", "action:shop.refund", "playbook:refund_order"])
async def test_the_kill_switch_stops_money_and_replies_but_not_the_note(
    desk: Desk, shop: Shop, installation: Installation, name: str
) -> None:
    ticket = await offered(desk, shop.has_order())

    await installation.pauses(name)
    await ticket.answers("Yes")
    await installation.resumes(name)

    assert (shop.paid_back, ticket.actions) == ([], [])
    assert (ticket.stopped_by, ticket.disposition) == ("kill_switch", "handed_off")
    assert (len(ticket.notes), ticket.queue) == (1, "Refunds")


async def test_the_kill_switch_of_another_playbook_stops_nothing(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await offered(desk, shop.has_order())

    await installation.pauses("playbook:cancel_order")
    await ticket.answers("Yes")
    await installation.resumes("playbook:cancel_order")

    assert shop.paid_back == [("refund", "39.90 EUR")]


async def test_the_kill_switch_stops_an_intent_that_has_not_left_us(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await offered(desk, shop.has_order())
    shop.sandbox.fault("refund", "http_429", 50, retry_after_s=0)
    await ticket.answers("Yes")
    shop.sandbox.faults.clear()

    await installation.pauses("all")
    await ticket.retries()
    await installation.resumes("all")

    assert (shop.paid_back, ticket.actions) == ([], [("shop.refund", "refused")])
    assert (ticket.effects[0].stopped_by, ticket.disposition) == ("kill_switch", "handed_off")


async def test_under_the_kill_switch_a_doubtful_refund_is_read_back_and_not_sent_again(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await offered(desk, shop.has_order())
    shop.sandbox.fault("refund", "timeout_after_executing")
    shop.sandbox.fault("refund", "http_500_before", 50)
    shop.sandbox.fault("refunds", "http_500_before", 50)
    await ticket.answers("Yes")
    assert ticket.actions == [("shop.refund", "sent")]
    asked = shop.sandbox.requests["refund"]

    await installation.pauses("all")
    shop.sandbox.faults.clear()
    await ticket.retries()
    await installation.resumes("all")

    assert shop.sandbox.requests["refund"] == asked
    assert ticket.actions == [("shop.refund", "done")]
    assert not await installation.write(lambda c: switches.release(c, "all"))


# -- two workers at one effect ----------------------------------------------------------------------------------------


async def left_open(desk: Desk, shop: Shop) -> Ticket:
    """A ticket whose refund was intended and has not left; its own turn leaves it alone from here on."""
    ticket = await offered(desk, shop.has_order(paid="39.90 EUR"))
    shop.sandbox.fault("refund", "http_429", 50, retry_after_s=0)
    await ticket.answers("Yes")
    assert ticket.actions == [("shop.refund", "open")]
    await desk.installation.forgets_timers()
    shop.sandbox.faults.clear()
    return ticket


def worker(installation: Installation, **answers: Callable[..., Awaitable[object]]) -> Gateway:
    """Another process's gateway on the same store. The shop answers its `order`, `refund`, `refund_done` like this."""
    resources = installation.resolver.resources
    shop = resources.connections.backend_for("shop.refund")
    shop = replace(
        shop,
        look_ups={"shop.order": answers.get("order", shop.look_ups["shop.order"])},
        actions={"shop.refund": answers.get("refund", shop.actions["shop.refund"])},
        read_backs={"shop.refund": answers.get("refund_done", shop.read_backs["shop.refund"])},
    )
    backends = {**resources.connections.backends, ConnectionName("demo_shop"): shop}
    connections = replace(resources.connections, backends=backends)
    return Gateway(
        database=resources.database,
        vault=resources.vault,
        connections=connections,
        look_ups=LookUps(connections),
        clock=resources.clock,
        policies=resources.plans.policy_now,
    )


async def no_answer(*_: object, **__: object) -> Done:
    """A refund that may have been paid."""
    raise Unknown("No answer.")


async def paid(*_: object, **__: object) -> Done:
    """A refund that was paid."""
    return Done("re_1")


async def unreadable(*_: object, **__: object) -> ReadBack:
    """A read-back of a shop that is down."""
    raise Unavailable("The shop is down.")


@pytest.mark.parametrize(
    ("refund", "told", "kept"), [(no_answer, "later", "sent"), (paid, "done", "done")], ids=["sent", "done"]
)
async def test_a_check_that_fails_too_late_does_not_undo_what_a_quicker_worker_sent(
    desk: Desk,
    shop: Shop,
    installation: Installation,
    refund: Callable[..., Awaitable[Done]],
    told: str,
    kept: str,
) -> None:
    ticket = await left_open(desk, shop)
    quick = worker(installation, refund=refund, refund_done=unreadable)

    async def sent_while_looking(*_: object, **__: object) -> dict[str, Raw]:
        await quick.perform(ticket.effects[0].id)
        raise NotFound

    answer = await worker(installation, order=sent_while_looking).perform(ticket.effects[0].id)

    assert answer.state == told
    assert (ticket.actions, ticket.effects[0].stopped_by) == ([("shop.refund", kept)], None)
    assert [one["result"] for one in ticket.trail if one.get("what") == "effect"] == ["done"] * (
        told == "done"
    )


async def test_a_worker_that_sent_nothing_does_not_reopen_what_another_left_in_doubt(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await left_open(desk, shop)
    other = worker(installation, refund=no_answer)
    calls = []

    async def down_while_the_other_sends(*_: object, **__: object) -> Done:
        calls.append(ticket.effects[0])
        assert (await other.perform(ticket.effects[0].id)).state == "later"
        raise Unavailable("The shop is down.")

    answer = await worker(installation, refund=down_while_the_other_sends).perform(ticket.effects[0].id)

    assert (answer.state, len(calls)) == ("later", 1)
    assert ticket.actions == [("shop.refund", "sent")]
    assert ticket.effects[0].sent_at == calls[0].sent_at


async def test_a_worker_whose_effect_another_has_settled_does_not_send_it_again(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await left_open(desk, shop)
    other = worker(installation, refund=paid)
    calls = []

    async def down_while_the_other_pays(*_: object, **__: object) -> Done:
        calls.append(await other.perform(ticket.effects[0].id))
        raise Unavailable("The shop is down.")

    answer = await worker(installation, refund=down_while_the_other_pays).perform(ticket.effects[0].id)

    assert (answer.state, len(calls)) == ("done", 1)
    assert ticket.actions == [("shop.refund", "done")]
