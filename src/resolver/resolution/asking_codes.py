"""Asking for a one-time code in a turn: the row that says so, written with all runs as they stand before it is sent.

Called by `deciding` where a run comes to a code that is to be sent. What the customer hears does not depend on it.
"""

from resolver.condition.env import Env
from resolver.decision.effects import Performed, Prove
from resolver.decision.guard import Stop
from resolver.gateway.codes import Asking
from resolver.resolution.closing import Closing
from resolver.resolution.orchestrate import Orchestration
from resolver.resolution.resources import Resources
from resolver.store import cases
from resolver.store.cases import Case, Turn
from resolver.store.database import Connection
from resolver.store.vault import SubjectKey


class AskingCodes:
    """Writes the rows of codes."""

    def __init__(self, resources: Resources, closing: Closing) -> None:
        self._resources = resources
        self._closing = closing

    async def ask(
        self, together: Orchestration, effect: Prove, turn: Turn, case: Case, key: SubjectKey, n: int
    ) -> str | None:
        """The id of the row, to be sent next; `None` if a check stopped it (the run knows)."""
        resources, session = self._resources, together.acting
        stop = await session.silenced(effect, progress=together.progress)
        if stop is not None:
            session.draft = session.draft.quiet()
            await together.performed(Performed("stopped", stopped_by=stop.check))
            return None
        facts = session.facts
        holder = await resources.codes.holder(effect, env=Env({}, facts.now, facts.policy.calendar))
        asking = Asking(
            turn=turn.seq,
            n=n,
            case=case.id,
            run=facts.run,
            playbook=session.plan.playbook,
            requester=case.requester,
            staff_stamp=case.staff_stamp or "",
            language=effect.language,
            policy=facts.policy,
        )
        now, draft = resources.clock(), key.seal(together.frozen(key.digest).to_json())

        def job(connection: Connection) -> str | Stop:
            asked = resources.codes.ask(connection, asking, holder, key=key)
            begun = cases.get_turn(connection, turn.seq)
            if isinstance(asked, str) and begun is not None and begun.state == "running":
                self._closing.keep_runs(connection, together, turn, key, case, now=now)
                cases.put_draft(connection, turn.seq, draft, run=facts.run)
            return asked  # of a turn that is over, another worker was quicker: its rows stay as they are

        asked = await resources.database.write(job)
        if isinstance(asked, Stop):
            await together.performed(Performed("stopped", stopped_by=asked.check))
            return None
        for one in together.sessions:
            one.ended = []
        return asked
