"""A case: the runs of one ticket, in order. This release performs one of them.

Used where several runs' endings become one ticket's; types and orderings only.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from resolver.decision.effects import Disposition, SetTicket, Wait
from resolver.decision.facts import Facts
from resolver.playbook.policy import Policy
from resolver.ticket import Status

_FIRST: tuple[Disposition, ...] = (
    "failed", "handed_off", "no_reply", "declined", "withdrawn", "resolved", "answered",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """The runs of one ticket, in the order they were opened."""

    runs: tuple[Facts, ...]

    @property
    def disposition(self) -> Disposition | None:
        """How the ticket ended: the first of the endings that outranks the others; None while a run goes on."""
        if any(run.stage != "ended" for run in self.runs):
            return None
        ended = {run.disposition for run in self.runs}
        return next((word for word in _FIRST if word in ended), None)


def merged(changes: Iterable[SetTicket]) -> SetTicket:
    """Several ticket steps as one: the last writer of each field wins, tags add up."""
    whole = SetTicket("")
    for one in changes:
        whole = SetTicket(
            step=one.step,
            status=one.status or whole.status,
            priority=one.priority or whole.priority,
            queue=one.queue or whole.queue,
            add_tags=tuple(
                dict.fromkeys((*(tag for tag in whole.add_tags if tag not in one.remove_tags), *one.add_tags))
            ),
            remove_tags=tuple(
                dict.fromkeys(
                    (*(tag for tag in whole.remove_tags if tag not in one.add_tags), *one.remove_tags)
                )
            ),
            fields={**whole.fields, **one.fields},
        )
    return whole


def status_of(facts: Facts, policy: Policy, *, said: bool, wait: Wait | None = None) -> Status | None:
    """The ticket's status after a turn if no ticket step says one; None leaves it. `said`: a text went out."""
    if wait is not None:
        return Status.PENDING if wait.for_ == "customer" else Status.OPEN
    if facts.disposition == "handed_off":
        return Status.OPEN
    if facts.stage == "ended" and facts.disposition not in (None, "no_reply") and said:
        return policy.status_at_end
    return None
