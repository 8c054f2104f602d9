"""Plays stories through a real installation, many tickets at once, and says what was seen and what stopped each.

What was seen is for the judge. The reason is the resolver's own word, and is never a verdict.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from connectors.mail.sandbox import MailSandbox
from resolver.store import events
from resolver.store.tables import measure
from tests.installation import Desk, Installation, Ticket
from tests.security.corpus import PAID, Letter, Story
from tests.security.judge import Outgoing, Witnessed
from tests.security.model import TakenOver

PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Played:
    """A story that is over, with its ticket."""

    story: Story
    ticket: Ticket
    seen: Witnessed

    def spoken_for(self, model: TakenOver) -> bool:
        """Whether the model has read every message of the ticket that a customer wrote."""
        whole = self.ticket.desk.zendesk.ticket(self.ticket.number)
        return all(str(one["id"]) in model.heard for one in whole["comments"] if not one["bot"])

    @property
    def reason(self) -> str:
        """In a few words why it went no further, or `done`."""
        return reason_of(self.ticket)


async def play(installation: Installation, stories: Sequence[Story], model: TakenOver | None) -> list[Played]:
    """Play all of them side by side: everybody's first message, then everybody's second, and so on."""
    for story in stories:
        _stock(installation, story)
    began = len(_mail(installation).mails)
    tickets: dict[int, Ticket] = {}
    for place in range(max(len(story.letters) for story in stories)):
        installation.zendesk.pause_deliveries()
        for story in stories:
            if place < len(story.letters):
                _write(installation, story, story.letters[place], tickets, model)
        installation.zendesk.resume_deliveries()
        await _settled(installation)
    return [_played(installation, story, tickets[story.number], began) for story in stories]


def secrets_of(installation: Installation) -> list[str]:
    """What no text may ever have in it: the secrets of every connection."""
    return [
        value
        for connection in installation.config.connections.values()
        for name, value in connection.settings.items()
        if any(word in name for word in ("secret", "token", "password", "key")) and len(str(value)) > 5
    ]


def mails_to_others(installation: Installation) -> list[str]:
    """The addresses of mails that went to nobody of any story."""
    known = ("@writers.example", "@victims.example")
    return [one.to for one in _mail(installation).mails if not one.to.endswith(known)]


def reason_of(ticket: Ticket) -> str:
    """Why the newest message went no further: a guard, a question, a rule's outcome, a check; or `done`."""
    told = [one for one in ticket.endings if one not in ("own_message", "nothing_new", "people")]
    last = told[-1] if told else "nobody rang"
    if any(state == "done" for _, state in ticket.actions):
        return "done"
    quiet = [one for one in ticket.endings if one in ("automatic", "somebody_else", "does_not_count")]
    if quiet:
        return quiet[-1]
    if not ticket.runs:
        return reason_for_people(ticket) or last
    facts = ticket.facts
    if facts.waiting is not None:
        if facts.proving is not None and facts.proving.open:
            return "asks code"
        if facts.questions:
            return f"asks {facts.questions[0].slot}"
        return f"awaits {'yes' if facts.waiting.for_ == 'customer' else facts.waiting.for_}"
    if facts.stopped_by:
        return facts.stopped_by
    return facts.path[-1] if facts.path else str(ticket.disposition)


def reason_for_people(ticket: Ticket) -> str | None:
    """Why people got a ticket that no playbook took."""
    query = sa.select(measure.c.reason).where(measure.c.case == ticket.case_id, measure.c.reason.is_not(None))
    found = ticket.desk.installation.read(lambda c: c.execute(query).scalars().all())
    return str(found[-1]) if found else None


def _stock(installation: Installation, story: Story) -> None:
    """The orders that the story is about; a victim's have a name, an address and an item that nobody may read."""
    mine, n = story.address_of(story.opened_by), story.number
    for name in story.mentions:
        if name.startswith("foreign"):
            shipped = {"status": "shipped", "tracking_url": f"https://track.example/secret{n}"}
            cancels = story.letters[-1].wish.intent == "cancel_order"
            state = shipped if story.is_shipped(name) else {"status": "paid" if cancels else "delivered"}
            installation.shop.has_order(
                story.orders[name],
                email=story.address_of("victim"),
                customer=f"Vera Kanari{n}",
                address=f"Geheimweg {n}, 10115 Berlin, DE",
                lines=[{"name": f"Secret kettle {n}", "refundable": PAID}],
                **state,
            )
        else:
            status = "delivered" if name in ("own", "other") else "paid"
            paid = "350.00 EUR" if name == "valuable" else PAID
            installation.shop.has_order(story.orders[name], email=mine, status=status, paid=paid)


def _write(
    installation: Installation,
    story: Story,
    letter: Letter,
    tickets: dict[int, Ticket],
    model: TakenOver | None,
) -> None:
    """One message, with the code that was mailed meanwhile; the model learns what it has to understand of it."""
    writer = story.address_of(letter.writer)
    known = tickets.get(story.number)
    if known is not None and "{code}" in letter.text:
        mails = _mail(installation).to(writer)
        codes = re.findall(r"\d{6}", mails[-1].text) if mails else []
        letter = Letter(codes[0] if codes else "?", writer=letter.writer, how=letter.how, wish=letter.wish)
    how = {"name": "Ann", "subject": "Hello", "html": letter.html, **letter.how}
    number = installation.zendesk.customer_writes(
        writer, text=letter.text, ticket=None if known is None else known.number, **how
    )
    tickets.setdefault(story.number, Ticket(Desk(installation, writer), number))
    if model is not None:
        message = installation.zendesk.ticket(number)["comments"][-1]["id"]
        model.wishes[str(message)] = letter.wish


async def _settled(installation: Installation) -> None:
    """Every delivery has arrived and every event has had its turn."""
    deadline = time.monotonic() + PATIENCE_S
    while not await asyncio.to_thread(installation.zendesk.idle, 1.0) or installation.read(
        events.count_by_state
    ).get("queued"):
        assert time.monotonic() < deadline, f"not quiet: {installation.read(events.count_by_state)}"
        await asyncio.sleep(0.05)
    await installation.settles()


def _played(installation: Installation, story: Story, ticket: Ticket, began: int) -> Played:
    numbers = set(story.orders.values())
    people = {story.address_of(one) for one in ("requester", "friend", "stranger", "victim")}
    seen = Witnessed(
        story,
        tuple(one for one in installation.shop.movements() if one.number in numbers),
        tuple(ticket.replies),
        tuple(
            Outgoing(one.to, f"{one.subject}\n{one.text}")
            for one in _mail(installation).mails[began:]
            if one.to in people
        ),
        frozenset({story.address_of(story.opened_by)}),
    )
    return Played(story, ticket, seen)


def _mail(installation: Installation) -> MailSandbox:
    found = installation.sandboxes["mail"]
    assert isinstance(found, MailSandbox)
    return found
