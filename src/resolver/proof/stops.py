"""What can stop a rule, and for lack of what: exactly the names a ticket that stops there would be handed over with.

Called by `lint` and `prove` (P15 of LANGUAGE 14). It follows the causes of an unknown value as `condition.closures`
does: what settles an `and` or `or` hides what is unknown beside it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import z3

from resolver.condition.check import Checked
from resolver.condition.syntax import (
    Add,
    Compare,
    Constant,
    In,
    Known,
    ListForm,
    Logic,
    Name,
    Pick,
    Syntax,
    children,
    walk,
)
from resolver.condition.types import MoneyType
from resolver.playbook.plan import Plan, Rule
from resolver.playbook.policy import Policy
from resolver.proof.arrivals import Reached, rules_of
from resolver.proof.encode import Place, part_of
from resolver.proof.lists import element_type
from resolver.proof.state import State
from resolver.proof.truth import Formula, aligned, as_term, as_truth

BUDGET = 3_000_000
"""What one question may cost, in the prover's own unit; one that costs more is answered with yes."""
_CLOCK = ("now", "today")


@dataclass(frozen=True, slots=True)
class Lack:
    """What a condition can lack: the value of one name, or a currency that fits all `names`.

    `says` is the half-sentence behind "if", `remedy` what to write where the stop is not meant. It `follows` if it is
    of a slot or record, which are unknown where something else is.
    """

    names: tuple[str, ...]
    says: str
    remedy: str
    currency: bool = False
    follows: bool = False

    @classmethod
    def of_name(cls, name: str) -> "Lack":
        """A value outside lists that is not there."""
        return cls((name,), f"{name} is missing", f"add '{name} is known and …' if that is meant")


