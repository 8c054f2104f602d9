"""Walking an outcome: what each step needs of the world, and where its result leads (LANGUAGE 7).

Called by the engine with facts whose position is set. Steps that need nothing are passed silently.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from resolver.condition.calendar import Calendar
from resolver.condition.env import Env
from resolver.condition.one_step import one_step
from resolver.condition.values import Days, RecordValue, Unknown
from resolver.decision import effects, grounding, proving
from resolver.decision.approval_sheet import sheet_of
from resolver.decision.effects import Answered, Disposition, Effect, End, Found, Perform, Performed
from resolver.decision.facts import RANK, Facts, Leaving, Position, StepResult, Waiting
from resolver.decision.offer import actions_below, arguments_of, offer_of, pays_of
from resolver.decision.outline import outline_of
from resolver.decision.prepare import Prepared, environment, look_up_effect
from resolver.decision.reply import Voice, fill_gaps, language_of, say, values_in, voice_of
from resolver.decision.texts import built_in
from resolver.decision.trial import edge_of, next_trial, noted_trial
from resolver.decision.undo import finished, is_undone, next_undo
from resolver.playbook.plan import (
    Answer,
    Approve,
    CheckIn,
    Confirm,
    Do,
    Go,
    HandOff,
    Identify,
    Plan,
    Reply,
    SetTicket,
    Start,
    Step,
)
from resolver.playbook.policy import SILENT

Next = tuple[Facts, Effect | None]


def enter(plan: Plan, facts: Facts, outcome: str, reason: str, **more: Any) -> Facts:
    """The facts at the beginning of an outcome, along an edge or by a rule. What was offered before is void."""
    changes = {
        **(_COMMITTED if facts.committed else _VOID),
        "position": outline_of(plan).places[outcome][0],
        "path": (*facts.path, outcome),
        "line": len(facts.path),
        "leaving": None,
        "waiting": None,
        "heard": None,
        "questions": (),
        "reason": reason,
        "answer": None,
        "aside": None,
        "repeats": False,
    }
    changes.update(more)
    return facts.updated(changes)


_COMMITTED: Mapping[str, Any] = {"stage": "committed", "asked_again": False}
_VOID: Mapping[str, Any] = {
    "stage": "walking", "offer": None, "confirmation": None, "approval": None, "asked_again": False, "tried": None,
}  # fmt: skip


def stop(plan: Plan, facts: Facts, reason: str, stopped_by: str) -> Facts:
    """The facts on the way of `if_unsure`, naming what stopped the run."""
    return enter(plan, facts, plan.if_unsure, reason, stopped_by=stopped_by, unsure=True)


def walk(plan: Plan, facts: Facts) -> tuple[Facts, Effect]:
    """Step by step to the next effect."""
    env = environment(plan, facts)
    while True:
        if facts.leaving is not None:
            facts, effect = _leave(plan, facts, env, facts.leaving)
            if effect is not None:
                return facts, effect
            continue
        position = facts.position
        steps = plan.outcomes[position.outcome] if position else ()
        if position is None or position.index >= len(steps):
            disposition = _disposition(facts)
            return facts.updated({"stage": "ended", "disposition": disposition}), End(disposition)
        step = steps[position.index]
        facts, effect = _STEPS[type(step)](plan, facts, env, step)
        if effect is not None:
            return facts, effect


def _leave(plan: Plan, facts: Facts, env: Env, leaving: Leaving) -> Next:
    """The next action to be undone, the latest first; then the edge is taken."""
    effect = next_undo(plan, facts, env)
    if effect is None:
        return enter(plan, facts, leaving.outcome, leaving.reason), None
    if isinstance(effect, Unknown):
        return stop(plan, facts, f"undo_failed:{', '.join(effect.names)}", ", ".join(effect.names)), None
    return facts, effect


def behind(plan: Plan, facts: Facts, **more: Any) -> Facts:
    """The facts one step on."""
    more["position"] = _next_place(plan, facts)
    return facts.updated(more)


def _next_place(plan: Plan, facts: Facts) -> Position:
    here = facts.position or Position(plan.if_unsure, 0)
    return outline_of(plan).places[here.outcome][here.index + 1]


def _disposition(facts: Facts) -> Disposition:
    if facts.ending is not None:
        return facts.ending
    for step, result in facts.results.items():
        if result.performed.state in ("done", "pending") and not is_undone(facts, step):
            return "resolved"
    return "answered"


def _stop_unknown(plan: Plan, facts: Facts, missing: Unknown) -> Next:
    """An unknown value stops; where the run is already on its way out, the default queue takes it."""
    names = ", ".join(missing.names) or "unknown"
    if facts.unsure:
        return facts, _last_resort(plan, facts)
    return stop(plan, facts, f"unknown:{names}", names), None


def _last_resort(plan: Plan, facts: Facts) -> effects.HandOff:
    step = f"{plan.playbook}/{plan.if_unsure}/hand_off-default"
    return _hand_off(plan, facts, HandOff(step, 0, "default", (plan.title,), None, None), "default")


# -- steps --------------------------------------------------------------------------------------------------------


def _identify(plan: Plan, facts: Facts, env: Env, step: Identify) -> Next:
    if RANK[facts.level] >= RANK[step.level]:
        return behind(plan, facts), None
    account = proving.asks_account(plan, facts, step.level, step=step.id)
    if account is not None:
        return facts, account
    for one in proving.owned(plan, facts.policy, step.level):
        look_up = look_up_effect(one, env) if isinstance(facts.records.get(one.name), Found) else None
        asks = proving.asks(plan, facts, look_up, step.level, step=step.id) if look_up else None
        if asks is not None:
            return facts, asks
    return enter(plan, facts, step.if_fails, f"identity:{step.level}"), None


def _confirm(plan: Plan, facts: Facts, env: Env, step: Confirm) -> Next:
    offer = _offer(plan, facts)
    if isinstance(offer, Unknown):
        return _stop_unknown(plan, facts, offer)
    trial = next_trial(plan, facts, env, offer)
    if trial is not None:
        return facts, trial
    voice = voice_of(plan, facts)
    text = _question(plan, facts, env, step, voice)
    if isinstance(text, Unknown):
        return _stop_unknown(plan, facts, text)
    values = values_in(plan, step.reply, env, voice)
    return facts, effects.Confirm(step.id, offer, text, voice.language, facts.asked_again, values)


def _question(plan: Plan, facts: Facts, env: Env, step: Confirm | CheckIn, voice: Voice) -> str | Unknown:
    """The text that asks for a yes; where it has to be asked once more, it says so first."""
    text = say(plan, step.reply, env, voice)
    if isinstance(text, Unknown) or not facts.asked_again or facts.repeats:
        return text
    return f"{built_in('ask_again', voice.language, facts.policy)}\n\n{text}"


def _check_in(plan: Plan, facts: Facts, env: Env, step: CheckIn) -> Next:
    voice = voice_of(plan, facts)
    text = _question(plan, facts, env, step, voice)
    if isinstance(text, Unknown):
        return _stop_unknown(plan, facts, text)
    values = values_in(plan, step.reply, env, voice)
    return facts, effects.CheckIn(step.id, step.reply, text, voice.language, facts.asked_again, values)


def _approve(plan: Plan, facts: Facts, env: Env, step: Approve) -> Next:
    needed = True if step.when is None else step.when.call(env)
    if needed is False:
        return behind(plan, facts), None
    offer = _offer(plan, facts) if needed is True else needed
    if isinstance(offer, Unknown):
        return _stop_unknown(plan, facts, offer)
    trial = next_trial(plan, facts, env, offer)
    if trial is not None:
        return facts, trial
    voice = voice_of(plan, facts)
    tell = say(plan, step.tell, env, voice) if step.tell else None
    if isinstance(tell, Unknown):
        return _stop_unknown(plan, facts, tell)
    sheet = sheet_of(plan, facts, env, step)
    until = _approval_until(facts, step)
    values = values_in(plan, step.tell, env, voice)
    return facts, effects.Approve(step.id, step.team, offer, sheet, until, tell, voice.language, values)


def _offer(plan: Plan, facts: Facts) -> effects.Offer | Unknown:
    return offered(plan, facts, facts.rule or "", facts.position or Position(plan.if_unsure, 0))


def offered(plan: Plan, facts: Facts, rule: str, place: Position) -> effects.Offer | Unknown:
    """The offer that covers the actions below a place, as a rule led there; worked out once for what is prepared."""
    env = environment(plan, facts)
    prepared: Prepared | None = facts.prepared
    if prepared is None or prepared.env is not env:
        return offer_of(plan, rule, place, env)
    key = (rule, *(step.id for step in actions_below(plan, place)))
    found = prepared.offers.get(key)
    if found is None:
        found = prepared.offers[key] = offer_of(plan, rule, place, env)
    return found


def _approval_until(facts: Facts, step: Approve) -> datetime:
    if step.within is not None:
        return facts.now + step.within
    return _days_later(facts.now, step.within_business_days or 1, facts.policy.calendar)


@one_step
def _days_later(now: datetime, days: int, calendar: Calendar) -> datetime:
    """The same time of day, so many business days later."""
    local = now.astimezone(calendar.zone)
    day = calendar.add(local.date(), Days(days, business=True))
    return calendar.instant(day, local.time())


def _do(plan: Plan, facts: Facts, env: Env, step: Do) -> Next:
    arguments = arguments_of(step, env)
    if isinstance(arguments, Unknown):
        return _stop_unknown(plan, facts, arguments)
    pays = pays_of(step.spec, arguments, env)
    if isinstance(pays, Unknown):
        return _stop_unknown(plan, facts, pays)
    before = facts.results.get(step.id)
    record = arguments.get(step.spec.record) if step.spec.record else None
    return facts, Perform(
        step=step.id,
        generation=before.generation if before else 1,
        action=step.action,
        arguments=arguments,
        pays=pays,
        record=record if isinstance(record, RecordValue) else None,
        offer=facts.offer.id if facts.offer else None,
        required_identity=facts.policy.actions.get(step.action, SILENT).demands(step.spec.identity),
    )


def _answer(plan: Plan, facts: Facts, env: Env, step: Answer) -> Next:
    """Asks first; what came is sent if it may be, else the way without an answer is taken."""
    if facts.unsure and facts.quiet:
        return behind(plan, facts), None
    language = language_of(plan, facts)
    if facts.answer is None:
        return facts, asks_knowledge(plan, facts, step.id, step.topic, facts.question)
    why = grounding.refused(plan, facts, facts.answer, language=language)
    if why is not None or not isinstance(facts.answer, Answered):
        return enter(plan, facts, step.if_no_answer, f"no_answer:{why}"), None
    first = say(plan, step.say_first, env, voice_of(plan, facts)) if step.say_first else None
    if isinstance(first, Unknown):
        return _stop_unknown(plan, facts, first)
    return facts, told_answer(facts, facts.answer, step.id, step.topic, language=language, first=first)


def asks_knowledge(plan: Plan, facts: Facts, step: str, topic: str, question: str) -> effects.Answer:
    """The question as it goes to the knowledge base."""
    return effects.Answer(step, topic, question, language_of(plan, facts), plan.languages[0])


def told_answer(
    facts: Facts, answer: Answered, step: str, topic: str, *, language: str, first: str | None = None
) -> effects.Reply:
    """An answer that may be sent, as it is sent."""
    text = grounding.with_sources(answer, facts, language=language)
    said = f"{first}\n\n{text}" if first else text
    return effects.Reply(step, topic, said, language, grounding.citations(answer))


def _reply(plan: Plan, facts: Facts, env: Env, step: Reply) -> Next:
    if facts.unsure and facts.quiet:
        return behind(plan, facts), None
    voice = voice_of(plan, facts)
    text = say(plan, step.reply, env, voice)
    if isinstance(text, Unknown):
        return (behind(plan, facts), None) if facts.unsure else _stop_unknown(plan, facts, text)
    values = values_in(plan, step.reply, env, voice)
    return facts, effects.Reply(step.id, step.reply, text, voice.language, rephrase=values)


def _set_ticket(plan: Plan, facts: Facts, env: Env, step: SetTicket) -> Next:
    return facts, outline_of(plan).tickets[step.id]


def _hand_over(plan: Plan, facts: Facts, env: Env, step: HandOff) -> Next:
    return facts, _hand_off(plan, facts, step, step.queue)


def _hand_off(plan: Plan, facts: Facts, step: HandOff, queue: str) -> effects.HandOff:
    env = environment(plan, facts)
    voice = voice_of(plan, facts)
    tell = None
    if not facts.quiet:
        said = say(plan, step.tell, env, voice) if step.tell else Unknown()
        tell = built_in("handed_off", voice.language, facts.policy) if isinstance(said, Unknown) else said
    because = next((rule.because for rule in plan.rules if rule.id == facts.rule), "")
    return effects.HandOff(
        step=step.id,
        queue=queue,
        summary=fill_gaps(step.summary, env, voice_of(plan, facts, plan.languages[0])),
        tell=tell,
        priority=step.priority,
        reason=facts.reason,
        because=because,
        language=voice.language,
        rephrase=values_in(plan, step.tell, env, voice) if tell else None,
    )


def _go(plan: Plan, facts: Facts, env: Env, step: Go) -> Next:
    return facts.changed(
        position=outline_of(plan).places[step.outcome][0], path=(*facts.path, step.outcome)
    ), None


def _start(plan: Plan, facts: Facts, env: Env, step: Start) -> Next:
    return facts, effects.StartRun(step.id, step.playbook)


_STEPS: Mapping[type[Step], Callable[[Plan, Facts, Env, Any], Next]] = {
    Identify: _identify,
    Confirm: _confirm,
    CheckIn: _check_in,
    Approve: _approve,
    Do: _do,
    Answer: _answer,
    Reply: _reply,
    SetTicket: _set_ticket,
    HandOff: _hand_over,
    Go: _go,
    Start: _start,
}


# -- results ------------------------------------------------------------------------------------------------------


def spoken(plan: Plan, facts: Facts, effect: Effect) -> Facts:
    """The facts after an effect that speaks is in the turn's write-back."""
    if isinstance(effect, effects.Reply):
        step = step_at(plan, facts)
        if isinstance(step, Answer):
            return behind(plan, facts, answer=None)
        ends = step.ends if isinstance(step, Reply) else None
        return behind(plan, facts, ending=ends) if ends in ("declined", "withdrawn") else behind(plan, facts)
    if isinstance(effect, effects.Confirm):
        until = facts.now + (_patience(plan, facts) or facts.policy.patience)
        return _waits(facts, effect, "customer", until, effect.text, offer=effect.offer)
    if isinstance(effect, effects.CheckIn):
        until = facts.now + (_patience(plan, facts) or facts.policy.patience)
        return _waits(facts, effect, "customer", until, effect.text, offer=facts.offer)
    if isinstance(effect, effects.Approve):
        return _waits(facts, effect, "approval", effect.expires_at, effect.tell or "", offer=effect.offer)
    if isinstance(effect, effects.HandOff):
        return facts.changed(stage="ended", disposition="handed_off", waiting=None)
    if isinstance(effect, effects.StartRun):
        return facts.changed(stage="ended", disposition=None, waiting=None)
    return behind(plan, facts)


