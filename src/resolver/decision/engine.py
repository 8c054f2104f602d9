"""The engine: what a run does next, as a pure function of its plan and facts (LANGUAGE 4).

    effect = decide(plan, facts)
    facts = advance(plan, facts, effect, result)      # until Wait or End

Called by `scenario.Walk` for live turns, tests and replay. It performs nothing and knows no clock.
"""

from typing import NamedTuple

from resolver.condition.values import Unknown
from resolver.decision import effects
from resolver.decision.effects import Effect, End, Offer, Perform, Performed, Result, Wait
from resolver.decision.facts import Facts, Position, SlotFact, Waiting
from resolver.decision.offer import actions_below, offer_of
from resolver.decision.prepare import Edge, Wave, environment, prepare
from resolver.decision.question import ask
from resolver.decision.walk import after_action, enter, spoken, stop, walk
from resolver.playbook.plan import Plan, Rule

MAX_DECISIONS = 3
"""The third different decision of a run goes to `if_unsure`."""


def decide(plan: Plan, facts: Facts) -> Effect:
    """The next effect. Asked again with the same facts it says the same; `Wait` and `End` end the turn."""
    return settle(plan, facts).effect


def advance(plan: Plan, facts: Facts, effect: Effect, result: Result | None) -> Facts:
    """The facts after `effect` had this result.

    LookUp takes Found, Missing or LookUpFailed; Perform takes Performed; Wait and End take None; every effect that
    speaks takes Sent, or Performed("stopped", stopped_by=…) where the gateway would not let it speak: the run goes to
    `if_unsure` without another word to the customer. ValueError if `decide` gives another effect for these facts.
    """
    settled, expected, _ = settle(plan, facts)
    if effect is not expected and effect != expected:
        raise ValueError(f"{type(effect).__name__} is not what comes next, but {type(expected).__name__}")
    if isinstance(effect, effects.LookUp) and isinstance(
        result, effects.Found | effects.Missing | effects.LookUpFailed
    ):
        return settled.changed(records={**settled.records, effect.name: result})
    if isinstance(effect, Perform) and isinstance(result, Performed):
        return after_action(plan, settled, effect, result)
    if isinstance(effect, Wait | End):
        return settled
    if isinstance(result, Performed):
        return stop(
            plan, settled.changed(quiet=True), f"stopped:{result.stopped_by}", result.stopped_by or "gateway"
        )
    if isinstance(effect, effects.Ask):
        return _asked(settled, effect)
    return spoken(plan, settled, effect)


def commit(plan: Plan, facts: Facts, effect: Perform) -> Facts:
    """The facts frozen for the transaction that writes this action's intent: stage `committed`, never decided again.

    `decide(plan, commit(...))` is the same Perform; `advance` then takes its result.
    """
    settled, expected, _ = settle(plan, facts)
    if effect != expected:
        raise ValueError("only the action that comes next can be committed")
    if settled.stage == "committed":
        return settled
    frozen = settled.changed(stage="committed")
    frozen.__dict__["_settled"] = Settled(frozen, effect)
    return frozen


class Settled(NamedTuple):
    """The facts moved on to where the world is needed, and what is needed of it; `judged`: the rules were asked."""

    facts: Facts
    effect: Effect
    judged: bool = False


def settle(plan: Plan, facts: Facts) -> Settled:
    """How far the facts lead by themselves. Remembered with the facts."""
    remembered: Settled | None = facts.__dict__.get("_settled")
    if remembered is None:
        remembered = _find(plan, facts)
        facts.__dict__["_settled"] = remembered
    return remembered


