"""Which plan and policy a run goes by: those that run now for new runs, the pinned ones for runs under way."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from resolver.errors import Malformed
from resolver.playbook.library import Library
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Policy
from resolver.store import runs
from resolver.store.database import Connection, Database


@dataclass(slots=True)
class Plans:
    """Finds plans and policies by hash. `rebuild_*` turn a stored document into what it was."""

    database: Database
    library: Callable[[], Library]
    rebuild_plan: Callable[[str], Plan]
    rebuild_policy: Callable[[str], Policy]
    _plans: dict[str, Plan] = field(default_factory=dict)
    _policies: dict[str, Policy] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)  # what is surely stored: by a transaction that is committed

    async def plan(self, plan_id: str) -> Plan:
        """The plan with this hash. `Malformed` if it was never stored."""
        current = self.library().plans.get(plan_id)
        if current is not None:
            return current
        if plan_id not in self._plans:
            document = await self.database.read(lambda c: runs.plan_document(c, plan_id))
            self._plans[plan_id] = self.rebuild_plan(_stored(document, "plan", plan_id))
        return self._plans[plan_id]

    async def policy(self, policy_id: str) -> Policy:
        """The policy with this hash. `Malformed` if it was never stored."""
        current = self.library().policy
        if current.id == policy_id:
            return current
        if policy_id not in self._policies:
            document = await self.database.read(lambda c: runs.policy_document(c, policy_id))
            self._policies[policy_id] = self.rebuild_policy(_stored(document, "policy", policy_id))
        return self._policies[policy_id]

    async def policy_now(self, policy_id: str) -> Policy:
        """The policy a run is pinned to, with the kill switch of the policy that is in force now."""
        policy, now = await self.policy(policy_id), self.library().policy
        return policy if policy is now else replace(policy, stop=now.stop)

    async def newest(self, playbook: str) -> Plan | None:
        """The version of a playbook that was stored last, where it is not in the folder any more."""
        kept = await self.database.read(runs.kept_plans)
        found = [one.id for one in kept if one.playbook == playbook]
        return await self.plan(found[-1]) if found else None

    async def keep_all(self, library: Library, *, now: datetime) -> None:
        """Store every plan of the library and the policy, so that no run has to."""

        def job(connection: Connection) -> None:
            for plan in library.plans.values():
                self.keep(connection, plan, library.policy, now=now)

        await self.database.write(job)
        self._kept |= {*library.plans, library.policy.id}

    def keep(self, connection: Connection, plan: Plan, policy: Policy, *, now: datetime) -> None:
        """Store plan and policy of a run that begins, so that it can end by them whatever is loaded later."""
        if plan.id in self._kept and policy.id in self._kept:
            return
        runs.keep_plan(connection, plan.id, playbook=plan.playbook, document=plan.document, now=now)
        runs.keep_policy(connection, policy.id, document=policy.document, now=now)


def _stored(document: str | None, kind: str, name: str) -> str:
    if document is None:
        raise Malformed(f"The {kind} {name[:12]} is not stored.", remedy="restore the backup it belongs to")
    return document
