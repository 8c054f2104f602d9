"""A question finds the article that answers it, in the reply's language first; nothing here decides what is sent."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from resolver.config import LEAST_SCORE
from resolver.decision.effects import Answered, NoAnswer
from resolver.embedding.encoder import Encoder
from resolver.knowledge.article import Article
from resolver.knowledge.reviewed import ReviewedArticles

HOURS = Article(
    topic="opening_hours",
    language="en",
    title="Opening hours",
    link="https://help.acme.example/hours",
    version="4",
    reviewed_at=date(2026, 11, 1),
    valid_for=60,
    text="We are open from 9 to 18.",
    questions=("When is your shop open?", "What are your opening times?"),
    public=True,
)
SHIPPING = replace(
    HOURS,
    topic="shipping",
    title="What shipping costs",
    link="https://help.acme.example/shipping",
    text="Shipping costs 4.90 EUR.",
    questions=("How much is shipping?", "Do I have to pay for delivery?"),
)
LIVRAISON = replace(
    SHIPPING,
    language="fr",
    title="Frais de port",
    text="La livraison coûte 4,90 €.",
    questions=("Combien coûte la livraison ?", "Quels sont les frais de port ?"),
)
WYSYLKA = replace(
    SHIPPING,
    language="pl",
    title="Koszt wysyłki",
    text="Wysyłka kosztuje 4,90 €.",
    questions=("Ile kosztuje wysyłka?",),
)
STUNDEN = replace(
    HOURS,
    language="de",
    title="Öffnungszeiten",
    text="Wir haben von 9 bis 18 Uhr geöffnet.",
    questions=("Wann haben Sie geöffnet?",),
)


@pytest.fixture(scope="module")
def articles() -> ReviewedArticles:
    return ReviewedArticles((HOURS, SHIPPING, STUNDEN, LIVRAISON, WYSYLKA), Encoder.load())


def ask(articles: ReviewedArticles, question: str, *, topic: str = "any", language: str = "en") -> Answered:
    said = asyncio.run(articles.ask(question, topic=topic, language=language, fallback="en"))
    assert isinstance(said, Answered), said
    return said


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Hi, until what time is the shop open today?", HOURS),
        ("Could you tell me your opening hours please?", HOURS),
        ("How expensive is shipping to me?", SHIPPING),
        ("Do you charge for delivery?", SHIPPING),
    ],
)
def test_a_question_finds_its_article(articles: ReviewedArticles, question: str, found: Article) -> None:
    said = ask(articles, question)

    assert said.text == found.text
    assert said.score >= LEAST_SCORE
    (passage,) = said.passages
    assert (passage.link, passage.text, passage.public) == (found.link, found.text, True)


@pytest.mark.parametrize(
    "question",
    [
        "Do you sponsor football clubs?",
        "My mug arrived broken",
        "Can I speak to your lawyer?",
        "I want my money back for order 10231",
        "Do you have vegan leather shoes?",
        "How much is the blue mug?",
        "When is the sale?",
        "When does my order arrive?",
    ],
)
def test_what_no_article_is_about_scores_too_little(articles: ReviewedArticles, question: str) -> None:
    assert ask(articles, question).score < LEAST_SCORE


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("fr", "Combien coûte la tasse bleue ?"),
        ("fr", "Où est mon colis ?"),
        ("pl", "Ile kosztuje kubek?"),
        ("pl", "Gdzie jest moja paczka?"),
        ("de", "Sponsern Sie Fußballvereine?"),
        ("de", "Haben Sie vegane Schuhe?"),
    ],
)
def test_so_it_does_in_languages_that_the_encoder_has_not_learned(
    articles: ReviewedArticles, language: str, question: str
) -> None:
    assert ask(articles, question, language=language).score < LEAST_SCORE


@pytest.mark.parametrize(
    ("language", "question", "found"),
    [
        ("fr", "Bonjour, quels sont les frais de port ?", LIVRAISON),
        ("pl", "Dzień dobry, ile kosztuje wysyłka?", WYSYLKA),
        ("de", "Wann haben Sie denn geöffnet?", STUNDEN),
    ],
)
def test_a_question_close_to_one_of_the_articles_is_found_there_too(
    articles: ReviewedArticles, language: str, question: str, found: Article
) -> None:
    said = ask(articles, question, language=language)

    assert said.text == found.text
    assert said.score >= LEAST_SCORE


def test_an_article_in_the_replys_language_comes_first(articles: ReviewedArticles) -> None:
    assert ask(articles, "Wann haben Sie geöffnet?", language="de-AT").text == STUNDEN.text


def test_without_one_the_fallback_language_is_used(articles: ReviewedArticles) -> None:
    assert ask(articles, "How much is shipping?", language="it").text == SHIPPING.text


def test_a_topic_leaves_the_other_articles_out(articles: ReviewedArticles) -> None:
    assert ask(articles, "When is your shop open?", topic="shipping").text == SHIPPING.text


@pytest.mark.parametrize(("question", "topic"), [("Hello?", "unheard_of"), ("  ", "any")])
def test_no_question_and_no_article_are_no_answer(
    articles: ReviewedArticles, question: str, topic: str
) -> None:
    said = asyncio.run(articles.ask(question, topic=topic, language="en", fallback="en"))

    assert isinstance(said, NoAnswer)


def test_the_topics_are_those_of_the_articles(articles: ReviewedArticles) -> None:
    assert articles.topics == {"opening_hours", "shipping"}
