"""What a condition saw is said in words a person can check."""

from datetime import timedelta

import pytest

from resolver.condition.describe import describe


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("order.delivered_at is more than 30 days ago and not customer.vip",
         ["order.delivered_at is more than 30 days ago: 30 days ago, no", "customer.vip: no"]),
        ("order.refunded < order.total",
         ["order.refunded < order.total: order.refunded = 5.00 EUR, order.total = 20.00 EUR, yes"]),
        ("amount > limits.refund", ["amount > limits.refund: amount = 15.00 EUR, limits.refund = 50.00 EUR, no"]),
        ("order.status in [paid]", ["order.status in [paid]: delivered, no"]),
        ("order.expected_on is before today",
         ["order.expected_on is before today: order.expected_on = unknown, today = 2026-12-01, unknown"]),
        ("order.expected_on is known", ["order.expected_on is known: unknown, no"]),
        ("any of items where final_sale", ["any of items where final_sale: 2 elements, yes"]),
        ("amount / 3 > 1 EUR", ["amount / 3 > 1 EUR: 5.00 EUR, yes"]),
        ("amount / 7 > 1 EUR", ["amount / 7 > 1 EUR: about 2.14285714286 EUR, yes"]),
        ("amount * 0.1% > 1 EUR", ["amount * 0.1% > 1 EUR: 0.015 EUR, no"]),
        ("moment is more than 2 hours ago", ["moment is more than 2 hours ago: 60 minutes ago, no"]),
        ("day is more than 1 business day from now",
         ["day is more than 1 business day from now: 3 business days from now, yes"]),
        ("order is order", ["order is order: order = shop.order o1, order = shop.order o1, yes"]),
    ],
)  # fmt: skip
def test_every_comparison_says_what_it_saw_and_how_it_came_out(shop, text, said):
    assert [str(saw) for saw in describe(shop.checked(text), shop.env())] == said


def test_one_day_is_one_day(shop):
    order = shop.order(delivered_at=shop.now - timedelta(days=1))

    [saw] = describe(shop.checked("order.delivered_at is more than 30 days ago"), shop.env(order=order))

    assert saw.values == (("order.delivered_at", "1 day ago"),)
