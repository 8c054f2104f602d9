"""The whole story of a ticket or a run, gathered from what is stored: decided, done, said, asked, waited for.

Called by the command line (later API and console). It only reads, and opens sealed data with the requester's key;
after that key was erased nothing of it can be told.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from resolver.decision.explain import explain
from resolver.decision.facts import Facts
from resolver.errors import Malformed
from resolver.money import Money
from resolver.playbook.compile import plan_from_document
from resolver.playbook.policy_reader import policy_from_document
from resolver.reading import Reading
from resolver.resolution.session import as_ended
from resolver.store import approvals, cases, events, ledger, runs, trail, writebacks
from resolver.store.approvals import Approval
from resolver.store.cases import Case
from resolver.store.database import Connection
from resolver.store.ledger import Entry
from resolver.store.times import stored
from resolver.store.vault import Erased, SubjectKey, Vault
from resolver.store.writebacks import Row
from resolver.ticket import WriteBack


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the ticket: a webhook, a timer, an approval; `turn` is its number. `ending` None: not yet."""

    turn: int
    kind: str
    received_at: str
    state: str
    ending: str | None


@dataclass(frozen=True, slots=True)
class Performed:
    """An effect as the ledger has it. `arguments` are the ledger's JSON, as `gives` is, `how` it became final."""

    id: str
    turn: int
    step: str
    action: str
    connection: str
    record: str
    arguments: Mapping[str, Any]
    pays: str | None
    key: str
    state: str
    code: str | None
    stopped_by: str | None
    external_id: str | None
    how: str | None
    intended_at: str
    settled_at: str | None
    gives: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """An update of the ticket. `update` is what was (or is to be) written, marker included."""

    id: str
    turn: int
    update: WriteBack
    state: str
    reason: str | None
    message_id: str | None
    intended_at: str
    settled_at: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a team. `sheet` is what the approver reads."""

    id: str
    run: str
    team: str
    state: str
    asked_at: str
    expires_at: str
    decided_by: str | None
    decided_at: str | None
    offer: str
    sheet: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Timer:
    """What a run waits for and until when; `until` None if only the other side can end it."""

    waits_for: str
    until: str | None


@dataclass(frozen=True, slots=True)
class RunStory:
    """One playbook on the ticket. `decision` has messages, scores, slots, facts and rules by turn; `lines` in words."""

    run: str
    playbook: str
    plan: str
    policy: str
    mode: str
    why_mode: str | None
    stage: str
    disposition: str | None
    opened_at: str
    ended_at: str | None
    decision: Mapping[str, Any]
    lines: tuple[str, ...]
    effects: tuple[Performed, ...]
    write_backs: tuple[Said, ...]
    approvals: tuple[Asked, ...]
    timers: tuple[Timer, ...]


@dataclass(frozen=True, slots=True)
class NoRun:
    """A turn that no playbook handled: what was understood, why people got it, what was written."""

    turn: int
    now: str
    ending: str
    readings: tuple[Reading, ...]
    write_backs: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class History:
    """Everything about one ticket, or about one run of it."""

    case: str
    connection: str
    ticket: str
    people: bool
    runs: tuple[RunStory, ...]
    without_run: tuple[NoRun, ...] = ()
    events: tuple[Happened, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON data."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        for run in found["runs"]:
            del run["lines"]
        return found


def of_run(connection: Connection, vault: Vault, run_id: str) -> History | None:
    """The story of one run, `None` if there is no such run.

    Raises:
        Erased: The requester was erased.
    """
    run = runs.get(connection, run_id)
    if run is None:
        return None
    whole = of_ticket(connection, vault, run.case)
    if whole is None:
        return None
    turns = {line.turn for line in trail.of_run(connection, run_id)}
    return replace(
        whole,
        runs=tuple(story for story in whole.runs if story.run == run_id),
        without_run=(),
        events=tuple(event for event in whole.events if event.turn in turns),
    )


def of_ticket(connection: Connection, vault: Vault, case_id: str) -> History | None:
    """The story of a ticket (`connection:number`), `None` if it was never handled.

    Raises:
        Erased: The requester was erased.
    """
    case = cases.get(connection, case_id)
    return None if case is None else _Teller(connection, vault, case).tell()


@dataclass(frozen=True, slots=True)
class _Written:
    """Of a write-back's sealed document, what was written."""

    update: WriteBack