def _waits(
    facts: Facts,
    effect: effects.Confirm | effects.CheckIn | effects.Approve,
    for_: Literal["customer", "approval"],
    until: datetime,
    text: str,
    *,
    offer: effects.Offer | None,
) -> Facts:
    changes = {
        "stage": "waiting",
        "offer": offer,
        "waiting": Waiting(for_, effect.step, until, text, sha256(text.encode()).hexdigest()),
        "heard": None,
        "repeats": False,
        "proving": proving.closed(facts),
    }
    if for_ == "customer":
        changes["last_asked"] = text
    return facts.updated(changes)


def _patience(plan: Plan, facts: Facts) -> timedelta | None:
    step = step_at(plan, facts)
    return step.within if isinstance(step, Confirm | CheckIn) else None


def step_at(plan: Plan, facts: Facts) -> Step | None:
    """The step the run stands at; None behind the last of its outcome."""
    position = facts.position
    steps = plan.outcomes[position.outcome] if position else ()
    return steps[position.index] if position and position.index < len(steps) else None


def after_action(plan: Plan, facts: Facts, effect: Perform, result: Performed) -> Facts:
    """The facts after an action came back; from the first one on the run is committed."""
    step = step_at(plan, facts)
    if not isinstance(step, Do):
        raise ValueError(f"the run does not stand at {effect.step}")
    if result.state == "stopped":
        stopped_by = result.stopped_by or "gateway"
        return stop(plan, facts, f"stopped:{stopped_by}", stopped_by)
    changes = noted(facts, step, StepResult(result, effect.generation, facts.now))
    changes["stage"] = "committed"
    if result.state == "done":  # by far the commonest, so in one copy
        changes["position"] = _next_place(plan, facts)
        return facts.updated(changes)
    return follow(plan, facts.updated(changes), step, result)


