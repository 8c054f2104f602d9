"""A rule with days is explained by the days on which its answer changes, holidays and weekends as at run time."""

from datetime import date

import pytest

from resolver.condition.calendar import Calendar
from resolver.playbook.due import day_rules

TODAY = date(2026, 11, 6)  # a Friday
CALENDAR = Calendar.of("Europe/Berlin", holidays=[date(2026, 11, 11)])


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (
            "order.sent_at is more than 5 days ago",
            "sent Friday 6 November 2026: becomes yes on Thursday 12 November",
        ),
        (
            "order.sent_at is at most 5 days ago",
            "sent Friday 6 November 2026: is yes at first, becomes no on Thursday 12 November",
        ),
        (
            "order.due_on is more than 3 business days ago",
            "due Friday 6 November 2026: becomes yes on Friday 13 November",
        ),
        (
            "order.due_on is at most 2 days from now",
            "due Tuesday 24 November 2026: becomes yes on Sunday 22 November, becomes no on Wednesday 25 November",
        ),
        (
            "order.sent_at is more than 60 days ago",
            "sent Friday 6 November 2026: becomes yes on Wednesday 6 January 2027",
        ),
    ],
)
def test_a_rule_with_days_says_when_its_answer_changes(desk, condition, sentence):
    text = desk.changed(
        ("    when: order.sent_at is not known and amount > 0", f"    when: {condition} and amount > 0")
    )
    library = desk.load({"pay_back.yaml": text, "policy.yaml": desk.policy}).library

    plan = library.by_playbook["pay_back"]
    (one,) = (one for rule in plan.rules for one in day_rules(plan, rule))

    assert (one.rule, one.condition, one.sentence(one.example(TODAY), CALENDAR)) == (
        "open",
        condition,
        sentence,
    )
