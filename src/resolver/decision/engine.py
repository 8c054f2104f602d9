"""The engine: what a run does next, as a pure function of its plan and facts (LANGUAGE 4).

    effect = decide(plan, facts)
    facts = advance(plan, facts, effect, result)      # until Wait or End

Called by `scenario.Walk` for live turns, tests and replay. It performs nothing and knows no clock.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resolver.condition.values import Unknown
from resolver.decision import effects, grounding, moves, proving
from resolver.decision.beside_proof import with_questions
from resolver.decision.effects import (
    Act,
    Answered,
    Effect,
    End,
    Offer,
    Perform,
    Performed,
    Result,
    Undo,
    Wait,
)
from resolver.decision.facts import Aside, Facts, RecordFact, SlotFact, Waiting
from resolver.decision.polish import as_said
from resolver.decision.prepare import Prepared, environment, prepare, remember
from resolver.decision.question import ask
from resolver.decision.referred import next_reference
from resolver.decision.reply import language_of
from resolver.decision.undone import after_undo
from resolver.decision.walk import (
    after_action,
    after_trial,
    asks_knowledge,
    behind,
    enter,
    offered,
    spoken,
    step_at,
    stop,
    told_answer,
    walk,
)
from resolver.decision.wave import Edge, Wave
from resolver.playbook.plan import ANY, CheckIn, Identify, Plan, Rule

ASIDE = "question"
"""The step of an answer to the customer's own question, which no playbook has written."""
MAX_DECISIONS = 3
"""The third different decision of a run goes to `if_unsure`."""


def decide(plan: Plan, facts: Facts) -> Effect:
    """The next effect. Asked again with the same facts it says the same; `Wait` and `End` end the turn."""
    return settle(plan, facts)[1]


def advance(plan: Plan, facts: Facts, effect: Effect, result: Result | None) -> Facts:
    """The facts after `effect` had this result.

    LookUp takes Found, Missing or LookUpFailed; Answer takes Answered or NoAnswer; Perform, Undo and DryRun take
    Performed; Prove may take Recognised; Wait and End take None; every effect that speaks takes Sent, or
    Performed("stopped", stopped_by=…) where the gateway would not let it speak: the run goes to `if_unsure` without
    another word to the customer. ValueError if `decide` gives another effect for these facts.
    """
    settled, expected, _ = settle(plan, facts)
    if effect is not expected and effect != expected:
        raise ValueError(f"{type(effect).__name__} is not what comes next, but {type(expected).__name__}")
    kind = type(effect)
    if kind is Wait or kind is End:
        return settled
    if isinstance(effect, effects.LookUp) and isinstance(result, _READ):
        return _read(settled, effect, result)
    if isinstance(effect, effects.Answer):
        said = result if isinstance(result, effects.Answered | effects.NoAnswer) else None
        return _found_out(plan, settled, said or effects.NoAnswer("unavailable"))
    if isinstance(result, Performed):
        return _performed(plan, settled, effect, result)
    if isinstance(result, effects.Recognised):
        return proving.recognised(settled, result.owner)
    if settled.aside is not None:
        return moves.after_answer(plan, settled)
    return _SAID.get(kind, spoken)(plan, settled, as_said(effect, result))


_READ = (effects.Found, effects.Missing, effects.LookUpFailed)


def _performed(plan: Plan, facts: Facts, effect: Effect, result: Performed) -> Facts:
    """After an action, or after a text that the gateway would not let out."""
    if isinstance(effect, Perform):
        return after_action(plan, facts, effect, result)
    if isinstance(effect, Undo):
        return after_undo(plan, facts, effect, result)
    if isinstance(effect, effects.DryRun):
        return after_trial(plan, facts, effect, result)
    stopped_by = result.stopped_by
    if isinstance(effect, effects.Prove) and stopped_by in proving.FAILED:
        step = step_at(plan, facts)
        if isinstance(step, Identify) and step.id == effect.step:
            return enter(plan, facts, step.if_fails, f"identity:{stopped_by}")
        return stop(plan, facts, f"identity:{stopped_by}", "identity")
    return stop(plan, facts.changed(quiet=True), f"stopped:{stopped_by}", stopped_by or "gateway")


def _read(facts: Facts, effect: effects.LookUp, result: RecordFact) -> Facts:
    known = facts.updated({"records": {**facts.records, effect.name: result}})
    known.__dict__["begun"] = facts.begun
    facts.__dict__["begun"] = None  # a wave goes on once; asked again, these facts make a new one
    return known