def after_trial(plan: Plan, facts: Facts, effect: effects.DryRun, result: Performed) -> Facts:
    """The facts after an action was tried: one that would be refused is neither offered nor done."""
    if result.state == "refused":
        step = outline_of(plan).actions[effect.step]
        return enter(plan, facts, edge_of(step, result), f"would_refuse:{result.code or effect.action}")
    return facts.changed(tried=noted_trial(facts, effect))


def noted(facts: Facts, step: Do, result: StepResult) -> dict[str, Any]:
    """The changes that note what an action came to; a result with a name changes what expressions see."""
    changes: dict[str, Any] = {"results": {**facts.results, step.id: result}}
    if step.result_name is not None:
        changes["env"] = None
    return changes


def follow(plan: Plan, facts: Facts, step: Do, result: Performed) -> Facts:
    """Where an action's result leads."""
    match result.state:
        case "done":
            return behind(plan, facts, waiting=None)
        case "refused":
            return _fails(plan, facts, edge_of(step, result), f"if_refused:{result.code or step.action}")
        case "pending" if step.if_pending is not None:
            return enter(plan, facts, step.if_pending, f"if_pending:{step.action}")
        case "pending":
            until = facts.now + (step.spec.settles_within or timedelta(days=1))
            return facts.changed(waiting=Waiting("settlement", step.id, until))
    return _fails(plan, facts, step.if_fails, f"uncertain:{step.action}")


def _fails(plan: Plan, facts: Facts, edge: str, reason: str) -> Facts:
    """On the way along the edge of an action that did not happen, or may not have: what went before is undone first."""
    if finished(plan, facts):
        return facts.changed(leaving=Leaving(edge, reason), waiting=None, heard=None)
    return enter(plan, facts, edge, reason)
