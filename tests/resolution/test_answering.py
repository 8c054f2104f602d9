"""Questions are answered from reviewed articles: as requests of their own, and while one of our questions is open."""

from datetime import UTC, datetime

import pytest

from tests.installation import Desk, House, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOURS = f"""---
topic: opening_hours
language: en
title: Opening hours
link: https://help.acme.example/hours
version: "4"
public: yes
reviewed_at: {datetime.now(UTC).date()}
valid_for: 60
questions: ["When is your shop open?", "What are your opening hours?", "Until what time are you open?"]
---
We are open from 9 to 18 on working days.
"""
SECRET = HOURS.replace("opening_hours", "margins").replace("public: yes", "public: no")
SECRET = SECRET.partition("questions:")[0] + 'questions: ["What is your profit margin?"]\n---\nWe earn 40%.\n'


ARTICLES = (("hours.md", HOURS), ("margins.md", SECRET))


@pytest.fixture
def house() -> House:
    return House(articles=ARTICLES)


async def test_a_question_no_playbook_handles_is_answered_with_its_source(desk: Desk) -> None:
    ticket = await desk.receives("What are your opening hours?")

    assert ticket.replies == [
        "We are open from 9 to 18 on working days.\n\nYou can read this here:\n"
        "- Opening hours (4): https://help.acme.example/hours"
    ]
    assert (ticket.disposition, ticket.status) == ("answered", "solved")


@pytest.mark.parametrize("question", ["What is your profit margin?", "Do you sponsor football clubs?"])
async def test_a_question_that_may_not_be_answered_goes_to_people(desk: Desk, question: str) -> None:
    ticket = await desk.receives(question)

    assert (ticket.disposition, ticket.status, ticket.queue) == ("handed_off", "open", "Support")
    assert "40%" not in "".join([*ticket.replies, *ticket.notes])


async def test_a_question_beside_ours_is_answered_and_ours_stands_in_the_same_message(
    desk: Desk, shop: Shop
) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await desk.receives(f"I want my money back for order {order}")

    await ticket.answers("Until what time are you open?")

    assert ticket.replies[-1].startswith("We are open from 9 to 18 on working days.")
    assert ticket.replies[-1].endswith(f"I can refund €39.90 for order {order} (Blue mug). Shall I do that?")
    assert (ticket.status, shop.paid_back) == ("pending", [])
    await ticket.answers("Yes please")
    assert shop.paid_back == [("refund", "39.90 EUR")]


async def test_a_question_that_no_article_answers_is_asked_back_once(desk: Desk, shop: Shop) -> None:
    order = shop.has_order(paid="39.90 EUR")
    ticket = await desk.receives(f"I want my money back for order {order}")

    await ticket.answers("Do you sponsor football clubs?")

    assert ticket.replies[-1].startswith("I am sorry, I did not quite understand that.")
    assert shop.paid_back == []


@pytest.mark.parametrize("house", [House(mode="suggest", articles=ARTICLES)])
async def test_an_answer_is_suggested_and_sent_as_it_was_suggested(desk: Desk, house: House) -> None:
    ticket = await desk.receives("What are your opening hours?")
    assert ticket.replies == []
    assert "We are open from 9 to 18 on working days." in ticket.notes[0]

    assert await ticket.gets("accepted") is None

    assert ticket.replies[0].startswith("We are open from 9 to 18 on working days.")
    assert ticket.replies[0] in ticket.notes[0]
    assert (ticket.disposition, ticket.status) == ("answered", "solved")


@pytest.mark.parametrize("house", [House(mode="shadow", articles=ARTICLES)])
async def test_in_shadow_nothing_is_answered(desk: Desk, house: House) -> None:
    ticket = await desk.receives("What are your opening hours?")

    assert (ticket.replies, ticket.notes, ticket.updates) == ([], [], 0)
