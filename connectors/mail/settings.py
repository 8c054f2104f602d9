"""What one mail connection is told by the configuration, checked once when it is made.

`sender.connect` reads it; connector.yaml lists the same names for people. The password never shows in a repr.
"""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from resolver.errors import Malformed

Security = Literal["starttls", "tls", "none"]
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """One SMTP account and how to talk to it. `tls` is None where the connection is not protected."""

    host: str
    port: int
    security: Security
    sender: str
    sender_name: str
    username: str
    password: str = field(repr=False)
    timeout_s: float
    tls: ssl.SSLContext | None


def is_address(text: str) -> bool:
    """Whether this is one plain e-mail address, which can stand in a header."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def read(settings: Mapping[str, str]) -> MailSettings:
    """The settings. `Malformed` names the one to mend."""
    host = settings.get("host", "").strip()
    if not host:
        raise Malformed("host: the SMTP server is missing.", remedy="name it, for example smtp.example.com")
    security = settings.get("security", "starttls")
    if security not in get_args(Security):
        raise Malformed(f"security: {security!r} is none of starttls, tls, none.", remedy="write starttls")
    if security == "none" and host not in _LOOPBACK:
        raise Malformed(
            f"security: codes and passwords would travel to {host} for everybody to read.",
            remedy="write starttls or tls; none is for a server on this machine",
        )
    sender = settings.get("sender", "").strip()
    if not is_address(sender):
        raise Malformed(
            f"sender: {sender!r} is no e-mail address.", remedy="write one, such as codes@acme.example"
        )
    username, password = settings.get("username", ""), settings.get("password", "")
    if bool(username) != bool(password):
        raise Malformed("username and password go together.", remedy="give both, or neither")
    return MailSettings(
        host=host,
        port=_port(settings.get("port", "587")),
        security=cast(Security, security),
        sender=sender,
        sender_name=" ".join(settings.get("sender_name", "").split()),
        username=username,
        password=password,
        timeout_s=_timeout(settings.get("timeout_s", "15")),
        tls=None if security == "none" else _trusted(settings.get("ca_file", "").strip()),
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise Malformed(f"port: {text!r} is no port.", remedy="write 587 for starttls or 465 for tls")
    return int(text)


def _timeout(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 1 <= found <= 25:
        raise Malformed(f"timeout_s: {text!r} is no time from 1 to 25 seconds.", remedy="write 15")
    return found


def _trusted(ca_file: str) -> ssl.SSLContext:
    """Names and certificates are always checked; `ca_file` only adds to what is trusted."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(cafile=str(Path(ca_file)))
        except (OSError, ssl.SSLError):
            raise Malformed(
                f"ca_file: {ca_file} holds no certificates.", remedy="name a file in PEM form"
            ) from None
    return context
