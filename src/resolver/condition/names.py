"""Finds what a name in an expression means: a root name, a field, the element of a list form, or a bare word.

Used by the checker alone. It notes what was read and reports what is not there, with the nearest name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from resolver.condition.scope import Scope
from resolver.condition.syntax import Expression, Name, Syntax
from resolver.condition.types import Choice, Field, Record, Text, Type
from resolver.condition.wanted import wanted_type
from resolver.source.name import nearest, only_near, shown
from resolver.source.problem import Lacking, Problem

_YES_NO = {"true": "yes", "false": "no"}
_NOTHING = ("null", "none", "nil", "empty", "missing")


@dataclass(slots=True)
class Names:
    """The names of one expression; `element` is the type of the list element while a list form is checked.

    `words` are the bare words read against another side, `elements` the names that belong to the element, `read` the
    dotted names read from outside and whether they may be missing, `followed` those that lead over a field declared
    `from LOOK_UP`.
    """

    expression: Expression
    scope: Scope
    problems: list[Problem]
    element: Type | None = None
    words: dict[Syntax, str] = field(default_factory=dict)
    elements: set[Name] = field(default_factory=set)
    read: dict[str, bool] = field(default_factory=dict)
    followed: set[Name] = field(default_factory=set)

    def is_bare(self, node: Syntax) -> bool:
        """Whether the node can only be a word, because nothing here has that name."""
        if not isinstance(node, Name):
            return False
        head = node.parts[0]
        return head != "it" and head not in self._inside() and self.scope.find(head) is None

    def type_of(self, node: Name, hint: Type | None, other: Syntax | None) -> Type | None:
        """The type of a name, or of a word read against `hint`, the type of `other`; None if a problem was reported."""
        if isinstance(hint, Choice) and node.dotted in hint.options:
            self.words[node] = node.dotted
            return hint
        if self.is_bare(node) and isinstance(hint, Choice):
            self._never(node, hint, other)
            return None
        if self.is_bare(node) and isinstance(hint, Text) and hint.kind == "id":
            self.words[node] = node.dotted
            return hint
        return self._name(node, hint)

    def _inside(self) -> Mapping[str, Field]:
        return self.scope.fields(self.element) if self.element else {}

    def _never(self, node: Name, hint: Choice, other: Syntax | None) -> None:
        near = nearest(node.dotted, hint.options)
        guess = f"did you mean '{near}'? " if near else ""
        whose = self.expression.source(other) if other else "this"
        remedy = f"{guess}possible values: {', '.join(hint.options)}"
        only = only_near(node.dotted, hint.options)
        self._report("never-that-value", f"{whose} is never {shown(node.dotted)}", node, remedy, only)

    def _name(self, node: Name, hint: Type | None) -> Type | None:
        head, inside = node.parts[0], self._inside()
        outside = self.scope.find(head)
        if self.element is not None and (head == "it" or head in inside):
            if head in inside and outside is not None:
                message = f"{shown(head)} is a field of the element and a name outside"
                self._report("hidden-name", message, node, f"rename the outer one, or write 'it.{head}'")
                return None
            self.elements.add(node)
            return self._behind(node, Field(self.element) if head == "it" else inside[head])[0]
        if outside is None:
            self._no_such_name(node, [*inside, *self.scope.known()], hint)
            return None
        found, may_be_missing = self._behind(node, outside)
        if found is not None:
            self.read[node.dotted] = may_be_missing
        return found

    def _behind(self, node: Name, start: Field) -> tuple[Type | None, bool]:
        """The type behind the dots, and whether something on the way may be missing."""
        found, missing = start, start.may_be_missing
        if start.from_look_up:
            self.followed.add(node)
        for position, part in enumerate(node.parts[1:], start=1):
            fields = self.scope.fields(found.type)
            if part not in fields:
                self._no_such_field(node, position, found.type, fields)
                return None, missing
            found = fields[part]
            missing = missing or found.may_be_missing or bool(found.from_look_up)
            if found.from_look_up:
                self.followed.add(node)
        return found.type, missing

    def _no_such_field(self, node: Name, position: int, type_: Type, fields: Mapping[str, Field]) -> None:
        path = ".".join(node.parts[:position])
        near = nearest(node.parts[position], fields)
        if near:
            remedy = f"did you mean '{path}.{near}'?"
        else:
            remedy = f"{path} has: {', '.join(fields)}" if fields else f"{path} is {type_} and has no fields"
        only = only_near(node.parts[position], fields)
        instead = ".".join([path, only, *node.parts[position + 1 :]]) if only else ""
        lacking = self._lacking(node, position, type_) if not only else None
        self._report("unknown-name", f"there is no {shown(node.dotted)}", node, remedy, instead, lacking)

    def _lacking(self, node: Name, position: int, type_: Type) -> Lacking | None:
        """The field that would have to be there, where a record is asked for its last part."""
        if not isinstance(type_, Record) or position + 1 != len(node.parts):
            return None
        wanted = wanted_type(self.expression.root, node, self.scope)
        return Lacking(type_.name, node.parts[position], wanted)

    def _no_such_name(self, node: Name, known: Sequence[str], hint: Type | None) -> None:
        near = nearest(node.parts[0], known)
        corrected = ".".join([near or "", *node.parts[1:]])
        only = only_near(node.parts[0], set(known))
        instead = ".".join([only, *node.parts[1:]]) if only else ""
        remedy = f"did you mean '{corrected}'?" if near else f"known here: {', '.join(sorted(set(known)))}"
        if node.dotted.lower() in _YES_NO:
            instead = _YES_NO[node.dotted.lower()]
            remedy = f"write '{instead}'"
        elif node.dotted.lower() in _NOTHING:
            remedy = "write 'is known' or 'is not known'"
        elif isinstance(hint, Text):
            remedy = f"put text in quotes: '{node.dotted}'"
        elif node.parts[0] == "it":
            remedy = "'it' stands only behind 'where' and 'sum of'"
        elif node.parts[0] == "chosen":
            remedy = "'chosen' stands only behind 'where' and 'sum of', over a slot of type 'some of …'"
        if not remedy.startswith(("did you mean", "write 'yes'", "write 'no'")):
            instead = ""  # what else it may be is said in the remedy
        lacking = self._lacking(node, 0, self.element) if self.element and not only else None
        self._report("unknown-name", f"there is no {shown(node.dotted)}", node, remedy, instead, lacking)

    def _report(
        self,
        code: str,
        message: str,
        node: Name,
        remedy: str,
        instead: str = "",
        lacking: Lacking | None = None,
    ) -> None:
        problem = self.expression.problem(code, message, node, help=remedy, instead=instead)
        self.problems.append(replace(problem, lacking=lacking) if lacking else problem)
