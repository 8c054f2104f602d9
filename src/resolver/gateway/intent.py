"""Writing an intent: every check that needs the plan and the ledger, then the row, in one transaction.

Called by resolution inside the transaction that also freezes the run. Nothing is sent here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from resolver.connector.manifest import Interfaces
from resolver.decision import guard
from resolver.decision.effects import Act
from resolver.decision.facts import Facts
from resolver.decision.guard import Spent, Stop
from resolver.gateway import consent
from resolver.gateway.wire import idempotency_key, record_name, to_ledger
from resolver.money import Money
from resolver.playbook.plan import Mode, Plan
from resolver.playbook.policy import SILENT
from resolver.store import ledger, switches
from resolver.store.database import Connection
from resolver.store.ledger import Entry
from resolver.store.times import stored
from resolver.store.vault import SubjectKey


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the work of a ticket the effect stands, and how its facts were read.

    `reads` are the look-ups behind the arguments (name and ledger arguments), to be read again before sending;
    `staff_stamp` is the ticket's, as this turn read it; `email` whose records the run may see. `go_ahead` is
    the suggestion that a person wants carried out, where the run may only suggest.
    """

    turn: int
    n: int
    case: str
    requester: str
    email: str | None
    staff_stamp: str
    reads: tuple[tuple[str, Mapping[str, Any]], ...]
    go_ahead: str | None = None


@dataclass(frozen=True, slots=True)
class Intended:
    """The stored intent's id."""

    entry: str


def intend(
    connection: Connection,
    *,
    interfaces: Interfaces,
    plan: Plan,
    facts: Facts,
    effect: Act,
    place: Place,
    key: SubjectKey,
    now: datetime,
) -> Intended | Stop:
    """Check and write the intent; a `Stop` names the check that does not hold, and nothing is written.

    An intent that was written before at this place, word for word, is found again: what was begun is finished.
    """
    bound = interfaces.connection(effect.action)
    spec = interfaces.action(effect.action)
    if bound is None or spec is None:
        return Stop("not_offered", f"No connection offers {effect.action} any more.")
    record = record_name(bound, effect.record)
    ledger.hold(connection, record)
    entry = _entry(effect, place=place, plan=plan, facts=facts, connection=bound, record=record, now=now)
    stop = _refusal(connection, plan=plan, facts=facts, effect=effect, place=place, record=record, now=now)
    if stop is None:
        entry = entry | {
            "effect_class": spec.effect,
            "key": _key(effect, facts, bound),
            "document_sealed": key.seal(_document(to_ledger(effect.arguments), place, plan)),
        }
        if not ledger.intend(connection, Entry(**entry)):
            stop = Stop(
                "open_intent", "This effect, or another payment on the same record, is already under way."
            )
    if stop is None or _begun(connection, entry["id"], effect, facts, bound):
        return Intended(entry["id"])
    return stop


def _begun(connection: Connection, entry_id: str, effect: Act, facts: Facts, bound: str) -> bool:
    """Whether a quicker worker, or this turn before a crash, has written this very intent already.

    Looked at only where a check stops: the intent's own row fills limits, and is checked again before it is sent.
    """
    known = ledger.get(connection, entry_id)
    return known is not None and known.key == _key(effect, facts, bound)


def _key(effect: Act, facts: Facts, bound: str) -> str:
    return idempotency_key(bound, facts.run, effect.step, effect.generation, to_ledger(effect.arguments))


def _refusal(
    connection: Connection,
    *,
    plan: Plan,
    facts: Facts,
    effect: Act,
    place: Place,
    record: str,
    now: datetime,
) -> Stop | None:
    if facts.mode is not Mode.AUTO and not consent.released(connection, facts.mode, place.go_ahead):
        return Stop("mode", f"The run is in mode {facts.mode}, which performs nothing.")
    thrown = switches.thrown(connection) | facts.policy.stop
    return (
        guard.kill_switch(thrown, action=effect.action, playbook=plan.playbook)
        or guard.withdrawn(thrown, plan=plan.id)
        or guard.identity(effect, facts.level)
        or guard.may_act(plan, facts, effect)
        or _other_intent(connection, effect, facts.run, record)
        or _limits(connection, effect, facts, place, now)
    )


def _other_intent(connection: Connection, effect: Act, run: str, record: str) -> Stop | None:
    other = ledger.open_on(
        connection, record=record, action=effect.action, money=effect.pays is not None, run=run
    )
    if other is None:
        return None
    return Stop("open_intent", f"{other.action} on the same record is under way in {other.case}.")


def _limits(connection: Connection, effect: Act, facts: Facts, place: Place, now: datetime) -> Stop | None:
    """Count what was paid, unsettled intents included, under the ledger's lock."""
    if effect.pays is None:
        return None
    policy = facts.policy.actions.get(effect.action, SILENT)
    of_case, of_requester, of_day = ledger.spent_so_far(
        connection,
        action=effect.action,
        currency=effect.pays.currency,
        day=facts.policy.calendar.day_of(now).isoformat(),
        case=place.case,
        requester=place.requester,
    )
    spent = Spent(ticket=of_case, customer_and_day=of_requester, day=of_day)
    return guard.limits(policy, effect.pays, spent)


def _entry(
    effect: Act, *, place: Place, plan: Plan, facts: Facts, connection: str, record: str, now: datetime
) -> dict[str, Any]:
    pays: Money | None = effect.pays
    return {
        "id": f"effect-{place.turn}-{place.n}",
        "turn": place.turn,
        "n": place.n,
        "case": place.case,
        "run": facts.run,
        "step": effect.step,
        "generation": effect.generation,
        "playbook": plan.playbook,
        "requester": place.requester,
        "connection": connection,
        "action": effect.action,
        "record": record,
        "offer": effect.offer,
        "pays_minor": pays.minor if pays else None,
        "pays_currency": pays.currency if pays else None,
        "day": facts.policy.calendar.day_of(now).isoformat(),
        "intended_at": stored(now),
    }


def _document(arguments: Mapping[str, Any], place: Place, plan: Plan) -> str:
    """What sending needs and no column holds; personal, so sealed."""
    document = {
        "arguments": arguments,
        "reads": [[name, read] for name, read in place.reads],
        "staff_stamp": place.staff_stamp,
        "email": place.email,
        "plan": plan.id,
        "go_ahead": place.go_ahead,
    }
    return msgspec.json.encode(document, order="sorted").decode()
