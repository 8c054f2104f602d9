"""Trying an offer before anybody is asked: natively where the backend can, or by reading; nothing is ever moved.

Called by resolution while a run decides, in every mode: in `shadow` it is all that goes out. What cannot be tried is
asked and done as if there were no dry run.
"""

from collections.abc import Mapping

from resolver.condition.values import Value
from resolver.connector.registry import Connections
from resolver.decision import guard
from resolver.decision.effects import DryRun, Performed
from resolver.errors import Refused, Unavailable, Unknown
from resolver.gateway.wire import to_connector, to_ledger
from resolver.playbook.plan import Do, Plan


def can_be_tried(connections: Connections, plan: Plan) -> tuple[str, ...]:
    """The plan's actions that the connection bound to them can try, sorted."""
    steps = (step for line in plan.outcomes.values() for step in line if isinstance(step, Do))
    return tuple(sorted({step.action for step in steps if _tries(connections, step.action)}))


async def tries(
    connections: Connections, effect: DryRun, *, playbook: str, thrown: frozenset[str]
) -> Performed:
    """Whether the action would go: `done`, `refused` with its code, or `unknown` where it could not be tried.

    `thrown` are the switches that are pulled: an action that is stopped is not tried either.
    """
    spec = connections.interfaces.action(effect.action)
    narrowing = connections.interfaces.narrowing(effect.action)
    stopped = guard.kill_switch(thrown, action=effect.action, playbook=playbook)
    if spec is None or narrowing is None or stopped is not None or not _tries(connections, effect.action):
        return Performed("unknown")
    arguments: Mapping[str, Value] = effect.arguments
    try:
        sent = to_connector(spec.takes, to_ledger(arguments))
        await connections.backend_for(effect.action).dry_run(effect.action, sent)
    except Refused as no:
        return Performed("refused", code=no.code if no.code in narrowing.refuses else None)
    except (Unavailable, Unknown):
        return Performed("unknown")
    return Performed("done")


def _tries(connections: Connections, action: str) -> bool:
    narrowing = connections.interfaces.narrowing(action)
    return narrowing is not None and narrowing.dry_run != "none"
