"""What an approver reads before saying yes: the actions with their values, the facts used, the rule and its reason.

Made by the walk where a run waits for approval, and by notes to agents. Texts only; nothing is decided here.
"""

from functools import lru_cache

from resolver.condition.env import Env
from resolver.condition.values import UNKNOWN, RecordValue, Unknown, Value
from resolver.decision.effects import ApprovalSheet
from resolver.decision.facts import Facts
from resolver.decision.offer import actions_below, arguments_of, pays_of
from resolver.decision.reply import Voice, show, voice_of
from resolver.money import Money
from resolver.playbook.plan import Approve, Do, Plan


def sheet_of(plan: Plan, facts: Facts, env: Env, step: Approve) -> ApprovalSheet:
    """The sheet for the offer at the waiting step, in the playbook's first language."""
    if plan.silent:
        return _NOTHING
    voice = voice_of(plan, facts, plan.languages[0])
    position = facts.position
    below = actions_below(plan, position) if position else ()
    rule = next((one for one in plan.rules if one.id == facts.rule), None)
    names = [*(rule.when.names if rule and rule.when else ()), *(step.when.names if step.when else ())]
    amounts = [amount for do in below if isinstance(amount := _pays(do, env), Money)]
    return ApprovalSheet(
        actions=tuple((do.spec.title, _values(do, env, voice)) for do in below),
        facts=facts_named(names, env, voice),
        rule=facts.rule or "",
        because=rule.because if rule else "",
        amount=_total(amounts),
    )


def facts_named(names: list[str] | tuple[str, ...], env: Env, voice: Voice) -> dict[str, str]:
    """The values of dotted names as text, each once, in reading order; what is not known is left out."""
    found = {}
    for name in dict.fromkeys(names):
        value = value_of(name, env)
        if not isinstance(value, Unknown):
            found[name] = show(value, voice, name)
    return found


def value_of(name: str, env: Env) -> Value:
    """The value of a dotted name."""
    root, path = _parts(name)
    value: Value | None = env.names.get(root)
    if value is None:
        value = env.now if name == "now" else env.today if name == "today" else UNKNOWN
    for part in path:
        value = value.fields.get(part, UNKNOWN) if isinstance(value, RecordValue) else UNKNOWN
    return value


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[str, tuple[str, ...]]:
    root, *path = name.split(".")
    return root, tuple(path)


def _values(do: Do, env: Env, voice: Voice) -> dict[str, str]:
    arguments = arguments_of(do, env)
    if isinstance(arguments, Unknown):
        return {}
    return {name: show(value, voice, do.arguments[name].source) for name, value in arguments.items()}


def _pays(do: Do, env: Env) -> Money | Unknown | None:
    arguments = arguments_of(do, env)
    return arguments if isinstance(arguments, Unknown) else pays_of(do.spec, arguments, env)


def _total(amounts: list[Money]) -> Money | None:
    currencies = {amount.currency for amount in amounts}
    return Money(sum(amount.minor for amount in amounts), currencies.pop()) if len(currencies) == 1 else None


_NOTHING = ApprovalSheet((), {}, "", "", None)
