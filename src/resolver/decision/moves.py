"""Taking in: how a message, an approval, a timer or a backend's answer changes a run's facts (LANGUAGE 5.2).

Called once at the beginning of a turn, before the engine is asked. Edges that the words of a person or a timer take
at once lead on from the facts as stored; everything else makes the run read its records again and decide anew.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from resolver.condition.one_step import one_step
from resolver.decision import proving
from resolver.decision.effects import Performed
from resolver.decision.events import (
    Acted,
    Approved,
    Asked,
    CodeIs,
    Denied,
    Event,
    GoAhead,
    Late,
    NotChosen,
    Said,
    Settled,
    Silence,
    Undecided,
    Withdrawn,
)
from resolver.decision.facts import Approval, Aside, Confirmation, Facts, StepResult
from resolver.decision.given import Given, given_by, names_others
from resolver.decision.outline import outline_of
from resolver.decision.undo import undone_by
from resolver.decision.undone import reopened, undo_settled
from resolver.decision.walk import behind, enter, follow, noted, step_at, stop
from resolver.playbook.plan import Approve, CheckIn, Confirm, Do, Identify, Plan
from resolver.reading import MoveKind, Reading

MAX_CORRECTIONS = 3
MAX_SAID = 2_000
"""Characters of a message that are searched for names of list elements."""
MAX_KEPT = 5
"""Messages that are kept for that."""
MAX_ASIDES = 3
"""The customer's own questions that are answered while ours is open."""


def take_in(plan: Plan, facts: Facts, event: Event) -> Facts:
    """The facts after one event. An event that means nothing here leaves them as they are."""
    match event:
        case Settled():
            return _settled(plan, facts, event)
        case Asked(beside=beside):
            return facts.changed(beside=beside)
        case _ if facts.stage == "ended" or facts.stopped_by == "withdrawn":
            return facts
        case Acted():
            return _read_again(facts)
        case NotChosen():
            return facts.changed(stage="ended", disposition="withdrawn", waiting=None, questions=())
        case GoAhead():
            return facts
        case Withdrawn():
            return facts if facts.committed else stop(plan, facts, "withdrawn", "withdrawn")
        case Undecided(open=open_):
            return _offered_anew(facts) if open_ else stop(plan, facts, "conflict", "conflict")
        case Said(reading=reading, code=code):
            return _heard(plan, facts, reading, code)
        case Silence():
            return _silence(plan, facts)
        case Approved():
            return _approved(plan, facts, event)
        case Denied():
            step = waiting_step(plan, facts)
            return enter(plan, facts, step.if_denied, "if_denied") if isinstance(step, Approve) else facts
        case Late():
            return _late(plan, facts)


def waiting_step(plan: Plan, facts: Facts) -> Confirm | CheckIn | Approve | Do | None:
    """The step whose answer the run waits for; None while it asks for slots or does not wait."""
    if facts.waiting is None or facts.waiting.step is None or facts.position is None:
        return None
    if facts.proving is not None and facts.proving.open:
        return None
    step = step_at(plan, facts)
    return step if isinstance(step, Confirm | CheckIn | Approve | Do) else None


def _anew(facts: Facts, **changes: Any) -> Facts:
    """The facts ready to read every record again and decide again."""
    changes["stage"], changes["records"] = "preparing", {}
    return facts.updated(changes)


def _read_again(facts: Facts) -> Facts:
    """A run that has decided in this turn, but neither asked nor acted, decides once more on what is true now."""
    if facts.committed or (facts.waiting is not None and facts.heard is None):
        return facts
    if facts.stage == "walking" and not facts.unsure:
        return _anew(facts, decisions=max(facts.decisions - 1, 0), path=(), position=None, rule=None)
    return _anew(facts) if facts.stage == "preparing" else facts


def _offered_anew(facts: Facts) -> Facts:
    """Whatever was agreed to is void: the offer goes to the customer once more, beside the other one."""
    if facts.committed:
        return facts
    decisions = max(facts.decisions - 1, 0)
    return _anew(
        facts, waiting=None, heard=None, offer=None, confirmation=None, approval=None, decisions=decisions
    )


