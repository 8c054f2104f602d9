"""What `decide` asks the world for, and what the world answers. The closed list of LANGUAGE 4.

Effects carry finished texts and values: whoever performs one decides nothing. Where a text may be rephrased, `rephrase`
are the values that must stay in it as they are; None where it may not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from resolver.condition.values import RecordValue, Value
from resolver.money import Money
from resolver.ticket import Level, Status

Disposition = Literal["resolved", "answered", "declined", "withdrawn", "handed_off", "no_reply", "failed"]
_SOLVED = "solved, unless `status_at_end` of the policy or a `ticket` step says otherwise"
ENDINGS: Mapping[Disposition, tuple[str, str]] = {
    "resolved": (
        "something was done",
        _SOLVED,
    ),
    "answered": (
        "a reply, nothing done",
        _SOLVED,
    ),
    "declined": (
        "`reply` with `ends: declined`",
        _SOLVED,
    ),
    "withdrawn": (
        "the customer changed their mind, or `reply` with `ends: withdrawn`",
        _SOLVED,
    ),
    "handed_off": (
        "a rule, a stop, or the customer asked for a person",
        "open, in the queue, unassigned, with a note",
    ),
    "no_reply": ("silence, and no `if_silent`", "as it is"),
    "failed": ("an error of the resolver itself", "open, in the default queue, unassigned, with a note"),
}
"""Why a run ends so, and what becomes of the ticket."""


class Offer(Struct, frozen=True):
    """The exact actions with exact values a customer or approver agrees to; `document` is its canonical JSON."""

    id: str
    document: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """Read the record `name` by `look_up` with these arguments. Answered by `Found`, `Missing` or `LookUpFailed`."""

    name: str
    look_up: str
    arguments: Mapping[str, Value]
    identity: Level


@dataclass(frozen=True, slots=True)
class Ask:
    """Put these slots' questions to the customer in one message and wait. Answered by `Sent`."""

    slots: tuple[str, ...]
    text: str
    language: str
    rephrase: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Prove:
    """Let the customer prove who they are by a code, and wait. Answered by `Sent`, or by `Recognised`.

    With `send` a fresh code goes to the contact stored on the record that `look_up` gives, whoever owns it; where
    there is none, nothing goes out and the customer hears the same. `target` names what the code is asked for. With
    `details` no code is asked for, but what the record says of its owner. `slots` are asked for in the same text.
    """

    step: str
    look_up: LookUp
    level: Level
    text: str
    language: str
    send: bool
    target: str
    details: bool = False
    slots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirm:
    """Put the offer to the customer and wait. Answered by `Sent`."""

    step: str
    offer: Offer
    text: str
    language: str
    again: bool = False
    rephrase: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DryRun:
    """Try one action of the offer without doing it, before anybody is asked. Answered by `Performed`.

    `done`: it would go; `refused`: it would be refused; `unknown`: it could not be tried, which changes nothing.
    """

    step: str
    action: str
    arguments: Mapping[str, Value]
    offer: Offer


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Ask the customer whether all is well, yes or no, and wait. Answered by `Sent`."""

    step: str
    reply: str
    text: str
    language: str
    again: bool = False
    rephrase: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ApprovalSheet:
    """What an approver reads: action titles with their values, facts, the rule and its `because`."""

    actions: tuple[tuple[str, Mapping[str, str]], ...]
    facts: Mapping[str, str]
    rule: str
    because: str
    amount: Money | None


@dataclass(frozen=True, slots=True)
class Approve:
    """Ask the team about the offer and wait until `expires_at`; `tell` goes to the customer. Answered by `Sent`."""

    step: str
    team: str
    offer: Offer
    sheet: ApprovalSheet
    expires_at: datetime
    tell: str | None
    language: str
    rephrase: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Perform:
    """Carry out one action through the gateway. Answered by `Performed`.

    `pays` is what leaves the company, `record` the action's own record; `offer` None if no step asked for consent.
    """

    step: str
    generation: int
    action: str
    arguments: Mapping[str, Value]
    pays: Money | None
    record: RecordValue | None
    offer: str | None
    required_identity: Level


@dataclass(frozen=True, slots=True)
class Undo:
    """Take a finished action back through the gateway, because a later one did not happen. Answered by `Performed`.

    `of` is the step that did it, `offer` the one it belonged to; `arguments` are worked out from the values before.
    """

    step: str
    of: str
    generation: int
    action: str
    arguments: Mapping[str, Value]
    pays: Money | None
    record: RecordValue | None
    offer: str | None
    required_identity: Level


Act = Perform | Undo
"""What changes the world through the gateway: each has a ledger row and a key of its own."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Ask the knowledge base what articles say to the customer's own question. Answered by `Answered` or `NoAnswer`.

    `topic` restricts the articles (`any`: all of them); they must be in `language` or, failing that, in `fallback`.
    """

    step: str
    topic: str
    question: str
    language: str
    fallback: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The article a customer can read the answer in."""

    title: str
    link: str
    version: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Say this in the turn's one message; an answer from the knowledge base names its articles."""

    step: str
    reply: str
    text: str
    language: str
    citations: tuple[Citation, ...] = ()
    rephrase: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SetTicket:
    """Change these ticket fields in the turn's one update. `queue` is the policy's queue name."""

    step: str
    status: Status | None = None
    priority: str | None = None
    queue: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandOff:
    """Give the ticket to people: `summary` heads the internal note, `tell` (None: say nothing) goes to the customer.

    `reason` names the rule, missing fact or gateway check that led here, for measures and the note.
    """

    step: str
    queue: str
    summary: str
    tell: str | None
    priority: str | None
    reason: str
    because: str
    language: str
    rephrase: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class StartRun:
    """End this run without a disposition and open `playbook` with the shared slots."""

    step: str
    playbook: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The turn is over; the run waits for the customer, an approval, or pending money."""

    for_: Literal["customer", "approval", "settlement"]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class End:
    """The run is over. `disposition` None only after `StartRun`."""

    disposition: Disposition | None


Effect = (
    LookUp
    | Ask
    | Prove
    | DryRun
    | Confirm
    | CheckIn
    | Approve
    | Perform
    | Undo
    | Answer
    | Reply
    | SetTicket
    | HandOff
    | StartRun
    | Wait
    | End
)


@dataclass(frozen=True, slots=True)
class Found:
    """The record, already read into the interface's types and owned by this requester."""

    record: RecordValue
    at: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """No such record, or somebody else's; never told apart."""


