"""Articles: Markdown files that say, above the text, what each is about, who may read it and when it was reviewed.

Read by `app` and the command line, matched by `reviewed`. A folder with a mistake in it is not used at all.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from resolver.errors import Malformed, Where
from resolver.source.load import load
from resolver.source.place import Key, Place
from resolver.source.problem import Problem, has_errors, render
from resolver.source.reader import Keys

FENCE = "---"
MOST = 1_000
"""Articles of one folder."""
MOST_DAYS = 3650
HEAD = Place(
    "An article's head",
    f"between two lines `{FENCE}` at the top of a Markdown file; below it stands the answer",
    (
        Key("topic", "a name", "What it is about; `answer:` names it."),
        Key("language", "a language such as `en`", "The language it is written in."),
        Key("title", "a text", "Its title, which stands below an answer."),
        Key("link", "an address", "Where customers can read it, which stands there too."),
        Key("version", "a text", "Its version, which stands there too."),
        Key("reviewed_at", "a day such as `2026-11-01`", "When a person last read it and found it right."),
        Key(
            "valid_for",
            f"a whole number of days from 1 to {MOST_DAYS}",
            "How long that counts; later nothing of it is sent.",
        ),
        Key(
            "questions",
            "a list of texts",
            "Ways in which customers ask for it, at least five: with these their questions are compared.",
            "only its title is compared",
        ),
        Key("public", "`yes` or `no`", "Whether everybody may read it; else nothing of it is sent.", "`no`"),
        Key("published", "`yes` or `no`", "Whether it is in use.", "`yes`"),
    ),
    """\
topic: how_to_return
language: en
title: How to return something
link: https://help.acme.example/returns
version: "3"
reviewed_at: 2026-11-01
valid_for: 180
questions:
  - How do I send something back?
  - What is your return policy?
public: yes
published: yes
""",
)


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `questions` are ways in which customers ask for it; `valid_for` counts days from `reviewed_at`."""

    topic: str
    language: str
    title: str
    link: str
    version: str
    reviewed_at: date
    valid_for: int
    text: str
    questions: tuple[str, ...] = ()
    public: bool = False
    published: bool = True


def read_articles(folder: Path) -> tuple[Article, ...]:
    """Every `*.md` of the folder and the folders in it, in the order of their names.

    Raises:
        Malformed: There is no such folder, or an article is wrong; every problem is told with its place.
    """
    if not folder.is_dir():
        remedy = "correct 'folder:' under 'knowledge:', or leave 'knowledge:' out"
        raise Malformed("There is no folder of articles here.", where=Where(str(folder)), remedy=remedy)
    paths = sorted(folder.rglob("*.md"))
    if len(paths) > MOST:
        raise Malformed(
            f"There are more than {MOST} articles.", where=Where(str(folder)), remedy="keep fewer"
        )
    found: list[Article] = []
    told: list[str] = []
    for path in paths:
        text = path.read_text("utf-8", errors="replace")
        article, problems = read_article(text, str(path))
        told += [render(problem, text) for problem in problems if problem.severity == "error"]
        found += [article] if article else []
    if told:
        raise Malformed("\n".join(told))
    return tuple(found)


def read_article(text: str, path: str) -> tuple[Article | None, tuple[Problem, ...]]:
    """One article, or None and everything that is wrong with it."""
    first, _, rest = text.replace("\r\n", "\n").partition("\n")
    front, fence, body = f"\n{rest}".partition(f"\n{FENCE}\n")
    if first.strip() != FENCE or not fence:
        message = f"an article begins with what is known of it, between two lines '{FENCE}'"
        return None, (
            Problem("missing-word", message, Where(path, 1, 1), help="add topic, title, link and the rest"),
        )
    loaded = load(f"{front}\n", path)  # the first line is empty instead of the fence, so that lines agree
    problems = list(loaded.problems)
    if loaded.root is None:
        return None, tuple(problems)
    keys = Keys(loaded.root, problems, required=HEAD.required, optional=HEAD.optional, lines=HEAD.lines)
    article = Article(
        topic=keys.name("topic"),
        language=keys.text("language"),
        title=keys.prose("title"),
        link=keys.text("link"),
        version=keys.text("version"),
        reviewed_at=keys.day("reviewed_at") or date.min,
        valid_for=keys.whole("valid_for", 0, least=1, most=MOST_DAYS),
        text=body.strip(),
        questions=keys.texts("questions"),
        public=keys.yes_no("public", default=False),
        published=keys.yes_no("published", default=True),
    )
    if not article.text:
        place = Where(path, text.count("\n") + 1, 1)
        problems.append(Problem("missing-word", "the article's text is missing", place, help="write it"))
    return (None if has_errors(problems) else article), tuple(problems)


def topics_of(articles: tuple[Article, ...]) -> frozenset[str]:
    """What the articles are about."""
    return frozenset(article.topic for article in articles)
