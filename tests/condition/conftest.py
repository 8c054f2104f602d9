"""A small shop to ask about: its types, an order, a customer, a limit, and ways to check and evaluate a text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from resolver.condition.calendar import Calendar
from resolver.condition.check import Checked, check_expression
from resolver.condition.env import Env
from resolver.condition.evaluate import compile_expression
from resolver.condition.parser import parse_expression
from resolver.condition.scope import Scope
from resolver.condition.types import (
    Choice,
    Date,
    Field,
    ListOf,
    MoneyType,
    Number,
    PairsOf,
    Record,
    RecordType,
    Secret,
    Text,
    Time,
    YesNo,
)
from resolver.condition.values import Amount, PairValue, PerCurrency, RecordValue, Value
from resolver.source.node import scalar
from resolver.source.problem import Problem

STATUS = Choice(("created", "paid", "processing", "shipped", "delivered"))
ORDER = RecordType(
    "shop.order",
    "id",
    {
        "id": Field(Text()),
        "number": Field(Text("order_number")),
        "email": Field(Text("email")),
        "status": Field(STATUS),
        "total": Field(MoneyType()),
        "refunded": Field(MoneyType()),
        "delivered_at": Field(Time(), may_be_missing=True),
        "expected_on": Field(Date(), may_be_missing=True),
        "lines": Field(ListOf(Record("shop.line"))),
        "pin": Field(Secret()),
    },
    owner="email",
)
LINE = RecordType(
    "shop.line",
    "id",
    {
        "id": Field(Text()),
        "name": Field(Text()),
        "quantity": Field(Number()),
        "refundable": Field(MoneyType(), split_by_units=True),
        "final_sale": Field(YesNo(), may_be_missing=True),
        "amount": Field(MoneyType()),
    },
)
CUSTOMER = RecordType(
    "customer",
    "email",
    {
        "email": Field(Text("email"), may_be_missing=True),
        "name": Field(Text(), may_be_missing=True),
        "vip": Field(YesNo(), may_be_missing=True),
        "payouts": Field(ListOf(Record("payout")), may_be_missing=True),
    },
)
PAYOUT = RecordType(
    "payout",
    "id",
    {"id": Field(Text()), "playbook": Field(Text("id")), "paid_at": Field(Time()), "of": Field(MoneyType())},
)
TICKET = RecordType(
    "ticket",
    "id",
    {"id": Field(Text()), "tags": Field(ListOf(Text())), "channel": Field(Choice(("email", "form")))},
)
LIMITS = RecordType(
    "limits",
    "",
    {"refund": Field(MoneyType(per_currency=True)), "other": Field(MoneyType(per_currency=True))},
)

SCOPE = Scope(
    {
        "order": Field(Record("shop.order")),
        "items": Field(ListOf(Record("shop.line"))),
        "changes": Field(ListOf(PairsOf(Record("shop.line"), Record("shop.line")))),
        "customer": Field(Record("customer")),
        "ticket": Field(Record("ticket")),
        "limits": Field(Record("limits")),
        "amount": Field(MoneyType()),
        "count_left": Field(Number()),
        "order_number": Field(Text("order_number")),
        "day": Field(Date()),
        "moment": Field(Time()),
        "sure": Field(YesNo()),
        "unsure": Field(YesNo()),
    },
    {declared.name: declared for declared in (ORDER, LINE, CUSTOMER, PAYOUT, TICKET, LIMITS)},
)
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def money(text: str) -> Amount:
    value, currency = text.split()
    return Amount(Decimal(value), currency)


def line(key: str, refundable: str, *, quantity: int = 1, **more: Value) -> RecordValue:
    fields: dict[str, Value] = {
        "id": key,
        "name": f"Thing {key}",
        "quantity": Decimal(quantity),
        "refundable": money(refundable),
    }
    return RecordValue("shop.line", key, {**fields, **more})


def order(**more: Value) -> RecordValue:
    fields: dict[str, Value] = {
        "id": "o1",
        "number": "10231",
        "email": "ann@example.org",
        "status": "delivered",
        "total": money("20.00 EUR"),
        "refunded": money("5.00 EUR"),
        "delivered_at": datetime(2026, 11, 1, 10, 0, tzinfo=UTC),
        "pin": "1234",
    }
    return RecordValue("shop.order", "o1", {**fields, **more})


FACTS: Mapping[str, Value] = {
    "order": order(),
    "items": (line("a", "12.00 EUR"), line("b", "3.00 EUR", quantity=2, final_sale=True)),
    "changes": (PairValue(line("a", "12.00 EUR"), line("c", "15.00 EUR")),),
    "customer": RecordValue(
        "customer", "c", {"email": "ann@example.org", "name": "Ann", "vip": False, "payouts": ()}
    ),
    "ticket": RecordValue("ticket", "t", {"id": "t", "tags": ("urgent", "shop"), "channel": "email"}),
    "limits": RecordValue("limits", "", {"refund": PerCurrency({"EUR": Decimal(50)})}),
    "amount": money("15.00 EUR"),
    "count_left": Decimal(3),
    "order_number": "10231",
    "day": date(2026, 12, 4),
    "moment": datetime(2026, 12, 1, 8, 0, tzinfo=UTC),
    "sure": True,
}


@dataclass
class Shop:
    """What the tests ask; `facts` may be replaced one by one."""

    scope: Scope = SCOPE
    calendar: Calendar = field(default_factory=lambda: Calendar.of("Europe/Berlin"))
    now: datetime = NOW
    money: Callable[[str], Amount] = money
    line: Callable[..., RecordValue] = line
    order: Callable[..., RecordValue] = order

    def scope_with(self, names: Mapping[str, Field]) -> Scope:
        """The shop's scope with more names."""
        return Scope({**self.scope.names, **names}, self.scope.records)

    def check(self, text: str) -> tuple[Checked | None, list[Problem]]:
        problems: list[Problem] = []
        expression = parse_expression(scalar(text), problems)
        return (check_expression(expression, self.scope, problems) if expression else None), problems

    def problem(self, text: str) -> Problem:
        checked, problems = self.check(text)
        assert checked is None
        assert len(problems) == 1, problems
        assert problems[0].help
        return problems[0]

    def checked(self, text: str) -> Checked:
        checked, problems = self.check(text)
        assert problems == []
        assert checked is not None
        return checked

    def env(self, **facts: Value) -> Env:
        return Env({**FACTS, **facts}, self.now, self.calendar)

    def value(self, text: str, **facts: Value) -> Any:
        return compile_expression(self.checked(text)).call(self.env(**facts))


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture(scope="session")
def any_shop() -> Shop:
    """The same for generated examples; nothing in it changes."""
    return Shop()
