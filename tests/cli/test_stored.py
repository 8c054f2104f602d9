"""What the command line tells of a running installation, and what it lets people decide there."""

import asyncio
import re
import shutil
import stat
import time
from contextlib import closing
from datetime import UTC, datetime
from itertools import count

import pytest

from resolver.starters import playbooks_folder
from resolver.store import cases
from resolver.store.cases import Case
from resolver.store.database import Database
from resolver.store.sqlite import sqlite_module
from resolver.store.vault import REMEMBERED_S, master_key
from tests.databases import ready_database

pytestmark = pytest.mark.xdist_group("served")
NUMBERS = count(1)


@pytest.fixture
def typed(resolver, served):
    """A command about the data of the running server."""
    return lambda *words: resolver(*words, "--data", served.data)


def refund_asked(served, paid):
    """A ticket whose customer was asked whether that order shall be refunded."""
    number = f"T-{7000 + next(NUMBERS)}"
    served.shop("orders", number=number, email=f"{number.lower()}@example.com", paid=paid)
    ticket = served.receives(f"Please refund order {number}", email=f"{number.lower()}@example.com")
    served.ticket_when(ticket, lambda found: len(found["comments"]) == 2)
    return ticket, number


def says_yes(served, ticket, number):
    served.receives("yes please", ticket=ticket, email=f"{number.lower()}@example.com")


def waits_for_approval(served, typed):
    ticket, number = refund_asked(served, "120.00 EUR")
    says_yes(served, ticket, number)
    served.ticket_when(ticket, lambda found: len(found["comments"]) == 4)
    waiting = typed("approvals", "list", "--json").data["approvals"]
    return ticket, next(one for one in waiting if one["ticket"] == f"zendesk:{ticket}")


def run_of(typed, ticket):
    found = typed("runs", "list", "--json", "--limit", "1000").data["runs"]
    return next(one["run"] for one in found if one["ticket"] == f"zendesk:{ticket}")


def test_explain_tells_the_whole_decision_of_a_run_that_has_ended(served, typed):
    ticket, number = refund_asked(served, "39.90 EUR")
    says_yes(served, ticket, number)
    served.ticket_when(ticket, lambda found: found["status"] == "solved")

    told = typed("explain", run_of(typed, ticket)).out

    for line in (
        f"Please refund order {number}",
        "understood: refund 0.",
        f"Slot order_number = {number} (prefilled",
        "Read order by shop.order:",
        "total: €39.90",
        "Computed amount = €39.90",
        "Rule refund (line",
        "order.refunded = €0.00, order.total = €39.90",
        "The decision is the same as before.",
        "shop.refund: done (by answer",
        "key rsv1-",
        "pays 39.90 EUR",
        "amount = 3990 minor units of EUR",
        "marker rsv-",
        "Shall I do that?",
        "sets status solved, tags + auto_refund",
        "Ended: resolved",
        ": handled",
    ):
        assert line in told, line


def test_explain_as_json_has_scores_spans_values_and_keys(served, typed):
    ticket, number = refund_asked(served, "39.90 EUR")
    says_yes(served, ticket, number)
    served.ticket_when(ticket, lambda found: found["status"] == "solved")

    told = typed("explain", f"zendesk:{ticket}", "--json").data

    (run,) = told["runs"]
    first = run["decision"]["turns"][0]
    assert first["messages"][0]["scores"][0]["intent"] == "refund"
    assert 0 < first["messages"][0]["scores"][0]["score"] <= 1
    begin, end = next(one["span"] for one in first["slots"] if one["slot"] == "order_number")
    assert first["messages"][0]["text"][begin:end] == number
    assert [one["rule"] for one in first["rules"]][-1] == "refund"
    assert [(one["action"], one["state"], one["pays"]) for one in run["effects"]] == [
        ("shop.refund", "done", "39.90 EUR")
    ]
    assert run["effects"][0]["key"].startswith("rsv1-")
    assert [one["update"]["status"] for one in run["write_backs"]] == ["pending", "solved"]
    assert run["disposition"] == "resolved"


def test_a_run_that_waits_is_told_with_its_timer_also_by_the_ticket_number_alone(served, typed):
    ticket, _ = refund_asked(served, "39.90 EUR")

    told = typed("explain", str(ticket)).out

    assert "waits for customer until 20" in told
    assert "Waits for: customer" in told


