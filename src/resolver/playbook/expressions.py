"""Reads expressions and texts where they stand in a playbook: parsed, checked against the names there are, compiled.

Called by `resolve`. Each is read once, and an expression about a name that could not be read is left out.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from resolver.condition.check import Checked, check_condition, check_expression, check_value
from resolver.condition.evaluate import Compiled, compile_expression
from resolver.condition.parser import parse_expression, parse_selection
from resolver.condition.scope import Scope
from resolver.condition.syntax import Expression, Name, walk
from resolver.condition.types import DaysType, Field, Type
from resolver.playbook.names import Names
from resolver.playbook.plan import Placeholder
from resolver.playbook.request import asked_alone
from resolver.playbook.syntax import is_selection
from resolver.source.node import ScalarNode
from resolver.source.problem import Problem
from resolver.source.template import read_template


class Expressions:
    """Reads expressions and texts of one playbook at their places; what is compiled goes into `names`.

    `inner` is the element of a slot's `for_each` while its own words are read, `broken` the names that could not be
    read, of which nothing more is complained.
    """

    def __init__(self, names: Names, problems: list[Problem]) -> None:
        self.names = names
        self.problems = problems
        self.broken: set[str] = set()
        self.inner: dict[str, Field] = {}
        self._parsed: dict[ScalarNode, Expression | None] = {}
        self._seen: dict[str, Compiled] = {}  # what stands in braces stands there again in every language

    def condition(self, scalar: ScalarNode | None) -> None:
        """A yes/no expression at its place."""
        if not scalar:
            return
        before = len(self.problems)
        self._checked(scalar, lambda expression: check_condition(expression, self._scope(), self.problems))
        self.problems[before:] = [asked_alone(problem) for problem in self.problems[before:]]

    def value(self, scalar: ScalarNode, expected: Type, needs: str) -> None:
        """An expression of a declared type at its place."""
        self._checked(
            scalar,
            lambda expression: check_value(expression, self._scope(), expected, self.problems, needs=needs),
        )

    def expression(self, scalar: ScalarNode) -> Compiled | None:
        """An expression of whatever type."""
        return self._checked(
            scalar, lambda expression: check_expression(expression, self._scope(), self.problems)
        )

    def template(self, scalar: ScalarNode) -> None:
        """A text with names in braces."""
        parts: list[str | Placeholder] = []
        for part in read_template(scalar, self.problems):
            if isinstance(part, str):
                parts.append(part)
                continue
            hole = ScalarNode(part.name, scalar.place(part.start + 1), len(part.name), raw=part.name)
            if compiled := self._placeholder(hole) if self.inner else self._shown(hole):
                parts.append(Placeholder(part.name, compiled))
        self.names.templates[scalar] = tuple(parts)

    def parse(self, scalar: ScalarNode) -> Expression | None:
        """What is written there, parsed once; None if it cannot be."""
        if scalar not in self._parsed:
            parse = parse_selection if is_selection(scalar) else parse_expression
            self._parsed[scalar] = parse(scalar, self.problems)
        return self._parsed[scalar]

    def _checked(self, scalar: ScalarNode, check: Callable[[Expression], Checked | None]) -> Compiled | None:
        expression = self.parse(scalar)
        if expression is None or self.broken & set(_roots(expression)):
            self.names.unread = True
            return None
        before = len(self.problems)
        checked = check(expression)
        self.problems[before:] = [_limit_of_policy(problem) for problem in self.problems[before:]]
        if checked is None:
            self.names.unread = True
            return None
        self.names.compiled[scalar] = compile_expression(checked)
        return self.names.compiled[scalar]

    def _scope(self) -> Scope:
        return Scope(
            {**self.names.fields, **self.inner} if self.inner else self.names.fields, self.names.records
        )

    def _shown(self, hole: ScalarNode) -> Compiled | None:
        """The same name in the same playbook is looked at once, unless something is wrong with it."""
        before = len(self.problems)
        found = self._seen.get(hole.text) or self._placeholder(hole)
        if found and len(self.problems) == before:
            self._seen[hole.text] = found
        return found

    def _placeholder(self, hole: ScalarNode) -> Compiled | None:
        compiled = self.expression(hole)
        type_ = compiled.type if compiled else None
        if getattr(type_, "rounded", True) is False:
            message = "this money has more decimals than its currency"
            self._report("not-rounded", message, hole, "add 'rounded down' where it is computed")
        elif getattr(type_, "per_currency", False) or isinstance(type_, DaysType):
            self._report(
                "wrong-type", f"{type_} cannot be shown in a text", hole, "show an amount, a date or a record"
            )
        else:
            return compiled
        return None

    def _report(self, code: str, message: str, place: ScalarNode, remedy: str) -> None:
        self.problems.append(Problem(code, message, place.where, place.length, help=remedy))


def _roots(expression: Expression) -> Iterable[str]:
    return (node.parts[0] for node in walk(expression.root) if isinstance(node, Name))


def _limit_of_policy(problem: Problem) -> Problem:
    """A limit that is not there is missing in the policy, not in the playbook."""
    if problem.code != "unknown-name" or not problem.message.startswith("there is no 'limits."):
        return problem
    name = problem.message.removeprefix("there is no 'limits.").rstrip("'")
    remedy = f"{problem.help} Or add it there." if problem.help.startswith("did you mean") else "add it there"
    return replace(problem, code="unknown-limit", message=f"policy.yaml has no limit '{name}'", help=remedy)
