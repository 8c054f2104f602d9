"""A rule with days is explained by the days on which its answer changes, holidays and weekends as at run time."""

from datetime import date

import pytest

from resolver.condition.calendar import Calendar
from resolver.playbook.due import due_days

TODAY = date(2026, 11, 6)  # a Friday
CALENDAR = Calendar.of("Europe/Berlin", holidays=[date(2026, 11, 11)])


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (
            "order.sent_at is more than 5 days ago",
            "Friday 6 November 2026: is no at first, becomes yes on Thursday 12 November 2026",
        ),
        (
            "order.sent_at is at most 5 days ago",
            "Friday 6 November 2026: is yes at first, becomes no on Thursday 12 November 2026",
        ),
        (
            "order.due_on is more than 3 business days ago",
            "Friday 6 November 2026: is no at first, becomes yes on Friday 13 November 2026",
        ),
        (
            "order.due_on is at most 2 days from now",
            "Tuesday 24 November 2026: is no at first, becomes yes on Sunday 22 November 2026, "
            "becomes no on Wednesday 25 November 2026",
        ),
    ],
)
def test_a_rule_with_days_says_when_its_answer_changes(desk, condition, sentence):
    text = desk.changed(
        ("    when: order.sent_at is not known and amount > 0", f"    when: {condition} and amount > 0")
    )
    library = desk.load({"pay_back.yaml": text, "policy.yaml": desk.policy}).library

    (due,) = due_days(library.by_playbook["pay_back"], CALENDAR, TODAY)

    assert (due.rule, due.condition, due.sentence) == ("open", condition, sentence)
