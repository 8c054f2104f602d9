"""Only what this account signed, lately and byte for byte, passes."""

import base64
import hashlib
import hmac
import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.zendesk.signature import SIGNATURE, TIMESTAMP, check
from resolver.errors import Forged

# Zendesk's documented public test secret ("Test webhook" uses it before a webhook is saved). Used as the literal text.
SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
SIGNED_AT = "2026-11-20T09:14:03Z"
NOW = datetime(2026, 11, 20, 9, 14, 3, tzinfo=UTC)
BODY = b'{"type":"zen:event-type:ticket.created","detail":{"id":"12"}}'
# Computed once with openssl: printf TIMESTAMP+BODY | openssl dgst -sha256 -hmac SECRET -binary | base64
SIGNATURE_OF_BODY = "gDcbu11aQLLSEKprjPVdLyWwt2+XyOIyw5WvucvYTlw="

SAMPLES = Path(os.environ.get("RESOLVER_SHARED_DATA", "")) / "helpdesks" / "samples"


def headers(signature: str = SIGNATURE_OF_BODY, timestamp: str = SIGNED_AT) -> dict[str, str]:
    return {SIGNATURE: signature, TIMESTAMP: timestamp}


def sign(body: bytes, timestamp: str = SIGNED_AT, secret: str = SECRET) -> str:
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def test_a_signature_made_with_the_public_test_secret_passes() -> None:
    check([SECRET], headers(), BODY, now=NOW)


def test_an_empty_body_is_signed_like_any_other() -> None:
    check([SECRET], headers(sign(b"")), b"", now=NOW)


@pytest.mark.skipif(
    not (SAMPLES / "zendesk.signature-vector.json").is_file(),
    reason="the reference vector is not at hand: set RESOLVER_SHARED_DATA to the data folder",
)
def test_the_reference_vector_passes() -> None:
    vector = json.loads((SAMPLES / "zendesk.signature-vector.json").read_text(encoding="utf-8"))
    signed = vector["timestamp"]
    now = datetime.fromisoformat(signed)

    check([vector["secret"]], headers(vector["signature"], signed), vector["body"].encode(), now=now)
    check([vector["secret"]], headers(vector["empty_body_signature"], signed), b"", now=now)


def test_while_the_secret_is_changed_the_old_and_the_new_one_pass() -> None:
    for secret in ("old", "new"):
        check(["old", "new"], headers(sign(BODY, secret=secret)), BODY, now=NOW)


def test_another_accounts_secret_does_not_pass() -> None:
    with pytest.raises(Forged):
        check([SECRET], headers(sign(BODY, secret="somebody else's")), BODY, now=NOW)


def test_a_secret_that_was_base64_decoded_first_does_not_pass() -> None:
    digest = hmac.new(base64.b64decode(SECRET), SIGNED_AT.encode() + BODY, hashlib.sha256).digest()

    with pytest.raises(Forged):
        check([SECRET], headers(base64.b64encode(digest).decode()), BODY, now=NOW)


def test_a_signature_over_the_body_before_the_timestamp_does_not_pass() -> None:
    digest = hmac.new(SECRET.encode(), BODY + SIGNED_AT.encode(), hashlib.sha256).digest()

    with pytest.raises(Forged):
        check([SECRET], headers(base64.b64encode(digest).decode()), BODY, now=NOW)


@pytest.mark.parametrize("missing", [SIGNATURE, TIMESTAMP])
def test_a_delivery_without_one_of_the_headers_does_not_pass(missing: str) -> None:
    given = headers()
    del given[missing]

    with pytest.raises(Forged):
        check([SECRET], given, BODY, now=NOW)


@pytest.mark.parametrize("drift_s", [-300, -1, 0, 1, 300])
def test_five_minutes_to_either_side_are_tolerated(drift_s: int) -> None:
    check([SECRET], headers(), BODY, now=NOW + timedelta(seconds=drift_s))


@pytest.mark.parametrize("drift_s", [-301, 301, 86_400])
def test_more_than_five_minutes_are_not(drift_s: int) -> None:
    with pytest.raises(Forged, match="300 s"):
        check([SECRET], headers(), BODY, now=NOW + timedelta(seconds=drift_s))


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-11-20T09:14:03",
        "2026-11-20T09:14:03+00:00",
        "2026-11-20T09:14:03.0Z",
        "2026-11-20 09:14:03Z",
        " 2026-11-20T09:14:03Z",
        "2026-11-20T09:14:03Z\n",
        "2026-11-20T09:14:60Z",
        "2026-02-30T09:14:03Z",
        "٢٠٢٦-11-20T09:14:03Z",
        "1795166043",
        "",
    ],
)
def test_a_timestamp_of_another_shape_does_not_pass_although_it_is_signed(timestamp: str) -> None:
    with pytest.raises(Forged):
        check([SECRET], headers(sign(BODY, timestamp), timestamp), BODY, now=NOW)


def test_part_of_the_body_cannot_be_moved_into_the_timestamp() -> None:
    body = b'{"a":1}'
    signature = sign(b"Z" + body, SIGNED_AT[:-1])

    check([SECRET], headers(signature), body, now=NOW)  # the same bytes: one spelling of them only
    with pytest.raises(Forged):
        check([SECRET], headers(signature, SIGNED_AT[:-1]), b"Z" + body, now=NOW)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "=",
        "not base64 at all",
        SIGNATURE_OF_BODY.rstrip("="),
        SIGNATURE_OF_BODY + "=",
        SIGNATURE_OF_BODY + "\n",
        f" {SIGNATURE_OF_BODY}",
        f"{SIGNATURE_OF_BODY},{SIGNATURE_OF_BODY}",
        "ü" * 44,
        "\ud800" * 44,
    ],
)
def test_anything_but_the_canonical_signature_does_not_pass(signature: str) -> None:
    with pytest.raises(Forged):
        check([SECRET], headers(signature), BODY, now=NOW)


def test_not_one_of_ten_thousand_mutations_passes() -> None:
    chance = random.Random(1)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_"
    passed = 0

    for _ in range(10_000):
        signature, body = list(SIGNATURE_OF_BODY), bytearray(BODY)
        if chance.random() < 0.5:
            at = chance.randrange(len(signature))
            signature[at] = chance.choice([letter for letter in alphabet if letter != signature[at]])
        else:
            at = chance.randrange(len(body))
            body[at] ^= 1 << chance.randrange(8)
        try:
            check([SECRET], headers("".join(signature)), bytes(body), now=NOW)
            passed += 1
        except Forged:
            continue

    assert passed == 0
