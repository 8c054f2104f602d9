"""Approvals answered by people: by a named member of the team, once, in time, and for the offer as it stands.

Called by the command line (and later by API and console). The answer becomes an event, so the ordinary turn goes on.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from resolver.errors import ResolverError
from resolver.playbook.policy import Policy
from resolver.store import approvals
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
    if asked is None:
        return NotAccepted(
            f"There is no approval {approval_id!r}.", remedy="list them: resolver approvals list"
        )
    if asked.state != "waiting":
        return NotAccepted(f"This approval is already {asked.state}.", remedy="nothing is left to do")
    if read_time(asked.expires_at) < now:
        return NotAccepted(
            "This approval came too late; the ticket went to a person.", remedy="answer the ticket"
        )
    team = policy.teams.get(asked.team)
    address = member.strip().lower()
    if team is None or address not in {one.lower() for one in team.members}:
        return NotAccepted(
            f"{member} is not a member of {asked.team}.", remedy="add them in policy.yaml, or ask one"
        )
    if team.four_eyes and address == asked.owner.lower():
        return NotAccepted(
            f"{member} wrote the playbook; {asked.team} works by four eyes.", remedy="ask another member"
        )
    if not approvals.decide(connection, approval_id, state=decision, by=f"local:{address}", now=now):
        return NotAccepted("Somebody was quicker.", remedy="nothing is left to do")
    return Answered(asked.case, f"approval:{approval_id}")
