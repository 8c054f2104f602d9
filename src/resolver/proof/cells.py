"""The completeness engine: over all combinations of cells, which rules can apply and which stop.

Called by `lint` for every playbook; no prover is needed. It may look at combinations that cannot happen, never the
other way round: what it says can never be, can never be. Logic is Kleene's, as at run time (LANGUAGE 3.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.condition.check import Checked
from resolver.condition.evaluate import Compiled
from resolver.condition.syntax import Constant, Known, Logic, Name, Not, Syntax
from resolver.condition.types import YesNo
from resolver.playbook.plan import Plan, Rule
from resolver.proof.axis import Atom, Axis, atom_of, axis_of

MOST = 100_000
"""More combinations than that are left to a prover."""
NO, UNKNOWN, YES = 0, 1, 2

Answers = NDArray[np.int8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a rule: whether it can apply at all, what covers it, and what it can stop for.

    `always_stops`: every ticket that comes to it stops there.
    """

    rule: Rule
    can_apply: bool
    covered_by: tuple[str, ...]
    stops_for: tuple[str, ...]
    always_stops: bool = False


def judge(plan: Plan) -> tuple[Judgement, ...] | None:
    """The rules of a plan, judged over all combinations; None if there are more than `MOST`."""
    grid = _Grid(plan)
    if grid.size > MOST:
        return None
    shape = grid.shape
    open_: Mask = np.broadcast_to(grid.possible(), shape).copy()
    found: list[Judgement] = []
    applies: dict[str, Mask] = {}
    for rule in plan.rules:
        answers = np.broadcast_to(grid.condition(rule.when), shape)
        here: Mask = open_ & (answers == YES)
        covered = tuple(name for name, mask in applies.items() if bool((mask & (answers == YES)).any()))
        stops = grid.stopping(rule, open_ & (answers == UNKNOWN))
        always = bool(open_.any()) and not bool((open_ & (answers != UNKNOWN)).any())
        found.append(Judgement(rule, bool(here.any()), covered, stops, always))
        applies[rule.id] = answers != NO
        open_ = open_ & (answers == NO)
    return tuple(found)


def unreachable(plan: Plan) -> frozenset[str]:
    """The rules that surely apply to no ticket; none are named where there are too many combinations to look at."""
    judged = judge(plan)
    return frozenset(one.rule.id for one in judged if not one.can_apply) if judged else frozenset()


