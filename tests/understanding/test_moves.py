"""Yes counts only when the message says nothing else; in any doubt it is unclear and asked again."""

import pytest

from resolver.reading import SlotReading, Span
from resolver.understanding import phrases
from resolver.understanding.moves import moves

ALL = phrases.LANGUAGES

# One message between two bars or line ends; ⏎ is a new line inside a message.
YES = """
Yes please|Ja, bitte|go ahead|ok|👍|👍🏽|YES!!!|yesss|Yes please, thanks. Anna|Ja bitte⏎LG Anna|oui|sí, por favor|Please
Sure, go ahead. Thank you!|Yes, please do that.|Ok thanks|Tak, proszę|Yes, that's correct|Perfect, please do|jaaa
That would be great, thank you|Ja gerne|Klar, machen Sie das|Passt so, danke|Einverstanden.|fine by me|Do it|yes 😊
Hello, yes please. Kind regards, Tom Miller|Ja, das ist in Ordnung|Ja, natürlich|Ja natuerlich|Absolutely!|I confirm
Okay, please go ahead.⏎⏎Best⏎Maria|d'accord|de acuerdo|Bitte erledigen Sie das, vielen Dank
"""
NO = """
No|no thanks|Nope.|nein|Nein danke|please don't|No, thank you|Don't do it|lieber nicht|👎|non merci|no, gracias
Please no|nie, dziękuję|No, I changed my mind|I'd rather not|Nein, bitte nicht|leave it as it is please|not now
"""
UNCLEAR = """
yes but only half|ok if it is free|no problem|No problem, go ahead|yes?|maybe|not sure|yes no|I think so|vielleicht
Yes, and also cancel order 10240|What do you mean?|Yes, but not the mug|kein Problem|ja, aber erst morgen|why not
yes if you refund the shipping too|don't know|Thanks|yes later|Ok wait|Yes please cancel it instead|no worries|🤷
How long will it take?|Yes thanks, Cancel|ja oder nein|sure?|Yes 🤔|It's okay|not yes|I never said yes|yes I said no
Please refund order 10231|no go ahead|Yes I received it|no, refund it|ok so what now|tak, ale jutro|d'accord mais
Yes also|no hay problema|The answer is yes or no|Yes, 24 Hill Road|ok and|nicht schlecht|Yes, best⏎Monday
Yes thanks. Tomorrow|yes to the second one|Yes, order 10240
"""


def answer(text: str) -> tuple[str, ...]:
    return moves(text, phrases.read(text, ALL), ("yes_no",), (), ALL, request=False)


def listed(texts: str) -> list[str]:
    return [text.replace("⏎", "\n") for line in texts.strip().split("\n") for text in line.split("|")]


@pytest.mark.parametrize("text", listed(YES))
def test_this_is_a_yes(text: str) -> None:
    assert answer(text) == ("yes",)


@pytest.mark.parametrize("text", listed(NO))
def test_this_is_a_no(text: str) -> None:
    assert answer(text) == ("no",)


@pytest.mark.parametrize("text", listed(UNCLEAR))
def test_this_is_asked_again(text: str) -> None:
    assert answer(text)[0] == "unclear"
    assert {"yes", "no"}.isdisjoint(answer(text))


@pytest.mark.parametrize(
    "text", ["How long will it take?", "Hello! What does that cost?", "Wie lange dauert das denn?"]
)
def test_a_question_in_place_of_an_answer_is_one_of_the_customers_own(text: str) -> None:
    assert answer(text) == ("unclear", "question")
    assert moves(text, phrases.read(text, ALL), ("order_number",), (), ALL, request=False) == ("question",)


@pytest.mark.parametrize("text", ["yes?", "Really? I want it for free.", "ok if it is free"])
def test_a_doubt_is_no_question_that_an_article_answers(text: str) -> None:
    assert "question" not in answer(text)


def test_a_question_beside_the_value_that_was_asked_for_is_heard_too() -> None:
    text = "It is 10231. How long will it take?"
    number = SlotReading("order_number", "10231", Span(6, 11, "10231"))

    found = moves(text, phrases.read(text, ALL), ("order_number",), (number,), ALL, request=False)

    assert found == ("question", "gives")


def test_a_question_that_is_another_request_is_none_here() -> None:
    text = "Where is my other parcel?"

    assert moves(text, phrases.read(text, ALL), ("order_number",), (), ALL, request=True) == ()


def test_a_yes_alone_with_nothing_asked_is_still_told() -> None:
    assert moves("yes", phrases.read("yes", ALL), (), (), ALL, request=False) == ("yes",)


def test_the_customers_language_decides_what_a_short_word_means() -> None:
    english = phrases.read("no", ("en", "pl"))
    polish = phrases.read("no", ("pl", "en"))

    assert english.kinds == {"no"}
    assert polish.kinds == {"unclear"}  # in Polish "no" is closer to "well, yes"


@pytest.mark.parametrize(
    "text",
    [
        "Thank you so much!",
        "Hello",
        "Danke, alles bestens. Schönen Tag noch!",
        "Thanks for your quick help, have a nice weekend :)",
        "Merci beaucoup, bonne journée",
        "❤️",
        "Great service, many thanks\nBest regards\nAnna Smith",
    ],
)
def test_thanks_and_greetings_are_nothing(text: str) -> None:
    assert moves(text, phrases.read(text, ALL), (), (), ALL, request=False) == ("nothing",)


@pytest.mark.parametrize(
    "text", ["Thanks, but where is it?", "Hello, is anybody there?", "Thanks. It broke again."]
)
def test_thanks_with_anything_beside_are_not_nothing(text: str) -> None:
    assert moves(text, phrases.read(text, ALL), (), (), ALL, request=False) == ()


@pytest.mark.parametrize("language", phrases.LANGUAGES)
def test_no_phrase_means_two_opposite_things_in_one_language(language: str) -> None:
    known = phrases.book(language)

    assert {"yes", "no", "unclear", "courtesy", "stops"} <= set(known.kinds.values())
    assert all(len(phrase) <= phrases.LONGEST for phrase in known.kinds)


@pytest.mark.parametrize(
    ("language", "fewest"), [("en", 800), ("de", 700), ("fr", 250), ("es", 250), ("pl", 250)]
)
def test_there_are_hundreds_of_forms(language: str, fewest: int) -> None:
    assert len(phrases.book(language).kinds) >= fewest
