"""A shop in memory behind the real port: every order exists, belongs to whom its number says, and is paid back once.

The benchmarks' double, opened through the ordinary registry (`connectors/memory_shop`). It answers at once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from resolver.clock import Clock, system_clock
from resolver.connector.action import Raw
from resolver.errors import NotFound
from resolver.money import Money

PRICE = Money(100, "EUR")  # so low that no limit of the starters' policy ends a long run


class MemoryShop:
    """One shop. Order N is customer N's, delivered two days ago."""

    def __init__(self, *, clock: Clock = system_clock) -> None:
        self.refunds: dict[str, Money] = {}
        self.addresses: dict[str, str] = {}
        self.errands: set[str] = set()
        self._delivered_at: datetime = clock() - timedelta(days=2)

    def order(self, number: str) -> Mapping[str, Raw]:
        """The order's fields as the interface `shop` declares them."""
        if not number.isdigit():
            raise NotFound(f"There is no order {number}.")
        return {
            "id": number,
            "number": number,
            "email": email_of(number),
            "status": "delivered",
            "total": PRICE,
            "refunded": Money(0, PRICE.currency),
            "country": "DE",
            "address": self.addresses.get(number, "Hauptstr. 1, 10115 Berlin, Germany"),
            "expected_on": None,
            "delivered_at": self._delivered_at,
            "tracking_url": None,
            "lines": [
                {"id": "l1", "name": "Blue mug", "quantity": 1, "refundable": PRICE, "final_sale": False},
            ],
        }

    def refund(self, amount: Money, *, key: str) -> str:
        """Pay back once per key; returns the refund's id."""
        self.refunds.setdefault(key, amount)
        return f"re_{key[-8:]}"

    async def aclose(self) -> None:
        """Nothing is open."""


def email_of(number: str) -> str:
    """Whose order a number is."""
    return f"customer{number}@example.com"