def _found_out(plan: Plan, facts: Facts, answer: effects.Answered | effects.NoAnswer) -> Facts:
    """After the knowledge base was asked; a question beside ours that has no answer is let go at once."""
    if facts.aside is None:
        return facts.changed(answer=answer)
    if grounding.refused(plan, facts, answer, language=language_of(plan, facts)) is None:
        return facts.changed(answer=answer)
    return moves.without_answer(plan, facts)


def commit(plan: Plan, facts: Facts, effect: Act) -> Facts:
    """The facts frozen for the transaction that writes this action's intent: stage `committed`, never decided again.

    `decide(plan, commit(...))` is the same Perform or Undo; `advance` then takes its result.
    """
    settled, expected, _ = settle(plan, facts)
    if effect is not expected and effect != expected:
        raise ValueError("only the action that comes next can be committed")
    if settled.stage == "committed":
        return settled
    frozen = settled.updated({"stage": "committed"})
    frozen.__dict__["settled"] = (None, effect, ())
    return frozen


@dataclass(slots=True)
class Judged:
    """A rule as it was judged: `answer` None is unknown, `missing` then says what; `names` are the values it reads."""

    rule: str
    line: int
    answer: bool | None
    names: tuple[str, ...]
    missing: tuple[str, ...] = ()


Settled = tuple[Facts, Effect, tuple[Judged, ...]]
"""The facts moved on to where the world is needed, what is needed of it, and the rules as they were judged.

The rules only where they were asked, up to the one that settled the decision.
"""


def settle(plan: Plan, facts: Facts) -> Settled:
    """How far the facts lead by themselves. Remembered with the facts."""
    remembered: tuple[Facts | None, Effect, tuple[Judged, ...]] | None = facts.settled
    if remembered is None:
        new = _find(plan, facts)
        # not with themselves in it: facts that go round in a circle wait for the garbage collector
        facts.__dict__["settled"] = (None, *new[1:]) if new[0] is facts else new
        return new
    found, effect, rules = remembered
    return facts if found is None else found, effect, rules


def _find(plan: Plan, facts: Facts) -> Settled:
    if facts.stage == "ended":
        return facts, End(facts.disposition), ()
    if facts.aside is not None:
        return facts, _aside(plan, facts, facts.aside), ()
    if facts.waiting is not None and facts.heard is None:
        return facts, Wait(facts.waiting.for_, facts.waiting.until), ()
    if facts.stage != "preparing":
        return *walk(plan, facts), ()
    wave = prepare(plan, facts)
    if wave.slots is not facts.slots:
        facts = facts.changed(slots=wave.slots)
        facts.__dict__["env"] = wave.env if wave.next is None else None
    if wave.look_up is not None:
        facts.__dict__["begun"] = wave if wave.next is not None else None
        return facts, wave.look_up, ()
    if wave.prove is not None:
        prove, questions = with_questions(plan, facts, wave, wave.prove)
        return facts.changed(questions=questions), prove, ()
    if wave.edge is not None:
        return *walk(plan, leave(plan, facts, wave.edge)), ()
    if wave.questions:
        return *_question(plan, facts, wave), ()
    prepared = remember(plan, facts, wave)
    decided, rules = _judge(plan, facts, prepared)
    if decided.waiting is not None and decided.heard is None:
        found: Settled = decided, Wait(decided.waiting.for_, decided.waiting.until), rules
    else:
        found = *walk(plan, decided), rules
    # what rule, offer or text asked for while they were looked at
    reference = next_reference(plan, facts, wave.env)
    return found if reference is None else (facts, reference, ())


def _aside(plan: Plan, facts: Facts, aside: Aside) -> effects.Answer | effects.Reply:
    """The customer's own question while ours is open: to the knowledge base, and what it said to the customer."""
    answer = facts.answer
    if not isinstance(answer, Answered):
        return asks_knowledge(plan, facts, ASIDE, ANY, aside.text)
    return told_answer(facts, answer, ASIDE, ANY, language=language_of(plan, facts))


def leave(plan: Plan, facts: Facts, edge: Edge) -> Facts:
    """The facts on their way along an edge that the rules did not choose."""
    if edge.stopped_by is not None:
        return stop(plan, facts, edge.reason, edge.stopped_by)
    return enter(plan, facts, edge.outcome, edge.reason)


def _question(plan: Plan, facts: Facts, wave: Wave) -> tuple[Facts, Effect]:
    asked = ask(plan, facts, wave)
    if isinstance(asked, Unknown):
        facts = stop(plan, facts, f"unknown:{', '.join(asked.names)}", ", ".join(asked.names))
        return walk(plan, facts)
    effect, questions = asked
    return facts.changed(questions=questions), effect


