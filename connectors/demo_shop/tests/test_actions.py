"""What the connector makes of a shop that works, refuses, breaks or forgets."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connectors.demo_shop import actions
from connectors.demo_shop.sandbox import ShopSandbox
from resolver.condition.calendar import Calendar
from resolver.condition.env import Env
from resolver.connector.action import Argument, Backend, ChosenLine, Done, Pending, ReadBack, Seen
from resolver.connector.backend_sandbox.process import Setting
from resolver.connector.interface import read_record
from resolver.connector.registry import open_backend, read_shelf
from resolver.errors import Malformed, NotFound, Refused, Unavailable, Unknown
from resolver.money import Money

MUGS = [
    {"id": "l1", "name": "Blue mug", "quantity": 2, "refundable": "24.00 EUR"},
    {"id": "l2", "name": "Tea towel", "refundable": "15.90 EUR"},
]
WHOLE = Money.parse("39.90 EUR")


def refund_of(order: str, amount: Money = WHOLE, *items: ChosenLine) -> Mapping[str, Argument]:
    return {"order": order, "items": items, "amount": amount}


def connected(shop: ShopSandbox, **settings: str) -> Backend:
    return Backend.of(actions, actions.connect({**shop.connection(), "timeout_s": "0.3", **settings}))


def test_the_manifest_lists_exactly_the_actions_and_settings_there_are(shop):
    found = read_shelf().connectors["demo_shop"]

    offered = open_backend(found, shop.connection())

    assert set(found.manifest.actions) == set(offered.actions) == set(offered.read_backs)
    assert set(found.manifest.settings) == set(shop.connection())


async def test_an_order_is_one_the_interface_reads_whole(shop, backend):
    days = {"expected_on": date(2026, 12, 1), "replaced_at": shop.now(), "adjusted_at": shop.now()}
    lines = [{**MUGS[0], "current_price": "20.00 EUR"}]
    shop.has_order("10231", lines=lines, tracking_url="https://post.example/1", **days)
    interface = read_shelf().interfaces["shop"]

    raw = await backend.look_up("shop.order", {"number": "10231"})
    order = read_record(interface, "shop.order", raw, Env({}, shop.now(), Calendar(ZoneInfo("UTC"))))

    assert set(order.fields) == set(interface.records["shop.order"].fields)
    assert set(order.fields["lines"][0].fields) == set(interface.records["shop.order_line"].fields)


async def test_an_order_is_read_with_money_times_and_lines_typed(shop, backend):
    shop.has_order("10231", lines=MUGS, expected_on=date(2026, 12, 1), tracking_url="https://post.example/1")

    order = await backend.look_up("shop.order", {"number": "10231"})

    assert order["id"] == "o-10231"
    assert order["email"] == "ann@example.com"
    assert (order["total"], order["refunded"]) == (WHOLE, Money(0, "EUR"))
    assert (order["status"], order["country"]) == ("delivered", "DE")
    assert order["expected_on"] == date(2026, 12, 1)
    assert isinstance(order["delivered_at"], datetime)
    assert order["delivered_at"].tzinfo is not None
    assert order["lines"][0] == {
        "id": "l1", "name": "Blue mug", "quantity": 2, "refundable": Money(2400, "EUR"), "final_sale": False,
        "current_price": None, "variants": [],
    }  # fmt: skip


async def test_what_an_order_lacks_is_none(shop, backend):
    shop.has_order("10231", status="paid")

    order = await backend.look_up("shop.order", {"number": "10231"})

    assert (order["delivered_at"], order["expected_on"], order["tracking_url"]) == (None, None, None)


@pytest.mark.parametrize(
    "number",
    ["10232", "", ".", "..", "a/b", "1 2", "../sandbox/orders", "%2e%2e", "9" * 9000, "\ud800", "１"],
)
async def test_an_order_that_is_not_there_is_not_found(shop, backend, number):
    shop.has_order("10231")

    with pytest.raises(NotFound):
        await backend.look_up("shop.order", {"number": number})


async def test_a_refund_moves_money_once_and_carries_our_key(shop, backend):
    shop.has_order("10231", lines=MUGS)

    done = await backend.perform(
        "shop.refund", refund_of("o-10231", Money(1200, "EUR"), ChosenLine("l1", Decimal(1))), key="k1"
    )

    assert isinstance(done, Done)
    assert [(m.id, m.money, m.key) for m in shop.refunds] == [(done.external_id, Money(1200, "EUR"), "k1")]
    assert [line.refundable for line in shop.order("10231").lines] == [1200, 1590]


async def test_the_same_key_twice_is_one_refund_and_the_same_answer(shop, backend):
    shop.has_order("10231")

    first = await backend.perform("shop.refund", refund_of("o-10231"), key="k1")
    second = await backend.perform("shop.refund", refund_of("o-10231"), key="k1")

    assert first == second
    assert len(shop.refunds) == 1


async def test_a_key_that_was_used_for_something_else_is_unknown_and_moves_nothing(shop, backend):
    shop.has_order("10231")
    await backend.perform("shop.refund", refund_of("o-10231", Money(500, "EUR")), key="k1")

    with pytest.raises(Unknown):
        await backend.perform("shop.refund", refund_of("o-10231", Money(600, "EUR")), key="k1")

    assert len(shop.refunds) == 1


@pytest.mark.parametrize(
    ("order", "amount", "code"),
    [
        ({"refunded": "39.90 EUR", "paid": "39.90 EUR"}, WHOLE, "already_refunded"),
        ({"paid_days_ago": 181}, WHOLE, "payment_too_old"),
        ({}, Money(3991, "EUR"), "amount_too_high"),
        ({}, Money(3990, "USD"), "invalid"),
    ],
)
async def test_a_refused_refund_says_why_and_moves_nothing(shop, backend, order, amount, code):
    shop.has_order("10231", **order)

    with pytest.raises(Refused) as caught:
        await backend.perform("shop.refund", refund_of("o-10231", amount), key="k1")

    assert caught.value.code == code
    assert shop.movements() == ()


async def test_more_than_the_chosen_lines_are_worth_is_refused(shop, backend):
    shop.has_order("10231", lines=MUGS)

    with pytest.raises(Refused) as caught:
        await backend.perform(
            "shop.refund", refund_of("o-10231", Money(1201, "EUR"), ChosenLine("l1", Decimal(1))), key="k1"
        )

    assert caught.value.code == "amount_too_high"


async def test_an_action_on_an_order_that_is_gone_is_refused_as_not_found(backend):
    with pytest.raises(Refused) as caught:
        await backend.perform("shop.refund", refund_of("o-1"), key="k1")

    assert caught.value.code == "not_found"


async def test_a_cancelled_order_is_paid_back(shop, backend):
    shop.has_order("10231", status="paid", lines=MUGS)

    done = await backend.perform("shop.cancel_order", {"order": "o-10231", "amount": WHOLE}, key="k1")

    order = shop.order("10231")
    assert (order.status, order.remaining, [line.refundable for line in order.lines]) == (
        "cancelled",
        0,
        [0, 0],
    )
    assert [(m.id, m.kind, m.money) for m in shop.movements()] == [(done.external_id, "cancellation", WHOLE)]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("shipped", "already_fulfilled"),
        ("delivered", "already_fulfilled"),
        ("cancelled", "already_cancelled"),
    ],
)
async def test_an_order_that_left_or_ended_is_not_cancelled(shop, backend, status, code):
    shop.has_order("10231", status=status)

    with pytest.raises(Refused) as caught:
        await backend.perform("shop.cancel_order", {"order": "o-10231", "amount": WHOLE}, key="k1")

    assert caught.value.code == code
    assert shop.movements() == ()


async def test_an_address_is_changed_once_however_often_it_is_asked(shop, backend):
    shop.has_order("10231", status="processing")
    change = {"order": "o-10231", "address": "22 Hill Road, Leeds LS1 4AB, United Kingdom"}

    await backend.perform("shop.change_address", change, key="k1")
    await backend.perform("shop.change_address", change, key="k1")

    assert shop.order("10231").address == change["address"]
    assert [m.kind for m in shop.movements()] == ["address_change"]


async def test_the_address_of_a_parcel_on_its_way_stays(shop, backend):
    shop.has_order("10231", status="shipped")

    with pytest.raises(Refused) as caught:
        await backend.perform("shop.change_address", {"order": "o-10231", "address": "Elsewhere 1"}, key="k1")

    assert caught.value.code == "already_fulfilled"


AFTER = ["timeout_after_executing", "reset_after", "http_500_after", "malformed_json", "truncated"]
BEFORE = ["timeout_before", "reset_before", "http_500_before"]


@pytest.mark.parametrize("fault", AFTER)
async def test_a_refund_that_happened_behind_a_broken_answer_is_unknown_and_found_by_reading_back(
    shop, backend, fault
):
    shop.has_order("10231")
    shop.fault("refund", fault)

    with pytest.raises(Unknown):
        await backend.perform("shop.refund", refund_of("o-10231"), key="k1")
    seen = await backend.read_back("shop.refund", refund_of("o-10231"), key="k1")

    assert seen == ReadBack(Seen.DONE, shop.refunds[0].id)
    assert shop.requests["refund"] == 1


@pytest.mark.parametrize("fault", BEFORE)
async def test_a_refund_that_never_happened_is_unknown_and_reading_back_shows_it_is_not_there(
    shop, backend, fault
):
    shop.has_order("10231")
    shop.fault("refund", fault)

    with pytest.raises(Unknown):
        await backend.perform("shop.refund", refund_of("o-10231"), key="k1")
    seen = await backend.read_back("shop.refund", refund_of("o-10231"), key="k1")

    assert seen == ReadBack(Seen.NOT_DONE)
    assert shop.requests["refund"] == 1


@pytest.mark.parametrize("fault", AFTER)
async def test_a_cancellation_behind_a_broken_answer_is_found_by_reading_back(shop, backend, fault):
    shop.has_order("10231", status="paid")
    shop.fault("cancel_order", fault)
    cancellation = {"order": "o-10231", "amount": WHOLE}

    with pytest.raises(Unknown):
        await backend.perform("shop.cancel_order", cancellation, key="k1")

    assert (await backend.read_back("shop.cancel_order", cancellation, key="k1")).seen is Seen.DONE


@pytest.mark.parametrize("fault", AFTER)
async def test_an_address_change_behind_a_broken_answer_is_found_by_reading_back(shop, backend, fault):
    shop.has_order("10231", status="paid")
    shop.fault("change_address", fault)
    change = {"order": "o-10231", "address": "Marktplatz 1, 04109 Leipzig, Germany"}

    with pytest.raises(Unknown):
        await backend.perform("shop.change_address", change, key="k1")

    assert (await backend.read_back("shop.change_address", change, key="k1")).seen is Seen.DONE


async def test_a_cancellation_by_somebody_else_is_surely_not_ours(shop, backend):
    shop.has_order("10231", status="paid")
    shop.changes("10231", status="cancelled")

    seen = await backend.read_back("shop.cancel_order", {"order": "o-10231", "amount": WHOLE}, key="k1")

    assert seen == ReadBack(Seen.NOT_DONE)


async def test_a_cancellation_whose_first_sending_arrived_late_is_done_when_it_is_sent_again(shop, backend):
    shop.has_order("10231", status="paid")
    cancellation = {"order": "o-10231", "amount": WHOLE}

    first = await backend.perform("shop.cancel_order", cancellation, key="k1")
    second = await backend.perform("shop.cancel_order", cancellation, key="k1")

    assert first == second
    assert len(shop.movements()) == 1


async def test_a_cancelled_order_of_which_nobody_says_who_cancelled_it_is_unknown(shop, backend):
    shop.has_order("10231", status="cancelled")
    shop.fault("state", "http_500_before", count=3)

    with pytest.raises(Unknown):
        await backend.perform("shop.cancel_order", {"order": "o-10231", "amount": WHOLE}, key="k1")


async def test_too_many_requests_means_surely_not_done_and_says_when_to_come_back(shop, backend):
    shop.has_order("10231")
    shop.fault("refund", "http_429", retry_after_s=7)

    with pytest.raises(Unavailable) as caught:
        await backend.perform("shop.refund", refund_of("o-10231"), key="k1")

    assert caught.value.retry_after_s == 7
    assert shop.movements() == ()


async def test_a_shop_that_is_down_is_unavailable_and_works_again_when_it_is_back(shop, backend):
    shop.has_order("10231")
    shop.stop()

    with pytest.raises(Unavailable):
        await backend.perform("shop.refund", refund_of("o-10231"), key="k1")
    shop.start()
    await backend.perform("shop.refund", refund_of("o-10231"), key="k1")

    assert len(shop.refunds) == 1


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
async def test_a_look_up_survives_two_faults_in_a_row(shop, backend, fault):
    shop.has_order("10231")
    shop.fault("order", fault, count=2)

    order = await backend.look_up("shop.order", {"number": "10231"})

    assert order["number"] == "10231"
    assert shop.requests["order"] == 3


async def test_a_look_up_that_keeps_failing_is_unavailable(shop, backend):
    shop.has_order("10231")
    shop.fault("order", "http_500_before", count=9)

    with pytest.raises(Unavailable):
        await backend.look_up("shop.order", {"number": "10231"})


async def test_a_wrong_token_names_the_setting(shop):
    backend = connected(shop, token="stolen")

    with pytest.raises(Unavailable, match="'token'"):
        await backend.look_up("shop.order", {"number": "10231"})
    await backend.aclose()


async def test_something_else_at_the_shops_address_is_never_a_missing_order(shop):
    backend = connected(shop, url=f"{shop.url}/somewhere")

    with pytest.raises(Unavailable, match="'url'"):
        await backend.look_up("shop.order", {"number": "10231"})
    await backend.aclose()


async def test_a_pending_refund_is_pending_until_the_bank_has_decided(shop, backend):
    shop.has_order("10231")
    shop.fault("refund", "pending")

    made = await backend.perform("shop.refund", refund_of("o-10231"), key="k1")
    waiting = await backend.read_back("shop.refund", refund_of("o-10231"), key="k1")
    shop.settle(made.external_id, "done")
    settled = await backend.read_back("shop.refund", refund_of("o-10231"), key="k1")

    assert made == Pending(shop.refunds[0].id)
    assert (waiting.seen, settled.seen) == (Seen.CANNOT_TELL, Seen.DONE)


async def test_a_refund_that_would_go_is_tried_and_pays_nothing(shop, backend):
    shop.has_order("10231", lines=MUGS)

    await backend.dry_run("shop.refund", refund_of("o-10231"))

    assert (shop.movements(), shop.order("10231").refunded) == ((), 0)


@pytest.mark.parametrize(
    ("order", "code"),
    [({"refunded": "39.90 EUR"}, "already_refunded"), ({"paid_days_ago": 200}, "payment_too_old")],
)
async def test_a_refund_that_would_be_refused_is_refused_when_it_is_tried(shop, backend, order, code):
    shop.has_order("10231", paid="39.90 EUR", **order)

    with pytest.raises(Refused) as refused:
        await backend.dry_run("shop.refund", {"order": "o-10231", "items": (), "amount": WHOLE})

    assert refused.value.code == code


async def test_a_shop_that_does_not_answer_cannot_try(shop, backend):
    shop.has_order("10231", lines=MUGS)
    shop.fault("try_refund", "truncated", 3)

    with pytest.raises(Unavailable):
        await backend.dry_run("shop.refund", refund_of("o-10231"))


async def test_a_pending_refund_that_fails_leaves_the_money_with_the_shop(shop, backend):
    shop.has_order("10231", lines=MUGS)
    shop.fault("refund", "pending")
    made = await backend.perform("shop.refund", refund_of("o-10231"), key="k1")

    shop.settle(made.external_id, "failed")

    assert (await backend.read_back("shop.refund", refund_of("o-10231"), key="k1")).seen is Seen.FAILED
    assert shop.order("10231").remaining == 3990
    assert [line.refundable for line in shop.order("10231").lines] == [2400, 1590]


async def test_a_cancellation_takes_effect_once_the_parcel_is_found(shop, backend):
    shop.has_order("10231", lines=MUGS, status="paid")
    shop.fault("cancel_order", "pending")
    cancellation = {"order": "o-10231", "amount": WHOLE}
    made = await backend.perform("shop.cancel_order", cancellation, key="k1")
    again = await backend.perform("shop.cancel_order", cancellation, key="k1")
    waiting = await backend.read_back("shop.cancel_order", cancellation, key="k1")
    before = shop.order("10231")

    shop.settle(made.external_id, "done")

    assert (made, again, waiting.seen) == (Pending(made.external_id), made, Seen.CANNOT_TELL)
    assert (before.status, before.refunded) == ("paid", 0)
    assert (shop.order("10231").status, shop.order("10231").remaining) == ("cancelled", 0)
    assert (await backend.read_back("shop.cancel_order", cancellation, key="k1")).seen is Seen.DONE


async def test_a_cancellation_whose_parcel_is_not_found_changes_nothing(shop, backend):
    shop.has_order("10231", lines=MUGS, status="paid")
    shop.fault("cancel_order", "pending")
    cancellation = {"order": "o-10231", "amount": WHOLE}
    made = await backend.perform("shop.cancel_order", cancellation, key="k1")

    shop.settle(made.external_id, "failed")

    assert (shop.order("10231").status, shop.order("10231").refunded) == ("paid", 0)
    assert (await backend.read_back("shop.cancel_order", cancellation, key="k1")).seen is Seen.FAILED


async def test_a_read_back_of_an_order_that_is_gone_cannot_tell(backend):
    for name, arguments in [
        ("shop.refund", refund_of("o-1")),
        ("shop.cancel_order", {"order": "o-1", "amount": WHOLE}),
        ("shop.change_address", {"order": "o-1", "address": "Elsewhere 1"}),
    ]:
        assert await backend.read_back(name, arguments, key="k1") == ReadBack(Seen.CANNOT_TELL)


class TestAShopThatHonoursNoKeys:
    @pytest.fixture
    def shop(self):
        with ShopSandbox(Setting(idempotency="none", guards=False)) as shop:
            yield shop

    async def test_the_same_key_twice_pays_twice(self, shop, backend):
        shop.has_order("10231")

        await backend.perform("shop.refund", refund_of("o-10231"), key="k1")
        await backend.perform("shop.refund", refund_of("o-10231"), key="k1")

        assert len(shop.refunds) == 2

    async def test_a_refund_that_is_found_is_done(self, shop, backend):
        shop.has_order("10231")
        await backend.perform("shop.refund", refund_of("o-10231"), key="k1")

        assert (await backend.read_back("shop.refund", refund_of("o-10231"), key="k1")).seen is Seen.DONE

    async def test_a_refund_that_is_not_found_cannot_be_told(self, shop, backend):
        shop.has_order("10231")

        assert (
            await backend.read_back("shop.refund", refund_of("o-10231"), key="k1")
        ).seen is Seen.CANNOT_TELL

    async def test_two_refunds_with_our_key_are_for_a_person_with_both_named(self, shop, backend):
        shop.has_order("10231")
        for _ in range(2):
            await backend.perform("shop.refund", refund_of("o-10231"), key="k1")

        seen = await backend.read_back("shop.refund", refund_of("o-10231"), key="k1")

        assert seen == ReadBack(Seen.CANNOT_TELL, ", ".join(m.id for m in shop.refunds))

    async def test_what_a_read_does_not_show_cannot_be_told(self, shop, backend):
        shop.has_order("10231", status="paid")

        for name, arguments in [
            ("shop.cancel_order", {"order": "o-10231", "amount": WHOLE}),
            ("shop.change_address", {"order": "o-10231", "address": "Elsewhere 1"}),
        ]:
            assert (await backend.read_back(name, arguments, key="k1")).seen is Seen.CANNOT_TELL


class TestAShopWithStaleReads:
    @pytest.fixture
    def shop(self):
        with ShopSandbox(Setting(idempotency="none_stale", stale_reads=2, stale_s=0)) as shop:
            yield shop

    async def test_a_refund_it_does_not_show_yet_is_never_taken_as_not_done(self, shop, backend):
        shop.has_order("10231")
        await backend.perform("shop.refund", refund_of("o-10231"), key="k1")

        seen = [
            (await backend.read_back("shop.refund", refund_of("o-10231"), key="k1")).seen for _ in range(3)
        ]

        assert seen == [Seen.CANNOT_TELL, Seen.CANNOT_TELL, Seen.DONE]

    async def test_an_order_looks_as_before_for_a_while(self, shop, backend):
        shop.has_order("10231")
        await backend.perform("shop.refund", refund_of("o-10231"), key="k1")

        totals = [
            (await backend.look_up("shop.order", {"number": "10231"}))["refunded"].minor for _ in range(3)
        ]

        assert totals == [0, 0, 3990]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("url", ""),
        ("url", "shop.example"),
        ("url", "ftp://shop.example"),
        ("url", "http://shop.example"),
        ("url", "https://user:secret@shop.example"),
        ("url", "https://shop.example:99999"),
        ("url", "https://[broken"),
        ("token", ""),
        ("token", "two words"),
        ("token", "line\nbreak"),
        ("token", "schlüssel"),
        ("idempotency", "sometimes"),
        ("timeout_s", "soon"),
        ("timeout_s", "0"),
        ("timeout_s", "nan"),
        ("timeout_s", "3600"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_with_a_remedy(setting, value):
    good = {"url": "https://shop.example", "token": "abc"}

    with pytest.raises(Malformed) as caught:
        actions.connect({**good, setting: value})

    assert caught.value.remedy
