"""A certificate: the file beside the playbooks that says a plan was proven, and with what.

Written by `resolver prove`, read at start. Reading compares hashes only and needs no prover: what the proof rested on
(interfaces, what connectors narrow, the policy's structure) is the same as then, or the certificate counts as none.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resolver.connector.manifest import Interfaces
from resolver.playbook.library import Library
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Policy
from resolver.source.document import canonical, sha256_of

FOLDER = ".certificates"
"""Where certificates lie, inside the folder of playbooks."""
LANGUAGE = 1
PROPERTIES = tuple(f"P{number}" for number in range(1, 15))
"""What must hold before a playbook may act (LANGUAGE 14)."""
_RULES = re.compile(r"rules (?P<with>\d+)/(?P<all>\d+)(?:,|$)")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proven of one plan. `bindings`: the hash of each set of connectors it was proven with → their names."""

    plan: str
    playbook: str
    properties: tuple[str, ...]
    policy: str
    prover: str
    coverage: str
    bindings: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """The certificate as plain data, as the file has it."""
        return {
            "certificate": 1,
            "language": LANGUAGE,
            "playbook": self.playbook,
            "plan": self.plan,
            "properties": list(self.properties),
            "policy": self.policy,
            "bindings": dict(sorted(self.bindings.items())),
            "coverage": self.coverage,
            "prover": self.prover,
        }

    @classmethod
    def from_text(cls, text: str | bytes) -> "Certificate | None":
        """The certificate of a file; None if it is none that this release can read."""
        try:
            data = json.loads(text)
            if data["certificate"] != 1 or data["language"] != LANGUAGE:
                return None
            return cls(
                str(data["plan"]),
                str(data["playbook"]),
                tuple(str(one) for one in data["properties"]),
                str(data["policy"]),
                str(data["prover"]),
                str(data["coverage"]),
                {str(key): str(value) for key, value in data["bindings"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def missing(self) -> tuple[str, ...]:
        """The properties it does not prove; with one of them missing it counts as none."""
        return tuple(one for one in PROPERTIES if one not in self.properties)

    def covered(self) -> bool:
        """Whether every rule that a ticket can come to had a test."""
        told = _RULES.match(self.coverage)
        return told is not None and told["with"] == told["all"]

    def misfit(self, plan: Plan, policy: Policy, interfaces: Interfaces) -> str | None:
        """Why it does not prove this plan here, in a few words; None if it does."""
        if self.plan != plan.id:
            return "it is of another version"
        if self.missing():
            return f"it does not prove {', '.join(self.missing())}"
        if not self.covered():
            return "rules are without a test"
        if self.policy != structure_of(policy):
            return "the policy's structure changed since"
        if binding_of(plan, interfaces)[0] not in self.bindings:
            return "an interface or a connector changed since"
        return None


def file_name(plan: Plan) -> str:
    """The certificate's file inside the folder of playbooks."""
    return f"{FOLDER}/{plan.id}.json"


def structure_of(policy: Policy) -> str:
    """The hash of a policy's names: a changed amount needs no new proof, a changed rule of who and when does."""
    actions = {
        name: {
            "approval_above": dict(one.approval_above),
            "caps": [bool(one.per_ticket), bool(one.per_customer_and_day), bool(one.per_day)],
            "identity": one.identity.value,
        }
        for name, one in policy.actions.items()
    }
    return sha256_of(
        canonical(
            {
                "actions": actions,
                "confirm_always": policy.confirm_always,
                "customer_fields": {name: str(one.type) for name, one in policy.customer_fields.items()},
                "limits": sorted(policy.limits),
                "matched_may_see": policy.matched_may_see,
                "queues": sorted(policy.queues),
                "teams": {name: team.four_eyes for name, team in policy.teams.items()},
                "trust_email": policy.trust_email,
                **({"account": policy.account} if policy.account else {}),
            }
        )
    )


def binding_of(plan: Plan, interfaces: Interfaces) -> tuple[str, str]:
    """The hash of everything a plan's interfaces and their connectors promise here, and `shop = demo_shop` to read."""
    used = sorted(json.loads(plan.document)["interfaces"])
    bound = {name: interfaces.bound[name] for name in used if name in interfaces.bound}
    narrowing = {
        name: {
            "interface": one.interface.id,
            "connector": one.manifest.connector,
            "actions": {
                action: repr(found)
                for action, found in sorted(one.manifest.actions.items())
                if action.partition(".")[0] == name
            },
        }
        for name, one in bound.items()
    }
    words = ", ".join(f"{name} = {one.manifest.connector}" for name, one in bound.items())
    return sha256_of(canonical(narrowing)), words


def proven_plans(library: Library, interfaces: Interfaces, files: Sequence[bytes]) -> frozenset[str]:
    """The plans of a library that a certificate among the files proves as things are here."""
    found = [one for one in map(Certificate.from_text, files) if one is not None]
    return frozenset(
        one.plan
        for one in found
        if one.plan in library.plans
        and one.misfit(library.plans[one.plan], library.policy, interfaces) is None
    )
