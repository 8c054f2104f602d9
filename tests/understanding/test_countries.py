"""Countries are read by their names in five languages; adjectives, cities of that name and pronouns are none."""

import pytest

from resolver.understanding.slots import Slots

SLOTS = Slots(kinds=["country"])


def codes(text: str, *asked: str) -> list[str]:
    found = [one for one in SLOTS.read(text, asked) if one.slot_type == "country"]
    assert all(text[one.span.start : one.span.end] == one.span.text for one in found)
    return [one.value for one in found]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Please ship it to Germany", "DE"),
        ("nach Deutschland bitte", "DE"),
        ("do Niemiec", "DE"),
        ("Niemcy", "DE"),
        ("wyślij do Francji", "FR"),
        ("w Wielkiej Brytanii", "GB"),
        ("We moved to the UK.", "GB"),
        ("to the U.S.A.", "US"),
        ("I live in the US", "US"),
        ("EE. UU.", "US"),
        ("aux Pays-Bas", "NL"),
        ("in den Niederlanden", "NL"),
        ("España", "ES"),
        ("Côte d’Ivoire", "CI"),
        ("to Jersey", "JE"),
        ("statt Deutschland nach Österreich", "AT"),
        ("not Germany but Austria", "AT"),
    ],
)
def test_a_country_is_read(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    ["a German shop", "give it to us", "a cold turkey", "my Jersey is torn", "DE", "de", "New Mexico", "South America",
     "Polski sklep", "anna@poland.example", "https://shop.example/Germany"],
)  # fmt: skip
def test_what_is_no_country_is_not_read(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code"), [("DE", "DE"), ("de", "DE"), ("It is PL.", "PL"), ("germany", "DE"), ("us", "US")]
)
def test_an_answer_may_be_a_code_or_in_small_letters(text: str, code: str) -> None:
    assert codes(text, "country") == [code]


def test_an_interfaces_own_kind_of_text_is_read_by_its_pattern() -> None:
    slots = Slots(kinds=["warranty_number"], patterns={"warranty_number": r"WAR-\d{4}"})

    found = slots.read("It is WAR-2204 of order 10231, not XWAR-22041X")

    assert [(one.slot_type, one.value) for one in found] == [
        ("warranty_number", "WAR-2204"),  # and no order number
        ("order_number", "10231"),
    ]
