"""Every problem with conditions and values is told at its place, with what to write instead."""

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        [("when: order.status is sent", "when: ordr.status is sent")],
        """\
pay_back.yaml:23:11: error: there is no 'ordr.status' [unknown-name]
23 |     when: ordr.status is sent
   |           ^^^^^^^^^^^
   = help: did you mean 'order.status'?""",
        id="an unknown name",
    ),
    pytest.param(
        [("when: order.status is sent", "when: order.state is sent")],
        """\
pay_back.yaml:23:11: error: there is no 'order.state' [unknown-name]
23 |     when: order.state is sent
   |           ^^^^^^^^^^^
   = help: did you mean 'order.status'?""",
        id="an unknown field",
    ),
    pytest.param(
        [('en: "{amount} is paid."', 'en: "{amout} is paid."')],
        """\
pay_back.yaml:62:16: error: there is no 'amout' [unknown-name]
62 |   paid: {en: "{amout} is paid.", de: "{amount} ist bezahlt."}
   |                ^^^^^
   = help: did you mean 'amount'?""",
        id="an unknown name in a text",
    ),
    pytest.param(
        [("with: {order: order, amount: amount}", "with: {order: order, amount: order.rate}")],
        """\
pay_back.yaml:41:36: error: store.pay needs money for 'amount', but this is number [wrong-type]
41 |       with: {order: order, amount: order.rate}
   |                                    ^^^^^^^^^^
   = help: give money, for example 50 EUR""",
        id="an argument of another type",
    ),
    pytest.param(
        [("when: order.status is sent", "when: order.status is is sent")],
        """\
pay_back.yaml:23:27: error: this does not read as a condition: expected a name or a value, found 'is' [condition]
23 |     when: order.status is is sent
   |                           ^^
   = help: 'is' is a word of the language; `resolver words` lists what can stand here""",
        id="a condition that does not read",
    ),
    pytest.param(
        [("not known and amount", "not known && amount")],
        """\
pay_back.yaml:27:38: error: '&&' has no meaning here [foreign-operator]
27 |     when: order.sent_at is not known && amount > 0
   |                                      ^^
   = help: write 'and'""",
        id="a foreign operator",
    ),
    pytest.param(
        [("amount > 0", "amount > 5")],
        """\
pay_back.yaml:27:42: error: cannot compare money with number [cannot-compare]
27 |     when: order.sent_at is not known and amount > 5
   |                                          ^^^^^^^^^^
   = help: say the currency, for example '5 EUR'""",
        id="money compared with a number",
    ),
    pytest.param(
        [("status is sent", "status is send")],
        """\
pay_back.yaml:23:27: error: order.status is never 'send' [never-that-value]
23 |     when: order.status is send
   |                           ^^^^
   = help: did you mean 'sent'? possible values: open, sent""",
        id="a value that never is",
    ),
    pytest.param(
        [("order.total - order.refunded", "order.total * order.rate")],
        """\
pay_back.yaml:20:25: error: only a plain number or percentage may follow '*' [not-linear]
20 |   amount: order.total * order.rate
   |                         ^^^^^^^^^^
   = help: use a 'split by units' field, or compute it in the connector""",
        id="a product of two names",
    ),
    pytest.param(
        [("order.total - order.refunded", "order.total * 30%")],
        """\
pay_back.yaml:41:36: error: this money has more decimals than its currency [not-rounded]
41 |       with: {order: order, amount: amount}
   |                                    ^^^^^^
   = help: add 'rounded down'""",
        id="money that is not rounded in an action",
    ),
    pytest.param(
        [("order.sent_at is not known and", "order.due_on is more than 3 hours ago and")],
        """\
pay_back.yaml:27:11: error: days and exact hours cannot be mixed: this is a date [days-or-hours]
27 |     when: order.due_on is more than 3 hours ago and amount > 0
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = help: write '… is more than 30 days ago'""",
        id="hours compared with a date",
    ),
    pytest.param(
        [("order.sent_at is not known and", "any of order.lines where fragile and")],
        """\
pay_back.yaml:27:44: error: 'and' after 'where' can be read in two ways [unclear-where]
27 |     when: any of order.lines where fragile and amount > 0
   |                                            ^^^
   = help: put brackets around what belongs to 'where'""",
        id="'and' behind 'where'",
    ),
    pytest.param(
        [
            ("compute:\n", "compute:\n  price: order.total\n"),
            ("order.sent_at is not known and", "price > 0 EUR and (any of order.lines where price > 0) and"),
        ],
        """\
pay_back.yaml:28:55: error: 'price' is a field of the element and a name outside [hidden-name]
28 |     when: price > 0 EUR and (any of order.lines where price > 0) and amount > 0
   |                                                       ^^^^^
   = help: rename the outer one, or write 'it.price'""",
        id="a field of the element that is also a name outside",
    ),
    pytest.param(
        [
            (
                "order.sent_at is not known and",
                "any of order.lines where (count of order.lines where fragile) > 1 or",
            )
        ],
        """\
pay_back.yaml:27:37: error: a list form stands inside a list form [nested-list]
27 |     when: any of order.lines where (count of order.lines where fragile) > 1 or amount > 0
   |                                     ^^^^^
   = help: compute the inner one in the connector""",
        id="a list form inside another",
    ),
    pytest.param(
        [("order.sent_at is not known and", "order.sent_at is not at most 5 days ago and")],
        """\
pay_back.yaml:27:28: error: 'is not' before 'at most' can be read in two ways [unclear-not]
27 |     when: order.sent_at is not at most 5 days ago and amount > 0
   |                            ^^^
   = help: write 'is more than'""",
        id="'is not at most'",
    ),
    pytest.param(
        [('en: "{amount} is paid."', 'en: "{order.pin} is paid."')],
        """\
pay_back.yaml:62:16: error: 'order.pin' is secret and may not be shown [secret]
62 |   paid: {en: "{order.pin} is paid.", de: "{amount} ist bezahlt."}
   |                ^^^^^^^^^
   = help: leave it out""",
        id="a secret in a text",
    ),
    pytest.param(
        [("when: order.status is sent", "when: order.pin is '1234'")],
        """\
pay_back.yaml:23:11: error: 'order.pin' is secret and may not be shown [secret]
23 |     when: order.pin is '1234'
   |           ^^^^^^^^^
   = help: only 'is known' may be asked of it""",
        id="a secret in a condition",
    ),
    pytest.param(
        [("owner: ops@acme.example", "owner: ops")],
        """\
pay_back.yaml:4:8: error: this needs an e-mail address, but it is 'ops' [wrong-type]
4 | owner: ops
  |        ^^^
  = help: write an e-mail address""",
        id="an owner that is no address",
    ),
    pytest.param(
        [("language: 1", "language: 2")],
        """\
pay_back.yaml:2:11: error: language '2' cannot be read by this release [wrong-type]
2 | language: 2
  |           ^
  = help: write 'language: 1'""",
        id="another version",
    ),
    pytest.param(
        [("      if_no: keep\n", "      if_no: keep\n      within: soon\n")],
        """\
pay_back.yaml:36:15: error: this needs a length of time, but it is 'soon' [wrong-type]
36 |       within: soon
   |               ^^^^
   = help: write it like '3 days', '1 business day' or '15 minutes'""",
        id="a length that is none",
    ),
    pytest.param(
        [("      if_no: keep\n", "      if_no: keep\n      within: 2 business days\n")],
        """\
pay_back.yaml:36:15: error: business days cannot be counted here [wrong-type]
36 |       within: 2 business days
   |               ^^^^^^^^^^^^^^^
   = help: write days or hours: customers answer on every day""",
        id="business days to wait for a customer",
    ),
]


@pytest.mark.parametrize(("changes", "told"), CASES)
def test_a_problem_is_told_at_its_place(
    tells: Callable[..., list[str]], changes: list[tuple[str, str]], told: str
) -> None:
    problems = tells(*changes)

    assert told in problems
