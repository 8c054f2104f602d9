"""Values are taken literally from the text, and only where their form and the words around them say so."""

from datetime import UTC, datetime

import pytest

from resolver.condition.declared import PLAIN
from resolver.errors import Malformed
from resolver.understanding.slots import Slots


def values(text: str, slot_type: str, *asked: str) -> list[str]:
    return [one.value for one in Slots().read(text, asked) if one.slot_type == slot_type]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Please refund order 10231", ["10231"]),
        ("#10231 please", ["10231"]),
        ("order A-1001", ["A-1001"]),
        ("it is about a-1001", ["A-1001"]),
        ("orders 10231 and 10240", ["10231", "10240"]),
        ("10231, 10240 & 10250", ["10231", "10240", "10250"]),
        ("order no. 1001", ["1001"]),
        ("My order is 1001.", ["1001"]),
        ("Bestellnummer: 10260.", ["10260"]),
        ("ORD-2024-000123", ["ORD-2024-000123"]),
        ("order AB12345", ["AB12345"]),
        ("customer number 88231, order number 10231", ["10231"]),
        ("In 2024 I ordered 10231", ["10231"]),
        ("Refund 9,999 EUR to order 10270", ["10270"]),
        ("order 10231, order 10231", ["10231"]),
        ("10231", ["10231"]),
    ],
)
def test_order_numbers_are_found(text: str, numbers: list[str]) -> None:
    assert values(text, "order_number") == numbers


@pytest.mark.parametrize(
    "text",
    [
        "Call me on +44 20 7946 0958",
        "Call me on 0171/2345678 or 030 1234567 or (555) 123-4567",
        "I paid 12000 EUR, not $12000 and not 12000.50",
        "It was in 2024",
        "Springfield, IL 62704",
        "10969 Berlin",
        "22 Hill Road, Leeds LS1 4AB",
        "Musterweg 5, 12345 Musterstadt",
        "invoice 50123",
        "customer number 88231",
        "my zip is 10231",
        "my card is 4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "on 12.11.2025 at 10:30",
        "https://shop.example/orders/10231?id=55555",
        "10231.anna@mail.example",
        "I need 50000 pieces",
        "SKU-10023 and ISO-9001",
        "my WH-1000XM4 headphones",
        "1.234.567",
        "AB12345",
    ],
)
def test_other_numbers_are_no_order_numbers(text: str) -> None:
    assert values(text, "order_number") == []


def test_a_short_number_counts_when_it_was_asked_for() -> None:
    assert values("it is 1001", "order_number", "order_number") == ["1001"]
    assert values("it is 1001", "order_number") == []
    assert values("I bought it in 2024", "order_number", "order_number") == []


def test_an_own_pattern_replaces_the_rules() -> None:
    slots = Slots(r"\bACME/(\d{2}/\d{3})\b")

    found = slots.read("refund ACME/12/345, not 10231")

    assert [(one.value, one.span.text) for one in found] == [("12/345", "ACME/12/345")]


