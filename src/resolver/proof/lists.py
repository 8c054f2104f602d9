"""Lists as a prover sees them: what is said of all their elements is a symbol, tied to others by what holds of one.

Used by `encode` for `any of`, `count of`, `sum of`. Each tie is justified by a small question about one element: if
every element that counts here counts there too, and for no less, the sum there is no smaller.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations
from typing import TYPE_CHECKING

import z3

from resolver.condition.check import Checked
from resolver.condition.syntax import ListForm
from resolver.condition.types import ListOf, MoneyType, Type
from resolver.proof.encode import Place, part_of
from resolver.proof.truth import ANY_CURRENCY, TRUE, Formula, Term, Truth, as_term, as_truth, number

if TYPE_CHECKING:
    from resolver.proof.world import World


@dataclass(frozen=True, slots=True)
class _Form:
    """One list form: over which list, which elements count, for how much, and the symbol of the whole.

    `known` says whether the list is; `counts` is None for `any`.
    """

    path: str
    known: Formula
    keep: Truth
    counts: Term | None
    whole: Term | Truth

    @property
    def settled(self) -> Formula:
        """Whether it is known of one element if, and for how much, it counts."""
        if self.counts is None:
            return self.keep.known
        return z3.Or(self.keep.no, z3.And(self.keep.yes, self.counts.known))


def _questions() -> z3.Solver:
    """One solver for all small questions, which are many and share what holds anyway."""
    solver = z3.Solver()
    solver.set("rlimit", 100_000)
    return solver


@dataclass(slots=True)
class Lists:
    """The lists and list forms of a world.

    `sources` has for a list the one its elements were chosen from, `holds` what holds of each element of a list
    besides its type's facts, `filled` the lists that have an element where they are known.
    """

    world: "World"
    sources: dict[str, str] = field(default_factory=dict)
    holds: dict[str, list[Formula]] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    _forms: dict[str, _Form] = field(default_factory=dict)
    _solver: z3.Solver = field(default_factory=_questions)
    _told: int = 0

    def element(self, path: str, type_: Type) -> tuple[Term | Truth, Type]:
        """One element of a list, standing for all of them: the same one for a list and what was chosen from it."""
        source = self.origin(path)
        return self.world.symbol(f"{source}[]", type_, z3.BoolVal(True)), type_

    def origin(self, path: str) -> str:
        """The list at the beginning of a chain of choices."""
        while path in self.sources:
            path = self.sources[path]
        return path

    def form(self, checked: Checked, place: Place, node: ListForm) -> Term | Truth:
        """The symbol of a list form."""
        found = as_term(part_of(self.world, checked, place, node.source))
        element = self.element(found.path, element_type(checked.types[node.source]))
        inside = Place(place.find, element)
        keep = as_truth(
            part_of(self.world, checked, inside, node.filter) if node.filter is not None else TRUE
        )
        match node.kind:
            case "all":
                return self.any_of(found, keep.negated()).negated()
            case "none":
                return self.any_of(found, keep).negated()
            case "sum" if node.summand is not None:
                summand = as_term(part_of(self.world, checked, inside, node.summand))
                return self._sum(found, keep, summand, money=isinstance(checked.types[node], MoneyType))
            case "count":
                return self._sum(found, keep, Term(z3.BoolVal(True), number(1)), money=False)
        return self.any_of(found, keep)

    def any_of(self, source: Term, keep: Truth) -> Truth:
        """The symbol of whether the condition holds of an element of a list."""
        name = f"any of {source.path} where {_written(keep.yes)}"
        if name not in self._forms:
            yes, no = z3.Bool(name), z3.Bool(f"not {name}")
            self.world.held += [z3.Not(z3.And(yes, no)), z3.Implies(z3.Or(yes, no), source.known)]
            if self._always(source.path, keep.known):
                self.world.held.append(z3.Implies(source.known, z3.Or(yes, no)))
            if self._always(source.path, keep.no):
                self.world.held.append(z3.Implies(source.known, no))
            if source.path in self.filled and self._always(source.path, keep.yes):
                self.world.held.append(z3.Implies(source.known, yes))
            self._add(name, _Form(source.path, source.known, keep, None, Truth(yes, no)))
        return as_truth(self._forms[name].whole)

    def member(self, path: str) -> Formula:
        """What holds of the element that stands for all, if it is one of this list: no form over it is settled else."""
        held = [*self._held_of(path)]
        for form in self._forms.values():
            if not self._within(path, form.path):
                continue
            if isinstance(form.whole, Truth):
                held.append(z3.Implies(form.whole.no, form.keep.no))
            else:
                held.append(z3.Implies(form.whole.known, form.settled))
        return z3.And(held)

    # -- symbols --------------------------------------------------------------------------------------------------

    def _sum(self, source: Term, keep: Truth, summand: Term, *, money: bool) -> Term:
        name = f"sum of {_written(summand.value)} in {source.path} where {_written(keep.yes)}"
        if name not in self._forms:
            known = z3.Bool(f"known {name}")
            whole = Term(known, z3.Real(name), z3.Int(f"currency of {name}") if money else None)
            self.world.held.append(z3.Implies(known, source.known))
            if self._always(source.path, z3.And(keep.known, summand.known)):
                self.world.held.append(z3.Implies(source.known, known))
            if money:
                self.world.held += [
                    whole.currency >= ANY_CURRENCY,
                    z3.Implies(whole.currency == ANY_CURRENCY, whole.value == 0),
                ]
            if self._always(source.path, z3.Implies(keep.yes, summand.value >= 0)):
                self.world.held.append(whole.value >= 0)
            if self._always(source.path, z3.Implies(keep.yes, summand.value <= 0)):
                self.world.held.append(whole.value <= 0)
            self._add(name, _Form(source.path, source.known, keep, summand, whole))
            self.any_of(source, keep)
            if source.path in self.filled:
                self.any_of(source, TRUE)
        return as_term(self._forms[name].whole)

    # -- ties -----------------------------------------------------------------------------------------------------

    def _add(self, name: str, form: _Form) -> None:
        others = list(self._forms.values())
        self._forms[name] = form
        for other in others:
            for first, second in permutations((form, other)):
                if self._within(first.path, second.path):
                    self._tie(first, second)
                self._surely_there(first, second)
                if (
                    self._within(second.path, first.path)
                    and first.counts is None
                    and second.counts is not None
                ):
                    self._empty(first, second)

    def _within(self, inner: str, outer: str) -> bool:
        """Whether every element of a list is one of the other."""
        path: str | None = inner
        while path is not None and path != outer:
            path = self.sources.get(path)
        return path == outer

    def _tie(self, inner: _Form, outer: _Form) -> None:
        """What follows for a form over the same list, or over that which the elements were chosen from."""
        there, held = z3.Implies(inner.keep.yes, outer.keep.yes), self.world.held
        if isinstance(inner.whole, Truth) and isinstance(outer.whole, Truth):
            if self._always(inner.path, there):
                held.append(z3.Implies(z3.And(inner.whole.yes, outer.known), outer.whole.yes))
            if self._always(inner.path, z3.Implies(outer.keep.no, inner.keep.no)):
                held.append(z3.Implies(z3.And(outer.whole.no, inner.known), inner.whole.no))
        elif isinstance(inner.whole, Truth) and outer.counts is not None and isinstance(outer.whole, Term):
            more = z3.And(outer.keep.yes, outer.counts.value > 0)
            rest = z3.Implies(outer.keep.yes, outer.counts.value >= 0)
            if self._always(inner.path, z3.Implies(inner.keep.yes, more)) and self._always(outer.path, rest):
                least = 1 if self._always(inner.path, outer.counts.value >= 1) else 0
                above = outer.whole.value >= least if least else outer.whole.value > 0
                held.append(z3.Implies(z3.And(inner.whole.yes, outer.whole.known), above))
        elif isinstance(inner.whole, Term) and isinstance(outer.whole, Term):
            self._no_more(inner, outer)

    def _no_more(self, inner: _Form, outer: _Form) -> None:
        a, b = inner.whole, outer.whole
        if not (isinstance(a, Term) and isinstance(b, Term) and inner.counts and outer.counts):
            return
        if (a.currency is None) != (b.currency is None):
            return
        less = z3.Implies(inner.keep.yes, z3.And(outer.keep.yes, inner.counts.value <= outer.counts.value))
        rest = z3.Implies(outer.keep.yes, outer.counts.value >= 0)
        if not (self._always(inner.path, less) and self._always(outer.path, rest)):
            return
        follows = [a.value <= b.value]
        if a.currency is not None:
            follows.append(z3.Or(a.currency == b.currency, a.currency == ANY_CURRENCY))
        self.world.held.append(z3.Implies(z3.And(a.known, b.known), z3.And(follows)))

    def _surely_there(self, form: _Form, other: _Form) -> None:
        """What follows where one says of all its elements, or of one there surely is, how the other stands to them.

        An `any` that counts it is yes. Where nobody can tell whether it counts, the whole is unknown; an `any` may
        still be yes for another element, unless all of its elements are such.
        """
        none, whole = other.whole, form.whole
        all_are = self._within(form.path, other.path) and form.path in self.filled
        one_is = self._within(other.path, form.path) and other.path in self.filled
        if not isinstance(none, Truth) or not (all_are or one_is):
            return
        path, here = form.path if all_are else other.path, z3.And(none.no, form.known)
        if isinstance(whole, Truth) and self._always(path, z3.Implies(other.keep.no, form.keep.yes)):
            self.world.held.append(z3.Implies(here, whole.yes))
        elif self._always(path, z3.Implies(other.keep.no, z3.Not(form.settled))):
            known = whole.no if isinstance(whole, Truth) and not all_are else whole.known
            self.world.held.append(z3.Implies(here, z3.Not(known)))

    def _empty(self, outer: _Form, inner: _Form) -> None:
        """Where no element is meant, those that are among them add up to nothing."""
        none, total = outer.whole, inner.whole
        meant = z3.Implies(z3.Not(outer.keep.yes), z3.Not(inner.keep.yes))
        if isinstance(none, Truth) and isinstance(total, Term) and self._always(inner.path, meant):
            self.world.held.append(z3.Implies(z3.And(none.no, total.known), total.value == 0))

    def _always(self, path: str, claim: Formula) -> bool:
        """Whether something holds of every element of a list."""
        solver, held = self._solver, self.world.held
        solver.add(*held[self._told :])
        self._told = len(held)
        solver.push()
        solver.add(*self._held_of(path), z3.Not(claim))
        answer = solver.check()
        solver.pop()
        return bool(answer == z3.unsat)

    def _held_of(self, path: str) -> Iterator[Formula]:
        """What holds of each element of a list, and of those it was chosen from."""
        step: str | None = path
        while step is not None:
            yield from self.holds.get(step, ())
            step = self.sources.get(step)


def element_type(type_: Type) -> Type:
    """What a list holds; `TypeError` would be a mistake of ours."""
    if isinstance(type_, ListOf):
        return type_.element
    raise TypeError("no list stands where one was expected")


def _written(formula: Formula) -> str:
    return " ".join(str(z3.simplify(formula)).split())
