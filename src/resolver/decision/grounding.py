"""Whether an answer from the knowledge base may be sent, and how it reads (LANGUAGE 11). Pure.

Called by the engine with what the knowledge base said. Who found the answer decides nothing here: every condition is
looked at again, on what is known of the articles.
"""

from collections.abc import Iterator
from datetime import timedelta

from resolver.condition.values import RecordValue, Value
from resolver.decision.claims import claims, one_spaced, stands_in
from resolver.decision.effects import Answered, Citation, Found, NoAnswer, Passage
from resolver.decision.facts import Facts
from resolver.decision.texts import built_in
from resolver.playbook.plan import Plan

WORDS = {
    "no_knowledge": "no knowledge base is configured",
    "no_article": "there is none about it",
    "no_question": "the customer has asked nothing",
    "no_source": "none is named for what was found",
    "unavailable": "the knowledge base did not answer in time",
    "score": "the nearest one fits too badly",
    "too_long": "the answer is too long",
    "not_published": "the one that fits is not published",
    "not_public": "the one that fits is not for customers",
    "language": "the one that fits is in another language",
    "not_reviewed": "the review of the one that fits is too old, or lies ahead",
    "not_in_source": "the answer has a number, date or link that does not stand in it",
    "private": "the answer has something private in it",
}
"""Why an article did not answer, as the end of a sentence for people."""
MOST = 4_000
"""Characters of an answer."""
_SHORTEST = 3
"""A private value of fewer characters is no trace of anybody."""


def refused(plan: Plan, facts: Facts, answer: Answered | NoAnswer, *, language: str) -> str | None:
    """The condition that this answer does not meet, None if it may be sent in a reply in that language."""
    if isinstance(answer, NoAnswer):
        return answer.why
    if not answer.passages or not answer.text.strip():
        return "no_source"
    if answer.score < answer.least:
        return "score"
    if len(answer.text) > MOST:
        return "too_long"
    for passage in answer.passages:
        wrong = _untrusted(passage, facts, (language, plan.languages[0]))
        if wrong is not None:
            return wrong
    cited = "\n".join(passage.text for passage in answer.passages)
    if not all(stands_in(claim, cited) for claim in claims(answer.text)):
        return "not_in_source"
    said, public = (one_spaced(text).casefold() for text in (answer.text, cited))
    if any(stands_in(value, said) and not stands_in(value, public) for value in _private(plan, facts)):
        return "private"
    return None


def _untrusted(passage: Passage, facts: Facts, languages: tuple[str, ...]) -> str | None:
    if not passage.published:
        return "not_published"
    if not passage.public:
        return "not_public"
    if passage.language.partition("-")[0] not in {one.partition("-")[0] for one in languages}:
        return "language"
    today = facts.policy.calendar.day_of(facts.now)
    if not passage.reviewed_at <= today <= passage.reviewed_at + timedelta(days=passage.valid_for):
        return "not_reviewed"
    return None


def _private(plan: Plan, facts: Facts) -> Iterator[str]:
    """What is known of this customer and nobody else should read; numbers are not, they stand in the article."""
    for value in facts.customer.values():
        yield from _texts(plan, value)
    for fact in facts.records.values():
        if isinstance(fact, Found):
            yield from _texts(plan, fact.record)


def _texts(plan: Plan, value: Value) -> Iterator[str]:
    if isinstance(value, str):
        text = one_spaced(value).casefold()
        if len(text) >= _SHORTEST:
            yield text
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(plan, one)
    elif isinstance(value, RecordValue):
        declared = plan.records.get(value.type_name)
        for name, inner in value.fields.items():
            field = declared.fields.get(name) if declared is not None else None
            if field is None or not field.public:
                yield from _texts(plan, inner)


def citations(answer: Answered) -> tuple[Citation, ...]:
    """The articles of an answer, each once."""
    return tuple(dict.fromkeys(Citation(one.title, one.link, one.version) for one in answer.passages))


def with_sources(answer: Answered, facts: Facts, *, language: str) -> str:
    """The answer as the customer reads it, with where it stands."""
    lines = [f"- {one.title} ({one.version}): {one.link}" for one in citations(answer)]
    return "\n".join([answer.text.strip(), "", built_in("sources", language, facts.policy), *lines])
