"""Writing an intent: one row for one effect of a turn, however often and by whomever it is decided."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from resolver.decision.effects import End, LookUp, Perform, Sent, Wait
from resolver.decision.facts import Facts, next_turn
from resolver.decision.guard import Stop
from resolver.decision.scenario import Walk
from resolver.gateway.intent import Intended, Place, intend
from resolver.store import ledger, switches
from resolver.store.database import Database
from resolver.store.ledger import Entry
from resolver.store.vault import Vault
from tests.databases import ready_database
from tests.decision.conftest import NOW, POLICY, Desk, Maker, said

PLACE = Place(
    turn=7, n=0, case="zendesk:1", requester="zendesk:7", email="ann@example.com", staff_stamp="", reads=()
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(ready_database("sqlite", tmp_path))
    yield database
    database.close()


@dataclass(frozen=True)
class Worker:
    """A turn that stands at a refund of 39.90 EUR to which the customer has said yes."""

    database: Database
    make: Maker
    facts: Facts
    effect: Perform

    def intends(self, **changes: object) -> Intended | Stop:
        """Write the intent; `changes` are the effect's."""
        effect = replace(self.effect, **changes)
        vault = Vault(bytes(32))
        return self.database.write_now(
            lambda c: intend(
                c,
                interfaces=self.make.interfaces,
                plan=self.make.plan(),
                facts=self.facts,
                effect=effect,
                place=PLACE,
                key=vault.key(c, PLACE.requester),
                now=NOW,
            )
        )

    @property
    def intents(self) -> list[Entry]:
        return self.database.read_now(lambda c: ledger.of_turn(c, PLACE.turn))


@pytest.fixture
def worker(database: Database) -> Worker:
    """Its policy pays a ticket 45 EUR at most, so that a second refund would be too much."""
    make = Maker()
    desk = make.desk()
    desk.policy = make.policy(POLICY.replace("per_ticket: {EUR: 200}", "per_ticket: {EUR: 45}"))
    desk.hears(said("refund for 10231", order_number="10231"))
    return Worker(database, make, *_agreed(desk))


def _agreed(desk: Desk) -> tuple[Facts, Perform]:
    """What is known when the customer has said yes, and the refund that is now to be performed."""
    assert desk.facts is not None
    facts = next_turn(
        desk.facts, now=NOW, level=desk.level, language="en", customer=desk.customer, ticket=desk.facts.ticket
    )
    walk = Walk(desk.plan, facts)
    walk.hears(said("yes", "yes", message="m2"))
    while not isinstance(effect := walk.next(), Perform):
        assert not isinstance(effect, Wait | End), effect
        walk.took(desk.look_up(effect) if isinstance(effect, LookUp) else Sent())
    return walk.facts, effect


def test_an_effect_gets_one_row_with_its_key(worker: Worker) -> None:
    outcome = worker.intends()

    assert outcome == Intended("effect-7-0")
    assert [(one.id, one.state, one.pays_minor) for one in worker.intents] == [("effect-7-0", "open", 3990)]


def test_the_same_effect_decided_again_is_the_intent_that_stands_there(worker: Worker) -> None:
    first = worker.intends()
    before = worker.intents

    again = worker.intends()

    assert again == first == Intended("effect-7-0")
    assert worker.intents == before


@pytest.mark.parametrize("state", ["sent", "done", "unknown"])
def test_it_is_found_again_whatever_became_of_it_since(worker: Worker, state: str) -> None:
    first = worker.intends()
    if state == "sent":
        assert worker.database.write_now(lambda c: ledger.mark_sent(c, worker.intents[0], now=NOW))
    else:
        worker.database.write_now(
            lambda c: ledger.settle(c, "effect-7-0", state=state, how="answer", now=NOW)
        )

    assert worker.intends() == first


def test_an_intent_that_stands_there_is_stopped_when_it_is_sent_and_not_decided_anew(worker: Worker) -> None:
    first = worker.intends()
    worker.database.write_now(lambda c: switches.throw(c, "all", by="ops@acme.example", now=NOW))

    assert worker.intends() == first


def test_another_effect_in_the_same_place_is_not_the_intent_that_stands_there(worker: Worker) -> None:
    worker.intends()

    outcome = worker.intends(generation=2)

    assert isinstance(outcome, Stop)
    assert len(worker.intents) == 1


def test_an_effect_that_a_check_forbids_gets_no_row(worker: Worker) -> None:
    worker.database.write_now(lambda c: switches.throw(c, "all", by="ops@acme.example", now=NOW))

    outcome = worker.intends()

    assert isinstance(outcome, Stop)
    assert (outcome.check, worker.intents) == ("kill_switch", [])
