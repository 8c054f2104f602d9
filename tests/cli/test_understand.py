"""`resolver understand` says what is read from a sentence, as a turn reads it, and what would come of it."""

import shutil
from pathlib import Path

import pytest

DESK = Path(__file__).parents[1] / "resolution" / "delivery"
TUESDAY = ("--on", "2026-11-10")


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> Path:
    """A carrier's desk with one playbook; what is learned of it is kept, so that it is learned once."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(DESK, folder / "desk")
    (folder / "var").mkdir()
    path = folder / "config.yaml"
    path.write_text(
        "data: var\nplaybooks: desk/playbooks\nconnector_folders: [desk/connectors]\n"
        "connections: {van: {connector: van}}\ninterfaces: {van: van}\n",
        "utf-8",
    )
    return path


def test_requests_values_and_the_playbook_are_told_as_data(resolver, config):
    ended = resolver(
        "understand",
        "Please deliver order 10231 on Thursday 12 November instead",
        *TUESDAY,
        "--config",
        config,
        "--json",
    )

    assert ended.code == 0
    assert ended.data["intents"] == ["change_delivery_day"]
    assert [(one["type"], one["value"], one["text"]) for one in ended.data["slots"]] == [
        ("order_number", "10231", "10231"),
        ("date", "2026-11-12", "Thursday 12 November"),
    ]
    assert ended.data["opens"] == {"playbooks": ["change_delivery_day"], "for_people": []}


def test_for_people_it_says_which_questions_are_answered_already(resolver, config):
    ended = resolver(
        "understand", "Please deliver it on Thursday or Friday instead", *TUESDAY, "--config", config
    )

    assert "change_delivery_day begins: Deliver on another day" in ended.out
    assert "    number: asked, if it is needed" in ended.out
    assert "    day: asked, because 2026-11-12, 2026-11-13 could be meant" in ended.out
    assert 'date = 2026-11-12  in "Thursday" [21:29]' in ended.out


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Thank you very much!", "Nothing is begun"),
        ("Do you have the green sofa in leather?", "It goes to people, queue Support."),
    ],
)
def test_what_begins_nothing_is_told(resolver, config, sentence, told):
    ended = resolver("understand", sentence, "--config", config)

    assert (ended.code, told in ended.out) == (0, True)


def test_an_answer_is_read_more_generously_and_opens_nothing(resolver, config):
    ended = resolver("understand", "the 12th", "--asked", "date", *TUESDAY, "--config", config, "--json")

    assert [one["value"] for one in ended.data["slots"]] == ["2026-11-12"]
    assert (ended.data["moves"], ended.data["opens"]) == (["gives"], None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--asked", "datum"), "There is no type 'datum'."),
        (("--on", "tomorrow"), "'tomorrow' is no day."),
        (("--folder", "nowhere"), "There is no folder nowhere."),
    ],
)
def test_what_cannot_be_meant_is_told(resolver, config, words, told):
    ended = resolver("understand", "hello", *words, "--config", config)

    assert ended.code == 2
    assert told in ended.err


def test_a_time_is_shown_in_the_shops_own_zone(resolver, config):
    ended = resolver(
        "understand", "Friday at 6 pm", "--asked", "time", *TUESDAY, "--config", config, "--json"
    )

    assert [(one["type"], one["value"]) for one in ended.data["slots"]] == [
        ("date", "2026-11-13"),
        ("time", "2026-11-13T18:00:00+01:00"),
    ]
