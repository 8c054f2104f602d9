"""Every key of a test file, with what it takes and means.

The one home of these words: `testfile` and `given_answers` read by them, the reference page prints them. The examples
are one test file, which a test plays.
"""

from resolver.source.place import Key, Place, one_of

MOVES: tuple[str, ...] = ("yes", "no", "unclear", "nothing", "wants_person", "stops", "question", "changes")
RESULTS = ("done", "pending", "unknown", "refused")
CODES = ("right", "wrong")

_RESULTS = f"{one_of(RESULTS)}; also `refused: CODE`, and `done: {{NAME: VALUE}}` with what the action gives"

FILE = Place(
    "A test file",
    "at the left margin of `NAME.test.yaml` beside the playbook",
    (
        Key("tests", "the name of a playbook", "Which playbook is tested."),
        Key("given", "keys of its own", "What holds at the start of every case.", "each case says it"),
        Key("cases", "a list", "The cases."),
    ),
)

GIVEN = Place(
    "What is given",
    "below `given:` of the file or of a case; a case writes only what differs",
    (
        Key(
            "now",
            "a moment such as `2026-11-23 10:00`",
            "When it happens, on the shop's clock.",
            "required, in the file or in the case",
        ),
        Key(
            "customer",
            "`identity` and the fields of `customer`",
            "Who writes, and how far they are proven.",
            "nobody is known",
        ),
        Key(
            "ticket",
            "`channel`, `tags`, `priority` and the other fields of `ticket`",
            "What the ticket has already.",
            "an e-mail without tags",
        ),
        Key(
            "results",
            f"an action each: {_RESULTS}",
            "What actions come back with. One that is `pending` or `unknown` may have happened: it stands under "
            "`done:` of `then` and counts for the limits; one that is refused does not.",
            "every action is done",
        ),
        Key(
            "dry_runs",
            f"an action each: {_RESULTS}",
            "What trying an action beforehand comes to.",
            "nothing is tried",
        ),
        Key("limits", "a limit each, with amounts", "Amounts instead of the policy's.", "the policy's"),
        Key("codes", "`yes` or `no`", "Whether a connection sends one-time codes.", "`no`"),
        Key(
            "answers",
            "a topic each: a text, `none`, or keys of its own",
            "What the reviewed articles say.",
            "there are no articles",
        ),
    ),
    free="A look-up each, such as `shop.order`, with a list of records. One of a case that has the `id` of one of the "
    "file changes only the fields it names; any other is one more.",
)

CASE = Place(
    "A case",
    "as an entry of `cases:`",
    (
        Key("test", "a sentence", "What the case says."),
        Key("given", "as at the top", "What differs from the file's `given`.", "nothing differs"),
        Key("when", "a list", "What happens, one thing after the other."),
        Key("then", "keys of its own", "What must come of it."),
        Key(
            "generated",
            "a mark",
            "Written by `resolver test --generate`; take it out once you have read the case.",
            "written by a person",
        ),
    ),
)

WHEN = Place(
    "What happens",
    "as an entry of `when:`, which has one of these",
    (
        Key("writes", "a text", "The customer writes; it needs `understood`.", ""),
        Key(
            "understood",
            f"{one_of(MOVES)}; or keys of its own",
            "What the message means.",
            "only with `writes`",
        ),
        Key("approves", "a team", "Somebody of the team says yes.", ""),
        Key("denies", "a team", "Somebody of the team says no.", ""),
        Key("waits", "a length of time such as `3 days`", "Nothing happens for so long.", ""),
        Key("world", "`LOOK-UP ARGUMENT` with fields", "The record changes meanwhile.", ""),
        Key("settles", f"an action each: {_RESULTS}", "What was pending becomes final.", ""),
    ),
)

UNDERSTOOD = Place(
    "What a message means",
    "below `understood:`, where one word does not do",
    (
        Key("intent", "the playbook's intent", "The message asks for this playbook.", ""),
        Key("moves", f"a list of {one_of(MOVES)}", "What else the message does.", "nothing else"),
        Key("code", one_of(CODES), "The message brings the code that was sent, or a wrong one.", "no code"),
    ),
    free="A slot each, with its value; for things of a list their keys, or the key and `chosen` units.",
)

THEN = Place(
    "What must come of it",
    "below `then:`; what is not written is not compared, but an action that is not written fails the case",
    (
        Key("rule", "a rule", "A rule that decided.", ""),
        Key("outcome", "an outcome", "An outcome that the run went through.", ""),
        Key(
            "stopped_by",
            "a name",
            "The missing value, or the check of the gateway, that stopped the run.",
            "",
        ),
        Key(
            "done",
            "a list of actions, with those arguments that are compared",
            "What was done or may have been, all of it: actions that came back `done`, `pending` or `unknown`.",
            "nothing may be done",
        ),
        Key("undone", "the same", "What was taken back, all of it.", "nothing may be taken back"),
        Key("asked", "a list of slots", "What the customer was asked.", ""),
        Key(
            "replies",
            "a list of texts by name",
            "What was said, all of it and in order, with what `confirm` and `tell` say; questions for slots are left "
            "out, they stand under `asked`.",
            "",
        ),
        Key("last_reply_contains", "a text, or a list of texts", "Words of the last reply.", ""),
        Key("messages", "a whole number", "How many messages the customer got.", ""),
        Key("handoff", "a queue", "Where the ticket was handed to.", ""),
        Key("summary_contains", "a text, or a list of texts", "Words of the note's first line.", ""),
        Key("ticket", "fields of the ticket", "What the ticket has at the end.", ""),
        Key("disposition", "a word, see [endings](#how-a-run-ends)", "How the run ended.", ""),
    ),
)

