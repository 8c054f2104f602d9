"""Conditions are said in plain English, with nothing left out and nothing that could be read in two ways."""

import pytest

from resolver.condition.wording import Wording


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("order.status in [paid, shipped]", "order’s status is paid or shipped"),
        ("order.status not in [paid, shipped]", "order’s status is neither of: paid or shipped"),
        ("order.status is not paid", "order’s status is not paid"),
        ("order.total >= 50 EUR", "order’s total is at least **50.00 EUR**"),
        ("order.delivered_at is more than 30 days ago", "the order was delivered more than **30 days** ago"),
        ("day is at most 5 days from now", "day is at most **5 days** from now"),
        ("day is before today", "day is before today"),
        ("day is not before today", "day is not before today"),
        ("sure and (not unsure or day is known)", "sure is yes and (unsure is no or day is known)"),
        ("not (sure and unsure)", "not (sure is yes and unsure is yes)"),
        ("any of items where final_sale", "any of items where (final sale is yes)"),
        ("count of items is at least 3", "the number of items is at least **3**"),
        ("ticket.tags contains 'vip'", "ticket’s tags contains vip"),
        (
            "amount - (order.refunded - order.total) > 0",
            "amount minus (order’s refunded minus order’s total) is more than **0**",
        ),
        (
            "sum of refundable in items <= (order.total - amount) * 30%",
            "the sum of “refundable” over items is at most (order’s total minus amount) times **0.3**",
        ),
        ("amount > limits.refund", "amount is more than the limit “refund” (**50.00 EUR**)"),
    ],
)
def test_a_condition_is_said_in_plain_words(shop, written, said):
    wording = Wording({"refund": "**50.00 EUR**"}, mark="**")

    assert wording.of(shop.checked(written)) == said
