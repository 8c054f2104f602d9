"""The code in an answer is found among words and other numbers, and what is read afterwards does not have it."""

import pytest

from resolver.understanding.codes import code_in, hidden


@pytest.mark.parametrize(
    "text",
    [
        "123456",
        "Here it is: 123 456.",
        "Der Code lautet 123-456, danke",
        "(123456)",
        "My code is 123456 and the order is 10231",
        "code: 123456\n\nBest, Ann\n+44 20 7946 0958",
        "123456\n123456",
    ],
)
def test_six_digits_that_are_called_nothing_else_are_the_code(text: str) -> None:
    assert code_in(text) == "123456"


@pytest.mark.parametrize(
    "text",
    [
        "I have no code",
        "It is about order 123456",
        "order number: 123456",
        "#123456",
        "1234567",
        "0151 123456",
        "123456.50 EUR",
        "https://example.com/123456",
        "ann123456@example.com",
        "Either 123456 or 654321",
    ],
)
def test_a_number_that_is_something_else_or_one_of_two_is_no_code(text: str) -> None:
    assert code_in(text) is None


def test_a_number_the_customer_named_before_is_no_code() -> None:
    assert code_in("Is it 204711? My code is 123456", known={"204711"}) == "123456"
    assert code_in("204711", known={"204711"}) is None


@pytest.mark.parametrize("text", ["My code is 123456.", "123 456", "123-456 123456"])
def test_what_is_read_afterwards_has_dots_in_the_same_places(text: str) -> None:
    read = hidden(text, "123456")

    assert len(read) == len(text)
    assert not any(one.isdigit() for one in read)