# -- messages -----------------------------------------------------------------------------------------------------


def _heard(plan: Plan, facts: Facts, reading: Reading, code: CodeIs | None) -> Facts:
    """A message; a question of the customer's own in it is kept apart, to be answered if that is allowed."""
    if facts.turn == 1 and outline_of(plan).asks_knowledge:
        facts = facts.changed(question=_with(facts.question, reading.text))
    if not _asks_back(plan, facts, reading):
        return _said(plan, facts, reading, code)
    aside = Aside(reading.message, reading.text[:MAX_SAID], alone=True)
    if code is None and _given(plan, facts, reading).slots is facts.slots:
        return facts.changed(aside=aside)
    taken = _said(plan, facts, reading, code)
    return taken if taken.stage != "preparing" else taken.changed(aside=replace(aside, alone=False))


@one_step
def _with(question: str, text: str) -> str:
    return f"{question}\n{text}".strip()[:MAX_SAID]


def _asks_back(plan: Plan, facts: Facts, reading: Reading) -> bool:
    """Whether the message asks something while the run waits for the customer's word."""
    waiting = facts.waiting
    return (
        "question" in reading.moves
        and not {"wants_person", "stops", "yes", "no"}.intersection(reading.moves)
        and facts.asides < MAX_ASIDES
        and facts.aside is None
        and facts.heard is None
        and waiting is not None
        and waiting.for_ == "customer"
    )


def without_answer(plan: Plan, facts: Facts) -> Facts:
    """The customer's own question could not be answered: what else the message says counts, or that it says nothing."""
    aside = facts.aside
    facts = facts.changed(aside=None, answer=None)
    if aside is None or not aside.alone or facts.stage != "waiting":
        return facts  # the rest of the message, or another one, has moved the run on
    step = waiting_step(plan, facts)
    moves: tuple[MoveKind, ...] = ("unclear",) if isinstance(step, Confirm | CheckIn) else ()
    return _said(plan, facts, Reading(aside.message, aside.text, facts.language, moves=moves), None)


def after_answer(plan: Plan, facts: Facts) -> Facts:
    """The customer's own question was answered: ours is put once more, as it was, unless things have changed."""
    aside = facts.aside
    facts = facts.changed(aside=None, answer=None, asides=facts.asides + 1)
    if aside is None or not aside.alone or facts.stage != "waiting":
        return facts
    facts = facts.changed(repeats=True)
    step = waiting_step(plan, facts)
    if facts.committed:
        return facts.changed(stage="committed", waiting=None)
    if step is not None:
        return _anew(facts, heard="question")
    return _anew(facts, waiting=None, heard=None, proving=proving.closed(facts))


def _said(plan: Plan, facts: Facts, reading: Reading, code: CodeIs | None) -> Facts:
    moves = reading.moves
    if "wants_person" in moves:
        return stop(plan, facts, "wants_person", "wants_person")
    if facts.committed:
        return _said_after_acting(plan, facts, reading)
    if "stops" in moves and facts.waiting is not None:
        if facts.stops_heard or not pays_or_ends(plan):
            return facts.changed(stage="ended", disposition="withdrawn", waiting=None, questions=())
        facts = facts.changed(stops_heard=facts.stops_heard + 1)
        return _unsure_of(plan, facts)
    if facts.proving is not None and facts.proving.open:
        facts = proving.heard(facts, code=code)
        if facts.proving is not None and facts.proving.wrong >= proving.MAX_WRONG:
            return _unproven(plan, facts)
        facts = facts.changed(waiting=None)
    given = _given(plan, facts, reading)
    if given.slots is not facts.slots:
        for name, fact in given.slots.items():
            if fact.corrections > MAX_CORRECTIONS:
                return stop(plan, facts, f"corrections:{name}", "corrections")
    step = waiting_step(plan, facts)
    if step is None or given.changed:
        facts = _anew(
            facts, slots=given.slots, waiting=None, heard=None, offer=None, confirmation=None, approval=None
        )
        keep = outline_of(plan).named_in_messages and step is None
        return facts.changed(said=(*facts.said, reading.text[:MAX_SAID])[-MAX_KEPT:]) if keep else facts
    if isinstance(step, Confirm):
        return _answered(plan, facts, step, reading, unclear=given.ambiguous)
    if isinstance(step, CheckIn):
        return _checked_in(plan, facts, step, reading)
    return _while_approval_waits(facts, moves)


