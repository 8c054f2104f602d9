"""What a customer says of their own record is compared with it here, so that nobody else's record enters a run.

Asked by resolution where a run waits for details (LANGUAGE 8); a right answer proves the record's owner on the ticket.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from resolver.condition.env import Env
from resolver.decision.details import asked_for, owner_in
from resolver.decision.effects import Found
from resolver.decision.facts import Facts
from resolver.gateway.lookups import LookUps
from resolver.playbook.plan import Plan
from resolver.store import codes, identities
from resolver.store.database import Connection
from resolver.store.vault import SubjectKey
from resolver.ticket import Level, MessageId


async def owners_named(
    look_ups: LookUps, plan: Plan, facts: Facts, texts: Mapping[MessageId, str]
) -> dict[MessageId, str | None]:
    """By message, whose record it names the details of; None where they do not fit or there is no record.

    Empty where the run waits for no details.

    Raises:
        Unavailable: The source is down; the turn comes back later.
    """
    look_up = asked_for(plan, facts)
    if look_up is None:
        return {}
    env = Env({}, facts.now, facts.policy.calendar)
    found = await look_ups.read_whoever_owns_it(look_up.look_up, look_up.arguments, env=env)
    if not isinstance(found, Found):
        return dict.fromkeys(texts)
    return {message: owner_in(text, found.record, plan, look_up, facts) for message, text in texts.items()}


def judge(
    connection: Connection,
    *,
    case: str,
    requester: str,
    named: Mapping[MessageId, str | None],
    key: SubjectKey,
    now: datetime,
) -> None:
    """Store what the details in the requester's own messages are worth; a message is judged once."""
    known = codes.answers(connection, case, list(named))
    for message, owner in named.items():
        if message in known:
            continue
        codes.answer(connection, case, message, "wrong" if owner is None else "right")
        if owner is not None:
            identities.prove(
                connection,
                f"details-{case}-{message}",
                case_id=case,
                requester=requester,
                level=Level.MATCHED,
                document_sealed=key.seal(msgspec.json.encode({"owner": owner}).decode()),
                now=now,
            )
