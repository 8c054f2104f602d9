"""`resolver lint` says what is wrong with playbooks, where, and what to do."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from resolver.starters import playbooks_folder

STARTERS = len(list(playbooks_folder().glob("*.test.yaml")))


COPIED = ("refund_order", "cancel_order")
"""The starters that most tests work on: one starts the other, and both pay."""


@pytest.fixture
def playbooks(tmp_path):
    folder = tmp_path / "playbooks"
    shutil.copytree(playbooks_folder(), folder, ignore=_others)
    return folder


@pytest.fixture
def starters(tmp_path):
    """All of them."""
    return shutil.copytree(playbooks_folder(), tmp_path / "playbooks")


def _others(_, names):
    return [one for one in names if one.split(".")[0] not in (*COPIED, "policy", "")]


def spoil(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_starters_are_sound_without_any_configuration(resolver):
    ended = resolver("lint")

    assert ended.code == 0
    assert ended.out.splitlines()[-1].startswith(f"{STARTERS} playbooks, 0 errors")


def test_an_error_is_shown_with_line_carets_and_help_and_fails(resolver, playbooks):
    spoil(playbooks / "cancel_order.yaml", "find: shop.order", "find: shop.oder")

    ended = resolver("lint", "playbooks")

    assert ended.code == 1
    assert "playbooks/cancel_order.yaml:" in ended.out
    assert "[unknown-look-up]" in ended.out
    assert "^^^^^^^^^" in ended.out
    assert "= help: did you mean 'shop.order'?" in ended.out
    assert ended.out.splitlines()[-1].startswith(f"{len(COPIED)} playbooks, 1 error,")


def test_the_same_as_json(resolver, playbooks):
    spoil(playbooks / "cancel_order.yaml", "find: shop.order", "find: shop.oder")

    ended = resolver("lint", "playbooks", "--json")

    assert ended.code == 1
    assert ended.data["ok"] is False
    assert [(one["code"], one["path"]) for one in ended.data["problems"] if one["severity"] == "error"] == [
        ("unknown-look-up", "playbooks/cancel_order.yaml")
    ]


def test_of_a_named_file_only_its_own_problems_are_told(resolver, starters):
    spoil(starters / "cancel_order.yaml", "find: shop.order", "find: shop.oder")

    assert resolver("lint", "playbooks/refund_order.yaml").out.endswith(
        "1 playbook, 0 errors, 0 warnings, 4 notes\n"
    )
    assert resolver("lint", "playbooks/cancel_order.yaml").code == 1


def test_a_test_file_is_checked_too(resolver, playbooks):
    spoil(playbooks / "cancel_order.test.yaml", "tests: cancel_order", "tests: cancel_oder")

    ended = resolver("lint", "playbooks")

    assert ended.code == 1
    assert "cancel_order.test.yaml:" in ended.out


def test_a_folder_that_is_not_there_or_is_empty_could_not_be_checked(resolver, tmp_path):
    (tmp_path / "empty").mkdir()

    assert resolver("lint", "nowhere").code == 2
    ended = resolver("lint", "empty")
    assert ended.code == 2
    assert "There are no playbooks in empty." in ended.err


def test_what_a_configuration_binds_is_what_playbooks_are_checked_against(resolver, tmp_path):
    (tmp_path / "config.yaml").write_text(
        "connections:\n  our_post: {connector: postal}\ninterfaces: {post: our_post}\n", "utf-8"
    )

    ended = resolver("lint")

    assert ended.code == 0
    assert (
        "starter 'refund_order' is skipped: interface 'shop' is bound to no connection [not-bound]"
        in ended.out
    )


def test_a_playbook_that_asks_for_a_code_nobody_can_send_gets_a_note_there(resolver, tmp_path):
    shop = (
        "  our_shop: {connector: demo_shop}\n  our_post: {connector: postal}\n"
        "  our_billing: {connector: demo_billing}\n"
    )
    bound = "interfaces: {shop: our_shop, post: our_post, billing: our_billing}\n"
    config, mail = tmp_path / "config.yaml", "  our_mail: {connector: mail}\n"

    config.write_text(f"connections:\n{shop}{bound}", "utf-8")
    without = resolver("lint", "--json")
    config.write_text(f"connections:\n{shop}{mail}{bound}", "utf-8")
    with_mail = resolver("lint", "--json")

    noted = [one for one in without.data["problems"] if one["code"] == "no-codes"]
    assert [(one["severity"], one["path"].rpartition("/")[2]) for one in noted] == [
        ("note", "change_address.yaml")
    ]
    assert without.code == 0
    assert "no-codes" not in {one["code"] for one in with_mail.data["problems"]}


def test_a_playbook_that_says_auto_without_a_certificate_that_fits_gets_a_warning_at_its_mode(
    resolver, starters
):
    spoil(starters / "refund_order.yaml", "title: ", "title: The ")
    spoil(starters / "invoice_copy.yaml", "title: ", "title: The ")
    spoil(starters / "invoice_copy.yaml", "mode: auto", "mode: suggest")
    changed = resolver("lint", "playbooks", "--json")
    spoil(starters / "policy.yaml", "four_eyes: yes", "four_eyes: no")
    stale = resolver("lint", "playbooks", "--json")

    (warned,) = [one for one in changed.data["problems"] if one["severity"] == "warning"]
    place = starters / "refund_order.yaml"
    line = place.read_text("utf-8").splitlines()[warned["line"] - 1]
    assert (warned["code"], warned["path"]) == ("not-proven", "playbooks/refund_order.yaml")
    assert line[warned["column"] - 1 :][: warned["length"]] == "auto"
    codes = [one["code"] for one in stale.data["problems"] if one["severity"] == "warning"]
    assert codes.count("stale-certificate") == STARTERS - 2
    assert codes.count("not-proven") == 1
    assert (changed.code, stale.code) == (0, 0)


def test_a_playbook_that_customers_will_hardly_be_understood_by_is_warned_of(resolver, starters):
    path = starters / "invoice_copy.yaml"
    before, rest = path.read_text("utf-8").split("  examples:\n")
    others = rest[rest.index("  not_for:") :]

    path.write_text(f"{before}  examples:\n    - Send me the invoice\n{others}", "utf-8")
    ended = resolver("lint", path, "--json")

    warned = [one for one in ended.data["problems"] if one["code"] == "few-examples"]
    assert [(one["severity"], one["message"]) for one in warned] == [
        ("warning", "1 example is hardly enough to recognise 'invoice_copy' in 5 languages")
    ]
    assert ended.code == 0


def test_a_language_without_examples_is_named_though_there_are_enough_in_another(resolver, starters):
    path = starters / "invoice_copy.yaml"
    before, rest = path.read_text("utf-8").split("  examples:\n")
    others = rest[rest.index("  not_for:") :]
    english = [f"    - Please send me the invoice of order {number} again" for number in range(1, 15)]
    some = ["    - Bitte schick mir die Rechnung noch einmal", "    - Ich brauche eine Kopie meiner Rechnung"]

    path.write_text(f"{before}  examples:\n{chr(10).join(english + some)}\n{others}", "utf-8")
    ended = resolver("lint", path, "--json")

    (warned,) = [one["message"] for one in ended.data["problems"] if one["code"] == "few-examples"]
    assert warned == (
        "no example is in 'fr' and no example is in 'es' and no example is in 'pl':"
        " there 'invoice_copy' will hardly be recognised"
    )


def test_a_day_that_a_live_message_would_not_say_is_warned_of_in_a_test(resolver, tmp_path):
    desk = shutil.copytree(Path(__file__).parents[1] / "resolution" / "delivery", tmp_path / "desk")
    config = tmp_path / "config.yaml"
    config.write_text("playbooks: desk/playbooks\nconnector_folders: [desk/connectors]\n", "utf-8")
    understood = "understood: {intent: change_delivery_day, number: 10231, day: 2026-12-04}}\n"
    (desk / "playbooks" / "change_delivery_day.test.yaml").write_text(
        "tests: change_delivery_day\n"
        "given: {now: 2026-11-30 10:00, customer: {email: ann@example.com, identity: verified, language: en}}\n"
        "cases:\n"
        + "".join(
            f"  - test: case {number}\n    when:\n      - {{writes: {text}, {understood}    then: {{asked: []}}\n"
            for number, text in enumerate(
                ("10231 on Friday please", "10231 on 04/12/2026 please", "10231 on Thursday please")
            )
        ),
        "utf-8",
    )

    ended = resolver("lint", "--json", "--config", config)

    warned = [one for one in ended.data["problems"] if one["code"] == "not-read"]
    assert [one["message"].rpartition(": ")[2] for one in warned] == [
        "no date is read from it",
        "what is read is 2026-12-03",
    ]


def test_a_time_in_a_test_is_written_in_the_shops_zone_and_compared_with_what_is_read(resolver, tmp_path):
    desk = shutil.copytree(Path(__file__).parents[1] / "resolution" / "delivery", tmp_path / "desk")
    config = tmp_path / "config.yaml"
    config.write_text("playbooks: desk/playbooks\nconnector_folders: [desk/connectors]\n", "utf-8")
    playbook = desk / "playbooks" / "change_delivery_day.yaml"
    spoil(playbook, "\nlook_up:", "  call:\n    type: time\n    ask: which_day\n\nlook_up:")
    spoil(playbook, "asked for order {number}.", "asked for order {number}, call {call}.")
    understood = 'understood: {intent: change_delivery_day, number: 10231, call: "2026-12-04 18:00"}}\n'
    (desk / "playbooks" / "change_delivery_day.test.yaml").write_text(
        "tests: change_delivery_day\n"
        "given: {now: 2026-11-30 10:00, customer: {email: ann@example.com, identity: verified, language: en}}\n"
        "cases:\n"
        + "".join(
            f"  - test: case {number}\n    when:\n      - {{writes: {text}, {understood}    then: {{asked: [day]}}\n"
            for number, text in enumerate(("10231 call on Friday at 6 pm", "10231 call on Friday at 6"))
        ),
        "utf-8",
    )

    ended = resolver("lint", "--json", "--config", config)

    problems = [
        one for one in ended.data["problems"] if one["code"] in ("not-read", "never-filled", "wrong-type")
    ]
    assert [(one["code"], one["message"].rpartition(": ")[2]) for one in problems] == [
        ("not-read", "no time is read from it")
    ]


# -- repairs ----------------------------------------------------------------------------------------------------------


def test_what_can_only_have_been_meant_is_written_and_shown_and_comments_stay(resolver, starters):
    file = starters / "refund_order.yaml"
    whole = file.read_text("utf-8")
    spoil(file, "identify: verified", "identfy: verified # who it must be")
    spoil(file, "order.refunded < order.total", "order.refunded < order.totl")
    spoil(file, "order.refunded >= order.total", "order.refunded≥order.total")

    ended = resolver("lint", "--fix", "playbooks")

    assert ended.code == 0
    assert "-identfy: verified # who it must be" in ended.out
    assert "+identify: verified # who it must be" in ended.out
    repaired = file.read_text("utf-8")
    assert repaired == whole.replace("identify: verified", "identify: verified # who it must be").replace(
        "order.refunded >= order.total", "order.refunded>=order.total"
    )
    assert ended.out.splitlines()[-1].startswith(f"{STARTERS} playbooks, 0 errors")
    assert [path.name for path in starters.iterdir() if path.name.startswith(".refund")] == []


def test_a_dry_run_shows_the_same_lines_and_writes_nothing(resolver, playbooks):
    file = playbooks / "cancel_order.yaml"
    spoil(file, "find: shop.order", "find: shop.oder")
    before = file.read_bytes()

    ended = resolver("lint", "--diff", "playbooks")

    assert ended.code == 1
    assert "+  - find: shop.order" in ended.out
    assert file.read_bytes() == before


def test_what_two_words_can_have_been_meant_by_is_left_to_the_author(resolver, playbooks):
    file = playbooks / "refund_order.yaml"
    spoil(file, "ask: which_order", "ask: which_ordes")
    before = file.read_bytes()

    ended = resolver("lint", "--fix", "playbooks")

    assert ended.code == 1
    assert "[unknown-reply]" in ended.out
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("order.refunded > 0&&amount > 0", "order.refunded > 0 and amount > 0"),
        ("order.refunded is atleast 1 EUR", "order.refunded is at least 1 EUR"),
        ("not (order.refunded == amount)", "not (order.refunded is amount)"),
        ("order.status is deliverd", "order.status is delivered"),
    ],
)
def test_a_condition_is_repaired_word_by_word(resolver, playbooks, wrong, right):
    file = playbooks / "refund_order.yaml"
    spoil(file, "when: order.refunded > 0", f"when: {wrong}")

    resolver("lint", "--fix", "playbooks")

    assert f"    when: {right}\n" in file.read_text("utf-8")


def test_repairs_are_told_as_json_too(resolver, playbooks):
    spoil(playbooks / "cancel_order.yaml", "find: shop.order", "find: shop.oder")

    ended = resolver("lint", "--fix", "playbooks", "--json")

    assert ended.data["ok"] is True
    assert ended.data["repaired"] == ["playbooks/cancel_order.yaml"]
    assert "+  - find: shop.order" in ended.data["diff"]


def test_watching_goes_with_nothing_that_writes(resolver):
    assert resolver("lint", "--watch", "--fix").code == 2
    assert resolver("lint", "--watch", "--json").code == 2


def test_a_saved_file_is_checked_again_until_ctrl_c(playbooks):
    command = [sys.executable, "-m", "resolver", "lint", "--watch", "playbooks"]
    with subprocess.Popen(command, cwd=playbooks.parent, stdout=subprocess.PIPE, text=True) as watch:
        try:
            first = told(watch)
            spoil(playbooks / "cancel_order.yaml", "find: shop.order", "find: shop.oder")
            second = told(watch)
            watch.send_signal(signal.SIGINT)
            code = watch.wait(30)
        finally:
            watch.kill()

    assert f"{len(COPIED)} playbooks, 0 errors" in first
    assert "-- cancel_order.yaml changed" in second
    assert "[unknown-look-up]" in second
    assert code == 0


def told(watch):
    """What it prints up to its last line."""
    lines = []
    for line in watch.stdout:
        lines.append(line)
        if line.startswith(f"{len(COPIED)} playbooks, "):
            break
    return "".join(lines)


# -- two playbooks, one record ----------------------------------------------------------------------------------------


def test_who_else_can_pay_for_the_same_record_is_told_beside_the_action(resolver, playbooks):
    found = [
        one for one in resolver("lint", "playbooks", "--json").data["problems"] if one["code"] == "pays-again"
    ]

    (refund,) = [one for one in found if one["path"] == "playbooks/refund_order.yaml"]
    assert "cancel_order" in refund["message"]
    assert refund["severity"] == "note"
    assert refund["length"] == len("shop.refund")


def test_a_rule_that_asks_what_was_paid_for_this_record_is_told_nothing(resolver, playbooks):
    spoil(
        playbooks / "refund_order.yaml",
        "    when: order.refunded > 0\n",
        "    when: order.refunded > 0 or any of customer.payouts where (record is order.id)\n",
    )

    found = resolver("lint", "playbooks/refund_order.yaml", "--json").data

    assert found["errors"] == 0
    assert [one for one in found["problems"] if one["code"] == "pays-again"] == []


def test_following_the_advice_about_a_second_payment_ends_the_note_and_brings_no_other(resolver, starters):
    path = starters / "price_adjustment.yaml"

    def problems():
        found = resolver("lint", path, "--json").data["problems"]
        return [one for one in found if one["code"] not in ("not-proven", "stale-certificate")]

    before = problems()
    (advice,) = [one["help"] for one in before if one["code"] == "pays-again"]
    explained = resolver("lint", "--explain", path).out
    when = advice.partition("'when: ")[2].rstrip("'")
    rule = f"  - rule: paid_before\n    when: {when}\n    then: hand_over\n    because: Paid before.\n"
    spoil(path, "decide:\n", f"decide:\n{rule}")

    assert when in explained
    assert len(problems()) == len(before) - 1
    assert "pays-again" not in [one["code"] for one in problems()]


@pytest.mark.parametrize(
    ("before", "after", "message", "help_"),
    [
        ("asked: [order_number", "asked: [order_numbr", "there is no slot 'order_numbr'", "order_number"),
        ("handoff: refunds", "handoff: refund", "there is no queue 'refund'", "refunds"),
    ],
)
def test_a_test_that_names_a_slot_or_queue_which_is_not_there_is_told_so(
    resolver, playbooks, before, after, message, help_
):
    path = playbooks / "refund_order.test.yaml"
    path.write_text(path.read_text("utf-8").replace(before, after, 1), "utf-8")

    (found,) = [
        one for one in resolver("lint", "playbooks", "--json").data["problems"] if one["severity"] == "error"
    ]

    assert (found["message"], found["help"]) == (message, f"did you mean '{help_}'?")


def test_a_test_that_names_a_rule_which_is_not_there_is_told_so(resolver, playbooks):
    spoil(playbooks / "refund_order.test.yaml", "rule: refund\n", "rule: refnd\n")

    (found,) = [
        one for one in resolver("lint", "playbooks", "--json").data["problems"] if one["severity"] == "error"
    ]

    assert (found["code"], found["message"]) == ("unknown-rule", "there is no rule 'refnd'")
    assert found["help"] == "did you mean 'refund'?"


def test_a_rule_that_stops_for_a_missing_value_is_a_note_with_the_value(resolver, starters):
    found = resolver("lint", "playbooks/change_address.yaml", "--json").data

    (note,) = [one for one in found["problems"] if one["code"] == "may-stop"]
    assert note["message"] == (
        "rule 'valuable' stops if limits.valuable_order has no amount in the currency of order.total"
    )
    assert (note["severity"], found["ok"]) == ("note", True)


def test_playbooks_are_explained_in_days_silence_and_endings(resolver, starters):
    ended = resolver("lint", "--explain", "playbooks/order_status.yaml")

    assert ended.code == 0
    assert "  rule overdue → chase (More than three business days late.)\n" in ended.out
    assert "    'order.expected_on is more than 3 business days ago'\n      expected " in ended.out
    assert ": becomes yes on " in ended.out
    assert "    a question: no answer for 3 days: the ticket stays as it is, nothing is sent\n" in ended.out
    assert (
        "    outcome chase: sends 'looking_into_it' and the ticket goes open to Orders, to a person\n"
        in ended.out
    )


def test_three_tickets_show_what_is_paid_on_the_last_day_the_next_and_at_the_limit(resolver, starters):
    ended = resolver("lint", "--explain", "playbooks/refund_order.yaml", "--json")

    (told,) = ended.data["explained"]
    last, next_, limit = told["examples"]
    assert [one["title"] for one in told["examples"]] == [
        "the last day allowed",
        "the first day not",
        "the amount exactly at the limit",
    ]
    assert (last["rule"], last["paid"], last["ticket"]) == (
        "refund",
        last["told"][-1][7:12] + " EUR",
        "solved",
    )
    assert last["has"]["writes on"] == "Friday, 18 December 2026"
    assert last["has"]["order.delivered_at"] == next_["has"]["order.delivered_at"]
    assert last["has"]["order.delivered_at"].startswith("Wednesday, 18 November 2026")
    assert next_["has"]["writes on"] == "Saturday, 19 December 2026"
    assert next_["paid"] == "nothing"
    assert limit["paid"] == "50.00 EUR"  # the policy's limit, and no approval yet
    assert limit["told"][-1].startswith("Done. €50.00 for order ")
    others = "cancel_order, change_items, damaged_item, not_received, price_adjustment"
    assert told["payers"][0]["also"].startswith(
        f"the same order can also be paid for by {others}; no rule here asks"
    )


LACKING = {
    "order.gift_wrapped": ['    gift_wrapped: "yes/no, may be missing"', "Example: gift_wrapped: yes"],
    "order.shipping_paid > 5 EUR": ['    shipping_paid: "money, may be missing"'],
    "order.promised_on is before today": ['    promised_on: "date, may be missing"'],
    "order.weighed_at is more than 3 days ago": ['    weighed_at: "time, may be missing"'],
    "order.gifts > 2": ['    gifts: "number, may be missing"'],
    "order.carrier in [dhl, ups]": ['    carrier: "one of [dhl, ups], may be missing"'],
    "(any of order.lines where poisonous)": [
        "Please give playbooks the field `poisonous` of shop.order_line."
    ],
    "customer.tier is gold": ["Where: policy.yaml, under customer_fields:", "Example: tier: gold"],
}


def test_missing_fields_become_requests_that_can_be_handed_to_a_developer(resolver, playbooks):
    spoil(
        playbooks / "cancel_order.yaml",
        "  - rule: open\n    when: ",
        f"  - rule: open\n    when: {' or '.join(LACKING)}\n    # ",
    )

    ended = resolver("lint", "--explain", "playbooks/cancel_order.yaml")

    assert ended.code == 1
    requests = ended.out.split("A request to a developer, to copy:\n---\n")[1:]
    for request, lines in zip(requests, LACKING.values(), strict=True):
        copied = request.partition("\n---\n")[0].splitlines()
        assert [line for line in lines if line not in copied] == []
        assert copied[-1].startswith("Needed by: playbooks/cancel_order.yaml:84:")
    fills = (
        "connector demo_shop (connection demo_shop), in the record that shop.order returns; and its sandbox"
    )
    assert f"Who fills it: {fills}, so that tests have it.\n" in requests[0]


def test_a_missing_action_becomes_a_request_with_the_types_of_what_it_is_given(resolver, playbooks):
    spoil(playbooks / "cancel_order.yaml", "do: shop.cancel_order", "do: shop.send_voucher")

    ended = resolver("lint", "--explain", "playbooks/cancel_order.yaml")

    (request,) = ended.out.split("A request to a developer, to copy:\n---\n")[1:]
    copied = request.partition("\n---\n")[0].splitlines()
    assert ended.code == 1
    assert copied[:3] == [
        "Please give playbooks the action `shop.send_voucher`.",
        "Interface: shop, in shop.yaml under actions:",
        "    shop.send_voucher:",
    ]
    assert "      takes: {order: shop.order, amount: money}" in copied
    assert "Who does it: connector demo_shop (connection demo_shop), with a line under actions:" in request
    assert copied[-1].startswith("Needed by: playbooks/cancel_order.yaml:")


def test_a_misspelt_action_is_no_reason_to_ask_a_developer(resolver, playbooks):
    spoil(playbooks / "cancel_order.yaml", "do: shop.cancel_order", "do: shop.cancel_oder")

    ended = resolver("lint", "--explain", "playbooks/cancel_order.yaml", "--json")

    assert (ended.code, ended.data["requests"]) == (1, [])
    assert "did you mean 'shop.cancel_order'?" in [one["help"] for one in ended.data["problems"]]


def test_a_misspelt_field_is_no_reason_to_ask_a_developer(resolver, playbooks):
    spoil(playbooks / "cancel_order.yaml", "order.refunded", "order.refundd")

    ended = resolver("lint", "--explain", "playbooks/cancel_order.yaml", "--json")

    assert (ended.code, ended.data["requests"]) == (1, [])