def _said_after_acting(plan: Plan, facts: Facts, reading: Reading) -> Facts:
    """A message to a run that has acted: nothing is decided again, only what it waits for is answered."""
    step = waiting_step(plan, facts)
    if isinstance(step, CheckIn):
        return _checked_in(plan, facts, step, reading)
    if isinstance(step, Confirm):
        return _agreed_after_acting(plan, facts, step, reading)
    if (
        isinstance(step, Approve)
        and {"no", "stops"}.intersection(reading.moves)
        and "yes" not in reading.moves
    ):
        return stop(plan, facts, "taken_back", "taken_back")
    return facts


def _agreed_after_acting(plan: Plan, facts: Facts, step: Confirm, reading: Reading) -> Facts:
    """The answer to an offer of what is left to do; values stay as they are, so one that changes them is unclear."""
    given = _given(plan, facts, reading)
    said = _ANSWERS.intersection(reading.moves)
    clear = not (given.ambiguous or given.changed or "stops" in reading.moves)
    if said == {"no"}:
        return enter(plan, facts, step.if_no, "if_no")
    if said == {"yes"} and clear and facts.offer is not None and facts.waiting is not None:
        yes = Confirmation(facts.offer.id, facts.waiting.text_digest, reading.message, facts.now)
        return behind(plan, facts, stage="committed", waiting=None, asked_again=False, confirmation=yes)
    if not facts.asked_again:
        return facts.changed(stage="committed", waiting=None, asked_again=True)
    if step.if_unclear is None:
        return stop(plan, facts, "if_unclear", "if_unclear")
    return enter(plan, facts, step.if_unclear, "if_unclear")


def _given(plan: Plan, facts: Facts, reading: Reading) -> Given:
    """What a message says of the slots; after an offer also which other elements of a list it names."""
    given = given_by(plan, facts, reading)
    if facts.offer is not None and waiting_step(plan, facts) is not None:
        names_others(plan, facts, reading, given)
    return given


def _unproven(plan: Plan, facts: Facts) -> Facts:
    """Nobody was proven: on the edge of the step that asked for it, else the run stops."""
    here, waiting = facts.position, facts.waiting
    step = plan.outcomes[here.outcome][here.index] if here is not None else None
    facts = facts.changed(waiting=None, proving=None)
    if isinstance(step, Identify) and waiting is not None and waiting.step == step.id:
        return enter(plan, facts, step.if_fails, f"identity:{step.level}")
    return stop(plan, facts, "identity", "identity")


def _answered(plan: Plan, facts: Facts, step: Confirm, reading: Reading, *, unclear: bool) -> Facts:
    said = _ANSWERS.intersection(reading.moves)
    if not said and not unclear and facts.heard == "yes":
        return facts  # the yes came a message before, in the same turn
    if unclear or len(said) != 1 or "unclear" in said:
        return _unsure_of(plan, facts)
    if "no" in said:
        return enter(plan, facts, step.if_no, "if_no")
    if facts.offer is None or facts.waiting is None:
        return facts
    yes = Confirmation(facts.offer.id, facts.waiting.text_digest, reading.message, facts.now)
    return _anew(facts, confirmation=yes, heard="yes")


_ANSWERS = frozenset({"yes", "no", "unclear"})


def _checked_in(plan: Plan, facts: Facts, step: CheckIn, reading: Reading) -> Facts:
    """The answer to a check-in; a committed run goes on with what it has, every other looks again first."""
    said = _ANSWERS.intersection(reading.moves)
    if said == {"no"}:
        return enter(plan, facts, step.if_no, "if_no")
    if said != {"yes"} and facts.asked_again:
        return stop(plan, facts, "if_unclear", "if_unclear")
    if not facts.committed:
        return _anew(facts, heard="yes" if said == {"yes"} else "unclear")
    if said == {"yes"}:
        return behind(plan, facts, stage="committed", waiting=None, asked_again=False)
    return facts.changed(stage="committed", waiting=None, asked_again=True)


