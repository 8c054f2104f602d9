"""The ledger: every effect from its intent to its end, and what has been paid. Written by the gateway only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from resolver.store.dialect import find, insert_if_new, lock
from resolver.store.tables import UNSETTLED, effect
from resolver.store.times import stored

COUNTED = (*UNSETTLED, "done")  # what a limit counts: all that moved money, or may have


@dataclass(frozen=True, slots=True)
class Entry:
    """One effect. `document_sealed` holds its arguments; `record` is `connection|type|key` of its record.

    `sending` numbers the sendings: whoever begins one takes the next number, and only its holder may take it back.
    `sent_at` is when the effect may have left us first, however often it was sent since.
    """

    id: str
    turn: int
    n: int
    case: str
    run: str
    step: str
    generation: int
    playbook: str
    requester: str
    connection: str
    action: str
    effect_class: str
    key: str
    record: str
    document_sealed: bytes
    offer: str | None
    pays_minor: int | None
    pays_currency: str | None
    day: str
    intended_at: str
    state: str = "open"
    code: str | None = None
    stopped_by: str | None = None
    external_id: str | None = None
    settled_how: str | None = None
    sending: int = 0
    sent_at: str | None = None
    settled_at: str | None = None
    gives_sealed: bytes | None = None

    @property
    def told(self) -> str:
        """What it was and what became of it, in a line of a note for people."""
        undoes = self.step.rpartition("/")[2].startswith("undo-")
        return f"- {'taking back, by ' if undoes else ''}{self.action}: {self.state}"


def hold(connection: sa.Connection, record: str) -> None:
    """Let nobody else write an intent until this transaction ends; limits are counted under it."""
    lock(connection, "ledger")
    lock(connection, record)


def open_on(connection: sa.Connection, *, record: str, action: str, money: bool, run: str) -> Entry | None:
    """An unsettled effect of another run on this record that moves money too, or is the same action."""
    query = _OPEN_PAYMENT_ON if money else _OPEN_SAME_ON
    row = connection.execute(query, {"about": record, "same": action, "other": run}).first()
    return None if row is None else _entry(row)


def intend(connection: sa.Connection, entry: Entry) -> bool:
    """Write the intent; `False` if one with its key, place or open money record exists already."""
    row = {name: getattr(entry, name) for name in Entry.__slots__}
    return insert_if_new(connection, effect, row) is not None


def get(connection: sa.Connection, entry_id: str) -> Entry | None:
    """The entry, or `None`."""
    row = find(connection, effect, "id", entry_id)
    return None if row is None else _entry(row)


def mark_sent(connection: sa.Connection, entry: Entry, *, now: datetime) -> Entry | None:
    """The entry of a sending that begins, which may have left us from here on.

    `None` if it is not open as `entry` was read: another worker was there, and it must not be sent.
    """
    sent = replace(entry, state="sent", sending=entry.sending + 1, sent_at=stored(now))
    return sent if _moved(connection, entry, sent, of="open") else None


def take_over(connection: sa.Connection, entry: Entry) -> Entry | None:
    """The entry of a sending that repeats one in doubt; from here on the earlier one can take nothing back.

    `None` if it is not sent as `entry` was read: another worker took it over, or settled it.
    """
    again = replace(entry, sending=entry.sending + 1)
    return again if _moved(connection, entry, again, of="sent") else None


def unmark_sent(connection: sa.Connection, entry: Entry) -> bool:
    """Open the intent again, whose sending `entry` surely did not execute; `False` if there was another since."""
    return _moved(connection, entry, replace(entry, state="open", sent_at=None), of="sent")


def stop(connection: sa.Connection, entry_id: str, *, by: str, now: datetime) -> bool:
    """Refuse an intent that has not left us, naming the check; `False` if it is not open any more."""
    values = {"which": entry_id, "stopped_by": by, "settled_at": stored(now)}
    return connection.execute(_STOP, values).rowcount > 0


def settle(
    connection: sa.Connection,
    entry_id: str,
    *,
    state: str,
    how: str,
    now: datetime,
    code: str | None = None,
    external_id: str | None = None,
    gives_sealed: bytes | None = None,
) -> bool:
    """Close an entry (done, refused), or say pending or unknown; `False` if it was closed already."""
    values = {
        "state": state,
        "settled_how": how,
        "code": code,
        "external_id": external_id,
        "gives_sealed": gives_sealed,
        "settled_at": stored(now) if state in ("done", "refused") else None,
    }
    return connection.execute(_SETTLE, {"which": entry_id, **values}).rowcount > 0


def spent(
    connection: sa.Connection,
    *,
    action: str,
    currency: str,
    day: str,
    case: str | None = None,
    requester: str | None = None,
    whole_time: bool = False,
) -> int:
    """Minor units that `action` has paid out, unsettled intents included: of a day, a case, a requester.

    What was surely taken back counts no more; taking back that is under way or in doubt changes nothing.
    """
    query = _spent(day=not whole_time, case=case is not None, requester=requester is not None)
    named = {"what": action, "in_currency": currency, "on": day, "of_case": case, "of_requester": requester}
    return int(connection.execute(query, named).scalar_one())


def spent_so_far(
    connection: sa.Connection, *, action: str, currency: str, day: str, case: str, requester: str
) -> tuple[int, int, int]:
    """What `action` has paid out for the case ever, for the requester that day, and in all that day."""
    named = {"what": action, "in_currency": currency, "on": day, "of_case": case, "of_requester": requester}
    of_case, of_requester, of_day = connection.execute(_SPENT_SO_FAR, named).one()
    return int(of_case), int(of_requester), int(of_day)


def payouts(connection: sa.Connection, *, requester: str, since: datetime) -> list[Entry]:
    """What this requester was paid since then and keeps, newest first: the `customer.payouts` of a playbook."""
    rows = connection.execute(_PAYOUTS, {"of": requester, "since": stored(since)})
    return [_entry(row) for row in rows]


def of_run(connection: sa.Connection, run: str) -> list[Entry]:
    """The effects of a run in the order they were intended."""
    return [_entry(row) for row in connection.execute(_ordered("run"), {"of": run})]


def of_case(connection: sa.Connection, case: str) -> list[Entry]:
    """The effects of a case in the order they were intended."""
    return [_entry(row) for row in connection.execute(_ordered("case"), {"of": case})]


def in_state(connection: sa.Connection, states: Sequence[str], *, limit: int) -> list[Entry]:
    """The effects in one of these states, the newest first."""
    query = sa.select(effect).where(effect.c.state.in_(states))
    newest = query.order_by(effect.c.turn.desc(), effect.c.n.desc()).limit(limit)
    return [_entry(row) for row in connection.execute(newest)]


def of_turn(connection: sa.Connection, turn: int) -> list[Entry]:
    """The effects a turn intended, by n."""
    return [_entry(row) for row in connection.execute(_ordered("turn"), {"of": turn})]


def _moved(connection: sa.Connection, known: Entry, changed: Entry, *, of: str) -> bool:
    """Whether the row was still in state `of` and in the hands of the sending that the caller knows."""
    values = {"which": known.id, "of": of, "known": known.sending}
    changes = {name: getattr(changed, name) for name in ("state", "sending", "sent_at")}
    return connection.execute(_MOVE, values | changes).rowcount > 0


@cache
def _ordered(column: str) -> sa.Select[Any]:
    of = effect.c[column] == sa.bindparam("of")
    return sa.select(effect).where(of).order_by(effect.c.turn, effect.c.n)


_BACK = effect.alias("back")
_KEPT = ~(
    sa.select(_BACK.c.id)
    .where(
        _BACK.c.run == effect.c.run,
        _BACK.c.step == sa.func.replace(effect.c.step, "/do-", "/undo-"),
        _BACK.c.generation == effect.c.generation,
        _BACK.c.state == "done",
        _BACK.c.id != effect.c.id,
    )
    .correlate(effect)
    .exists()
)
"""Of effects those that were not taken back; the step that takes one back is named after it (`decision.undo`)."""


@cache
def _spent(*, day: bool, case: bool, requester: bool) -> sa.Select[Any]:
    query = sa.select(sa.func.coalesce(sa.func.sum(effect.c.pays_minor), 0)).where(
        effect.c.action == sa.bindparam("what"),
        effect.c.pays_currency == sa.bindparam("in_currency"),
        effect.c.state.in_(COUNTED),
        _KEPT,
    )
    if day:
        query = query.where(effect.c.day == sa.bindparam("on"))
    if case:
        query = query.where(effect.c.case == sa.bindparam("of_case"))
    if requester:
        query = query.where(effect.c.requester == sa.bindparam("of_requester"))
    return query


_SPENT_SO_FAR = sa.select(
    _spent(day=False, case=True, requester=False).scalar_subquery(),
    _spent(day=True, case=False, requester=True).scalar_subquery(),
    _spent(day=True, case=False, requester=False).scalar_subquery(),
)
_OPEN_ON = (
    sa.select(effect)
    .where(
        effect.c.record == sa.bindparam("about"),
        effect.c.state.in_(UNSETTLED),
        effect.c.run != sa.bindparam("other"),
    )
    .limit(1)
)
_SAME = effect.c.action == sa.bindparam("same")
_OPEN_SAME_ON = _OPEN_ON.where(_SAME)
_OPEN_PAYMENT_ON = _OPEN_ON.where(sa.or_(_SAME, effect.c.effect_class == "money"))
_MOVE = sa.update(effect).where(
    effect.c.id == sa.bindparam("which"),
    effect.c.state == sa.bindparam("of"),
    effect.c.sending == sa.bindparam("known"),
)
_STOP = (
    sa.update(effect)
    .where(effect.c.id == sa.bindparam("which"), effect.c.state == "open")
    .values(state="refused", settled_how="answer")
)
_SETTLE = sa.update(effect).where(effect.c.id == sa.bindparam("which"), effect.c.state.in_(UNSETTLED))
_PAYOUTS = (
    sa.select(effect)
    .where(
        effect.c.requester == sa.bindparam("of"),
        effect.c.effect_class == "money",
        effect.c.state == "done",
        effect.c.intended_at >= sa.bindparam("since"),
        effect.c.step.not_like("%/undo-%"),
        _KEPT,
    )
    .order_by(effect.c.intended_at.desc())
)


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry.__slots__})
