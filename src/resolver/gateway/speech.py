"""Whether a public reply may be sent: the kill switch and the caps of LANGUAGE 5.2, counted in the write-back rows.

Asked by resolution before a reply is put into a write-back. Internal notes are never stopped.
"""

from dataclasses import dataclass

from resolver.decision import guard
from resolver.decision.guard import Stop
from resolver.store import switches, writebacks
from resolver.store.database import Connection


@dataclass(frozen=True, slots=True)
class Spoken:
    """What counts before a reply: the switches thrown, the replies since there was news, and those of the day."""

    thrown: frozenset[str]
    in_a_row: int
    today: int


def spoken(connection: Connection, *, case: str, day: str) -> Spoken:
    """What the ticket was told so far; `day` is the shop's calendar day."""
    in_a_row, today = writebacks.public_so_far(connection, case, day=day)
    return Spoken(switches.thrown(connection), in_a_row, today)


def may_speak(
    so_far: Spoken, *, playbook: str | None, stop: frozenset[str], progress: bool = False
) -> Stop | None:
    """`None` if one more public reply may go to this ticket.

    `progress`: something has moved on in this turn, so the reply brings news.
    """
    stopped = guard.kill_switch(so_far.thrown | stop, action=None, playbook=playbook or "")
    if stopped is not None:
        return stopped
    return guard.reply_caps(in_a_row=0 if progress else so_far.in_a_row, today=so_far.today)
