"""Plans for proofs: the policy and interfaces of the engine's own tests."""

from tests.decision.conftest import make

__all__ = ["make"]
