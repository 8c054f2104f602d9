"""What a connector's HTTP exchange becomes: an answer, Unavailable or Unknown, and how often a request is sent."""

import gzip
from collections.abc import AsyncIterator, Iterable

import httpx
import pytest

from resolver.connector.http import ANSWER_LIMIT_BYTES, Http, retry_after_s
from resolver.errors import Unavailable, Unknown

Reply = httpx.Response | Exception


class Backend:
    """Answers one prepared reply after the other, the last one for ever, and remembers what it was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def rest(self, seconds: float) -> None:
        self.waits.append(seconds)

    def http(self) -> Http:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self), base_url="https://shop.example")
        return Http(client, credential="token", sleep=self.rest)


def get() -> httpx.Request:
    return httpx.Request("GET", "https://shop.example/orders/1?email=ann@example.com")


def post() -> httpx.Request:
    return httpx.Request("POST", "https://shop.example/orders/1/refunds", json={"amount": 1})


def json(status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"n": 1}, headers=headers)


class Dripping(httpx.AsyncByteStream):
    """A body that never ends."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk


async def test_a_read_gives_status_and_body():
    backend = Backend(httpx.Response(200, text='{"total": 1.10}'))

    answer = await backend.http().read(get())

    assert (answer.ok, str(answer.body["total"])) == (True, "1.10")


async def test_a_read_that_is_told_no_gives_the_shops_own_words():
    backend = Backend(httpx.Response(404, json={"error": {"code": "not_found"}}))

    answer = await backend.http().read(get())

    assert (answer.ok, answer.status, answer.body) == (False, 404, {"error": {"code": "not_found"}})
    assert len(backend.requests) == 1


@pytest.mark.parametrize(
    "first",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("gone"),
        httpx.Response(500),
        httpx.Response(502, html="<h1>Bad gateway</h1>"),
        httpx.Response(200, text="{"),
        json(429),
    ],
    ids=str,
)
async def test_a_read_is_tried_again_after_trouble_that_may_pass(first):
    backend = Backend(first, json())

    answer = await backend.http().read(get())

    assert answer.ok
    assert len(backend.requests) == 2


async def test_a_read_is_tried_three_times_and_then_the_backend_is_unavailable():
    backend = Backend(httpx.Response(500))

    with pytest.raises(Unavailable, match="status 500") as caught:
        await backend.http().read(get())

    assert len(backend.requests) == 3
    assert all(0 <= wait <= 3 for wait in backend.waits)
    assert "ann@example.com" not in str(caught.value)


async def test_a_read_waits_as_long_as_it_was_asked_to():
    backend = Backend(json(429, **{"Retry-After": "4"}), json())

    await backend.http().read(get())

    assert backend.waits == [4.0]


async def test_a_read_does_not_wait_for_longer_than_its_ten_seconds():
    backend = Backend(json(503, **{"Retry-After": "60"}))

    with pytest.raises(Unavailable) as caught:
        await backend.http().read(get())

    assert caught.value.retry_after_s == 60
    assert backend.waits == []


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    "send", [lambda http: http.read(get()), lambda http: http.write(post())], ids=["read", "write"]
)
async def test_a_refused_login_names_the_setting_to_renew_and_is_not_tried_again(status, send):
    backend = Backend(httpx.Response(status, text="no"))

    with pytest.raises(Unavailable) as caught:
        await send(backend.http())

    assert "'token'" in caught.value.remedy
    assert len(backend.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.PoolTimeout("busy"),
        httpx.ProxyError("tunnel"),
        json(429),
        json(429, **{"Retry-After": "2"}),
        json(503, **{"Retry-After": "2"}),
    ],
    ids=str,
)
async def test_a_write_that_surely_did_not_happen_is_unavailable_and_sent_once(reply):
    backend = Backend(reply)

    with pytest.raises(Unavailable):
        await backend.http().write(post())

    assert len(backend.requests) == 1
    assert backend.waits == []


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("broken pipe"),
        httpx.RemoteProtocolError("gone"),
        httpx.Response(500),
        httpx.Response(502, html="<h1>Bad gateway</h1>"),
        json(503),
        json(408),
        httpx.Response(303, headers={"Location": "/elsewhere"}),
        httpx.Response(307, headers={"Location": "https://elsewhere.example"}),
        httpx.Response(200),
        httpx.Response(200, text='{"refund": {"id": "r1"'),
        httpx.Response(200, text='{"n": NaN}'),
        httpx.Response(200, text='{"amount": 1, "amount": 9999}'),
        httpx.Response(200, text='{"name": "\\ud800"}'),
        httpx.Response(200, text="[" * 100_000),
        httpx.Response(200, content=b'{"name": "\xff"}'),
        httpx.Response(404, html="<h1>Not here</h1>"),
        httpx.DecodingError("no gzip"),
    ],
    ids=lambda reply: repr(reply)[:40],
)
async def test_a_write_without_a_usable_answer_is_unknown_and_sent_once(reply):
    backend = Backend(reply)

    with pytest.raises(Unknown, match="no usable answer"):
        await backend.http().write(post())

    assert len(backend.requests) == 1


async def test_an_answer_that_never_ends_is_cut_off():
    body = Dripping(b"x" * 65_536 for _ in range(ANSWER_LIMIT_BYTES))
    backend = Backend(httpx.Response(200, stream=body))

    with pytest.raises(Unknown, match="bytes"):
        await backend.http().write(post())


async def test_a_compressed_answer_is_read():
    content = gzip.compress(b'{"n": 1}')
    backend = Backend(httpx.Response(200, content=content, headers={"Content-Encoding": "gzip"}))

    answer = await backend.http().write(post())

    assert answer.body == {"n": 1}


async def test_an_answer_without_content_is_an_answer():
    answer = await Backend(httpx.Response(204)).http().write(post())

    assert (answer.ok, answer.body) == (True, None)


def asked(value: str, **headers: str) -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": value, **headers})


@pytest.mark.parametrize(
    ("response", "seconds"),
    [
        (asked("2"), 2.0),
        (asked("Mon, 23 Nov 2026 10:00:07 GMT", Date="Mon, 23 Nov 2026 10:00:00 GMT"), 7.0),
        (asked("Mon, 23 Nov 2026 09:00:00 GMT", Date="Mon, 23 Nov 2026 10:00:00 GMT"), 0.0),
        (asked("Mon, 23 Nov 2026 10:00:07 GMT"), None),
        (asked("soon"), None),
        (asked("-1"), None),
        (httpx.Response(429), None),
    ],
)
def test_retry_after_is_read_in_both_forms(response, seconds):
    assert retry_after_s(response) == seconds
