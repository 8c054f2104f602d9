"""Carrying out one write-back row: at most one update at the helpdesk, found again by its marker.

Called in the durable step `perform`. It says what the row says, never anything new; a person's activity on the
ticket stops a reply, and a reply about something already done then becomes an internal note.
"""

import logging
from dataclasses import replace

import msgspec

from resolver.connector.helpdesk import Helpdesk
from resolver.durable.workflow import Json
from resolver.errors import NotFound, Refused, Stale, Unavailable, Unknown
from resolver.resolution.closing import end_handled
from resolver.resolution.resources import Resources
from resolver.resolution.under_way import Sealed
from resolver.store import trail, writebacks
from resolver.store.database import Connection
from resolver.store.vault import SubjectKey
from resolver.store.writebacks import Row
from resolver.ticket import ConnectionName, Receipt, Ticket, TicketId, WriteBack

log = logging.getLogger("resolver.writeback")

_STALE_TRIES = 3
_ADJUSTABLE = ("no_such_queue", "no_such_field")


class WriteBacks:
    """Sends write-back rows."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def perform(self, row_id: str) -> Json:
        """Step: what became of the row: done, dropped, refused, or later."""
        unsent = self._unsent(row_id)
        if unsent is None:
            row, sealed, key = await self._resources.database.read(lambda c: self._load(c, row_id))
        else:
            row, sealed, key = unsent
        doubt = row.state == "sent" and unsent is None
        if row.state in ("done", "dropped", "refused"):
            return {"state": row.state, "reason": row.reason}
        connection, _, number = row.case.partition(":")
        helpdesk = self._resources.connections.helpdesks[ConnectionName(connection)]
        try:
            return await self._send(row, sealed, helpdesk, TicketId(number), key, doubt=doubt)
        except NotFound:
            return await self._settle(row, "dropped", "gone")
        except Refused as error:
            if error.code in _ADJUSTABLE and (sealed.update.queue or sealed.update.fields):
                return await self._without_queue(row, sealed, key)
            return await self._settle(row, "refused", error.code)
        except (Unavailable, Unknown):
            return {"state": "later"}

    async def _send(
        self,
        row: Row,
        sealed: Sealed,
        helpdesk: Helpdesk,
        ticket_id: TicketId,
        key: SubjectKey,
        *,
        doubt: bool,
    ) -> Json:
        """Send once; in `doubt` it may have left before.

        While an earlier sending may still arrive, the ticket is read first and its receipts then: what arrived before
        is found there, and what arrives later is stale or makes ours stale.
        """
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
                note = replace(sealed, update=update)
                await self._became_note(row, note, key, state="sent" if doubt else row.state)
            if row.state == "open":
                await self._resources.database.write(lambda c: writebacks.mark_sent(c, row.id))
            try:
                return await self._done(row, await helpdesk.write_back(ticket, update))
            except (
                Stale,
                Unknown,
            ):  # what made it stale may be this very update, sent by a worker taken for dead
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
        await self._became_note(row, plain, key, state="open", public=plain.update.public is not None)
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

    def _unsent(self, row_id: str) -> tuple[Row, Sealed, SubjectKey] | None:
        """A row that this process has written and not tried to send yet; the first try takes it."""
        known = self._resources.under_way.get(int(row_id.split("-")[1]))
        found = known.unsent.pop(row_id, None) if known is not None else None
        return None if known is None or found is None else (*found, known.key)

    def _load(self, connection: Connection, row_id: str) -> tuple[Row, Sealed, SubjectKey]:
        row = writebacks.get(connection, row_id)
        if row is None:
            raise LookupError(f"there is no write-back {row_id}")
        subject = row.requester
        key = self._resources.vault.known(connection, subject)
        return row, msgspec.json.decode(key.open(row.document_sealed), type=Sealed), key

    async def _done(self, row: Row, receipt: Receipt) -> Json:
        return await self._settle(row, "done", None, message_id=receipt.message_id)

    async def _settle(
        self, row: Row, state: str, reason: str | None, *, message_id: str | None = None
    ) -> Json:
        now = self._resources.clock()
        record = {"what": "writeback", "case": row.case, "run": row.run, "turn": row.turn, "row": row.id}
        record |= {"result": state, "reason": reason, "offer": row.offer, "at": now.isoformat()}

        known = self._resources.under_way.get(row.turn)
        if known is not None and state != "done":
            known.last = None
        ends = known if known is not None and known.last == row.id else None

        def job(connection: Connection) -> None:
            writebacks.settle(connection, row.id, state=state, reason=reason, message_id=message_id, now=now)
            trail.append(connection, case=row.case, run=row.run, turn=row.turn, record=dict(record))
            if ends is not None:
                end_handled(connection, ends, now=now)

        await self._resources.database.write(job)
        if ends is not None:
            ends.turn = replace(ends.turn, state="done")
        return {"state": state, "reason": reason}

    async def _became_note(
        self, row: Row, sealed: Sealed, key: SubjectKey, *, state: str, public: bool = False
    ) -> None:
        """Keep what is really sent, so that a recovered step sends the same; `sent` if it may have left before."""
        document = key.seal(sealed.to_json())
        now, known = self._resources.clock(), self._resources.under_way.get(row.turn)
        if known is not None:
            known.last = None  # it is not what was planned, so the turn's end is judged by its rows

        def job(connection: Connection) -> None:
            writebacks.settle(
                connection, row.id, state=state, now=now, document_sealed=document, public=public
            )

        await self._resources.database.write(job)

    async def _open_again(self, row: Row) -> None:
        now = self._resources.clock()
        await self._resources.database.write(lambda c: writebacks.settle(c, row.id, state="open", now=now))
