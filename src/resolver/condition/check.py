"""Checks an expression against the names of its place: what every part is, which names it reads, what does not fit.

Called by playbooks, interfaces and policy at load. Nothing is evaluated here; every problem carries its repair.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from resolver.condition.names import Names
from resolver.condition.operations import (
    Mismatch,
    assignable,
    compare_types,
    member_types,
    pick_types,
    sum_type,
    type_of_constant,
)
from resolver.condition.scope import Scope
from resolver.condition.syntax import (
    Add,
    AtClock,
    Away,
    Compare,
    Constant,
    Contains,
    Expression,
    In,
    Known,
    ListForm,
    Logic,
    Name,
    Not,
    Pick,
    Rounded,
    Scale,
    Syntax,
    is_zero,
)
from resolver.condition.types import (
    Choice,
    Date,
    DaysType,
    Duration,
    ListOf,
    MoneyType,
    Number,
    Record,
    Secret,
    Text,
    Time,
    Type,
    YesNo,
)
from resolver.source.name import shown
from resolver.source.problem import Problem, Severity, has_errors


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression that fits its scope.

    `names` are the dotted names it reads, in reading order, fields of list elements left out; `may_be_missing` those
    of them that can be unknown although their record is there. `types` has the type of every node, `words` the bare
    words read against the other side, `elements` the names that belong to the element of a list form, `followed` those
    that lead over a field declared `from LOOK_UP`.
    """

    expression: Expression
    type: Type
    names: tuple[str, ...]
    may_be_missing: tuple[str, ...]
    types: Mapping[Syntax, Type]
    words: Mapping[Syntax, str]
    elements: frozenset[Name]
    followed: frozenset[Name] = frozenset()


def check_expression(
    expression: Expression, scope: Scope, problems: list[Problem], *, hint: Type | None = None
) -> Checked | None:
    """The expression with its types, or None with the reasons added. `hint` is what a bare word is read against."""
    checker = _Checker(Names(expression, scope, problems))
    before = len(problems)
    found = checker.type_of(expression.root, hint)
    if found is None or has_errors(problems[before:]):
        return None
    if isinstance(found, Secret):
        checker.report(
            "secret",
            f"{shown(expression.text)} is secret and may not be shown",
            expression.root,
            "leave it out",
        )
        return None
    return checker.result(found)


def check_condition(expression: Expression, scope: Scope, problems: list[Problem]) -> Checked | None:
    """The same for a place that needs yes or no."""
    checker = _Checker(Names(expression, scope, problems))
    before = len(problems)
    checker.condition(expression.root)
    return None if has_errors(problems[before:]) else checker.result(YesNo())


def check_value(
    expression: Expression, scope: Scope, expected: Type, problems: list[Problem], *, needs: str
) -> Checked | None:
    """The same for a place with a declared type; `needs` begins the message: `shop.refund needs … for 'amount'`.

    Write it with one `{}` where the type stands: `"shop.refund needs {} for 'amount'"`.
    """
    checked = check_expression(expression, scope, problems, hint=expected)
    if checked is None:
        return None
    root = expression.root
    if isinstance(expected, MoneyType) and is_zero(root):
        message = "a plain 0 has no currency here"
        problems.append(
            expression.problem("wrong-type", message, root, help="say the currency, for example '0 EUR'")
        )
        return None
    if isinstance(expected, MoneyType) and isinstance(checked.type, MoneyType) and not checked.type.rounded:
        message = "this money has more decimals than its currency"
        problems.append(expression.problem("not-rounded", message, root, help="add 'rounded down'"))
        return None
    if not assignable(checked.type, expected, root):
        message = f"{needs.format(expected)}, but this is {checked.type}"
        problems.append(expression.problem("wrong-type", message, root, help=f"give {_example(expected)}"))
        return None
    return checked


def _example(expected: Type) -> str:
    examples = {
        MoneyType: "money, for example 50 EUR", Number: "a number, for example 3", YesNo: "yes or no, or a condition",
        Date: "a date, for example today", Time: "a time, for example now", Text: f"a value of type {expected}",
    }  # fmt: skip
    if isinstance(expected, Choice):
        return f"one of {', '.join(expected.options)}"
    return examples.get(type(expected), f"a value of type {expected}")