@dataclass(frozen=True, slots=True)
class Stop:
    """A rule at which some tickets stop, with everything one of them can lack there, in reading order.

    `told` leaves out what is lacked only because something else is.
    """

    rule: Rule
    lacks: tuple[Lack, ...]
    told: tuple[Lack, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a handoff from here can name."""
        return tuple(dict.fromkeys(name for lack in self.lacks for name in lack.names))

    def __str__(self) -> str:
        """`stops if A is missing, or if …`."""
        return f"stops {', or '.join(dict.fromkeys(f'if {lack.says}' for lack in self.told))}"


def stops_of(plan: Plan, policy: Policy) -> tuple[Stop, ...]:
    """The rules of a plan at which some ticket stops, in their order, with the policy's limits as they are."""
    state = State.of(plan, limits={name: tuple(amounts) for name, amounts in policy.limits.items()})
    return tuple(_stops(state, list(rules_of(state))))


def lacks_of(state: State, rule: Rule) -> "Lacks":
    """Everything the condition of a rule can lack, with the tickets for which it is the cause."""
    if rule.when is None:
        return {}
    checked = rule.when.checked
    return _Causes(state).of(checked, Place(state.find), checked.expression.root)


def _stops(state: State, reached: Sequence[Reached]) -> Iterator[Stop]:
    found = [(one, lacks_of(state, one.rule)) for one in reached if one.rule.when is not None]
    solver = z3.Solver()
    solver.set("rlimit", BUDGET)
    solver.add(*state.world.held)  # all of it: every question above may have added something
    for one, lacks in found:
        there = {lack: here for lack, here in lacks.items() if _possible(solver, z3.And(one.stops, here))}
        if there:
            yield Stop(one.rule, tuple(there), _reasons(solver, one, there))


def _reasons(solver: z3.Solver, one: Reached, lacks: "Lacks") -> tuple[Lack, ...]:
    """Without the slots and records that are never lacked alone."""
    told = dict(lacks)
    for lack, here in lacks.items():
        others = [away for other, away in told.items() if other != lack]
        follows = lack.follows and others
        if follows and not _possible(solver, z3.And(one.stops, here, z3.Not(z3.Or(others)))):
            del told[lack]
    return tuple(told)


def _possible(solver: z3.Solver, claim: Formula) -> bool:
    solver.push()
    solver.add(claim)
    answer = solver.check()
    solver.pop()
    return bool(answer != z3.unsat)


Lacks = dict[Lack, Formula]
"""What an expression can lack → the tickets for which it is unknown and this is among the causes."""


@dataclass(frozen=True, slots=True)
class _Causes:
    state: State

    def of(self, checked: Checked, place: Place, node: Syntax, inside: str = "") -> Lacks:
        """The causes of a node; `inside` is the list whose element it is about."""
        match node:
            case Constant() | Known():
                return {}
            case Name():
                return self._name(checked, place, node, inside)
            case ListForm():
                return self._list(checked, place, node)
            case In(left=left, options=options):
                parts: Iterable[Syntax] = [
                    Compare(one.start, one.end, "=", "is", left, one) for one in options
                ]
            case _:
                parts = children(node)
        found = _together(self.of(checked, place, one, inside) for one in parts)
        if isinstance(node, Compare | Add | Pick) and isinstance(checked.types.get(node.left), MoneyType):
            found |= self._currencies(checked, place, node, inside)
        if isinstance(node, Logic | In):
            unknown = z3.Not(self._known(checked, place, node))
            found = {lack: z3.And(unknown, here) for lack, here in found.items()}
        return found

    def _known(self, checked: Checked, place: Place, node: Syntax) -> Formula:
        return part_of(self.state.world, checked, place, node).known

    def _name(self, checked: Checked, place: Place, node: Name, inside: str) -> Lacks:
        if node in checked.words or node.dotted in _CLOCK:
            return {}
        head, *rest = node.parts
        found: Lacks = {}
        if node in checked.elements and place.element is not None:
            value, type_ = place.element
            name, rest = inside, rest if head == "it" else list(node.parts)
        else:
            value, type_ = place.find(head)
            name, found = head, self._root(head, value.known)
        for part in rest:
            before, name = value.known, f"{name}.{part}"
            value, type_ = self.state.world.field_of(as_term(value), type_, part)
            lack = _of_element(name, inside) if inside and node in checked.elements else Lack.of_name(name)
            found[lack] = z3.And(before, z3.Not(value.known))
        return found

    def _root(self, name: str, known: Formula) -> Lacks:
        plan = self.state.plan
        computed = plan.computed.get(name)
        if computed is None:
            return {_of_root(plan, name): z3.Not(known)}
        checked = computed.value.checked
        return self.of(checked, Place(self.state.find), checked.expression.root)

    def _currencies(self, checked: Checked, place: Place, node: Compare | Add | Pick, inside: str) -> Lacks:
        world = self.state.world
        left = as_term(part_of(world, checked, place, node.left))
        right = as_term(part_of(world, checked, place, node.right))
        apart = z3.And(left.known, right.known, z3.Not(aligned(left, right)[0]))
        written = " ".join(checked.expression.source(node).split())
        return {_of_amounts(tuple(_names(checked, node, inside)), written): apart}

    def _list(self, checked: Checked, place: Place, node: ListForm) -> Lacks:
        """An unknown list; or one element of it, for which it is not known whether or for how much it counts."""
        world = self.state.world
        source = as_term(part_of(world, checked, place, node.source))
        found = self._name(checked, place, node.source, "")
        inside = Place(place.find, world.lists.element(source.path, element_type(checked.types[node.source])))
        of_element: Lacks = {}
        counts: Formula = z3.BoolVal(True)
        if node.filter is not None:
            of_element |= self.of(checked, inside, node.filter, node.source.dotted)
            counts = as_truth(part_of(world, checked, inside, node.filter)).yes
        if node.summand is not None:
            summed = self.of(checked, inside, node.summand, node.source.dotted)
            counted = {lack: z3.And(counts, here) for lack, here in summed.items()}
            of_element = _together((of_element, counted))
        unknown = z3.And(source.known, z3.Not(self._known(checked, place, node)))
        member = world.lists.member(source.path)
        return _together((found, {lack: z3.And(unknown, member, here) for lack, here in of_element.items()}))


# -- in words -----------------------------------------------------------------------------------------------------


def _of_root(plan: Plan, name: str) -> Lack:
    """A slot that nobody was asked for, or a record that cannot be looked up."""
    slot, look_up = plan.slots.get(name), plan.look_ups.get(name)
    if slot is not None and slot.when is not None:
        says = f"{name} was not asked for (that is done only where '{slot.when.source}' is yes)"
        remedy = f"add '{name} is known and …', or let a rule above catch every other ticket"
    elif slot is not None:
        says = f"there was nothing to choose {name} from"
        remedy = f"add '{name} is known and …', or let a rule above catch that"
    elif look_up is not None:
        needs = ", ".join(one for value in look_up.arguments.values() for one in value.names)
        says = f"{name} was not looked up ({needs} is missing)"
        remedy = f"let a rule above ask whether '{needs} is known'"
    else:
        return Lack.of_name(name)
    return Lack((name,), says, remedy, follows=True)


def _of_element(name: str, inside: str) -> Lack:
    """A field of one element of a list."""
    field = name.removeprefix(f"{inside}.")
    says = f"{field} is missing for one of {inside}"
    remedy = (
        f"a person gets a ticket of which one of {inside} has no {field}; to leave such ones out instead, write "
        f"'where ({field} is known and …)' behind '{inside}'"
    )
    return Lack((name,), says, remedy)


def _of_amounts(names: tuple[str, ...], written: str) -> Lack:
    """Amounts that cannot be compared or added up."""
    limit = next((name for name in names if name.startswith("limits.")), None)
    others = [name for name in names if name != limit]
    if limit is None or len(others) != 1:
        says = f"the amounts in '{written}' are in two currencies"
        return Lack(names, says, "let a rule above catch other currencies, if there are any", currency=True)
    says = f"{limit} has no amount in the currency of {others[0]}"
    remedy = (
        f"write an amount in each of your currencies behind '{limit.removeprefix('limits.')}:' in policy.yaml"
    )
    return Lack(names, says, remedy, currency=True)


def _names(checked: Checked, node: Syntax, inside: str) -> Iterator[str]:
    """The names below a node, as `condition.evaluate` calls them."""
    seen = {}
    for one in walk(node):
        if isinstance(one, Name) and one not in checked.words:
            rest = one.parts[1:] if one.parts[0] == "it" else one.parts
            seen[".".join((inside, *rest)) if one in checked.elements else one.dotted] = True
    yield from seen


def _together(several: Iterable[Mapping[Lack, Formula]]) -> Lacks:
    found: dict[Lack, list[Formula]] = {}
    for one in several:
        for lack, here in one.items():
            found.setdefault(lack, []).append(here)
    return {lack: ways[0] if len(ways) == 1 else z3.Or(ways) for lack, ways in found.items()}
