"""What looks like a problem and is none: the checks let it pass."""

from collections.abc import Callable

import pytest

Tells = Callable[..., list[str]]

_BEGUN = "  begun: {en: It takes up to 5 days., de: Das dauert bis zu 5 Tage.}\n"
_NOTE = (
    "    - do: store.note\n      with: {order: order, text: order.address}\n      if_fails: hand_over\n"
    "    - reply: paid\n"
)
_SHOWS_ADDRESS = ('"Pay {amount} for {order}?"', '"Pay {amount} for {order} to {order.address}?"')
_ZEIGT_ADRESSE = ('"{amount} für {order} zahlen?"', '"{amount} für {order} an {order.address} zahlen?"')


def test_a_reply_that_is_always_true_may_be_sent_on_every_way(tells: Tells) -> None:
    shared = ("  kept: {en: All right.,", "  kept: {always_true: yes, en: All right.,")

    assert (
        tells(
            ("if_pending: started", "if_pending: keep"),
            ("  started:\n    - reply: begun\n", ""),
            (_BEGUN, ""),
            shared,
        )
        == []
    )


def test_a_second_action_may_follow_whose_failure_hands_off(tells: Tells) -> None:
    assert tells(("    - reply: paid\n", _NOTE), _SHOWS_ADDRESS, _ZEIGT_ADRESSE) == []


def test_an_action_that_is_taken_back_may_be_followed_by_one_that_fails_quietly(tells: Tells) -> None:
    note = (
        "    - do: store.note\n      with: {order: order, text: order.address}\n      if_fails: hand_over\n"
    )
    pay = "    - do: store.pay\n"
    quiet = ("if_refused: {too_old: hand_over}", "if_refused: {too_old: keep}")
    shows = (_SHOWS_ADDRESS, _ZEIGT_ADRESSE)

    assert tells((pay, note + pay), quiet, *shows) == []
    (problem,) = tells((pay, f"{note}      keep: yes\n{pay}"), quiet, *shows)
    assert "'kept' is sent both when store.note is done and when it is not" in problem


def test_what_a_second_action_answers_if_refused_holds_before_the_first_is_done(tells: Tells) -> None:
    lock = (
        "    - do: store.lock\n      with: {order: order, reason: order.address}\n      keep: yes\n"
        "      if_fails: hand_over\n    - do: store.pay\n"
    )
    quiet = ("if_refused: {too_old: hand_over}", "if_refused: {too_old: locked}")
    locked = ("  refuse:\n", "  locked:\n    - reply: is_locked\n  refuse:\n")
    text = (_BEGUN, _BEGUN + "  is_locked: {en: It is locked., de: Ist gesperrt.}\n")

    problems = tells(("    - do: store.pay\n", lock), quiet, locked, text, _SHOWS_ADDRESS, _ZEIGT_ADRESSE)

    lies = "'is_locked' is sent both when store.lock is done and when it is not"
    assert any(lies in problem for problem in problems), problems


def test_a_field_of_a_record_shows_the_record(tells: Tells) -> None:
    assert (
        tells(
            ("for {order}?", "for {order.number}?"),
            ("{amount} für {order} zahlen", "{amount} für {order.total} zahlen"),
        )
        == []
    )


def test_a_step_that_proves_more_lifts_the_level_for_what_follows(tells: Tells) -> None:
    move = "    - do: store.move\n      with: {order: order, address: order.address}\n      if_fails: hand_over\n"
    proves = "    - identify: code\n      if_fails: hand_over\n    - confirm: sure\n"

    assert (
        tells(
            ("    - confirm: sure\n", proves),
            ("    - reply: paid\n", f"{move}    - reply: paid\n"),
            _SHOWS_ADDRESS,
            _ZEIGT_ADRESSE,
        )
        == []
    )


def test_a_silent_customer_was_asked_and_needs_no_other_word(tells: Tells) -> None:
    quiet = ("if_unsure: hand_over\n", "if_unsure: hand_over\nif_silent: leave\n")

    assert tells(quiet, ("  keep:\n", "  leave:\n    - ticket: {status: solved}\n  keep:\n")) == []


def test_a_go_carries_the_yes_along(tells: Tells) -> None:
    go = "    - go: act\n  act:\n    - do: store.pay\n"

    assert tells(("    - do: store.pay\n", go)) == []


def test_a_number_of_a_computed_value_counts_for_the_rule_that_uses_it(tells: Tells) -> None:
    late = ("compute:\n", "compute:\n  late: order.sent_at is more than 14 days ago\n")
    text = ('is on its way."', 'left more than 14 days ago."')

    assert tells(late, text, ("when: order.status is sent", "when: order.status is sent or late")) == []


