"""What came back from an effect, as the engine takes it: the durable step's answer, and what the ledger keeps of it.

Used by `deciding`. A step's answer names no person, so what an action gave is read from where it lies sealed.
"""

from collections.abc import Mapping

import msgspec

from resolver.condition.values import Value
from resolver.decision.effects import Performed
from resolver.durable.workflow import Json
from resolver.gateway.answer import Answer
from resolver.gateway.given import given
from resolver.resolution.resources import Resources
from resolver.store import ledger
from resolver.store.database import Connection


async def came_back(resources: Resources, answer: Json, *, effect: str, action: str) -> Performed:
    """The answer of a step that performed the ledger's entry `effect`, with what the action gave."""
    if not isinstance(answer, dict):
        raise LookupError("a step gave no answer")
    told = msgspec.convert(answer, Answer)
    state = "pending" if told.state == "later" else told.state
    came = Performed(state, code=told.code, external_id=told.external_id, stopped_by=told.stopped_by)
    interfaces = resources.connections.interfaces
    spec = interfaces.action(action)
    if state != "done" or spec is None or not spec.gives:
        return came

    def job(connection: Connection) -> Mapping[str, Value]:
        entry = ledger.get(connection, effect)
        return {} if entry is None else given(connection, resources.vault, interfaces, entry)

    gives = await resources.database.read(job)
    return Performed("done", external_id=told.external_id, gives=gives)
