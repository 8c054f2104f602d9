"""What a message without an open question leads to: one playbook, people, or nothing. Pure.

Called by `deciding` with everything that was understood of the new messages.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from resolver.playbook.library import Library
from resolver.playbook.plan import Mode, Plan
from resolver.reading import Reading


@dataclass(frozen=True, slots=True)
class Opens:
    """This playbook gets a run, in this mode; `why_lower` says why the mode is lower than the playbook's own."""

    plan: Plan
    mode: Mode
    why_lower: str | None = None


@dataclass(frozen=True, slots=True)
class ForPeople:
    """The default queue gets the ticket; `reason` for measures, `summary` heads the note."""

    reason: str
    summary: str


@dataclass(frozen=True, slots=True)
class Leave:
    """A thank-you, a greeting, a yes to nothing: nothing is written, the ticket goes back to its status."""


def opening(
    readings: Sequence[Reading], library: Library, *, ceiling: Mode, sandboxed: bool, ticket: str, salt: str
) -> Opens | ForPeople | Leave:
    """Decide what new messages open. Two requests in one message go to people until several can be handled."""
    intents = list(dict.fromkeys(score.intent for reading in readings for score in reading.intents))
    moves = {move for reading in readings for move in reading.moves}
    if "wants_person" in moves:
        return ForPeople("wants_person", "The customer asks for a person.")
    if not intents and moves and moves <= {"nothing", "yes", "no"}:
        return Leave()
    if len(intents) > 1:
        named = " and ".join(intents)
        return ForPeople("several_requests", f"Several requests in one message: {named}.")
    plan = (library.by_intent.get(intents[0]) if intents else None) or library.anything_else
    if plan is None and intents:
        return ForPeople("no_playbook", f"No playbook handles {intents[0]}.")
    if plan is None:
        return ForPeople("not_understood", "No playbook handles this request.")
    may_act = sandboxed or plan.id in library.proven
    mode, why = _mode(plan, ceiling=ceiling, may_act=may_act, ticket=ticket, salt=salt)
    if mode is Mode.OFF:
        return ForPeople("off", f"The playbook {plan.playbook} is switched off.")
    return Opens(plan, mode, why)


def _mode(plan: Plan, *, ceiling: Mode, may_act: bool, ticket: str, salt: str) -> tuple[Mode, str | None]:
    """The lower of the playbook's mode (by its rollout) and the connection's ceiling (LANGUAGE 13)."""
    mode, why = plan.mode, None
    if not _in_share(plan, ticket, salt):
        mode, why = list(Mode)[max(0, mode.rank - 1)], f"outside the rollout of {plan.rollout:%}"
    if ceiling.rank < mode.rank:
        mode, why = ceiling, f"the connection's mode is {ceiling}"
    if mode is Mode.AUTO and not may_act:
        mode, why = Mode.SHADOW, "auto needs a certificate that fits: run 'resolver prove'"
    if mode is Mode.SUGGEST:
        mode, why = Mode.SHADOW, "suggest is not supported in this release"
    return mode, why


def _in_share(plan: Plan, ticket: str, salt: str) -> bool:
    """Stable per ticket: the first 8 bytes of sha256 as a fraction, below the share."""
    if plan.rollout >= 1:
        return True
    digest = hashlib.sha256(f"{plan.playbook}|{salt}|{ticket}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < int(plan.rollout * 2**64)
