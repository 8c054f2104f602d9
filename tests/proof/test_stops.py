"""What is said to stop a rule is what stops drawn tickets there: no name more, and none less."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from resolver.condition.env import Env
from resolver.condition.storage import read_value
from resolver.condition.types import Record
from resolver.condition.values import RecordValue, Unknown, Value
from resolver.decision.prepare import limits_of
from resolver.money import Money
from resolver.playbook.compile import compile_playbook
from resolver.playbook.plan import Plan
from resolver.proof.stops import stops_of
from resolver.source.load import load
from tests.decision.conftest import NOW, Maker
from tests.proof.random_conditions import joined

MAKER = Maker()
POLICY = MAKER.policy()
PLAYBOOK = """
playbook: judged
language: 1
title: Rules to be judged
owner: ops@acme.example
languages: [en]
handles: {{intent: judged}}
identify: verified
needs:
  order_number: {{type: order_number, ask: which}}
  why: {{type: "one of [broken, unwanted]", ask: why, when: late, prefill: no}}
  items: {{type: some of order.lines, ask: which, when: order.status is delivered, prefill: no}}
look_up: [{{find: shop.order, with: {{number: order_number}}, as: order, if_missing: people}}]
compute:
  late: order.delivered_at is more than 30 days ago
  left: order.total - order.refunded
decide:
{rules}
  - {{rule: last, otherwise: people, because: No rule fits.}}
outcomes:
  answer: [{{reply: sorry}}]
  people: [{{hand_off: default, summary: "{{order_number}} {{why}} {{items}} {{left}}"}}]
