"""Carrying out one write-back row: at most one update at the helpdesk, found again by its marker.

Called in the durable step `perform`. It says what the row says, never anything new; a person's activity on the
ticket stops a reply, and a reply about something already done then becomes an internal note. So does a reply that the
helpdesk refuses: its words reach the customer, else a person, else a dead letter.
"""

import logging
from dataclasses import replace

import msgspec

from resolver.connector.helpdesk import Helpdesk
from resolver.decision import guard
from resolver.durable.workflow import Json
from resolver.errors import NotFound, Refused, Stale, Unavailable, Unknown
from resolver.resolution.endings import end_handled
from resolver.resolution.resources import Resources
from resolver.resolution.under_way import Sealed
from resolver.store import ledger, runs, switches, trail, writebacks
from resolver.store.database import Connection
from resolver.store.vault import SubjectKey
from resolver.store.writebacks import NOTED, PLAIN, Row
from resolver.ticket import ConnectionName, Receipt, Status, Ticket, TicketId, WriteBack

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
            return await self._refused(row_id, error)
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
            if ticket.closed:
                return await self._settle(row, "dropped", "closed")
            update = self._as_things_are(ticket, sealed)
            if update is None:
                return await self._settle(row, "dropped", "staff")
            if update is not sealed.update:
                note = replace(sealed, update=update)
                await self._became_note(row, note, key, state="sent" if doubt else row.state)
            if update.public is not None and await self._stopped(row):
                if not doubt:
                    await self._open_again(row)
                return {"state": "later"}
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

    async def _stopped(self, row: Row) -> bool:
        """Whether the kill switch holds back words to the customer at this very moment."""
        stop = self._resources.plans.library().policy.stop

        def job(connection: Connection) -> bool:
            thrown = switches.thrown(connection) | stop
            run = runs.get(connection, row.run) if thrown and row.run else None
            playbook = run.playbook if run is not None else ""
            return guard.kill_switch(thrown, action=None, playbook=playbook) is not None

        return await self._resources.database.read(job)

    def _as_things_are(self, ticket: Ticket, sealed: Sealed) -> WriteBack | None:
        """The update as it may be sent now: itself, an internal note instead, or `None` for nothing."""
        same_people = ticket.staff_stamp == sealed.staff_stamp
        same_requester = f"{ticket.ref.connection}:{ticket.requester.id}" == sealed.requester
        if same_people and same_requester:
            return sealed.update
        if sealed.update.private is not None:
            return replace(sealed.update, status=None, queue=None, release=False)
        if sealed.instead is None:
            return None
        return WriteBack(marker=sealed.update.marker, private=sealed.instead)

    # -- refused --------------------------------------------------------------------------------------------------

    async def _refused(self, row_id: str, error: Refused) -> Json:
        """The helpdesk took nothing of the update as it is stored: its words are asked for in the next best form."""
        row, sealed, key = await self._resources.database.read(lambda c: self._load(c, row_id))
        if error.code == "closed":
            return await self._settle(row, "refused", error.code)
        log.error("ticket %s: the helpdesk refused update %s (%s)", row.case, row.id, error.code)
        less, reason = self._less(row, sealed.update, error)
        if less is None and sealed.update.public is not None:
            less, reason = await self._as_note(row, sealed.update, error), f"{NOTED}{error.code}"
        if less is None:
            return await self._settle(row, "refused", error.code)
        row = replace(row, reason=reason)
        other = replace(sealed, update=less)
        # `sent`, because an earlier sending in doubt may still arrive: its receipt is looked for once more.
        await self._became_note(row, other, key, state="sent", public=less.public is not None)
        return await self.perform(row.id)

    def _less(self, row: Row, update: WriteBack, error: Refused) -> tuple[WriteBack | None, str | None]:
        """The update without what the helpdesk may have refused, and the row's reason; its words always stay."""
        if error.code in _ADJUSTABLE and (update.queue or update.fields):
            log.error("ticket %s: there is no queue %r; check policy.yaml", row.case, update.queue)
            return replace(update, queue=None, fields={}), row.reason
        words = WriteBack(marker=update.marker, public=update.public, private=update.private)
        if update == words or (words.public is None and words.private is None):
            return None, None
        return words, row.reason if row.noted else f"{PLAIN}{error.code}"

    async def _as_note(self, row: Row, update: WriteBack, error: Refused) -> WriteBack:
        """The refused reply as a note for a person, who gets the ticket in the default queue."""
        run = row.run
        entries = await self._resources.database.read(lambda c: ledger.of_run(c, run)) if run else []
        done = [one.told for one in entries if one.state not in ("open", "refused")]
        if done:
            done = ["", "The resolver has done the following for this ticket:", *done]
        refused = f"The helpdesk refused the resolver's reply ({error.code}); a person takes over."
        note = [refused, error.problem, *done, "", f"This reply was not sent:\n{update.public}"]
        return WriteBack(
            marker=update.marker,
            private="\n".join(note),
            status=Status.OPEN,
            queue=self._resources.plans.library().policy.queues["default"],
            release=True,
        )

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
        return await self._settle(row, "done", row.reason, message_id=receipt.message_id)

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
                connection,
                row.id,
                state=state,
                now=now,
                reason=row.reason,
                document_sealed=document,
                public=public,
            )

        await self._resources.database.write(job)

    async def _open_again(self, row: Row) -> None:
        now = self._resources.clock()
        await self._resources.database.write(
            lambda c: writebacks.settle(c, row.id, state="open", now=now, reason=row.reason)
        )
