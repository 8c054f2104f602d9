"""Whole tickets through one playbook: what is asked, offered, done and said, turn by turn."""

from datetime import UTC, datetime

from resolver.decision.effects import (
    Approve,
    Ask,
    Confirm,
    End,
    HandOff,
    LookUp,
    Perform,
    Performed,
    Reply,
    SetTicket,
    Wait,
)
from resolver.decision.events import Approved, Denied, Late, Settled, Silence
from resolver.decision.moves import take_in
from resolver.money import Money
from resolver.ticket import Level, Status
from tests.decision.conftest import NOW, order_fields, said

GIVES = {"order_number": "10231"}


def test_a_refund_is_offered_confirmed_done_and_answered(desk):
    first = desk.hears(said("Please refund order 10231", **GIVES))
    second = desk.hears(said("Yes please", "yes", message="m2"))

    assert [type(effect) for effect in first] == [LookUp, Confirm, Wait]
    assert [type(effect) for effect in second] == [LookUp, Perform, Reply, SetTicket, End]
    assert desk.all_performed[0].pays == Money.parse("39.90 EUR")
    assert desk.facts.confirmation.message == "m2"
    assert desk.ending == "resolved"


def test_the_offer_says_what_it_pays_for_in_the_customers_words(desk):
    desk.hears(said("Please refund order 10231", **GIVES))

    assert desk.of(Confirm)[0].text == "I can refund €39.90 for Mug 1 and Mug 2 of order 10231. Shall I?"


def test_a_german_customer_reads_german_amounts(make):
    desk = make.desk(language="de")

    desk.hears(said("Bitte 10231 erstatten", **GIVES))

    assert desk.of(Confirm)[0].text == (
        "Ich kann 39,90\u00a0€ für Mug 1 und Mug 2 aus Bestellung 10231 erstatten. Soll ich?"
    )


def test_a_missing_order_number_is_asked_for_and_answered(desk):
    first = desk.hears(said("I want my money back"))
    second = desk.hears(said("It is 10231", message="m2", **GIVES))

    assert [type(effect) for effect in first] == [Ask, Wait]
    assert first[0].text == "Which order is it?"
    assert [type(effect) for effect in second] == [LookUp, Confirm, Wait]
    assert desk.facts.slots["order_number"].source == "given"


def test_a_slot_that_is_never_answered_goes_to_a_person_after_two_questions(desk):
    desk.hears(said("I want my money back"))
    again = desk.hears(said("hm?", message="m2"))
    desk.hears(said("what?", message="m3"))

    assert again[0].text.startswith("I am sorry, I did not quite understand that.")
    assert desk.of(HandOff)[0].reason == "if_given_up:order_number"
    assert desk.facts.stopped_by == "order_number"
    assert desk.ending == "handed_off"


def test_somebody_elses_order_is_simply_not_found(make):
    desk = make.desk(orders={"10231": order_fields(email="bob@example.com")})

    desk.hears(said("Please refund order 10231", **GIVES))

    assert desk.of(HandOff)[0].summary == "Order 10231 is not known."
    assert desk.of(HandOff)[0].queue == "orders"
    assert desk.all_performed == []


def test_a_no_ends_the_run_with_nothing_done(desk):
    desk.hears(said("Please refund order 10231", **GIVES))
    turn = desk.hears(said("No, leave it", "no", message="m2"))

    assert [type(effect) for effect in turn] == [Reply, End]
    assert desk.ending == "withdrawn"
    assert desk.all_performed == []


def test_an_unclear_answer_is_asked_once_more_and_then_goes_to_a_person(desk):
    desk.hears(said("Please refund order 10231", **GIVES))
    again = desk.hears(said("Hm, how long does it take?", "unclear", message="m2"))
    desk.hears(said("Hm", "unclear", message="m3"))

    assert [type(effect) for effect in again] == [LookUp, Confirm, Wait]
    assert again[1].again
    assert desk.of(HandOff)[0].reason == "if_unclear"


def test_yes_and_no_in_one_message_is_unclear(desk):
    desk.hears(said("Please refund order 10231", **GIVES))
    turn = desk.hears(said("yes no", "yes", "no", message="m2"))

    assert turn[1].again
    assert desk.all_performed == []


def test_a_yes_followed_by_thanks_in_the_same_turn_stays_a_yes(desk):
    desk.hears(said("Please refund order 10231", **GIVES))

    facts = take_in(desk.plan, desk.facts, said("Yes", "yes", message="m2"))
    facts = take_in(desk.plan, facts, said("Thanks!", "nothing", message="m3"))

    assert facts.heard == "yes"


def test_silence_ends_quietly_where_the_playbook_says_nothing_else(desk):
    desk.hears(said("Please refund order 10231", **GIVES))
    turn = desk.hears(Silence())

    assert turn == [End("no_reply")]


def test_asking_for_a_person_hands_off_from_any_place(desk):
    desk.hears(said("Please refund order 10231", **GIVES))
    desk.hears(said("Let me talk to a human", "wants_person", message="m2"))

    assert desk.of(HandOff)[0].reason == "wants_person"
    assert desk.of(HandOff)[0].tell.startswith("Thank you")


