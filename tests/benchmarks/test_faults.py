"""The benchmark of faults: some seeds go well, one seed is always the same, and what must not be is found."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import faults
from benchmarks.desk import MemoryDesk
from benchmarks.fault_parts.chance import FAULTS, Chance
from benchmarks.fault_parts.ground import Ground, prepare
from resolver.store import ledger
from resolver.ticket import Receipt


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return prepare(tmp_path_factory.mktemp("faults"))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The seeds' own errors are no news."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_worlds_in_which_everything_fails_violate_nothing_and_most_customers_are_paid(
    ground: Ground, tmp_path: Path
) -> None:
    found = [faults.play(ground, tmp_path, seed) for seed in range(5)]

    assert [one.violations for one in found] == [[]] * 5
    assert sum(one.deaths for one in found) > 25
    assert sum(one.paid for one in found) >= 8


def test_a_seed_goes_the_same_way_again(ground: Ground, tmp_path: Path) -> None:
    assert faults.play(ground, tmp_path, 3) == faults.play(ground, tmp_path, 3)


def test_an_effect_whose_end_is_never_written_down_is_found(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgets(connection, entry_id, *, state, **more):
        return state != "done" and settle(connection, entry_id, state=state, **more)

    settle = ledger.settle
    monkeypatch.setattr(ledger, "settle", forgets)

    found = [faults.play(ground, tmp_path, seed) for seed in range(3)]

    assert any("lost: an effect was never settled" in what for one in found for what in one.violations)


def test_a_customer_who_is_told_nothing_is_found(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def swallowed(self, ticket, write):
        return Receipt(None, ticket.stamp)

    monkeypatch.setattr(MemoryDesk, "write_back", swallowed)

    found = faults.play(ground, tmp_path, 1)

    assert any("the ticket never came to an end" in what for what in found.violations)


def test_every_kind_of_fault_is_drawn() -> None:
    drawn = {Chance(seed).fault("shop", "refund") for seed in range(2_000)}

    assert drawn == {None, *FAULTS}


@pytest.mark.slow
def test_a_hundred_worlds_violate_nothing(ground: Ground, tmp_path: Path) -> None:
    found = [faults.play(ground, tmp_path, seed) for seed in range(5, 105)]

    assert [one for one in found if one.violations] == []
