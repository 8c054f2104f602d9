"""What seldom changes in an account: who the bot is, the groups, the ticket fields. Remembered, read again on a miss.

The helpdesk asks it. It never changes anything in Zendesk.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from connectors.zendesk.payloads import NamedRecord, UserRecord
from resolver.errors import Refused, Unavailable


class Account(Protocol):
    """The three reads it needs of the client."""

    async def me(self) -> UserRecord:
        """The user our token belongs to."""

    async def groups(self) -> list[NamedRecord]:
        """All groups."""

    async def ticket_fields(self) -> list[NamedRecord]:
        """All ticket fields."""


class Directory:
    """Names and ids of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._bot_id: int | None = None
        self._groups: dict[int, str] = {}
        self._fields: dict[int, str] = {}

    @property
    def known_bot(self) -> int | None:
        """The user the resolver writes as, once it was asked for."""
        return self._bot_id

    async def bot(self) -> int:
        """The user the resolver writes as.

        Raises:
            Unavailable: Zendesk takes us for nobody, or for a customer.
        """
        if self._bot_id is None:
            me = await self._account.me()
            if me.id is None or not me.is_staff:
                raise Unavailable(
                    "Zendesk does not take the resolver for an agent.",
                    remedy="tie the OAuth client to an agent or admin of its own, who is nobody else",
                )
            self._bot_id = me.id
        return self._bot_id

    async def group_name(self, group_id: int) -> str | None:
        """The name of a group; `None` for one deleted since."""
        if group_id not in self._groups:
            self._groups = {group.id: group.name for group in await self._account.groups() if group.name}
        return self._groups.get(group_id)

    async def group_id(self, name: str) -> int:
        """The group of this name.

        Raises:
            Refused: There is none (`no_such_queue`).
        """
        found = _find(self._groups, name)
        if found is None:
            self._groups = {group.id: group.name for group in await self._account.groups() if group.name}
            found = _find(self._groups, name)
        if found is None:
            raise Refused(
                "no_such_queue", f"Zendesk has no group {name!r}: make it, or correct the policy's queues."
            )
        return found

    async def field_ids(self, names: Sequence[str]) -> dict[str, int]:
        """The ticket fields of these titles; a number is taken as it is.

        Raises:
            Refused: One does not exist (`no_such_field`).
        """
        return {name: await self._field_id(name) for name in names}

    async def _field_id(self, name: str) -> int:
        if name.isascii() and name.isdigit():
            return int(name)
        found = _find(self._fields, name)
        if found is None:
            fields = await self._account.ticket_fields()
            self._fields = {field.id: field.title for field in fields if field.title}
            found = _find(self._fields, name)
        if found is None:
            raise Refused(
                "no_such_field", f"Zendesk has no ticket field {name!r}: write its title or its number."
            )
        return found


def _find(named: Mapping[int, str], name: str) -> int | None:
    """The one of exactly this name, or the only one that differs in case."""
    exact = [number for number, known in named.items() if known == name]
    alike = [number for number, known in named.items() if known.casefold() == name.casefold()]
    return exact[0] if exact else (alike[0] if len(alike) == 1 else None)