@dataclass(slots=True)
class _Checker:
    names: Names
    types: dict[Syntax, Type] = field(default_factory=dict)

    def result(self, type_: Type) -> Checked:
        names = self.names
        missing = tuple(name for name, may_be_missing in names.read.items() if may_be_missing)
        elements = frozenset(names.elements)
        followed = frozenset(names.followed)
        return Checked(
            self.expression, type_, tuple(names.read), missing, self.types, names.words, elements, followed
        )

    @property
    def expression(self) -> Expression:
        return self.names.expression

    def report(
        self, code: str, message: str, node: Syntax, remedy: str, severity: Severity = "error"
    ) -> None:
        found = self.expression.problem(code, message, node, help=remedy, severity=severity)
        self.names.problems.append(found)

    def type_of(self, node: Syntax, hint: Type | None = None, other: Syntax | None = None) -> Type | None:
        """The type of the node; None if a problem was reported. A bare word is read against `hint`, said by `other`."""
        found = self.names.type_of(node, hint, other) if isinstance(node, Name) else self._type(node)
        if found is not None:
            self.types[node] = found
        return found

    def condition(self, node: Syntax) -> None:
        """Reports a problem unless the node is yes or no."""
        found = self.type_of(node)
        if found is not None and not isinstance(found, YesNo):
            message = f"a condition must be yes or no, but {shown(self.expression.source(node))} is {found}"
            self.report("wrong-type", message, node, _as_condition(found))

    def operand(self, node: Syntax, hint: Type | None = None, other: Syntax | None = None) -> Type | None:
        """The type of a part that is computed or compared with, which a secret never is."""
        found = self.type_of(node, hint, other)
        if isinstance(found, Secret):
            message = f"{shown(self.expression.source(node))} is secret and may not be shown"
            self.report("secret", message, node, "only 'is known' may be asked of it")
            return None
        return found

    # -- kinds of nodes -------------------------------------------------------------------------------------------

    def _type(self, node: Syntax) -> Type | None:
        match node:
            case Constant(value=value):
                return type_of_constant(value)
            case Not(operand=operand):
                self.condition(operand)
            case Logic():
                self._logic(node)
            case Compare():
                self._compare(node)
            case Known(operand=operand):
                self.type_of(operand)
            case Away():
                self._away(node)
            case In():
                self._in(node)
            case Contains():
                self._contains(node)
            case Add():
                return self._add(node)
            case Scale() | Rounded():
                return self._money(node)
            case AtClock():
                return self._at_clock(node)
            case Pick():
                return self._pick(node)
            case ListForm():
                return self._list_form(node)
        return YesNo()

    def _logic(self, node: Logic) -> None:
        for position, operand in enumerate(node.operands):
            if isinstance(operand, Name) and self.names.is_bare(operand):
                self._forgotten_in(operand, node.operands[:position])
            else:
                self.condition(operand)

    def _forgotten_in(self, word: Name, before: Iterable[Syntax]) -> None:
        """`status is shipped or delivered` means `status in [shipped, delivered]`; anything else is an unknown name."""
        for sibling in before:
            left = self.types.get(sibling.left) if isinstance(sibling, Compare) else None
            if isinstance(sibling, Compare) and isinstance(left, Choice) and word.dotted in left.options:
                source = self.expression.source
                remedy = f"write '{source(sibling.left)} in [{source(sibling.right)}, {word.dotted}]'"
                self.report("unknown-name", f"there is no {shown(word.dotted)}", word, remedy)
                return
        self.type_of(word)

    def _compare(self, node: Compare) -> None:
        left, right = self._sides(node.left, node.right)
        if left is None or right is None:
            return
        mismatch = compare_types(node, left, right)
        if mismatch:
            self._mismatch(mismatch, f"cannot compare {left} with {right}", node)

    def _away(self, node: Away) -> None:
        instant, length = self.operand(node.instant), self.operand(node.length)
        if instant is None or length is None:
            return
        if not isinstance(instant, Time | Date):
            message = f"cannot compare {instant} with a length of time"
            self.report("cannot-compare", message, node, "only a time or a date can be 'ago' or 'from now'")
        elif not isinstance(length, DaysType | Duration):
            self.report(
                "cannot-compare",
                f"cannot compare {instant} with {length}",
                node,
                "say the unit, for example '30 days'",
            )
        elif isinstance(instant, Date) and isinstance(length, Duration):
            message = "days and exact hours cannot be mixed: this is a date"
            remedy = f"count days: '… is more than 30 days {node.direction}', or say its clock time: 'DATE at 18:00'"
            self.report("days-or-hours", message, node, remedy)
        elif isinstance(node.instant, AtClock) and isinstance(length, DaysType):
            message = (
                f"days are counted by the calendar, so 'at {node.instant.clock:%H:%M}' changes nothing here"
            )
            remedy = "leave the clock time out, or count hours: '… is more than 24 hours from now'"
            self.report("days-or-hours", message, node, remedy, severity="warning")

    def _in(self, node: In) -> None:
        left = self.operand(node.left)
        for option in node.options:
            found = (
                None if left is None and self.names.is_bare(option) else self.operand(option, left, node.left)
            )
            if left is None or found is None:
                continue
            found = self._zero(option, found, left)
            mismatch = member_types(left, found, (node.left, option))
            if mismatch:
                self._mismatch(mismatch, f"cannot compare {left} with {found}", option)

    def _contains(self, node: Contains) -> None:
        left, right = self.operand(node.left), self.operand(node.right, Text())
        texts = isinstance(left, Text) or (isinstance(left, ListOf) and isinstance(left.element, Text))
        if left is not None and not texts:
            self.report(
                "cannot-compare",
                f"cannot look for a text in {left}",
                node,
                "only texts and lists of text contain",
            )
        elif right is not None and not isinstance(right, Text):
            self.report(
                "cannot-compare", f"cannot look for {right} in a text", node, "write a text in quotes"
            )

    def _add(self, node: Add) -> Type | None:
        left, right = self._sides(node.left, node.right)
        if left is None or right is None:
            return None
        found = sum_type(node.operator, left, right, (node.left, node.right))
        if not isinstance(found, Mismatch):
            return found
        verb = f"add {right} to {left}" if node.operator == "+" else f"subtract {right} from {left}"
        self._mismatch(found, f"cannot {verb}", node)
        return None

    def _money(self, node: Scale | Rounded) -> Type | None:
        found = self.operand(node.operand)
        if isinstance(found, MoneyType):
            rounded = isinstance(node, Rounded)
            return MoneyType(rounded=rounded, per_currency=found.per_currency)
        if isinstance(found, Number) and isinstance(node, Scale):
            return found
        if found is not None:
            verb, what = (
                ("rounded", "money")
                if isinstance(node, Rounded)
                else ("multiplied or divided", "money and numbers")
            )
            self.report("wrong-type", f"{found} cannot be {verb}", node, f"only {what} can be {verb}")
        return None

    def _at_clock(self, node: AtClock) -> Type | None:
        found = self.operand(node.operand)
        if found is not None and not isinstance(found, Date):
            self.report(
                "wrong-type",
                f"a clock time needs a date before it, but this is {found}",
                node,
                "write 'today at 18:00'",
            )
            return None
        return Time() if found else None

    def _pick(self, node: Pick) -> Type | None:
        left, right = self._sides(node.left, node.right)
        if left is None or right is None:
            return None
        mismatch = pick_types(left, right, (node.left, node.right))
        if mismatch:
            self._mismatch(mismatch, f"cannot compare {left} with {right}", node)
            return None
        if isinstance(left, MoneyType) and isinstance(right, MoneyType):
            return MoneyType(rounded=left.rounded and right.rounded)
        return left

    def _list_form(self, node: ListForm) -> Type | None:
        source = self.operand(node.source)
        if source is None:
            return None
        if not isinstance(source, ListOf):
            message = f"'{node.kind}' needs a list, but {shown(node.source.dotted)} is {source}"
            self.report("wrong-type", message, node.source, "name a list")
            return None
        self.names.element = source.element
        if node.filter is not None:
            self.condition(node.filter)
        summed = self.operand(node.summand) if node.summand is not None else None
        self.names.element = None
        return self._list_type(node, source, summed)

    def _list_type(self, node: ListForm, source: ListOf, summed: Type | None) -> Type | None:
        if node.kind in ("one of", "some of"):
            return self._selected(node, source.element)
        if node.kind != "sum":
            return Number() if node.kind == "count" else YesNo()
        if summed is not None and not isinstance(summed, Number | MoneyType):
            self.report(
                "wrong-type", f"{summed} cannot be added up", node, "only numbers and money can be added up"
            )
            return None
        return summed

    def _selected(self, node: ListForm, element: Type) -> Type | None:
        if not isinstance(element, Record):
            message = f"nobody can choose from {shown(node.source.dotted)}, a list of {element}"
            self.report("wrong-type", message, node.source, "name a list of records")
            return None
        return element if node.kind == "one of" else ListOf(Record(element.name, chosen=True))

    # -- two sides ------------------------------------------------------------------------------------------------

    def _sides(self, left: Syntax, right: Syntax) -> tuple[Type | None, Type | None]:
        """The types of both sides; a bare word is read against the other one, a plain 0 fits every currency."""
        if self.names.is_bare(left) and not self.names.is_bare(right):
            second, first = self._one_side(right, left)
        else:
            first, second = self._one_side(left, right)
        if first is not None and second is not None:
            first, second = self._zero(left, first, second), self._zero(right, second, first)
        return first, second

    def _one_side(self, node: Syntax, against: Syntax) -> tuple[Type | None, Type | None]:
        """The types of `node` and of what is read against it; a word is left alone if `node` itself is wrong."""
        found = self.operand(node)
        if found is None and self.names.is_bare(against):
            return None, None
        return found, self.operand(against, found, node)

    def _zero(self, node: Syntax, found: Type, other: Type) -> Type:
        fits = isinstance(other, MoneyType) and not other.per_currency
        if fits and isinstance(found, Number) and is_zero(node):
            found = self.types[node] = MoneyType()
        return found

    def _mismatch(self, mismatch: Mismatch, message: str, node: Syntax) -> None:
        if mismatch.code == "days-or-hours":
            message = f"days and exact hours cannot be mixed: {message}"
        self.report(mismatch.code, message, node, mismatch.remedy)


def _as_condition(found: Type) -> str:
    if isinstance(found, Choice):
        return f"compare it: '… is {found.options[0]}'"
    if isinstance(found, ListOf):
        return "use 'any of', 'all of', 'none of' or 'count of'"
    if isinstance(found, MoneyType | Number | Date | Time):
        return "compare it, for example '… is more than …'"
    return "compare it, or ask whether it 'is known'"
