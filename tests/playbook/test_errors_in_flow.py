"""Every problem with where steps lead is told at its place, with what to write instead."""

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        [("compute:\n", "compute:\n  first: second\n  second: first\n")],
        """\
pay_back.yaml:20:3: error: 'first' leads back to itself: first → second → first [circle]
20 |   first: second
   |   ^^^^^
   = help: let one of them do without the other""",
        id="names that need each other",
    ),
    pytest.param(
        [("  started:\n    - reply: begun\n", "  started:\n    - reply: begun\n    - go: pay\n")],
        """\
pay_back.yaml:49:11: error: 'pay' leads back to itself: pay → started → pay [circle]
49 |     - go: pay
   |           ^^^
   = help: edges go forward only""",
        id="outcomes that lead back",
    ),
    pytest.param(
        [("    because: It is on its way.\n", "")],
        """\
pay_back.yaml:22:11: error: rule 'sent' declines or hands off without a reason [missing-because]
22 |   - rule: sent
   |           ^^^^
   = help: add 'because:'""",
        id="a refusal without a reason",
    ),
    pytest.param(
        [("if_pending: started", "if_pending: keep")],
        """\
pay_back.yaml:47:3: error: outcome 'started' can never be reached [unreachable]
47 |   started:
   |   ^^^^^^^
   = help: remove it, or let a rule lead there""",
        id="an outcome that is never reached",
    ),
    pytest.param(
        [("      summary: Order {number}.\n", "      summary: Order {number}.\n    - reply: kept\n")],
        """\
pay_back.yaml:58:7: error: nothing behind 'hand_off:' can ever be reached [unreachable]
58 |     - reply: kept
   |       ^^^^^
   = help: remove it, or move it above 'hand_off:'""",
        id="a step behind a handoff",
    ),
    pytest.param(
        [
            (
                "    because: No rule fits.\n",
                "    because: No rule fits.\n  - rule: late\n    when: order.rate > 1\n    then: refuse\n    because: Late.\n",
            )
        ],
        """\
pay_back.yaml:32:11: error: rule 'late' can never apply; the rules above cover it: rest [never-used]
32 |   - rule: late
   |           ^^^^
   = help: change the order or remove it""",
        id="a rule behind 'otherwise'",
    ),
    pytest.param(
        [("    otherwise: hand_over\n", "    when: order.rate > 1\n    then: hand_over\n")],
        """\
pay_back.yaml:29:11: warning: some tickets may match no rule; they go to 'if_unsure' [no-rule]
29 |   - rule: rest
   |           ^^^^
   = help: add 'otherwise:'""",
        id="a playbook without 'otherwise'",
    ),
    pytest.param(
        [
            ("    - reply: begun\n", "    - ticket: {status: open}\n"),
            ("  begun: {en: It takes up to 5 days., de: Das dauert bis zu 5 Tage.}\n", ""),
        ],
        """\
pay_back.yaml:47:3: error: 'started' can end without a reply or a handoff [silent-ending]
47 |   started:
   |   ^^^^^^^
   = help: add 'reply:' or 'hand_off:'""",
        id="an ending without a word",
    ),
    pytest.param(
        [("if_unsure: hand_over", "if_unsure: keep")],
        """\
pay_back.yaml:58:12: error: 'if_unsure' must end in a handoff [unsure-must-hand-off]
58 | if_unsure: keep
   |            ^^^^
   = help: let it 'hand_off:'""",
        id="'if_unsure' that ends in a reply",
    ),
    pytest.param(
        [("      if_fails: hand_over\n", "      if_fails: keep\n")],
        """\
pay_back.yaml:44:17: error: 'if_fails' must end in a handoff, because nobody can tell what happened [unsure-must-hand-off]
44 |       if_fails: keep
   |                 ^^^^
   = help: let it 'hand_off:'""",
        id="an action's 'if_fails' that ends in a reply",
    ),
    pytest.param(
        [
            (
                "    - do: store.pay\n      with: {order: order, amount: amount}\n      if_refused: {too_old: hand_over}\n      if_pending: started\n      if_fails: hand_over\n",
                "    - do: store.move\n      with: {order: order, address: order.address}\n      if_fails: hand_over\n",
            )
        ],
        """\
pay_back.yaml:40:11: error: store.move needs level code, here it may be verified [not-identified]
40 |     - do: store.move
   |           ^^^^^^^^^^
   = help: raise 'identify:' or add a step""",
        id="an action below its level",
    ),
    pytest.param(
        [("if_missing: hand_over", "if_missing: pay")],
        """\
pay_back.yaml:18:17: error: 'pay' is reached before the rules and contains an action [acts-before-rules]
18 |     if_missing: pay
   |                 ^^^
   = help: let a rule lead there""",
        id="an action before the rules",
    ),
    pytest.param(
        [
            ("      if_pending: started\n", ""),
            ("  started:\n    - reply: begun\n", ""),
            ("  begun: {en: It takes up to 5 days., de: Das dauert bis zu 5 Tage.}\n", ""),
        ],
        """\
pay_back.yaml:40:11: error: store.pay may stay pending for 5 days [pending-ignored]
40 |     - do: store.pay
   |           ^^^^^^^^^
   = help: add 'if_pending:'""",
        id="an action that may stay pending",
    ),
    pytest.param(
        [
            (
                "    - reply: paid\n",
                "    - do: store.note\n      with: {order: order, text: order.address}\n      if_refused: keep\n      if_fails: hand_over\n    - reply: paid\n",
            )
        ],
        """\
pay_back.yaml:47:19: error: if store.note fails, store.pay stays done and nobody is told [half-done]
47 |       if_refused: keep
   |                   ^^^^
   = help: let 'if_refused' hand off""",
        id="a second action that fails quietly",
    ),
    pytest.param(
        [
            (
                "    - reply: paid\n",
                "    - approve: leads\n      if_denied: hand_over\n      if_late: hand_over\n    - do: store.note\n      with: {order: order, text: order.address}\n      if_fails: hand_over\n    - reply: paid\n",
            )
        ],
        """\
pay_back.yaml:45:7: error: a step that waits stands between two actions [wait-after-do]
45 |     - approve: leads
   |       ^^^^^^^
   = help: move it up, or 'start' a new playbook""",
        id="a wait between two actions",
    ),
    pytest.param(
        [
            ("- reply: begun", "- reply: paid"),
            ("  begun: {en: It takes up to 5 days., de: Das dauert bis zu 5 Tage.}\n", ""),
        ],
        """\
pay_back.yaml:45:14: error: 'paid' is sent both when store.pay is done and when it is not [reply-may-lie]
45 |     - reply: paid
   |              ^^^^
   = help: use two replies, or 'always_true: yes'""",
        id="a reply that may lie",
    ),
    pytest.param(
        [("otherwise: hand_over", "otherwise: pay")],
        """\
pay_back.yaml:30:16: warning: store.pay is done when no rule fits [acts-by-default]
30 |     otherwise: pay
   |                ^^^
   = help: let a rule lead there; 'otherwise' hands off""",
        id="an action when no rule fits",
    ),
]


@pytest.mark.parametrize(("changes", "told"), CASES)
def test_a_problem_is_told_at_its_place(
    tells: Callable[..., list[str]], changes: list[tuple[str, str]], told: str
) -> None:
    problems = tells(*changes)

    assert told in problems
