"""Encryption of what is stored about a requester: one key each, itself sealed by the installation's master key.

Erasing a requester is forgetting their key: nothing sealed with it can be read again, and digests stay as they are.
Used by whoever stores facts; the key never leaves this module.
"""

import base64
import hashlib
import hmac
import os
import stat
from pathlib import Path
from time import monotonic

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from resolver.errors import Malformed, ResolverError
from resolver.store.dialect import change, find, insert_if_new
from resolver.store.tables import requester

_ANY_SEALED = sa.select(requester.c.id).where(requester.c.key_sealed.is_not(None)).limit(1)
_NONCE = 12
_CACHE = 10_000
REMEMBERED_S = 2.0
"""How long a key is used without looking whether it was forgotten meanwhile, by another process too."""


class Erased(ResolverError):
    """The requester was erased; what was stored about them cannot be read any more."""


class SubjectKey:
    """One requester's key: seals their data and digests their values."""

    __slots__ = ("_cipher", "_secret")

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._cipher = AESGCM(secret)

    def seal(self, text: str) -> bytes:
        """Ciphertext of `text`, bound to this requester."""
        nonce = _nonce()
        return nonce + self._cipher.encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes) -> str:
        """The text again; `Malformed` if the bytes were changed or belong to somebody else."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
        except InvalidTag:
            problem = "Stored data does not open with its key."
            raise Malformed(
                problem, remedy="restore database and key file of the same installation"
            ) from None

    def digest(self, name: str, canonical: str) -> str:
        """HMAC-SHA256 of a value and its name, in hex: equal for equal values, of no use to a reader."""
        return hmac.new(self._secret, f"{name}\0{canonical}".encode(), hashlib.sha256).hexdigest()


_NONCES: list[bytes] = []


def _nonce() -> bytes:
    """Chance that is used once. It is fetched in bulk: every call of the system lets go of the interpreter."""
    try:
        return _NONCES.pop()
    except IndexError:
        chance = os.urandom(_NONCE * 256)
        _NONCES.extend(chance[start : start + _NONCE] for start in range(_NONCE, len(chance), _NONCE))
        return chance[:_NONCE]


class Vault:
    """Finds or makes the key of each requester."""

    def __init__(self, master: bytes) -> None:
        self._master = AESGCM(master)
        self._keys: dict[str, tuple[float, SubjectKey]] = {}

    def key(self, connection: sa.Connection, subject: str) -> SubjectKey:
        """The requester's key, made at first use; call inside a write. `Erased` if it was forgotten.

        It is not remembered: the transaction that made it may still be rolled back.
        """
        return self._found(connection, subject) or self._make(connection, subject)

    def known(self, connection: sa.Connection, subject: str) -> SubjectKey:
        """The key of a requester we already stored something about; enough for reading."""
        found = self._found(connection, subject)
        if found is None:
            raise Erased(
                "There is no key for this requester.", remedy="nothing of theirs was stored, or it was erased"
            )
        return self._remember(subject, found)

    def _found(self, connection: sa.Connection, subject: str) -> SubjectKey | None:
        until, remembered = self._keys.get(subject, (0.0, None))
        if remembered is not None and monotonic() < until:
            return remembered
        self._keys.pop(subject, None)
        row = find(connection, requester, "id", subject)
        if row is None:
            return None
        if row.key_sealed is None:
            raise Erased("This requester was erased.", remedy="what they wrote can no longer be read")
        return self._opened(subject, row.key_sealed)

    def _make(self, connection: sa.Connection, subject: str) -> SubjectKey:
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._master.encrypt(nonce, AESGCM.generate_key(256), subject.encode())
        if insert_if_new(connection, requester, {"id": subject, "key_sealed": sealed}) is None:
            return self.key(connection, subject)
        return self._opened(subject, sealed)

    def _opened(self, subject: str, sealed: bytes) -> SubjectKey:
        try:
            return SubjectKey(self._master.decrypt(sealed[:_NONCE], sealed[_NONCE:], subject.encode()))
        except InvalidTag:
            problem = "The key file does not belong to this database."
            raise Malformed(problem, remedy="restore the key file that was backed up with it") from None

    def _remember(self, subject: str, key: SubjectKey) -> SubjectKey:
        if len(self._keys) >= _CACHE:
            self._keys.clear()
        self._keys[subject] = (monotonic() + REMEMBERED_S, key)
        return key


def forget(connection: sa.Connection, subject: str) -> None:
    """Forget a requester's key for ever: nothing that was sealed with it can be read again."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # else its bytes stay in the file
    change(connection, requester, "id", subject, {"key_sealed": None})


def open_vault(connection: sa.Connection, path: Path) -> Vault:
    """The vault of this database with the master key in `path`; a key is made only where nothing was sealed yet.

    Raises:
        Malformed: The key file is missing, no key, open to others, or of another database.
    """
    subject = connection.execute(_ANY_SEALED).scalar()
    if subject is not None and not path.exists():
        problem = f"There is no key file {path}, and what the database holds was sealed with it."
        raise Malformed(problem, remedy="restore the key file that was backed up with the database")
    vault = Vault(master_key(path))
    if subject is not None:
        vault.known(connection, subject)
    return vault


def master_key(path: Path) -> bytes:
    """The installation's master key from its file, made with mode 0600 at the first start.

    Raises:
        Malformed: The file is no key, or others may read it.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.urlsafe_b64encode(AESGCM.generate_key(256)) + b"\n")
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Malformed(f"Others may read the key file {path}.", remedy=f"chmod 600 {path}")
    try:
        secret = base64.urlsafe_b64decode(path.read_bytes().strip())
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise Malformed(
            f"{path} holds no key.", remedy="restore it from the backup; without it stored facts are lost"
        )
    return secret
