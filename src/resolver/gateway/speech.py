"""Whether a public reply may be sent: the kill switch and the caps of LANGUAGE 5.2, counted in the write-back rows.

Asked by resolution before a reply is put into a write-back. Internal notes are never stopped.
"""


from resolver.decision import guard
from resolver.decision.guard import Stop
from resolver.store import switches, writebacks
from resolver.store.database import Connection

REPLIES_IN_A_ROW = 3
REPLIES_A_DAY = 12


def may_speak(
    connection: Connection, *, case: str, day: str, playbook: str | None, stop: frozenset[str]
) -> Stop | None:
    """`None` if one more public reply may go to this ticket; `day` is the shop's calendar day."""
    thrown = switches.thrown(connection) | stop
    stopped = guard.kill_switch(thrown, action=None, playbook=playbook or "")
    if stopped is not None:
        return stopped
    if writebacks.public_today(connection, case, day=day) >= REPLIES_A_DAY:
        return Stop("replies_a_day", f"The ticket got {REPLIES_A_DAY} replies today.")
    if writebacks.public_in_a_row(connection, case) >= REPLIES_IN_A_ROW:
        return Stop("replies_in_a_row", f"{REPLIES_IN_A_ROW} replies in a row brought nothing new.")
    return None
