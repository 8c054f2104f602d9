"""A recording of one ticket going through a plan: what was worked out, and what the engine wanted to know of it.

Made by `paths` while the engine plays a ticket whose values are `hidden`. It is a list of lines of Python: those that
work something out, and questions with the answers that this ticket gave.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta, tzinfo
from enum import Enum
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType, MethodDescriptorType
from typing import Any

from resolver.backtest.hidden import Hidden, Looked, code_of
from resolver.condition.env import Env
from resolver.condition.evaluate import Compiled
from resolver.condition.syntax import Name
from resolver.condition.values import PairValue, RecordValue, Unknown
from resolver.decision.effects import Offer
from resolver.decision.facts import OpenQuestion, SlotFact
from resolver.reading import Reading, SlotReading, Span

MAX_LINES = 2_000
"""A longer recording is not kept."""

_OPEN = (type(None), bool, Unknown, Enum, tzinfo)
"""Kinds of values that are shown to the engine as they are; which one it was is part of the recording."""
_BY_VALUE = (str, int, type(None), bytes, timedelta, type, Enum, Unknown)
"""Constants of which equal ones are the same in every respect."""
_METHODS = (FunctionType, MethodDescriptorType, BuiltinFunctionType)
_CERTAIN = (str, date, Span, Offer)
"""What a function that says it returns one of these returns, and nothing else."""
_CARRIERS = (RecordValue, PairValue, SlotReading, Reading, Span, SlotFact, OpenQuestion, Offer)
"""Frozen types that may have a hidden value inside."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something worked out, under a new name; `name` None for a line that only has an effect."""

    name: str | None
    code: str

    @property
    def python(self) -> str:
        """The line as it is run."""
        return self.code if self.name is None else f"{self.name} = {self.code}"


@dataclass(frozen=True, slots=True)
class Question:
    """A test that this ticket passes; tickets that pass another one go another way."""

    code: str
    answer: str


class Words:
    """What stands in recordings under a name: constants of plan and policy, functions. Shared by all of one version."""

    def __init__(self, originals: Mapping[int, object]) -> None:
        self.names: dict[str, Any] = {}
        self._known: dict[Any, str] = {}
        self._originals = originals
        self._results: dict[str, str] = {}

    def result(self, key: str) -> str:
        """The name of what an expression gives: another one for each, in all recordings."""
        return self._results.setdefault(key, f"r{len(self._results)}")

    def of(self, value: object) -> str:
        """The name of this very value."""
        value = self._originals.get(id(value), value)
        key = (type(value), value) if isinstance(value, _BY_VALUE) else (type(value), id(value))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = f"c{len(self.names)}"
            self.names[found] = value  # which keeps it alive, so that no other gets its id
        return found


