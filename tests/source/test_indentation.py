"""A line that stands too far left or right, or lacks a colon or a space, is named with the line it should fit."""

import pytest

from resolver.source.load import load
from tests.cost import cost

WHOLE = """\
handles:
  intent: refund
  examples: # as customers say it
    - Pay me back
    - My money please
identify: verified
needs:
  number:
    type: order_number
    ask: which
look_up:
  - find: shop.order
    with: {number: number}
    as: order
    if_missing: hand_over
decide:
  - rule: late
    when: order.sent_at is known
    then: refuse
  - rule: rest
    otherwise: pay
  - rule: never
    otherwise: refuse
outcomes:
  pay:
    - confirm: sure
      if_no: keep
    - reply: paid
replies:
  sure:
    en: Sure?
  paid:
    en: |
      Done: see
       below.
  which:
    en: Which?
"""


def told(before: str, after: str) -> list[str]:
    assert WHOLE.count(before) == 1
    return [
        f"{one.where.line}:{one.where.column} {one.message}"
        for one in load(WHOLE.replace(before, after), "f").problems
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("    with:", "     with:", "13:6 line 13 stands one space further right than 'find:' in line 12"),
        ("    with:", "   with:", "13:4 line 13 stands one space further left than 'find:' in line 12"),
        ("    as: order", "as: order", "14:1 line 14 stands 4 spaces further left than 'with:' in line 13"),
        ("    ask:", "     ask:", "10:6 line 10 stands one space further right than 'type:' in line 9"),
        ("    ask:", "   ask:", "10:4 line 10 stands one space further left than 'type:' in line 9"),
        ("identify:", " identify:", "6:2 line 6 stands one space further right than 'handles:' in line 1"),
        ("  examples:", " examples:", "3:2 line 3 stands one space further left than 'intent:' in line 2"),
        ("      if_no:", "     if_no:", "27:6 line 27 stands one space further left than 'confirm:' in line 26"),
        ("      if_no:", "    if_no:", "27:5 line 27 stands 2 spaces further left than 'confirm:' in line 26"),
        ("  - rule: rest", " - rule: rest", "20:2 line 20 stands one space further left than line 17"),
        ("  - rule: rest", "   - rule: rest", "20:4 line 20 stands one space further right than line 17"),
        ("  - rule: rest", "- rule: rest", "20:1 line 20 stands 2 spaces further left than line 17"),
        ("    - reply: paid", "     - reply: paid", "28:6 line 28 stands one space further right than line 26"),
        ("  sure:\n", "   sure:\n", "30:4 line 30 stands one space further right than 'paid:' in line 32"),
        ("  paid:\n", "   paid:\n", "32:4 line 32 stands one space further right than 'sure:' in line 30"),
        ("  which:\n", " which:\n", "36:2 line 36 stands one space further left than 'paid:' in line 32"),
        ("    then: refuse", "    then:refuse", "19:5 a space is missing after 'then:'"),
        ("identify: ", "identify:", "6:1 a space is missing after 'identify:'"),
        ("    - reply: paid", "    -reply: paid", "28:5 a space is missing after '-'"),
        ("decide:", "decide", "16:1 a colon is missing after 'decide'"),
        ("  pay:", "  pay", "25:3 a colon is missing after 'pay'"),
        ("    when: order", "    when order", "18:5 a colon is missing after 'when'"),
        ("en: Sure?", "en: Well: sure?", "31:13 a colon with a space behind it stands in this text"),
        (
            "    - My money",
            "     - My money",
            "5:6 line 5 stands one space further right than line 4, and is read as more text of it",
        ),
    ],
)  # fmt: skip
def test_the_line_with_the_mistake_is_named_and_the_line_it_should_stand_below(before, after, said):
    assert told(before, after) == [said]


def test_lists_in_the_column_of_their_key_and_texts_of_several_lines_are_no_mistake():
    text = "a:\n- b: 1\n  c: x\n    y\n- b: 2\nd:\n  e: |\n    g: h\n     f\n"

    assert load(text, "f").problems == ()


def test_a_long_file_with_a_mistake_at_its_end_costs_little():
    lines = "".join(f"k{number}: v\n" for number in range(6000))

    with cost() as whole:
        assert load(f"{lines}a: b\n", "f").problems == ()
    with cost() as broken:
        assert load(f"{lines}a: b\n  c: d\n", "f").problems != ()

    assert broken.seconds < 3 * whole.seconds


def test_what_is_wrong_inside_brackets_or_quotes_is_told_as_before():
    (open_bracket,) = load("languages: [en, de\nhandles:\n  a: b\n", "f").problems
    (open_quote,) = load("title: 'Mine\nowner: you\n", "f").problems

    assert open_bracket.message.startswith("this is not valid YAML: expected ',' or ']'")
    assert open_quote.message.startswith("this is not valid YAML: ")
