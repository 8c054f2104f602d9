"""How a ticket goes when nothing is wrong with the world: every disposition, asked and answered, in two languages."""

import pytest

from resolver.audit.verify import first_break
from resolver.store import measures, trail
from tests.installation import Desk, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_refund_is_paid_once_after_the_customers_yes(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="39.90 EUR")

    ticket = await desk.receives(f"I want my money back for order {order}")
    assert (ticket.status, ticket.waits_for, shop.paid_back) == ("pending", "customer", [])
    await ticket.answers("Yes please")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert (ticket.disposition, ticket.status, ticket.tags) == ("resolved", "solved", ["auto_refund"])
    assert ticket.replies == [
        f"I can refund €39.90 for order {order} (Blue mug). Shall I do that?",
        f"Done. €39.90 for order {order} is on its way to you.",
    ]


async def test_items_named_by_the_customer_are_the_only_ones_paid_back(desk: Desk, shop: Shop) -> None:
    lines = [
        {"name": "Blue mug", "quantity": 2, "refundable": "24.00 EUR"},
        {"name": "Tea towel", "refundable": "15.90 EUR"},
    ]
    order = shop.has_order(lines=lines)

    ticket = await desk.receives(f"I want my money back for one of the two blue mugs of order {order}")
    assert ticket.replies == [f"I can refund €12.00 for order {order} (Blue mug). Shall I do that?"]
    await ticket.answers("Yes please")

    assert shop.paid_back == [("refund", "12.00 EUR")]
    (effect,) = ticket.effects
    assert effect.state == "done"


async def test_an_item_sold_out_of_the_order_meanwhile_is_not_paid_for(desk: Desk, shop: Shop) -> None:
    lines = [{"name": "Blue mug", "quantity": 2, "refundable": "24.00 EUR"}]
    order = shop.has_order(lines=lines)
    ticket = await desk.receives(f"I want my money back for both blue mugs of order {order}")
    shop.changes(order, lines=[{"id": "l1", "refundable": "12.00 EUR"}])

    await ticket.answers("Yes please")

    assert shop.paid_back == []
    assert "€12.00" in ticket.replies[-1]


async def test_an_item_is_exchanged_for_the_size_the_customer_chooses(desk: Desk, shop: Shop) -> None:
    sizes = [{"id": "s-l", "name": "Shirt L"}, {"id": "s-xl", "name": "Shirt XL"}]
    order = shop.has_order(lines=[{"name": "Shirt M", "refundable": "40.00 EUR", "variants": sizes}])

    ticket = await desk.receives(
        f"The shirt of order {order} is too small, can I exchange it for another size?"
    )
    assert "1. Shirt L" in ticket.replies[-1], (ticket.replies, ticket.notes)
    await ticket.answers("Shirt XL")
    assert "Shirt M → Shirt XL" in ticket.replies[-1], ticket.replies
    await ticket.answers("Yes please")

    (moved,) = shop.movements(order)
    assert (moved.kind, moved.units, moved.variants) == ("exchange", {"l1": 1}, {"l1": "s-xl"})
    assert (ticket.disposition, ticket.status, ticket.tags) == ("resolved", "solved", ["auto_exchange"])


async def test_a_size_that_sells_out_before_the_yes_is_not_sent(desk: Desk, shop: Shop) -> None:
    sizes = [{"id": "s-l", "name": "Shirt L"}, {"id": "s-xl", "name": "Shirt XL"}]
    order = shop.has_order(lines=[{"name": "Shirt M", "refundable": "40.00 EUR", "variants": sizes}])
    ticket = await desk.receives(
        f"The shirt of order {order} is too small, can I exchange it for another size?"
    )
    await ticket.answers("Shirt XL")
    shop.changes(order, lines=[{"id": "l1", "sold_out": ["s-xl"]}])

    await ticket.answers("Yes please")

    assert shop.movements(order) == []
    assert "Shirt XL" not in ticket.replies[-1]


