"""Proving who the customer is: when a code is sent, what a run waits for, and how that ends (LANGUAGE 8). Pure.

Called by `prepare`, `walk` and `moves`. It never sees a code: whether one was right comes in from outside.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from resolver.condition.values import Unknown
from resolver.decision import effects
from resolver.decision.facts import RANK, Facts, Proving, Waiting
from resolver.decision.outline import outline_of
from resolver.decision.reply import voice_of
from resolver.decision.texts import built_in
from resolver.playbook.plan import LookUp, Plan
from resolver.ticket import Level

MAX_WRONG = 3
"""Codes that may be wrong before the run gives up."""
SILENCE = timedelta(hours=24)
"""How long a code is waited for."""
UNSENT = "code_not_sent"
TOO_MANY = "codes_a_day"
FAILED = frozenset({UNSENT, TOO_MANY})
"""Why no code comes although one was asked for: then nobody is proven, and the run goes where that leads."""


def owned(plan: Plan) -> Iterator[LookUp]:
    """The look-ups whose record belongs to somebody who can be written to, in the plan's order."""
    for one in outline_of(plan).preparation:
        if isinstance(one, LookUp):
            gives = one.spec.gives
            if gives.owner not in ("", "nobody") and gives.contact:
                yield one


def asks(
    plan: Plan, facts: Facts, look_up: effects.LookUp, level: Level, *, step: str | None
) -> effects.Prove | None:
    """The code this run asks for now; None if it cannot be proven that way, or no longer.

    A code is asked for whether the record exists or not: the text says the same, and so does what follows.
    """
    if not facts.codes or RANK[level] > RANK[Level.CODE]:
        return None
    known = {name: value for name, value in look_up.arguments.items() if not isinstance(value, Unknown)}
    before = facts.proving
    target = f"{look_up.look_up} {sorted((name, str(value)) for name, value in known.items())}"
    same = before is not None and before.target == target
    wrong = before.wrong if before is not None else 0
    if wrong >= MAX_WRONG:
        return None
    voice = voice_of(plan, facts)
    text = "code_again" if same else "code_sent"
    request = effects.LookUp(look_up.name, look_up.look_up, known, look_up.identity)
    said = built_in(text, voice.language, facts.policy)
    return effects.Prove(step or "identity", request, level, said, voice.language, not same, target)


def asked(facts: Facts, effect: effects.Prove, *, step: str | None) -> Facts:
    """The facts after the customer was asked for a code."""
    wrong = facts.proving.wrong if facts.proving is not None else 0
    waiting = Waiting("customer", step, facts.now + SILENCE, effect.text)
    return facts.changed(
        stage="waiting",
        waiting=waiting,
        heard=None,
        questions=(),
        last_asked=effect.text,
        offer=None,
        confirmation=None,
        approval=None,
        proving=Proving(effect.target, wrong=wrong, open=True),
    )


def closed(facts: Facts) -> Proving | None:
    """What is kept of a proof when the run waits for something else: the count, which never starts over."""
    return None if facts.proving is None else replace(facts.proving, open=False)


def heard(facts: Facts, *, code: str | None) -> Facts:
    """The facts after a message while a code is waited for: right ends the proof, wrong counts, none asks again.

    One that came too late counts for nothing, and another code is sent.
    """
    proving = facts.proving
    if proving is None:
        return facts
    if code == "right":
        return facts.changed(proving=None)
    if code == "late":
        return facts.changed(proving=replace(proving, target="", open=False))
    return facts.changed(proving=replace(proving, wrong=proving.wrong + (code == "wrong"), open=False))
