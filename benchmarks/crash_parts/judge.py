"""The verdict: the shop's own ledger against what customers were told, what people were told, and what we recorded.

Run by the parent once everything is quiet. The ledger is always right.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from benchmarks.crash_parts.world import CHECKED, Provider, Story, World, amount_in, ending, is_question
from connectors.demo_shop.sandbox_ledger import Movement
from resolver.audit.verify import first_break
from resolver.store import cases, events, ledger, trail
from resolver.store.database import Connection, Database
from resolver.store.ledger import Entry
from resolver.store.tables import turn
from resolver.store.trail import Line

HELPDESK = "zendesk"
PAID = ("done", "cancelled")
_SECOND = timedelta(seconds=1)  # the helpdesk's clock shows no less
_WHY = re.compile(r"Why: (.+)")
_ADMITS = ("MAY HAVE HAPPENED", ": done", "not final yet")


@dataclass(frozen=True, slots=True)
class Case:
    """One ticket with everything there is to know about it."""

    story: Story
    comments: list[dict[str, Any]]
    movements: list[Movement]
    order: dict[str, Any]
    entries: list[Entry]
    lines: list[Line]
    people: bool

    @property
    def paid(self) -> list[Movement]:
        """The movements that we made."""
        return [one for one in self.movements if one.kind in ("refund", "cancellation")]

    @property
    def doubtful(self) -> bool:
        """Whether nobody could tell what became of an effect."""
        return any(entry.state == "unknown" for entry in self.entries)

    @property
    def notes(self) -> list[str]:
        """What people were told."""
        return [one["body"] for one in self.comments if one["bot"] and not one["public"]]

    @property
    def said(self) -> list[str]:
        """What the customer was told."""
        return [one["body"] for one in self.comments if one["bot"] and one["public"]]

    @property
    def last_words(self) -> list[str]:
        """The last words the customer got; there is to be one at most."""
        return [word for text in self.said if (word := ending(text)) is not None]


@dataclass(slots=True)
class Verdict:
    """The counts, and every finding as (ticket, what)."""

    double: int = 0
    lost: int = 0
    wrong_reply: int = 0
    unaudited: int = 0
    to_person: int = 0
    changed_to_person: Counter[str] = field(default_factory=Counter)
    unexplained: int = 0
    paid: int = 0
    trail_broken_at: int | None = None
    dead_letters: int = 0
    findings: list[tuple[int, str]] = field(default_factory=list)


def judge(world: World, database: Database) -> Verdict:
    """Judge every ticket."""
    verdict = Verdict()
    orders = world.orders()
    with database.engine.connect() as connection:
        verdict.trail_broken_at = first_break(trail.after(connection, 0))
        verdict.dead_letters = len(events.dead_letters(connection))
        found = [_case(connection, world, story, orders) for story in world.stories]
    for case in found:
        verdict.paid += len(case.paid)
        for count, finding in findings(case, world.provider):
            setattr(verdict, count, getattr(verdict, count) + 1)
            verdict.findings.append((case.story.ticket, f"{count}: {finding}"))
        _count_people(case, verdict)
    return verdict


def findings(case: Case, provider: Provider) -> Iterator[tuple[str, str]]:
    """Everything that must not be, as (the verdict's count it belongs to, what)."""
    for _ in case.paid[1:]:
        yield "double", "the ledger has more than one payment for this order"
    yield from (("unaudited", what) for what in _unaudited(case))
    yield from (("lost", what) for what in _lost(case))
    yield from (
        ("wrong_reply", what) for what in (*_contradicted(case), *_repeated(case), *_other_offer(case))
    )
    if case.people and not case.story.change and not (case.doubtful and provider != "native"):
        yield "unexplained", "handed over although nothing was doubtful and nothing had changed"


def is_quiet(database: Database) -> bool:
    """Whether nothing is queued and no turn is under way."""

    def job(connection: Connection) -> bool:
        queued = events.count_by_state(connection).get("queued", 0)
        open_turns = connection.execute(sa.select(sa.func.count()).where(turn.c.state != "done")).scalar_one()
        return queued == 0 and open_turns == 0

    return database.read_now(job)


def _case(connection: Connection, world: World, story: Story, orders: dict[str, dict[str, Any]]) -> Case:
    case_id = f"{HELPDESK}:{story.ticket}"
    known = cases.get(connection, case_id)
    return Case(
        story=story,
        comments=world.comments(story),
        movements=world.movements(story),
        order=orders[story.number],
        entries=ledger.of_case(connection, case_id),
        lines=trail.of_case(connection, case_id),
        people=known is not None and known.people,
    )


def _count_people(case: Case, verdict: Verdict) -> None:
    """Who got a ticket because other people had changed the order is counted apart, with the note's own reason."""
    if not case.people:
        return
    if case.story.change is None or case.doubtful:
        verdict.to_person += 1
        return
    why = next((found[1] for note in case.notes if (found := _WHY.search(note))), "no reason given")
    verdict.changed_to_person[f"{case.story.change}: {why}"] += 1


def _unaudited(case: Case) -> Iterator[str]:
    """A movement needs its intent and its line in the trail, both with its key."""
    intents = {entry.key for entry in case.entries}
    for movement in case.paid:
        if movement.key not in intents:
            yield f"movement {movement.id} has no intent"
        elif not any(movement.key in line.line and '"what":"effect"' in line.line for line in case.lines):
            yield f"movement {movement.id} has no line in the trail"


def _lost(case: Case) -> Iterator[str]:
    if any(entry.state in ("open", "sent", "pending") for entry in case.entries):
        yield "an effect was never settled"
    if case.doubtful and not (case.notes and case.people):
        yield "nobody can tell whether it was paid, and no person was told"
    if not case.last_words and not case.notes:
        yield "the ticket never came to an end"
    if "handed_off" in case.last_words and not case.notes:
        yield "the customer was promised a person, and no person was told"


def _contradicted(case: Case) -> Iterator[str]:
    """Replies and notes that the ledger does not bear out."""
    paid = bool(case.paid)
    for word in case.last_words:
        told = {amount_in(text) for text in case.said if ending(text) == word}
        if word in PAID and not any(one.amount in told for one in case.paid):
            yield f"told {word!r}, and the ledger has no such payment"
        if word not in (*PAID, "handed_off") and paid:
            yield f"told {word!r} although it was paid"
        if word == "already_refunded" and case.order["refunded"] < case.order["total"]:
            yield "told that it was refunded already, which it was not"
        if word == "left" and case.order["status"] not in ("shipped", "delivered"):
            yield "told that the order has left, which it has not"
    if paid and not case.last_words and not case.notes:
        yield "paid, and nobody was told"
    if paid and case.notes and not any(words in note for note in case.notes for words in _ADMITS):
        yield "paid, and the note for people does not say so"


def _repeated(case: Case) -> Iterator[str]:
    """Between two messages of the customer: one question, or one last word, each once."""
    if len(case.last_words) > 1:
        yield f"two last words: {', '.join(case.last_words)}"
    heard: list[str] = []
    for comment in case.comments:
        if not comment["public"]:
            continue
        if not comment["bot"]:
            heard = []
            continue
        kind = _kind(comment["body"])
        if kind is None:
            yield f"a reply that no playbook has: {comment['body'][:60]!r}"
        if kind in heard:
            yield f"the same reply twice: {kind}"
        heard.append(kind or "")
    if len(case.notes) > 1:
        yield "two notes about one handoff"


def _kind(text: str) -> str | None:
    if CHECKED in text:
        return "checked"
    return "question" if is_question(text) else ending(text)


def _other_offer(case: Case) -> Iterator[str]:
    """What was paid must be what the customer had last said yes to."""
    for movement in case.paid:
        agreed = None
        for asked, answered_at in _agreements(case.comments):
            if answered_at <= movement.at + _SECOND:
                agreed = amount_in(asked)
        if agreed is None:
            yield "paid, and the customer had not agreed"
        elif agreed != movement.amount:
            yield f"paid {movement.amount}, and the customer had agreed to {agreed}"


def _agreements(comments: list[dict[str, Any]]) -> Iterator[tuple[str, datetime]]:
    """Every question that was answered by yes, with the time of the answer."""
    asked: str | None = None
    for comment in comments:
        if comment["bot"] and comment["public"] and is_question(comment["body"]):
            asked = comment["body"]
        elif not comment["bot"] and asked is not None:
            yield asked, datetime.fromisoformat(comment["created_at"])
            asked = None