if_unsure: people
replies: {{which: {{en: "Which?"}}, why: {{en: "Why?"}}, sorry: {{en: "Sorry."}}}}
"""


def plan_of(*rules: str) -> Plan:
    lines = "\n".join(
        f'  - {{rule: r{place}, when: "{when}", then: answer, because: It is so.}}'
        for place, when in enumerate(rules)
    )
    plan, problems = compile_playbook(
        load(PLAYBOOK.format(rules=lines), "judged.yaml"), MAKER.interfaces, POLICY
    )
    assert plan is not None, problems
    return plan


def told(*rules: str) -> dict[str, set[str]]:
    return {one.rule.id: set(one.names) for one in stops_of(plan_of(*rules), POLICY)}


# -- what stops nothing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "stops"),
    [
        (["order.expected_on is more than 3 days ago"], {"r0": {"order.expected_on"}}),
        (["order.expected_on is known and order.expected_on is more than 3 days ago"], {}),
        (["order.expected_on is not known", "order.expected_on is more than 3 days ago"], {}),
        (["not (order.expected_on is known)", "order.expected_on is today"], {}),
        (["order.status is paid", "order.status is paid and order.expected_on is today"], {}),
        (["order.expected_on is today", "order.expected_on is today"], {"r0": {"order.expected_on"}}),
        (["late"], {"r0": {"order.delivered_at"}}),
        (["order.delivered_at is not known", "late and why is broken"], {}),
        (["order.delivered_at is not known", "why is broken"], {"r1": {"why"}}),
        (["late and why is broken"], {"r0": {"order.delivered_at", "why"}}),
        (["any of order.lines where final_sale"], {}),
        (["any of items where final_sale"], {"r0": {"items"}}),
        (["order.status is not delivered", "any of items where final_sale"], {}),
        (["any of order.lines where current_price < refundable"], {"r0": {"order.lines.current_price"}}),
        (
            [
                "any of order.lines where current_price is not known",
                "any of order.lines where current_price < refundable",
            ],
            {},
        ),
        (["any of order.lines where (current_price is known and current_price < refundable)"], {}),
        (["(sum of current_price in order.lines) > 5 EUR"], {"r0": {"order.lines.current_price"}}),
        (
            ["(count of order.lines where current_price > 5 EUR) is at least 2"],
            {"r0": {"order.lines.current_price"}},
        ),
        (
            ["any of order.lines where (final_sale and current_price > 5 EUR)", "order.status is paid"],
            {"r0": {"order.lines.current_price"}},
        ),
        (
            [
                "any of order.lines where final_sale",
                "any of order.lines where (final_sale and current_price > 5 EUR)",
            ],
            {},
        ),
        (["customer.vip"], {"r0": {"customer.vip"}}),
        (["order.refunded >= order.total"], {}),
    ],
)
def test_a_name_is_told_only_where_some_ticket_stops_for_it(
    rules: list[str], stops: dict[str, set[str]]
) -> None:
    found = {
        one.rule.id: {name for lack in one.lacks if not lack.currency for name in lack.names}
        for one in stops_of(plan_of(*rules, "left > 0"), POLICY)
    }

    assert {name: names for name, names in found.items() if names} == stops


def test_a_limit_stops_for_a_currency_it_has_no_amount_in_and_is_never_missing() -> None:
    (stop,) = stops_of(plan_of("order.total > limits.refund_without_approval"), POLICY)

    (lack,) = stop.lacks
    assert lack.names == ("order.total", "limits.refund_without_approval")
    assert lack.says == "limits.refund_without_approval has no amount in the currency of order.total"
    assert "r0" not in told("limits.refund_without_approval is not known", "left > 5 EUR")


# -- drawn tickets ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawn:
    """Tickets as a shop and a customer could bring them, from one seed.

    Nobody promises what today's prices are in; but where they are added up, all of them are in one currency.
    """

    random: Random
    one_currency: bool

    def names(self, plan: Plan) -> Mapping[str, Value]:
        """Everything a rule can see, prepared as the engine does it."""
        order = read_value(Record("shop.order"), self._order(), plan.records)
        assert isinstance(order, RecordValue)
        customer: dict[str, Value] = {"email": "ann@example.com"}
        if self.random.random() < 0.5:
            customer["vip"] = self.random.random() < 0.5
        names: dict[str, Value] = {
            "order": order,
            "order_number": "10231",
            "customer": RecordValue("customer", "", customer),
            "limits": limits_of(POLICY),
        }
        env = Env(names, NOW, POLICY.calendar)
        names |= {name: one.value.call(env) for name, one in plan.computed.items()}
        if names["late"] is True:
            names["why"] = self.random.choice(("broken", "unwanted"))
        lines = order.fields["lines"]
        if order.fields["status"] == "delivered" and isinstance(lines, tuple):
            names["items"] = tuple(self.random.sample(lines, self.random.randint(1, 2)))
        return names

    def _order(self) -> dict[str, Any]:
        code = self.random.choice(("EUR", "EUR", "USD"))
        total = self.random.choice((4, 10, 60))
        refunded = self.random.choice((0, 0, 2, total))
        left = total - refunded
        today = [self.random.choice((code, code, "USD")) for _ in range(2)]
        days = (None, -1, 0, 2, 30, 31, 45)
        delivered, expected = self.random.choice(days), self.random.choice(days)
        return {
            "id": "o1", "number": "10231", "email": "ann@example.com", "country": "DE", "address": "Lindenweg 3",
            "status": self.random.choice(("created", "paid", "delivered", "delivered")),
            "total": Money.parse(f"{total} {code}"), "refunded": Money.parse(f"{refunded} {code}"),
            "delivered_at": None if delivered is None else NOW - timedelta(days=delivered),
            "expected_on": None if expected is None else (NOW - timedelta(days=expected)).date(),
            "lines": [
                self._line(number, left // 2, code, today[0 if self.one_currency else number])
                for number in range(2)
            ],
        }  # fmt: skip

    def _line(self, number: int, most: int, code: str, today: str) -> dict[str, Any]:
        price = self.random.choice((None, 0, 1, 9))
        return {
            "id": f"l{number}", "name": "Mug", "quantity": self.random.randint(1, 2),
            "refundable": Money.parse(f"{self.random.choice((0, most))} {code}"),
            "final_sale": self.random.random() < 0.3,
            "current_price": None if price is None else Money.parse(f"{price} {today}"),
        }  # fmt: skip


def comparison(draw: Random) -> str:
    return draw.choice(
        (
            f"order.status {draw.choice(('is', 'is not'))} {draw.choice(('paid', 'delivered'))}",
            f"order.expected_on is {draw.choice(('more than', 'at most'))} 3 days ago",
            f"order.delivered_at is {draw.choice(('more than', 'at most'))} {draw.choice(('30', '1'))} days ago",
            f"order.{draw.choice(('expected_on', 'delivered_at'))} is {draw.choice(('', 'not '))}known",
            f"why is {draw.choice(('broken', 'not known'))}",
            "late",
            "customer.vip",
            "order.total > limits.refund_without_approval",
            "left >= 5 EUR",
            f"{draw.choice(('any', 'all', 'none'))} of {draw.choice(('order.lines', 'items'))} "
            f"where {draw.choice(('final_sale', 'current_price is known', '(current_price < refundable)'))}",
            f"(sum of current_price in {draw.choice(('order.lines', 'items'))}) > 0",
            f"(count of items where {draw.choice(('final_sale', '(current_price > refundable)'))}) is at least 1",
        )
    )


def stopped(plan: Plan, drawn: Drawn, tickets: int) -> Iterator[tuple[str, str]]:
    """Each rule at which one of so many drawn tickets stops, with each name it stops for."""
    for _ in range(tickets):
        env = Env(drawn.names(plan), NOW, POLICY.calendar)
        for rule in plan.rules:
            answer = True if rule.when is None else rule.when.call(env)
            if isinstance(answer, Unknown):
                yield from ((rule.id, name) for name in answer.names)
            if answer is not False:
                break


def agree(seed: int) -> None:
    """The names that are told of one random plan, and those that drawn tickets stop for."""
    draw = Random(seed)
    rules = [joined(draw, comparison, 1) for _ in range(draw.randrange(1, 4))]
    plan = plan_of(*rules, "left > 0 EUR or late or why is broken")
    said = {(one.rule.id, name) for one in stops_of(plan, POLICY) for name in one.names}

    drawn = Drawn(draw, one_currency=any("sum of" in rule for rule in rules))
    found: set[tuple[str, str]] = set()
    for _ in range(400):  # nearly always one of the first two is enough, for a rare ticket some fifty
        found |= set(stopped(plan, drawn, 400))
        if found >= said:
            break

    assert found == said, f"seed {seed}: {rules}"


def test_a_name_is_told_exactly_if_a_drawn_ticket_stops_there_for_it() -> None:
    for seed in range(40):
        agree(seed)


@pytest.mark.slow
def test_many_more_plans_agree() -> None:
    for seed in range(40, 400):
        agree(seed)
