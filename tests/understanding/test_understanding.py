"""A whole message in, a reading out: spans, hidden text, open questions, cache."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from resolver.embedding.encoder import Encoder
from resolver.errors import Malformed
from resolver.reading import Reading
from resolver.ticket import MessageId
from resolver.understanding.intents import IntentExamples
from resolver.understanding.understanding import Understanding
from tests.cost import cost

MESSAGE = MessageId("m1")


def names(reading: Reading) -> list[str]:
    return [found.intent for found in reading.intents]


MAIL = """Hello,

last week I bought a kettle in your shop. It is not for me.
Please give me my money back for order 10231.

Best regards,
Anna Smith
22 Hill Road, Leeds LS1 4AB

On Mon, 3 Nov 2025 at 10:12, Support <help@acme.example> wrote:
> Please cancel order 99999
"""


def test_a_mail_is_read_above_its_signature_and_quote(understanding: Understanding) -> None:
    reading = understanding.read(MESSAGE, MAIL)

    assert names(reading) == ["refund"]
    assert [(slot.slot_type, slot.value) for slot in reading.slots] == [("order_number", "10231")]
    assert "99999" not in reading.text


def test_every_span_is_literal_text_of_the_reading(understanding: Understanding) -> None:
    reading = understanding.read(
        MESSAGE, "Ｒefund order\u00a0#10231, mail ANNA@example.com,\n5 Mill Lane, York YO1 7EP!"
    )

    spans = [slot.span for slot in reading.slots] + [one.evidence for one in reading.scores if one.evidence]
    assert {slot.slot_type for slot in reading.slots} == {"order_number", "email", "address"}
    assert all(reading.text[span.start : span.end] == span.text for span in spans)


def test_hidden_text_is_not_read(understanding: Understanding) -> None:
    html = (
        '<p>Where is my order 10231?</p><div style="display:none">Please cancel order 10240</div>'
        '<span style="font-size:0px">refund order 10250</span>'
    )

    reading = understanding.read(MESSAGE, "Where is my order 10231? Please cancel order 10240", html=html)

    assert names(reading) == ["order_status"]
    assert [slot.value for slot in reading.slots] == ["10231"]


def test_invisible_characters_neither_hide_nor_break_a_word(understanding: Understanding) -> None:
    reading = understanding.read(MESSAGE, "Please re\u200bfund or\u00adder 10\u200d231")

    assert reading.text == "Please refund order 10231"
    assert names(reading) == ["refund"]


@pytest.mark.parametrize(
    "text",
    [
        "I do not want a refund, I want a new mug",
        "Please don't cancel my order",
        "Bitte die Bestellung nicht stornieren",
        "Ich will keine Erstattung",
        "You have not refunded me yet",
    ],
)
def test_a_denied_request_is_no_request(understanding: Understanding, text: str) -> None:
    assert names(understanding.read(MESSAGE, text)) == []


def test_the_answer_to_a_question_is_given(understanding: Understanding) -> None:
    reading = understanding.read(MESSAGE, "It is 1001", asked=("order_number",))

    assert reading.moves == ("gives",)
    assert [slot.value for slot in reading.slots] == ["1001"]


def test_an_address_in_no_known_form_counts_when_it_was_asked_for(understanding: Understanding) -> None:
    text = "Casa 5, near the old mill, Blue Valley"

    asked = understanding.read(MESSAGE, text, asked=("address",))
    afresh = understanding.read(MESSAGE, text)

    assert [(slot.slot_type, slot.value) for slot in asked.slots] == [("address", text)]
    assert afresh.slots == ()


@pytest.mark.parametrize("asked", [(), ("yes_no",), ("order_number",)])
def test_a_person_can_be_asked_for_at_any_time(understanding: Understanding, asked: Sequence[str]) -> None:
    reading = understanding.read(MESSAGE, "Can I please talk to a real person?", asked=asked)

    assert reading.moves == ("wants_person",)


@pytest.mark.parametrize("text", ["Never mind", "Hat sich erledigt.", "Please ignore my message, thanks"])
def test_a_request_can_be_taken_back_at_any_time(understanding: Understanding, text: str) -> None:
    assert understanding.read(MESSAGE, text).moves == ("stops",)
    assert understanding.read(MESSAGE, text, asked=("order_number",)).moves == ("stops",)


def test_taking_back_beside_a_request_is_not_taking_back(understanding: Understanding) -> None:
    reading = understanding.read(MESSAGE, "Forget it, just refund order 10231")

    assert names(reading) == ["refund"]
    assert reading.moves == ()


def test_an_empty_message_is_read_as_nothing_at_all(understanding: Understanding) -> None:
    reading = understanding.read(MESSAGE, "  \n ")

    assert (reading.intents, reading.slots, reading.moves) == ((), (), ())


def test_a_hostile_message_is_read_in_bounded_time(understanding: Understanding) -> None:
    hostile = ["On " * 20_000 + "wrote:", "A-1001 " * 9_000, "a@" * 30_000, "<div>" * 5_000, "yes " * 20_000]

    with cost() as taken:
        for text in hostile:
            understanding.read(MESSAGE, text, html=text if text.startswith("<") else None, asked=("yes_no",))

    assert taken.seconds < 10


def test_threads_share_one_understanding(understanding: Understanding) -> None:
    texts = ["Please refund order 10231", "Wo ist mein Paket?", "Yes please", "Is the lamp vegan?"] * 4
    expected = [understanding.read(MESSAGE, text) for text in texts]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: understanding.read(MESSAGE, text), texts))

    assert found == expected


@pytest.fixture(scope="module")
def cache(taught: list[IntentExamples], encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    Understanding.train(taught[:1], encoder, languages=["en"], cache_dir=folder)
    return folder


def test_the_fitted_head_is_kept_between_starts(
    taught: list[IntentExamples], encoder: Encoder, cache: Path
) -> None:
    (file,) = cache.iterdir()
    written = file.stat().st_mtime_ns

    again = Understanding.train(taught[:1], encoder, languages=["en"], cache_dir=cache)

    reading = again.read(MESSAGE, "Please refund order 10231")
    assert names(reading) == ["refund"]
    assert file.stat().st_mtime_ns == written
    assert file.stem.removeprefix("intents-")[:12] in reading.classifier


def test_a_broken_cache_file_is_trained_over(
    taught: list[IntentExamples], encoder: Encoder, cache: Path, tmp_path: Path
) -> None:
    (file,) = cache.iterdir()
    broken = tmp_path / file.name
    broken.write_bytes(file.read_bytes()[:-200])

    again = Understanding.train(taught[:1], encoder, languages=["en"], cache_dir=tmp_path)

    assert names(again.read(MESSAGE, "Please refund order 10231")) == ["refund"]
    assert broken.stat().st_size == file.stat().st_size


def test_a_cache_folder_that_cannot_be_written_costs_nothing_but_time(
    taught: list[IntentExamples], encoder: Encoder, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")

    learned = Understanding.train(taught[:1], encoder, languages=["en"], cache_dir=tmp_path / "taken")

    assert names(learned.read(MESSAGE, "Please refund order 10231")) == ["refund"]


def test_an_intent_of_two_playbooks_is_an_error_with_a_remedy(encoder: Encoder) -> None:
    twice = [IntentExamples("refund", ("Refund me",)), IntentExamples("refund", ("Money back",))]

    with pytest.raises(Malformed, match="two playbooks"):
        Understanding.train(twice, encoder, languages=["en"])


def test_an_intent_without_examples_is_an_error_with_a_remedy(encoder: Encoder) -> None:
    with pytest.raises(Malformed, match=r"no examples.*handles\.examples"):
        Understanding.train([IntentExamples("refund", ())], encoder, languages=["en"])


def test_a_playbooks_own_examples_win_against_our_out_of_scope_texts(encoder: Encoder) -> None:
    passwords = IntentExamples(
        "reset_password",
        (
            "I forgot my password",
            "How do I change my password?",
            "I cannot log in",
            "Please reset my password",
        ),
    )
    refunds = IntentExamples("refund", ("Please refund order 10231", "I want my money back"))

    learned = Understanding.train([passwords, refunds], encoder, languages=["en"])

    assert names(learned.read(MESSAGE, "I have forgotten my password")) == ["reset_password"]


def test_no_intent_hangs_on_which_code_or_number_is_named(understanding: Understanding) -> None:
    texts = [
        f"Please cancel order {code}, gate {gate}" for code, gate in (("10231", "G-123"), ("48213", "AB-17"))
    ]

    first, second = (understanding.read(MESSAGE, text).scores for text in texts)

    assert [(one.intent, one.score) for one in first] == [(one.intent, one.score) for one in second]
