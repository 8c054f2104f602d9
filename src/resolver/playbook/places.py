"""Every key of a playbook outside its steps, with what it takes and means, and the bounds and defaults that hold there.

The one home of these words: `read` reads by them, `schema` hands them to editors, the reference page prints them. The
examples are one playbook, which a test checks whole.
"""

from decimal import Decimal

from resolver.playbook.plan import Mode
from resolver.source.place import Key, Place, one_of
from resolver.ticket import Level

MODE = Mode.SHADOW
ROLLOUT = Decimal(1)
IDENTIFY = Level.CLAIMED
TRIES, MOST_TRIES = 2, 10
TITLE_LENGTH = 300
TEXT_LENGTH = 2000
FORMS = ("zero", "one", "two", "few", "many", "other")
"""The plural forms there are, as CLDR names them."""

_OUTCOME = "the name of an outcome"
_CONDITION = "a condition"
_EXPRESSION = "a formula"

TOP = Place(
    "A playbook",
    "at the left margin of `NAME.yaml` in the folder of playbooks, in this order (`resolver fmt` restores it)",
    (
        Key(
            "playbook", "a name", "What it is called: the name of its file, never used again for another one."
        ),
        Key("language", "`1`", "The version of the playbook language."),
        Key(
            "title",
            f"a text of at most {TITLE_LENGTH} characters",
            "What people see in lists, notes and documents.",
        ),
        Key("owner", "an e-mail address", "Who is told of problems with it."),
        Key(
            "mode",
            one_of(Mode),
            "How much it may do; see [modes](#modes).",
            f"`{MODE}`",
        ),
        Key(
            "rollout",
            "a percentage such as `30%`",
            "The share of tickets that get this mode; the others get the next weaker one.",
            f"`{ROLLOUT:.0%}`",
        ),
        Key(
            "languages",
            "a list such as `[en, de, pt-BR]`",
            "The languages of its texts; the first is used where the customer's own is missing.",
        ),
        Key("handles", "keys of its own", "Which requests come here."),
        Key(
            "identify",
            one_of(Level),
            "How far customers must be proven before anything private is used; see [identity](#identity).",
            f"`{IDENTIFY}`",
        ),
        Key("needs", "a name for each slot", "What is asked of the customer.", "nothing is asked"),
        Key("look_up", "a list", "What is read in the shop and elsewhere.", "nothing is read"),
        Key(
            "compute",
            f"a name for each value, with {_EXPRESSION} or {_CONDITION}",
            "Values that are worked out and used by their name.",
            "nothing is worked out",
        ),
        Key("decide", "a list of rules", "The rules, asked from top to bottom; the first that fits decides."),
        Key("outcomes", "a name for each outcome, with a list of steps", "What is done and said."),
        Key("if_unsure", _OUTCOME, "Where every stop leads; this outcome must hand the ticket to people."),
        Key(
            "if_silent",
            _OUTCOME,
            "What happens when the customer does not answer a question.",
            "the run ends and nothing is sent",
        ),
        Key("replies", "a name for each text", "The texts, in every language.", "there is no text"),
    ),
    """\
playbook: send_back
language: 1
title: Send something back
owner: support-ops@acme.example
mode: suggest
rollout: 25%
languages: [en, de]
identify: verified
if_unsure: hand_over
if_silent: hand_over
compute:
  amount: sum of refundable in items
  late: order.delivered_at is more than 30 days ago
""",
)

HANDLES = Place(
    "What it handles",
    "below `handles:`",
    (
        Key(
            "intent",
            "a name",
            "The request it is for; every playbook has one of its own.",
            "only with `anything_else: yes`",
        ),
        Key(
            "anything_else",
            "`yes` or `no`",
            "Takes whatever no other playbook handles; one playbook of a folder may say so.",
            "`no`",
        ),
        Key(
            "examples",
            "a list of texts",
            "Sentences with which customers ask for it: at least six, two more for each further language; about ten "
            "for each are better.",
            "it is recognised by nothing",
        ),
        Key(
            "not_for",
            "a list of texts",
            "Sentences that sound alike and mean something else.",
            "none",
        ),
    ),
    """\
handles:
  intent: send_back
  anything_else: no
  examples:
    - I want to send this back
    - Ich möchte das zurückschicken
  not_for:
    - When does my refund arrive?
""",
)