def test_stop_is_unclear_first_where_money_is_at_stake_and_then_it_is_withdrawn(desk):
    desk.hears(said("Please refund order 10231", **GIVES))
    first = desk.hears(said("Stop", "stops", message="m2"))
    second = desk.hears(said("Stop!", "stops", message="m3"))

    assert first[1].again
    assert second == [End("withdrawn")]


def test_another_order_number_wins_over_the_yes_beside_it(make):
    other = order_fields(id="o2", number="10299", total=Money.parse("10 EUR"))
    desk = make.desk(orders={"10231": order_fields(), "10299": other})

    desk.hears(said("Please refund order 10231", **GIVES))
    turn = desk.hears(said("yes but 10299", "yes", message="m2", order_number="10299"))

    assert [type(effect) for effect in turn] == [LookUp, Confirm, Wait]
    assert "€10.00" in turn[1].text
    assert desk.facts.slots["order_number"].corrections == 1
    assert desk.facts.confirmation is None


def test_a_refund_made_elsewhere_while_the_customer_slept_voids_the_offer(desk):
    desk.hears(said("Please refund order 10231", **GIVES))
    desk.orders["10231"]["refunded"] = Money.parse("39.90 EUR")
    turn = desk.hears(said("ok", "yes", message="m2"))

    assert [type(effect) for effect in turn] == [LookUp, Reply, End]
    assert turn[1].reply == "already"
    assert desk.all_performed == []
    assert desk.facts.confirmation is None


def test_a_changed_amount_is_confirmed_anew(desk):
    desk.hears(said("Please refund order 10231", **GIVES))
    desk.orders["10231"]["refunded"] = Money.parse("9.90 EUR")
    turn = desk.hears(said("ok", "yes", message="m2"))

    assert "€30.00" in turn[1].text
    assert desk.all_performed == []


def test_the_third_different_decision_goes_to_a_person(desk):
    desk.hears(said("Please refund order 10231", **GIVES))
    desk.orders["10231"]["refunded"] = Money.parse("9.90 EUR")
    desk.hears(said("ok", "yes", message="m2"))
    desk.orders["10231"]["refunded"] = Money.parse("19.90 EUR")
    desk.hears(said("ok", "yes", message="m3"))

    assert desk.of(HandOff)[0].reason == "decisions"
    assert desk.all_performed == []


def valuable(make):
    return make.desk(orders={"10231": order_fields(total=Money.parse("120 EUR"))})


def test_a_refund_above_the_limit_waits_for_the_team_and_is_then_paid(make):
    desk = valuable(make)
    desk.hears(said("Please refund order 10231", **GIVES))
    asked = desk.hears(said("yes", "yes", message="m2"))
    sheet = desk.of(Approve)[0].sheet
    offer = desk.of(Approve)[0].offer.id
    desk.later(hours=2)
    done = desk.hears(Approved("lea@acme.example", offer, desk.now))

    assert [type(effect) for effect in asked] == [LookUp, Approve, Wait]
    assert asked[1].tell == "A colleague takes a look."
    assert asked[2].for_ == "approval"
    assert sheet.amount == Money.parse("120 EUR")
    assert sheet.actions[0][0] == "Refund money for an order"
    assert sheet.actions[0][1]["amount"] == "€120.00"
    assert [type(effect) for effect in done] == [LookUp, Perform, Reply, SetTicket, End]


def test_an_approval_of_another_offer_or_too_late_means_nothing(make):
    desk = valuable(make)
    desk.hears(said("Please refund order 10231", **GIVES))
    desk.hears(said("yes", "yes", message="m2"))
    offer = desk.facts.offer.id

    wrong = desk.hears(Approved("lea@acme.example", "f" * 64, desk.now))
    late = desk.hears(Approved("lea@acme.example", offer, datetime(2026, 12, 24, tzinfo=UTC)))

    assert [type(effect) for effect in wrong] == [Wait]
    assert [type(effect) for effect in late] == [Wait]
    assert desk.all_performed == []


def test_one_business_day_is_counted_over_the_weekend(make):
    desk = valuable(make)
    desk.now = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)  # a Friday
    desk.hears(said("Please refund order 10231", **GIVES))
    desk.hears(said("yes", "yes", message="m2"))

    assert desk.of(Wait)[0].until == datetime(2026, 11, 30, 15, 0, tzinfo=UTC)


def test_a_denied_and_a_late_approval_take_their_edges(make):
    for event, reason in ((Denied("lea@acme.example"), "if_denied"), (Late(), "if_late")):
        desk = valuable(make)
        desk.hears(said("Please refund order 10231", **GIVES))
        desk.hears(said("yes", "yes", message="m2"))
        turn = desk.hears(event)

        assert [type(effect) for effect in turn] == [HandOff, End]
        assert turn[0].reason == reason