def test_a_ticket_without_a_playbook_is_told_with_what_was_understood(served, typed):
    ticket = served.receives(
        "Do you sell gift wrapping paper for a birthday party in Madrid?", email="eve@example.com"
    )
    served.ticket_when(ticket, lambda found: len(found["comments"]) == 2)

    told = typed("explain", f"zendesk:{ticket}").out

    assert "no playbook, not understood" in told
    assert "gift wrapping paper" in told
    assert "understood: " in told
    assert "note:" in told
    assert "with people now" in told


def test_where_a_run_stands_is_shown_without_anything_personal(served, typed):
    ticket, number = refund_asked(served, "39.90 EUR")
    says_yes(served, ticket, number)
    served.ticket_when(ticket, lambda found: found["status"] == "solved")
    run = run_of(typed, ticket)

    plain, told = typed("runs", "show", run).out, typed("runs", "show", run, "--json").data

    assert "refund_order" in plain
    assert "resolved" in plain
    assert number not in plain
    assert [one["state"] for one in told["effects"]] == ["done"]
    assert [one["state"] for one in told["write_backs"]] == ["done", "done"]


def test_explain_says_that_the_helpdesk_took_the_words_of_a_reply_only(served, typed):
    bot = {"name": "Resolver", "email": "resolver@acme.example"}
    number = f"T-{7000 + next(NUMBERS)}"
    email = f"{number.lower()}@example.com"
    served.shop("orders", number=number, email=email, status="processing")
    served.desk("add_agent", **bot, groups=["Support"])
    served.desk("pause_deliveries")
    ticket = served.receives(f"Where is my parcel {number}?", email=email)
    served.desk("assign", ticket=ticket, group="Refunds")  # where the resolver's user solves nothing
    served.desk("resume_deliveries")
    served.ticket_when(ticket, lambda found: len(found["comments"]) == 2)
    served.desk("add_agent", **bot)

    told = served.eventually(lambda: told if "refused" in (told := typed("explain", str(ticket)).out) else "")

    assert "done (the words alone, its changes were refused: invalid)" in told


def test_a_run_or_ticket_that_does_not_exist_is_told_with_what_to_do(typed):
    for words in (("explain", "zendesk:999999"), ("explain", "999999"), ("runs", "show", "nonsense")):
        ended = typed(*words)
        assert ended.code == 2
        assert "resolver runs list" in ended.err


def test_a_number_that_several_connections_have_is_asked_back_with_their_names(resolver, tmp_path):
    database = Database(ready_database("sqlite", tmp_path))
    master_key(tmp_path / "resolver.key")
    for case in (Case("zendesk:7", "zendesk", "7", "r1"), Case("second:7", "second", "7", "r2")):
        asyncio.run(database.write(lambda c, case=case: cases.put(c, case, now=datetime.now(UTC))))
    database.close()

    ended = resolver("explain", "7", "--data", tmp_path)

    assert ended.code == 2
    assert "name one: second:7, zendesk:7" in ended.err


def test_an_approval_shows_its_sheet_and_lets_the_refund_go_on(served, typed):
    ticket, asked = waits_for_approval(served, typed)
    sheet = typed("approvals", "list").out

    ended = typed("approvals", "approve", asked["approval"], "--as", "Lea@acme.example")

    assert "Refund money for an order" in sheet
    assert "amount: €120.00" in sheet
    assert "By rule refund: " in sheet
    assert "limits.refund_without_approval = €50.00" in sheet
    assert ended.code == 0
    served.ticket_when(ticket, lambda found: found["status"] == "solved")
    effects = typed("explain", f"zendesk:{ticket}", "--json").data["runs"][0]["effects"]
    assert [(one["action"], one["state"]) for one in effects] == [("shop.refund", "done")]


def test_a_denied_refund_moves_no_money(served, typed):
    ticket, asked = waits_for_approval(served, typed)

    ended = typed("approvals", "deny", asked["approval"], "--as", "sam@acme.example", "--json")

    assert ended.data["state"] == "denied"
    served.ticket_when(ticket, lambda found: len(found["comments"]) > 4)
    assert typed("explain", f"zendesk:{ticket}", "--json").data["runs"][0]["effects"] == []


