"""Every verb that a step can begin with, and the keys beside it, with what they take and mean.

The one home of these words: `read_step` reads by them, `schema` hands them to editors, `resolver words` and the
reference page print them. The examples are the outcomes of one playbook, which a test checks whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from resolver.source.place import Key, Place, one_of
from resolver.ticket import Level, Status

PRIORITIES = ("low", "normal", "high", "urgent")
STATUSES = tuple(status for status in Status if status is not Status.CLOSED)
CHECKED_WITHIN, APPROVED_WITHIN = "`patience` of the policy", "`1 business day`"


class Ends(StrEnum):
    """What a reply may say the run ended as."""

    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


_OUTCOME = "the name of an outcome"
_REPLY = "the name of a text"
_WITHIN = "a length of time such as `5 days` or `4 hours`"


@dataclass(frozen=True)
class Verb:
    """What a step does, and the place of its keys; the first key is the verb itself."""

    does: str
    place: Place

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The keys it needs besides the verb itself."""
        return self.place.required[1:]

    @property
    def optional(self) -> tuple[str, ...]:
        """The keys it may have."""
        return self.place.optional


def _verb(name: str, takes: str, does: str, keys: tuple[Key, ...], example: str) -> Verb:
    first = Key(name, takes, f"{does[0].upper()}{does[1:]}.")
    return Verb(does, Place(f"`{name}:`", "", (first, *keys), example))


