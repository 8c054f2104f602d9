"""Articles are read whole or refused with the place and the remedy."""

from datetime import date
from pathlib import Path

import pytest

from resolver.errors import Malformed
from resolver.knowledge.article import read_article, read_articles

GOOD = """---
topic: opening_hours
language: en
title: Opening hours
link: https://help.acme.example/hours
version: "4"
public: yes
reviewed_at: 2026-11-01
valid_for: 60
questions:
  - When are you open?
---
We are open from 9 to 18.

Not on Sundays.
"""


def wrong(text: str) -> list[str]:
    article, problems = read_article(text, "hours.md")
    assert article is None
    return [f"{one.where.line}: {one.message}" for one in problems]


def test_an_article_is_its_head_and_its_text() -> None:
    article, problems = read_article(GOOD, "hours.md")

    assert problems == ()
    assert article is not None
    assert (article.topic, article.language, article.version) == ("opening_hours", "en", "4")
    assert (article.reviewed_at, article.valid_for, article.public) == (date(2026, 11, 1), 60, True)
    assert article.questions == ("When are you open?",)
    assert article.text == "We are open from 9 to 18.\n\nNot on Sundays."


def test_an_article_is_not_public_unless_it_says_so() -> None:
    article, _ = read_article(GOOD.replace("public: yes\n", ""), "hours.md")

    assert article is not None
    assert not article.public


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("topic: opening_hours\n", "", "2: 'topic' is missing here"),
        ("topic: opening_hours", "topic: Opening hours", "2: 'Opening hours' cannot be a name"),
        ("2026-11-01", "2026-02-30", "8: this needs a day such as 2026-12-25, but it is '2026-02-30'"),
        ("valid_for: 60", "valid_for: 0", "9: this needs a whole number from 1 to 3650, but it is '0'"),
        ("version:", "verison:", "6: 'verison' is not a word known here"),
    ],
)
def test_a_mistake_in_the_head_is_told_with_its_line(old: str, new: str, told: str) -> None:
    assert told in wrong(GOOD.replace(old, new))


def test_an_article_without_a_text_is_none() -> None:
    assert wrong(GOOD.partition("We are")[0]) == ["13: the article's text is missing"]


def test_a_file_without_a_head_says_what_belongs_there() -> None:
    assert wrong("# Opening hours\n")[0].startswith("1: an article begins with what is known of it")


def test_a_folder_with_a_wrong_article_is_refused_whole(tmp_path: Path) -> None:
    (tmp_path / "hours.md").write_text(GOOD, "utf-8")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "wrong.md").write_text(GOOD.replace("valid_for: 60", "valid_for: ever"), "utf-8")

    with pytest.raises(Malformed, match=r"wrong\.md:9:"):
        read_articles(tmp_path)


def test_a_folder_that_is_not_there_says_what_to_correct(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="knowledge:"):
        read_articles(tmp_path / "nowhere")
