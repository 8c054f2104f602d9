"""Every problem with offers and texts is told at its place, with what to write instead."""

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        [("It takes up to 5 days.", "It takes up to 7 days.")],
        """\
pay_back.yaml:63:30: warning: '7' stands in this text but in no rule that leads here [number-not-in-rule]
63 |   begun: {en: It takes up to 7 days., de: Das dauert bis zu 5 Tage.}
   |                              ^
   = help: change one of them""",
        id="a number no rule knows",
    ),
    pytest.param(
        [("summary: Order {number}.", "summary: Order {number}.\n      tell: too_late")],
        """\
pay_back.yaml:58:13: error: 'number' may be unknown where 'if_unsure' leads [unsure-may-stop]
58 |       tell: too_late
   |             ^^^^^^^^
   = help: use a name that is always known""",
        id="a text for people that may stop where 'if_unsure' leads",
    ),
    pytest.param(
        [("identify: verified", "identify: claimed"), ('en: "Which order?"', 'en: "Which order, {order}?"')],
        """\
pay_back.yaml:60:15: error: 'order' is private and may be shown to an unproven customer [shown-too-early]
60 |   which: {en: "Which order, {order}?", de: "Welche Bestellung?"}
   |               ^^^^^^^^^^^^^^^^^^^^^^^
   = help: add 'identify: verified' above""",
        id="a private value shown to anybody",
    ),
    pytest.param(
        [("    - confirm: sure\n      if_no: keep\n", "")],
        """\
pay_back.yaml:38:11: error: store.pay can run without the customer's yes [not-confirmed]
38 |     - do: store.pay
   |           ^^^^^^^^^
   = help: add 'confirm:' above""",
        id="an action without a yes",
    ),
    pytest.param(
        [('de: "{amount} für {order} zahlen?"', 'de: "Für {order} zahlen?"')],
        """\
pay_back.yaml:61:47: error: the confirm text does not show 'amount' (language de) [confirm-hides-value]
61 |   sure: {en: "Pay {amount} for {order}?", de: "Für {order} zahlen?"}
   |                                               ^^^^^^^^^^^^^^^^^^^^^
   = help: add {amount}""",
        id="a confirm text that hides the amount",
    ),
    pytest.param(
        [
            (
                "with: {order: order, amount: amount}",
                "with: {order: order, amount: order.total - order.refunded}",
            )
        ],
        """\
pay_back.yaml:41:36: error: the confirm text cannot show 'order.total - order.refunded' [confirm-hides-value]
41 |       with: {order: order, amount: order.total - order.refunded}
   |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = help: name it under 'compute:', use that name for 'amount' and show it""",
        id="a formula in an offer",
    ),
    pytest.param(
        [
            (
                "      if_fails: hand_over\n    - reply: paid",
                "      if_fails: hand_over\n      as: payment\n      keep: yes\n    - do: store.note\n      with: {order: order, text: payment.receipt}\n      if_fails: hand_over\n    - reply: paid",
            )
        ],
        """\
pay_back.yaml:48:34: error: 'payment.receipt' is the result of an action in the same offer [not-frozen]
48 |       with: {order: order, text: payment.receipt}
   |                                  ^^^^^^^^^^^^^^^
   = help: use a value known before the confirm""",
        id="a result used in its own offer",
    ),
    pytest.param(
        [("kept: {en: All right., de: In Ordnung.}", "kept: {en: All right.}")],
        """\
pay_back.yaml:65:3: error: reply 'kept' has no text for de [missing-language]
65 |   kept: {en: All right.}
   |   ^^^^
   = help: add it""",
        id="a language without a text",
    ),
    pytest.param(
        [('en: "{amount} is paid."', 'en: "{amount is paid."')],
        """\
pay_back.yaml:62:15: error: a lone '{' [stray-brace]
62 |   paid: {en: "{amount is paid.", de: "{amount} ist bezahlt."}
   |               ^
   = help: only {name} is possible, with a name in small letters""",
        id="a lone brace",
    ),
]


@pytest.mark.parametrize(("changes", "told"), CASES)
def test_a_problem_is_told_at_its_place(
    tells: Callable[..., list[str]], changes: list[tuple[str, str]], told: str
) -> None:
    problems = tells(*changes)

    assert told in problems