async def test_an_order_that_has_not_left_is_changed_and_the_difference_paid_back(
    desk: Desk, shop: Shop
) -> None:
    fewer = [{"id": "m-1", "name": "1 × Blue mug", "difference": "-12.00 EUR"}]
    mugs = [{"name": "Blue mug", "quantity": 2, "refundable": "24.00 EUR", "variants": fewer}]
    order = shop.has_order(status="paid", lines=mugs)

    ticket = await desk.receives(
        f"I ordered two by mistake, please change the quantity in order {order} to one"
    )
    await ticket.answers("1")
    await ticket.answers("1")
    assert "€12.00" in ticket.replies[-1], (ticket.replies, ticket.notes)
    await ticket.answers("Yes please")

    (moved,) = shop.movements(order)
    assert (moved.kind, str(moved.money), moved.variants) == ("item_change", "12.00 EUR", {"l1": "m-1"})
    assert (ticket.disposition, ticket.tags) == ("resolved", ["auto_change"])


async def test_a_german_refund_is_answered_in_german(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="39.90 EUR")

    ticket = await desk.receives(f"Bitte erstatten Sie mir die Bestellung {order}", locale="de-DE")
    await ticket.answers("Ja, bitte")

    assert shop.paid_back == [("refund", "39.90 EUR")]
    assert ticket.replies == [
        f"Ich kann 39,90 € für Bestellung {order} (Blue mug) erstatten. Soll ich das tun?",
        f"Erledigt. 39,90 € für Bestellung {order} ist unterwegs zu Ihnen.",
    ]


async def test_a_no_ends_withdrawn_and_nothing_is_paid(desk: Desk, shop: Shop) -> None:
    order = shop.has_order()

    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.answers("No, thank you")

    assert (ticket.disposition, ticket.status, shop.paid_back) == ("withdrawn", "solved", [])
    assert ticket.replies[-1] == "All right, nothing changes."


async def test_a_question_about_an_order_is_answered(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="processing")

    ticket = await desk.receives(f"Where is my parcel {order}?")

    assert (ticket.disposition, ticket.status) == ("answered", "solved")
    assert ticket.replies == [f"Order {order} is being prepared."]


