"""The small functions a compiled expression is nested from.

Made by `evaluate` only. Each is called with the `Env` and, inside a list form, the element; `Unknown` passes through
them as Kleene's logic says, with the causes of every part, so that no answer depends on the order of operands.
"""

from collections.abc import Callable, Sequence
from typing import Any

from resolver.condition import arithmetic, instants
from resolver.condition.env import Env
from resolver.condition.values import (
    ZERO,
    Amount,
    PairValue,
    PerCurrency,
    RecordValue,
    Reference,
    Unknown,
    both_unknown,
    normal_email,
    unknown,
)

Step = Callable[..., Any]
"""A compiled part; `Any`, because the checker has proven which types meet where."""

# -- values -------------------------------------------------------------------------------------------------------


def fixed(value: Any) -> Step:
    """A value written out."""
    return lambda env, it=None: value


def root(name: str) -> Step:
    """A root name."""
    missing = unknown(name)

    def find(env: Env, it: Any = None) -> Any:
        value = env.names.get(name, missing)
        return missing if type(value) is Unknown and not value.causes else value

    return find


def field(name: str, part: str) -> Step:
    """A field of a root name, the commonest form."""
    no_record, missing = unknown(name), unknown(f"{name}.{part}")

    def find(env: Env, it: Any = None) -> Any:
        record: Any = env.names.get(name, no_record)
        try:
            value = record.fields[part]
        except (KeyError, AttributeError):
            return _behind(record, part, no_record, missing)
        return missing if type(value) is Unknown and not value.causes else value

    return find


def element_field(name: str, part: str) -> Step:
    """A field of the element of a list form; `name` is the list's."""
    no_element, missing = unknown(name), unknown(f"{name}.{part}")

    def find(env: Env, it: Any) -> Any:
        try:
            value = it.fields[part]
        except (KeyError, AttributeError):
            return _behind(it, part, no_element, missing)
        return missing if type(value) is Unknown and not value.causes else value

    return find


def path(start: Step, parts: Sequence[str], name: str) -> Step:
    """Fields of fields; `name` is what the start is called in causes."""
    dotted = [".".join((name, *parts[: count + 1])) for count in range(len(parts))]
    steps = [(part, unknown(whole)) for part, whole in zip(parts, dotted, strict=True)]
    no_start = unknown(name)

    def find(env: Env, it: Any = None) -> Any:
        value = start(env, it)
        for part, missing in steps:
            value = _behind(value, part, no_start, missing)
        return value

    return find


def followed_path(start: Step, parts: Sequence[str], name: str) -> Step:
    """The same where a field on the way is a reference: the record behind it, unknown until it was read."""
    whole = [".".join((name, *parts[: count + 1])) for count in range(len(parts))]
    steps = [(part, dotted, unknown(dotted)) for part, dotted in zip(parts, whole, strict=True)]
    no_start = unknown(name)

    def find(env: Env, it: Any = None) -> Any:
        value = start(env, it)
        for part, dotted, missing in steps:
            value = _behind(value, part, no_start, missing)
            if type(value) is Reference:
                value = env.referred.follow(value, dotted)
        return value

    return find


def element(name: str) -> Step:
    """The element of a list form; `name` is the list's."""
    missing = unknown(name)

    def find(env: Env, it: Any) -> Any:
        return missing if type(it) is Unknown and not it.causes else it

    return find


def applied(function: Callable[[Any], Any], operand: Step) -> Step:
    """A function that itself lets `Unknown` through."""
    return lambda env, it=None: function(operand(env, it))


def identity(value: Any) -> Any:
    """What makes a record the same record: its type and key."""
    return (value.type_name, value.key) if type(value) is RecordValue else value


def folded_email(value: Any) -> Any:
    """An e-mail address as it is compared."""
    return normal_email(value) if type(value) is str else value


def _behind(value: Any, part: str, no_start: Unknown, missing: Unknown) -> Any:
    if type(value) is RecordValue:
        found: Any = value.fields.get(part, missing)
    elif type(value) is PairValue:
        found = value.item if part == "item" else value.to
    elif type(value) is Unknown:
        return value if value.causes else no_start
    else:
        return missing
    return missing if type(found) is Unknown and not found.causes else found


# -- logic --------------------------------------------------------------------------------------------------------


def negation(operand: Step) -> Step:
    """`not`."""

    def negate(env: Env, it: Any = None) -> Any:
        value = operand(env, it)
        return value if type(value) is Unknown else not value

    return negate


def logic(word: str, operands: Sequence[Step]) -> Step:
    """`and`, `or`: one operand that settles it settles it, whatever the others are."""
    settles = word == "or"
    return _logic_of_two(settles, *operands) if len(operands) == 2 else _logic_of_many(settles, operands)


def _logic_of_two(settles: bool, left: Step, right: Step) -> Step:
    def decide(env: Env, it: Any = None) -> Any:
        first = left(env, it)
        if first is settles:
            return settles
        second = right(env, it)
        if second is settles or type(first) is not Unknown:
            return second
        return both_unknown(first, second) if type(second) is Unknown else first

    return decide


def _logic_of_many(settles: bool, operands: Sequence[Step]) -> Step:
    def decide(env: Env, it: Any = None) -> Any:
        answer: Any = not settles
        for operand in operands:
            value = operand(env, it)
            if value is settles:
                return settles
            answer = _with_unknown(answer, value)
        return answer

    return decide


def _with_unknown(answer: Any, value: Any) -> Any:
    """The answer so far, made unknown by a value that is."""
    if type(value) is not Unknown:
        return answer
    return both_unknown(answer, value) if type(answer) is Unknown else value


