"""Approvals answered by people: by a named member of the team, once, in time, and for the offer as it stands.

Called by the command line (and later by API and console). The answer becomes an event, so the ordinary turn goes on.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from resolver.errors import ResolverError
from resolver.playbook.plan import Mode
from resolver.playbook.policy import Policy
from resolver.store import approvals
from resolver.store.approvals import Approval
from resolver.store.database import Connection
from resolver.store.times import read as read_time


class NotAccepted(ResolverError):
    """An approval that does not count: late, used, of another offer, or by somebody who may not."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The case whose turn goes on, and the id of the event that says so."""

    case: str
    event_id: str


def answer(
    connection: Connection,
    approval_id: str,
    *,
    decision: Literal["approved", "denied"],
    member: str,
    policy: Policy,
    now: datetime,
) -> Answered | NotAccepted:
    """Record the member's answer; a `NotAccepted` says why it does not count, and nothing is changed."""
    asked = approvals.get(connection, approval_id)
    if asked is None or asked.kind != "approval":
        return NotAccepted(
            f"There is no approval {approval_id!r}.", remedy="list them: resolver approvals list"
        )
    address = member.strip().lower()
    wrong = _not_open(asked, now) or _not_of_team(asked.team, {asked.owner.lower()}, address, policy)
    if wrong is not None:
        return wrong
    if not approvals.decide(connection, approval_id, state=decision, by=f"local:{address}", now=now):
        return _TOO_SLOW
    return Answered(asked.case, f"approval:{approval_id}")


def go_ahead(
    connection: Connection,
    suggestion: str,
    *,
    decision: Literal["accepted", "rejected"],
    agent: str,
    policy: Policy,
    now: datetime,
) -> Answered | NotAccepted:
    """Record what an agent says to a suggestion; where it needs an approval, only a member of that team can accept."""
    asked = approvals.get(connection, suggestion)
    if asked is None or asked.kind != "suggestion":
        return NotAccepted(
            f"There is no suggestion {suggestion!r}.", remedy="list them: resolver suggestions list"
        )
    address = agent.strip().lower()
    wrong = _not_open(asked, now)
    if wrong is None and not _ADDRESS.fullmatch(address):
        wrong = NotAccepted(f"{agent!r} is no e-mail address.", remedy="name yourself: --as E-MAIL")
    if decision == "accepted":
        authors = set(asked.owner.lower().split(","))
        for team in filter(None, asked.team.split(",")):
            wrong = wrong or _not_of_team(team, authors, address, policy)
    if wrong is not None:
        return wrong
    if not approvals.decide(connection, suggestion, state=decision, by=f"local:{address}", now=now):
        return _TOO_SLOW
    return Answered(asked.case, f"suggestion:{suggestion}")


def _not_open(asked: Approval, now: datetime) -> NotAccepted | None:
    """Answered already, void, or too late."""
    what = asked.kind
    if asked.state == "void":
        why = "facts, customer or a colleague have changed what it is about"
        return NotAccepted(f"This {what} is void: {why}.", remedy=f"see what is open: resolver {what}s list")
    if asked.state != "waiting":
        return NotAccepted(f"This {what} is already {asked.state}.", remedy="nothing is left to do")
    if read_time(asked.expires_at) < now:
        return NotAccepted(
            f"This {what} came too late; the ticket went to a person.", remedy="answer the ticket"
        )
    return None


def _not_of_team(name: str, authors: set[str], address: str, policy: Policy) -> NotAccepted | None:
    team = policy.teams.get(name)
    if team is None or address not in {one.lower() for one in team.members}:
        return NotAccepted(
            f"{address} is not a member of {name}.", remedy="add them in policy.yaml, or ask one"
        )
    if team.four_eyes and address in authors:
        return NotAccepted(
            f"{address} wrote the playbook; {name} works by four eyes.", remedy="ask another member"
        )
    return None


def released(connection: Connection, mode: Mode, suggestion: str | None) -> bool:
    """Whether a run that may only suggest may act: a person gave the go-ahead, and it has not become void."""
    if mode is not Mode.SUGGEST or suggestion is None:
        return False
    asked = approvals.get(connection, suggestion)
    return asked is not None and asked.state == "accepted"


_TOO_SLOW = NotAccepted("Somebody was quicker.", remedy="nothing is left to do")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
