"""Conditions and formulas as plain English, such as `the order was delivered more than 30 days ago`.

Called by whatever prints a playbook for people who do not write playbooks. It reads the tree only, evaluates nothing
and leaves nothing out: every comparison and every number of the condition stands in the words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from resolver.condition.check import Checked
from resolver.condition.describe import show
from resolver.condition.storage import number_text
from resolver.condition.syntax import (
    Add,
    AtClock,
    Away,
    Compare,
    Constant,
    Contains,
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
)
from resolver.condition.types import YesNo
from resolver.condition.values import Days

_COMPARED = {
    ("=", False): "is", ("=", True): "is not", ("<", False): "is less than", ("<", True): "is at least",
    ("<=", False): "is at most", ("<=", True): "is more than", (">", False): "is more than",
    (">", True): "is at most", (">=", False): "is at least", (">=", True): "is less than",
}  # fmt: skip
_LENGTHS = {"=": "", "<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least "}
_MOMENTS = ("_at", "_on")


@dataclass(frozen=True, slots=True)
class Wording:
    """How to say things: `limits` is what each limit amounts to, `mark` stands around every number."""

    limits: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""

    def of(self, checked: Checked) -> str:
        """The whole condition or formula."""
        return _Teller(self, checked).say(checked.expression.root)


def plain_name(name: str) -> str:
    """An id as words: `late_but_broken` → `late but broken`."""
    return name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class _Teller:
    wording: Wording
    checked: Checked

    def say(self, node: Syntax) -> str:
        match node:
            case Logic(word=word, operands=operands):
                return f" {word} ".join(self._part(one) for one in operands)
            case Not(operand=operand):
                return self._holds(operand, "no") if self._alone(operand) else f"not ({self.say(operand)})"
            case Compare(operator=sign, left=left, right=right, negated=negated):
                return f"{self._side(left)} {self._verb(node, sign, negated=negated)} {self._side(right)}"
            case Known(operand=operand, negated=negated):
                return f"{self._side(operand)} is {'not ' if negated else ''}known"
            case Away():
                return self._away(node)
            case In(left=left, options=options, negated=negated):
                words = " or ".join(self._side(one) for one in options)
                return f"{self._side(left)} is {'neither of: ' if negated else ''}{words}"
            case Contains(left=left, right=right):
                return f"{self._side(left)} contains {self._side(right)}"
            case ListForm():
                return self._list(node)
        return self._holds(node, "yes") if self._alone(node) else self._side(node)

    def _part(self, node: Syntax) -> str:
        return f"({self.say(node)})" if isinstance(node, Logic) else self.say(node)

    def _alone(self, node: Syntax) -> bool:
        return isinstance(node, Name) and isinstance(self.checked.types.get(node), YesNo)

    def _holds(self, node: Syntax, answer: str) -> str:
        return f"{self._side(node)} is {answer}"

    def _verb(self, node: Compare, sign: str, *, negated: bool) -> str:
        if "before" in node.words or "after" in node.words:
            return node.words
        return _COMPARED[sign, negated]

    def _away(self, node: Away) -> str:
        length = f"{_LENGTHS[node.operator]}{self._side(node.length)} {node.direction}"
        name = node.instant
        if isinstance(name, Name) and name.parts[-1].endswith(_MOMENTS):
            did = plain_name(name.parts[-1][:-3])
            if did.endswith("ed") or did in ("paid", "sent"):
                return f"{self._owner(name)}was {did} {length}"
        return f"{self._side(name)} is {length}"

    def _owner(self, name: Name) -> str:
        return f"the {' of the '.join(map(plain_name, reversed(name.parts[:-1])))} " if name.parts[1:] else ""

    def _list(self, node: ListForm) -> str:
        source = self._side(node.source)
        where = f" where ({self.say(node.filter)})" if node.filter else ""
        if node.kind == "sum" and node.summand is not None:
            return f"the sum of “{self._side(node.summand)}” over {source}{where}"
        kind = {"count": "the number of", "one of": "one of", "some of": "some of"}.get(
            node.kind, f"{node.kind} of"
        )
        return f"{kind} {source}{where}"

    def _side(self, node: Syntax) -> str:
        match node:
            case Constant(value=value):
                shown = show(value)
                counted = isinstance(value, Decimal | Days | timedelta) or any(map(str.isdigit, shown))
                return f"{self.wording.mark}{shown}{self.wording.mark}" if counted else shown
            case Name():
                return self._name(node)
            case Add(operator=sign, left=left, right=right):
                return f"{self._side(left)} {'plus' if sign == '+' else 'minus'} {self._term(right)}"
            case Scale(operator=sign, operand=operand, factor=factor):
                by = f"{self.wording.mark}{number_text(factor)}{self.wording.mark}"
                return f"{self._term(operand)} {'times' if sign == '*' else 'divided by'} {by}"
            case Rounded(operand=operand, direction=direction):
                return f"{self._term(operand)} rounded {direction}"
            case AtClock(operand=operand, clock=clock):
                return f"{self._side(operand)} at {clock:%H:%M}"
            case Pick(word=word, left=left, right=right):
                return f"the {word} of {self._term(left)} and {self._term(right)}"
        return f"({self.say(node)})" if isinstance(node, Logic) else self.say(node)

    def _term(self, node: Syntax) -> str:
        return self._side(node) if isinstance(node, Constant | Name) else f"({self._side(node)})"

    def _name(self, node: Name) -> str:
        if node in self.checked.words:
            return plain_name(node.dotted)
        if node.parts[0] == "limits" and len(node.parts) == 2:
            amounts = self.wording.limits.get(node.parts[1])
            return f"the limit “{plain_name(node.parts[1])}”" + (f" ({amounts})" if amounts else "")
        *owners, last = node.parts
        return "".join(f"{plain_name(one)}’s " for one in owners) + plain_name(last)