@pytest.mark.parametrize("pattern", ["(", r"\d*"])
def test_a_pattern_that_cannot_work_is_an_error_with_a_remedy(pattern: str) -> None:
    with pytest.raises(Malformed, match="for example"):
        Slots(pattern)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (
            "send it to 22 Hill Road, Leeds LS1 4AB, United Kingdom",
            "22 Hill Road, Leeds LS1 4AB, United Kingdom",
        ),
        ("send to 22 hill road, leeds ls1 4ab please", "22 hill road, leeds ls1 4ab"),
        (
            "Flat 3, 14a Queen's Gate Terrace, London SW7 5PR. Thanks",
            "Flat 3, 14a Queen's Gate Terrace, London SW7 5PR",
        ),
        ("22 Hill Road\nLeeds\nLS1 4AB", "22 Hill Road, Leeds, LS1 4AB"),
        ("to 123 Main St, Apt 4B, Springfield, IL 62704", "123 Main St, Apt 4B, Springfield, IL 62704"),
        (
            "350 King Street West, Toronto, ON M5V 3X5, Canada",
            "350 King Street West, Toronto, ON M5V 3X5, Canada",
        ),
        ("an die Lindenstraße 12, 10969 Berlin.", "Lindenstraße 12, 10969 Berlin"),
        (
            "Anna Meier\nAm Alten Markt 5b\n50667 Köln\nDeutschland",
            "Am Alten Markt 5b, 50667 Köln, Deutschland",
        ),
        ("Hauptstr. 5, 1010 Wien, Österreich", "Hauptstr. 5, 1010 Wien, Österreich"),
        ("Bahnhofstrasse 10, 8001 Zürich", "Bahnhofstrasse 10, 8001 Zürich"),
        ("Unter den Linden 77, 10117 Berlin", "Unter den Linden 77, 10117 Berlin"),
        ("12 bis rue de la Paix, 75002 Paris, France", "12 bis rue de la Paix, 75002 Paris, France"),
        ("Keizersgracht 123-2, 1015 CJ Amsterdam", "Keizersgracht 123-2, 1015 CJ Amsterdam"),
        ("ul. Marszałkowska 12/3, 00-590 Warszawa", "ul. Marszałkowska 12/3, 00-590 Warszawa"),
        ("Calle de Alcalá 45, 28014 Madrid", "Calle de Alcalá 45, 28014 Madrid"),
        ("Via Roma 12, 20121 Milano, Italy", "Via Roma 12, 20121 Milano, Italy"),
    ],
)
def test_postal_addresses_are_found_whole(text: str, address: str) -> None:
    assert values(text, "address") == [address]


@pytest.mark.parametrize(
    "text",
    [
        "I live in Leeds",
        "Order 10231 Please cancel",
        "send 2 mugs to 10115 Berlin",
        "on 3 Nov 2025 Order 10231",
    ],
)
def test_a_place_without_a_street_is_no_address(text: str) -> None:
    assert values(text, "address") == []


@pytest.mark.parametrize(
    "text", ["Which one do you mean, 5 or 6?", "Order 10231 instead please", "I do not know"]
)
def test_what_is_no_answer_is_not_taken_for_an_address(text: str) -> None:
    assert values(text, "address", "address") == []


def test_money_is_exact_and_has_its_currency() -> None:
    text = "1299,00 € or 49.90 EUR or £20 or 12 zł or 20 dollars or $1,299.50 or CHF 1'000.05 or 9,999 EUR"

    assert values(text, "money") == [
        "1299.00 EUR", "49.90 EUR", "20 GBP", "12 PLN", "20 USD", "1299.50 USD", "1000.05 CHF", "9999 EUR",
    ]  # fmt: skip


def test_an_email_address_is_lower_case_and_an_order_inside_it_is_none() -> None:
    assert values("Write to Anna.B+shop@Example.com", "email") == ["anna.b+shop@example.com"]


def test_free_text_is_the_whole_message_when_asked_for() -> None:
    assert values("It was a gift", "text", "text") == ["It was a gift"]
    assert values("It was a gift", "text") == []


SAID = {
    "text": "the blue one",
    "number": "it was 3",
    "money": "about 20 EUR",
    "date": "on 12 November",
    "time": "tomorrow at 6 pm",
    "email": "ann@mail.example",
    "phone": "+49 30 1234567",
    "address": "Lindenweg 3, 10115 Berlin",
    "country": "to Germany",
    "order_number": "10231",
}


NOT_READ = {"duration"}
"""Lint warns of a question of this type: never-filled."""
NEVER_ASKED = {"yes/no": "a move, not a value", "days": "no slot can be it", "secret": "no slot can be it"}


@pytest.mark.parametrize("slot_type", sorted(PLAIN.keys() - NOT_READ - NEVER_ASKED.keys()))
def test_every_type_a_question_may_have_is_read_from_its_answer(slot_type: str) -> None:
    found = Slots().read(
        SAID[slot_type], [slot_type], language="en", written_at=datetime(2026, 11, 10, tzinfo=UTC)
    )

    assert slot_type in {one.slot_type for one in found}
