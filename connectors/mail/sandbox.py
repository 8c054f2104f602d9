"""The mail connector's sandbox: a real SMTP server on 127.0.0.1 that keeps what it is given instead of delivering it.

Started by `resolver sandbox`, demo and tests as `open_sandbox`. It shares no code with the connector.
"""

import asyncio
import json
import logging
import secrets
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


def open_sandbox(*, state: Path | None, port: int = 0) -> "MailSandbox":
    """A mail server that writes every mail as one JSON line into `state`, or keeps it only in memory."""
    return MailSandbox(state=state, port=port)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was handed over. `id` is its Message-ID, which a mailbox shows once."""

    id: str
    sender: str
    to: str
    subject: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


class MailSandbox:
    """A mailbox for everybody. `refuses` are addresses it takes nothing for; `faults` happen to the next mails.

    A fault is `busy` (451), `refused` (554), `lost` (nothing kept, no answer) or `unheard` (kept, no answer).
    """

    def __init__(
        self,
        *,
        state: Path | None = None,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
    ) -> None:
        self.refuses: set[str] = set()
        self.faults: list[str] = []
        self._state = state
        self._port = port
        self._tls, self._implicit = tls, implicit
        self._user, self._password = "resolver", secrets.token_urlsafe(12)
        self._kept: list[Mail] = _read(state)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"smtp://{HOST}:{self._port}"

    @property
    def mails(self) -> list[Mail]:
        """Everything handed over so far, oldest first."""
        return list(self._kept)

    def to(self, address: str) -> list[Mail]:
        """What one mailbox shows: every Message-ID once."""
        mine = (mail for mail in self._kept if mail.to.casefold() == address.casefold())
        return list({mail.id: mail for mail in mine}.values())

    def start(self) -> None:
        """Serve on 127.0.0.1 in a background thread; returns once it listens."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # the library tells every step
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self._port))
        self._port = listener.getsockname()[1]
        loop = self._loop = asyncio.new_event_loop()
        listens = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, args=(loop, listener, listens), name="mail", daemon=True
        )
        self._thread.start()
        listens.wait()

    def stop(self) -> None:
        """Stop serving and free the port; what was kept stays."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop = self._thread = None

    def connection(self) -> Mapping[str, str]:
        """What a connection needs to reach this server."""
        security = "none" if self._tls is None else "tls" if self._implicit else "starttls"
        found = {"host": HOST, "port": str(self._port), "security": security, "timeout_s": "5"}
        signed_in = {"username": self._user, "password": self._password}
        return {**found, **signed_in, "sender": "codes@shop.example", "sender_name": "Demo shop"}

    def describe(self) -> Mapping[str, Any]:
        """Address and credentials, for a person."""
        kept = {"mails": str(self._state)} if self._state else {}
        return {"url": self.url, "username": self._user, "password": self._password, **kept}

    # -- the server's side ----------------------------------------------------------------------------------------

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient from whoever has signed in, unless it is one of `refuses`."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if address.casefold() in self.refuses:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail, unless a fault is due."""
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "busy":
            return "451 4.3.2 Come back later"
        if fault == "refused":
            return "554 5.7.1 Not wanted"
        if fault != "lost":
            self._keep(envelope)
        if fault in ("lost", "unheard"):
            cast(asyncio.Transport, server.transport).abort()
        return "250 OK"

    def _keep(self, envelope: Envelope) -> None:
        content = cast(bytes, envelope.content)
        parsed: EmailMessage = message_from_bytes(content, policy=policy.default)
        headers = {name: str(value) for name, value in parsed.items()}
        text = str(parsed.get_content()).replace("\r\n", "\n").strip()
        mail_id = headers.get("Message-ID", "")
        for to in envelope.rcpt_tos:
            mail = Mail(mail_id, envelope.mail_from or "", to, headers.get("Subject", ""), text, headers)
            self._kept.append(mail)
            if self._state is not None:
                line = {name: getattr(mail, name) for name in ("id", "sender", "to", "subject", "text")}
                with self._state.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line | {"headers": headers}, ensure_ascii=False) + "\n")

    def _sign_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        known = (data.login, data.password) == (self._user.encode(), self._password.encode())
        return AuthResult(success=known, handled=known)

    def _smtp(self) -> SMTP:
        starttls = self._tls is not None and not self._implicit
        return SMTP(
            self,
            hostname="mail.shop.example",
            authenticator=self._sign_in,
            auth_require_tls=False,
            tls_context=self._tls if starttls else None,
            require_starttls=starttls,
            loop=self._loop,
        )

    def _serve(
        self, loop: asyncio.AbstractEventLoop, listener: socket.socket, listens: threading.Event
    ) -> None:
        asyncio.set_event_loop(loop)
        tls = self._tls if self._implicit else None
        server = loop.run_until_complete(loop.create_server(self._smtp, sock=listener, ssl=tls))
        listens.set()
        try:
            loop.run_forever()
        finally:
            server.close()
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.run_until_complete(server.wait_closed())
            loop.close()


def _read(state: Path | None) -> list[Mail]:
    if state is None or not state.is_file():
        return []
    return [Mail(**json.loads(line)) for line in state.read_text("utf-8").splitlines()]
