"""Sentences and clauses are literal spans, cut where a person would cut."""

from resolver.understanding.sentences import clauses, sentences


def cut(text: str) -> list[str]:
    return [span.text for span in sentences(text)]


def parts(text: str) -> list[str]:
    (sentence,) = sentences(text)
    return [span.text for span in clauses(sentence)]


def test_sentences_end_at_full_stops_questions_and_lines() -> None:
    assert cut("Hello! Where is it? I wait. Thanks\nAnna") == [
        "Hello!",
        "Where is it?",
        "I wait.",
        "Thanks",
        "Anna",
    ]


def test_abbreviations_and_numbers_do_not_end_a_sentence() -> None:
    assert cut("My order no. 10231 cost 49.90 EUR.") == ["My order no. 10231 cost 49.90 EUR."]
    assert cut("Bestellung Nr. 10231 bitte") == ["Bestellung Nr. 10231 bitte"]


def test_a_wrapped_line_goes_on() -> None:
    text = "I bought a kettle in your shop last week and would like\nto send it back."

    assert cut(text) == [text]


def test_two_requests_joined_by_and_are_two_clauses() -> None:
    assert parts("Cancel order 10240 and refund order 10231") == ["Cancel order 10240", "refund order 10231"]
    assert parts("It is broken, please refund it") == ["It is broken", "please refund it"]


def test_two_nouns_joined_by_and_are_none() -> None:
    assert parts("Where are shoes and socks") == []


def test_spans_point_into_the_text() -> None:
    text = "Hello.  Cancel order 10240 and refund order 10231. Thanks"

    spans = [span for sentence in sentences(text) for span in (sentence, *clauses(sentence))]

    assert all(text[span.start : span.end] == span.text for span in spans)


def test_a_very_long_message_has_a_bounded_number_of_sentences() -> None:
    assert len(sentences("No. " * 1000)) == 24
