"""Reads a condition or expression into its tree, by recursive descent over the grammar of the language.

Called for every expression in playbooks, interfaces and policy. It knows no names and no types; what it cannot read
becomes one problem at the exact place. Length, nodes and depth are bounded, so no text can make it slow.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from resolver.condition.constant import read_clock, read_number
from resolver.condition.cursor import Cursor
from resolver.condition.lexer import Misread, Token
from resolver.condition.syntax import (
    Add,
    AtClock,
    Away,
    Compare,
    CompareOperator,
    Constant,
    Contains,
    Expression,
    In,
    Known,
    ListForm,
    ListKind,
    Logic,
    Name,
    Not,
    Pick,
    Rounded,
    Scale,
    Syntax,
)
from resolver.condition.values import Days
from resolver.source.name import NAME_LENGTH, RESERVED, nearest, shown
from resolver.source.node import ScalarNode
from resolver.source.problem import Problem

MAX_LENGTH = 500
MAX_NODES = 40
MAX_DEPTH = 20

_BOUNDS: dict[tuple[str, str], CompareOperator] = {
    ("at", "least"): ">=",
    ("at", "most"): "<=",
    ("more", "than"): ">",
    ("less", "than"): "<",
}
_BOUND_HEADS, _BOUND_TAILS = (frozenset(words) for words in zip(*_BOUNDS, strict=True))
_GLUED = {"".join(words): " ".join(words) for words in _BOUNDS}
_SYMBOLS: dict[str, CompareOperator] = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITE = {">=": "is less than", "<=": "is more than", ">": "is at most", "<": "is at least"}
_LIST_WORDS: dict[str, ListKind] = {
    "any": "any",
    "all": "all",
    "none": "none",
    "count": "count",
    "sum": "sum",
}
_AGES = {
    "older": ("more than", "at most"),
    "newer": ("less than", "at least"),
    "younger": ("less than", "at least"),
    "within": ("at most", "more than"),
}
"""What says how long ago a day is, and what it means; and with `not` before it."""
_ORDERS: dict[str, CompareOperator] = {"before": "<", "after": ">"}


def parse_expression(scalar: ScalarNode, problems: list[Problem]) -> Expression | None:
    """The tree of a condition or expression; None if it cannot be read, with the reason added to `problems`."""
    return _parse(scalar, problems, _Parser.whole)


def parse_selection(scalar: ScalarNode, problems: list[Problem]) -> Expression | None:
    """A slot's `one of LIST [where FILTER]` or `some of LIST …`: an expression whose root is a `ListForm`."""
    return _parse(scalar, problems, _Parser.selection)


def parse_length(scalar: ScalarNode, problems: list[Problem]) -> timedelta | Days | None:
    """A length of time such as `3 days`, `1 business day` or `15 minutes`."""
    expression = parse_expression(scalar, problems)
    if expression is None:
        return None
    value = expression.root.value if isinstance(expression.root, Constant) else None
    if isinstance(value, timedelta | Days):
        return value
    message = f"this needs a length of time, but it is {shown(scalar.text)}"
    help_ = "write it like '3 days', '1 business day' or '15 minutes'"
    problems.append(Problem("wrong-type", message, scalar.where, scalar.length, help_))
    return None


def _parse(
    scalar: ScalarNode, problems: list[Problem], rule: "Callable[[_Parser], Syntax]"
) -> Expression | None:
    try:
        return Expression(_tree(scalar.text, rule), scalar)
    except Misread as error:
        place = scalar.place(error.start)
        remedy = error.remedy
        if scalar.comment:
            remedy += "; everything after ' #' is a comment: quote the text if it belongs here"
        length = max(1, error.end - error.start)
        problems.append(Problem(error.code, error.message, place, length, remedy, instead=error.instead))
        return None


@lru_cache(maxsize=1024)  # a plan is made from its document, where the words of the file stand again
def _tree(text: str, rule: "Callable[[_Parser], Syntax]") -> Syntax:
    return rule(_Parser(text))


