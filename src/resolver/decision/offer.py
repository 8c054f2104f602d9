"""Offers: the exact actions with exact values a customer or an approver agrees to (LANGUAGE 6).

Made by the engine where a run waits for a yes; the guard takes one apart again before an action is sent.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from json.encoder import encode_basestring

from resolver.condition.env import Env
from resolver.condition.one_step import one_step
from resolver.condition.storage import number_text, to_offer
from resolver.condition.values import Amount, RecordValue, Unknown, Value
from resolver.connector.interface import ActionSpec
from resolver.decision.effects import Offer
from resolver.decision.facts import Position
from resolver.decision.outline import outline_of
from resolver.money import Money
from resolver.playbook.plan import Do, Plan


def actions_below(plan: Plan, place: Position) -> tuple[Do, ...]:
    """Every `do` from there on down the straight line, `go` followed."""
    return outline_of(plan).below[place.outcome][place.index]


def offer_of(plan: Plan, rule: str, place: Position, env: Env) -> Offer | Unknown:
    """The offer that covers the actions below a place; unknown if an argument is."""
    parts = []
    for step in actions_below(plan, place):
        values = arguments_of(step, env)
        if isinstance(values, Unknown):
            return values
        parts.append(action_text(step.id, step.action, values))
    return _of(plan.id, rule, parts)


@one_step
def _of(plan: str, rule: str, actions: list[str]) -> Offer:
    document = f'{{"actions":[{",".join(actions)}],"plan":"{plan}","rule":"{rule}"}}'
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


def pays_of(spec: ActionSpec, arguments: Mapping[str, Value], env: Env) -> Money | Unknown | None:
    """What leaves the company; None for an action that moves no money."""
    pays = spec.pays
    if pays is None:
        return None
    value = arguments.get(pays.source)  # mostly it is one of them as it is
    if value is None:
        value = pays.call(env.with_names(arguments))
    if isinstance(value, Amount):
        return value.money() or Unknown()
    return value if isinstance(value, Unknown) else Unknown()


@one_step
def action_text(step: str, action: str, arguments: Mapping[str, Value]) -> str:
    """One action of an offer as canonical JSON: keys sorted, no spaces."""
    listed = ",".join([f'"{name}":{_canonical(arguments[name])}' for name in sorted(arguments)])
    return f'{{"action":"{action}","step":"{step}","with":{{{listed}}}}}'


def _canonical(value: Value) -> str:
    """`storage.to_offer` as text, the commonest values without the detour.

    A record is its type and key, a chosen element its key and the units chosen.
    """
    if type(value) is RecordValue:
        chosen = value.fields.get("chosen")
        if chosen is None:
            return f'{{"key":{encode_basestring(value.key)},"type":"{value.type_name}"}}'
        units = number_text(chosen) if type(chosen) is Decimal else to_offer(chosen)
        return f'{{"chosen":"{units}","key":{encode_basestring(value.key)}}}'
    if type(value) is Amount and (minor := value.minor()) is not None:
        return f'{{"currency":"{value.currency}","minor":{minor}}}'
    if type(value) is tuple:
        return f"[{','.join([_canonical(one) for one in value])}]"
    if type(value) is str:
        return encode_basestring(value)
    return json.dumps(to_offer(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
