"""Brings one-time codes to e-mail addresses: one connection, one message, said to be sent only when the server took it.

Found and called through the port. It never logs and keeps nothing.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, localtime

import aiosmtplib

from connectors.mail.settings import MailSettings, is_address, read
from resolver.connector.sender import CodeText, Kind
from resolver.errors import Refused, Unavailable, Unknown

_PERMANENT = 500  # from here an answer is final (RFC 5321, 4.2.1)


class MailSender:
    """One SMTP account."""

    reaches: tuple[Kind, ...] = ("email",)

    def __init__(self, account: MailSettings) -> None:
        self._account = account

    async def send_code(self, contact: str, text: CodeText, *, key: str) -> None:
        """Send the text to this address; the key becomes the Message-ID, so that a mailbox shows the same mail once.

        Raises:
            Refused: `bad_contact` or `refused`: the address is none, or the server takes nothing for it.
            Unavailable: Not reached, not signed in, or told to come back later.
            Unknown: The connection broke while the message was handed over.
        """
        if not is_address(contact):
            raise Refused("bad_contact", "The contact on the record is no e-mail address.")
        message = _message(self._account, contact, text, key)
        async with self._connected() as smtp:
            try:
                await smtp.send_message(message, sender=self._account.sender, recipients=[contact])
            except aiosmtplib.SMTPRecipientsRefused as error:
                raise _judged(error.recipients[0].code) from None
            except aiosmtplib.SMTPSenderRefused as error:
                remedy = "check 'sender' and the account"
                raise Unavailable(f"The server refuses the sender ({error.code}).", remedy=remedy) from None
            except aiosmtplib.SMTPResponseException as error:
                raise _judged(error.code) from None
            except (aiosmtplib.SMTPException, OSError) as error:
                raise Unknown(f"No answer to the message: {type(error).__name__}.") from None

    async def answers(self) -> str:
        """The server takes the connection and the sign-in."""
        async with self._connected():
            return "the server answers" + (" and knows the user" if self._account.username else "")

    async def aclose(self) -> None:
        """Nothing is kept open."""

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection, protected as configured and signed in. Until then nothing can have been sent."""
        account = self._account
        smtp = aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            timeout=account.timeout_s,
            use_tls=account.security == "tls",
            start_tls=account.security == "starttls",
            tls_context=account.tls,
        )
        try:
            await smtp.connect()
            if account.username:
                await smtp.login(account.username, account.password)
        except aiosmtplib.SMTPAuthenticationError:
            smtp.close()
            raise Unavailable(
                "The server does not accept the user.", remedy="check username and password"
            ) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            smtp.close()
            problem = f"{account.host}:{account.port} cannot be used with {account.security}: {type(error).__name__}."
            raise Unavailable(problem, remedy="check host, port and security") from None
        try:
            yield smtp
        finally:
            smtp.close()


def connect(settings: Mapping[str, str]) -> MailSender:
    """The account with these settings. `Malformed` says which one to mend."""
    return MailSender(read(settings))


def _judged(code: int) -> Refused | Unavailable:
    """What the server's answer means: with 5xx nobody need try again."""
    if code >= _PERMANENT:
        return Refused("refused", f"The server takes no mail for this address ({code}).")
    return Unavailable(f"The server takes no mail now ({code}).")


def _message(account: MailSettings, contact: str, text: CodeText, key: str) -> EmailMessage:
    """The mail. Answering machines leave it alone (RFC 3834)."""
    message = EmailMessage()
    message["From"] = Address(display_name=account.sender_name, addr_spec=account.sender)
    message["To"] = contact
    message["Subject"] = " ".join(text.subject.split())
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = f"<{key}@{account.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # Microsoft's word for the same
    message.set_content(text.body)
    return message
