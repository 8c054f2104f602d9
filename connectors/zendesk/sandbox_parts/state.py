"""Everything one sandbox account knows, in memory and, if asked, in one SQLite file.

The desk, the API and the pages read and change it under `lock`; `save` writes through before anything is
answered, so that a killed process comes back with what it had said. It decides nothing.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from connectors.zendesk.sandbox_parts.records import (
    Audit,
    Comment,
    Field,
    Group,
    Invocation,
    KeyedCreation,
    Organization,
    Ticket,
    Token,
    Trigger,
    User,
    Webhook,
)
from connectors.zendesk.sandbox_parts.shelf import Shelf

R = TypeVar("R", bound=msgspec.Struct)
K = TypeVar("K", int, str)

# Where ids of each kind start: far apart, so that a mixed-up id is found out at once.
FIRST_IDS = {
    "ticket": 1,
    "comment": 41_700_000_000_001,
    "audit": 42_800_000_000_001,
    "event": 43_900_000_000_001,
    "user": 360_001_110_001,
    "identity": 360_002_220_001,
    "group": 360_003_330_001,
    "organization": 360_004_440_001,
    "field": 360_005_550_001,
    "trigger": 360_006_660_001,
}


class Account(msgspec.Struct):
    """What there is one of: credentials, the bot's id, the counters, how far the clock was moved."""

    client_id: str
    client_secret: str
    account_id: int = 20_260_417
    bot_id: int = 0
    next_ids: dict[str, int] = {}
    clock_moved_s: float = 0.0


class Table(Generic[K, R]):
    """All records of one kind by their key, in the order they were first saved."""

    def __init__(self, kind: type[R], key: str = "id") -> None:
        self.kind = kind
        self.key = key
        self.rows: dict[K, R] = {}

    def __iter__(self) -> Iterator[R]:
        return iter(list(self.rows.values()))

    def get(self, key: K) -> R | None:
        """The record, or none."""
        return self.rows.get(key)

    def add(self, record: R) -> None:
        """Put a record in its place; `State.save` is what also stores it."""
        self.rows[getattr(record, self.key)] = record


class State:
    """The account's records. Hold `lock` while reading several or changing any."""

    def __init__(self, path: Path | None) -> None:
        self.lock = threading.RLock()
        self._shelf = Shelf(path)
        self.users: Table[int, User] = Table(User)
        self.organizations: Table[int, Organization] = Table(Organization)
        self.groups: Table[int, Group] = Table(Group)
        self.fields: Table[int, Field] = Table(Field)
        self.tickets: Table[int, Ticket] = Table(Ticket)
        self.comments: Table[int, Comment] = Table(Comment)
        self.audits: Table[int, Audit] = Table(Audit)
        self.webhooks: Table[str, Webhook] = Table(Webhook)
        self.triggers: Table[int, Trigger] = Table(Trigger)
        self.invocations: Table[str, Invocation] = Table(Invocation)
        self.tokens: Table[str, Token] = Table(Token, key="token")
        self.creations: Table[str, KeyedCreation] = Table(KeyedCreation, key="key")
        self.account = Account(client_id="", client_secret="")
        self._comments_of: dict[int, list[int]] = {}
        self._audits_of: dict[int, list[int]] = {}
        self._user_by_email: dict[str, int] = {}
        self._read()

    def _tables(self) -> dict[type[msgspec.Struct], Table[int, msgspec.Struct]]:
        tables = [value for value in vars(self).values() if isinstance(value, Table)]
        return {table.kind: table for table in tables}

    def _read(self) -> None:
        self._table_of = self._tables()
        kinds = {kind.__name__: kind for kind in self._table_of}
        for name, document in self._shelf.read():
            if name == Account.__name__:
                self.account = msgspec.json.decode(document, type=Account)
                continue
            record = msgspec.json.decode(document, type=kinds[name])
            self._table_of[kinds[name]].add(record)
            self._index(record)

    def now(self) -> datetime:
        """The account's own time: the system's, moved on by what a test asked for."""
        return datetime.now(UTC) + timedelta(seconds=self.account.clock_moved_s)

    def stamp(self) -> datetime:
        """The account's time in whole seconds, the granularity of the vendor's `updated_at`."""
        return self.now().replace(microsecond=0)

    def new_id(self, kind: str) -> int:
        """The next id of this kind; stored with the next `save`."""
        number = self.account.next_ids.get(kind, FIRST_IDS[kind])
        self.account.next_ids[kind] = number + 1
        return number

    def save(self, *records: msgspec.Struct) -> None:
        """Put records in their tables and on disk, together with the counters, in one transaction."""
        documents = [(Account.__name__, "", msgspec.json.encode(self.account))]
        for record in records:
            table = self._table_of[type(record)]
            table.add(record)
            self._index(record)
            key = str(getattr(record, table.key))
            documents.append((type(record).__name__, key, msgspec.json.encode(record)))
        self._shelf.write(documents)

    def remove(self, record: Webhook | Trigger) -> None:
        """Forget a webhook or a trigger; tickets and people are only ever marked as deleted."""
        table = self._table_of[type(record)]
        table.rows.pop(getattr(record, table.key), None)
        self._shelf.delete(type(record).__name__, str(record.id))

    def close(self) -> None:
        """Close the file; nothing may be saved afterwards."""
        with self.lock:
            self._shelf.close()

    def _index(self, record: msgspec.Struct) -> None:
        if isinstance(record, User):
            for identity in record.identities:
                self._user_by_email[identity.value.lower()] = record.id
        elif isinstance(record, Comment):
            _note(self._comments_of, record.ticket_id, record.id)
        elif isinstance(record, Audit):
            _note(self._audits_of, record.ticket_id, record.id)

    def user_by_email(self, email: str) -> User | None:
        """The user who has this address among their identities."""
        number = self._user_by_email.get(email.strip().lower())
        return None if number is None else self.users.get(number)

    def comments_of(self, ticket_id: int) -> list[Comment]:
        """The ticket's comments, oldest first."""
        return [self.comments.rows[number] for number in self._comments_of.get(ticket_id, [])]

    def audits_of(self, ticket_id: int) -> list[Audit]:
        """The ticket's audits, oldest first."""
        return [self.audits.rows[number] for number in self._audits_of.get(ticket_id, [])]

    def user(self, number: int | None) -> User | None:
        """The user of this id; none for no id."""
        return None if number is None else self.users.get(number)

    def group(self, number: int | None) -> Group | None:
        """The group of this id; none for no id."""
        return None if number is None else self.groups.get(number)

    def bot(self) -> User:
        """The user the OAuth client acts as."""
        return self.users.rows[self.account.bot_id]

    def agents(self) -> list[User]:
        """The human staff: agents and admins that are not the bot."""
        return [user for user in self.users if user.is_staff and user.id != self.account.bot_id]


def _note(index: dict[int, list[int]], owner: int, number: int) -> None:
    numbers = index.setdefault(owner, [])
    if number not in numbers[-3:] and number not in numbers:
        numbers.append(number)