@dataclass(frozen=True, slots=True)
class LookUpFailed:
    """The source could not be read, or broke its declared facts."""

    problem: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of an article that an answer rests on, and what is known of the article.

    `reviewed_at` is the day a person last said that it is right, `valid_for` for how many days that holds.
    """

    title: str
    link: str
    version: str
    language: str
    text: str
    reviewed_at: date
    valid_for: int
    published: bool = True
    public: bool = True


@dataclass(frozen=True, slots=True)
class Answered:
    """What the knowledge base says. `score` and `least`, what it must reach to be sent, are percentages.

    Whether it may be sent is judged by `grounding`, never by who found it.
    """

    text: str
    score: int
    least: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The knowledge base says nothing to this; `why` is for people."""

    why: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The effect is in the turn's write-back (which is stored before it is sent).

    `text` is what was said instead of the effect's own words, if they were rephrased; it counts if it keeps them.
    """

    text: str | None = None


@dataclass(frozen=True, slots=True)
class Performed:
    """What came back from `do`. `stopped` names the gateway check that refused it before anything was sent."""

    state: Literal["done", "refused", "pending", "unknown", "stopped"]
    code: str | None = None
    external_id: str | None = None
    gives: Mapping[str, Value] = field(default_factory=dict)
    stopped_by: str | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """Nobody is asked: what the customer has just written names the details of the record, which is `owner`'s."""

    owner: str


Result = Found | Missing | LookUpFailed | Answered | NoAnswer | Sent | Performed | Recognised
