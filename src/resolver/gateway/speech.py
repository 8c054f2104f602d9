"""Whether a public reply may be sent: the kill switch and the caps of LANGUAGE 5.2, counted in the write-back rows.

Asked by resolution before a reply is put into a write-back. Internal notes are never stopped.
"""


from resolver.decision import guard
from resolver.decision.guard import Stop
from resolver.store import switches, writebacks
from resolver.store.database import Connection


def may_speak(
    connection: Connection,
    *,
    case: str,
    day: str,
    playbook: str | None,
    stop: frozenset[str],
    progress: bool = False,
) -> Stop | None:
    """`None` if one more public reply may go to this ticket.

    `day` is the shop's calendar day; `progress`: something has moved on in this turn, so the reply brings news.
    """
    thrown = switches.thrown(connection) | stop
    stopped = guard.kill_switch(thrown, action=None, playbook=playbook or "")
    if stopped is not None:
        return stopped
    return guard.reply_caps(
        in_a_row=0 if progress else writebacks.public_in_a_row(connection, case),
        today=writebacks.public_today(connection, case, day=day),
    )
