"""What a condition says, as a tree: one class for each thing the grammar knows.

Made by the parser, read by the checker, evaluation, description and proofs. Nodes know where they stand in the text
(`start`, `end`) and are compared by identity, so that a checker can note the type of each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Literal

from resolver.condition.values import Value
from resolver.errors import Where
from resolver.source.node import ScalarNode
from resolver.source.problem import Problem, Severity

CompareOperator = Literal["=", "<", "<=", ">", ">="]
ListKind = Literal["any", "all", "none", "count", "sum", "one of", "some of"]


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Constant(_Placed):
    """A number, percentage, amount, length of time, text, yes or no."""

    value: Value


@dataclass(frozen=True, slots=True, eq=False)
class Name(_Placed):
    """A name with its fields (`order.total`), `it`, or a bare word to be read against the other side's type."""

    parts: tuple[str, ...]

    @property
    def dotted(self) -> str:
        """The name as written."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class Not(_Placed):
    """`not X`."""

    operand: "Syntax"


@dataclass(frozen=True, slots=True, eq=False)
class Logic(_Placed):
    """`X and Y and …` or `X or Y or …`."""

    word: Literal["and", "or"]
    operands: "tuple[Syntax, ...]"


@dataclass(frozen=True, slots=True, eq=False)
class Compare(_Placed):
    """Two sides and what lies between; `words` is the comparison as written (`is at most`, `is before`, `<=`)."""

    operator: CompareOperator
    words: str
    left: "Syntax"
    right: "Syntax"
    negated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Known(_Placed):
    """`X is known`, `X is not known`."""

    operand: "Syntax"
    negated: bool


@dataclass(frozen=True, slots=True, eq=False)
class Away(_Placed):
    """`T is more than LENGTH ago` or `… from now`; `operator` compares how long it is with the length."""

    operator: CompareOperator
    words: str
    instant: "Syntax"
    length: "Syntax"
    direction: Literal["ago", "from now"]


@dataclass(frozen=True, slots=True, eq=False)
class In(_Placed):
    """`X in [A, B]`, `X not in [A, B]`."""

    left: "Syntax"
    options: "tuple[Syntax, ...]"
    negated: bool


@dataclass(frozen=True, slots=True, eq=False)
class Contains(_Placed):
    """`X contains Y`."""

    left: "Syntax"
    right: "Syntax"


@dataclass(frozen=True, slots=True, eq=False)
class Add(_Placed):
    """`X + Y`, `X - Y`."""

    operator: Literal["+", "-"]
    left: "Syntax"
    right: "Syntax"


@dataclass(frozen=True, slots=True, eq=False)
class Scale(_Placed):
    """`X * NUMBER`, `X / NUMBER`: linear, the factor is written out."""

    operator: Literal["*", "/"]
    operand: "Syntax"
    factor: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class AtClock(_Placed):
    """`DATE at 18:00`."""

    operand: "Syntax"
    clock: time


@dataclass(frozen=True, slots=True, eq=False)
class Rounded(_Placed):
    """`MONEY rounded down`, `rounded up`."""

    operand: "Syntax"
    direction: Literal["down", "up"]


@dataclass(frozen=True, slots=True, eq=False)
class Pick(_Placed):
    """`lesser of X and Y`, `greater of X and Y`."""

    word: Literal["lesser", "greater"]
    left: "Syntax"
    right: "Syntax"


@dataclass(frozen=True, slots=True, eq=False)
class ListForm(_Placed):
    """`any of LIST where F`, `count of LIST`, `sum of S in LIST`; also a slot's `one of LIST where F`."""

    kind: ListKind
    source: Name
    filter: "Syntax | None"
    summand: "Syntax | None" = None


Syntax = (
    Constant
    | Name
    | Not
    | Logic
    | Compare
    | Known
    | Away
    | In
    | Contains
    | Add
    | Scale
    | AtClock
    | Rounded
    | Pick
    | ListForm
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed text: its tree and the scalar it was written in."""

    root: Syntax
    scalar: ScalarNode

    @property
    def text(self) -> str:
        """The text as written, without quotes of the file."""
        return self.scalar.text

    def source(self, node: Syntax) -> str:
        """The part of the text that `node` was read from."""
        return self.scalar.text[node.start : node.end]

    def where(self, node: Syntax) -> Where:
        """The place of `node` in the file."""
        return self.scalar.place(node.start)

    def problem(
        self,
        code: str,
        message: str,
        node: Syntax,
        *,
        help: str,
        severity: Severity = "error",
        instead: str = "",
    ) -> Problem:
        """A problem at `node`; `instead` is what alone can have been meant by it."""
        length = max(1, node.end - node.start)
        return Problem(code, message, self.where(node), length, help, severity, instead=instead)


def walk(node: Syntax) -> Iterator[Syntax]:
    """The node and all nodes below it, in reading order."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Syntax) -> "tuple[Syntax, ...]":
    """The nodes directly below."""
    match node:
        case Logic(operands=operands):
            return operands
        case Compare(left=left, right=right) | Add(left=left, right=right):
            return (left, right)
        case Contains(left=left, right=right) | Pick(left=left, right=right):
            return (left, right)
        case Not(operand=operand) | Known(operand=operand) | Scale(operand=operand):
            return (operand,)
        case AtClock(operand=operand) | Rounded(operand=operand):
            return (operand,)
        case Away(instant=instant, length=length):
            return (instant, length)
        case In(left=left, options=options):
            return (left, *options)
        case ListForm(source=source, filter=condition, summand=summand):
            return tuple(child for child in (summand, source, condition) if child is not None)
    return ()


def is_zero(node: Syntax) -> bool:
    """Whether the node is a plain 0, which fits every currency."""
    return isinstance(node, Constant) and isinstance(node.value, Decimal) and node.value == 0
