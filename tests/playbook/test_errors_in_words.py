"""Every problem with keys, names and references is told at its place, with what to write instead."""

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        [("languages: [en, de]", "languages: [en, de")],
        """\
pay_back.yaml:6:8: error: this is not valid YAML: expected ',' or ']', but got ':' [not-yaml]
6 | handles:
  |        ^
  = help: quote the text, or look at the indentation""",
        id="text that is no YAML",
    ),
    pytest.param(
        [("title: Pay an order back", "title: &t Pay an order back")],
        """\
pay_back.yaml:3:8: error: anchors, aliases and tags are not part of the language [not-allowed-yaml]
3 | title: &t Pay an order back
  |        ^
  = help: write the value out""",
        id="an anchor",
    ),
    pytest.param(
        [("title: Pay an order back\n", "title: Pay an order back\ntitle: Pay back\n")],
        """\
pay_back.yaml:4:1: error: 'title' is written twice here [written-twice]
4 | title: Pay back
  | ^^^^^
  = help: remove one; the first is in line 3""",
        id="a key written twice",
    ),
    pytest.param(
        [("because: It is on its way.", "because: It is on its way. #2")],
        """\
pay_back.yaml:25:14: error: everything after ' #' is a comment: '2' is not part of the text [text-cut-off]
25 |     because: It is on its way. #2
   |              ^^^^^^^^^^^^^^^^^
   = help: quote the text""",
        id="a comment that cuts a text off",
    ),
    pytest.param(
        [("identify: verified", "identfy: verified")],
        """\
pay_back.yaml:9:1: error: 'identfy' is not a word known here [unknown-word]
9 | identfy: verified
  | ^^^^^^^
  = help: did you mean 'identify'?""",
        id="an unknown key",
    ),
    pytest.param(
        [("- reply: begun", "- replay: begun")],
        """\
pay_back.yaml:48:7: error: 'replay' is not a word known here [unknown-word]
48 |     - replay: begun
   |       ^^^^^^
   = help: did you mean 'reply'?""",
        id="an unknown step",
    ),
    pytest.param(
        [("owner: ops@acme.example\n", "")],
        """\
pay_back.yaml:1:1: error: 'owner' is missing here [missing-word]
1 | playbook: pay_back
  | ^^^^^^^^^^^^^^^^^^
  = help: add it""",
        id="a missing key",
    ),
    pytest.param(
        [("rule: sent", "rule: not")],
        """\
pay_back.yaml:22:11: error: 'not' cannot be a name [bad-name]
22 |   - rule: not
   |           ^^^
   = help: use small letters, digits and _; not a reserved word; at most 40 characters""",
        id="a reserved word as a name",
    ),
    pytest.param(
        [
            (
                "compute:\n  amount: order.total - order.refunded",
                "compute:\n  today: order.total\n  amount: order.total - order.refunded",
            )
        ],
        """\
pay_back.yaml:20:3: error: 'today' cannot be a name [bad-name]
20 |   today: order.total
   |   ^^^^^
   = help: every playbook has it already; choose another""",
        id="a name of the language",
    ),
    pytest.param(
        [("compute:\n", "compute:\n  order: 3\n")],
        """\
pay_back.yaml:20:3: error: 'order' is written twice here [written-twice]
20 |   order: 3
   |   ^^^^^
   = help: the first is in line 17; rename one""",
        id="two things of one name",
    ),
    pytest.param(
        [("rule: rest", "rule: open")],
        """\
pay_back.yaml:29:11: error: rule 'open' is written twice [written-twice]
29 |   - rule: open
   |           ^^^^
   = help: the first is in line 26; rename one""",
        id="two rules of one name",
    ),
    pytest.param(
        [("then: refuse", "then: refus")],
        """\
pay_back.yaml:24:11: error: there is no outcome 'refus' [unknown-outcome]
24 |     then: refus
   |           ^^^^^
   = help: did you mean 'refuse'?""",
        id="an unknown outcome",
    ),
    pytest.param(
        [("- reply: begun", "- reply: began")],
        """\
pay_back.yaml:48:14: error: there is no reply 'began' [unknown-reply]
48 |     - reply: began
   |              ^^^^^
   = help: did you mean 'begun'?""",
        id="an unknown reply",
    ),
    pytest.param(
        [("do: store.pay", "do: store.pey")],
        """\
pay_back.yaml:40:11: error: no interface has 'store.pey', or the connector bound to it does not offer it [unknown-action]
40 |     - do: store.pey
   |           ^^^^^^^^^
   = help: did you mean 'store.pay'?""",
        id="an unknown action",
    ),
    pytest.param(
        [
            (
                "    - do: store.pay\n      with: {order: order, amount: amount}\n      if_refused: {too_old: hand_over}\n      if_pending: started\n      if_fails: hand_over\n",
                "    - do: store.close\n      with: {order: order}\n      if_fails: hand_over\n",
            )
        ],
        """\
pay_back.yaml:40:11: error: no interface has 'store.close', or the connector bound to it does not offer it [unknown-action]
40 |     - do: store.close
   |           ^^^^^^^^^^^
   = help: did you mean 'store.note'?""",
        id="an action its connector does not offer",
    ),
    pytest.param(
        [("find: store.order", "find: store.ordr")],
        """\
pay_back.yaml:15:11: error: no interface has 'store.ordr', or the connector bound to it does not offer it [unknown-look-up]
15 |   - find: store.ordr
   |           ^^^^^^^^^^
   = help: did you mean 'store.order'?""",
        id="an unknown look-up",
    ),
    pytest.param(
        [("find: store.order", "find: post.letter")],
        """\
pay_back.yaml:15:11: error: interface 'post' is bound to no connection [not-bound]
15 |   - find: post.letter
   |           ^^^^^^^^^^^
   = help: add it under 'interfaces:' in the configuration""",
        id="an interface that nothing serves",
    ),
    pytest.param(
        [("hand_off: money", "hand_off: mony")],
        """\
pay_back.yaml:56:17: error: policy.yaml has no queue 'mony' [unknown-queue]
56 |     - hand_off: mony
   |                 ^^^^
   = help: did you mean 'money'?""",
        id="an unknown queue",
    ),
    pytest.param(
        [("approve: leads", "approve: leds")],
        """\
pay_back.yaml:36:16: error: policy.yaml has no team 'leds' [unknown-team]
36 |     - approve: leds
   |                ^^^^
   = help: did you mean 'leads'?""",
        id="an unknown team",
    ),
    pytest.param(
        [("limits.without_approval", "limits.without_aproval")],
        """\
pay_back.yaml:37:22: error: policy.yaml has no limit 'without_aproval' [unknown-limit]
37 |       when: amount > limits.without_aproval
   |                      ^^^^^^^^^^^^^^^^^^^^^^
   = help: did you mean 'limits.without_approval'? Or add it there.""",
        id="an unknown limit",
    ),
    pytest.param(
        [("amount: amount}\n      if_refused", "amont: amount}\n      if_refused")],
        """\
pay_back.yaml:41:28: error: store.pay takes no 'amont' [unknown-argument]
41 |       with: {order: order, amont: amount}
   |                            ^^^^^
   = help: did you mean 'amount'?""",
        id="an unknown argument",
    ),
    pytest.param(
        [("with: {order: order, amount: amount}", "with: {order: order}")],
        """\
pay_back.yaml:40:11: error: store.pay needs 'amount' [missing-argument]
40 |     - do: store.pay
   |           ^^^^^^^^^
   = help: it takes: order, amount""",
        id="a missing argument",
    ),
    pytest.param(
        [("too_old: hand_over", "too_odd: hand_over")],
        """\
pay_back.yaml:42:20: error: 'too_odd' is not a word known here [unknown-word]
42 |       if_refused: {too_odd: hand_over}
   |                    ^^^^^^^
   = help: did you mean 'too_old'?""",
        id="an unknown code",
    ),
    pytest.param(
        [("    ask: which\n", "")],
        """\
pay_back.yaml:11:3: error: slot 'number' has no question [no-question]
11 |   number:
   |   ^^^^^^
   = help: add 'ask:'""",
        id="a slot without a question",
    ),
    pytest.param(
        [("compute:\n", "compute:\n  spare: order.total\n")],
        """\
pay_back.yaml:20:3: error: 'spare' is never used [unused]
20 |   spare: order.total
   |   ^^^^^
   = help: remove it""",
        id="a value that is never used",
    ),
    pytest.param(
        [("replies:\n", "replies:\n  spare: {en: Hello, de: Hallo}\n")],
        """\
pay_back.yaml:60:3: error: reply 'spare' is never used [unused]
60 |   spare: {en: Hello, de: Hallo}
   |   ^^^^^
   = help: remove it""",
        id="a reply that is never used",
    ),
    pytest.param(
        [("examples: [Pay me back]", "examples: [Hello, pay me back]")],
        """\
pay_back.yaml:8:21: warning: the comma before 'pay me back' makes these two examples [two-examples]
8 |   examples: [Hello, pay me back]
  |                     ^^^^^^^^^^^
  = help: quote the text""",
        id="a comma that makes two examples",
    ),
    pytest.param(
        [("    - reply: begun\n", "    - check_in: begun\n      if_no: hand_over\n    - reply: begun\n")],
        """\
pay_back.yaml:48:7: error: 'check_in' is not supported yet [not-supported-yet]
48 |     - check_in: begun
   |       ^^^^^^^^
   = help: supported here: identify, confirm, approve, do, reply, ticket, hand_off, go, start""",
        id="a word of a later release",
    ),
    pytest.param(
        [("type: order_number", "type: some of order.lines")],
        """\
pay_back.yaml:12:11: error: 'some of' is not supported yet [not-supported-yet]
12 |     type: some of order.lines
   |           ^^^^^^^^^^^^^^^^^^^
   = help: supported here: a choice of one: 'one of LIST'""",
        id="a slot of a later release",
    ),
    pytest.param(
        [("identify: verified", "mode: suggest\nidentify: verified")],
        """\
pay_back.yaml:9:7: error: 'suggest' is not supported yet [not-supported-yet]
9 | mode: suggest
  |       ^^^^^^^
  = help: supported here: off, shadow, auto""",
        id="a mode of a later release",
    ),
    pytest.param(
        [("kept: {en: All right., de: In Ordnung.}", "kept: {en: All right., de: In Ordnung., polish: yes}")],
        """\
pay_back.yaml:65:43: error: 'polish' is not supported yet [not-supported-yet]
65 |   kept: {en: All right., de: In Ordnung., polish: yes}
   |                                           ^^^^^^
   = help: leave it out; a reply has one text for each language here""",
        id="a polished reply",
    ),
]


@pytest.mark.parametrize(("changes", "told"), CASES)
def test_a_problem_is_told_at_its_place(
    tells: Callable[..., list[str]], changes: list[tuple[str, str]], told: str
) -> None:
    problems = tells(*changes)

    assert told in problems
