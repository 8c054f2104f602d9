"""How deliveries are signed. Source: developer.zendesk.com, "Verifying webhook authenticity" (read 2026-11-23)."""

import base64
import hashlib
import hmac
from datetime import datetime

# The secret the vendor signs with while a webhook is tried before it is saved; published by the vendor.
TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105  # public, for testing only


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Base64 of HMAC-SHA256 over timestamp and raw body; the secret is the literal string, never decoded."""
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def timestamp_of(moment: datetime) -> str:
    """The signature's time as the header carries it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