def test_only_a_member_of_the_team_can_approve_and_only_once(served, typed):
    _, asked = waits_for_approval(served, typed)

    stranger = typed("approvals", "approve", asked["approval"], "--as", "mallory@example.com")
    first = typed("approvals", "deny", asked["approval"], "--as", "lea@acme.example")
    second = typed("approvals", "approve", asked["approval"], "--as", "sam@acme.example")

    assert (stranger.code, first.code, second.code) == (2, 0, 2)
    assert "not a member of team_leads" in stranger.err
    assert "already denied" in second.err
    assert typed("approvals", "approve", "approval-0", "--as", "lea@acme.example").code == 2


def test_a_pause_stops_the_refund_and_a_resume_lets_the_next_one_through(served, typed):
    ticket, number = refund_asked(served, "39.90 EUR")
    paused = typed("pause", "action:shop.refund", "--as", "ops")
    says_yes(served, ticket, number)
    served.ticket_when(ticket, lambda found: len(found["comments"]) > 3)

    resumed = typed("resume")

    assert "Paused: action:shop.refund" in paused.out
    assert resumed.code == 0
    assert [one["state"] for one in typed("explain", str(ticket), "--json").data["runs"][0]["effects"]] == []
    ticket, number = refund_asked(served, "39.90 EUR")
    says_yes(served, ticket, number)
    served.ticket_when(ticket, lambda found: found["status"] == "solved")


def test_a_bare_pause_says_that_everything_is_paused_and_what_becomes_of_runs(typed):
    paused = typed("pause")
    resumed = typed("resume", "all")

    assert "Everything is paused" in paused.out
    assert "do not come back with resume" in paused.out
    assert "Resumed: all." in resumed.out
    assert "Nothing was paused." in typed("resume").out


def test_what_is_paused_is_listed_with_since_when_and_by_whom_and_what_the_policy_adds(typed):
    typed("pause", "playbook:refund_order", "--as", "ops")

    plain, told = typed("pause", "--list"), typed("pause", "--list", "--json").data
    typed("resume")

    assert re.search(r"playbook:refund_order +20\d\d-\d\d-\d\d \d\d:\d\d +ops", plain.out)
    assert "`stop:` of policy.yaml adds: nothing." in plain.out
    assert told["paused"] == ["playbook:refund_order"]
    assert told["switches"][0]["by"] == "ops"
    assert told["stop"] == []
    assert "Nothing is paused here." in typed("pause", "--list").out
    assert typed("pause", "all", "--list").code == 2


def test_what_the_policy_stops_is_listed_too_even_beside_a_broken_playbook(resolver, tmp_path, served):
    playbooks = shutil.copytree(playbooks_folder(), tmp_path / "playbooks")
    policy = playbooks / "policy.yaml"
    policy.write_text(policy.read_text("utf-8").replace("stop: []", "stop: [action:shop.refund]"), "utf-8")
    (playbooks / "cancel_order.yaml").write_text("nonsense: [", "utf-8")
    (tmp_path / "config.yaml").write_text("playbooks: playbooks\n", "utf-8")

    ended = resolver("pause", "--list", "--data", served.data)

    assert "`stop:` of policy.yaml adds: action:shop.refund." in ended.out


def test_a_yes_during_a_pause_comes_with_a_warning(served, typed):
    _, asked = waits_for_approval(served, typed)
    typed("pause", "action:shop.refund")

    ended = typed("approvals", "approve", asked["approval"], "--as", "lea@acme.example")
    typed("resume")

    assert ended.code == 0
    assert "Warning: stopped now: action:shop.refund." in ended.err


@pytest.mark.parametrize("name", ["policy", "refund_order.test", "nonsense"])
def test_only_a_playbook_can_be_paused_as_one_and_only_playbooks_are_offered(typed, name):
    ended = typed("pause", f"playbook:{name}")

    assert ended.code == 2
    assert "policy," not in ended.err
    assert "test," not in ended.err
    assert "refund_order" in ended.err or "did you mean" in ended.err


@pytest.mark.parametrize("name", ["playbook:refund_ordr", "action:shop.refnd", "everything"])
def test_a_switch_that_would_stop_nothing_is_refused(typed, name):
    ended = typed("pause", name)

    assert ended.code == 2
    assert typed("resume", name).code == 2