SLOT = Place(
    "A slot",
    "below `needs: NAME:`",
    (
        Key(
            "type",
            "a [type](#types), `one of LIST` or `some of LIST`, both also with `where …`",
            "What counts as an answer.",
        ),
        Key(
            "ask",
            "the name of a text",
            "The question; the options of a choice or list are put below it.",
            "an error: every slot needs a question",
        ),
        Key("when", _CONDITION, "It is asked only if this is yes.", "always"),
        Key("check", _CONDITION, "An answer counts only if this is yes.", "everything of the type counts"),
        Key(
            "assume",
            f"`all`, or {_EXPRESSION}",
            "Taken without asking when the customer names nothing; the confirmation shows it.",
            "it is asked",
        ),
        Key(
            "prefill",
            "`yes` or `no`",
            "Whether it may be taken from any message; with `no` only from the answer to its question.",
            "`yes`",
        ),
        Key(
            "tries",
            f"a whole number from 1 to {MOST_TRIES}",
            "How often it is asked.",
            f"`{TRIES}`",
        ),
        Key(
            "or_else",
            _EXPRESSION,
            "The value that is taken when the tries are used up.",
            "`if_given_up` is taken",
        ),
        Key(
            "if_given_up",
            _OUTCOME,
            "Where the run goes when the tries are used up.",
            "`if_unsure`",
        ),
        Key("if_none", _OUTCOME, "Where the run goes when there is nothing to choose from.", "`if_unsure`"),
        Key(
            "labels",
            "for each word a text in every language",
            "What the customer reads for the words of a choice.",
            "the words themselves",
        ),
        Key(
            "for_each",
            "`LIST as NAME`",
            "Asks for one value for each element of a list; `type` and `ask` may use the name.",
            "one value",
        ),
    ),
    """\
needs:
  order_number:
    type: order_number
    ask: which_order
  items:
    type: some of order.lines where refundable > 0
    ask: which_items
    when: order.status is delivered
    assume: all
    if_none: hand_over
  reason:
    type: one of [too_small, broken, changed_mind, just_asking]
    labels:
      too_small: {en: It is too small, de: Es ist zu klein}
      broken: {en: It is broken, de: Es ist kaputt}
      changed_mind: {en: I changed my mind, de: Ich habe es mir anders überlegt}
      just_asking: {en: I only have a question, de: Ich habe nur eine Frage}
    ask: what_happened
    prefill: no
    tries: 1
    or_else: changed_mind
  pickup_day:
    type: date
    ask: which_day
    when: reason is broken
    check: pickup_day is at least 1 day from now
    if_given_up: hand_over
  new_sizes:
    for_each: items as item
    type: one of item.variants where available
    ask: which_size
    when: reason is too_small
""",
)

LOOK_UP = Place(
    "A look-up",
    "as an entry of `look_up:`",
    (
        Key("find", "the name of a look-up (`resolver words` lists them)", "What is read."),
        Key(
            "with",
            f"arguments: the look-up's own name for each, and {_EXPRESSION}",
            "What it is found by.",
            "no arguments",
        ),
        Key("as", "a name", "What the record is called in this playbook."),
        Key(
            "if_missing",
            _OUTCOME,
            "Where the run goes when there is no such record, or it is somebody else's.",
        ),
        Key("if_fails", _OUTCOME, "Where the run goes when the answer cannot be used.", "`if_unsure`"),
    ),
    """\
look_up:
  - find: shop.order
    with: {number: order_number}
    as: order
    if_missing: unknown_order
    if_fails: hand_over
""",
)

