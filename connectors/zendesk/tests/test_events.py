"""Deliveries say which ticket and what about it; what is ambiguous is refused, what is new is let through."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.zendesk.events import INVOCATION_ID, OUR_KINDS, parse
from resolver.errors import Malformed

SAMPLES = Path(os.environ.get("RESOLVER_SHARED_DATA", "")) / "helpdesks" / "samples"


def envelope(**changes: Any) -> dict[str, Any]:
    """An event subscription's body, as Zendesk fixes it."""
    return {
        "account_id": 20260417,
        "detail": {
            "actor_id": "360001110004",
            "assignee_id": "",
            "group_id": "0",
            "external_id": None,
            "id": "48211",
            "priority": "NORMAL",
            "requester_id": "360001110004",
            "status": "OPEN",
            "tags": ["orders"],
            "via": {"channel": "mail"},
        },
        "event": {
            "comment": {
                "id": "41700000000002",
                "body": "Any news?",
                "is_public": True,
                "author": {"id": "360001110004", "is_staff": False, "name": "Ann"},
            }
        },
        "id": "7e9d4410-2b7a-4f59-8c11-90aa12bb34cc",
        "subject": "zen:ticket:48211",
        "time": "2026-11-23T09:31:47.003911840Z",
        "type": "zen:event-type:ticket.comment_added",
        "zendesk_event_version": "2022-11-06",
        **changes,
    }


def deliver(body: Any, headers: dict[str, str] | None = None) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(headers or {}, raw)


def test_a_new_comment_names_its_ticket_its_comment_and_its_moment() -> None:
    (delivery,) = deliver(envelope())

    assert delivery.event_id == "7e9d4410-2b7a-4f59-8c11-90aa12bb34cc"
    assert delivery.kind == "ticket.comment_added"
    assert delivery.ticket == "48211"
    assert delivery.message_id == "41700000000002"
    assert delivery.occurred_at == datetime(2026, 11, 23, 9, 31, 47, 3911, tzinfo=UTC)


@pytest.mark.parametrize("kind", sorted(OUR_KINDS))
def test_every_kind_that_matters_rings(kind: str) -> None:
    (delivery,) = deliver(envelope(type=f"zen:event-type:{kind}", event={}))

    assert delivery.kind == kind
    assert delivery.message_id is None


@pytest.mark.parametrize(
    "kind", ["zen:event-type:user.created", "zen:event-type:ticket.sla_policy_changed", "ticket", "", None, 7]
)
def test_a_topic_that_is_none_of_ours_is_nothing(kind: Any) -> None:
    assert deliver(envelope(type=kind)) == ()


def test_a_topic_that_is_none_of_ours_may_look_any_way() -> None:
    assert deliver({"type": "zen:event-type:organization.created", "detail": "whatever"}) == ()


def test_fields_nobody_knows_yet_are_accepted() -> None:
    odd = envelope(new_part={"deep": [1, 2.5, None, True]}, another="x")
    odd["detail"]["added_in_2027"] = {"a": 1}

    assert len(deliver(odd)) == 1


def test_the_echo_of_our_own_update_rings_nobody_once_we_know_who_we_are() -> None:
    own = envelope()
    own["detail"]["actor_id"] = "360001110001"
    raw = json.dumps(own).encode()

    assert len(parse({}, raw)) == 1
    assert len(parse({}, raw, own=360001110002)) == 1
    assert parse({}, raw, own=360001110001) == ()


@pytest.mark.parametrize("given", ["48211", 48211, "0048211"])
def test_a_ticket_has_one_spelling_however_its_number_is_written(given: Any) -> None:
    changed = envelope(subject=None)
    changed["detail"]["id"] = given

    assert deliver(changed)[0].ticket == "48211"


@pytest.mark.parametrize("none", ["", "0", None, 0])
def test_the_ways_to_write_no_comment_are_no_comment(none: Any) -> None:
    changed = envelope()
    changed["event"]["comment"]["id"] = none

    assert deliver(changed)[0].message_id is None


@pytest.mark.parametrize(
    "none", [{"event": None}, {"event": {"comment": None}}, {"event": {"current": "OPEN"}}]
)
def test_an_event_without_a_comment_has_none(none: dict[str, Any]) -> None:
    assert deliver(envelope(**none))[0].message_id is None


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "0",
        None,
        "12a",
        "-3",
        "1.5",
        "1" * 21,
        " 1",
        "1\n",
        "1\x00",
        "\u0661",
        True,
        2.5,
        [1],
        {"id": 1},
        "1;DROP",
    ],
)
def test_a_ticket_id_that_cannot_be_one_is_refused(bad: Any) -> None:
    changed = envelope(subject=None)
    changed["detail"]["id"] = bad

    with pytest.raises(Malformed):
        deliver(changed)


