"""What the connector makes of a billing system that works, refuses, breaks or forgets."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from connectors.demo_billing import actions
from connectors.demo_billing.sandbox import BillingSandbox
from resolver.condition.calendar import Calendar
from resolver.condition.env import Env
from resolver.connector.action import Backend, Done, ReadBack, Seen
from resolver.connector.backend_sandbox.process import Setting
from resolver.connector.interface import read_record
from resolver.connector.registry import open_backend, read_shelf
from resolver.errors import NotFound, Refused, Unavailable, Unknown
from resolver.money import Money

FIVE = Money(500, "EUR")
DISCOUNT = {"subscription": "s-ann", "amount": FIVE}
LINK = {"subscription": "s-ann"}
DAY = date(2026, 12, 10)
END = {"subscription": "s-ann", "day": DAY}
ANN = {"email": "ann@example.com"}
EVERY = [
    ("billing.apply_discount", DISCOUNT, "apply_discount"),
    ("billing.remove_discount", LINK, "remove_discount"),
    ("billing.cancel", END, "cancel"),
    ("billing.send_payment_link", LINK, "send_payment_link"),
]


@pytest.fixture
def subscribed(billing: BillingSandbox) -> BillingSandbox:
    billing.has_subscription("ann@example.com", renews_on="2026-12-10")
    return billing


def test_the_manifest_lists_exactly_the_actions_and_settings_there_are(billing):
    found = read_shelf().connectors["demo_billing"]

    offered = open_backend(found, billing.connection())

    assert set(found.manifest.actions) == set(offered.actions) == set(offered.read_backs)
    assert set(found.manifest.settings) == set(billing.connection())


async def test_a_subscription_is_one_the_interface_reads_whole(billing, backend):
    billing.has_subscription(
        "ann@example.com", committed_until="2027-01-01", discount="2.00 EUR", link_sent_at=billing.now()
    )
    interface = read_shelf().interfaces["billing"]

    raw = await backend.look_up("billing.subscription", ANN)
    env = Env({}, billing.now(), Calendar(ZoneInfo("UTC")))
    subscription = read_record(interface, "billing.subscription", raw, env)

    assert set(subscription.fields) == set(interface.records["billing.subscription"].fields)
    assert raw["price"] == Money(1990, "EUR")
    assert raw["committed_until"] == date(2027, 1, 1)


async def test_the_one_that_runs_is_meant_and_not_the_ones_that_ended(billing, backend):
    billing.has_subscription("ann@example.com", id="old", status="ended", renews_on="2026-01-01")
    billing.has_subscription("ann@example.com", id="new", status="paused")

    assert (await backend.look_up("billing.subscription", ANN))["id"] == "new"


async def test_where_none_runs_the_one_that_ended_last_is_meant(billing, backend):
    billing.has_subscription("ann@example.com", id="later", status="ended", renews_on="2026-05-01")
    billing.has_subscription("ann@example.com", id="sooner", status="ended", renews_on="2026-01-01")

    assert (await backend.look_up("billing.subscription", ANN))["id"] == "later"


async def test_of_two_that_run_none_is_taken(billing, backend):
    billing.has_subscription("ann@example.com", id="one")
    billing.has_subscription("ann@example.com", id="two")

    with pytest.raises(NotFound):
        await backend.look_up("billing.subscription", ANN)


@pytest.mark.parametrize("email", ["eve@example.com", "%", "a&email=ann@example.com"])
async def test_who_has_none_is_not_found(subscribed, backend, email):
    with pytest.raises(NotFound):
        await backend.look_up("billing.subscription", {"email": email})


async def test_a_discount_comes_off_each_month_once_and_carries_our_key(subscribed, backend):
    first = await backend.perform("billing.apply_discount", DISCOUNT, key="k1")
    second = await backend.perform("billing.apply_discount", DISCOUNT, key="k1")

    assert first == second
    assert [(m.id, m.money, m.key) for m in subscribed.movements()] == [(first.external_id, FIVE, "k1")]
    now = subscribed.subscription("s-ann")
    assert (now.discount, now.discounts_used) == (500, 1)


async def test_a_second_discount_is_refused(subscribed, backend):
    await backend.perform("billing.apply_discount", DISCOUNT, key="k1")

    with pytest.raises(Refused) as no:
        await backend.perform("billing.apply_discount", DISCOUNT, key="k2")

    assert no.value.code == "already_discounted"


async def test_taking_a_discount_away_leaves_everything_as_before_and_may_be_repeated(subscribed, backend):
    before = subscribed.subscription("s-ann")
    await backend.perform("billing.apply_discount", DISCOUNT, key="k1")

    await backend.perform("billing.remove_discount", LINK, key="k2")
    again = await backend.perform("billing.remove_discount", LINK, key="k2")

    assert again == Done()
    assert subscribed.subscription("s-ann") == before


async def test_a_subscription_ends_on_its_renewal_day_and_ending_it_again_is_our_own_success(
    subscribed, backend
):
    first = await backend.perform("billing.cancel", END, key="k1")
    again = await backend.perform("billing.cancel", END, key="k1")

    assert first == again
    assert subscribed.subscription("s-ann").status == "ending"
    assert [(m.kind, m.on) for m in subscribed.movements()] == [("ending", DAY)]


@pytest.mark.parametrize(
    ("state", "code"),
    [({"status": "ended"}, "already_ended"), ({"committed_until": "2027-06-01"}, "under_contract")],
)
async def test_what_cannot_be_ended_is_refused_with_its_code(subscribed, backend, state, code):
    subscribed.changes("s-ann", **state)

    with pytest.raises(Refused) as no:
        await backend.perform("billing.cancel", END, key="k1")

    assert no.value.code == code
    assert subscribed.movements() == ()


async def test_a_link_goes_once_to_the_contact_on_the_subscription(subscribed, backend):
    first = await backend.perform("billing.send_payment_link", LINK, key="k1")
    again = await backend.perform("billing.send_payment_link", LINK, key="k1")

    assert first == again
    assert [(m.kind, m.to) for m in subscribed.movements()] == [("payment_link", "ann@example.com")]
    assert (await backend.look_up("billing.subscription", ANN))["link_sent_at"] is not None


async def test_who_pays_by_invoice_is_sent_no_link(subscribed, backend):
    subscribed.changes("s-ann", payment_method="invoice")

    with pytest.raises(Refused) as no:
        await backend.perform("billing.send_payment_link", LINK, key="k1")

    assert no.value.code == "no_online_payment"


@pytest.mark.parametrize(("name", "arguments", "operation"), EVERY)
@pytest.mark.parametrize(
    ("fault", "happened"),
    [
        ("timeout_after_executing", True),
        ("reset_after", True),
        ("malformed_json", True),
        ("http_500_before", False),
    ],
)
async def test_without_a_usable_answer_nobody_knows_until_it_is_read_back(
    subscribed, backend, name, arguments, operation, fault, happened
):
    subscribed.changes("s-ann", discount="1.00 EUR" if operation == "remove_discount" else "0.00 EUR")
    subscribed.fault(operation, fault)

    with pytest.raises(Unknown):
        await backend.perform(name, arguments, key="k1")

    found = await backend.read_back(name, arguments, key="k1")
    assert found.seen is (Seen.DONE if happened else Seen.NOT_DONE)
    assert len(subscribed.movements()) == int(happened)
    assert subscribed.requests[operation] >= 1


@pytest.mark.parametrize(("name", "arguments", "operation"), EVERY)
async def test_asked_to_come_back_later_nothing_was_done(subscribed, backend, name, arguments, operation):
    subscribed.fault(operation, "http_429")

    with pytest.raises(Unavailable):
        await backend.perform(name, arguments, key="k1")

    assert subscribed.movements() == ()


async def test_a_system_that_shows_old_data_proves_nothing_by_showing_nothing():
    with BillingSandbox(Setting(idempotency="none_stale", stale_reads=5)) as billing:
        billing.has_subscription("ann@example.com")
        backend = Backend.of(actions, actions.connect(billing.connection()))
        await backend.perform("billing.apply_discount", DISCOUNT, key="k1")

        found = await backend.read_back("billing.apply_discount", DISCOUNT, key="k1")
        await backend.aclose()

    assert found == ReadBack(Seen.CANNOT_TELL)


async def test_without_keys_a_repeated_discount_is_recognised_as_ours_by_its_reference():
    with BillingSandbox(Setting(idempotency="none")) as billing:
        billing.has_subscription("ann@example.com")
        backend = Backend.of(actions, actions.connect(billing.connection()))
        first = await backend.perform("billing.apply_discount", DISCOUNT, key="k1")
        again = await backend.perform("billing.apply_discount", DISCOUNT, key="k1")
        await backend.aclose()

        assert first == again
        assert len(billing.movements()) == 1
