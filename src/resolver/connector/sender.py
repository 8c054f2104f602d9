"""The port of a connector that says `sends: [code]`: it brings a short text to a contact stored on a record.

Implemented by `connectors/<name>/sender.py` as `connect(settings)`; called by the gateway only, with a finished text.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["email", "phone"]
"""What kind of contact it is, by the declared type of the record's contact field."""


@dataclass(frozen=True, slots=True)
class CodeText:
    """What is sent. It is never logged: `repr` does not show it."""

    subject: str
    body: str

    def __repr__(self) -> str:
        """Nothing of the words."""
        return "CodeText(…)"


class CodeSender(Protocol):
    """One configured account that can reach contacts."""

    @property
    def reaches(self) -> Collection[Kind]:
        """The kinds of contact it can write to."""

    async def send_code(self, contact: str, text: CodeText, *, key: str) -> None:
        """Send the text to this contact. The same key always comes with the same contact and text.

        Raises:
            Refused: The other side takes nothing for this contact; nothing was sent.
            Unavailable: Surely not sent; the same may be sent again.
            Unknown: It may have been sent; the identical text may be sent again, because it says nothing else.
        """

    async def answers(self) -> str:
        """One sentence that the account works, found out without sending anything.

        Raises:
            Unavailable: Not reached.
            Refused: The credentials are not accepted.
        """

    async def aclose(self) -> None:
        """Let connections go."""