class _Opener:
    """Opens sealed data of a ticket, whose requester may have changed: each of them has a key of their own.

    An earlier requester to whom nothing was done or written is named nowhere: then everybody's key is tried.
    """

    def __init__(self, connection: Connection, vault: Vault, helpdesk: str, subjects: list[str]) -> None:
        self._connection, self._vault, self._helpdesk = connection, vault, helpdesk
        self._tried = set(subjects)
        self._keys: list[SubjectKey] = []
        erased: Erased | None = None
        for subject in dict.fromkeys(subjects):
            try:
                self._keys.append(vault.known(connection, subject))
            except Erased as error:
                erased = error
        if not self._keys and erased is not None:
            raise erased

    def open(self, sealed: bytes) -> tuple[str, SubjectKey]:
        """The text, and the key that opened it. `Erased` if it was sealed for somebody who was erased."""
        for key in self._keys:
            text = _opened(key, sealed)
            if text is not None:
                return text, key
        for key in self._others():
            text = _opened(key, sealed)
            if text is not None:
                self._keys.append(key)
                return text, key
        raise Erased("This was stored about somebody who was erased.", remedy="it can no longer be read")

    def _others(self) -> Iterator[SubjectKey]:
        for subject in writebacks.requesters(self._connection, self._helpdesk):
            if subject not in self._tried:
                yield self._vault.known(self._connection, subject)


def _opened(key: SubjectKey, sealed: bytes) -> str | None:
    try:
        return key.open(sealed)
    except Malformed:
        return None


