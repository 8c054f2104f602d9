"""Texts that depend on a count: the form each language takes, and none may be missing."""

import re

import pytest

from resolver.decision.effects import Confirm
from resolver.money import Money
from resolver.playbook.compile import compile_playbook
from resolver.playbook.plural import WRITTEN, forms_by_babel, forms_of
from resolver.source.load import load
from tests.decision.conftest import REFUND, Maker, order_fields, said

ONE = "  confirm_refund:\n"
COUNTED = REFUND.replace("languages: [en, de]", "languages: [en, pl]").replace(
    """  confirm_refund:
    en: "I can refund {amount} for {order.lines} of order {order}. Shall I?"
    de: "Ich kann {amount} für {order.lines} aus Bestellung {order} erstatten. Soll ich?"
""",
    """  confirm_refund:
    count: order.lines
    en: {one: "{order}: {amount} for one item, {order.lines}?", other: "{order}: {amount} for items {order.lines}?"}
    pl:
      one: "{order}: {amount} za jeden produkt, {order.lines}?"
      few: "{order}: {amount} za produkty {order.lines}?"
      many: "{order}: {amount} za wiele produktów, {order.lines}?"
""",
)
COUNTED = re.sub(r"\bde:", "pl:", COUNTED)


def lines_of(count: int) -> list[dict[str, object]]:
    return [
        {
            "id": f"l{n}",
            "name": f"M{n}",
            "quantity": 1,
            "refundable": Money.parse("1 EUR"),
            "final_sale": False,
        }
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        ("en", 1, "for one item"),
        ("en", 2, "for items"),
        ("pl", 1, "za jeden produkt"),
        ("pl", 3, "za produkty"),
        ("pl", 5, "za wiele"),
    ],
)
def test_the_form_is_that_of_the_language_and_the_count(
    make: Maker, language: str, count: int, words: str
) -> None:
    desk = make.desk(COUNTED, orders={"10231": order_fields(lines=lines_of(count))}, language=language)

    desk.hears(said("Refund 10231", order_number="10231"))

    (confirm,) = desk.of(Confirm)
    assert words in confirm.text


def problems_of(make: Maker, text: str) -> dict[str, str]:
    _, problems = compile_playbook(load(text, "refund_order.yaml"), make.interfaces, make.policy())
    return {one.code: one.message for one in problems}


def test_a_missing_form_is_found(make: Maker) -> None:
    text = COUNTED.replace('      few: "{order}: {amount} za produkty {order.lines}?"\n', "")

    assert problems_of(make, text)["missing-plural"] == "reply 'confirm_refund' has no text for pl: few"


def test_a_form_that_hides_a_value_is_found_in_every_form(make: Maker) -> None:
    text = COUNTED.replace("za produkty {order.lines}", "za produkty")

    assert "order.lines" in problems_of(make, text)["confirm-hides-value"]


def test_only_a_number_or_a_list_can_be_counted(make: Maker) -> None:
    assert "wrong-type" in problems_of(make, COUNTED.replace("count: order.lines", "count: order.status"))
    assert "unknown-word" in problems_of(make, COUNTED.replace("      few: ", "      some: "))


def test_whole_numbers_take_the_forms_each_language_has() -> None:
    assert forms_of("en") == ("one", "other")
    assert forms_of("fr") == ("one", "other")
    assert forms_of("pl") == ("one", "few", "many")
    assert forms_of("cy") == ("one", "two", "other", "zero", "few", "many")
    assert forms_of("xx") == ("other",)


def test_the_forms_that_are_written_down_are_those_of_cldr() -> None:
    assert {language: forms_by_babel(language) for language in WRITTEN} == WRITTEN
