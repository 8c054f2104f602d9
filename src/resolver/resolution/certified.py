"""Whether a plan may act at this very moment: its certificate is there and fits. Hashes are compared, nothing proven.

Asked by the gateway before each send. A plan that is loaded needs its file beside the playbooks; one that a newer
version has replaced goes by the certificate it was loaded with, until its runs end or it is withdrawn.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from resolver.connector.manifest import Interfaces
from resolver.playbook.library import Library
from resolver.proof.certificate import Certificate, file_name
from resolver.resolution.plans import Plans
from resolver.store import switches
from resolver.store.database import Connection

_KEPT = "certificate:"


@dataclass(slots=True)
class Certified:
    """Certificates of the folder of playbooks, and those that replaced plans were loaded with."""

    plans: Plans
    interfaces: Interfaces
    folder: Path
    _known: dict[tuple[bytes, str, str], str | None] = field(default_factory=dict)

    async def why_not(self, plan_id: str, policy_id: str) -> str | None:
        """Why no certificate proves this plan with this policy, in a few words; None if one does."""
        library = self.plans.library()
        if plan_id not in library.plans:
            text = await self.plans.database.read(lambda c: switches.kept(c, f"{_KEPT}{plan_id}"))
            return await self._misfit(None if text is None else text.encode(), plan_id, policy_id)
        path = self.folder / file_name(library.plans[plan_id])
        found = await asyncio.to_thread(_content, path)
        why = await self._misfit(found, plan_id, policy_id)
        if why is not None and policy_id != library.policy.id:  # proven anew since the run began
            why = await self._misfit(found, plan_id, library.policy.id)
        return why

    async def keep_all(self, library: Library) -> None:
        """Remember the certificates of the plans that run now, for when newer versions have replaced them."""
        paths = {plan.id: self.folder / file_name(plan) for plan in library.plans.values()}
        found = {plan_id: await asyncio.to_thread(_content, path) for plan_id, path in paths.items()}

        def job(connection: Connection) -> None:
            for plan_id, text in found.items():
                if text is not None and plan_id in library.proven:
                    switches.keep(connection, f"{_KEPT}{plan_id}", text.decode())

        await self.plans.database.write(job)

    async def _misfit(self, text: bytes | None, plan_id: str, policy_id: str) -> str | None:
        if text is None:
            return "there is none for the playbook as it stands"
        key = (text, plan_id, policy_id)
        if key not in self._known:
            certificate = Certificate.from_text(text)
            plan, policy = await self.plans.plan(plan_id), await self.plans.policy(policy_id)
            self._known[key] = (
                "it cannot be read"
                if certificate is None
                else certificate.misfit(plan, policy, self.interfaces)
            )
        return self._known[key]


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
