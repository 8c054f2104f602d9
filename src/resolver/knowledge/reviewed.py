"""A small knowledge base: a folder of articles, matched with the local sentence encoder; no network, no key.

An answer is a whole article, word for word. What fits best is compared by meaning with the article's title and with the
questions it names; articles in the reply's language come first. The bundled encoder has learned English: in other
languages it takes words it knows from elsewhere for meaning, so there an article must fit better.
"""

import asyncio
from collections.abc import Sequence

from resolver.decision.effects import Answered, NoAnswer, Passage
from resolver.embedding.encoder import Encoder, Vectors
from resolver.knowledge.article import Article, topics_of
from resolver.playbook.plan import ANY

ENGLISH = "en"
FOREIGN = 10
"""Per cent taken off in other languages: the price of a mug is then no question about shipping (tried 2026-11-28)."""


class ReviewedArticles:
    """Articles with the vectors of what they answer."""

    def __init__(self, articles: Sequence[Article], encoder: Encoder) -> None:
        self._articles = tuple(articles)
        self._encoder = encoder
        self._asked = [encoder.encode((one.title, *one.questions)) for one in self._articles]

    @property
    def topics(self) -> frozenset[str]:
        """What the articles are about."""
        return topics_of(self._articles)

    async def ask(self, question: str, *, topic: str, language: str, fallback: str) -> Answered | NoAnswer:
        """The article that fits best, whatever its score."""
        if not question.strip():
            return NoAnswer("no_question")
        places = self._about(topic, language) or self._about(topic, fallback)
        if not places:
            return NoAnswer("no_article")
        vectors = await asyncio.to_thread(self._encoder.encode, [question])
        score, place = max((_nearness(self._asked[place], vectors), -place) for place in places)
        article = self._articles[-place]
        if {one.partition("-")[0] for one in (language, article.language)} != {ENGLISH}:
            score = max(0, score - FOREIGN)
        return Answered(article.text, score, 0, (_passage(article),))

    def _about(self, topic: str, language: str) -> list[int]:
        plain = language.partition("-")[0]
        return [
            place
            for place, one in enumerate(self._articles)
            if topic in (ANY, one.topic) and one.language.partition("-")[0] == plain
        ]


def _nearness(asked: Vectors, question: Vectors) -> int:
    """How near the question is to the nearest of what an article answers, in per cent."""
    return round(100 * max(0.0, float((asked @ question[0]).max())))


def _passage(article: Article) -> Passage:
    return Passage(
        title=article.title,
        link=article.link,
        version=article.version,
        language=article.language,
        text=article.text,
        reviewed_at=article.reviewed_at,
        valid_for=article.valid_for,
        published=article.published,
        public=article.public,
    )
