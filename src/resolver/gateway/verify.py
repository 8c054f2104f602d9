"""Reading back by a condition: a manifest says `verify: order.status is cancelled`, and records read again answer it.

Used by `send` for an effect in doubt or pending whose connector has no read-back of its own. It only reads.
"""

from resolver.condition.env import Env
from resolver.condition.evaluate import Compiled
from resolver.connector.action import ReadBack, Seen
from resolver.connector.interface import ActionSpec
from resolver.connector.manifest import Interfaces
from resolver.decision.guard import Stop
from resolver.gateway.fresh import Sealed, arguments_now
from resolver.gateway.lookups import LookUps


async def verified(
    holds: Compiled, spec: ActionSpec, sealed: Sealed, *, look_ups: LookUps, interfaces: Interfaces, env: Env
) -> ReadBack:
    """Whether the condition holds now. `Unavailable` passes through; what is unknown or gone cannot tell."""
    arguments = await arguments_now(spec, sealed, look_ups=look_ups, interfaces=interfaces, env=env)
    if isinstance(arguments, Stop):
        return ReadBack(Seen.CANNOT_TELL)
    answer = holds.call(Env(arguments, env.now, env.calendar))
    if answer is True:
        return ReadBack(Seen.DONE)
    return ReadBack(Seen.NOT_DONE if answer is False else Seen.CANNOT_TELL)
