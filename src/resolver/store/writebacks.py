"""Write-backs: every update of a ticket as a row before it is sent, with the marker it is found again by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resolver.store.dialect import change, find, insert_if_new
from resolver.store.tables import requester, writeback
from resolver.store.times import stored

PLAIN = "plain:"
NOTED = "note:"


@dataclass(frozen=True, slots=True)
class Row:
    """One update. `progress` says that something happened before it, which restarts the count of replies in a row.

    `reason` says why it was dropped (`staff`, `closed`, `gone`) or the code it was refused with. One that was refused
    and went in another form has `plain:CODE` (without its changes of the ticket) or `note:CODE` (for people only).
    """

    id: str
    turn: int
    n: int
    case: str
    run: str | None
    requester: str
    document_sealed: bytes
    public: bool
    progress: bool
    offer: str | None
    day: str
    intended_at: str
    state: str = "open"
    reason: str | None = None
    message_id: str | None = None
    settled_at: str | None = None

    @property
    def plain(self) -> bool:
        """Whether the helpdesk refused its changes of the ticket, so that only its words were asked for."""
        return (self.reason or "").startswith(PLAIN)

    @property
    def noted(self) -> bool:
        """Whether the helpdesk refused it as a reply, so that a note gives its words to people."""
        return (self.reason or "").startswith(NOTED)

    @property
    def lost(self) -> bool:
        """Whether the helpdesk took it in no form, though the ticket is not closed."""
        return self.state == "refused" and self.reason != "closed"


def add(connection: sa.Connection, row: Row) -> None:
    """Store an update before it is sent."""
    insert_if_new(connection, writeback, {name: getattr(row, name) for name in Row.__slots__})


def get(connection: sa.Connection, row_id: str) -> Row | None:
    """The row, or `None`."""
    row = find(connection, writeback, "id", row_id)
    return None if row is None else _row(row)


def of_turn(connection: sa.Connection, turn: int) -> list[Row]:
    """The updates of a turn, by n."""
    return [_row(row) for row in connection.execute(_OF_TURN, {"of": turn})]


def of_case(connection: sa.Connection, case: str) -> list[Row]:
    """The updates of a case, oldest first."""
    query = sa.select(writeback).where(writeback.c.case == case).order_by(writeback.c.turn, writeback.c.n)
    return [_row(row) for row in connection.execute(query)]


def mark_sent(connection: sa.Connection, row_id: str) -> None:
    """Say before sending that it may have left us from here on."""
    change(connection, writeback, "id", row_id, {"state": "sent"})


def settle(
    connection: sa.Connection,
    row_id: str,
    *,
    state: str,
    now: datetime,
    reason: str | None = None,
    message_id: str | None = None,
    document_sealed: bytes | None = None,
    public: bool | None = None,
) -> None:
    """Say what became of it: done, dropped, refused, unknown, or open again after a send that surely failed."""
    values: dict[str, Any] = {"state": state, "reason": reason, "message_id": message_id}
    values["settled_at"] = None if state in ("open", "sent") else stored(now)
    if document_sealed is not None:
        values["document_sealed"] = document_sealed
    if public is not None:
        values["public"] = public
    change(connection, writeback, "id", row_id, values)


def came_to(rows: Sequence[Row]) -> tuple[str, str | None]:
    """Of a turn's settled updates: how its event ends, and how its run does if not as it was decided."""
    reasons = {row.reason for row in rows}
    lost = next((row for row in rows if row.lost), None)
    if lost is not None:
        return f"refused:{lost.reason}", "failed"
    if "staff" in reasons:
        return "staff", "handed_off"
    if any(row.noted for row in rows):
        return "handed_off", "handed_off"
    return ("closed", "no_reply") if "closed" in reasons else ("handled", None)


def public_so_far(connection: sa.Connection, case: str, *, day: str) -> tuple[int, int]:
    """How many public replies the ticket got (or may have got) since there was news, and on this day; 50 at most."""
    newest = connection.execute(_PUBLIC_NEWEST, {"of": case}).all()
    in_a_row = next((place for place, row in enumerate(newest) if row.progress), len(newest))
    return in_a_row, sum(row.day == day for row in newest)


def requesters(connection: sa.Connection, helpdesk: str) -> list[str]:
    """Everybody of this connection whose key is still there: shadow leaves no row that names an earlier requester."""
    query = sa.select(requester.c.id).where(requester.c.id.startswith(f"{helpdesk}:", autoescape=True))
    return list(connection.execute(query.where(requester.c.key_sealed.is_not(None))).scalars())


_OF_TURN = sa.select(writeback).where(writeback.c.turn == sa.bindparam("of")).order_by(writeback.c.n)
_PUBLIC = sa.and_(
    writeback.c.case == sa.bindparam("of"),
    writeback.c.public,
    sa.or_(writeback.c.state == "sent", writeback.c.state == "done"),
)
_PUBLIC_NEWEST = (
    sa.select(writeback.c.progress, writeback.c.day)
    .where(_PUBLIC)
    .order_by(writeback.c.turn.desc(), writeback.c.n.desc())
    .limit(50)
)


def _row(row: sa.Row[Any]) -> Row:
    return Row(**{name: getattr(row, name) for name in Row.__slots__})