def known(operand: Step, *, negated: bool) -> Step:
    """`is known`, `is not known`: never unknown."""
    return lambda env, it=None: (type(operand(env, it)) is Unknown) is negated


# -- two sides ----------------------------------------------------------------------------------------------------


def first_unknown(left: Any, right: Any) -> Unknown | None:
    """What two values leave unknown together, or None."""
    if type(left) is Unknown:
        return both_unknown(left, right) if type(right) is Unknown else left
    return right if type(right) is Unknown else None


def operation(function: Callable[[Any, Any], Any], left: Step, right: Step) -> Step:
    """A comparison or computation of two values of one type, money excepted."""

    def compute(env: Env, it: Any = None) -> Any:
        first, second = left(env, it), right(env, it)
        if type(first) is Unknown or type(second) is Unknown:
            return first_unknown(first, second)
        return function(first, second)

    return compute


def is_word(left: Step, word: str, *, negated: bool) -> Step:
    """A choice compared with one of its words."""

    def compare(env: Env, it: Any = None) -> Any:
        value = left(env, it)
        return value if type(value) is Unknown else (value == word) is not negated

    return compare


def membership(left: Step, words: frozenset[str]) -> Step:
    """A choice among several of its words."""

    def contains(env: Env, it: Any = None) -> Any:
        value = left(env, it)
        return value if type(value) is Unknown else value in words

    return contains


def money_comparison(
    function: Callable[[Any, Any], bool], left: Step, right: Step, mismatch: Unknown
) -> Step:
    """A comparison of money; two currencies are unknown."""

    def compare(env: Env, it: Any = None) -> Any:
        first, second = left(env, it), right(env, it)
        if type(first) is Amount:
            if type(second) is Amount and first.currency == second.currency:
                return function(first.value, second.value)
            if type(second) is PerCurrency and first.currency in second.amounts:
                return function(first.value, second.amounts[first.currency])
        pair = arithmetic.aligned(first, second, mismatch)
        return pair if isinstance(pair, Unknown) else function(pair[0].value, pair[1].value)

    return compare


def money_against_zero(function: Callable[[Any, Any], bool], left: Step, mismatch: Unknown) -> Step:
    """A comparison of money with a plain 0, which fits every currency."""

    def compare(env: Env, it: Any = None) -> Any:
        first = left(env, it)
        if type(first) is Amount:
            return function(first.value, 0)
        pair = arithmetic.aligned(first, ZERO, mismatch)
        return pair if isinstance(pair, Unknown) else function(pair[0].value, pair[1].value)

    return compare


def money_operation(function: Callable[[Any, Any], Any], left: Step, right: Step, mismatch: Unknown) -> Step:
    """A computation with money; two currencies are unknown."""

    def compute(env: Env, it: Any = None) -> Any:
        first, second = left(env, it), right(env, it)
        if type(first) is Amount and type(second) is Amount and first.currency == second.currency:
            return Amount(function(first.value, second.value), first.currency)
        return arithmetic.combined(function, first, second, mismatch)

    return compute


def text_search(left: Step, right: Step) -> Step:
    """`contains`, in a text or in a list of texts; capitals and small letters are the same."""

    def search(env: Env, it: Any = None) -> Any:
        whole, part = left(env, it), right(env, it)
        if type(whole) is Unknown or type(part) is Unknown:
            return first_unknown(whole, part)
        sought = part.casefold()
        if type(whole) is str:
            return sought in whole.casefold()
        answer: Any = False
        for text in whole:
            if type(text) is not Unknown and text.casefold() == sought:
                return True
            answer = _with_unknown(answer, text)
        return answer

    return search


def move(left: Step, right: Step, sign: int, out_of_range: Unknown) -> Step:
    """A time, date or duration with a length added or taken away."""

    def shift(env: Env, it: Any = None) -> Any:
        start, length = left(env, it), right(env, it)
        if type(start) is Unknown or type(length) is Unknown:
            return first_unknown(start, length)
        try:
            return instants.moved(env, start, length, sign)
        except OverflowError:
            return out_of_range

    return shift


# -- lists --------------------------------------------------------------------------------------------------------


def quantified(source: Step, keep: Step, *, settles_at: bool) -> Step:
    """`any of` (settles at the first yes) and `all of` (settles at the first no)."""

    def decide(env: Env, it: Any = None) -> Any:
        elements = source(env)
        if type(elements) is Unknown:
            return elements
        answer: Any = not settles_at
        for one in elements:
            value = keep(env, one)
            if value is settles_at:
                return settles_at
            answer = _with_unknown(answer, value)
        return answer

    return decide


def total(source: Step, keep: Step, summand: Step, plus: Callable[[Any, Any], Any], nothing: Any) -> Step:
    """`sum of` and `count of`; an unknown summand, or an element that may or may not count, makes it unknown."""

    def add_up(env: Env, it: Any = None) -> Any:
        elements = source(env)
        if type(elements) is Unknown:
            return elements
        answer: Any = nothing
        for one in elements:
            kept = keep(env, one)
            if kept is False:
                continue
            value = kept if type(kept) is Unknown else summand(env, one)
            if type(value) is Unknown or type(answer) is Unknown:
                answer = _with_unknown(answer, value)
            else:
                answer = plus(answer, value)
        return answer

    return add_up


def options(source: Step, keep: Step) -> Step:
    """The elements a slot may offer; one whose filter is unknown is not offered."""

    def choose(env: Env, it: Any = None) -> Any:
        elements = source(env)
        return (
            elements
            if type(elements) is Unknown
            else tuple([one for one in elements if keep(env, one) is True])
        )

    return choose
