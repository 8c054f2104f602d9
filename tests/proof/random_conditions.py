"""Random conditions over a small shop, random facts for them, and what both must come to.

`Draw` writes conditions and facts from one seed; nothing here knows the prover.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from resolver.condition.values import UNKNOWN, Amount, PerCurrency, RecordValue, Value
from tests.condition.conftest import NOW

CODES = ("EUR", "USD")
_COMPARE = ("<", "<=", ">", ">=", "=", "is not")


@dataclass(frozen=True, slots=True)
class Draw:
    """Everything random comes from one generator, so that a seed gives the same again."""

    random: Random

    # -- conditions -----------------------------------------------------------------------------------------------

    def condition(self, depth: int = 2, *, lists: bool = True) -> str:
        """A condition of at most so many levels of `and`, `or`, `not`."""
        if depth and self.random.random() < 0.6:
            word = self.random.choice(("and", "or", "not"))
            if word == "not":
                return f"not ({self.condition(depth - 1, lists=lists)})"
            parts = [
                f"({self.condition(depth - 1, lists=lists)})" for _ in range(self.random.choice((2, 2, 3)))
            ]
            return f" {word} ".join(parts)
        kinds: list[Callable[[], str]] = [
            self._money, self._number, self._word, self._day, self._moment, self._truth, self._known,
        ]  # fmt: skip
        return self.random.choice([*kinds, self._list, self._list] if lists else kinds)()

    def _one(self, *options: str) -> str:
        return self.random.choice(options)

    def _amount(self) -> str:
        plain = self._one(
            "amount", "order.total", "order.refunded", "limits.refund", "limits.other", "5 EUR", "0"
        )
        form = self.random.random()
        if form < 0.5:
            return plain
        if form < 0.6:
            return f"lesser of amount and {self._one('order.total', 'order.refunded')}"
        if form < 0.75:
            return f"order.total {self._one('+', '-')} order.refunded"
        return f"{self._one('amount', 'order.total')} {self._one('* 30%', '* 2', '/ 4')}"

    def _money(self) -> str:
        left = self._one("amount", "order.total", "order.total - order.refunded")
        return f"{left} {self._one(*_COMPARE)} {self._amount()}"

    def _number(self) -> str:
        return f"count_left {self._one(*_COMPARE)} {self._one('0', '1', '2.5', '3')}"

    def _word(self) -> str:
        return self._one(
            "order.status is delivered",
            "order.status is not paid",
            "order.status in [paid, shipped]",
            "order.status not in [created]",
            "ticket.channel is email",
            "order_number is '10231'",
        )

    def _day(self) -> str:
        instant = self._one("order.delivered_at", "order.expected_on", "day", "moment")
        bound = self._one("more than", "less than", "at least", "at most")
        return f"{instant} is {bound} {self._one('0', '1', '14', '30')} days {self._one('ago', 'from now')}"

    def _moment(self) -> str:
        if self.random.random() < 0.5:
            bound = self._one("more than", "less than", "at least", "at most")
            return f"moment is {bound} {self._one('1', '24', '100')} hours {self._one('ago', 'from now')}"
        return self._one(
            "moment is before now", "order.delivered_at is after moment", "day is after today",
            "day + 3 days is before today", "order.expected_on is before day", "moment + 24 hours is after now",
        )  # fmt: skip

    def _truth(self) -> str:
        return self._one("sure", "unsure", "customer.vip", "not sure")

    def _known(self) -> str:
        name = self._one("order.delivered_at", "customer.vip", "order.expected_on", "unsure")
        return f"{name} is {self._one('', 'not ')}known"

    def _list(self) -> str:
        keep = self._one(
            "final_sale", "refundable > 0", "quantity is at least 2", "(final_sale and refundable > 0)"
        )
        form = self.random.random()
        if form < 0.5:
            return f"{self._one('any', 'all', 'none')} of {self._one('items', 'order.lines')} where {keep}"
        if form < 0.7:
            return f"(count of {self._one('items', 'order.lines')} where {keep}) is at least {self._one('1', '2')}"
        total = f"sum of refundable in {self._one('items', 'order.lines')}"
        other = self._one("0", "amount", "order.total", "(sum of refundable in order.lines)")
        return f"({total}) {self._one(*_COMPARE)} {other}"

    # -- facts ----------------------------------------------------------------------------------------------------

    def names(self) -> dict[str, Value]:
        """The values of all root names; some are missing."""
        lines = tuple(self._line(f"l{place}") for place in range(self.random.randrange(4)))
        order = RecordValue(
            "shop.order",
            "o1",
            {
                "id": "o1",
                "number": "10231",
                "email": "ann@example.org",
                "status": self._one("created", "paid", "processing", "shipped", "delivered"),
                "total": self._sum(),
                "refunded": self._sum(),
                "delivered_at": self._maybe(self._time()),
                "expected_on": self._maybe(self._date()),
                "lines": lines,
            },
        )
        chosen = tuple(line for line in lines if self.random.random() < 0.6)
        return {
            "order": order,
            "items": chosen if chosen else UNKNOWN,
            "customer": RecordValue("customer", "", {"vip": self._maybe(self.random.random() < 0.5)}),
            "ticket": RecordValue(
                "ticket", "t1", {"id": "t1", "channel": self._one("email", "form"), "tags": ()}
            ),
            "limits": RecordValue("limits", "", {"refund": self._limit(), "other": self._limit()}),
            "amount": self._maybe(self._sum()),
            "count_left": self._maybe(Decimal(self._one("0", "1", "2", "2.5", "3", "7"))),
            "order_number": self._one("10231", "77"),
            "day": self._maybe(self._date()),
            "moment": self._maybe(self._time()),
            "sure": self.random.random() < 0.5,
            "unsure": self._maybe(self.random.random() < 0.5),
        }

    def _maybe(self, value: Value) -> Value:
        return UNKNOWN if self.random.random() < 0.2 else value

    def _sum(self) -> Amount:
        code = CODES[self.random.random() < 0.15]
        return Amount(Decimal(self._one("0", "0.01", "2.50", "5", "10", "20")), code)

    def _limit(self) -> Value:
        return PerCurrency(
            {code: Decimal(self._one("0", "5", "10")) for code in CODES if self.random.random() < 0.8}
        )

    def _time(self) -> datetime:
        return NOW + timedelta(
            days=self.random.choice((-40, -31, -30, -14, -1, 0, 0, 1, 14, 30)),
            minutes=self.random.randrange(-1440, 1440),
        )

    def _date(self) -> date:
        return (
            (NOW + timedelta(days=self.random.choice((-31, -30, -14, -3, -1, 0, 1, 3, 14, 30))))
            .astimezone(UTC)
            .date()
        )

    def _line(self, key: str) -> Value:
        fields: dict[str, Value] = {
            "id": key,
            "name": key,
            "quantity": Decimal(self._one("1", "2", "3")),
            "refundable": Amount(Decimal(self._one("0", "1", "2.50", "5")), "EUR"),
            "final_sale": self._maybe(self.random.random() < 0.5),
        }
        return RecordValue("shop.line", key, fields)


def joined(draw: Random, comparison: Callable[[Random], str], depth: int = 2) -> str:
    """Comparisons joined by at most so many levels of `and`, `or`, `not`."""
    if depth == 0 or draw.random() < 0.4:
        return comparison(draw)
    parts = [f"({joined(draw, comparison, depth - 1)})" for _ in range(2)]
    return draw.choice((f"not {parts[0]}", " and ".join(parts), " or ".join(parts)))