class Recording:
    """What is written down while the engine plays. The ticket's own values are `t` in its lines."""

    def __init__(self, words: Words, ticket: object) -> None:
        self.words = words
        self.lines: list[Line | Question] = []
        self._space: dict[str, Any] = {"t": ticket}
        self._known: dict[str, Any] = {}
        self._answers: dict[str, Any] = {}
        self._alias: dict[int, tuple[object, str]] = {}
        self._envs: dict[int, tuple[Env, str, str, dict[str, str]]] = {}
        self._moment = 0
        self._busy = False
        self.broken = False

    def alias(self, value: Any, code: str) -> Any:
        """This container of hidden values is `code` in lines."""
        self._alias[id(value)] = (value, code)
        return value

    # -- what Hidden asks for -----------------------------------------------------------------------------------------

    def found(self, code: str, *, key: str | None = None, certain: object = None) -> Any:
        """What this expression gives: hidden, unless it is of a kind that is open.

        Nobody asks for its type where it is `certain`, or where it could be no other.
        """
        key = key or code
        if key in self._known:
            return self._known[key]
        name = self.words.result(key)
        value = self._write(Line(name, code))
        if isinstance(value, _OPEN):
            same = f"{name} is {self.words.of(value)}" if not isinstance(value, Unknown) else None
            self._ask(name, same or f"{name} == {self.words.of(value)}")
            self._known[key] = value
        else:
            if type(value) is not certain:
                self._ask(f"type({name})", f"type({name}) is {self.words.of(type(value))}")
            self._known[key] = Hidden(self, name, value)
        return self._known[key]

    def whether(self, code: str) -> Any:
        """Yes or no, which is part of the recording."""
        known = self._answers.get(code)
        if known is None:
            known = bool(self._value(code))
            self._answers[code] = known
            self._ask(code, code if known else f"not ({code})")
        return known

    def which(self, code: str) -> Any:
        """The very value, which is part of the recording."""
        if code not in self._answers:
            value = self._answers[code] = self._value(code)
            self._ask(code, f"{code} == {self.words.of(value)}")
        return self._answers[code]

    def called(self, function: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        """A function that is one step."""
        if self._busy or not any(map(self._hides, (*args, *more.values()))):
            return function(*args, **more)
        given = [self.code_of(one) for one in args]
        given += [f"{name}={self.code_of(one)}" for name, one in more.items()]
        plain = getattr(function, "__wrapped__", function)
        code = f"{self.words.of(plain)}({', '.join(given)})"
        gives = function.__annotations__.get("return")
        return self.found(code, key=self._now(code), certain=gives if gives in _CERTAIN else None)

    def step(self, function: Callable[..., Any], code: str) -> str:
        """The name of what a function makes of one value; of what type it is nobody asks."""
        return self.line(f"{self.words.of(function)}({code})")

    def line(self, code: str) -> str:
        """The name of what an expression gives; of what type it is nobody asks."""
        if code not in self._known:
            name = self._known[code] = self.words.result(code)
            self._write(Line(name, code))
        found: str = self._known[code]
        return found

    def method(self, owner: Hidden, kind: type, name: str) -> Hidden | None:
        """A method, known by the class; None if the attribute is none."""
        found = getattr(kind, name, None)
        if not isinstance(found, _METHODS):
            return None
        return Hidden(self, f"{code_of(owner)}.{name}", found)

    def evaluated(self, expression: Compiled, env: Env) -> Any:
        """An expression; a name alone is what it stands for, hidden or not."""
        call, root = expression.call, expression.checked.expression.root
        if self._busy or (isinstance(root, Name) and len(root.parts) == 1):
            return call(env)
        code = f"{self.words.of(call)}({self._env(env)})"
        return self.found(code, key=self._now(code))

    def _now(self, code: str) -> str:
        """Names of an environment change, so the same expression may give something else later."""
        return f"{self._moment} {code}" if "(e" in code or ", e" in code else code

    # -- code ---------------------------------------------------------------------------------------------------------

    def code_of(self, value: Any) -> str:
        """The expression that gives this value for every ticket that goes this way."""
        if type(value) is Hidden:
            return code_of(value)
        if id(value) in self._alias:
            return self._alias[id(value)][1]
        if type(value) is Env:
            return self._env(value)
        if type(value) is slice:
            return (
                f"slice({self.code_of(value.start)}, {self.code_of(value.stop)}, {self.code_of(value.step)})"
            )
        if type(value) is not tuple and not self._hides(value):
            return self.words.of(value)
        if type(value) is tuple:
            return f"({''.join([f'{self.code_of(one)}, ' for one in value])})"
        if type(value) is list:
            return f"[{', '.join([self.code_of(one) for one in value])}]"
        if isinstance(value, Mapping):
            return f"{{{', '.join([f'{name!r}: {self.code_of(one)}' for name, one in value.items()])}}}"
        parts = [self.code_of(getattr(value, name)) for name in _fields(type(value))]
        return f"{self.words.of(type(value))}({', '.join(parts)})"

    def _hides(self, value: Any) -> bool:
        kind = type(value)
        if kind is Hidden or kind is Env:
            return True
        if kind is tuple or kind is list:
            return any(map(self._hides, value))
        if kind is dict:
            return any(map(self._hides, value.values()))
        return kind in _CARRIERS and any(self._hides(getattr(value, name)) for name in _fields(kind))

    def _env(self, env: Env) -> str:
        """The environment, made once, with each name in it as it is now."""
        known = self._envs.get(id(env))
        if known is None:
            number = len(self._envs)
            names, code = f"n{number}", f"e{number}"
            self._write(Line(names, "{}"))
            calendar = self.words.of(env.calendar)
            self._write(Line(code, f"{self.words.of(Env)}({names}, {self.code_of(env.now)}, {calendar})"))
            known = self._envs[id(env)] = (env, code, names, {})
        _, code, names, before = known
        for name, value in env.names.items():
            now = self.code_of(value)
            if before.get(name) != now:
                before[name] = now
                self._moment += 1
                self._write(Line(None, f"{names}[{name!r}] = {now}"))
        for name in before.keys() - env.names.keys():
            del before[name]
            self._moment += 1
            self._write(Line(None, f"del {names}[{name!r}]"))
        return code

    def _ask(self, code: str, answer: str) -> None:
        self.lines.append(Question(code, answer))

    def _write(self, line: Line) -> Any:
        if len(self.lines) >= MAX_LINES:
            raise Looked("too long")
        self.lines.append(line)
        if line.name is None:
            self._run(_compiled(line.code, "exec"))
            return None
        value = self._space[line.name] = self._value(line.code)
        return value

    def _value(self, code: str) -> Any:
        return self._run(_compiled(code, "eval"))

    def _run(self, code: CodeType) -> Any:
        if self._busy:
            raise Looked("a value was looked at inside of a step")
        self._busy = True
        try:
            return eval(code, self.words.names, self._space)  # noqa: S307  # written here, never from a ticket's text
        except Exception:
            self.broken = True  # whoever catches it goes on, but no other ticket could
            raise
        finally:
            self._busy = False


def _fields(carrier: Any) -> tuple[str, ...]:
    """The fields of a frozen type."""
    names: tuple[str, ...] | None = getattr(carrier, "__struct_fields__", None)
    return tuple([one.name for one in fields(carrier)]) if names is None else names


@lru_cache(maxsize=8192)
def _compiled(code: str, mode: str) -> CodeType:
    found: CodeType = compile(code, "<recording>", mode)
    return found


def watched(value: Any, watch: Callable[[Any], Any], originals: dict[int, object]) -> Any:
    """A copy of a plan, or of a part of one, in which every expression's function is what `watch` makes of it.

    `originals` gets the part that each copy was made of.
    """
    if type(value) is Compiled:
        return Compiled(value.type, value.names, value.source, value.checked, watch(value))
    if type(value) is tuple:
        return tuple([watched(one, watch, originals) for one in value])
    if isinstance(value, Mapping):
        return {name: watched(one, watch, originals) for name, one in value.items()}
    if not is_dataclass(value) or isinstance(value, type) or not type(value).__module__.startswith(_COPIED):
        return value
    copy = object.__new__(type(value))
    for one in fields(value):
        object.__setattr__(copy, one.name, watched(getattr(value, one.name), watch, originals))
    originals[id(copy)] = value
    return copy


_COPIED = ("resolver.playbook", "resolver.connector")
