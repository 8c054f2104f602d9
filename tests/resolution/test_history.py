"""What `explain` can still tell of tickets that took an unusual way."""

from collections.abc import Collection
from datetime import datetime

import httpx
import pytest
import sqlalchemy as sa

from resolver.cli.explaining import _lines
from resolver.reading import Reading
from resolver.resolution import history
from resolver.resolution.history import History
from resolver.store.vault import Erased, Vault, master_key
from resolver.ticket import MessageId
from tests.installation import Desk, House, Installation, Shop, Ticket, new_person

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Illiterate:
    """An understanding that breaks over every message."""

    def read(
        self,
        message: MessageId,
        text: str,
        *,
        html: str | None = None,
        language_hint: str | None = None,
        asked: Collection[str] = (),
        written_at: datetime | None = None,
    ) -> Reading:
        """Break."""
        raise ZeroDivisionError


def told(installation: Installation, ticket: Ticket) -> History:
    """The story of the ticket."""
    vault = installation.resolver.resources.vault
    found = installation.read(lambda c: history.of_ticket(c, vault, ticket.case_id))
    assert isinstance(found, History)
    return found


async def test_a_ticket_whose_message_could_not_be_read_is_told_with_the_note_for_people(
    desk: Desk, installation: Installation
) -> None:
    resources = installation.resolver.resources
    reader, resources.reader = resources.reader, Illiterate()
    ticket = await desk.receives("Where is my parcel?")
    resources.reader = reader

    story = told(installation, ticket)

    (turn,) = story.without_run
    assert (turn.ending, turn.readings) == ("bug:ZeroDivisionError", ())
    assert "internal error" in str(turn.write_backs[0].update.private)
    assert any("internal error" in line for line in _lines(story))


async def test_a_run_that_was_ended_from_outside_is_told_with_its_true_ending(
    desk: Desk, shop: Shop, installation: Installation
) -> None:
    ticket = await changes_hands(desk, f"I want my money back for order {shop.has_order()}")

    first = told(installation, ticket).runs[0]

    assert (first.disposition, first.decision["disposition"]) == ("no_reply", "no_reply")
    assert first.decision["waits_for"] is None
    assert ": no reply." in first.lines[0]


async def changes_hands(desk: Desk, text: str) -> Ticket:
    """A ticket of Ann's that becomes Eve's, who asks for something else."""
    eve = new_person()
    ticket = await desk.receives(text, cc=[eve])
    becomes_the_requester(desk, ticket, eve)
    await ticket.answers("Where is my parcel 19999?", email=eve, name="Eve")
    return ticket


def becomes_the_requester(desk: Desk, ticket: Ticket, email: str) -> None:
    """An app of the account, no agent, gives the ticket to another customer."""
    zendesk, user = desk.zendesk, desk.zendesk.set_user(email, name="Eve")
    with httpx.Client(base_url=zendesk.url, trust_env=False) as app:
        known = {"client_id": zendesk.client_id, "client_secret": zendesk.client_secret}
        asked = {"grant_type": "client_credentials", "scope": "read write", **known}
        token = app.post("/oauth/tokens", json=asked).raise_for_status().json()["access_token"]
        app.put(
            f"/api/v2/tickets/{ticket.number}",
            json={"ticket": {"requester_id": user}},
            headers={"Authorization": f"Bearer {token}"},
        ).raise_for_status()


class TestInShadow:
    """Nothing is written, so no row names who the requester was."""

    @pytest.fixture
    def house(self) -> House:
        return House(mode="shadow")

    async def test_a_ticket_whose_requester_changed_is_told_whole(
        self, desk: Desk, shop: Shop, installation: Installation
    ) -> None:
        ticket = await changes_hands(desk, f"I want my money back for order {shop.has_order()}")

        story = told(installation, ticket)

        assert ticket.write_backs == []
        assert [run.playbook for run in story.runs] == ["refund_order", "order_status"]
        assert "money back" in "".join(story.runs[0].lines)

    async def test_what_somebody_wrote_who_was_erased_since_is_told_to_nobody(
        self, desk: Desk, shop: Shop, installation: Installation
    ) -> None:
        eve = new_person()
        ticket = await desk.receives(f"I want my money back for order {shop.has_order()}", cc=[eve])
        ann = ticket.case.requester
        becomes_the_requester(desk, ticket, eve)
        await ticket.answers("Where is my parcel 19999?", email=eve, name="Eve")
        erased = sa.text("UPDATE requester SET key_sealed = NULL WHERE id = :ann")
        await installation.write(lambda c: c.execute(erased, {"ann": ann}))
        vault = Vault(master_key(installation.data / "resolver.key"))

        with pytest.raises(Erased):
            installation.read(lambda c: history.of_ticket(c, vault, ticket.case_id))
