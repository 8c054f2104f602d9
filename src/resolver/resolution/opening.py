"""What new messages lead to: playbooks, people, or nothing. Pure.

Called by `deciding` with everything that was understood of the new messages.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from resolver.decision.requests import one_for_each_record, requests_in
from resolver.playbook.library import Library
from resolver.playbook.plan import Answer, Mode, Plan
from resolver.reading import Reading


@dataclass(frozen=True, slots=True)
class Opens:
    """This playbook gets a run, in this mode, and hears these readings.

    `why_lower` says why the mode is lower than the playbook's own.
    """

    plan: Plan
    mode: Mode
    readings: tuple[Reading, ...] = ()
    why_lower: str | None = None


@dataclass(frozen=True, slots=True)
class ForPeople:
    """The default queue gets the ticket; `reason` for measures, `summary` heads the note."""

    reason: str
    summary: str


@dataclass(frozen=True, slots=True)
class Leave:
    """A thank-you, a greeting, a yes to nothing: nothing is written, the ticket goes back to its status."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What new messages open: the runs in order, and what people get besides them."""

    runs: tuple[Opens, ...]
    for_people: tuple[ForPeople, ...] = ()


def opening(
    readings: Sequence[Reading],
    library: Library,
    *,
    ceiling: Mode,
    sandboxed: bool,
    ticket: str,
    salt: str,
    known: Collection[str] = (),
    withdrawn: Collection[str] = (),
    knows: bool = True,
) -> Opened | ForPeople | Leave:
    """Decide what new messages open; `known` are the intents of runs that go on, which are no new requests.

    `withdrawn` are the ids of plans that open no run any more. Without a knowledge base (`knows`) the playbook for
    anything else is not begun if it can only answer from one.

    Where one request is only watched or has no playbook, people get it, and the others are served all the same.
    """
    moves = {move for reading in readings for move in reading.moves}
    if "wants_person" in moves:
        return ForPeople("wants_person", "The customer asks for a person.")
    found = _requests(readings, known)
    if not found and moves and moves <= {"nothing", "yes", "no"}:
        return Leave()
    if not found:
        found = [_Asked(None, tuple(readings))]
    anything = library.anything_else
    if anything is not None and not knows and only_answers(anything):
        anything = None
    opened = [
        _opens(
            one,
            library,
            anything,
            ceiling=ceiling,
            sandboxed=sandboxed,
            ticket=ticket,
            salt=salt,
            withdrawn=withdrawn,
        )
        for one in found
    ]
    people = [one for one in opened if isinstance(one, ForPeople)]
    runs = [run for one in opened if not isinstance(one, ForPeople) for run in one]
    acting = _in_one_mode([run for run in runs if run.mode.rank > Mode.SHADOW.rank])
    if acting and len(acting) < len(runs):
        people += [
            ForPeople("not_auto", f"{run.plan.title}: {run.why_lower or 'the playbook only watches'}.")
            for run in runs
            if run.mode.rank <= Mode.SHADOW.rank
        ]
    if acting:
        runs = acting
    if not runs:
        return _together(people)
    return Opened(tuple(runs), tuple(dict.fromkeys(people)))


def _in_one_mode(acting: list[Opens]) -> list[Opens]:
    """The ticket gets one message, so where one of several runs may only suggest, all of them do."""
    if all(run.mode is Mode.AUTO for run in acting):
        return acting
    why = "another request of the ticket may only be suggested"
    return [
        replace(run, mode=Mode.SUGGEST, why_lower=why) if run.mode is Mode.AUTO else run for run in acting
    ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request with what every new message says about it."""

    intent: str | None
    readings: tuple[Reading, ...]


def _requests(readings: Sequence[Reading], known: Collection[str]) -> list[_Asked]:
    """The requests in the order of the messages; a message without one is about all of them."""
    parts = [{one.intent: one.reading for one in requests_in(reading, known=known)} for reading in readings]
    intents = dict.fromkeys(intent for part in parts for intent in part)
    return [
        _Asked(
            intent,
            tuple(
                part.get(intent, reading)
                for reading, part in zip(readings, parts, strict=True)
                if intent in part or not part
            ),
        )
        for intent in intents
    ]


def _opens(
    asked: _Asked,
    library: Library,
    anything: Plan | None,
    *,
    ceiling: Mode,
    sandboxed: bool,
    ticket: str,
    salt: str,
    withdrawn: Collection[str],
) -> list[Opens] | ForPeople:
    """The runs of one request: one, or one for each record it names."""
    intent = asked.intent
    plan = (library.by_intent.get(intent) if intent else None) or anything
    if plan is None and intent:
        return ForPeople("no_playbook", f"No playbook handles {intent}.")
    if plan is None:
        return ForPeople("not_understood", "No playbook handles this request.")
    if plan.id in withdrawn:
        return ForPeople("withdrawn", f"The playbook {plan.playbook} was withdrawn as it stands.")
    may_act = sandboxed or plan.id in library.proven
    mode, why = _mode(plan, ceiling=ceiling, may_act=may_act, ticket=ticket, salt=salt)
    if mode is Mode.OFF:
        return ForPeople("off", f"The playbook {plan.playbook} is switched off.")
    for place, reading in enumerate(asked.readings):
        each = one_for_each_record(plan, reading)
        if len(each) > 1:
            rest = asked.readings[place + 1 :]
            return [Opens(plan, mode, (*asked.readings[:place], one, *rest), why) for one in each]
    return [Opens(plan, mode, asked.readings, why)]


def only_answers(plan: Plan) -> bool:
    """Whether every rule leads straight to an answer from the knowledge base: without one it would only hand off."""
    firsts = (plan.outcomes[rule.then][0] for rule in plan.rules)
    return not plan.slots and not plan.look_ups and all(isinstance(step, Answer) for step in firsts)


def _together(people: Sequence[ForPeople]) -> ForPeople:
    """Several requests that no playbook takes, as one."""
    if len(people) == 1:
        return people[0]
    return ForPeople(people[0].reason, " ".join(dict.fromkeys(one.summary for one in people)))


def _mode(plan: Plan, *, ceiling: Mode, may_act: bool, ticket: str, salt: str) -> tuple[Mode, str | None]:
    """The lower of the playbook's mode (by its rollout) and the connection's ceiling (LANGUAGE 13)."""
    mode, why = plan.mode, None
    if not _in_share(plan, ticket, salt):
        mode, why = list(Mode)[max(0, mode.rank - 1)], f"outside the rollout of {plan.rollout:%}"
    if ceiling.rank < mode.rank:
        mode, why = ceiling, f"the connection's mode is {ceiling}"
    if mode is Mode.AUTO and not may_act:
        mode, why = Mode.SHADOW, "auto needs a certificate that fits: run 'resolver prove'"
    return mode, why


def _in_share(plan: Plan, ticket: str, salt: str) -> bool:
    """Stable per ticket: the first 8 bytes of sha256 as a fraction, below the share."""
    if plan.rollout >= 1:
        return True
    digest = hashlib.sha256(f"{plan.playbook}|{salt}|{ticket}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < int(plan.rollout * 2**64)
