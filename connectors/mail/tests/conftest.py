"""Mail servers for tests: one in the clear on this machine, and two that protect what they are told."""

import datetime
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.mail.sandbox import MailSandbox
from connectors.mail.sender import MailSender, connect
from resolver.connector.sender import CodeText

TEXT = CodeText("Your code", "Your code is 123456.\nIt is good for 30 minutes — nobody else needs it.")


@pytest.fixture
def server() -> Iterator[MailSandbox]:
    server = MailSandbox()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sender(server: MailSandbox) -> MailSender:
    return connect(server.connection())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.shop.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("mail") / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def protected(certificate: Path) -> Iterator[Callable[..., MailSandbox]]:
    """Makes servers with TLS, from the beginning (`implicit`) or after STARTTLS."""
    started: list[MailSandbox] = []

    def make(*, implicit: bool) -> MailSandbox:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server = MailSandbox(tls=context, implicit=implicit)
        server.start()
        started.append(server)
        return server

    yield make
    for server in started:
        server.stop()
