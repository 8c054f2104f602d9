"""Offers: the exact actions with exact values a customer or an approver agrees to (LANGUAGE 6).

Made by the engine where a run waits for a yes; the guard takes one apart again before an action is sent.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from resolver.condition.env import Env
from resolver.condition.storage import to_offer
from resolver.condition.values import Amount, RecordValue, Unknown, Value
from resolver.decision.effects import Offer
from resolver.money import Money
from resolver.playbook.plan import AnyStep, Do, Go, Plan


def actions_below(plan: Plan, outcome: str, index: int) -> tuple[Do, ...]:
    """Every `do` from there on down the straight line, `go` followed."""
    place = (plan.id, outcome, index)
    remembered = _BELOW.get(place)
    if remembered is not None and remembered[0] is plan:
        return remembered[1]
    found = tuple(step for step in straight_line(plan, outcome, index) if isinstance(step, Do))
    if len(_BELOW) > 4096:
        _BELOW.clear()
    _BELOW[place] = (plan, found)
    return found


_BELOW: dict[tuple[str, str, int], tuple[Plan, tuple[Do, ...]]] = {}


def straight_line(plan: Plan, outcome: str, index: int) -> Iterator[AnyStep]:
    """The steps from there on, as they come if nothing branches off; `go` itself is left out."""
    steps = plan.outcomes[outcome][index:]
    seen = {outcome}
    while steps:
        step, *rest = steps
        if isinstance(step, Go):
            if step.outcome in seen:
                return
            seen.add(step.outcome)
            steps = plan.outcomes[step.outcome]
        else:
            yield step
            steps = tuple(rest)


def offer_of(plan: Plan, rule: str, actions: tuple[Do, ...], env: Env) -> Offer | Unknown:
    """The offer that covers these actions; unknown if an argument is."""
    parts = []
    for step in actions:
        values = arguments_of(step, env)
        if isinstance(values, Unknown):
            return values
        parts.append(action_text(step.id, step.action, values))
    document = f'{{"actions":[{",".join(parts)}],"plan":"{plan.id}","rule":"{rule}"}}'
    return Offer(sha256(document.encode()).hexdigest(), document)


def arguments_of(step: Do, env: Env) -> dict[str, Value] | Unknown:
    """The action's arguments; unknown if one of them is, unless the interface lets it be missing."""
    values: dict[str, Value] = {}
    for name, compiled in step.arguments.items():
        value = compiled.call(env)
        if type(value) is not Unknown:
            values[name] = value
        elif not step.spec.takes[name].may_be_missing:
            return value
    return values


def pays_of(step: Do, arguments: Mapping[str, Value], env: Env) -> Money | Unknown | None:
    """What leaves the company; None for an action that moves no money."""
    if step.spec.pays is None:
        return None
    value = step.spec.pays.call(Env(arguments, env.now, env.calendar))
    if isinstance(value, Amount):
        return value.money() or Unknown()
    return value if isinstance(value, Unknown) else Unknown()


def action_text(step: str, action: str, arguments: Mapping[str, Value]) -> str:
    """One action of an offer as canonical JSON: keys sorted, no spaces."""
    listed = ",".join([f'"{name}":{_canonical(arguments[name])}' for name in sorted(arguments)])
    return f'{{"action":"{action}","step":"{step}","with":{{{listed}}}}}'


def _canonical(value: Value) -> str:
    """`storage.to_offer` as text; the commonest values without the detour."""
    short = _SHORT.get(type(value))
    if short is not None:
        return short(value)
    return json.dumps(to_offer(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _money(amount: Amount) -> str:
    money = amount.money()
    if money is None:
        return json.dumps(to_offer(amount), sort_keys=True, separators=(",", ":"))
    return f'{{"currency":"{money.currency}","minor":{money.minor}}}'


def _list(values: tuple[Value, ...]) -> str:
    return f"[{','.join(map(_canonical, values))}]"


def _record(record: RecordValue) -> str:
    """A record by type and key; a chosen element by its key and the units chosen."""
    key = encode_basestring(record.key)
    chosen = record.fields.get("chosen")
    if chosen is None:
        return f'{{"key":{key},"type":"{record.type_name}"}}'
    return f'{{"chosen":"{to_offer(chosen)}","key":{key}}}'


_SHORT: dict[type, Callable[[Any], str]] = {
    RecordValue: _record,
    Amount: _money,
    tuple: _list,
    str: encode_basestring,
}