@pytest.mark.parametrize("bad", ["abc", "4\x001", -1, True, [], "41700000000002\r"])
def test_a_comment_id_that_cannot_be_one_is_refused(bad: Any) -> None:
    changed = envelope()
    changed["event"]["comment"]["id"] = bad

    with pytest.raises(Malformed):
        deliver(changed)


@pytest.mark.parametrize("bad", ["", None, 7, "a" * 129, "id with spaces", "id\x00", "id\n", "ïd"])
def test_an_event_id_that_cannot_be_one_is_refused(bad: Any) -> None:
    with pytest.raises(Malformed):
        deliver(envelope(id=bad))


def test_a_delivery_that_names_two_tickets_is_refused() -> None:
    with pytest.raises(Malformed, match="two different tickets"):
        deliver(envelope(subject="zen:ticket:1"))


@pytest.mark.parametrize(
    "time", ["yesterday", "", None, 5, "2026-13-40T99:99:99Z", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_nobody_can_read_is_no_time(time: Any) -> None:
    assert deliver(envelope(time=time))[0].occurred_at is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no json",
        b"[]",
        b'"text"',
        b"null",
        b"{",
        b'{"a":1,}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1,"a":2}',
        b'{"detail":{"id":"1","id":"2"}}',
        b'{"a":"\x00"}',
        b'{"a":"line\nbreak"}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":1} {"b":2}',
    ],
)
def test_a_body_that_is_not_one_unambiguous_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        deliver(raw)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_thirty_two_levels_are_read_and_one_more_is_refused(opening: bytes, closing: bytes) -> None:
    def nested(levels: int) -> bytes:
        inner = levels - 1
        return b'{"x":' + opening * inner + b"1" + closing * inner + b"}"

    assert deliver(nested(32)) == ()
    with pytest.raises(Malformed, match="32"):
        deliver(nested(33))


def test_a_hundred_thousand_levels_do_not_hurt() -> None:
    with pytest.raises(Malformed):
        deliver(b'{"a":' * 100_000)


def test_brackets_inside_of_texts_are_text() -> None:
    text = "[{" * 500 + '\\" ]}'

    assert len(deliver(envelope(note=text))) == 1


TRIGGER = {
    "resolver": "trigger",
    "ticket_id": "48211",
    "updated_at": "2026-11-23T09:31:47Z",
}


def test_our_triggers_body_rings_once_per_invocation() -> None:
    first = deliver(TRIGGER, {INVOCATION_ID: "01JDCZ0000000000000000000A"})
    again = deliver(TRIGGER, {INVOCATION_ID: "01JDCZ0000000000000000000A"})
    later = deliver(TRIGGER, {INVOCATION_ID: "01JDCZ0000000000000000000B"})

    assert first == again
    assert first != later
    assert first[0].kind == "trigger"
    assert first[0].ticket == "48211"
    assert first[0].message_id is None
    assert first[0].occurred_at == datetime(2026, 11, 23, 9, 31, 47, tzinfo=UTC)


def test_without_an_invocation_id_equal_bodies_are_one_event() -> None:
    assert deliver(TRIGGER)[0].event_id == deliver(TRIGGER)[0].event_id
    assert deliver(TRIGGER)[0].event_id != deliver({**TRIGGER, "updated_at": "later"})[0].event_id


@pytest.mark.parametrize("invocation", ["", "a b", "x\x00", "é"])
def test_an_invocation_id_that_cannot_be_one_is_refused(invocation: str) -> None:
    with pytest.raises(Malformed):
        deliver(TRIGGER, {INVOCATION_ID: invocation})


@pytest.mark.parametrize("number", ["", "0", "{{ticket.id}}", None])
def test_a_trigger_that_names_no_ticket_is_refused(number: Any) -> None:
    with pytest.raises(Malformed):
        deliver({**TRIGGER, "ticket_id": number})


@pytest.mark.skipif(
    not SAMPLES.is_dir(),
    reason="the vendor samples are not at hand: set RESOLVER_SHARED_DATA to the data folder",
)
def test_every_vendor_sample_names_its_ticket() -> None:
    found = [deliver(path.read_bytes()) for path in sorted(SAMPLES.glob("zendesk.ticket.*.json"))]

    assert found
    assert all(len(one) == 1 and one[0].ticket == "8804" for one in found)
