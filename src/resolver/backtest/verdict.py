"""What a version's result means: whether it agrees with the agents, and how two versions differ.

Used by `tally`. A ticket that a playbook leaves to people, or asks about, is compared with nothing: nobody knows how
it would have ended.
"""

from collections.abc import Mapping
from typing import Literal

from resolver.backtest.playing import Played
from resolver.backtest.ticket import Agents, Done

Verdict = Literal[
    "agrees",
    "left to people",
    "only agents acted",
    "only the playbook acted",
    "another action",
    "another amount",
    "another disposition",
    "another queue",
]


def verdict(played: Played, agents: Agents, queues: Mapping[str, str]) -> Verdict:
    """The first thing in which they differ. `queues`: the policy's names → the helpdesk's, both are understood."""
    if played.disposition is None:
        return "left to people"
    if played.disposition == "handed_off" and not played.done:
        return _handed_off(played, agents, queues)
    return _acts(played, agents) or _ending(played, agents)


def _handed_off(played: Played, agents: Agents, queues: Mapping[str, str]) -> Verdict:
    """Only where the first agent handed the ticket on, too, can anything be said."""
    if agents.disposition != "handed_off":
        return "left to people"
    if agents.done:
        return "only agents acted"
    return (
        "agrees" if agents.queue in (None, played.queue, queues.get(played.queue or "")) else "another queue"
    )


def _acts(played: Played, agents: Agents) -> Verdict | None:
    if played.done == agents.done:
        return None
    if not played.done:
        return "only agents acted"
    if not agents.done:
        return "only the playbook acted"
    ours, theirs = sorted(played.done, key=_by_name), sorted(agents.done, key=_by_name)
    if [action for action, _ in ours] != [action for action, _ in theirs]:
        return "another action"
    same = all(told in (None, paid) for (_, paid), (_, told) in zip(ours, theirs, strict=True))
    return None if same else "another amount"


def _by_name(done: Done) -> tuple[str, str]:
    action, pays = done
    return action, str(pays)


def _ending(played: Played, agents: Agents) -> Verdict:
    return "agrees" if agents.disposition in (None, played.disposition) else "another disposition"


def changed(before: Played, after: Played) -> tuple[str, str] | None:
    """How two versions differ on a ticket, as the two outcomes; None if in nothing that anybody would notice."""
    if before.outcome != after.outcome:
        return before.outcome, after.outcome
    if before.done != after.done:
        return before.outcome, f"{after.outcome} with other actions or amounts"
    if (before.disposition, before.queue) != (after.disposition, after.queue):
        return before.outcome, f"{after.outcome} with another ending or queue"
    return None
