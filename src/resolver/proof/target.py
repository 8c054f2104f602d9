"""What generated cases shall show: each rule, each bound of money and days, each word of a choice, each missing field.

Made for one plan by `casework`. A target comes as questions to a prover, and as a look at a played ticket that says
whether the ticket really shows it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import z3

from resolver.condition.calendar import Calendar
from resolver.condition.check import Checked
from resolver.condition.env import Env
from resolver.condition.evaluate import Compiled, compile_part
from resolver.condition.syntax import AtClock, Away, Compare, Constant, In, ListForm, Name, Syntax, children
from resolver.condition.types import Choice, MoneyType, Number, YesNo
from resolver.condition.values import Amount, Days, PerCurrency, Unknown, Value
from resolver.playbook.plan import Approve, Go, Plan
from resolver.playbook.policy import Policy
from resolver.proof.arrivals import Reached, rules_of
from resolver.proof.encode import Place, part_of
from resolver.proof.state import State
from resolver.proof.truth import Formula, Term, aligned, as_term, number

CENT = Decimal("0.01")
_Part = Callable[[Env], Value]
Miss = Decimal | bool
"""True: shown. A number: how much more the left side of a comparison should be. False: not shown."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing a case shall show.

    `claims` are tried in their order until one has a model; `looks` judges the moment of decision (the environment of
    the rules and the rule that applied, None if none did). `title` says it to whoever reviews the case; `clock` is the
    time of day, in the shop's zone, at which the customer writes, None if it does not matter.
    """

    name: str
    claims: tuple[Formula, ...]
    looks: Callable[[Env, str | None], Miss]
    title: str
    clock: time | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A condition with the tickets that come to it."""

    compiled: Compiled
    context: Formula
    place: str
    title: str


def targets_of(state: State, policy: Policy, currency: str) -> Iterator[Target]:
    """Every target of a plan, in the order of its file."""
    reached = list(rules_of(state))
    seen: set[str] = set()
    for one in (
        *_rules(state, reached, currency),
        *_bounds(state, reached, policy, currency),
        *_words(state, reached),
        *_missing(state, reached),
    ):
        if one.name not in seen:
            seen.add(one.name)
            yield one


def _rules(state: State, reached: Sequence[Reached], currency: str) -> Iterator[Target]:
    for one in reached:
        name = one.rule.id
        wanted = list(_wanted(state.plan, one.rule.when, currency)) if one.rule.when else []

        def looks(
            env: Env, applied: str | None, name: str = name, wanted: Sequence[_Wanted] = wanted
        ) -> Miss:
            misses = (miss for each in wanted if (miss := each(env)) is not None)
            return True if applied == name else next(misses, False)

        yield Target(f"rule {name}", (one.applies,), looks, f"rule {name} decides")


_Wanted = Callable[[Env], Decimal | None]
_CUT_BELOW = ("<", ">=")
"""Comparisons whose answer changes between N − 1 and N, not between N and N + 1."""
_SIDES = {">": CENT, ">=": Decimal(0), "<": -CENT, "<=": Decimal(0)}


def _wanted(plan: Plan, when: Compiled, currency: str) -> Iterator[_Wanted]:
    """For each comparison of money in a condition: how much more its left side should be, None if it holds."""
    for checked, node in _atoms(plan, when):
        money = isinstance(node, Compare) and isinstance(checked.types.get(node.left), MoneyType)
        if not isinstance(node, Compare) or not money or node.negated or node.operator not in _SIDES:
            continue
        first, second = compile_part(checked, node.left), compile_part(checked, node.right)
        away = _SIDES[node.operator]

        def miss(
            env: Env,
            first: _Part = first,
            second: _Part = second,
            away: Decimal = away,
            at: str = node.operator,
        ) -> Decimal | None:
            found = _difference(first(env), second(env), currency)
            if found is None or (found >= away if at in (">", ">=") else found <= away):
                return None
            return away - found

        yield miss


# -- bounds -------------------------------------------------------------------------------------------------------


def _bounds(state: State, reached: Sequence[Reached], policy: Policy, currency: str) -> Iterator[Target]:
    for asked in _asked(state, reached):
        for checked, node in _atoms(state.plan, asked.compiled):
            if isinstance(node, Compare) and isinstance(checked.types.get(node.left), MoneyType):
                yield from _of_money(state, asked, checked, node, currency)
            elif isinstance(node, Compare) and isinstance(checked.types.get(node.left), Number):
                yield from _of_number(state, asked, checked, node)
            elif isinstance(node, Compare) and AtClock in (type(node.left), type(node.right)):
                yield from _of_clock(state, asked, checked, node, policy.calendar)
            elif isinstance(node, Away) and isinstance(node.length, Constant):
                yield from _of_days(state, asked, checked, node, policy.calendar)


