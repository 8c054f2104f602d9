"""What a customer says of their own record is compared with it here, so that nobody else's record enters a run.

Asked by resolution where a run waits for details (LANGUAGE 8); a right answer proves the record's owner on the ticket.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from resolver.condition.env import Env
from resolver.decision.details import arguments_in, asked_for, owner_in
from resolver.decision.effects import Found, LookUp
from resolver.decision.facts import Facts
from resolver.decision.proving import ACCOUNT, target_of
from resolver.gateway.lookups import LookUps
from resolver.playbook.plan import Plan
from resolver.store import codes, details_tries, identities
from resolver.store.database import Connection
from resolver.store.vault import SubjectKey, Vault
from resolver.ticket import Level, MessageId

NO_LIMIT = 1_000_000
"""Tries at nothing in particular: three of them end the run, and none is nearer to an account."""
RECORDS = "installation:records"
"""The name of the key under which records are counted, whatever ticket names their details."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a message names the details of: the record as it was asked for, known or not, and its owner if they fit.

    At most `tries` messages a `day` may name them wrongly, from whatever ticket.
    """

    record: str
    owner: str | None
    tries: int
    day: str


async def owners_named(
    look_ups: LookUps, plan: Plan, facts: Facts, texts: Mapping[MessageId, str]
) -> dict[MessageId, Named]:
    """By message, whose record it names the details of; no owner where they do not fit or there is no record.

    Empty where the run waits for no details.

    Raises:
        Unavailable: The source is down; the turn comes back later.
    """
    look_up = asked_for(plan, facts)
    return {} if look_up is None else await named_by(look_ups, plan, facts, look_up, texts)


async def named_by(
    look_ups: LookUps, plan: Plan, facts: Facts, look_up: LookUp, texts: Mapping[MessageId, str]
) -> dict[MessageId, Named]:
    """The same for the record that a look-up finds, whether its details were asked for or not."""
    if look_up.name == ACCOUNT:
        return await _accounts_named(look_ups, facts, texts)
    policy = facts.policy
    found = await look_ups.read_whoever_owns_it(
        look_up.look_up, look_up.arguments, env=Env({}, facts.now, policy.calendar)
    )
    target = target_of(look_up, details=True)
    day = policy.calendar.day_of(facts.now).isoformat()
    owners = {
        message: owner_in(text, found.record, plan, look_up, facts) if isinstance(found, Found) else None
        for message, text in texts.items()
    }
    return {message: Named(target, owner, policy.details_tries, day) for message, owner in owners.items()}


async def _accounts_named(
    look_ups: LookUps, facts: Facts, texts: Mapping[MessageId, str]
) -> dict[MessageId, Named]:
    """By message, whose account its details find; a message that names nothing an account is found by is none."""
    policy = facts.policy
    spec, day = look_ups.spec(policy.account), policy.calendar.day_of(facts.now).isoformat()
    named: dict[MessageId, Named] = {}
    for message, text in texts.items():
        said = arguments_in(text, spec, policy.details) if spec is not None else None
        first = dict(list((said or {}).items())[:1])  # what is guessed beside it is counted together
        target = target_of(LookUp(ACCOUNT, policy.account, first, Level.ANONYMOUS), details=True)
        owner: str | None = None
        if spec is not None and said is not None:
            env = Env({}, facts.now, policy.calendar)
            found = await look_ups.read_whoever_owns_it(policy.account, said, env=env)
            whose = found.record.fields.get(spec.gives.owner) if isinstance(found, Found) else None
            owner = whose if isinstance(whose, str) and whose else None
        named[message] = Named(target, owner, policy.details_tries if said else NO_LIMIT, day)
    return named


def judge(
    connection: Connection,
    *,
    case: str,
    requester: str,
    named: Mapping[MessageId, Named],
    key: SubjectKey,
    vault: Vault,
    now: datetime,
) -> str | None:
    """Store what the details in the requester's own messages are worth; a message is judged once.

    Whose record it is, if one of them is right. After too many wrong tries at a record every further one that day is
    wrong, whatever it says: nobody learns more.
    """
    known = codes.answers(connection, case, list(named))
    if any(message not in known for message in named):
        details_tries.hold(connection)
    proven: str | None = None
    for message, one in named.items():
        if message in known:
            proven = one.owner if known[message] == "right" else proven
            continue
        record = vault.key(connection, RECORDS).digest("record", one.record)
        spent = details_tries.count(connection, record=record, day=one.day) >= one.tries
        owner = None if spent else one.owner
        codes.answer(connection, case, message, "wrong" if owner is None else "right")
        if owner is None:
            details_tries.add(connection, case=case, message=message, record=record, day=one.day)
        else:
            proven = owner
            identities.prove(
                connection,
                f"details-{case}-{message}",
                case_id=case,
                requester=requester,
                level=Level.MATCHED,
                document_sealed=key.seal(msgspec.json.encode({"owner": owner}).decode()),
                now=now,
            )
    return proven