class _Teller:
    """Gathers one ticket's story."""

    def __init__(self, connection: Connection, vault: Vault, case: Case) -> None:
        self._connection = connection
        self._case = case
        self._effects = ledger.of_case(connection, case.id)
        self._rows = writebacks.of_case(connection, case.id)
        subjects = [
            case.requester,
            *(one.requester for one in self._effects),
            *(one.requester for one in self._rows),
        ]
        self._opener = _Opener(connection, vault, case.connection, subjects)
        self._lines = [(line, json.loads(line.line)) for line in trail.of_case(connection, case.id)]
        self._events = [events.get(connection, seq) for seq, *_ in runs.events_of(connection, case.id)]
        self._readings = {seq: self._read(seq) for seq in self._decided()}
        asked = (approvals.get(connection, f"approval-{event.seq}") for event in self._events)
        self._asked = [one for one in asked if one is not None]

    def tell(self) -> History:
        case = self._case
        return History(
            case=case.id,
            connection=case.connection,
            ticket=case.ticket,
            people=case.people,
            runs=tuple(self._run(run) for run in runs.of_case(self._connection, case.id)),
            without_run=self._without_run(),
            events=tuple(
                Happened(event.seq, event.kind, event.received_at, event.state, event.ending)
                for event in self._events
            ),
        )

    def _decided(self) -> list[int]:
        """The turns that came to a decision: what they understood is stored."""
        return list(dict.fromkeys(line.turn for line, _ in self._lines if line.turn is not None))

    def _read(self, seq: int) -> tuple[Reading, ...]:
        turn = cases.get_turn(self._connection, seq)
        if turn is None or not turn.messages:
            return ()
        try:
            sealed = cases.get_reading(self._connection, f"reading-{seq}")
        except LookupError:  # the turn broke before anything was understood
            return ()
        text, _ = self._opener.open(sealed)
        return msgspec.json.decode(text, type=tuple[Reading, ...])

    # -- runs -----------------------------------------------------------------------------------------------------

    def _run(self, run: runs.Run) -> RunStory:
        plan = plan_from_document(_kept(runs.plan_document(self._connection, run.plan), "plan"))
        policy = policy_from_document(_kept(runs.policy_document(self._connection, run.policy), "policy"))
        text, key = self._opener.open(run.facts_sealed)
        facts = as_ended(Facts.from_json(text, plan, policy), run)
        told = [(line, record) for line, record in self._lines if line.run == run.id and "what" not in record]
        turns = {line.turn for line, _ in told}
        effects = tuple(self._performed(one) for one in self._effects if one.run == run.id)
        explanation = explain(
            plan,
            facts,
            [record for _, record in told],
            digest=key.digest,
            readings=[reading for turn in turns if turn is not None for reading in self._readings[turn]],
            keys={one.step: one.key for one in effects},
        )
        return RunStory(
            run=run.id,
            playbook=run.playbook,
            plan=run.plan,
            policy=run.policy,
            mode=run.mode,
            why_mode=next((record["why_mode"] for _, record in told if "why_mode" in record), None),
            stage=run.stage,
            disposition=run.disposition,
            opened_at=run.opened_at,
            ended_at=run.ended_at,
            decision=explanation.to_json(),
            lines=tuple(explanation.lines()),
            effects=effects,
            write_backs=tuple(self._said(row) for row in self._rows if row.run == run.id),
            approvals=tuple(self._question(one) for one in self._asked if one.run == run.id),
            timers=_timers(run, facts),
        )

    def _without_run(self) -> tuple[NoRun, ...]:
        """The turns that no playbook handled, and those that broke before there was a run."""
        decided = {
            int(record["turn"]): (str(record["now"]), str(record["ending"]))
            for _, record in self._lines
            if record.get("what") == "no_run"
        }
        ends = {event.seq: event.ending or event.state for event in self._events}
        broke = {row.turn: (row.intended_at, ends.get(row.turn, "")) for row in self._rows if row.run is None}
        return tuple(self._no_run(seq, *said) for seq, said in sorted((broke | decided).items()))

    def _no_run(self, seq: int, now: str, ending: str) -> NoRun:
        return NoRun(
            turn=seq,
            now=now,
            ending=ending,
            readings=self._readings.get(seq, ()),
            write_backs=tuple(self._said(row) for row in self._rows if row.turn == seq and row.run is None),
        )

    # -- rows -----------------------------------------------------------------------------------------------------

    def _performed(self, entry: Entry) -> Performed:
        text, _ = self._opener.open(entry.document_sealed)
        paid = entry.pays_minor is not None and entry.pays_currency is not None
        return Performed(
            id=entry.id,
            turn=entry.turn,
            step=entry.step,
            action=entry.action,
            connection=entry.connection,
            record=entry.record,
            arguments=json.loads(text)["arguments"],
            pays=str(Money(entry.pays_minor or 0, entry.pays_currency or "")) if paid else None,
            key=entry.key,
            state=entry.state,
            code=entry.code,
            stopped_by=entry.stopped_by,
            external_id=entry.external_id,
            how=entry.settled_how,
            intended_at=entry.intended_at,
            settled_at=entry.settled_at,
            gives=json.loads(self._opener.open(entry.gives_sealed)[0]) if entry.gives_sealed else {},
        )

    def _said(self, row: Row) -> Said:
        text, _ = self._opener.open(row.document_sealed)
        return Said(
            id=row.id,
            turn=row.turn,
            update=msgspec.json.decode(text, type=_Written).update,
            state=row.state,
            reason=row.reason,
            message_id=row.message_id,
            intended_at=row.intended_at,
            settled_at=row.settled_at,
        )

    def _question(self, asked: Approval) -> Asked:
        text, _ = self._opener.open(asked.sheet_sealed)
        return Asked(
            id=asked.id,
            run=asked.run,
            team=asked.team,
            state=asked.state,
            asked_at=asked.asked_at,
            expires_at=asked.expires_at,
            decided_by=asked.decided_by,
            decided_at=asked.decided_at,
            offer=asked.offer,
            sheet=json.loads(text),
        )


def _timers(run: runs.Run, facts: Facts) -> tuple[Timer, ...]:
    """What the run waits for now."""
    if run.stage == "ended" or facts.waiting is None:
        return ()
    until = facts.waiting.until
    return (Timer(facts.waiting.for_, None if until is None else stored(until)),)


def _kept(document: str | None, kind: str) -> str:
    if document is None:
        raise Malformed(f"The {kind} of a run is not stored.", remedy="restore the backup it belongs to")
    return document
