"""The logic is Kleene's, and no answer depends on the order of operands."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.condition.check import check_condition
from resolver.condition.evaluate import compile_expression
from resolver.condition.parser import parse_expression
from resolver.condition.scope import Scope
from resolver.condition.types import Field, YesNo
from resolver.condition.values import Unknown, unknown
from resolver.source.node import scalar

NAMES = ("a", "b", "c", "d")
SCOPE = Scope({name: Field(YesNo()) for name in NAMES})
VALUES = {"yes": True, "no": False, "unknown": None}


def answer(shop, text, values):
    problems: list = []
    expression = parse_expression(scalar(text), problems)
    checked = check_condition(expression, SCOPE, problems)
    assert checked is not None, problems
    facts = {name: unknown(name) if value is None else value for name, value in values.items()}
    return compile_expression(checked).call(shop.env(**facts))


def plain(value):
    return None if type(value) is Unknown else value


@pytest.mark.parametrize("left", [True, False, None])
@pytest.mark.parametrize("right", [True, False, None])
def test_the_tables_of_and_or_and_not(shop, left, right):
    values = {"a": left, "b": right}

    both = False if False in (left, right) else None if None in (left, right) else True
    either = True if True in (left, right) else None if None in (left, right) else False
    assert plain(answer(shop, "a and b", values)) is both
    assert plain(answer(shop, "a or b", values)) is either
    assert plain(answer(shop, "not a", values)) is (None if left is None else not left)
    assert answer(shop, "a is known", values) is (left is not None)
    assert answer(shop, "a is not known", values) is (left is None)


def test_the_order_of_three_operands_changes_neither_answer_nor_names(shop):
    for values in product([True, False, None], repeat=3):
        facts = dict(zip("abc", values, strict=True))
        for word in ("and", "or"):
            answers = [answer(shop, f" {word} ".join(order), facts) for order in permutations("abc")]
            assert all(one == answers[0] for one in answers)


def test_an_unknown_answer_names_everything_that_could_have_settled_it(shop):
    assert answer(shop, "c and a", {"a": None, "c": None}).names == ("a", "c")
    assert answer(shop, "a or b or c", {"a": None, "b": False, "c": None}).names == ("a", "c")


CONDITIONS = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        inner.map(lambda text: f"not ({text})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
    ),
    max_leaves=8,
)


@given(CONDITIONS, st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in NAMES}))
def test_what_is_known_already_never_changes_when_more_becomes_known(any_shop, text, values):
    before = plain(answer(any_shop, text, values))

    for filled in product([True, False], repeat=sum(value is None for value in values.values())):
        rest = iter(filled)
        more = {name: next(rest) if value is None else value for name, value in values.items()}
        after = answer(any_shop, text, more)
        assert type(after) is bool
        assert before is None or after is before


@given(CONDITIONS, st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in NAMES}))
def test_de_morgan_holds_with_unknown_values(any_shop, text, values):
    first = answer(any_shop, f"not (({text}) and a)", values)

    second = answer(any_shop, f"not ({text}) or not a", values)

    assert first == second
