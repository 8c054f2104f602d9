"""How far a ticket's requester is proven: the helpdesk's evidence, the policy's trust, and what was proven since.

Asked by resolution at the beginning of every turn (LANGUAGE 8).
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from resolver.playbook.policy import Policy
from resolver.store import identities
from resolver.store.database import Connection
from resolver.store.times import read as read_time
from resolver.store.vault import SubjectKey
from resolver.ticket import Channel, Level, Ticket


@dataclass(frozen=True, slots=True)
class Proven:
    """What was proven on this ticket beyond its channel: the level, and the owner of the record it was proven with."""

    level: Level
    owner: str


@dataclass(frozen=True, slots=True)
class _Kept:
    owner: str


def level_of(ticket: Ticket, policy: Policy, proven: Proven | None = None) -> Level:
    """The level now: where the channel starts (e-mail is trusted only by policy), or what was proven since."""
    level = ticket.requester.level
    if ticket.channel is Channel.EMAIL and not policy.trust_email:
        level = min(level, Level.CLAIMED, key=lambda found: found.rank)
    return level if proven is None else max(level, proven.level, key=lambda found: found.rank)


def proven_on(
    connection: Connection, *, case: str, requester: str, policy: Policy, key: SubjectKey, now: datetime
) -> Proven | None:
    """The strongest proof of this requester that still counts, the newest of equals; a code lasts `code_lasts`."""
    counts = [
        one
        for one in identities.of_case(connection, case, requester=requester)
        if one.level is not Level.CODE or now - read_time(one.proven_at) < policy.code_lasts
    ]
    if not counts:
        return None
    best = max(enumerate(counts), key=lambda found: (found[1].level.rank, found[0]))[1]
    return Proven(best.level, msgspec.json.decode(key.open(best.document_sealed), type=_Kept).owner)
