"""How the port finds what a connector's module declares, and passes calls on."""

from decimal import Decimal
from types import ModuleType

import pytest

from resolver.connector.action import Backend, ChosenLine, Done, ReadBack, Seen, action, look_up, read_back
from resolver.errors import Malformed
from resolver.money import Money


class Till:
    """A client that remembers what was asked through it."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.open = True

    async def aclose(self) -> None:
        self.open = False


@look_up("till.receipt")
async def receipt(till: Till, *, number: str):
    till.heard.append(number)
    return {"number": number}


@action("till.pay")
async def pay(till: Till, *, items: tuple[ChosenLine, ...], amount: Money, key: str):
    till.heard.append((items, amount, key))
    return Done("p1")


@read_back("till.pay")
async def paid(till: Till, *, items: tuple[ChosenLine, ...], amount: Money, key: str):
    till.heard.append((items, amount, key))
    return ReadBack(Seen.DONE, "p1")


@action("till.ring")
async def ring(till: Till, *, key: str):
    till.heard.append(key)
    return Done()


def module(**members: object) -> ModuleType:
    made = ModuleType("connectors.till.actions")
    vars(made).update(members)
    return made


PAYMENT = {"items": (ChosenLine("l1", Decimal(1)),), "amount": Money(1200, "EUR")}


def test_a_backend_offers_exactly_what_the_module_declares():
    backend = Backend.of(module(receipt=receipt, pay=pay, paid=paid, ring=ring, other=len, text="x"), Till())

    assert set(backend.look_ups) == {"till.receipt"}
    assert set(backend.actions) == {"till.pay", "till.ring"}
    assert set(backend.read_backs) == {"till.pay"}


def test_a_module_that_declares_nothing_offers_nothing():
    backend = Backend.of(module(), Till())

    assert (backend.look_ups, backend.actions, backend.read_backs) == ({}, {}, {})


def test_one_name_declared_twice_is_refused_with_its_place_and_remedy():
    @action("till.pay")
    async def pay_again(till: Till, *, key: str):
        return Done()

    with pytest.raises(Malformed) as caught:
        Backend.of(module(pay=pay, pay_again=pay_again), Till())

    assert "connectors.till.actions declares the action 'till.pay' twice" in str(caught.value)
    assert caught.value.remedy == "keep one of them"


def test_an_action_and_its_read_back_may_share_a_name():
    backend = Backend.of(module(pay=pay, paid=paid), Till())

    assert (backend.actions["till.pay"], backend.read_backs["till.pay"]) == (pay, paid)


async def test_a_look_up_gets_the_client_and_its_arguments():
    till = Till()

    record = await Backend.of(module(receipt=receipt), till).look_up("till.receipt", {"number": "7"})

    assert (record, till.heard) == ({"number": "7"}, ["7"])


async def test_an_action_gets_the_ledgers_key_beside_its_arguments():
    till = Till()

    done = await Backend.of(module(pay=pay), till).perform("till.pay", PAYMENT, key="rsv1-a")

    assert done == Done("p1")
    assert till.heard == [(PAYMENT["items"], PAYMENT["amount"], "rsv1-a")]


async def test_a_read_back_gets_the_same_as_its_action():
    till = Till()
    backend = Backend.of(module(pay=pay, paid=paid), till)

    await backend.perform("till.pay", PAYMENT, key="rsv1-a")
    seen = await backend.read_back("till.pay", PAYMENT, key="rsv1-a")

    assert seen == ReadBack(Seen.DONE, "p1")
    assert till.heard[0] == till.heard[1]


async def test_an_action_without_read_back_cannot_be_told():
    backend = Backend.of(module(ring=ring), Till())

    assert await backend.read_back("till.ring", {}, key="rsv1-a") == ReadBack(Seen.CANNOT_TELL)


async def test_closing_a_backend_closes_its_client():
    till = Till()

    await Backend.of(module(), till).aclose()

    assert not till.open