def _unsure_of(plan: Plan, facts: Facts) -> Facts:
    """A message that answers nothing: after `confirm` asked once more, then `if_unclear`; else read on."""
    step = waiting_step(plan, facts)
    if isinstance(step, Confirm):
        if not facts.asked_again:
            return _anew(facts, heard="unclear")
        if step.if_unclear is None:
            return stop(plan, facts, "if_unclear", "if_unclear")
        return enter(plan, facts, step.if_unclear, "if_unclear")
    if isinstance(step, Approve):
        return _while_approval_waits(facts, ("no",))
    return _anew(facts, waiting=None, heard=None)


def _while_approval_waits(facts: Facts, moves: Collection[str]) -> Facts:
    """Another message: decide again and go on waiting. One that takes the yes back is asked for it anew."""
    if facts.confirmation is not None and "no" in moves and "yes" not in moves:
        return _anew(facts, waiting=None, heard=None, offer=None, confirmation=None, approval=None)
    return _anew(facts, heard="other")


def pays_or_ends(plan: Plan) -> bool:
    """Whether the run could return or end something the customer pays for."""
    actions = outline_of(plan).actions.values()
    return any(step.spec.effect == "money" or step.spec.ends for step in actions)


# -- timers, approvers, backends ----------------------------------------------------------------------------------


def _silence(plan: Plan, facts: Facts) -> Facts:
    if facts.waiting is None or facts.waiting.for_ != "customer":
        return facts
    if facts.proving is not None and facts.proving.open:
        return _unproven(plan, facts)
    step = waiting_step(plan, facts)
    if isinstance(step, CheckIn) and step.if_silent is None:
        stage = "committed" if facts.committed else "walking"
        return behind(plan, facts, stage=stage, waiting=None, heard=None, asked_again=False)
    edge = (step.if_silent if isinstance(step, Confirm | CheckIn) else None) or plan.if_silent
    if edge is not None:
        return enter(plan, facts, edge, "if_silent")
    return facts.changed(stage="ended", disposition="no_reply", waiting=None, questions=())


def _approved(plan: Plan, facts: Facts, event: Approved) -> Facts:
    waiting = facts.waiting
    if waiting is None or waiting.for_ != "approval" or waiting.until is None or facts.offer is None:
        return facts
    if event.offer != facts.offer.id or event.at > waiting.until:
        return facts
    approval = Approval(event.offer, event.approver, event.at, waiting.until)
    if facts.committed:
        return behind(plan, facts, stage="committed", waiting=None, approval=approval)
    return _anew(facts, approval=approval, heard="approved")


def _late(plan: Plan, facts: Facts) -> Facts:
    step = waiting_step(plan, facts)
    if isinstance(step, Approve):
        return enter(plan, facts, step.if_late, "if_late")
    if isinstance(step, Do) and facts.waiting is not None and facts.waiting.step is not None:
        return _settled(plan, facts, Settled(facts.waiting.step, Performed("unknown")))
    return facts


def _settled(plan: Plan, facts: Facts, event: Settled) -> Facts:
    """A pending action is final. If the run has gone on meanwhile, only a bad end is news: a person hears of it."""
    if undone_by(plan, event.step) is not None:
        return undo_settled(plan, facts, event.step, event.performed, event.at)
    before = facts.results.get(event.step)
    step = outline_of(plan).actions.get(event.step)
    if before is None or step is None or before.performed.state not in ("pending", "unknown"):
        return facts
    final = StepResult(event.performed, before.generation, before.at, event.at)
    waits = facts.waiting is not None and facts.waiting.step == event.step
    facts = facts.updated(noted(facts, step, final))
    if waits:
        return follow(plan, facts.changed(waiting=None), step, event.performed)
    if event.performed.state == "done" or before.performed.state == "unknown":
        return facts
    return reopened(plan, facts, f"settled_badly:{step.action}", step.action)
