"""Proving who the customer is: when a code or details are asked for, and how that ends (LANGUAGE 8). Pure.

Called by `prepare`, `walk` and `moves`. It sees no code and nobody else's record: what was right comes in from outside.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from resolver.condition.types import RecordType, Text
from resolver.condition.values import Unknown, Value, normal_email
from resolver.decision import effects
from resolver.decision.facts import RANK, Facts, Proving, Waiting
from resolver.decision.outline import outline_of
from resolver.decision.reply import voice_of
from resolver.decision.texts import built_in
from resolver.playbook.plan import LookUp, Plan
from resolver.playbook.policy import Policy, Way
from resolver.ticket import Level

MAX_WRONG = 3
"""Codes that may be wrong before the run gives up."""
SILENCE = timedelta(hours=24)
"""How long a code is waited for."""
ACCOUNT = "account"
"""What the look-up of the customer's account is called; no playbook names it so, since it has no name there."""
UNSENT = "code_not_sent"
TOO_MANY = "codes_a_day"
FAILED = frozenset({UNSENT, TOO_MANY})
"""Why no code comes although one was asked for: then nobody is proven, and the run goes where that leads."""


def owned(plan: Plan, policy: Policy, level: Level) -> Iterator[LookUp]:
    """The look-ups whose record can prove its owner to this level, in the plan's order."""
    for one in outline_of(plan).preparation:
        if isinstance(one, LookUp):
            gives = one.spec.gives
            if gives.owner not in ("", "nobody") and (gives.contact or _by_details(gives, policy, level)):
                yield one


def account_of(policy: Policy) -> effects.LookUp:
    """The look-up that finds the customer's account, before anybody knows by what."""
    return effects.LookUp(ACCOUNT, policy.account, {}, Level.ANONYMOUS)


def asks_account(plan: Plan, facts: Facts, level: Level, *, step: str | None) -> effects.Prove | None:
    """The details of an account that are asked for now; None if the policy knows none, or they prove too little."""
    if not facts.policy.account or RANK[level] > RANK[Level.MATCHED]:
        return None
    return _asked_for(plan, facts, account_of(facts.policy), level, step=step, details=True)


def ways_for(gives: RecordType, policy: Policy) -> tuple[Way, ...]:
    """The policy's ways to be known whose fields this record has."""
    if policy.account:
        return ()  # they are arguments of that look-up
    return tuple(way for way in policy.details if all(name in gives.fields for name in way.fields))


def target_of(look_up: effects.LookUp, *, details: bool) -> str:
    """What a proof is asked for, the same for the same record."""
    known = sorted((name, str(value)) for name, value in _known(look_up).items())
    return f"{'details ' if details else ''}{look_up.look_up} {known}"


def _known(look_up: effects.LookUp) -> dict[str, Value]:
    return {name: value for name, value in look_up.arguments.items() if not isinstance(value, Unknown)}


def _by_details(gives: RecordType, policy: Policy, level: Level) -> bool:
    """Whether details of this record prove its owner: one known by an address, since a customer is known by that."""
    owner = gives.fields.get(gives.owner)
    known = owner is not None and owner.type == Text("email")
    return known and RANK[level] <= RANK[Level.MATCHED] and bool(ways_for(gives, policy))


def asks(
    plan: Plan, facts: Facts, look_up: effects.LookUp, level: Level, *, step: str | None
) -> effects.Prove | None:
    """The code or the details this run asks for now; None if it cannot be proven that way, or no longer.

    Asked for whether the record exists or not: the text says the same, and so does what follows.
    """
    details = _by_details(plan.look_ups[look_up.name].spec.gives, facts.policy, level)
    if not details and not facts.codes:
        return None
    request = effects.LookUp(look_up.name, look_up.look_up, _known(look_up), look_up.identity)
    return _asked_for(plan, facts, request, level, step=step, details=details)


def _asked_for(
    plan: Plan, facts: Facts, look_up: effects.LookUp, level: Level, *, step: str | None, details: bool
) -> effects.Prove | None:
    before = facts.proving
    target = target_of(look_up, details=details)
    same = before is not None and before.target == target
    wrong = before.wrong if before is not None else 0
    if wrong >= MAX_WRONG:
        return None
    voice = voice_of(plan, facts)
    said = built_in(_TEXTS[details, same], voice.language, facts.policy)
    send = not same and not details
    return effects.Prove(step or "identity", look_up, level, said, voice.language, send, target, details)


_TEXTS = {
    (False, False): "code_sent",
    (False, True): "code_again",
    (True, False): "details_asked",
    (True, True): "details_again",
}


def asked(facts: Facts, effect: effects.Prove, *, step: str | None) -> Facts:
    """The facts after the customer was asked for a code or details."""
    wrong = facts.proving.wrong if facts.proving is not None else 0
    waiting = Waiting("customer", step, facts.now + SILENCE, effect.text)
    return facts.changed(
        stage="waiting",
        waiting=waiting,
        heard=None,
        last_asked=effect.text,
        offer=None,
        confirmation=None,
        approval=None,
        proving=Proving(effect.target, wrong=wrong, open=True, details=effect.details),
    )


def recognised(facts: Facts, owner: str) -> Facts:
    """The facts once what the customer wrote named the details of a record: its owner is the customer from here on."""
    email, address = facts.customer.get("email"), normal_email(owner)
    same = isinstance(email, str) and normal_email(email) == address
    level = max(facts.level, Level.MATCHED, key=lambda one: one.rank)
    return facts.changed(
        stage="preparing",
        level=level,
        customer=facts.customer if same else {"email": address, "language": facts.language},
        records={},
        waiting=None,
        heard=None,
        offer=None,
        confirmation=None,
        approval=None,
        questions=(),
        proving=None,
    )


def closed(facts: Facts) -> Proving | None:
    """What is kept of a proof when the run waits for something else: the count, which never starts over."""
    return None if facts.proving is None else replace(facts.proving, open=False)


def heard(facts: Facts, *, code: str | None) -> Facts:
    """The facts after a message while a code or details are waited for: right ends it, wrong counts, none asks again.

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
