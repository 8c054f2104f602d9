"""`resolver suggestions`: what is suggested is listed and shown whole, and answered once by a named agent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from resolver.durable.engine import Engine
from resolver.resolution.suggestion import Action, Reason, Suggestion
from resolver.store import approvals, cases, events
from resolver.store.approvals import Approval
from resolver.store.cases import Case
from resolver.store.database import Connection, Database
from resolver.store.migrate import migrate
from resolver.store.times import stored
from resolver.store.vault import open_vault

WHY = Reason(
    "refund_order", "Refund an order", "zendesk:7/1-1", "refund", "Delivered.", {"order.total": "€12.00"}
)
TOLD = Suggestion(
    text="Done. €12.00 is on its way to you.",
    actions=(Action("Refund", {"amount": "€12.00"}, "[]"),),
    changes={"status": "solved"},
    hand_off=None,
    reasons=(WHY,),
    teams=("team_leads",),
    owners=("support-ops@acme.example",),
    digest="d",
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data of an installation in which one suggestion waits for a member of team_leads."""
    folder = tmp_path / "data"
    folder.mkdir()
    url = f"sqlite:///{folder / 'resolver.db'}"
    migrate(url)
    Engine.migrate(url)
    database, now = Database(url), datetime.now(UTC)
    vault = database.read_now(lambda c: open_vault(c, folder / "resolver.key"))

    def job(connection: Connection) -> None:
        case = Case("zendesk:7", "zendesk", "7", "zendesk:1", waiting=("zendesk:7/1-1",))
        cases.put(connection, case, now=now)
        asked = Approval(
            "suggestion-1", case.id, "zendesk:7/1-1", "", "d", "team_leads", "policy",
            vault.key(connection, case.requester).seal(TOLD.to_json()), "support-ops@acme.example",
            stored(now), stored(now + timedelta(days=1)), kind="suggestion",
        )  # fmt: skip
        approvals.ask(connection, asked)

    database.write_now(job)
    database.close()
    return folder


@pytest.fixture
def typed(resolver, data):
    """A command about that installation."""
    return lambda *words: resolver("suggestions", *words, "--data", data)


def test_what_is_suggested_is_listed_and_shown_whole(typed):
    listed = typed("list")
    (one,) = typed("list", "--json").data["suggestions"]
    told = typed("show", "suggestion-1")

    assert "suggestion-1: ticket zendesk:7, Refund; until" in listed.out
    assert (one["reply"], one["teams"], one["state"]) == (TOLD.text, ["team_leads"], "waiting")
    assert one["actions"] == [{"title": "Refund", "values": {"amount": "€12.00"}}]
    for line in ("amount: €12.00", TOLD.text, "status: solved", "By rule refund of refund_order: Delivered."):
        assert line in told.out
    assert "Needs a member of: team_leads" in told.out


def test_it_is_not_listed_among_the_approvals(resolver, data):
    assert resolver("approvals", "list", "--json", "--data", data).data == {"approvals": []}


def test_a_member_accepts_it_once_and_its_turn_is_rung_for(typed, data):
    accepted = typed("accept", "suggestion-1", "--as", "lea@acme.example", "--json")
    again = typed("accept", "suggestion-1", "--as", "sam@acme.example")

    database = Database(f"sqlite:///{data / 'resolver.db'}")
    waiting = database.read_now(events.count_by_state)
    database.close()
    assert accepted.data["state"] == "accepted"
    assert (again.code, waiting) == (2, {"queued": 1})
    assert "already accepted" in again.err
    assert "accepted by local:lea@acme.example" in typed("show", "suggestion-1").out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("accept", "suggestion-1", "--as", "eve@acme.example"), "is not a member of team_leads"),
        (("accept", "suggestion-1", "--as", "eve"), "'eve' is no e-mail address"),
        (("reject", "suggestion-9", "--as", "eve@acme.example"), "There is no suggestion 'suggestion-9'"),
        (("show", "suggestion-9"), "There is no suggestion 'suggestion-9'"),
    ],
)
def test_an_answer_that_does_not_count_is_refused_with_the_reason(typed, words, problem):
    told = typed(*words)

    assert told.code == 2
    assert problem in told.err
    assert typed("list", "--json").data["suggestions"][0]["state"] == "waiting"


def test_whoever_works_on_the_ticket_may_reject_it(typed):
    told = typed("reject", "suggestion-1", "--as", "eve@acme.example")

    assert told.code == 0
    assert "left to the people" in told.out