class _Parser(Cursor):
    """One pass over the tokens of one text."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            message = f"this condition is longer than {MAX_LENGTH} characters"
            raise Misread("condition", message, 0, MAX_LENGTH, "name its parts under 'compute:'")
        super().__init__(text)
        self.nodes = 0
        self.depth = 0
        self.in_list = False
        self.bracket = (-1, -1)  # the tokens of the pair of brackets closed last

    def whole(self) -> Syntax:
        """A condition and nothing behind it."""
        root = self._condition()
        self.expect_end()
        return root

    def selection(self) -> Syntax:
        """`one of LIST [where FILTER]`, `some of LIST [where FILTER]`."""
        first = self.next
        kind: ListKind = "one of" if self.accept("one") else "some of"
        if kind == "some of":
            self.expect("some", "'one of' or 'some of'")
        self.expect("of")
        self.in_list = True
        source = self._name()
        condition = self._filter() if self.accept("where") else None
        self.expect_end()
        return self._made(ListForm(first.start, self.last_end, kind, source, condition))

    # -- the grammar, from the widest to the narrowest ------------------------------------------------------------

    def _condition(self) -> Syntax:
        start = self.next.start
        operands = [self._both()]
        while self.accept("or"):
            operands.append(self._both())
        if len(operands) == 1:
            return operands[0]
        return self._made(Logic(start, self.last_end, "or", tuple(operands)))

    def _both(self) -> Syntax:
        start = self.next.start
        operands = [self._not()]
        while self.accept("and"):
            operands.append(self._not())
        if len(operands) == 1:
            return operands[0]
        return self._made(Logic(start, self.last_end, "and", tuple(operands)))

    def _not(self) -> Syntax:
        starts = []
        while self.is_next("not"):
            starts.append(self.take().start)
        node = self._comparison()
        for start in reversed(starts):
            node = self._made(Not(start, self.last_end, node))
        return node

    def _comparison(self) -> Syntax:
        left = self._sum()
        token = self.next
        if self.accept("is"):
            return self._is(left)
        if token.kind == "mark" and token.text in _SYMBOLS:
            self.take()
            node = Compare(left.start, 0, _SYMBOLS[token.text], token.text, left, self._sum())
            self._refuse_bare_ago(token, _SYMBOLS[token.text])
            return self._made(replace(node, end=self.last_end))
        if self.accept("contains"):
            right = self._sum()
            return self._made(Contains(left.start, self.last_end, left, right))
        if token.text == "not" and self.after_next.text == "in":
            self.take()
            self.take()
            return self._in(left, negated=True)
        if self.accept("in"):
            return self._in(left, negated=False)
        return left

    def _is(self, left: Syntax) -> Syntax:
        negation = self.next
        negated = self.accept("not")
        words = "is not" if negated else "is"
        if self.accept("known"):
            return self._made(Known(left.start, self.last_end, left, negated))
        bound = _BOUNDS.get((self.next.text, self.after_next.text))
        if bound:
            if negated:
                raise self._unclear_not(negation, bound)
            return self._bounded(left, bound)
        self._refuse_age(negation, negated=negated)
        self._refuse_misspelt_bound()
        token = self.next
        order = _ORDERS.get(token.text)
        if order:
            self.take()
            right = self._sum()
            written = f"{words} {token.text}"
            return self._made(Compare(left.start, self.last_end, order, written, left, right, negated))
        right = self._sum()
        self._refuse_bare_ago(token, None)
        return self._made(Compare(left.start, self.last_end, "=", words, left, right, negated))

    def _bounded(self, left: Syntax, operator: CompareOperator) -> Syntax:
        words = f"is {self.take().text} {self.take().text}"
        right = self._sum()
        if self.accept("ago"):
            return self._made(Away(left.start, self.last_end, operator, words, left, right, "ago"))
        if self.accept("from"):
            self.expect("now")
            return self._made(Away(left.start, self.last_end, operator, words, left, right, "from now"))
        return self._made(Compare(left.start, self.last_end, operator, words, left, right))

    def _in(self, left: Syntax, *, negated: bool) -> Syntax:
        self.expect("[")
        options = [self._sum()]
        while self.accept(","):
            options.append(self._sum())
        self.expect("]")
        return self._made(In(left.start, self.last_end, left, tuple(options), negated))

    def _sum(self) -> Syntax:
        node = self._product()
        while self.next.kind == "mark" and self.next.text in "+-":
            operator = self.take().text
            right = self._product()
            node = self._made(Add(node.start, self.last_end, "+" if operator == "+" else "-", node, right))
        if self.next.text == "at" and self.after_next.kind == "clock":
            self.take()
            clock = read_clock(self)
            node = self._made(AtClock(node.start, self.last_end, node, clock))
        if self.accept("rounded"):
            down = self.accept("down")
            if not down:
                self.expect("up", "'down' or 'up'")
            node = self._made(Rounded(node.start, self.last_end, node, "down" if down else "up"))
        return node

    def _product(self) -> Syntax:
        node = self._value()
        while self.next.kind == "mark" and self.next.text in "*/":
            operator = self.take()
            factor = self._factor(node, operator)
            node = self._made(
                Scale(node.start, self.last_end, "*" if operator.text == "*" else "/", node, factor)
            )
        return node

    def _factor(self, left: Syntax, operator: Token) -> Decimal:
        token = self.next
        remedy = "use a 'split by units' field, or compute it in the connector"
        if isinstance(left, Constant) and isinstance(left.value, Decimal) and token.kind != "number":
            remedy = f"write the number second: {token.text} * {left.value}"
        message = f"only a plain number or percentage may follow '{operator.text}'"
        if token.kind != "number":
            raise Misread("not-linear", message, token.start, max(token.end, token.start + 1), remedy)
        value = read_number(self)
        if not isinstance(value, Decimal):
            raise Misread("not-linear", message, token.start, self.last_end, remedy)
        if operator.text == "/" and value == 0:
            raise _refused("condition", "nothing can be divided by 0", token, "write another number")
        return value

    def _value(self) -> Syntax:
        token = self.next
        if token.kind == "number":
            value = read_number(self)
            return self._made(Constant(token.start, self.last_end, value))
        if token.kind == "text":
            self.take()
            return self._made(Constant(token.start, token.end, token.text))
        if token.kind == "mark" and token.text == "(":
            return self._bracketed()
        if token.kind != "word":
            raise self.expected("a value")
        if token.text in ("yes", "no"):
            self.take()
            return self._made(Constant(token.start, token.end, token.text == "yes"))
        if token.text in _LIST_WORDS:
            return self._list_form()
        if token.text in ("lesser", "greater"):
            return self._pick()
        return self._name()

    def _bracketed(self) -> Syntax:
        opened = self.at
        self.take()
        self._deeper()
        node = self._condition()
        self.depth -= 1
        self.expect(")")
        self.bracket = (opened, self.at - 1)
        return node

    def _pick(self) -> Syntax:
        token = self.take()
        self._deeper()
        self.expect("of")
        left = self._sum()
        self.expect("and")
        right = self._sum()
        self.depth -= 1
        return self._made(
            Pick(
                token.start,
                self.last_end,
                "lesser" if token.text == "lesser" else "greater",
                left,
                right,
            )
        )

    def _list_form(self) -> Syntax:
        token = self.take()
        if self.in_list:
            message = "a list form stands inside a list form"
            raise _refused("nested-list", message, token, "compute the inner one in the connector")
        self.in_list = True
        self.expect("of")
        summand = None
        if token.text == "sum":
            summand = self._sum()
            self.expect("in")
        source = self._name()
        condition = None
        if token.text in ("any", "all", "none"):
            self.expect("where")
            condition = self._filter()
        elif self.accept("where"):
            condition = self._filter()
        self.in_list = False
        kind = _LIST_WORDS[token.text]
        return self._made(ListForm(token.start, self.last_end, kind, source, condition, summand))

    def _filter(self) -> Syntax:
        """One comparison or brackets; what follows a bare comparison with and/or could belong to either side."""
        opened = self.at
        node = self._not()
        if self.is_next("and", "or") and self.bracket != (opened, self.at - 1):
            token = self.next
            message = f"'{token.text}' after 'where' can be read in two ways"
            remedy = "put brackets around what belongs to 'where'"
            raise _refused("unclear-where", message, token, remedy)
        return node

    def _name(self) -> Name:
        token = self.next
        parts = tuple(token.text.split("."))
        if token.kind != "word" or (parts[0] in RESERVED and parts[0] not in ("it", "now", "chosen")):
            raise self.expected("a name or a value")
        if any(len(part) > NAME_LENGTH for part in parts):
            message = f"{shown(token.text)} cannot be a name"
            raise _refused("bad-name", message, token, f"names have at most {NAME_LENGTH} characters")
        self.take()
        node = Name(token.start, token.end, parts)
        self._made(node)
        return node

    # -- what is refused ------------------------------------------------------------------------------------------

    def _unclear_not(self, token: Token, bound: CompareOperator) -> Misread:
        words = f"{self.next.text} {self.after_next.text}"
        message = f"'is not' before '{words}' can be read in two ways"
        return _refused("unclear-not", message, token, f"write '{_OPPOSITE[bound]}'")

    def _refuse_age(self, negation: Token, *, negated: bool) -> None:
        """`is older than 14 days`, `is within 14 days`."""
        first, at = self.next, self.at + 1 + (self.after_next.text == "than")
        meant = _AGES.get(first.text) if len(self.tokens) > at + 1 else None
        if meant is None or self.tokens[at].kind != "number":
            return
        ends = at + 1 + (self.tokens[at + 1].text == "business")
        length = " ".join(one.text for one in self.tokens[at : ends + 1])
        last = self.tokens[min(ends + 1, len(self.tokens) - 1)]
        end = last.end if last.text in ("ago", "old") else self.tokens[min(ends, len(self.tokens) - 1)].end
        words = f"{meant[negated]} {length} ago"
        start = negation.start if negated else first.start
        message = f"this does not read as a condition: '{first.text}' compares no days"
        raise Misread("condition", message, start, end, f"write 'is {words}'", words)

    def _refuse_misspelt_bound(self) -> None:
        """`is atleast 3`, `is at leest 3`, `is more then 3`: said where it stands, with what was meant."""
        first, second = self.next, self.after_next
        picked = first.text in ("lesser", "greater")
        if first.kind != "word" or picked or second.text in ("and", "or", "at", "rounded"):
            return
        written, meant = first.text, None
        if second.kind == "word" and (first.text in _BOUND_HEADS or second.text in _BOUND_TAILS):
            written = f"{first.text} {second.text}"
            meant = nearest(written, _GLUED.values())
        elif second.kind in ("number", "word", "text") or second.text == "(":
            meant = _GLUED.get(nearest(first.text.replace("_", ""), _GLUED) or "")
        if meant:
            message = f"this does not read as a condition: expected '{meant}', found {shown(written)}"
            end = first.start + len(written)
            raise Misread("condition", message, first.start, end, f"write '{meant}'", meant)

    def _refuse_bare_ago(self, token: Token, operator: CompareOperator | None) -> None:
        if self.next.text not in ("ago", "from"):
            return
        words = {">": "is more than", "<": "is less than", ">=": "is at least", "<=": "is at most"}
        instead = words.get(operator or "", "is at least")
        message = (
            "this does not read as a condition: expected 'at least', 'at most', 'more than' or 'less than'"
        )
        raise _refused("condition", message, token, f"write '{instead} … {self.next.text}'")

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            token = self.next
            message = f"this condition is nested deeper than {MAX_DEPTH}"
            raise _refused("condition", message, token, "name its parts under 'compute:'")

    def _made(self, node: Syntax) -> Syntax:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            message = f"this condition has more than {MAX_NODES} parts"
            raise Misread("condition", message, node.start, node.end, "name its parts under 'compute:'")
        return node


def _refused(code: str, message: str, token: Token, remedy: str) -> Misread:
    return Misread(code, message, token.start, max(token.end, token.start + 1), remedy)