def _asked(state: State, reached: Sequence[Reached]) -> Iterator[_Asked]:
    """The conditions of rules, and those of approvals with the tickets that some rule leads there."""
    for one in reached:
        if one.rule.when is not None:
            yield _Asked(one.rule.when, one.before, f"rule {one.rule.id}", f"where rule {one.rule.id} asks")
    for outcome, steps in state.plan.outcomes.items():
        for step in steps:
            if isinstance(step, Approve) and step.when is not None:
                leading = [one.applies for one in reached if outcome in _line(state.plan, one.rule.then)]
                place = f"approval in {outcome}"
                yield _Asked(step.when, z3.Or(leading), place, f"before the approval of {outcome}")


def _line(plan: Plan, outcome: str) -> list[str]:
    """The outcomes of a straight line."""
    found = [outcome]
    while goes := [step.outcome for step in plan.outcomes[found[-1]] if isinstance(step, Go)]:
        found.append(goes[0])
    return found


def _atoms(plan: Plan, compiled: Compiled) -> Iterator[tuple[Checked, Syntax]]:
    """Every comparison of a condition and of the yes/no values it uses; those within list forms are of elements."""
    checked = compiled.checked
    todo = [checked.expression.root]
    while todo:
        node = todo.pop(0)
        if isinstance(node, ListForm):
            continue
        computed = (
            plan.computed.get(node.dotted) if isinstance(node, Name) and node not in checked.words else None
        )
        if computed is not None and isinstance(computed.value.type, YesNo):
            yield from _atoms(plan, computed.value)
        if isinstance(node, Compare | Away | In):
            yield checked, node
        todo += children(node)


def _of_money(
    state: State, asked: _Asked, checked: Checked, node: Compare, currency: str
) -> Iterator[Target]:
    place = Place(state.find)
    left = as_term(part_of(state.world, checked, place, node.left))
    right = as_term(part_of(state.world, checked, place, node.right))
    known, x, y, _ = aligned(left, right)
    first, second = compile_part(checked, node.left), compile_part(checked, node.right)
    what, other = (_source(checked, one) for one in (node.left, node.right))
    for away, words in ((-CENT, f"{CENT} below"), (Decimal(0), "exactly"), (CENT, f"{CENT} above")):
        claim = z3.And(known, x - y == number(Fraction(away)))

        def looks(env: Env, _: str | None, away: Decimal = away) -> Miss:
            found = _difference(first(env), second(env), currency)
            return False if found is None else True if found == away else away - found

        yield Target(
            f"{what} is {words} {other} ({asked.place})",
            (z3.And(asked.context, claim), claim),
            looks,
            f"{what} is {words.replace(f'{CENT}', f'{CENT} {currency}')} {other}, {asked.title}",
        )


def _of_number(state: State, asked: _Asked, checked: Checked, node: Compare) -> Iterator[Target]:
    """The two whole numbers between which the answer changes, where a value is compared with one."""
    bound = node.right.value if isinstance(node.right, Constant) else None
    if not isinstance(bound, Decimal) or bound != int(bound) or node.operator not in _SIDES:
        return
    value = as_term(part_of(state.world, checked, Place(state.find), node.left))
    seen, what = compile_part(checked, node.left), _source(checked, node.left)
    first = max(int(bound) - (node.operator in _CUT_BELOW), 0)
    for count in (first, first + 1):
        claim = z3.And(value.known, value.value == count)

        def looks(env: Env, _: str | None, count: int = count) -> Miss:
            return seen(env) == count

        yield Target(
            f"{what} is {count} ({asked.place})",
            (z3.And(asked.context, claim), claim),
            looks,
            f"{what} is {count}, {asked.title}",
        )


def _difference(left: Value, right: Value, currency: str) -> Decimal | None:
    amounts = []
    for value in (left, right):
        found = value.in_currency(currency) if isinstance(value, PerCurrency) else value
        number = found.value if isinstance(found, Amount) else found
        if not isinstance(number, Decimal | Fraction):
            return None
        amounts.append(number)
    difference = Fraction(amounts[0]) - Fraction(amounts[1])
    return Decimal(difference.numerator) / Decimal(difference.denominator)


def _of_days(
    state: State, asked: _Asked, checked: Checked, node: Away, calendar: Calendar
) -> Iterator[Target]:
    length = node.length.value if isinstance(node.length, Constant) else None
    if not isinstance(length, Days) or length.business:
        return
    instant = as_term(part_of(state.world, checked, Place(state.find), node.instant))
    sign = -1 if node.direction == "ago" else 1
    seen, what = compile_part(checked, node.instant), _source(checked, node.instant)
    first = max(length.count - (node.operator in _CUT_BELOW), 0)
    for count in (first, first + 1):
        claim = z3.And(instant.known, instant.day == sign * count)

        def looks(env: Env, _: str | None, count: int = count) -> Miss:
            value = seen(env)
            if not isinstance(value, date):
                return False
            day = calendar.day_of(value) if isinstance(value, datetime) else value
            return (day - calendar.day_of(env.now)).days == sign * count

        yield Target(
            f"{what} is {count} days {node.direction} ({asked.place})",
            (z3.And(asked.context, claim), claim),
            looks,
            f"{what} is {count} day{'' if count == 1 else 's'} {node.direction}, {asked.title}",
        )