def test_a_dead_letter_is_listed_and_can_be_fed_in_again_once_the_helpdesk_is_back(served, typed):
    served.desk("fault", kind="error_before", method="GET", path="/api/v2/tickets/*", times=10_000)
    ticket = served.receives("Please refund order T-9999", email="late@example.com")
    letters = served.eventually(lambda: letters_of(typed, ticket))
    listed = typed("runs", "list").out.partition("Dead letters")[2]
    served.desk("clear_faults")

    ended = typed("runs", "replay", str(letters[0]["event"]))

    assert f"zendesk:{ticket}" in listed
    assert "helpdesk_down" in listed
    assert ended.code == 0
    served.ticket_when(ticket, lambda found: len(found["comments"]) == 2)
    assert letters[0]["event"] not in [one["event"] for one in letters_of(typed, ticket)]
    assert typed("runs", "replay", str(letters[0]["event"])).code == 2


def letters_of(typed, ticket):
    found = typed("runs", "list", "--json").data["dead_letters"]
    return [one for one in found if one["ticket"] == f"zendesk:{ticket}"]


def test_without_a_configuration_the_newest_data_is_found_and_named(resolver, tmp_path, served):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "sandbox").symlink_to(served.data, target_is_directory=True)

    ended = resolver("runs", "list")

    assert ended.code == 0
    assert "this is about the data in var/sandbox" in ended.err


def test_without_any_data_the_commands_say_what_to_start(resolver):
    for words in (("runs", "list"), ("explain", "zendesk:1"), ("approvals", "list"), ("pause",), ("resume",)):
        ended = resolver(*words)
        assert ended.code == 2
        assert "resolver serve" in ended.err
        assert "Traceback" not in ended.err


def test_a_data_folder_that_is_not_there_is_told_as_that(resolver, tmp_path):
    (tmp_path / "file").touch()

    missing, wrong = resolver("runs", "list", "--data", "nowhere"), resolver("runs", "list", "--data", "file")

    assert (missing.code, wrong.code) == (2, 2)
    assert "There is no folder nowhere." in missing.err
    assert "file is no folder." in wrong.err
    assert "resolver serve" not in missing.err


def test_after_an_erasure_nothing_can_be_explained_any_more_but_the_run_is_still_listed(served, typed):
    ticket, _ = refund_asked(served, "39.90 EUR")
    run = run_of(typed, ticket)
    erased = 'UPDATE requester SET key_sealed = NULL WHERE id = (SELECT requester FROM "case" WHERE id = ?)'
    with closing(sqlite_module().connect(served.data / "resolver.db", timeout=30)) as database, database:
        database.execute(erased, (f"zendesk:{ticket}",))

    ended = typed("explain", run)

    assert ended.code == 2
    assert "erased" in ended.err
    assert typed("runs", "show", run).code == 0


def test_the_key_and_the_data_are_for_this_user_only(served):
    assert stat.S_IMODE((served.data / "resolver.key").stat().st_mode) == 0o600


def test_a_requester_is_erased_beside_the_running_server_and_a_new_message_waits_for_people(served, typed):
    ticket, number = refund_asked(served, "39.90 EUR")
    refused = typed("erase", f"zendesk:{ticket}", "--yes")
    says_yes(served, ticket, number)
    served.ticket_when(ticket, lambda found: found["status"] == "solved")
    run = run_of(typed, ticket)

    erased = typed("erase", f"zendesk:{ticket}", "--yes", "--json")
    explained, replayed = typed("explain", run), typed("replay", run)
    held = served.eventually(
        lambda: told if (told := typed("audit", "verify", "--json").data)["checkpoints"] else None
    )
    time.sleep(REMEMBERED_S)
    served.receives("And where is my money?", ticket=ticket, email=f"{number.lower()}@example.com")
    dead = served.eventually(
        lambda: [
            one
            for one in typed("runs", "list", "--json").data["dead_letters"]
            if one["ticket"] == f"zendesk:{ticket}"
        ]
    )

    assert (refused.code, "(runs not ended: 1)" in refused.err) == (2, True)
    assert erased.data["tickets"] == 1
    assert (explained.code, replayed.code) == (2, 2)
    assert "erased" in explained.err
    assert held["holds"]
    assert len(dead) == 1
