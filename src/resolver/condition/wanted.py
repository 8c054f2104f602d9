"""Which type a field must have that nobody declared yet, told from the words around it: `… is yes`, `… ago`, `> 5 EUR`.

Used where a field is missing, so that an author can ask for it. A guess, in the words an interface file takes.
"""

from decimal import Decimal

from resolver.condition.scope import Scope
from resolver.condition.syntax import (
    Add,
    AtClock,
    Away,
    Compare,
    Constant,
    In,
    ListForm,
    Logic,
    Name,
    Not,
    Pick,
    Rounded,
    Scale,
    Syntax,
    children,
    walk,
)
from resolver.condition.types import MoneyType, Type
from resolver.condition.values import Amount

UNSAID = "text"
"""What is said where the words around tell nothing."""


def wanted_type(root: Syntax, name: Name, scope: Scope) -> str:
    """The declared type as an interface writes it, such as `money` or `one of [gold, silver]`."""
    parent = next((one for one in walk(root) if any(child is name for child in children(one))), None)
    match parent:
        case Logic() | Not():
            return "yes/no"
        case Away():
            return _moment(name)
        case AtClock():
            return "date"
        case Compare(left=left, right=right, words=words):
            other = right if left is name else left
            if isinstance(other, Name) and other.dotted == "today":
                return "date"
            return _moment(name) if words.endswith(("before", "after")) else _like(other, name, scope)
        case In(options=options):
            return _choice(*options, name=name, scope=scope)
        case Scale() | Rounded() | Add() | Pick():
            return "money"
        case ListForm(kind=kind, source=source):
            return "list of RECORD" if source is name else "money" if kind == "sum" else "yes/no"
    return _moment(name) if name.dotted.endswith(("_at", "_on")) else UNSAID


def _like(other: Syntax, name: Name, scope: Scope) -> str:
    """The type of what it is compared with."""
    if isinstance(other, Constant):
        value = other.value
        if isinstance(value, bool | str):
            return "yes/no" if isinstance(value, bool) else "text"
        return "money" if isinstance(value, Amount) else "number" if isinstance(value, Decimal) else UNSAID
    if isinstance(other, Name):
        if other.dotted == "now":
            return "time"
        found = _type_of(other, scope)
        if found is None:
            return _choice(other, name=name, scope=scope)
        return "money" if isinstance(found, MoneyType) else str(found)
    return "money"


def _choice(*options: Syntax, name: Name, scope: Scope) -> str:
    words = [one.dotted for one in options if isinstance(one, Name)]
    return f"one of [{', '.join(words)}]" if words else _like(options[0], name, scope)


def _type_of(name: Name, scope: Scope) -> Type | None:
    found = scope.find(name.parts[0])
    for part in name.parts[1:]:
        found = scope.fields(found.type).get(part) if found else None
    return found.type if found else None


def _moment(name: Name) -> str:
    return "date" if name.dotted.endswith("_on") else "time"
