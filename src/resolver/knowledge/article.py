"""Articles: Markdown files that say, above the text, what each is about, who may read it and when it was reviewed.

Read by `app` and the command line, matched by `reviewed`. A folder with a mistake in it is not used at all.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from resolver.errors import Malformed, Where
from resolver.source.load import load
from resolver.source.problem import Problem, has_errors, render
from resolver.source.reader import Keys

FENCE = "---"
MOST = 1_000
"""Articles of one folder."""
_REQUIRED = ("topic", "language", "title", "link", "version", "reviewed_at", "valid_for")
_OPTIONAL = ("questions", "public", "published")


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
    keys = Keys(loaded.root, problems, required=_REQUIRED, optional=_OPTIONAL)
    article = Article(
        topic=keys.name("topic"),
        language=keys.text("language"),
        title=keys.prose("title"),
        link=keys.text("link"),
        version=keys.text("version"),
        reviewed_at=keys.day("reviewed_at") or date.min,
        valid_for=keys.whole("valid_for", 0, least=1, most=3650),
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