def _of_clock(
    state: State, asked: _Asked, checked: Checked, node: Compare, calendar: Calendar
) -> Iterator[Target]:
    """The minute before a clock time and the time itself, on the day that is meant."""
    for side in (node.left, node.right):
        if not isinstance(side, AtClock):
            continue
        what, seen = _source(checked, side), compile_part(checked, side)
        day = as_term(part_of(state.world, checked, Place(state.find), side.operand))
        claim = z3.And(day.known, day.day == 0)
        at = datetime.combine(date(2000, 1, 2), side.clock)
        for clock in ((at - timedelta(minutes=1)).time(), at.time()):

            def looks(env: Env, _: str | None, clock: time = clock, seen: _Part = seen) -> Miss:
                meant, now = seen(env), env.now.astimezone(calendar.zone)
                same = isinstance(meant, datetime) and calendar.day_of(meant) == now.date()
                return same and now.time() == clock

            yield Target(
                f"{clock:%H:%M} of {what} ({asked.place})",
                (z3.And(asked.context, claim), claim),
                looks,
                f"it is {clock:%H:%M} and {what} is meant, {asked.title}",
                clock=clock,
            )


# -- words and missing values -------------------------------------------------------------------------------------


def _words(state: State, reached: Sequence[Reached]) -> Iterator[Target]:
    """Every word of every choice that a rule reads."""
    for one in reached:
        for checked, node in _atoms(state.plan, one.rule.when) if one.rule.when else ():
            side = node.left if isinstance(node, Compare | In) else None
            type_ = checked.types.get(side) if isinstance(side, Name) else None
            if not isinstance(side, Name) or not isinstance(type_, Choice):
                continue
            value = as_term(part_of(state.world, checked, Place(state.find), side))
            seen = compile_part(checked, side)
            for word in type_.options:
                claim = z3.And(value.known, value.value == state.world.word(word))

                def looks(
                    env: Env, _: str | None, word: str = word, seen: Callable[[Env], Value] = seen
                ) -> Miss:
                    return seen(env) == word

                name = f"{side.dotted} is {word}"
                yield Target(name, (z3.And(one.before, claim), claim), looks, name)


def _missing(state: State, reached: Sequence[Reached]) -> Iterator[Target]:
    """Every field that a rule reads and that may be missing, missing once."""
    for one in reached:
        for checked, dotted in _may_be_missing(state.plan, one.rule.when):
            node = next(
                (each for each in checked.types if isinstance(each, Name) and each.dotted == dotted), None
            )
            if node is None or dotted.startswith("limits."):
                continue
            value = part_of(state.world, checked, Place(state.find), node)
            claim = z3.Not(value.known)
            seen = compile_part(checked, node)

            def looks(env: Env, _: str | None, seen: Callable[[Env], Value] = seen) -> Miss:
                return isinstance(seen(env), Unknown)

            name = f"{dotted} is missing"
            yield Target(name, (z3.And(one.before, claim), claim), looks, name)


def _may_be_missing(plan: Plan, compiled: Compiled | None) -> Iterator[tuple[Checked, str]]:
    if compiled is None:
        return
    for dotted in compiled.checked.may_be_missing:
        yield compiled.checked, dotted
    for name in compiled.names:
        computed = plan.computed.get(name)
        if computed is not None:
            yield from _may_be_missing(plan, computed.value)


# -- parts --------------------------------------------------------------------------------------------------------


def _source(checked: Checked, node: Syntax) -> str:
    return " ".join(checked.expression.source(node).split())


def fixed(state: State, policy: Policy, currency: str) -> Formula:
    """The policy's amounts and one currency: what a case is played with, unlike a proof."""
    world = state.world
    code = world.currency(currency)
    held: list[Formula] = []
    for path, symbol in list(world.symbols.items()):
        if not isinstance(symbol, Term):
            continue
        if symbol.per is not None:
            amount = policy.limits.get(path.removeprefix("limits."), {}).get(currency)
            limit = symbol.per(z3.IntVal(code))
            held += [limit.known, limit.value == number(Fraction(amount.amount))] if amount else []
        elif symbol.currency is not None and "[]" not in path:
            held.append(symbol.currency == code)
    return z3.And(held)