def _find(plan: Plan, facts: Facts) -> Settled:
    if facts.stage == "ended":
        return Settled(facts, End(facts.disposition))
    if facts.waiting is not None and facts.heard is None:
        return Settled(facts, Wait(facts.waiting.for_, facts.waiting.until))
    if facts.stage != "preparing":
        return Settled(*walk(plan, facts))
    wave = prepare(plan, facts)
    if wave.slots is not facts.slots:
        facts = facts.changed(slots=wave.slots)
    if wave.look_up is not None:
        return Settled(facts, wave.look_up)
    if wave.edge is not None:
        return Settled(*walk(plan, leave(plan, facts, wave.edge)))
    if wave.questions:
        return Settled(*_question(plan, facts, wave))
    facts = _judge(plan, facts)
    if facts.waiting is not None and facts.heard is None:
        return Settled(facts, Wait(facts.waiting.for_, facts.waiting.until), judged=True)
    return Settled(*walk(plan, facts), judged=True)


def leave(plan: Plan, facts: Facts, edge: Edge) -> Facts:
    """The facts on their way along an edge that the rules did not choose."""
    if edge.stopped_by is not None:
        return stop(plan, facts, edge.reason, edge.stopped_by)
    return enter(facts, edge.outcome, edge.reason)


def _question(plan: Plan, facts: Facts, wave: Wave) -> tuple[Facts, Effect]:
    asked = ask(plan, facts, wave)
    if isinstance(asked, Unknown):
        facts = stop(plan, facts, f"unknown:{', '.join(asked.names)}", ", ".join(asked.names))
        return walk(plan, facts)
    effect, questions = asked
    return facts.changed(questions=questions), effect


def _asked(facts: Facts, effect: effects.Ask) -> Facts:
    slots = dict(facts.slots)
    for name in effect.slots:
        fact = slots.get(name) or SlotFact(None, "given")
        slots[name] = SlotFact(
            fact.value, fact.source, fact.message, fact.span, fact.tries + 1, fact.corrections
        )
    waiting = Waiting("customer", None, facts.now + facts.policy.patience, effect.text)
    return facts.changed(
        stage="waiting",
        slots=slots,
        waiting=waiting,
        heard=None,
        offer=None,
        confirmation=None,
        approval=None,
    )


# -- rules --------------------------------------------------------------------------------------------------------


def choose(plan: Plan, facts: Facts) -> Rule | Unknown | None:
    """The first rule that is yes; unknown if one before it is; None if none applies."""
    env = environment(plan, facts)
    for rule in plan.rules:
        if rule.when is None:
            return rule
        answer = rule.when.call(env)
        if answer is True:
            return rule
        if answer is not False:
            return answer if isinstance(answer, Unknown) else Unknown()
    return None


def _judge(plan: Plan, facts: Facts) -> Facts:
    """The decision; after a wait, whether it is still the same one."""
    rule = choose(plan, facts)
    if rule is None:
        return stop(plan, facts, "no_rule", "no_rule")
    if isinstance(rule, Unknown):
        names = ", ".join(rule.names) or "unknown"
        return stop(plan, facts, f"unknown:{names}", names)
    if (
        facts.waiting is not None
        and facts.position is not None
        and rule.id == facts.rule
        and facts.offer is not None
    ):
        actions = actions_below(plan, facts.position.outcome, facts.position.index)
        offer = offer_of(plan, rule.id, actions, environment(plan, facts))
        if isinstance(offer, Offer) and offer.id == facts.offer.id:
            return _resume(facts, facts.position)
    decisions = facts.decisions + 1
    if decisions >= MAX_DECISIONS:
        return stop(plan, facts.changed(rule=rule.id, decisions=decisions), "decisions", "decisions")
    return enter(facts, rule.then, f"rule:{rule.id}", decisions=decisions, rule=rule.id)


def _resume(facts: Facts, position: Position) -> Facts:
    """The same rule and offer: behind the waiting step if it was answered, else the wait goes on or is asked again."""
    if facts.heard in ("yes", "approved"):
        behind = Position(position.outcome, position.index + 1)
        return facts.changed(stage="walking", position=behind, waiting=None, heard=None)
    if facts.heard == "unclear":
        return facts.changed(stage="walking", waiting=None, heard=None, asked_again=True)
    return facts.changed(stage="waiting", heard=None)
