"""What became of a ticket of the demo: read from the run store, the shop's ledger and the helpdesk's own ticket.

Called by the demo when a ticket has come to rest. It changes nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from resolver.app import Resolver
from resolver.cli.demo_tickets import DemoTicket
from resolver.cli.demo_world import World
from resolver.decision.facts import Facts
from resolver.gateway.fresh import Sealed
from resolver.reading import Reading
from resolver.store import cases, ledger, runs, trail
from resolver.store.database import Connection
from resolver.store.vault import SubjectKey


@dataclass(frozen=True, slots=True)
class TakenAction:
    """An effect as the resolver's own ledger has it."""

    action: str
    arguments: Mapping[str, Any]
    state: str


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything a ticket is judged by.

    `why` is the rule of the last run, or why people got the ticket; `handled` how often each message was handled,
    `dead` how many events failed for good, `delivered` how often the same webhook was taken in.
    """

    intents: tuple[str, ...]
    playbook: str | None
    disposition: str
    why: str
    actions: tuple[TakenAction, ...]
    movements: tuple[str, ...]
    replies: tuple[str, ...]
    notes: tuple[str, ...]
    status: str
    tags: tuple[str, ...]
    queue: str | None
    assignee: str | None
    handled: tuple[int, ...]
    dead: int
    refused: int
    delivered: int


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the store knows of a case. `run` is the last one with its opened facts."""

    readings: Sequence[Reading]
    run: tuple[runs.Run, str] | None
    unhandled: str | None
    actions: tuple[TakenAction, ...]
    handled: tuple[int, ...]
    dead: int


async def findings(resolver: Resolver, world: World, ticket: DemoTicket, number: int) -> Findings:
    """What became of the ticket that the helpdesk knows as `number`."""
    resources = resolver.resources
    case = f"{world.connection}:{number}"
    known = await resources.database.read(lambda c: _stored(c, resolver, case))
    disposition, why = await _ending(resolver, known)
    seen, deliveries = world.ticket(number), world.deliveries(number)
    own = {order.number for order in ticket.orders}
    return Findings(
        intents=tuple(dict.fromkeys(one.intent for reading in known.readings for one in reading.intents)),
        playbook=known.run[0].playbook if known.run else None,
        disposition=disposition,
        why=why,
        actions=known.actions,
        movements=tuple(str(one) for one in world.movements() if one.number in own),
        replies=tuple(one.body for one in seen.comments if one.bot and one.public),
        notes=tuple(one.body for one in seen.comments if one.bot and not one.public),
        status=seen.status,
        tags=tuple(seen.tags),
        queue=seen.group,
        assignee=seen.assignee,
        handled=known.handled,
        dead=known.dead,
        refused=deliveries.refused,
        delivered=deliveries.most,
    )


def _stored(connection: Connection, resolver: Resolver, case: str) -> _Stored:
    found = cases.get(connection, case)
    if found is None:
        return _Stored((), None, None, (), (), 0)
    key = resolver.resources.vault.known(connection, found.requester)
    events = runs.events_of(connection, case)
    turns = [turn for seq, *_ in events if (turn := cases.get_turn(connection, seq)) is not None]
    heard = [turn for turn in turns if turn.messages]
    messages = [message for turn in heard for message in turn.messages]
    played = runs.of_case(connection, case)
    last = (played[-1], key.open(played[-1].facts_sealed)) if played else None
    return _Stored(
        readings=[one for turn in heard for one in _readings(connection, turn.seq, key)],
        run=last,
        unhandled=_unhandled(connection, case),
        actions=tuple(_action(entry, key) for entry in ledger.of_case(connection, case)),
        handled=tuple(messages.count(message) for message in dict.fromkeys(messages)),
        dead=sum(state == "dead" for _, _, state, _ in events),
    )


def _readings(connection: Connection, seq: int, key: SubjectKey) -> list[Reading]:
    sealed = cases.get_reading(connection, f"reading-{seq}")
    return msgspec.json.decode(key.open(sealed), type=list[Reading])


def _unhandled(connection: Connection, case: str) -> str | None:
    """Why people got a ticket that no playbook handles, from the audit trail."""
    records = [json.loads(line.line) for line in trail.of_case(connection, case)]
    endings = [str(record["ending"]) for record in records if record.get("what") == "no_run"]
    return next((ending for ending in endings if ending != "left"), None)


def _action(entry: ledger.Entry, key: SubjectKey) -> TakenAction:
    sealed = msgspec.json.decode(key.open(entry.document_sealed), type=Sealed)
    return TakenAction(entry.action, sealed.arguments, entry.state)


async def _ending(resolver: Resolver, known: _Stored) -> tuple[str, str]:
    """The disposition and what led to it: a rule, or the reason of a handoff."""
    if known.unhandled is not None:
        return "handed_off", known.unhandled
    if known.run is None:
        return "none", ""
    run, document = known.run
    plans = resolver.resources.plans
    facts = Facts.from_json(document, await plans.plan(run.plan), await plans.policy(run.policy))
    if facts.stage != "ended":
        return f"waits for {facts.waiting.for_ if facts.waiting else 'nothing'}", facts.rule or ""
    if run.disposition == "handed_off":
        return "handed_off", facts.stopped_by or facts.reason
    return run.disposition or "none", facts.rule or ""
