"""What one write-back becomes on the wire: one PUT, once, with nothing in it that Zendesk would expand or link."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anyio
import pytest

from connectors.zendesk import helpdesk
from connectors.zendesk.update import as_html
from resolver.clock import system_clock
from resolver.connector.helpdesk import Helpdesk
from resolver.errors import Malformed, Refused, Stale, Unavailable, Unknown
from resolver.ticket import (
    Channel,
    ConnectionName,
    Level,
    Requester,
    Status,
    Ticket,
    TicketId,
    TicketRef,
    WriteBack,
)

STAMP = "2026-11-23T09:31:47Z"
BOT = 360001110001


@dataclass
class Recorder:
    """A Zendesk that writes down every update and gives the answer it was told to give."""

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    tokens: int = 0
    url: str = ""
    go_on: threading.Event = field(default_factory=threading.Event)
    hangs: bool = False

    def answer(self, method: str, path: str, sent: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        if path == "/oauth/tokens":
            self.tokens += 1
            return 200, json.dumps({"access_token": f"t{self.tokens}", "expires_in": 1800}).encode(), {}
        if method == "GET":
            return 200, json.dumps(self._read(path)).encode(), {}
        self.updates.append(sent["ticket"])
        self.paths.append(path)
        if self.hangs:
            self.go_on.wait(10)
        return self.status, _updated(sent) if self.body is None else self.body, self.headers

    def _read(self, path: str) -> dict[str, Any]:
        if "/users/me" in path:
            return {"user": {"id": BOT, "role": "admin", "name": "Resolver"}}
        if "/groups" in path:
            return {"groups": [{"id": 77, "name": "Refunds"}], "meta": {"has_more": False}}
        return {"ticket_fields": [{"id": 501, "title": "Order number"}]}


def _updated(sent: dict[str, Any]) -> bytes:
    audit = {
        "id": 9,
        "events": [{"id": 41, "type": "Comment"}],
        "metadata": {"custom": sent["ticket"]["metadata"]},
    }
    return json.dumps({"ticket": {"id": 5, "updated_at": "2026-11-23T09:32:00Z"}, "audit": audit}).encode()


@pytest.fixture
def zendesk() -> Iterator[Recorder]:
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}"
            recorder.authorizations.append(self.headers.get("Authorization", ""))
            status, body, headers = recorder.answer(
                self.command, self.path.partition("?")[0], json.loads(raw)
            )
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # whoever asked may have given up waiting; that is what is tested
                self.end_headers()
                self.wfile.write(body)

        do_GET = do_PUT = do_POST = _serve

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    recorder.url = f"http://127.0.0.1:{server.server_port}"
    yield recorder
    recorder.go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


def settings_of(zendesk: Recorder) -> dict[str, str]:
    return {
        "subdomain": "acme",
        "client_id": "resolver",
        "client_secret": "s3cret",
        "signing_secret": "x",
        "base_url": zendesk.url,
    }


@pytest.fixture
async def desk(zendesk: Recorder) -> AsyncIterator[Helpdesk]:
    opened = helpdesk.connect(settings_of(zendesk), clock=system_clock)
    yield opened
    await opened.aclose()


def ticket(**changes: Any) -> Ticket:
    """A ticket read a while ago: its second is over, so that the stamp alone will do."""
    now = datetime(2026, 11, 23, 9, 31, 47, tzinfo=UTC)
    read = Ticket(
        ref=TicketRef(ConnectionName("zendesk"), TicketId("5")),
        subject="Refund",
        status=Status.OPEN,
        priority=None,
        channel=Channel.EMAIL,
        requester=Requester("7", "ann@example.com", "Ann", "en-US", Level.VERIFIED, "It is her."),
        messages=(),
        tags=(),
        stamp=STAMP,
        staff_stamp="0/0",
        created_at=now,
        updated_at=now,
    )
    return replace(read, **changes)


async def test_everything_goes_out_as_one_conditional_update_with_the_marker(
    desk: Helpdesk, zendesk: Recorder
) -> None:
    write = WriteBack(
        marker="wb-1",
        public="Refunded.\n\nBye",
        status=Status.PENDING,
        priority="high",
        queue="Refunds",
        release=True,
        add_tags=("resolver",),
        remove_tags=("new",),
        fields={"Order number": "A-1", "502": "x"},
    )

    receipt = await desk.write_back(ticket(assignee="8"), write)

    assert zendesk.paths == ["/api/v2/tickets/5.json"]
    assert zendesk.updates == [
        {
            "id": 5,
            "safe_update": True,
            "updated_stamp": STAMP,
            "metadata": {"resolver_op": "wb-1"},
            "comment": {"html_body": "<p>Refunded.</p><p>Bye</p>", "public": True},
            "status": "pending",
            "priority": "high",
            "group_id": 77,
            "assignee_id": None,
            "additional_tags": ["resolver"],
            "remove_tags": ["new"],
            "custom_fields": [{"id": 501, "value": "A-1"}, {"id": 502, "value": "x"}],
        }
    ]
    assert (receipt.message_id, receipt.stamp) == ("41", "2026-11-23T09:32:00Z#9")


async def test_what_is_not_asked_for_is_not_in_the_update(desk: Helpdesk, zendesk: Recorder) -> None:
    await desk.write_back(ticket(), WriteBack(marker="wb-1", private="Note"))

    (sent,) = zendesk.updates
    assert sorted(sent) == ["comment", "id", "metadata", "safe_update", "updated_stamp"]
    assert sent["comment"] == {"html_body": "<p>Note</p>", "public": False}


async def test_a_second_update_is_as_conditional_as_the_first(desk: Helpdesk, zendesk: Recorder) -> None:
    for _ in range(3):
        await desk.write_back(ticket(), WriteBack(marker="wb-1", public="Hello"))

    assert zendesk.updates[0] == zendesk.updates[1] == zendesk.updates[2]


async def test_updates_of_many_tasks_at_once_are_all_whole(desk: Helpdesk, zendesk: Recorder) -> None:
    async def write(number: int) -> None:
        await desk.write_back(ticket(), WriteBack(marker=f"wb-{number}", public=str(number), add_tags=("x",)))

    async with anyio.create_task_group() as group:
        for number in range(40):
            group.start_soon(write, number)

    assert {sent["metadata"]["resolver_op"] for sent in zendesk.updates} == {f"wb-{n}" for n in range(40)}
    wanted = ["additional_tags", "comment", "id", "metadata", "safe_update", "updated_stamp"]
    assert all(sorted(sent) == wanted for sent in zendesk.updates)
    assert zendesk.tokens == 1


async def test_two_texts_in_one_update_are_a_fault_of_the_caller(desk: Helpdesk, zendesk: Recorder) -> None:
    with pytest.raises(Malformed, match="public and a private"):
        await desk.write_back(ticket(), WriteBack(marker="wb-1", public="a", private="b"))

    assert zendesk.updates == []


@pytest.mark.parametrize(
    ("assignee", "write", "expected"),
    [
        (None, WriteBack("m", status=Status.SOLVED), {"assignee_id": BOT}),
        ("8", WriteBack("m", status=Status.SOLVED), {}),
        ("8", WriteBack("m", status=Status.SOLVED, release=True), {"assignee_id": BOT}),
        (str(BOT), WriteBack("m", status=Status.SOLVED), {}),
        (str(BOT), WriteBack("m", status=Status.PENDING), {"assignee_id": None}),
        (str(BOT), WriteBack("m", add_tags=("x",)), {}),
        ("8", WriteBack("m", status=Status.OPEN), {}),
        ("8", WriteBack("m", status=Status.OPEN, release=True), {"assignee_id": None}),
        (None, WriteBack("m", status=Status.PENDING), {}),
    ],
)
async def test_the_bot_stands_in_where_solving_needs_an_assignee_and_lets_go_afterwards(
    desk: Helpdesk, zendesk: Recorder, assignee: str | None, write: WriteBack, expected: dict[str, Any]
) -> None:
    await desk.write_back(ticket(assignee=assignee), write)

    assert {key: value for key, value in zendesk.updates[0].items() if key == "assignee_id"} == expected


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (Status.OPEN, "open"),
        (Status.PENDING, "pending"),
        (Status.ON_HOLD, "hold"),
        (Status.SOLVED, "solved"),
    ],
)
async def test_every_status_has_zendesks_word(
    desk: Helpdesk, zendesk: Recorder, status: Status, word: str
) -> None:
    await desk.write_back(ticket(), WriteBack("m", status=status))

    assert zendesk.updates[0]["status"] == word


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (WriteBack("m", private="Note", queue="Nowhere"), "no_such_queue"),
        (WriteBack("m", private="Note", fields={"Colour": "x"}), "no_such_field"),
    ],
)
async def test_a_queue_or_field_nobody_made_is_refused_before_anything_is_sent(
    desk: Helpdesk, zendesk: Recorder, write: WriteBack, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        await desk.write_back(ticket(), write)

    assert refused.value.code == code
    assert zendesk.updates == []


async def test_a_closed_ticket_is_refused_without_a_call(desk: Helpdesk, zendesk: Recorder) -> None:
    with pytest.raises(Refused) as refused:
        await desk.write_back(ticket(status=Status.CLOSED), WriteBack("m", private="Note"))

    assert refused.value.code == "closed"
    assert zendesk.updates == []


CLOSED = b'{"error":"RecordInvalid","details":{"status":[{"description":"Status: closed prevents ticket update"}]}}'


@pytest.mark.parametrize(
    ("status", "body", "fate"),
    [
        (400, b'{"error":{"title":"Bad","message":"no"}}', Refused),
        (403, b'{"error":"Forbidden"}', Refused),
        (404, b'{"error":"RecordNotFound"}', Refused),
        (409, b'{"error":"UpdateConflict"}', Stale),
        (422, CLOSED, Refused),
        (422, b'{"error":"invalid"}', Refused),
        (422, b"<html>", Refused),
        (429, b'{"error":"APIRateLimitExceeded"}', Unavailable),
        (301, b"", Unavailable),
        (408, b"", Unknown),
        (500, b"oops", Unknown),
        (502, b"", Unknown),
        (503, b"", Unknown),
        (200, b"", Unknown),
        (200, b"<html>login</html>", Unknown),
        (200, b'{"ticket":{"id":5,"upd', Unknown),
        (200, b"[]", Unknown),
        (200, b'{"ticket":{"id":5,"updated_at":"2026-11-23T09:32:00Z"}}', Unknown),
        (200, b'{"ticket":[],"audit":"x"}', Unknown),
        (204, b"", Unknown),
    ],
)
async def test_every_answer_has_one_fate_and_the_update_is_sent_once(
    desk: Helpdesk, zendesk: Recorder, status: int, body: bytes, fate: type[Exception]
) -> None:
    zendesk.status, zendesk.body = status, body

    with pytest.raises(fate):
        await desk.write_back(ticket(), WriteBack("m", public="Hello"))

    assert len(zendesk.updates) == 1


async def test_an_answer_that_comes_too_late_is_unknown_and_the_update_is_sent_once(
    zendesk: Recorder,
) -> None:
    impatient = helpdesk.connect({**settings_of(zendesk), "timeout_s": "0.3"}, clock=system_clock)
    zendesk.hangs = True

    with pytest.raises(Unknown):
        await impatient.write_back(ticket(), WriteBack("m", public="Hello"))
    await impatient.aclose()

    assert len(zendesk.updates) == 1


async def test_a_ticket_closed_meanwhile_says_so(desk: Helpdesk, zendesk: Recorder) -> None:
    zendesk.status, zendesk.body = 422, CLOSED

    with pytest.raises(Refused) as refused:
        await desk.write_back(ticket(), WriteBack("m", public="Hello"))

    assert refused.value.code == "closed"


async def test_told_to_wait_says_how_long_and_holds_the_next_update_back(
    desk: Helpdesk, zendesk: Recorder
) -> None:
    zendesk.status, zendesk.body, zendesk.headers = 429, b"{}", {"Retry-After": "47"}
    with pytest.raises(Unavailable) as first:
        await desk.write_back(ticket(), WriteBack("m", public="Hello"))

    with pytest.raises(Unavailable) as second:
        await desk.write_back(ticket(), WriteBack("m", public="Hello"))

    assert first.value.retry_after_s == 47
    assert 40 < (second.value.retry_after_s or 0) <= 47
    assert len(zendesk.updates) == 1


async def test_a_refused_token_is_renewed_once_and_then_given_up(desk: Helpdesk, zendesk: Recorder) -> None:
    zendesk.status, zendesk.body = 401, b'{"error":"invalid_token"}'

    with pytest.raises(Unavailable, match="401"):
        await desk.write_back(ticket(), WriteBack("m", public="Hello"))

    assert len(zendesk.updates) == 2  # a 401 was surely not executed
    assert zendesk.tokens == 2
    assert zendesk.authorizations[-1] == "Bearer t2"


async def test_nobody_there_is_surely_not_executed(zendesk: Recorder) -> None:
    nobody = helpdesk.connect({**settings_of(zendesk), "base_url": "http://127.0.0.1:1"}, clock=system_clock)

    with pytest.raises(Unavailable):
        await nobody.write_back(ticket(), WriteBack("m", public="Hello"))
    await nobody.aclose()


# ---- text made safe ----


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("Hello", "<p>Hello</p>"),
        ("one\ntwo\n\nthree\n \n\nfour\n", "<p>one<br>two</p><p>three</p><p>four</p>"),
        ("a\r\nb", "<p>a<br>b</p>"),
        ("", ""),
        (" \n\n ", ""),
        ("<b>&amp;</b>", "<p>&lt;b&gt;&amp;amp;&lt;/b&gt;</p>"),
        ("{{ticket.id}}", "<p>{&#123;ticket.id}&#125;</p>"),
        ("{%if x%}", "<p>{&#37;if x%&#125;</p>"),
        ("{{{{", "<p>{&#123;&#123;&#123;</p>"),
        ("{\x00{", "<p>{&#123;</p>"),
        ("&#123;&#123;", "<p>&amp;#123;&amp;#123;</p>"),
        ("{a} 50% {b}", "<p>{a} 50% {b}</p>"),
        ("half \ud83d of a pair", "<p>half ? of a pair</p>"),
        ("bell\x07 tab\t", "<p>bell tab\t</p>"),
    ],
)
def test_text_is_shown_as_it_is_and_means_nothing(text: str, markup: str) -> None:
    assert as_html(text) == markup


def test_an_address_in_a_text_is_not_made_a_link() -> None:
    markup = as_html(
        'https://evil.example/ <a href="https://evil.example">click</a> [x](https://evil.example)'
    )

    assert "<a" not in markup


@pytest.mark.parametrize("filling", ["{", "%", "}", "{%", "a", "\n", "&", "<"])
def test_no_two_braces_ever_stand_in_a_row(filling: str) -> None:
    for text in ("{" + filling + "{", "{" * 5 + filling, filling * 3 + "{%" + filling, "}" + filling + "}"):
        markup = as_html(text)

        assert not any(pair in markup for pair in ("{{", "{%", "}}", "%}"))
