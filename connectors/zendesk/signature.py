"""Whether a delivery was signed by this Zendesk account, and lately.

Called by the connector's `verify` on the raw bytes, before anything reads them. It parses nothing of the body.
Scheme: base64(HMAC-SHA256(secret, timestamp + body)), the secret used as the literal text, never base64-decoded.
Source: developer.zendesk.com/documentation/webhooks/verifying (read 2026-11-23).
"""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from resolver.errors import Forged

SIGNATURE = "x-zendesk-webhook-signature"
TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
TOLERANCE_S = 300

# The scheme has no separator between timestamp and body: a timestamp of any other shape could be part of the body.
_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_REMEDY = "compare the signing secret of the webhook with the setting signing_secret of this connection"


def check(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """Return if one of the secrets signed exactly these bytes within 300 s of `now`.

    Args:
        secrets: More than one while the secret is being changed.
        headers: Names in lower case.
        body: As it arrived; may be empty.
        now: Aware.

    Raises:
        Forged: A header is missing or misshapen, the signature is another one, or it is too old or too new.
    """
    given, timestamp = headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, "")
    if not given or not timestamp:
        raise Forged(
            "The delivery carries no Zendesk signature.", remedy="send webhooks of this account only here"
        )
    signed_at = _instant(timestamp)
    # Text is compared with text: a second base64 spelling of the same bytes is not what Zendesk sends.
    matches = [hmac.compare_digest(_signature(secret, timestamp, body), _bytes(given)) for secret in secrets]
    if not any(matches):
        raise Forged("The signature is not of this account.", remedy=_REMEDY)
    if abs((now - signed_at).total_seconds()) > TOLERANCE_S:
        raise Forged(
            f"The signature was made at {timestamp}, more than {TOLERANCE_S} s from now.",
            remedy="nothing to do for an old delivery; if every one is refused, set the clock of this machine",
        )


def _signature(secret: str, timestamp: str, body: bytes) -> bytes:
    digest = hmac.digest(secret.encode(), timestamp.encode("ascii") + body, "sha256")
    return base64.b64encode(digest)


def _instant(timestamp: str) -> datetime:
    problem = "The time of the signature is not written as Zendesk writes it."
    if not _SHAPE.fullmatch(timestamp):
        raise Forged(problem, remedy=_REMEDY)
    try:
        return datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:  # 30 February
        raise Forged(problem, remedy=_REMEDY) from error


def _bytes(header: str) -> bytes:
    """A header as bytes whatever is in it: `compare_digest` refuses text beyond ASCII."""
    return header.encode("utf-8", "surrogatepass")
