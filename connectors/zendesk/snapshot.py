"""Everything read of one ticket at one moment, and the port's ticket made of it. Pure.

The helpdesk fills it; nothing of Zendesk's shapes leaves through it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.zendesk import conversation, customer, evidence
from connectors.zendesk.conversation import People
from connectors.zendesk.payloads import (
    AuditRecord,
    CommentRecord,
    OrganizationRecord,
    TicketRecord,
    UserRecord,
)
from connectors.zendesk.settings import ZendeskSettings
from resolver.errors import Unavailable
from resolver.ticket import Requester, Status, Ticket, TicketId, TicketRef

# `updated_at` has whole seconds: a change in the second we read in leaves it as it was. Until that second is surely
# over (our clock may be off), the stamp also names the newest audit, which is compared before writing.
SETTLED_AFTER = timedelta(seconds=60)
_SEPARATOR = "#"

_STATUSES = {
    "new": Status.OPEN,
    "open": Status.OPEN,
    "pending": Status.PENDING,
    "hold": Status.ON_HOLD,
    "solved": Status.SOLVED,
    "closed": Status.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read. The audits were read before the ticket and the ticket before its comments."""

    record: TicketRecord
    comments: Sequence[CommentRecord]
    audits: Sequence[AuditRecord]
    people: People
    organization: OrganizationRecord | None
    queue: str | None

    def ticket(self, account: ZendeskSettings, *, now: datetime) -> Ticket:
        """The ticket of the port."""
        record, people = self.record, self.people
        requester = self._requester(account)
        assignee = record.assignee_id
        return Ticket(
            ref=TicketRef(account.connection, TicketId(str(record.id))),
            subject=conversation.clean(record.subject or ""),
            status=_STATUSES.get(record.status, Status.OPEN),
            raw_status=record.status,
            priority=record.priority,
            channel=conversation.channel_of_ticket(record),
            requester=requester,
            messages=conversation.messages(self.comments, people),
            tags=tuple(record.tags or ()),
            stamp=self._stamp(now),
            staff_stamp=conversation.staff_stamp(self.audits, record, people),
            created_at=record.created_at,
            updated_at=instant(record.updated_at),
            queue=self.queue,
            assignee=None if assignee is None else str(assignee),
            assigned_to_person=assignee is not None and assignee != people.bot_id,
            opted_out=account.opt_out_tag in {*(record.tags or ()), *requester.tags},
            merged_into=conversation.merged_into(record, self.comments, people),
            fields=customer.ticket_fields(record),
        )

    def _requester(self, account: ZendeskSettings) -> Requester:
        user = self.people.users.get(self.record.requester_id)
        level, why = evidence.judge(
            self.record, user, self.comments, conversation.messages(self.comments, self.people)
        )
        known = user or UserRecord(id=None)
        return Requester(
            id=str(self.record.requester_id),
            email=known.email,
            name=known.name,
            language=known.locale,
            level=level,
            evidence=why,
            fields=customer.fields_of(account.customer_fields, user, self.organization),
            tags=customer.tags_of(user, self.organization),
        )

    def _stamp(self, now: datetime) -> str:
        if now - instant(self.record.updated_at) > SETTLED_AFTER:
            return self.record.updated_at
        return stamp(self.record.updated_at, newest=max((audit.id for audit in self.audits), default=0))


def stamp(updated_at: str, *, newest: int) -> str:
    """What a conditional write presents for a ticket whose newest known audit has this id."""
    return f"{updated_at}{_SEPARATOR}{newest}"


def read_stamp(text: str) -> tuple[str, int | None]:
    """The `updated_at` in a stamp, and the audit that must still be the newest, if it names one."""
    updated_at, _, newest = text.partition(_SEPARATOR)
    return updated_at, int(newest) if newest else None


def instant(text: str) -> datetime:
    """A time as Zendesk writes it, aware.

    Raises:
        Unavailable: It cannot be read.
    """
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise Unavailable(f"Zendesk wrote a time nobody can read: {text!r}.") from error
