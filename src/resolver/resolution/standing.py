"""How a ticket's requester stands when a turn begins: who was proven, what was paid to them, what they were told.

Asked by `deciding` for every run that begins or goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from resolver.condition.values import Value
from resolver.gateway import speech
from resolver.gateway.identity import Proven, level_of, proven_on
from resolver.gateway.speech import Spoken
from resolver.playbook.policy import Policy
from resolver.resolution import inputs
from resolver.resolution.resources import Resources
from resolver.store import ledger
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.times import read as read_time
from resolver.ticket import Level, Ticket


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts besides the ticket itself."""

    policy: Policy
    paid: Sequence[ledger.Entry]
    spoken: Spoken
    proven: Proven | None

    def level(self, ticket: Ticket) -> Level:
        """How far the requester is proven now."""
        return level_of(ticket, self.policy, self.proven)

    def customer(self, ticket: Ticket, *, language: str) -> dict[str, Value]:
        """Whom the playbooks see as `customer`."""
        return inputs.customer(ticket, self.policy, self.paid, language=language, proven=self.proven)


async def standing(resources: Resources, turn: Turn, case: Case, policy: Policy) -> Standing:
    """How the requester stands under the policy of a run."""
    now = read_time(turn.now)
    day, since = policy.calendar.day_of(now).isoformat(), now - inputs.PAYOUTS_KEPT

    def job(connection: Connection) -> Standing:
        return Standing(
            policy=policy,
            paid=ledger.payouts(connection, requester=case.requester, since=since),
            spoken=speech.spoken(connection, case=case.id, day=day),
            proven=proven_on(
                connection,
                case=case.id,
                requester=case.requester,
                policy=policy,
                key=resources.vault.known(connection, case.requester),
                now=now,
            ),
        )

    return await resources.database.read(job)
