"""Every key of an interface file, with what it takes and means.

The one home of these words: `interface` reads by them, the reference page prints them. The examples are one interface,
which a test checks whole.
"""

from typing import Literal

from resolver.source.place import Key, Place, one_of
from resolver.ticket import Level

ResultWord = Literal["done", "job", "may be pending"]
RESULT_WORDS: tuple[ResultWord, ...] = ("done", "job", "may be pending")
"""What an action may come back with, from the narrowest to the widest."""
EFFECTS = ("write", "money")
CONFIRM = ("required", "not_needed")
NOBODY, NONE = "nobody", "none"
LOOK_UP_LEVEL, ACTION_LEVEL = Level.CLAIMED, Level.VERIFIED

_FIELD = "the name of a field"
_TYPE = "a [type](#types)"

INTERFACE = Place(
    "An interface",
    "at the left margin of `NAME.yaml` in `connectors/interfaces`",
    (
        Key("interface", "a name", "What it is called; the names of its look-ups and actions begin with it."),
        Key("types", "a name for each kind of record", "What look-ups give and actions take.", "none"),
        Key("look_ups", "`INTERFACE.NAME` for each", "What can be read.", "none"),
        Key("actions", "`INTERFACE.NAME` for each", "What can be done.", "none"),
        Key(
            "patterns",
            "a name for each, with a regular expression",
            "Kinds of text of its own, usable as types.",
            "none",
        ),
    ),
    """\
interface: rental
patterns: {plate: '[A-Z]{2}-[0-9]{4}'}
""",
)

RECORD = Place(
    "A kind of record",
    "below `types: NAME:` of an interface",
    (
        Key("key", _FIELD, "What tells one record from another."),
        Key(
            "fields",
            f"a name for each, with {_TYPE} and [words behind it](#words-behind-a-type)",
            "What a record holds.",
        ),
        Key(
            "owner",
            f"{_FIELD}, or `{NOBODY}`",
            "Whose record it is: to anybody else it does not exist.",
            "required where a field is not `public`",
        ),
        Key("contact", _FIELD, "Where a one-time code goes.", "no code can be sent"),
        Key(
            "units",
            "the name of a number",
            "How many units one element has, of which a customer may choose some.",
            "one",
        ),
        Key("show", "a text with fields in braces", "How the record is printed.", "its key"),
        Key(
            "labels",
            "for each word of a choice a text in every language",
            "How words of its fields are printed.",
            "the words themselves",
        ),
        Key(
            "facts",
            "a list of conditions over the fields",
            "What always holds: proofs count on it, each read is checked.",
            "none",
        ),
    ),
    """\
types:
  booking:
    key: id
    owner: email
    contact: email
    show: "{plate}"
    labels:
      open: {en: still open, de: noch offen}
    fields:
      id: text
      plate: plate
      email: email
      status: "one of [open, closed]"
      deposit: money
      ends_on: "date, may be missing"
      extras: list of extra
    facts:
      - deposit >= 0
  extra:
    key: id
    owner: nobody
    units: quantity
    show: "{name}"
    fields:
      id: text
      name: "text, public"
      quantity: number
      price: "money, split by units"
""",
)

ARGUMENT = Place(
    "An argument in its long form",
    "below `takes: NAME:` of a look-up or action; the short form is the type alone",
    (
        Key("type", _TYPE, "What it takes."),
        Key("shown", "`yes` or `no`", "Whether the text of `confirm` must show it.", "`yes`"),
    ),
)

LOOK_UP = Place(
    "A look-up",
    "below `look_ups: NAME:` of an interface",
    (
        Key("takes", "a name for each argument, with its type", "What the record is found by."),
        Key("gives", "a kind of record of this interface", "What is read."),
        Key("identity", one_of(Level), "How far the customer must be proven to ask.", f"`{LOOK_UP_LEVEL}`"),
    ),
    """\
look_ups:
  rental.booking:
    takes: {plate: plate}
    gives: booking
    identity: claimed
""",
)

ACTION = Place(
    "An action",
    "below `actions: NAME:` of an interface",
    (
        Key("title", "a text", "What it does, for notes and approvals."),
        Key("effect", one_of(EFFECTS), "Whether money leaves."),
        Key("takes", "a name for each argument, with its type", "What it is done with.", "nothing"),
        Key(
            "on",
            "the name of an argument",
            "The record it acts on.",
            "the first argument that is a record with an owner",
        ),
        Key("pays", "a formula over the arguments", "What leaves the shop.", "required for `money`"),
        Key(
            "requires",
            "a list of conditions over the arguments",
            "What must hold: proven beforehand, checked before each send.",
            "nothing",
        ),
        Key("identity", one_of(Level), "How far the customer must be proven.", f"`{ACTION_LEVEL}`"),
        Key(
            "confirm",
            one_of(CONFIRM),
            "Whether the customer must say yes.",
            "required for `money` and for what cannot be undone",
        ),
        Key("undo", f"the name of an action, or `{NONE}`", "How it is taken back.", f"`{NONE}`"),
        Key(
            "undo_with",
            "for each argument of that action a formula over the values from before",
            "What it is taken back with.",
            "nothing",
        ),
        Key("ends", "the name of an argument", "The record that is finished afterwards.", "none"),
        Key("gives", "a name for each value, with its type", "What comes back, for `as`.", "nothing"),
        Key(
            "refuses",
            "a list of words",
            "The reasons of a definite no that a playbook may answer one by one.",
            "none",
        ),
        Key(
            "result",
            one_of(RESULT_WORDS),
            "Whether it is done at once, soon, or perhaps much later.",
            f"`{RESULT_WORDS[0]}`",
        ),
        Key(
            "settles_within",
            "a length of time",
            "When it is surely final.",
            f"required unless the result is `{RESULT_WORDS[0]}`",
        ),
    ),
    """\
actions:
  rental.extend:
    title: Let a booking last longer
    effect: write
    takes: {booking: booking, day: date}
    requires:
      - booking.status is open
    confirm: required
    undo: rental.extend
    undo_with: {booking: booking, day: booking.ends_on}
    result: done
  rental.close:
    title: End a booking and pay the deposit back
    effect: money
    takes:
      booking: booking
      amount: money
      note: {type: "text, may be missing", shown: no}
    on: booking
    pays: amount
    requires:
      - amount <= booking.deposit
    identity: verified
    undo: none
    ends: booking
    gives: {receipt: text}
    refuses: [already_closed]
    result: may be pending
    settles_within: 10 days
""",
)

PLACES = (INTERFACE, RECORD, LOOK_UP, ARGUMENT, ACTION)
