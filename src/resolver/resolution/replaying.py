"""Decides the turns of stored runs again, from what was sealed with them, and compares the bytes of the trace.

Called by the command line. It only reads; nothing is looked up, sent or performed. After a requester was erased their
runs can no longer be decided again, which is what erasing means.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from resolver.decision import trace
from resolver.decision.difference import first_difference
from resolver.decision.facts import Facts
from resolver.decision.record import TurnRecord, replayed
from resolver.decision.scenario import Walk
from resolver.errors import Malformed
from resolver.playbook.compile import plan_from_document
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Policy
from resolver.playbook.policy_reader import policy_from_document
from resolver.resolution.update import concluded
from resolver.store import runs, trail
from resolver.store.database import Connection
from resolver.store.runs import Run
from resolver.store.trail import Input, Line
from resolver.store.vault import Erased, SubjectKey, Vault

Ending = Literal["identical", "different", "erased", "not recorded"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it was decided; `place` is a byte and its value, or a part of what is stored."""

    turn: int | None
    place: str
    problem: str


@dataclass(slots=True)
class Replayed:
    """How the turns of one run were decided again."""

    run: str
    turns: int = 0
    differences: list[Difference] = field(default_factory=list)
    erased: bool = False
    not_recorded: bool = False

    @property
    def ending(self) -> Ending:
        """In one word; a difference outweighs the rest."""
        if self.differences:
            return "different"
        if self.erased:
            return "erased"
        return "not recorded" if self.not_recorded else "identical"

    def differs(self, turn: int | None, place: str, problem: str) -> None:
        """Note a difference."""
        self.differences.append(Difference(turn, place, problem))


class Replay:
    """Replays runs of one database."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def of_run(self, run_id: str) -> Replayed | None:
        """Every turn of a run; `None` if there is no such run."""
        run = runs.get(self._connection, run_id)
        return None if run is None else self._run(run)

    def of_ticket(self, case_id: str) -> list[Replayed]:
        """Every run of a ticket."""
        return [self._run(run) for run in runs.of_case(self._connection, case_id)]

    def every(self) -> Iterator[Replayed]:
        """Every run there is."""
        for run_id in runs.every_id(self._connection):
            run = runs.get(self._connection, run_id)
            if run is not None:
                yield self._run(run)

    def of_line(self, text: bytes) -> Replayed | None:
        """The turn that a line of a trace is about, compared with that line; `None` if the line is about no turn."""
        try:
            body = json.loads(text)
            if "what" in body:
                return None
            found, turn = Replayed(str(body["run"]), 1), _turn_of(self._connection, body)
        except (ValueError, KeyError, TypeError):
            found = Replayed("")
            found.differs(None, "the line", "it is no line of a trace")
            return found
        run = runs.get(self._connection, found.run)
        inputs = {one.turn: one for one in trail.inputs_of_run(self._connection, found.run)}
        if run is None or turn not in inputs:
            found.not_recorded = True
            return found
        self._decide(found, run, inputs[turn], text, str(body.get("prev")))
        return found

    # -- one run --------------------------------------------------------------------------------------------------

    def _run(self, run: Run) -> Replayed:
        found = Replayed(run.id)
        whole = trail.of_run(self._connection, run.id)
        for line in whole:
            if not _decided(line) and not _intact(line):
                found.differs(
                    line.turn, f"line {line.seq} of the trail", "it was changed after it was written"
                )
        lines = {line.turn: line for line in whole if _decided(line)}
        inputs = {one.turn: one for one in trail.inputs_of_run(self._connection, run.id)}
        last: tuple[Walk, SubjectKey, bool] | None = None
        for turn in sorted({*inputs, *(one for one in lines if one is not None)}):
            found.turns += 1
            if turn not in inputs:
                found.not_recorded = True
            elif turn not in lines:
                found.differs(turn, "the trace", "its line is missing")
            else:
                line = lines[turn]
                if line.hash.encode() not in line.line.encode():
                    found.differs(turn, "the hash beside its line", "it is another one than in the line")
                prev = trail.hash_before(self._connection, line.seq)
                last = self._decide(found, run, inputs[turn], line.line.encode(), prev) or last
        if last is not None and not found.differences:
            self._compare_facts(found, run, *last)
        return found

    def _decide(
        self, found: Replayed, run: Run, stored: Input, line: bytes, prev: str
    ) -> tuple[Walk, SubjectKey, bool] | None:
        """The turn decided again and compared; `None` if that could not be done."""
        turn = stored.turn
        try:
            key = self._vault.known(self._connection, stored.requester)
            record = TurnRecord.from_json(key.open(stored.document_sealed))
        except Erased:
            found.erased = True
            return None
        except Malformed as error:
            found.differs(turn, "what it was decided from", error.problem)
            return None
        try:
            plan, policy = self._plan_and_policy(run)
            walk = replayed(plan, policy, record)
        except Malformed as error:
            found.differs(turn, "its plan, policy or facts", error.problem)
            return None
        made = _line(walk, record, key, case=run.case, prev=prev)
        if made != line:
            found.differs(turn, first_difference(line, made), "the trace has other bytes")
        return walk, key, record.held

    def _plan_and_policy(self, run: Run) -> tuple[Plan, Policy]:
        plan = runs.plan_document(self._connection, run.plan)
        policy = runs.policy_document(self._connection, run.policy)
        if plan is None or policy is None:
            raise Malformed("The plan or policy is not stored.", remedy="restore the backup")
        return plan_from_document(plan), policy_from_document(policy)

    def _compare_facts(self, found: Replayed, run: Run, walk: Walk, key: SubjectKey, held: bool) -> None:
        """The run's own facts open and are those it came to, unless another turn is under way."""
        try:
            text = key.open(run.facts_sealed)
            stored = Facts.from_json(text, walk.plan, walk.facts.policy)
        except Malformed as error:
            found.differs(None, "the run's facts", error.problem)
            return
        came_to = (walk.held if held else concluded(walk.facts)).to_json()
        if stored.turn == walk.facts.turn and text != came_to:
            found.differs(
                None,
                f"the run's facts, {first_difference(text.encode(), came_to.encode())}",
                "they are not what the last turn came to",
            )


def _decided(line: Line) -> bool:
    """Whether it is the line of a turn, and not of something that was done or ended beside it."""
    try:
        return line.turn is not None and "what" not in json.loads(line.line)
    except ValueError:
        return line.turn is not None


def _intact(line: Line) -> bool:
    """Whether a line says what it said when it was hashed."""
    body = json.loads(line.line)
    return (
        trace.chain_hash(body) == body.get("hash") == line.hash
        and trace.canonical(body).decode() == line.line
    )


def _line(walk: Walk, record: TurnRecord, key: SubjectKey, *, case: str, prev: str) -> bytes:
    """The line as it would be stored now."""
    body: dict[str, Any] = trace.body(walk.plan, walk.facts, walk.log, trace.keyed(key.digest))
    if record.why_mode:
        body["why_mode"] = record.why_mode
    body |= {"case": case, "prev": prev}
    return trace.canonical({**body, "hash": trace.chain_hash(body)})


def _turn_of(connection: Connection, body: dict[str, Any]) -> int | None:
    """The number under which the turn of a line is stored: the line itself says which of the run's turns it is."""
    lines = [line for line in trail.of_run(connection, str(body["run"])) if _decided(line)]
    place = int(body["turn"]) - 1
    return lines[place].turn if 0 <= place < len(lines) else None