async def test_what_policy_forbids_ends_declined(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(delivered_days_ago=60)

    ticket = await desk.receives(f"I want my money back for order {order}")
    assert "May I ask what happened?" in ticket.replies[-1]
    await ticket.answers("1")

    assert (ticket.disposition, ticket.status, ticket.tags) == ("declined", "solved", ["refund_refused"])
    assert "we cannot refund it" in ticket.replies[-1]
    assert shop.paid_back == []


async def test_what_no_rule_allows_is_handed_off_with_a_note(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(lines=[{"refundable": "20.00 EUR", "final_sale": True}])

    ticket = await desk.receives(f"I want my money back for order {order}")

    assert (ticket.disposition, ticket.status, ticket.queue) == ("handed_off", "open", "Refunds")
    assert ticket.assignee is None
    assert f"Refund asked for order {order}." in ticket.notes[0]
    assert "Final sale items are refunded by people only." in ticket.notes[0]


async def test_a_missing_order_number_is_asked_for_and_taken_from_the_answer(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="12.00 EUR")

    ticket = await desk.receives("I want my money back please")
    assert ticket.replies == ["Which order is this about? The number is in your confirmation e-mail."]
    await ticket.answers(f"It is {order}")
    await ticket.answers("Yes")

    assert shop.paid_back == [("refund", "12.00 EUR")]


async def test_an_order_number_that_never_comes_ends_with_a_person(desk: Desk) -> None:
    ticket = await desk.receives("I want my money back please")

    await ticket.answers("I really cannot find it anywhere in my mails")
    await ticket.answers("Still no idea where that should be written")

    assert len(ticket.replies) == 3  # asked twice, then told that a person takes over
    assert (ticket.disposition, ticket.queue) == ("handed_off", "Refunds")


async def test_an_unclear_answer_is_asked_once_more_and_then_goes_to_a_person(desk: Desk, shop: Shop) -> None:
    order = shop.has_order()

    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.answers("Hmm, maybe, what do you think about it?")
    assert ticket.replies[-1] == f"I am sorry, I did not quite understand that.\n\n{ticket.replies[0]}"
    await ticket.answers("Hmm, who knows, what would you do?")

    assert (ticket.disposition, shop.paid_back) == ("handed_off", [])


async def test_silence_after_an_offer_goes_where_the_playbook_says(desk: Desk, shop: Shop) -> None:
    order = shop.has_order()

    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.ring("silence")

    assert (ticket.disposition, ticket.queue, shop.paid_back) == ("handed_off", "Refunds", [])


async def test_silence_without_an_edge_ends_without_a_word(desk: Desk) -> None:
    ticket = await desk.receives("Where is my order?")
    said = ticket.updates

    await ticket.ring("silence")

    assert (ticket.disposition, ticket.status, ticket.updates) == ("no_reply", "pending", said)


async def test_a_timer_that_an_answer_overtook_means_nothing(desk: Desk, shop: Shop) -> None:
    order = shop.has_order()
    ticket = await desk.receives("I want my money back please")
    overtaken = ticket.case.timer
    await ticket.answers(f"It is {order}")

    await ticket.ring("silence", overtaken)

    assert (ticket.waits_for, ticket.endings[-1]) == ("customer", "stale")


async def test_an_order_that_has_not_left_is_cancelled_and_paid_back(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid", paid="80.00 EUR")

    ticket = await desk.receives(f"Please cancel order {order}")
    await ticket.answers("Yes")

    assert shop.status(order) == "cancelled"
    assert shop.paid_back == [("cancellation", "80.00 EUR")]
    assert (ticket.disposition, ticket.tags) == ("resolved", ["auto_cancel"])


async def test_a_refund_of_something_not_delivered_becomes_a_cancellation(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="processing", paid="80.00 EUR")

    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.answers("Yes")

    assert ticket.playbooks == ["refund_order", "cancel_order"]
    assert shop.paid_back == [("cancellation", "80.00 EUR")]


async def test_an_order_on_its_way_is_not_cancelled_but_a_return_is_offered(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="shipped")

    ticket = await desk.receives(f"Please cancel order {order}")

    assert (ticket.disposition, shop.movements()) == ("declined", [])
    assert "You can send it back instead" in ticket.replies[-1]


async def test_an_address_is_changed_after_it_was_read_back_and_confirmed(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(status="paid")

    ticket = await desk.receives(
        f"Please change the delivery address of order {order} to Marktstraße 7, 50667 Köln, Germany"
    )
    assert "Marktstraße 7" in ticket.replies[0]
    await ticket.answers("Yes")

    assert [one.kind for one in shop.movements(order)] == ["address_change"]
    assert "50667" in shop.sandbox.order(order).address
    assert (ticket.disposition, ticket.tags) == ("resolved", ["auto_address"])


async def test_what_nobody_handles_goes_to_the_default_queue_with_what_was_understood(desk: Desk) -> None:
    ticket = await desk.receives("Your courier shouted at my neighbour and parked on our flowers")

    assert (ticket.status, ticket.queue, ticket.replies, ticket.runs) == ("open", "Support", [], [])
    assert "What the resolver understood" in ticket.notes[0]


async def test_a_customer_who_wants_a_person_gets_one_from_any_place(desk: Desk, shop: Shop) -> None:
    order = shop.has_order()

    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.answers("I want to speak to a human being")

    assert (ticket.disposition, ticket.status, shop.paid_back) == ("handed_off", "open", [])


@pytest.mark.parametrize(
    ("answer", "disposition", "status"),
    [("Yes, thank you", "answered", "solved"), ("No", "handed_off", "open")],
)
async def test_whoever_asks_for_a_delivered_order_is_asked_whether_it_is_there(
    desk: Desk, shop: Shop, answer: str, disposition: str, status: str
) -> None:
    order = shop.has_order(status="delivered")

    ticket = await desk.receives(f"Where is my parcel {order}?")
    assert (ticket.waits_for, ticket.status) == ("customer", "pending")
    assert ticket.replies[-1].endswith("Did you receive it?")
    await ticket.answers(answer)

    assert (ticket.disposition, ticket.status) == (disposition, status)
    assert len(ticket.replies) == 2


async def test_a_thank_you_puts_the_status_back_and_says_nothing(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"Where is my parcel {shop.has_order(status='processing')}?")
    said = len(ticket.replies)

    await ticket.answers("Thank you so much!")

    assert (ticket.status, len(ticket.replies), ticket.notes) == ("solved", said, [])


async def test_a_new_request_on_a_solved_ticket_opens_a_new_run(desk: Desk, shop: Shop) -> None:
    asked, wanted = shop.has_order(status="processing"), shop.has_order(paid="15.00 EUR")
    ticket = await desk.receives(f"Where is my parcel {asked}?")

    await ticket.answers(f"I want my money back for order {wanted}")
    await ticket.answers("Yes")

    assert ticket.playbooks == ["order_status", "refund_order"]
    assert shop.paid_back == [("refund", "15.00 EUR")]


async def test_a_correction_before_the_yes_makes_a_new_offer(desk: Desk, shop: Shop) -> None:
    wrong, right = shop.has_order(paid="10.00 EUR"), shop.has_order(paid="20.00 EUR")

    ticket = await desk.receives(f"I want my money back for order {wrong}")
    await ticket.answers(f"Sorry, I meant order {right}")
    assert "€20.00" in ticket.replies[-1]
    await ticket.answers("Yes")

    assert shop.paid_back == [("refund", "20.00 EUR")]


async def test_facts_that_change_while_the_customer_thinks_void_their_yes(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="40.00 EUR")

    ticket = await desk.receives(f"I want my money back for order {order}")
    shop.changes(order, refunded="10.00 EUR")
    await ticket.answers("Yes")

    assert shop.paid_back == []
    assert ticket.disposition == "handed_off"  # partly refunded: a person looks


async def test_the_subject_alone_may_hold_the_request(desk: Desk, shop: Shop) -> None:
    order = shop.has_order()

    ticket = await desk.receives("Thanks in advance", subject=f"I want my money back for order {order}")

    assert ticket.playbooks == ["refund_order"]
    assert ticket.waits_for == "customer"


async def test_every_turn_leaves_its_line_in_an_unbroken_trail_and_names_no_person(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order()

    ticket = await desk.receives(f"I want my money back for order {order}")
    await ticket.answers("Yes")

    turns = [line for line in ticket.trail if "rules" in line]
    effects = [line for line in ticket.trail if line.get("what") == "effect"]
    assert [line["moves"][0]["move"] for line in turns] == ["gives", "yes"]
    assert [(line["action"], line["result"]) for line in effects] == [("shop.refund", "done")]
    assert desk.installation.read(lambda c: first_break(trail.after(c, 0))) is None
    assert not any(secret in str(ticket.trail) for secret in (desk.email, order, "39.90"))


async def test_the_first_reply_is_measured_once(desk: Desk, shop: Shop) -> None:
    ticket = await desk.receives(f"Where is my parcel {shop.has_order(status='processing')}?")

    assert desk.installation.read(lambda c: measures.said_before(c, ticket.case_id, "received"))
    assert desk.installation.read(lambda c: measures.said_before(c, ticket.case_id, "first_reply"))
    assert desk.installation.read(lambda c: measures.said_before(c, ticket.case_id, "resolved"))
