"""The sandbox's web page: what a person sees and does there."""

import httpx
import pytest

from connectors.zendesk.sandbox import ZendeskSandbox
from connectors.zendesk.tests.sandbox_callers import http_on


@pytest.fixture
def sandbox():
    with ZendeskSandbox() as running:
        yield running


@pytest.fixture
def page(sandbox):
    with httpx.Client(base_url=sandbox.url, follow_redirects=True, trust_env=False) as client:
        yield client


def test_an_empty_account_invites_to_write(page):
    text = page.get("/").text

    assert "No tickets yet" in text
    assert 'href="/write"' in text


def test_a_message_written_on_the_page_becomes_a_ticket(sandbox, page):
    sent = {"name": "Ann Lee", "email": "ann@example.com", "subject": "Mug", "text": "It broke.\r\n\r\nAnn"}

    shown = page.post("/write", data=sent)

    assert shown.url.path == "/tickets/1"
    assert "It broke." in shown.text
    assert sandbox.ticket(1)["comments"][0]["body"] == "It broke.\n\nAnn"
    assert "Mug" in page.get("/").text


def test_an_answer_on_the_page_is_the_customers(sandbox, page):
    number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello")
    sandbox.set_status(number, "pending")

    page.post(f"/tickets/{number}/answer", data={"text": "yes"})

    ticket = sandbox.ticket(number)
    assert ticket["status"] == "open"
    assert ticket["comments"][-1]["author_id"] == ticket["requester"]["id"]


def test_a_ticket_shows_notes_apart_from_replies_and_everything_about_it(sandbox, page):
    number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello", flags=(14,))
    sandbox.assign(number, agent="Tom Okafor", group="Refunds")
    sandbox.agent_writes(number, "Only for us", public=False)
    with http_on(sandbox) as api:
        change = {"comment": {"html_body": "<p>Dear <b>Ann</b></p>"}, "additional_tags": ["asked"]}
        api.put(f"/tickets/{number}", json={"ticket": {**change, "metadata": {"resolver_run": "r-77"}}})

    text = page.get(f"/tickets/{number}").text

    for part in (
        "Internal note",
        "Only for us",
        "Refunds",
        "Tom Okafor",
        "asked",
        "Flags 14",
        "resolver_run = r-77",
        "Group: none → Refunds",
    ):
        assert part in text
    assert "<p>Dear <b>Ann</b></p>" in text


def test_texts_are_escaped_and_html_is_cleaned(sandbox, page):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    number = sandbox.customer_writes("ann@example.com", evil, evil, f"see {evil}")
    with http_on(sandbox) as api:
        change = {
            "comment": {"html_body": f"<p>{evil}</p>"},
            "metadata": {evil: evil},
            "additional_tags": [evil],
        }
        api.put(f"/tickets/{number}", json={"ticket": change})

    for path in ("/", f"/tickets/{number}"):
        answer = page.get(path)
        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_page_of_another_origin_cannot_write(sandbox, page):
    sent = {"email": "ann@example.com", "text": "Hello"}

    answer = page.post("/write", data=sent, headers={"Origin": "http://evil.example"})

    assert answer.status_code == 400
    assert sandbox.tickets() == []


@pytest.mark.parametrize(
    "sent", [{"email": "nobody", "text": "x"}, {"email": "a@example.com", "text": " "}, {}]
)
def test_a_message_that_says_too_little_is_asked_for_again(sandbox, page, sent):
    answer = page.post("/write", data=sent)

    assert answer.status_code == 422
    assert "are needed" in answer.text
    assert sandbox.tickets() == []


@pytest.mark.parametrize("path", ["/write", "/tickets/1/answer"])
def test_a_text_of_nothing_visible_is_no_server_error(sandbox, page, path):
    sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello")

    answer = page.post(path, data={"email": "ann@example.com", "text": "\x01"})

    assert answer.status_code in (200, 422)
    assert len(sandbox.ticket(1)["comments"]) == 1
    assert len(sandbox.tickets()) == 1


def test_an_empty_answer_changes_nothing(sandbox, page):
    number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello")

    page.post(f"/tickets/{number}/answer", data={"text": "  "})

    assert len(sandbox.ticket(number)["comments"]) == 1


def test_deleted_unknown_and_closed_tickets_say_so(sandbox, page):
    closed = sandbox.customer_writes("ann@example.com", "Ann", "Old", "Hello")
    sandbox.close(closed)
    gone = sandbox.customer_writes("ann@example.com", "Ann", "Gone", "Hello")
    sandbox.delete(gone)

    assert page.get("/tickets/77").status_code == 404
    assert "deleted" in page.get(f"/tickets/{gone}").text
    assert page.post(f"/tickets/{gone}/answer", data={"text": "hm"}).status_code == 404
    followed = page.post(f"/tickets/{closed}/answer", data={"text": "again"})
    assert followed.url.path == f"/tickets/{gone + 1}"
    assert f"Follow-up of #{closed}" in followed.text
