"""As on real systems: a playbook acts only while its certificate lies there and fits, looked at before each send."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from resolver.proof.certificate import FOLDER
from tests.installation import Desk, House, Installation, Shop, Ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def house() -> House:
    return House(needs_proof=True)


@pytest.fixture
def certificate(installation: Installation) -> Iterator[Path]:
    """The certificate of the refund playbook; it lies there again after the test."""
    plan = installation.resolver.resources.plans.library().by_playbook["refund_order"]
    path = installation.folder / "playbooks" / FOLDER / f"{plan.id}.json"
    text = path.read_text("utf-8")
    yield path
    path.write_text(text, "utf-8")


async def offered(desk: Desk, shop: Shop) -> Ticket:
    """A ticket whose customer was asked whether the order shall be refunded."""
    ticket = await desk.receives(f"I want my money back for order {shop.has_order()}")
    assert (ticket.waits_for, ticket.runs[0].mode) == ("customer", "auto")
    return ticket


def removed(certificate: Path) -> None:
    """The certificate is deleted."""
    certificate.unlink()


def changed(certificate: Path, part: str, value: object) -> None:
    """The certificate says something else."""
    certificate.write_text(json.dumps({**json.loads(certificate.read_text("utf-8")), part: value}), "utf-8")


def stopped(ticket: Ticket, shop: Shop) -> tuple[object, ...]:
    """What was paid, which check stopped the run, and how it ended."""
    return shop.paid_back, ticket.stopped_by, ticket.disposition


async def test_a_playbook_with_a_certificate_that_fits_acts(
    desk: Desk, shop: Shop, certificate: Path
) -> None:
    ticket = await offered(desk, shop)

    await ticket.answers("Yes")

    assert (shop.paid_back, ticket.disposition) == ([("refund", "39.90 EUR")], "resolved")


async def test_a_certificate_that_is_gone_before_the_send_stops_the_action(
    desk: Desk, shop: Shop, certificate: Path
) -> None:
    ticket = await offered(desk, shop)

    removed(certificate)
    await ticket.answers("Yes")

    assert stopped(ticket, shop) == ([], "certificate", "handed_off")
    assert ticket.effects[0].stopped_by == "certificate"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("properties", ["P1", "P2"]),
        ("policy", "0" * 64),
        ("bindings", {"0" * 64: "shop = another"}),
        ("coverage", "rules 1/8, outcomes 1/8, replies 1/18"),
        ("certificate", 2),
    ],
)
async def test_a_partial_or_stale_certificate_counts_as_none(
    desk: Desk, shop: Shop, certificate: Path, part: str, value: object
) -> None:
    ticket = await offered(desk, shop)

    changed(certificate, part, value)
    await ticket.answers("Yes")

    assert stopped(ticket, shop) == ([], "certificate", "handed_off")


async def test_a_helpdesk_connection_whose_mode_was_lowered_meanwhile_stops_the_action(
    desk: Desk, shop: Shop, installation: Installation, certificate: Path
) -> None:
    ticket = await offered(desk, shop)
    ceilings = installation.resolver.resources.connections.ceilings

    ceilings["zendesk"] = "suggest"  # type: ignore[index]  # the operator restarts with another configuration
    await ticket.answers("Yes")
    ceilings["zendesk"] = "auto"  # type: ignore[index]  # as it was

    assert stopped(ticket, shop) == ([], "mode", "handed_off")
