"""`resolver lint --explain`: behind the problems, what the playbooks come to, for an author who thinks in days.

Days beside each rule that counts them, what silence does, and how the ticket ends in each outcome.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.installation import configuration
from resolver.cli.linting import ERRORS_FOUND, judged, tell
from resolver.cli.screen import say, working
from resolver.cli.testing import playbooks_named

if TYPE_CHECKING:
    from resolver.playbook.plan import Plan
    from resolver.playbook.policy import Policy


def lint_aloud(paths: Sequence[Path], config_path: Path | None, *, now: datetime) -> int:
    """Print the problems, and if there is no error, every playbook in plain sentences; 1 if there is one."""
    with working("Reading playbooks"):
        found = judged(paths, config_path)
    tell(found)
    if any(problem.severity == "error" for one in found for problem in one.problems):
        return ERRORS_FOUND
    named = [str(path) for path in paths]
    for _, library, plans in playbooks_named(named, configuration(config_path)):
        for plan in plans:
            say("", *_lines(plan, library.policy, now))
    return 0


def _lines(plan: "Plan", policy: "Policy", now: datetime) -> Iterator[str]:
    from resolver.playbook.due import due_days

    yield f"{plan.playbook}: {plan.title}"
    for one in due_days(plan, policy.calendar, policy.calendar.day_of(now)):
        yield f"  rule {one.rule}: '{one.condition}'"
        yield f"    {one.sentence}"
    days = policy.patience.days
    quiet = f"goes to '{plan.if_silent}'" if plan.if_silent else "stays as it is, nothing is sent"
    yield f"  A question that nobody answers for {days} day{'' if days == 1 else 's'}: the ticket {quiet}."
    for name, steps in plan.outcomes.items():
        yield f"  outcome {name}: {_ending(steps, policy)}"


def _ending(steps: "Sequence[object]", policy: "Policy") -> str:
    """What becomes of the ticket at the end of an outcome."""
    from resolver.playbook.plan import Go, HandOff, SetTicket, Start

    last = steps[-1]
    if isinstance(last, HandOff):
        return f"the ticket goes open to {policy.queues.get(last.queue, last.queue)}, to a person"
    if isinstance(last, Go):
        return f"goes on with {last.outcome}"
    if isinstance(last, Start):
        return f"playbook {last.playbook} takes over"
    statuses = [one.status for one in steps if isinstance(one, SetTicket) and one.status]
    status = statuses[-1] if statuses else policy.status_at_end
    return f"the ticket becomes {status.value}"