RULE = Place(
    "A rule",
    "as an entry of `decide:`, with `when` and `then`, or with `otherwise` as the last",
    (
        Key("rule", "a name", "What the rule is called in notes, tests and documents."),
        Key(
            "when",
            _CONDITION,
            "The rule fits if this is yes; if it is unknown the run stops.",
            "only with `otherwise`",
        ),
        Key("then", _OUTCOME, "Where the run goes if the rule fits.", "only with `otherwise`"),
        Key("otherwise", _OUTCOME, "Where the run goes if no rule above fits.", "only in the last rule"),
        Key(
            "because",
            "a sentence",
            "Why, for colleagues; customers never see it. Rules that decline or hand off need one.",
            "no reason is given",
        ),
    ),
    """\
decide:
  - rule: not_delivered
    when: order.status is not delivered
    then: cancel_instead
    because: What has not arrived is cancelled, not sent back.
  - rule: too_late
    when: late and reason is changed_mind
    then: refuse
    because: The window of 30 days is over.
  - rule: valuable
    when: amount > limits.valuable_order
    then: prove_more
  - rule: question
    when: reason is just_asking
    then: explain
  - rule: pickup
    when: pickup_day is known
    then: after_pickup
  - rule: other_size
    when: new_sizes is known
    then: hand_over
    because: People send another size.
  - rule: in_time
    when: not late and amount > 0
    then: offer
  - rule: anything_else
    otherwise: hand_over
    because: No rule fits; a person decides.
""",
)

WHEN, OTHERWISE = ("rule", "when", "then"), ("rule", "otherwise")
"""The keys a rule needs: the last one has no condition."""

REPLY = Place(
    "A text",
    "below `replies: NAME:`",
    (
        Key(
            "count",
            f"{_EXPRESSION} that is a number, or a list",
            f"The text depends on a number: each language has its forms, of {one_of(FORMS)}.",
            "one form",
        ),
        Key(
            "always_true",
            "`yes` or `no`",
            "It claims nothing about what was done, so it may be sent on every way.",
            "`no`",
        ),
        Key("polish", "`yes` or `no`", "A model may rephrase it, where the installation has one.", "`no`"),
    ),
    """\
replies:
  which_order:
    en: Which order is this about?
    de: Um welche Bestellung geht es?
  which_items:
    en: What would you like to send back?
    de: Was möchten Sie zurückschicken?
  what_happened:
    en: What is wrong with it?
    de: Was stimmt damit nicht?
  which_day:
    en: On which day may we pick it up?
    de: An welchem Tag dürfen wir es abholen?
  which_size:
    en: Which size would you like instead of {item}?
    de: Welche Größe möchten Sie statt {item}?
  shall_i:
    count: items
    en:
      one: "Shall I take {items} of order {order} back and pay you {amount}?"
      other: "Shall I take these of order {order} back and pay you {amount}: {items}?"
    de:
      one: "Soll ich {items} aus Bestellung {order} zurücknehmen und Ihnen {amount} zahlen?"
      other: "Soll ich das aus Bestellung {order} zurücknehmen und Ihnen {amount} zahlen: {items}?"
  being_checked:
    always_true: yes
    en: A colleague takes a quick look.
    de: Ein Mensch aus unserem Team schaut kurz darauf.
  sent_back:
    en: "Done. The label has the number {opened.return_number}, and {amount} is on its way to you."
    de: "Erledigt. Das Etikett hat die Nummer {opened.return_number}, und {amount} ist unterwegs zu Ihnen."
  started:
    polish: yes
    en: I have started the refund of {amount}.
    de: Die Erstattung von {amount} ist beauftragt.
  too_late:
    en: Order {order} arrived more than 30 days ago, so we cannot take it back.
    de: Bestellung {order} kam vor mehr als 30 Tagen an, deshalb nehmen wir sie nicht zurück.
  about_returns:
    en: Here is what we say about that.
    de: Dazu sagen wir Folgendes.
  was_it_picked_up:
    en: We pick it up on {pickup_day}. Is that all you need?
    de: Wir holen es ab, und zwar am {pickup_day}. Ist damit alles gut?
  glad:
    en: Glad to hear that.
    de: Das freut mich.
  kept:
    en: All right, nothing changes.
    de: Alles klar, es bleibt dabei.
""",
    free="A language each, such as `en`, with the text in it; with `count`, a mapping of forms.",
)

PLACES = (TOP, HANDLES, SLOT, LOOK_UP, RULE, REPLY)
