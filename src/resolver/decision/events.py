"""Events: everything that can happen to a run from outside, as frozen values; what answers an effect is in `effects`.

Made by whoever drives a run, taken in by `moves`, stored by `record`. They carry what happened and decide nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from resolver.decision.effects import Performed
from resolver.decision.facts import Beside
from resolver.reading import Reading

CodeIs = Literal["right", "wrong", "late"]
"""What a code that came back is worth; late: it was right, but half an hour is over."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message whose moves count: public, the requester's own, from a strong enough channel.

    `code` says whether the code in it is the one that was sent, or was (late); None if it names none. It is never kept
    here.
    """

    reading: Reading
    code: CodeIs | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """The patience for an answer is used up."""


@dataclass(frozen=True, slots=True)
class Approved:
    """A member of the team agreed to the offer. After the wait's end, or for another offer, it means nothing."""

    approver: str
    offer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Denied:
    """A member of the team said no."""

    approver: str


@dataclass(frozen=True, slots=True)
class Late:
    """The time for an approval, or for a pending action to settle, is over."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a pending action came to (`done`, `refused` or `unknown`), and when."""

    step: str
    performed: Performed
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Acted:
    """Another run of the ticket has acted: what was read before counts no more (LANGUAGE 12)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What other runs of the ticket ask in the same message."""

    beside: Beside


@dataclass(frozen=True, slots=True)
class NotChosen:
    """Two offers excluded each other, and the customer chose the other one."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Two offers exclude each other. With `open` the customer is asked which, else nobody knows which."""

    open: bool


@dataclass(frozen=True, slots=True)
class GoAhead:
    """A person of the company wants carried out what was suggested. It changes nothing the run knows."""

    by: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The run's plan was withdrawn: it decides nothing more. A committed run still reports what was done."""


Event = (
    Said
    | Silence
    | Approved
    | Denied
    | Late
    | Settled
    | Acted
    | Asked
    | NotChosen
    | Undecided
    | GoAhead
    | Withdrawn
)
