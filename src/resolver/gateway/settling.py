"""Closing an effect that stayed unknown: a person has looked at the other system and says what happened there.

Only what is unknown for good can be closed so, only once, and nothing is sent. From then on it counts in limits and
payouts as what it was, and its record is free for other effects again.
"""

from datetime import datetime
from typing import Literal

from resolver.errors import ResolverError
from resolver.gateway.answer import Answer, record
from resolver.store import ledger
from resolver.store.database import Connection
from resolver.store.ledger import Entry

Verdict = Literal["done", "not-done"]


class NotSettled(ResolverError):
    """The effect cannot be closed by a person: there is none, or it is not unknown."""


def settle(
    connection: Connection,
    entry_id: str,
    verdict: Verdict,
    *,
    by: str,
    now: datetime,
    external_id: str | None = None,
) -> Entry:
    """Close an unknown effect as `by` says it went; returns it as it was. `external_id` is the other system's.

    Raises:
        NotSettled: There is no such effect, it may still settle by itself, or it is closed.
    """
    entry = ledger.get(connection, entry_id)
    if entry is None:
        raise NotSettled(f"There is no effect {entry_id!r}.", remedy="list them: resolver effects list")
    if entry.state != "unknown":
        remedy = _REMEDY.get(entry.state, "nothing is left to settle")
        raise NotSettled(f"{entry_id} is {_standing(entry)}.", remedy=remedy)
    answer = Answer("done" if verdict == "done" else "refused", external_id=external_id)
    settled = ledger.settle(
        connection, entry_id, state=answer.state, how="person", now=now, external_id=external_id
    )
    if not settled:  # somebody else's transaction was quicker
        raise NotSettled(
            f"{entry_id} was closed meanwhile.", remedy="look: resolver effects show " + entry_id
        )
    record(connection, entry, answer, how="person", now=now, by=by)
    return entry


_REMEDY = {
    "open": "it has not left yet; the resolver sends it, or `resolver pause` keeps it",
    "sent": "the resolver is still finding out; wait until it is done or unknown",
    "pending": "the other system works on it; the resolver looks again by itself",
}


def _standing(entry: Entry) -> str:
    """What became of it, with the person who said so."""
    if entry.stopped_by is not None:
        return f"refused by our own check {entry.stopped_by}"
    return f"{entry.state}, which a person said" if entry.settled_how == "person" else entry.state
