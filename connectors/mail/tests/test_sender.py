"""Codes by mail against a real SMTP server: what arrives, what is refused, what nobody can tell, what is protected."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.mail.sandbox import MailSandbox
from connectors.mail.sender import MailSender, connect
from connectors.mail.settings import is_address
from connectors.mail.tests.conftest import TEXT
from resolver.connector.sender import CodeText
from resolver.errors import Malformed, Refused, Unavailable, Unknown


async def test_a_code_arrives_as_it_was_written(server: MailSandbox, sender: MailSender) -> None:
    await sender.send_code("ann@example.com", TEXT, key="code-7")

    (mail,) = server.to("ann@example.com")
    assert (mail.subject, mail.text) == (TEXT.subject, TEXT.body)
    assert mail.sender == "codes@shop.example"
    assert mail.headers["From"] == "Demo shop <codes@shop.example>"


async def test_answering_machines_are_told_to_leave_it_alone(server: MailSandbox, sender: MailSender) -> None:
    await sender.send_code("ann@example.com", TEXT, key="code-7")

    assert server.mails[0].headers["Auto-Submitted"] == "auto-generated"


async def test_the_same_key_twice_is_one_mail_in_the_mailbox(server: MailSandbox, sender: MailSender) -> None:
    await sender.send_code("ann@example.com", TEXT, key="code-7")
    await sender.send_code("ann@example.com", TEXT, key="code-7")

    assert len(server.mails) == 2
    assert len(server.to("ann@example.com")) == 1


async def test_a_mailbox_that_does_not_exist_is_a_definite_no(
    server: MailSandbox, sender: MailSender
) -> None:
    server.refuses.add("nobody@example.com")

    with pytest.raises(Refused):
        await sender.send_code("nobody@example.com", TEXT, key="code-7")

    assert server.mails == []


@pytest.mark.parametrize(
    "contact",
    ["", "ann", "ann@example.com\r\nBcc: eve@example.com", "a@b.c, d@e.f", "<ann@example.com>", "ä" * 300],
)
async def test_what_is_no_address_is_never_handed_to_the_server(
    server: MailSandbox, sender: MailSender, contact: str
) -> None:
    with pytest.raises(Refused) as refused:
        await sender.send_code(contact, TEXT, key="code-7")

    assert refused.value.code == "bad_contact"
    assert server.mails == []


@pytest.mark.parametrize(("fault", "fate"), [("busy", Unavailable), ("refused", Refused)])
async def test_the_servers_answer_says_whether_to_try_again(
    server: MailSandbox, sender: MailSender, fault: str, fate: type[Exception]
) -> None:
    server.faults.append(fault)

    with pytest.raises(fate):
        await sender.send_code("ann@example.com", TEXT, key="code-7")

    assert server.mails == []


@pytest.mark.parametrize(("fault", "arrived"), [("lost", 0), ("unheard", 1)])
async def test_a_connection_that_breaks_under_the_message_leaves_it_open_whether_it_was_sent(
    server: MailSandbox, sender: MailSender, fault: str, arrived: int
) -> None:
    server.faults.append(fault)

    with pytest.raises(Unknown):
        await sender.send_code("ann@example.com", TEXT, key="code-7")

    assert len(server.mails) == arrived


async def test_a_server_that_is_down_has_surely_sent_nothing(server: MailSandbox, sender: MailSender) -> None:
    server.stop()

    with pytest.raises(Unavailable):
        await sender.send_code("ann@example.com", TEXT, key="code-7")


async def test_a_wrong_password_says_which_settings_to_check(server: MailSandbox) -> None:
    wrong = connect({**server.connection(), "password": "wrong"})

    with pytest.raises(Unavailable) as failed:
        await wrong.answers()

    assert failed.value.remedy == "check username and password"


async def test_an_account_that_works_says_so_and_sends_nothing(
    server: MailSandbox, sender: MailSender
) -> None:
    assert await sender.answers() == "the server answers and knows the user"
    assert server.mails == []


# -- protection -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
async def test_a_protected_server_with_a_certificate_we_trust_gets_the_code(
    protected: Callable[..., MailSandbox], certificate: Path, implicit: bool
) -> None:
    server = protected(implicit=implicit)
    sender = connect({**server.connection(), "ca_file": str(certificate)})

    await sender.send_code("ann@example.com", TEXT, key="code-7")

    assert [mail.text for mail in server.mails] == [TEXT.body]


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
async def test_a_certificate_nobody_vouches_for_gets_neither_password_nor_code(
    protected: Callable[..., MailSandbox], implicit: bool
) -> None:
    server = protected(implicit=implicit)

    with pytest.raises(Unavailable):
        await connect(server.connection()).send_code("ann@example.com", TEXT, key="code-7")

    assert server.mails == []


async def test_a_server_without_starttls_is_told_nothing(server: MailSandbox) -> None:
    strict = connect({**server.connection(), "security": "starttls"})

    with pytest.raises(Unavailable):
        await strict.send_code("ann@example.com", TEXT, key="code-7")

    assert server.mails == []


# -- settings -------------------------------------------------------------------------------------------------------

GOOD = {"host": "smtp.example.com", "sender": "codes@acme.example"}


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"host": ""}, "host"),
        ({"port": "0"}, "port"),
        ({"port": "smtp"}, "port"),
        ({"security": "none"}, "security"),
        ({"security": "ssl"}, "security"),
        ({"sender": "acme"}, "sender"),
        ({"username": "ann"}, "username"),
        ({"timeout_s": "900"}, "timeout_s"),
        ({"ca_file": "/nowhere.pem"}, "ca_file"),
    ],
)
def test_a_setting_that_cannot_work_is_named(wrong: dict[str, str], names: str) -> None:
    with pytest.raises(Malformed, match=f"^{names}"):
        connect({**GOOD, **wrong})


def test_neither_password_nor_code_shows_when_something_is_printed() -> None:
    account = connect({**GOOD, "username": "ann", "password": "s3cret"})

    assert "s3cret" not in repr(vars(account))
    assert "123456" not in repr(CodeText("Your code", "Your code is 123456."))


def test_an_address_with_a_subdomain_and_a_plus_is_one() -> None:
    assert is_address("ann.miller+shop@mail.example.co.uk")
