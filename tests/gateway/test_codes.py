"""A code's worth: half an hour, once, in its ticket and from its requester; so many a day, known record or not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import msgspec
import pytest

from resolver.connector.manifest import Interfaces
from resolver.connector.registry import Connections
from resolver.decision.guard import Stop
from resolver.gateway.codes import Asking, Codes, Holder, code_from
from resolver.gateway.identity import proven_on
from resolver.gateway.lookups import LookUps
from resolver.playbook.policy import Policy
from resolver.store import codes
from resolver.store.database import Connection, Database
from resolver.store.vault import SubjectKey, Vault
from resolver.ticket import Level, MessageId
from tests.databases import ready_database
from tests.decision.conftest import NOW, POLICY, Maker

CASE, ANN, EVE = "zendesk:1", "zendesk:7", "zendesk:8"
OWNER = Holder("ann@example.com", "ann@example.com", "email")


@dataclass
class Desk:
    """Codes asked for and answered; `now` is the clock's, which tests move."""

    database: Database
    now: datetime = NOW
    policy: Policy = field(default_factory=lambda: Maker().policy())
    turns: Iterator[int] = field(default_factory=lambda: count(1))
    vault: Vault = field(default_factory=lambda: Vault(bytes(32)))

    def __post_init__(self) -> None:
        connections, chance = Connections({}, {}, Interfaces({}, {})), count(1)
        self.codes = Codes(
            database=self.database,
            vault=self.vault,
            connections=connections,
            look_ups=LookUps(connections),
            clock=lambda: self.now,
            chance=lambda size: next(chance).to_bytes(size, "big"),
            stop=frozenset,
        )

    def asks(self, holder: Holder | None = OWNER, *, case: str = CASE, turn: int | None = None) -> str | Stop:
        """A run asks for a code."""
        asking = Asking(
            turn=next(self.turns) if turn is None else turn, n=0, case=case, run="r1", playbook="refund_order",
            requester=ANN, staff_stamp="", language="en", policy=self.policy,
        )  # fmt: skip
        return self.database.write_now(
            lambda c: self.codes.ask(c, asking, holder, key=self.vault.key(c, ANN))
        )

    def sends(self, **how: str) -> str:
        """A code is asked for and on its way; what it is."""
        row_id = self.asks(**how)
        assert isinstance(row_id, str)

        def job(connection: Connection) -> str:
            codes.mark_sent(connection, row_id, now=self.now)
            row = codes.get(connection, row_id)
            assert row is not None
            key = self.vault.known(connection, ANN)
            return code_from(key, msgspec.json.decode(key.open(row.document_sealed))["chance"])

        return self.database.write_now(job)

    def hears(self, code: str, message: str = "m1", *, case: str = CASE, requester: str = ANN) -> str:
        """The requester answers with a code; what it is worth."""

        def job(connection: Connection) -> str:
            said, key = {MessageId(message): code}, self.vault.key(connection, requester)
            self.codes.judge(connection, case=case, requester=requester, said=said, key=key)
            return codes.answers(connection, case, [message])[message]

        return self.database.write_now(job)

    def proven(self) -> Level | None:
        """How far Ann is proven on the ticket now."""

        def job(connection: Connection) -> Level | None:
            key: SubjectKey = self.vault.known(connection, ANN)
            found = proven_on(connection, case=CASE, requester=ANN, policy=self.policy, key=key, now=self.now)
            return None if found is None else found.level

        return self.database.read_now(job)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database(ready_database("sqlite", tmp_path))
    yield Desk(database)
    database.close()


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_code_has_six_digits_and_proves_its_requester(desk: Desk) -> None:
    code = desk.sends()

    assert (len(code), code.isdigit()) == (6, True)
    assert desk.hears(code) == "right"
    assert desk.proven() is Level.CODE


def test_a_code_counts_once(desk: Desk) -> None:
    code = desk.sends()
    desk.hears(code, "m1")

    assert desk.hears(code, "m2") == "wrong"


def test_a_message_that_is_judged_again_after_a_crash_is_worth_the_same(desk: Desk) -> None:
    code = desk.sends()

    assert [desk.hears(code, "m1"), desk.hears(code, "m1")] == ["right", "right"]


@pytest.mark.parametrize(("minutes", "worth"), [(29, "right"), (31, "late")])
def test_a_code_is_good_for_half_an_hour(desk: Desk, minutes: int, worth: str) -> None:
    code = desk.sends()
    desk.now += timedelta(minutes=minutes)

    assert desk.hears(code) == worth


def test_after_three_wrong_ones_the_right_one_counts_no_more(desk: Desk) -> None:
    code = desk.sends()
    for number in range(3):
        desk.hears(another(code), f"m{number}")

    assert desk.hears(code, "m9") == "wrong"


def test_the_same_wrong_message_judged_three_times_is_one_wrong_code(desk: Desk) -> None:
    code = desk.sends()
    for _ in range(3):
        desk.hears(another(code), "m1")

    assert desk.hears(code, "m2") == "right"


def test_another_ticket_or_requester_cannot_use_it(desk: Desk) -> None:
    code = desk.sends()

    assert desk.hears(code, case="zendesk:2") == "wrong"
    assert desk.hears(code, requester=EVE) == "wrong"
    assert desk.proven() is None


def test_a_code_nobody_was_sent_is_never_right(desk: Desk) -> None:
    desk.asks(None)

    assert {desk.hears(f"{number:06}", f"m{number}") for number in range(50)} == {"wrong"}


def test_who_was_proven_by_a_code_is_so_for_a_day(desk: Desk) -> None:
    desk.hears(desk.sends())

    desk.now += timedelta(hours=23, minutes=59)
    before = desk.proven()
    desk.now += timedelta(minutes=1)

    assert (before, desk.proven()) == (Level.CODE, None)


def test_the_policy_says_how_long_a_code_lasts(desk: Desk) -> None:
    desk.policy = Maker().policy(f"{POLICY}\ncode_lasts: 1 hours\n")
    desk.hears(desk.sends())

    desk.now += timedelta(minutes=61)

    assert desk.proven() is None


@pytest.mark.parametrize("holder", [OWNER, None], ids=["known", "unknown"])
def test_a_ticket_gets_four_codes_a_day_whether_the_record_is_known_or_not(
    desk: Desk, holder: Holder | None
) -> None:
    for _ in range(4):
        assert isinstance(desk.asks(holder), str)

    stop = desk.asks(holder)

    assert isinstance(stop, Stop)
    assert stop.check == "codes_a_day"


def test_a_contact_gets_six_codes_a_day_and_the_seventh_ticket_hears_the_same(desk: Desk) -> None:
    asked = [desk.asks(case=f"zendesk:{number}") for number in range(7)]

    rows = [desk.database.read_now(lambda c, row=row: codes.get(c, row)) for row in asked]

    assert [row.state for row in rows if row] == ["open"] * 6 + ["void"]


def test_asked_for_again_after_a_crash_it_is_the_same_row(desk: Desk) -> None:
    assert desk.asks(turn=5) == desk.asks(turn=5)


def test_the_stored_row_holds_no_code(desk: Desk) -> None:
    code = desk.sends()

    row = desk.database.read_now(lambda c: codes.of_case(c, CASE, requester=ANN))[0]

    assert code not in str(row)