VERBS: Mapping[str, Verb] = {
    "identify": _verb(
        "identify",
        one_of(Level),
        "goes on only for a customer who is proven that far",
        (Key("if_fails", _OUTCOME, "Where the run goes if the customer cannot be proven."),),
        """\
prove_more:
  - identify: code
    if_fails: hand_over
  - go: offer
""",
    ),
    "confirm": _verb(
        "confirm",
        _REPLY,
        "shows exactly what will be done and waits for the customer's yes",
        (
            Key("if_no", _OUTCOME, "Where the run goes if the customer says no."),
            Key(
                "if_silent",
                _OUTCOME,
                "Where the run goes if the customer does not answer.",
                "the playbook's `if_silent`",
            ),
            Key("if_unclear", _OUTCOME, "Where the run goes if the answer stays unclear.", "`if_unsure`"),
            Key("within", _WITHIN, "How long it waits.", CHECKED_WITHIN),
        ),
        """\
offer:
  - confirm: shall_i
    if_no: keep
    if_silent: hand_over
    if_unclear: hand_over
    within: 5 days
  - go: ask_colleague
""",
    ),
    "check_in": _verb(
        "check_in",
        _REPLY,
        "asks whether all is well; behind it nothing more is done",
        (
            Key("if_no", _OUTCOME, "Where the run goes if the customer says no."),
            Key(
                "if_silent", _OUTCOME, "Where the run goes if the customer does not answer.", "the next step"
            ),
            Key("within", _WITHIN, "How long it waits.", CHECKED_WITHIN),
        ),
        """\
after_pickup:
  - check_in: was_it_picked_up
    if_no: hand_over
    if_silent: hand_over
    within: 2 days
  - reply: glad
""",
    ),
    "approve": _verb(
        "approve",
        "a team of the policy",
        "waits for the yes of somebody of the team, always or when a condition holds",
        (
            Key("when", "a condition", "It is asked for only if this is yes.", "always"),
            Key("within", f"{_WITHIN}, or `2 business days`", "How long it waits.", APPROVED_WITHIN),
            Key("tell", _REPLY, "What the customer hears meanwhile.", "nothing"),
            Key("if_denied", _OUTCOME, "Where the run goes if the team says no."),
            Key("if_late", _OUTCOME, "Where the run goes if nobody answers in time."),
        ),
        """\
ask_colleague:
  - approve: team_leads
    when: amount > limits.refund_without_approval
    within: 2 business days
    tell: being_checked
    if_denied: hand_over
    if_late: hand_over
  - go: act
""",
    ),
    "do": _verb(
        "do",
        "the name of an action (`resolver words` lists them)",
        "performs an action, once",
        (
            Key(
                "with",
                "arguments: the action's own name for each, and a formula",
                "What it is done with.",
                "no arguments",
            ),
            Key("as", "a name", "What the action gives back is called in later texts.", "it is not kept"),
            Key(
                "if_refused",
                f"{_OUTCOME}, or one for each reason the interface lists",
                "Where the run goes on a definite no, after which nothing has happened.",
                "`if_fails`",
            ),
            Key(
                "if_pending",
                _OUTCOME,
                "Where the run goes if the action is accepted and final later.",
                "required where an action may be pending",
            ),
            Key(
                "if_fails", _OUTCOME, "Where the run goes if nobody can tell what happened; it must hand off."
            ),
            Key(
                "keep",
                "`yes` or `no`",
                "It stays done even if a later action of the run does not happen.",
                "`no`",
            ),
        ),
        """\
act:
  - do: shop.return_items
    with: {order: order, items: items}
    as: opened
    keep: yes
    if_fails: hand_over
  - do: shop.refund
    with: {order: order, items: items, amount: amount}
    if_refused:
      already_refunded: hand_over
      payment_too_old: hand_over
    if_pending: promised
    if_fails: hand_over
  - go: close
""",
    ),
    "answer": _verb(
        "answer",
        "a topic of the reviewed articles, or `any`",
        "sends what a reviewed article says to the customer's question",
        (
            Key("say_first", _REPLY, "What stands above the answer.", "nothing"),
            Key("if_no_answer", _OUTCOME, "Where the run goes if no article may be sent."),
        ),
        """\
explain:
  - answer: any
    say_first: about_returns
    if_no_answer: hand_over
""",
    ),
    "reply": _verb(
        "reply",
        _REPLY,
        "sends a text",
        (
            Key(
                "ends",
                one_of(Ends),
                "How the run ended, where neither `resolved` nor `answered` is true.",
                "`resolved` after an action, else `answered`",
            ),
        ),
        """\
refuse:
  - reply: too_late
    ends: declined
promised:
  - reply: started
keep:
  - reply: kept
    ends: withdrawn
""",
    ),
    "ticket": _verb(
        "ticket",
        "keys of its own, see [a `ticket:` step](#the-keys-of-ticket)",
        "sets status, priority, tags, queue or fields of the ticket",
        (),
        "",
    ),
    "hand_off": _verb(
        "hand_off",
        "a queue of the policy",
        "gives the ticket to people with a note, and ends",
        (
            Key(
                "summary",
                "a text, which may name values in braces",
                "What colleagues read first; what is unknown prints as `?`.",
            ),
            Key("tell", _REPLY, "What the customer hears.", "a sentence of ours"),
            Key("priority", one_of(PRIORITIES), "The priority the ticket gets.", "as it is"),
        ),
        """\
hand_over:
  - hand_off: refunds
    summary: "Something of order {order_number} is to be sent back: {items}."
    tell: being_checked
    priority: high
""",
    ),
    "go": _verb(
        "go",
        _OUTCOME,
        "goes on in another outcome",
        (),
        """\
unknown_order:
  - go: hand_over
""",
    ),
    "start": _verb(
        "start",
        "the name of a playbook",
        "ends here and opens another playbook with what is known",
        (),
        """\
cancel_instead:
  - start: cancel_order
""",
    ),
}

TICKET = Place(
    "The keys of `ticket:`",
    "below a step `ticket:`",
    (
        Key("status", one_of(STATUSES), "The status the ticket gets.", "as the run's ending says"),
        Key("priority", one_of(PRIORITIES), "The priority it gets.", "as it is"),
        Key("add_tags", "a list of tags", "Tags it gets.", "none"),
        Key("remove_tags", "a list of tags", "Tags it loses.", "none"),
        Key("queue", "a queue of the policy", "The group it goes to.", "as it is"),
        Key(
            "fields",
            "the helpdesk's field names, with a text each",
            "Other fields of the ticket.",
            "as they are",
        ),
    ),
    """\
close:
  - reply: sent_back
  - ticket:
      status: solved
      priority: low
      add_tags: [auto_return]
      remove_tags: [needs_reply]
      queue: refunds
      fields: {return_kind: by_post}
""",
)