def test_a_number_of_a_rule_above_counts_because_that_rule_did_not_apply(tells: Tells) -> None:
    late = (
        "  - rule: late\n    when: order.sent_at is more than 14 days ago\n    then: hand_over\n"
        "    because: Too late.\n"
    )

    assert tells(("decide:\n", f"decide:\n{late}"), ('is on its way."', 'left less than 14 days ago."')) == []


_ASKS_WHEN = (
    "look_up:\n",
    "  day: {type: date, ask: when, check: day is after today}\nlook_up:\n",
)
_OPEN = ("when: order.sent_at is not known and", "when: order.sent_at is not known and day is known and")
_WHEN = 'replies:\n  when: {en: "When? For example 12 May{en}", de: "Wann? Zum Beispiel am 12. Mai um 18 Uhr{de}"}\n'


def test_days_and_clock_times_in_a_question_for_a_day_are_no_promises(tells: Tells) -> None:
    asked = _WHEN.replace("{en}", " at 6 p.m.").replace("{de}", "")
    promised = _WHEN.replace("{en}", ", within 7 days").replace("{de}", ", binnen 7 Tagen")

    assert tells(_ASKS_WHEN, _OPEN, ("replies:\n", asked)) == []
    told = tells(_ASKS_WHEN, _OPEN, ("replies:\n", promised))
    assert [one.partition("\n")[0].rpartition("[")[2] for one in told] == ["number-not-in-rule]"] * 2


def test_a_clock_time_counts_as_numbers_of_its_rule(tells: Tells) -> None:
    late = ("when: order.status is sent", "when: order.status is sent or now is after order.due_on at 18:30")

    assert tells(late, ('is on its way."', 'was due at 18:30."')) == []


def test_a_slot_asked_for_and_not_taken_from_messages_may_decide_without_being_shown(tells: Tells) -> None:
    slot = ("look_up:\n", "  gift:\n    type: yes/no\n    ask: which\n    prefill: no\nlook_up:\n")

    assert tells(slot, ("amount > 0", "amount > 0 and not gift")) == []


@pytest.mark.parametrize("words", ["{draft: yes}", "[vip, urgent]"])
def test_ticket_fields_and_tags_are_free(tells: Tells, words: str) -> None:
    key = "fields" if words.startswith("{") else "add_tags"

    assert (
        tells(
            (
                "- ticket: {status: solved}",
                f"- ticket: {{status: solved, priority: high, queue: money, {key}: {words}}}",
            )
        )
        == []
    )


_SAYS_A_NUMBER = ('is on its way."', 'left more than 14 days ago."')


@pytest.mark.parametrize("wrong", ["order.sent is more than 14 days ago", "order.sent_at is is sent"])
def test_a_rule_that_cannot_be_read_is_told_and_not_the_numbers_of_texts(tells: Tells, wrong: str) -> None:
    (problem,) = tells(("order.status is sent", wrong), _SAYS_A_NUMBER)

    assert problem.startswith("pay_back.yaml:23:")


@pytest.mark.parametrize("wrong", ["late: order.sent is known", "late: order.sent_at is is known"])
def test_a_computed_value_that_cannot_be_read_leaves_nothing_unused_and_no_number(
    tells: Tells, wrong: str
) -> None:
    late = ("compute:\n", f"compute:\n  {wrong}\n")

    (problem,) = tells(late, _SAYS_A_NUMBER, ("order.status is sent", "late"))

    assert problem.startswith("pay_back.yaml:20:")


def test_a_name_that_is_misspelt_in_a_text_does_not_make_its_slot_unused(tells: Tells) -> None:
    gift = ("look_up:\n", "  gift:\n    type: text\n    ask: which\nlook_up:\n")

    (problem,) = tells(gift, ("      summary: Order {number}.", "      summary: Order {number} {gfit}."))

    assert "there is no 'gfit'" in problem


def test_an_approval_that_is_taken_out_is_told_by_the_outcome_it_leaves_behind_alone(tells: Tells) -> None:
    whole = (
        "    - approve: leads\n      when: amount > limits.without_approval\n"
        "      if_denied: hand_over\n      if_late: hand_over\n"
    )
    outcome = ("  keep:\n", "  denied:\n    - reply: kept\n  keep:\n")
    text = (_BEGUN, _BEGUN + "  checking: {en: We look at it., de: Wir schauen.}\n")

    (problem,) = tells((whole, ""), outcome, text)

    assert "outcome 'denied' can never be reached" in problem