def _proves(plan: Plan, facts: Facts, effect: effects.Prove) -> Facts:
    if effect.step != "identity":
        return proving.asked(facts.changed(questions=()), effect, step=effect.step)
    return proving.asked(facts.changed(slots=_tried(facts, effect.slots), repeats=False), effect, step=None)


def _asked(plan: Plan, facts: Facts, effect: effects.Ask) -> Facts:
    waiting = Waiting("customer", None, facts.now + facts.policy.patience, effect.text)
    return facts.changed(
        stage="waiting",
        slots=_tried(facts, effect.slots),
        waiting=waiting,
        heard=None,
        repeats=False,
        proving=proving.closed(facts),
        offer=None,
        confirmation=None,
        approval=None,
    )


def _tried(facts: Facts, names: Sequence[str]) -> Mapping[str, SlotFact]:
    """The slots once these were asked for."""
    slots = dict(facts.slots)
    for name in names:
        fact = slots.get(name) or SlotFact(None, "given")
        tries = fact.tries + (not facts.repeats)
        slots[name] = SlotFact(fact.value, fact.source, fact.message, fact.span, tries, fact.corrections)
    return slots if names else facts.slots


_SAID: Mapping[type[Effect], Callable[[Plan, Facts, Any], Facts]] = {
    effects.Ask: _asked,
    effects.Prove: _proves,
}
"""What becomes of the facts after an effect that speaks, where it is not `spoken`."""


# -- rules --------------------------------------------------------------------------------------------------------


def choose(plan: Plan, facts: Facts) -> tuple[Rule | Unknown | None, tuple[Judged, ...]]:
    """The first rule that is yes, unknown if one before it is, None if none applies; and all as they were judged."""
    env = environment(plan, facts)
    judged: list[Judged] = []
    for rule in plan.rules:
        when = rule.when
        if when is None:
            judged.append(Judged(rule.id, rule.line, True, ()))
            return rule, tuple(judged)
        answer = when.call(env)
        if answer is True or answer is False:
            judged.append(Judged(rule.id, rule.line, answer, when.names))
            if answer:
                return rule, tuple(judged)
            continue
        missing = answer if isinstance(answer, Unknown) else Unknown()
        judged.append(Judged(rule.id, rule.line, None, when.names, missing.names))
        return missing, tuple(judged)
    return None, tuple(judged)


def _judge(plan: Plan, facts: Facts, prepared: Prepared | None) -> tuple[Facts, tuple[Judged, ...]]:
    """The decision; after a wait, whether it is still the same one."""
    chosen = prepared.chosen if prepared is not None else None
    if chosen is None:
        chosen = choose(plan, facts)
        if prepared is not None:
            prepared.chosen = chosen
    return _decided(plan, facts, chosen[0]), chosen[1]


def _decided(plan: Plan, facts: Facts, rule: Rule | Unknown | None) -> Facts:
    if rule is None:
        return stop(plan, facts, "no_rule", "no_rule")
    if isinstance(rule, Unknown):
        names = ", ".join(rule.names) or "unknown"
        return stop(plan, facts, f"unknown:{names}", names)
    if facts.waiting is not None and rule.id == facts.rule and _same_offer(plan, facts, rule):
        return _resume(plan, facts)
    decisions = facts.decisions + 1
    if decisions >= MAX_DECISIONS:
        return stop(plan, facts.changed(rule=rule.id, decisions=decisions), "decisions", "decisions")
    return enter(plan, facts, rule.then, f"rule:{rule.id}", decisions=decisions, rule=rule.id)


def _same_offer(plan: Plan, facts: Facts, rule: Rule) -> bool:
    """Whether what the run waits for would still be asked: the same actions with the same values, or a check-in."""
    if isinstance(step_at(plan, facts), CheckIn):
        return True
    if facts.offer is None or facts.position is None:
        return False
    offer = offered(plan, facts, rule.id, facts.position)
    return isinstance(offer, Offer) and offer.id == facts.offer.id


def _resume(plan: Plan, facts: Facts) -> Facts:
    """The same rule and offer: behind the waiting step if it was answered, else the wait goes on or is asked again."""
    if facts.heard in ("yes", "approved"):
        return behind(plan, facts, stage="walking", waiting=None, heard=None, asked_again=False)
    if facts.heard == "question":
        return facts.changed(stage="walking", waiting=None, heard=None)
    if facts.heard == "unclear":
        return facts.changed(stage="walking", waiting=None, heard=None, asked_again=True)
    return facts.changed(stage="waiting", heard=None)
