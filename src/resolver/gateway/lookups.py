"""Reading records for a decision: through the bound connection, typed by the interface, owned by the requester.

Called by resolution for every look-up a run needs, and by the gateway itself before it sends.
"""

from collections.abc import Mapping

from resolver.condition.env import Env
from resolver.condition.values import RecordValue, Unknown, Value, normal_email
from resolver.connector.interface import LookUpSpec, Unusable, read_record
from resolver.connector.registry import Connections
from resolver.decision.effects import Found, LookUpFailed, Missing
from resolver.errors import NotFound, Refused, Unavailable
from resolver.errors import Unknown as UnknownOutcome
from resolver.gateway.wire import to_connector, to_ledger


class LookUps:
    """All look-ups of an installation. Nothing here writes, or tries again beyond the connector's own tries."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def spec(self, name: str) -> LookUpSpec | None:
        """What an interface says of a look-up; None if none here has it."""
        return self._connections.interfaces.look_up(name)

    async def read(
        self, name: str, arguments: Mapping[str, Value], *, email: str | None, env: Env
    ) -> Found | Missing | LookUpFailed:
        """The record, if it exists and is this requester's; `env` brings time and calendar.

        A record that belongs to somebody else is `Missing`: the two are never told apart. A source that is down
        raises `Unavailable`: the turn comes back later instead of deciding on a gap.
        """
        spec = self._connections.interfaces.look_up(name)
        if spec is None:
            return LookUpFailed(f"no interface offers {name}")
        ledger = to_ledger({key: value for key, value in arguments.items() if not isinstance(value, Unknown)})
        return await self.read_again(name, ledger, email=email, env=env)

    async def read_again(
        self, name: str, ledger: Mapping[str, object], *, email: str | None, env: Env
    ) -> Found | Missing | LookUpFailed:
        """The same, from arguments as the ledger stores them."""
        found = await self._read(name, ledger, env=env)
        spec = self._connections.interfaces.look_up(name)
        if spec is None or not isinstance(found, Found) or _owned(spec, found.record, email):
            return found
        return Missing()

    async def read_whoever_owns_it(
        self, name: str, arguments: Mapping[str, Value], *, env: Env
    ) -> Found | Missing | LookUpFailed:
        """The record, whosever it is: only to find out who a customer is, never for a run."""
        return await self._read(name, to_ledger(arguments), env=env)

    async def _read(
        self, name: str, ledger: Mapping[str, object], *, env: Env
    ) -> Found | Missing | LookUpFailed:
        spec = self._connections.interfaces.look_up(name)
        if spec is None:
            return LookUpFailed(f"no interface offers {name}")
        backend = self._connections.backend_for(name)
        try:
            raw = await backend.look_up(name, to_connector(spec.takes, ledger))
        except NotFound:
            return Missing()
        except Unavailable:
            raise
        except (Refused, UnknownOutcome) as error:
            return LookUpFailed(error.problem)
        interface = self._connections.interfaces.bound[name.partition(".")[0]].interface
        record = read_record(interface, spec.gives.name, raw, env)
        if isinstance(record, Unusable):
            return LookUpFailed(record.problem)
        return Found(record, env.now)


def _owned(spec: LookUpSpec, record: RecordValue, email: str | None) -> bool:
    """Whether the record's owner field is the requester's own address; nothing is folded towards equality."""
    owner = spec.gives.owner
    if owner in ("", "nobody"):
        return True
    whose = record.fields.get(owner)
    return isinstance(whose, str) and email is not None and normal_email(whose) == normal_email(email)
