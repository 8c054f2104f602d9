"""What may be delivered, and what happens to everything else: a 4xx, one log line, nothing stored, no harm done."""

import asyncio
import gzip
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from resolver.store.sqlite import sqlite_module
from tests.web.conftest import MOST, Receiver

Log = pytest.LogCaptureFixture


def lines(log: Log) -> list[str]:
    """What was logged about deliveries."""
    return [record.getMessage() for record in log.records if record.name == "resolver.webhooks"]


# -- good ones --------------------------------------------------------------------------------------------------------


async def test_a_signed_delivery_is_stored_and_answered(receiver: Receiver, log: Log) -> None:
    answer = await receiver.gets(receiver.body())

    assert (answer.status_code, receiver.stored, lines(log)) == (202, 1, [])


async def test_the_same_delivery_again_is_answered_and_not_stored_again(receiver: Receiver) -> None:
    body = receiver.body()

    answers = [await receiver.gets(body) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [202] * 5
    assert receiver.stored == 1


async def test_fields_nobody_knows_are_accepted(receiver: Receiver) -> None:
    answer = await receiver.gets(
        receiver.body(account_id=1, zendesk_event_version="2027-01-01", new={"a": [1.5]})
    )

    assert (answer.status_code, receiver.stored) == (202, 1)


async def test_a_topic_that_is_none_of_ours_is_answered_and_forgotten(receiver: Receiver) -> None:
    answer = await receiver.gets(receiver.body(type="zen:event-type:user.created"))

    assert (answer.status_code, receiver.stored) == (202, 0)


async def test_a_body_of_many_brackets_within_texts_is_not_deep(receiver: Receiver) -> None:
    answer = await receiver.gets(receiver.body(note="[" * 20_000))

    assert (answer.status_code, receiver.stored) == (202, 1)


# -- forged and stale ones --------------------------------------------------------------------------------------------


async def refused(receiver: Receiver, log: Log, answer: httpx.Response, status: int) -> None:
    """The claim of this file: this status, one line, nothing stored, and the next good delivery is taken."""
    assert answer.status_code == status
    assert len(lines(log)) == 1
    assert receiver.stored == 0
    assert (await receiver.gets(receiver.body())).status_code == 202


async def test_a_delivery_signed_with_another_secret_is_refused(receiver: Receiver, log: Log) -> None:
    answer = await receiver.gets(receiver.body(), secret="somebody else's")

    await refused(receiver, log, answer, 401)


async def test_a_delivery_whose_body_was_changed_on_the_way_is_refused(receiver: Receiver, log: Log) -> None:
    body = receiver.body()

    answer = await receiver.gets(body, sent=body.replace(b"48211", b"48212"))

    await refused(receiver, log, answer, 401)


async def test_a_delivery_without_a_signature_is_refused(receiver: Receiver, log: Log) -> None:
    answer = await receiver.client.post("/hooks/zendesk", content=receiver.body())

    await refused(receiver, log, answer, 401)


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24 * 365])
async def test_a_delivery_signed_at_another_time_is_refused(
    receiver: Receiver, log: Log, minutes: int
) -> None:
    signed_at = datetime.now(UTC) + timedelta(minutes=minutes)

    answer = await receiver.gets(receiver.body(), signed_at=signed_at)

    await refused(receiver, log, answer, 401)


async def test_a_connection_nobody_configured_looks_like_a_bad_signature(
    receiver: Receiver, log: Log
) -> None:
    answer = await receiver.gets(receiver.body(), to="freshdesk")

    await refused(receiver, log, answer, 401)


async def test_a_signature_beyond_ascii_is_refused(receiver: Receiver, log: Log) -> None:
    answer = await receiver.client.post(
        "/hooks/zendesk",
        content=receiver.body(),
        headers=[
            (b"x-zendesk-webhook-signature", "ü".encode()),
            (b"x-zendesk-webhook-signature-timestamp", b"2026-11-23T09:00:00Z"),
        ],
    )

    await refused(receiver, log, answer, 401)


# -- bodies -----------------------------------------------------------------------------------------------------------


async def test_an_oversized_delivery_is_refused_before_it_is_read(receiver: Receiver, log: Log) -> None:
    answer = await receiver.gets(receiver.body(note="x" * MOST))

    await refused(receiver, log, answer, 413)


async def test_an_oversized_delivery_that_hides_its_length_is_refused(receiver: Receiver, log: Log) -> None:
    async def endless() -> object:
        for _ in range(MOST // 1024 + 2):
            yield b"x" * 1024

    answer = await receiver.client.post("/hooks/zendesk", content=endless())  # type: ignore[arg-type]  # an async generator

    await refused(receiver, log, answer, 413)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
async def test_a_compressed_delivery_is_refused_unopened(receiver: Receiver, log: Log, encoding: str) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)

    answer = await receiver.gets(bomb, headers={"Content-Encoding": encoding})

    await refused(receiver, log, answer, 415)


async def test_a_sender_who_hangs_up_in_the_middle_costs_one_line(receiver: Receiver, log: Log) -> None:
    _, writer = await asyncio.open_connection(receiver.client.base_url.host, receiver.client.base_url.port)

    writer.write(b"POST /hooks/zendesk HTTP/1.1\r\nHost: resolver\r\nContent-Length: 1000\r\n\r\n{")
    await writer.drain()
    writer.close()
    while not lines(log):
        await asyncio.sleep(0.01)

    assert (len(log.records), receiver.stored) == (1, 0)
    assert (await receiver.gets(receiver.body())).status_code == 202


