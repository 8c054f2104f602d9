"""What one Zendesk connection is told by the configuration, checked once when it is made.

`helpdesk.connect` reads it; connector.yaml lists the same names for people. Secrets never show in a repr.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from resolver.errors import Malformed
from resolver.ticket import ConnectionName

DEFAULT_OPT_OUT_TAG = "no_resolver"
REQUESTS_PER_MINUTE = 400  # the Growth and Professional plans; Team has 200, Enterprise 700
TIMEOUT_S = 20
UPDATES_PER_MINUTE = 100  # every plan; trial accounts 20, with the High Volume add-on 300

_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SOURCE = re.compile(r"(user|organisation|tag)\.([A-Za-z0-9_-]{1,100})")


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where one of the policy's customer_fields comes from: a user field, an organisation field or a tag."""

    kind: Literal["user", "organisation", "tag"]
    key: str


@dataclass(frozen=True, slots=True)
class ZendeskSettings:
    """One account and how to talk to it."""

    connection: ConnectionName
    subdomain: str
    client_id: str
    client_secret: str = field(repr=False)
    signing_secrets: tuple[str, ...] = field(repr=False)
    base_url: str = ""
    opt_out_tag: str = DEFAULT_OPT_OUT_TAG
    customer_fields: Mapping[str, FieldSource] = field(default_factory=dict)
    requests_per_minute: int = REQUESTS_PER_MINUTE
    updates_per_minute: int = UPDATES_PER_MINUTE
    timeout_s: float = TIMEOUT_S

    @property
    def public_url(self) -> str:
        """The account's own address, which zenpy believes it talks to."""
        return f"https://{self.subdomain}.zendesk.com"

    @property
    def url(self) -> str:
        """Where calls really go: the account, or the sandbox that stands in for it."""
        return self.base_url or self.public_url


def read(settings: Mapping[str, str]) -> ZendeskSettings:
    """The settings of one connection.

    Raises:
        Malformed: One is missing or cannot be; the message names it and never shows a secret.
    """
    return ZendeskSettings(
        connection=ConnectionName(settings.get("connection") or "zendesk"),
        subdomain=_subdomain(settings),
        client_id=_required(settings, "client_id"),
        client_secret=_required(settings, "client_secret"),
        signing_secrets=tuple(re.split(r"[\s,]+", _required(settings, "signing_secret"))),
        base_url=_base_url(settings.get("base_url", "")),
        opt_out_tag=settings.get("opt_out_tag", "").strip() or DEFAULT_OPT_OUT_TAG,
        customer_fields=_customer_fields(settings.get("customer_fields", "")),
        requests_per_minute=_count(settings, "requests_per_minute", REQUESTS_PER_MINUTE),
        updates_per_minute=_count(settings, "updates_per_minute", UPDATES_PER_MINUTE),
        timeout_s=_seconds(settings.get("timeout_s", "")),
    )


def _required(settings: Mapping[str, str], name: str) -> str:
    value = settings.get(name, "").strip()
    if not value:
        remedy = "connectors/zendesk/README.md says where to find it"
        raise Malformed(f"The Zendesk connection has no {name}.", remedy=remedy)
    return value


def _subdomain(settings: Mapping[str, str]) -> str:
    value = _required(settings, "subdomain").lower()
    if not _SUBDOMAIN.fullmatch(value):
        raise Malformed(
            f"{value!r} is no Zendesk subdomain.",
            remedy="write acme for https://acme.zendesk.com",
        )
    return value


def _base_url(value: str) -> str:
    """Where a sandbox listens. A secret goes there: without encryption only on this machine."""
    if not value.strip():
        return ""
    parts = urlsplit(value.strip())
    is_local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or parts.path not in ("", "/") or not (is_local or parts.scheme == "https"):
        raise Malformed(
            f"The setting base_url cannot be {value!r}.",
            remedy="leave it out for a real account; for a sandbox write its address, as http://127.0.0.1:9001",
        )
    return f"{parts.scheme}://{parts.netloc}"


def _customer_fields(text: str) -> Mapping[str, FieldSource]:
    if not text.strip():
        return {}
    remedy = 'write JSON such as {"vip": "organisation.vip"}'
    try:
        given = json.loads(text)
    except ValueError as error:
        raise Malformed(f"The setting customer_fields is not JSON: {error}.", remedy=remedy) from error
    if not isinstance(given, dict):
        raise Malformed("The setting customer_fields is no map of names to sources.", remedy=remedy)
    return {name: _source(name, source) for name, source in given.items()}


def _source(name: str, source: object) -> FieldSource:
    found = _SOURCE.fullmatch(source) if isinstance(source, str) else None
    if found is None:
        raise Malformed(
            f"customer_fields: {name!r} cannot come from {source!r}.",
            remedy="write user.KEY, organisation.KEY or tag.NAME",
        )
    kind, key = found.groups()
    if kind == "user":
        return FieldSource("user", key)
    return FieldSource("organisation", key) if kind == "organisation" else FieldSource("tag", key)


def _count(settings: Mapping[str, str], name: str, default: int) -> int:
    value = settings.get(name, "").strip()
    if not value:
        return default
    if not re.fullmatch(r"[1-9][0-9]{0,5}", value):
        raise Malformed(f"The setting {name} cannot be {value!r}.", remedy="write a whole number above 0")
    return int(value)


def _seconds(text: str) -> float:
    if not text.strip():
        return TIMEOUT_S
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text.strip()) or float(text) <= 0:
        raise Malformed(
            f"The setting timeout_s cannot be {text!r}.", remedy="write seconds above 0, as 20 or 0.5"
        )
    return float(text)