ANSWER = Place(
    "What an article says",
    "below `given: answers: TOPIC:`, where a text does not do",
    (
        Key("text", "a text", "The answer."),
        Key("cited", "a text", "The article's own words.", "the answer"),
        Key("title", "a text", "The article's title.", "the topic"),
        Key("link", "an address", "Where it stands.", "an address of ours"),
        Key("version", "a text", "Its version.", "`1`"),
        Key("language", "a language", "Its language.", "the customer's"),
        Key("reviewed_at", "a day", "When a person reviewed it.", "today"),
        Key("valid_for", "a whole number of days", "How long the review counts.", "`365`"),
        Key("score", "a whole number from 0 to 100", "How well it fits the question.", "`100`"),
        Key("published", "`yes` or `no`", "Whether it is published.", "`yes`"),
        Key("public", "`yes` or `no`", "Whether everybody may read it.", "`yes`"),
    ),
)

EXAMPLE = """\
tests: send_back
given:
  now: 2026-11-23 10:00
  customer: {email: ann@example.com, identity: verified, language: en}
  ticket: {channel: email, tags: [spring]}
  shop.order:
    - {id: o1, number: "10231", email: ann@example.com, status: delivered, total: 40 EUR, refunded: 0 EUR,
       country: DE, address: "Lindenweg 3, 10115 Berlin, DE", delivered_at: 2026-11-11 09:00,
       lines: [{id: l1, name: Blue mug, quantity: 2, refundable: 40 EUR, final_sale: no}]}
  results: {shop.return_items: {done: {return_number: R-77}}}
cases:
  - test: one of two mugs goes back, and its half of the price is paid
    when:
      - writes: I want to send one mug of order 10231 back
        understood: {intent: send_back, order_number: "10231", items: [{id: l1, chosen: 1}]}
      - writes: I changed my mind
        understood: {reason: changed_mind}
      - world: {shop.order 10231: {tracking_url: "https://post.example/1"}}
      - writes: Yes please
        understood: yes
    then:
      rule: in_time
      outcome: close
      asked: [reason]
      done: [shop.return_items, {shop.refund: {items: [l1], amount: 20 EUR}}]
      undone: []
      replies: [shall_i, sent_back]
      last_reply_contains: [R-77, "20.00"]
      messages: 3
      ticket: {status: solved, add_tags: [auto_return]}
      disposition: resolved

  - test: above the limit a team lead says yes, and the bank answers later
    generated: yes
    given:
      limits: {refund_without_approval: {EUR: 30}}
      results: {shop.refund: pending}
    when:
      - writes: Order 10231 goes back, I changed my mind
        understood: {intent: send_back, order_number: "10231"}
      - writes: I changed my mind
        understood: {reason: changed_mind}
      - writes: Yes
        understood: yes
      - approves: team_leads
      - settles: {shop.refund: done}
    then:
      outcome: promised
      done: [shop.return_items, {shop.refund: {amount: 40 EUR}}]

  - test: something valuable takes a code, and a team lead says no
    given:
      codes: yes
      shop.order: [{id: o1, total: 600 EUR, lines: [{id: l1, refundable: 600 EUR}]}]
    when:
      - writes: I want to send order 10231 back
        understood: {intent: send_back, order_number: "10231", moves: [nothing]}
      - writes: I changed my mind
        understood: {reason: changed_mind}
      - writes: "123456"
        understood: {code: right}
      - writes: Yes
        understood: yes
      - denies: team_leads
    then:
      handoff: refunds
      summary_contains: "10231"

  - test: what is not known stops
    given: {shop.order: [{id: o1, delivered_at: unknown}]}
    when:
      - writes: I want to send order 10231 back
        understood: {intent: send_back, order_number: "10231"}
      - writes: I changed my mind
        understood: {reason: changed_mind}
    then:
      stopped_by: order.delivered_at
      handoff: refunds

  - test: without an answer within four days people take over
    given: {dry_runs: {shop.refund: done}}
    when:
      - writes: I want to send order 10231 back
        understood: {intent: send_back, order_number: "10231"}
      - waits: 4 days
    then:
      disposition: handed_off

  - test: a question is answered from an article
    given:
      answers:
        any:
          text: You can send it back within 30 days.
          cited: You can send it back within 30 days of delivery.
          title: Sending something back
          link: https://help.acme.example/returns
          version: "3"
          language: en
          reviewed_at: 2026-11-01
          valid_for: 180
          score: 90
          published: yes
          public: yes
    when:
      - writes: How long can I send back order 10231?
        understood: {intent: send_back, order_number: "10231"}
      - writes: I only have a question
        understood: {reason: just_asking}
    then:
      rule: question
      replies: [any]
"""
"""A whole test file with every key, for the playbook whose parts stand in `playbook.places`."""

PLACES = (FILE, GIVEN, CASE, WHEN, UNDERSTOOD, THEN, ANSWER)