def test_a_message_while_the_team_decides_reads_again_and_goes_on_waiting(make):
    desk = valuable(make)
    desk.hears(said("Please refund order 10231", **GIVES))
    desk.hears(said("yes", "yes", message="m2"))
    until = desk.of(Wait)[0].until
    turn = desk.hears(said("any news?", "question", message="m3"))

    assert [type(effect) for effect in turn] == [LookUp, Wait]
    assert turn[1].until == until


def test_a_customer_who_takes_the_yes_back_while_the_team_decides_is_asked_anew(make):
    desk = valuable(make)
    desk.hears(said("Please refund order 10231", **GIVES))
    desk.hears(said("yes", "yes", message="m2"))
    turn = desk.hears(said("no wait", "no", message="m3"))

    assert [type(effect) for effect in turn] == [LookUp, Confirm, Wait]
    assert desk.facts.confirmation is None


def test_a_changed_offer_voids_the_approval(make):
    desk = valuable(make)
    desk.hears(said("Please refund order 10231", **GIVES))
    desk.hears(said("yes", "yes", message="m2"))
    desk.orders["10231"]["refunded"] = Money.parse("20 EUR")
    turn = desk.hears(Approved("lea@acme.example", desk.facts.offer.id, desk.now))

    assert [type(effect) for effect in turn] == [LookUp, Confirm, Wait]
    assert desk.facts.approval is None
    assert desk.all_performed == []


def acted(desk, performed):
    desk.results["shop.refund"] = performed
    desk.hears(said("Please refund order 10231", **GIVES))
    return desk.hears(said("yes", "yes", message="m2"))


def test_a_refusal_takes_the_edge_of_its_code(desk):
    turn = acted(desk, Performed("refused", code="already_refunded"))

    assert [effect.reply for effect in turn if isinstance(effect, Reply)] == ["already"]
    assert desk.ending == "answered"


def test_a_refusal_without_an_edge_goes_to_a_person(desk):
    acted(desk, Performed("refused", code="payment_too_old"))

    assert desk.of(HandOff)[0].reason == "if_refused:payment_too_old"


def test_a_pending_refund_says_so_and_a_later_failure_is_handed_off(desk):
    turn = acted(desk, Performed("pending", external_id="re_7"))
    ended = desk.ending
    bad = desk.hears(Settled("refund_order/pay_back/do-shop.refund", Performed("refused", code="x"), NOW))

    assert [effect.reply for effect in turn if isinstance(effect, Reply)] == ["started"]
    assert ended == "resolved"
    assert [type(effect) for effect in bad] == [HandOff, End]
    assert bad[0].reason == "settled_badly:shop.refund"


def test_a_pending_refund_that_settles_well_stirs_nothing(desk):
    acted(desk, Performed("pending"))
    turn = desk.hears(Settled("refund_order/pay_back/do-shop.refund", Performed("done"), NOW))

    assert turn == [End("resolved")]
    assert desk.facts.results["refund_order/pay_back/do-shop.refund"].performed.state == "done"


def test_an_unknown_outcome_goes_to_a_person_and_is_never_repeated(desk):
    acted(desk, Performed("unknown"))
    later = desk.hears(said("and?", message="m3"))

    assert desk.history.count(desk.all_performed[0]) == 1
    assert desk.ending == "handed_off"
    assert later == [End("handed_off")]


def test_a_gateway_that_stops_an_action_sends_the_run_to_a_person_naming_the_check(desk):
    acted(desk, Performed("stopped", stopped_by="per_day"))

    assert desk.of(HandOff)[0].reason == "stopped:per_day"
    assert desk.facts.stopped_by == "per_day"


def test_an_unknown_value_in_a_rule_stops_the_run_and_is_named(make):
    order = order_fields()
    del order["delivered_at"]
    desk = make.desk(orders={"10231": order})

    desk.hears(said("Please refund order 10231", **GIVES))

    assert desk.of(HandOff)[0].reason == "unknown:order.delivered_at"
    assert desk.facts.stopped_by == "order.delivered_at"
    assert desk.all_performed == []


def test_a_customer_below_the_level_goes_to_a_person_before_any_rule(make):
    desk = make.desk(level=Level.CLAIMED)

    turn = desk.hears(said("Please refund order 10231", **GIVES))

    assert [type(effect) for effect in turn] == [LookUp, HandOff, End]
    assert turn[1].reason == "identity:verified"
    assert desk.walk.log.judged == ()


def test_a_look_up_that_fails_goes_to_if_unsure(make):
    desk = make.desk(orders={"10231": order_fields(broken=True)})

    desk.hears(said("Please refund order 10231", **GIVES))

    assert desk.of(HandOff)[0].reason == "if_fails:order"
    assert desk.facts.stopped_by == "order"


def test_a_refund_in_time_sets_the_ticket_solved(desk):
    acted(desk, Performed("done"))

    assert desk.of(SetTicket)[0].status is Status.SOLVED
    assert desk.of(SetTicket)[0].add_tags == ("auto_refund",)