@dataclass(slots=True)
class _Grid:
    """Every axis of a plan's conditions, and answers over all combinations of their cells."""

    plan: Plan
    axes: dict[str, Axis] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for compiled in self._conditions():
            self._collect(compiled.checked, compiled.checked.expression.root)
        self.order = {name: place for place, name in enumerate(self.axes)}
        for axis in self.axes.values():
            asked, missing = self._behind(axis)
            axis.follows, axis.may_be_unknown = bool(asked), bool(asked) or missing

    def _conditions(self) -> list[Compiled]:
        whens = [rule.when for rule in self.plan.rules if rule.when]
        return [*whens, *(slot.when for slot in self.plan.slots.values() if slot.when)]

    # -- axes -----------------------------------------------------------------------------------------------------

    def _collect(self, checked: Checked, node: Syntax) -> None:
        match node:
            case Constant():
                return
            case Logic(operands=operands):
                for operand in operands:
                    self._collect(checked, operand)
            case Not(operand=operand):
                self._collect(checked, operand)
            case Known(operand=operand):
                atom = axis_of(checked, operand)
                if atom is not None and not self._of_name(atom.axis):
                    self._add(atom)
            case Name() if (inner := self._computed(node)) is not None:
                self._collect(inner.checked, inner.checked.expression.root)
            case _:
                self._add(atom_of(checked, node))

    def _add(self, atom: Atom) -> None:
        known = self.axes.get(atom.axis)
        if known is None or (known.kind == "known" and atom.kind != "known"):
            self.axes[atom.axis] = Axis(atom.axis, atom.kind, atom.names)
        axis = self.axes[atom.axis]
        axis.cuts.update(atom.cuts)
        axis.options |= frozenset(atom.options)

    def _of_name(self, dotted: str) -> list[Axis]:
        """The axes that a name alone decides: its own, or how many days ago it is."""
        return [axis for axis in self.axes.values() if axis.names == (dotted,)]

    def _computed(self, node: Name) -> Compiled | None:
        """The expression behind a computed yes or no."""
        one = self.plan.computed.get(node.dotted)
        return one.value if one is not None and isinstance(one.value.type, YesNo) else None

    @property
    def shape(self) -> tuple[int, ...]:
        """How many cells each axis has, unknown included."""
        return tuple(len(axis.cells) + axis.may_be_unknown for axis in self.axes.values())

    @property
    def size(self) -> int:
        """The number of combinations."""
        return prod(self.shape)

    def _along(self, axis: str, values: Sequence[int]) -> Answers:
        """Values of one axis' cells, the unknown one last, ready to be combined with those of others."""
        values = values if self.axes[axis].may_be_unknown else values[:-1]
        shape = [1] * len(self.axes)
        shape[self.order[axis]] = len(values)
        return np.array(values, dtype=np.int8).reshape(shape)

    def _is_unknown(self, axis: str) -> Answers:
        return self._along(axis, [*([0] * len(self.axes[axis].cells)), 1])

    # -- answers --------------------------------------------------------------------------------------------------

    def condition(self, compiled: Compiled | None) -> Answers:
        """The answers of a condition; nothing written is always yes."""
        if compiled is None:
            return np.full((1,) * len(self.axes), YES, dtype=np.int8)
        return self._answers(compiled.checked, compiled.checked.expression.root)

    def _answers(self, checked: Checked, node: Syntax) -> Answers:
        match node:
            case Constant(value=value):
                return np.full((1,) * len(self.axes), YES if value is True else NO, dtype=np.int8)
            case Logic(word=word, operands=operands):
                combine: Any = np.minimum if word == "and" else np.maximum
                found = self._answers(checked, operands[0])
                for operand in operands[1:]:
                    found = combine(found, self._answers(checked, operand))
                return found
            case Not(operand=operand):
                return np.asarray(YES - self._answers(checked, operand), dtype=np.int8)
            case Known(operand=operand, negated=negated):
                return self._known(checked, operand, negated=negated)
            case Name() if (inner := self._computed(node)) is not None:
                return self._answers(inner.checked, inner.checked.expression.root)
        atom = atom_of(checked, node)
        values = [_level(atom.answers(cell)) for cell in self.axes[atom.axis].cells]
        return self._along(atom.axis, [*values, UNKNOWN])

    def _known(self, checked: Checked, operand: Syntax, *, negated: bool) -> Answers:
        atom = axis_of(checked, operand)
        axes = self._of_name(atom.axis) if atom else []
        if not axes:
            return np.full((1,) * len(self.axes), UNKNOWN, dtype=np.int8)
        unknown = self._is_unknown(axes[0].name)
        return np.asarray(unknown * YES if negated else (1 - unknown) * YES, dtype=np.int8)

    # -- what can happen ------------------------------------------------------------------------------------------

    def possible(self) -> Mask:
        """The combinations that are not surely impossible: what is always known is never unknown, and so on."""
        mask: Mask = np.ones((1,) * len(self.axes), dtype=bool)
        for axis in self.axes.values():
            unknown = self._is_unknown(axis.name) == 1
            asked, missing = self._behind(axis)
            needed = [self.condition(self.plan.slots[name].when) == YES for name in sorted(asked)]
            if needed:
                all_asked = np.logical_and.reduce(np.broadcast_arrays(*needed))
                mask = mask & (all_asked | unknown)
                mask = mask if missing else mask & (~all_asked | ~unknown)
        for dotted in {name for axis in self.axes.values() for name in axis.names if len(axis.names) == 1}:
            first, *others = self._of_name(dotted)
            for other in others:
                mask = mask & (self._is_unknown(first.name) == self._is_unknown(other.name))
        return mask

    def _behind(self, axis: Axis) -> tuple[set[str], bool]:
        """The slots asked only sometimes that an axis needs, and whether anything in it may be missing."""
        asked: set[str] = set()
        missing = False
        todo, seen = list(axis.names), set[str]()
        while todo:
            dotted = todo.pop()
            if dotted in seen:
                continue
            seen.add(dotted)
            root = dotted.partition(".")[0]
            slot, computed = self.plan.slots.get(root), self.plan.computed.get(root)
            if slot is not None and slot.when is not None:
                asked.add(root)
            if computed is not None:
                todo += computed.value.names
                missing = missing or bool(computed.value.checked.may_be_missing)
            missing = missing or dotted in self._may_be_missing or _of_lists(axis)
        return asked, missing

    @property
    def _may_be_missing(self) -> frozenset[str]:
        compiled = [*self._conditions(), *(one.value for one in self.plan.computed.values())]
        return frozenset(name for one in compiled for name in one.checked.may_be_missing)

    # -- what stops ---------------------------------------------------------------------------------------------------

    def stopping(self, rule: Rule, where: Mask) -> tuple[str, ...]:
        """The names for whose absence alone the rule stops."""
        if not bool(where.any()) or rule.when is None:
            return ()
        found: dict[str, None] = {}
        for axis in self.axes.values():
            if not axis.may_be_unknown:
                continue
            place = self.order[axis.name]
            only = np.take(where, [len(axis.cells)], axis=place)
            for other in self.axes.values():
                if other.names != axis.names and other.may_be_unknown and not other.follows:
                    at = self.order[other.name]
                    only = np.take(only, range(min(len(other.cells), only.shape[at])), axis=at)
            if bool(only.any()):
                found.update(dict.fromkeys(self._missing_of(axis)))
        return tuple(found)

    def _missing_of(self, axis: Axis) -> tuple[str, ...]:
        """Of the names behind an axis those that may be missing, else all."""
        behind = [name for name in axis.names if name in self._may_be_missing]
        for name in axis.names:
            computed = self.plan.computed.get(name)
            behind += computed.value.checked.may_be_missing if computed else ()
        return tuple(behind) or axis.names


def _level(answer: bool | None) -> int:
    return UNKNOWN if answer is None else YES if answer else NO


def _of_lists(axis: Axis) -> bool:
    """Whether elements of a list are looked into, whose fields may be missing each for itself."""
    return axis.name.startswith(("any ", "all ", "count ", "sum "))