NOT_THE_ONE_THING: dict[str, Callable[[Receiver], bytes]] = {
    "empty": lambda _: b"",
    "no JSON": lambda _: b"ticket=48211&comment=1",
    "half of one": lambda receiver: receiver.body()[:-5],
    "a list": lambda receiver: b"[" + receiver.body() + b"]",
    "a text": lambda _: b'"48211"',
    "two of them": lambda receiver: receiver.body() + receiver.body(),
    "a name twice": lambda receiver: receiver.body().replace(b'{"id"', b'{"id":"other","id"', 1),
    "a name twice inside": lambda receiver: receiver.body(detail={"id": "1"}).replace(
        b'"detail":{', b'"detail":{"id":"2",'
    ),
    "deep lists": lambda receiver: receiver.body(x=0).replace(
        b'"x":0', b'"x":' + b"[" * 20_000 + b"]" * 20_000
    ),
    "deep objects": lambda _: b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    "deep and unclosed": lambda _: b"[" * 60_000,
    "NaN": lambda receiver: receiver.body(x=0).replace(b'"x":0', b'"x":NaN'),
    "infinity": lambda receiver: receiver.body(x=0).replace(b'"x":0', b'"x":-Infinity'),
    "a number of 50,000 digits": lambda receiver: receiver.body(x=0).replace(
        b'"x":0', b'"x":' + b"9" * 50_000
    ),
    "byte order mark": lambda receiver: b"\xef\xbb\xbf" + receiver.body(),
    "UTF-16": lambda receiver: receiver.body().decode().encode("utf-16"),
    "not UTF-8": lambda receiver: receiver.body(note="§§").replace("§§".encode(), b"\xff\xfe"),
    "a control character in a text": lambda receiver: receiver.body(note="§").replace("§".encode(), b"\x00"),
    "no ticket": lambda receiver: receiver.body(detail={}),
    "a ticket that is none": lambda receiver: receiver.body(detail={"id": "48211; DROP TABLE event"}),
    "two tickets": lambda receiver: receiver.body(detail={"id": "48212"}),
    "a NUL in the event's id": lambda receiver: receiver.body(id="event\0one"),
    "half a surrogate pair in the event's id": lambda receiver: receiver.body(id="§").replace(
        "§".encode(), b"\\ud800"
    ),
    "an event id of 10,000 letters": lambda receiver: receiver.body(id="e" * 10_000),
    "an event id of digits": lambda receiver: receiver.body(id=17),
    "a NUL in the comment's id": lambda receiver: receiver.body(event={"comment": {"id": "10\x0001"}}),
    "a comment that is a list": lambda receiver: receiver.body(event={"comment": [1]}),
}


@pytest.mark.parametrize("kind", NOT_THE_ONE_THING)
async def test_a_signed_body_that_cannot_be_trusted_is_refused_at_once(
    receiver: Receiver, log: Log, kind: str
) -> None:
    body = NOT_THE_ONE_THING[kind](receiver)
    began = time.monotonic()

    answer = await receiver.gets(body)

    assert time.monotonic() - began < 1
    await refused(receiver, log, answer, 400)


async def test_nothing_of_a_refused_body_is_logged(receiver: Receiver, log: Log) -> None:
    await receiver.gets(receiver.body(detail={"id": "ann@example.com"}))

    assert "ann@example.com" not in "".join(lines(log))


async def test_one_poisoned_delivery_among_neighbours_is_refused_alone(receiver: Receiver) -> None:
    tickets = [str(number) for number in range(1, 41)]
    bodies = [receiver.body(detail={"id": one}, subject="") for one in tickets]
    bodies[20] = receiver.body(id="event\0poisoned")

    answers = await asyncio.gather(*(receiver.gets(body) for body in bodies))

    assert [answer.status_code for answer in answers] == [202] * 20 + [400] + [202] * 19
    assert sorted(receiver.tickets, key=int) == [one for one in tickets if one != "21"]


# -- a store that cannot commit ---------------------------------------------------------------------------------------


async def test_a_store_that_cannot_commit_asks_the_helpdesk_to_come_again(
    receiver: Receiver, log: Log
) -> None:
    body = receiver.body()
    with closing(sqlite_module().connect(receiver.path)) as file:
        file.execute("CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'disk full'); END")

    answer = await receiver.gets(body)
    with closing(sqlite_module().connect(receiver.path)) as file:
        file.execute("DROP TRIGGER full")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (len(lines(log)), receiver.stored) == (1, 0)
    assert ((await receiver.gets(body)).status_code, receiver.stored) == (202, 1)


async def test_an_engine_that_cannot_enqueue_stores_no_event_either(receiver: Receiver) -> None:
    body = receiver.body()
    with closing(sqlite_module().connect(receiver.path)) as file:
        file.execute(
            "CREATE TRIGGER full BEFORE INSERT ON workflow_status BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )

    answer = await receiver.gets(body)
    with closing(sqlite_module().connect(receiver.path)) as file:
        file.execute("DROP TRIGGER full")

    assert (answer.status_code, receiver.stored) == (503, 0)
    assert ((await receiver.gets(body)).status_code, receiver.stored) == (202, 1)


async def test_a_store_that_is_locked_is_not_waited_for_until_the_helpdesk_gives_up(
    receiver: Receiver,
) -> None:
    body = receiver.body()
    file = sqlite_module().connect(receiver.path, isolation_level=None)
    file.execute("BEGIN IMMEDIATE")
    began = time.monotonic()

    answer = await receiver.gets(body)
    waited_s = time.monotonic() - began
    file.execute("ROLLBACK")
    file.close()

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert waited_s < 8  # helpdesks hang up after ten


async def test_a_store_that_is_closed_asks_the_helpdesk_to_come_again(receiver: Receiver) -> None:
    receiver.database.close()

    answer = await receiver.gets(receiver.body())

    assert answer.status_code == 503
