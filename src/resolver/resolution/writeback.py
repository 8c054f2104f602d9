"""Carrying out one write-back row: at most one update at the helpdesk, found again by its marker.

Called in the durable step `perform`. It says what the row says, never anything new; a person's activity on the
ticket stops a reply, and a reply about something already done then becomes an internal note.
"""

import logging
from dataclasses import dataclass, replace

import msgspec

from resolver.connector.helpdesk import Helpdesk
from resolver.durable.workflow import Json
from resolver.errors import NotFound, Refused, Stale, Unavailable, Unknown
from resolver.resolution.resources import Resources
from resolver.store import trail, writebacks
from resolver.store.database import Connection
from resolver.store.vault import SubjectKey
from resolver.store.writebacks import Row
from resolver.ticket import ConnectionName, Receipt, Ticket, TicketId, WriteBack

log = logging.getLogger("resolver.writeback")

_STALE_TRIES = 3
_ADJUSTABLE = ("no_such_queue", "no_such_field")


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a row's sealed document holds: the update, whose activity it respects, and what was done before it.

    `instead` is the note that takes a reply's place once a person has taken over; without it the reply is dropped.
    """

    update: WriteBack
    staff_stamp: str
    requester: str
    instead: str | None = None

    def to_json(self) -> str:
        """As text to be sealed."""
        return msgspec.json.encode(self).decode()


class WriteBacks:
    """Sends write-back rows."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def perform(self, row_id: str) -> Json:
        """Step: what became of the row: done, dropped, refused, or later."""
        row, sealed, key = await self._resources.database.read(lambda c: self._load(c, row_id))
        if row.state in ("done", "dropped", "refused"):
            return {"state": row.state, "reason": row.reason}
        connection, _, number = row.case.partition(":")
        helpdesk = self._resources.connections.helpdesks[ConnectionName(connection)]
        try:
            return await self._send(row, sealed, helpdesk, TicketId(number), key)
        except NotFound:
            return await self._settle(row, "dropped", "gone")
        except Refused as error:
            if error.code in _ADJUSTABLE and (sealed.update.queue or sealed.update.fields):
                return await self._without_queue(row, sealed, key)
            return await self._settle(row, "refused", error.code)
        except (Unavailable, Unknown):
            return {"state": "later"}

    async def _send(
        self, row: Row, sealed: Sealed, helpdesk: Helpdesk, ticket_id: TicketId, key: SubjectKey
    ) -> Json:
        """Send once.

        While an earlier sending may still arrive, the ticket is read first and its receipts then: what arrived before
        is found there, and what arrives later is stale or makes ours stale.
        """
        doubt = row.state == "sent"
        ticket = None if doubt else self._resources.tickets.pop(row.turn, None)
        for _ in range(_STALE_TRIES):
            ticket = ticket or await helpdesk.fetch(ticket_id)
            receipt = await helpdesk.find_receipt(ticket_id, sealed.update.marker) if doubt else None
            if receipt is not None:
                return await self._done(row, receipt)
            update = self._as_things_are(ticket, sealed)
            if update is None:
                return await self._settle(row, "dropped", "staff")
            if update is not sealed.update:
                await self._became_note(row, replace(sealed, update=update), key, doubt=doubt)
            await self._resources.database.write(lambda c: writebacks.mark_sent(c, row.id))
            try:
                return await self._done(row, await helpdesk.write_back(ticket, update))
            except (Stale, Unknown):  # what made it stale may be this very update, sent by a worker taken for dead
                doubt, ticket = True, None
            except Unavailable:
                if not doubt:
                    await self._open_again(row)
                raise
        return {"state": "later"}

    async def _without_queue(self, row: Row, sealed: Sealed, key: SubjectKey) -> Json:
        """The helpdesk has no such queue or field: the words still have to arrive, the ticket stays where it is."""
        log.error("ticket %s: the helpdesk has no queue %r; check policy.yaml", row.case, sealed.update.queue)
        plain = replace(sealed, update=replace(sealed.update, queue=None, fields={}))
        await self._became_note(row, plain, key, doubt=False, public=plain.update.public is not None)
        return await self.perform(row.id)

    def _as_things_are(self, ticket: Ticket, sealed: Sealed) -> WriteBack | None:
        """The update as it may be sent now: itself, an internal note instead, or `None` for nothing."""
        if ticket.closed:
            return None
        same_people = ticket.staff_stamp == sealed.staff_stamp
        same_requester = f"{ticket.ref.connection}:{ticket.requester.id}" == sealed.requester
        if same_people and same_requester:
            return sealed.update
        if sealed.update.private is not None:
            return replace(sealed.update, status=None, queue=None, release=False)
        if sealed.instead is None:
            return None
        return WriteBack(marker=sealed.update.marker, private=sealed.instead)

    # -- rows -----------------------------------------------------------------------------------------------------

    def _load(self, connection: Connection, row_id: str) -> tuple[Row, Sealed, SubjectKey]:
        row = writebacks.get(connection, row_id)
        if row is None:
            raise LookupError(f"there is no write-back {row_id}")
        subject = row.requester
        key = self._resources.vault.known(connection, subject)
        return row, msgspec.json.decode(key.open(row.document_sealed), type=Sealed), key

    async def _done(self, row: Row, receipt: Receipt) -> Json:
        return await self._settle(row, "done", None, message_id=receipt.message_id)

    async def _settle(self, row: Row, state: str, reason: str | None, *, message_id: str | None = None) -> Json:
        now = self._resources.clock()
        record = {"what": "writeback", "case": row.case, "run": row.run, "turn": row.turn, "row": row.id}
        record |= {"result": state, "reason": reason, "offer": row.offer, "at": now.isoformat()}

        def job(connection: Connection) -> None:
            writebacks.settle(connection, row.id, state=state, reason=reason, message_id=message_id, now=now)
            trail.append(connection, case=row.case, run=row.run, turn=row.turn, record=dict(record))

        await self._resources.database.write(job)
        return {"state": state, "reason": reason}

    async def _became_note(
        self, row: Row, sealed: Sealed, key: SubjectKey, *, doubt: bool, public: bool = False
    ) -> None:
        """Keep what is really sent, so that a recovered step sends the same; `doubt`: it may have left before."""
        document = key.seal(sealed.to_json())
        now, state = self._resources.clock(), "sent" if doubt else "open"

        def job(connection: Connection) -> None:
            writebacks.settle(
                connection, row.id, state=state, now=now, document_sealed=document, public=public
            )

        await self._resources.database.write(job)

    async def _open_again(self, row: Row) -> None:
        now = self._resources.clock()
        await self._resources.database.write(lambda c: writebacks.settle(c, row.id, state="open", now=now))
