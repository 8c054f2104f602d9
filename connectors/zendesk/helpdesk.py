"""Zendesk Support behind the helpdesk port: deliveries in, whole tickets out, one conditional update back.

The registry calls `connect`. It decides nothing, repeats no write, and lets nothing of Zendesk's shapes out.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.zendesk import conversation, events, settings, signature, update
from connectors.zendesk.conversation import People
from connectors.zendesk.directory import Directory
from connectors.zendesk.payloads import AuditRecord, OrganizationRecord, TicketRecord, UserRecord
from connectors.zendesk.settings import ZendeskSettings
from connectors.zendesk.snapshot import Snapshot, read_stamp, stamp
from resolver.clock import Clock
from resolver.connector.helpdesk import Helpdesk, WebhookRequest
from resolver.errors import Malformed, NotFound, Refused, Stale
from resolver.ticket import Delivery, MessageId, Receipt, Ticket, TicketId, WriteBack

if TYPE_CHECKING:
    from connectors.zendesk.client import ZendeskClient

_EXTRA = ("zenpy", "requests")
_USERS_AT_ONCE = 100


def connect(given: Mapping[str, str], *, clock: Clock) -> Helpdesk:
    """The account these settings describe; nothing is called yet.

    Raises:
        Malformed: A setting is missing or wrong, or the extra with zenpy is not installed.
    """
    account = settings.read(given)
    return ZendeskHelpdesk(account, _open_client(account, clock), clock=clock)


def _open_client(account: ZendeskSettings, clock: Clock) -> "ZendeskClient":
    """The client, whose module is loaded only here: zenpy is GPL-3.0 and an extra."""
    try:
        from connectors.zendesk.client import ZendeskClient
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise Malformed(
            f"The Zendesk connector needs the package {error.name}, which is not installed.",
            remedy="run: pip install 'helpdesk-resolver[zendesk]'",
        ) from error
    return ZendeskClient(account, clock=clock)


class ZendeskHelpdesk:
    """One account."""

    def __init__(self, account: ZendeskSettings, client: "ZendeskClient", *, clock: Clock) -> None:
        self._account = account
        self._client = client
        self._directory = Directory(client)
        self._clock = clock

    def verify(self, request: WebhookRequest, *, now: datetime) -> None:
        """Return if this account signed the raw bytes within 300 s of `now`; else `Forged`."""
        signature.check(self._account.signing_secrets, request.headers, request.body, now=now)

    def parse(self, request: WebhookRequest) -> tuple[Delivery, ...]:
        """What a verified delivery is about, or nothing; `Malformed` for a body that cannot be trusted to mean it."""
        return events.parse(request.headers, request.body, own=self._directory.known_bot)

    async def fetch(self, ticket: TicketId) -> Ticket:
        """The ticket, read so that nothing slips in between: audits first, then the ticket, then its comments.

        Raises:
            NotFound: Deleted, or never there.
            Unavailable: Zendesk is not reached, not willing, or not understood.
        """
        number = _number(ticket)
        bot_id = await self._directory.bot()
        audits = await self._client.audits(number, until=lambda _: False)
        record = await self._client.ticket(number)
        if record.status == "deleted":
            raise NotFound(f"Zendesk ticket {ticket} was deleted.")
        comments, writers = await self._client.comments(number)
        people = await self._people(record, audits, writers, bot_id)
        group_id = record.group_id
        return Snapshot(
            record=record,
            comments=comments,
            audits=audits,
            people=people,
            organization=await self._organization(record, people.users.get(record.requester_id)),
            queue=None if group_id is None else await self._directory.group_name(group_id),
        ).ticket(self._account, now=self._clock())

    async def write_back(self, ticket: Ticket, write: WriteBack) -> Receipt:
        """Send one update that only an unchanged ticket takes.

        Raises:
            Stale: The ticket was changed since it was read; nothing was written.
            Refused: Closed, deleted, no such queue or field, or a value Zendesk does not take; nothing was written.
            Unavailable: Surely not executed.
            Unknown: Sent, and no usable answer; ask `find_receipt`.
        """
        number = _number(ticket.ref.ticket)
        if ticket.closed:
            raise Refused("closed", f"Zendesk ticket {number} is closed for good.")
        ids = update.Ids(
            bot=await self._directory.bot(),
            group=None if write.queue is None else await self._directory.group_id(write.queue),
            fields=await self._directory.field_ids(tuple(write.fields)),
        )
        updated_at, newest = read_stamp(ticket.stamp)
        body = update.body(ticket, write, updated_stamp=updated_at, ids=ids)
        if newest is not None:
            await self._check_unchanged(number, newest)
        answer = await self._client.update(number, body)
        return Receipt(_comment_of(answer.audit), stamp(answer.ticket.updated_at, newest=answer.audit.id))

    async def find_receipt(self, ticket: TicketId, marker: str) -> Receipt | None:
        """The receipt of the update with this marker, from the ticket's audits; `None` if there is none.

        Its stamp is the moment of that update: any later change makes the next conditional write stale, as it should.

        Raises:
            NotFound, Unavailable: It cannot be told now.
        """

        def is_ours(audit: AuditRecord) -> bool:
            custom = audit.metadata.custom if audit.metadata else None
            return (custom or {}).get(update.MARKER) == marker

        audits = await self._client.audits(_number(ticket), until=is_ours)
        found = next((audit for audit in audits if is_ours(audit)), None)
        if found is None:
            return None
        return Receipt(_comment_of(found), stamp(found.created_at or "", newest=found.id))

    async def aclose(self) -> None:
        """Let connections go."""
        await self._client.aclose()

    async def _check_unchanged(self, number: int, newest: int) -> None:
        """Compare the newest audit with the one the stamp names; what rules did since belongs to that update."""
        audits = await self._client.audits(number, until=lambda audit: audit.id <= newest)
        if any(audit.id > newest and not conversation.is_by_rule(audit) for audit in audits):
            raise Stale(f"Ticket {number} was changed since it was read.", remedy="it is read again")

    async def _people(
        self, record: TicketRecord, audits: Sequence[AuditRecord], writers: Sequence[UserRecord], bot_id: int
    ) -> People:
        """Everybody who wrote or changed anything; those who only changed something are asked for by number."""
        users = {user.id: user for user in writers if user.id is not None}
        involved = {record.requester_id, *(audit.author_id or 0 for audit in audits)}
        missing = sorted(number for number in involved - users.keys() if number > 0 and number != bot_id)
        for start in range(0, len(missing), _USERS_AT_ONCE):
            found = await self._client.users(missing[start : start + _USERS_AT_ONCE])
            users |= {user.id: user for user in found if user.id is not None}
        return People(bot_id=bot_id, requester_id=record.requester_id, users=users)

    async def _organization(self, record: TicketRecord, user: UserRecord | None) -> OrganizationRecord | None:
        number = record.organization_id or (user.organization_id if user else None)
        if number is None:
            return None
        try:
            return await self._client.organization(number)
        except NotFound:  # deleted; tickets keep the number for a while
            return None


def _comment_of(audit: AuditRecord) -> MessageId | None:
    return None if audit.comment_id is None else MessageId(str(audit.comment_id))


def _number(ticket: TicketId) -> int:
    if not (ticket.isascii() and ticket.isdigit()) or len(ticket) > 20:
        raise NotFound(f"{ticket!r} is no Zendesk ticket.")
    return int(ticket)
