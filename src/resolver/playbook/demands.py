"""What a playbook demands of an installation besides its interfaces, as problems at their places in the file.

Called by `lint`, and by `check` for its own words. Pure.
"""

from collections.abc import Iterator

from resolver.errors import Where
from resolver.playbook.plan import Identify, Plan
from resolver.source.problem import Problem
from resolver.ticket import Level


def asks_for_codes(plan: Plan) -> bool:
    """Whether some ticket of this playbook needs a one-time code, whatever channel it came by."""
    return plan.identify is Level.CODE or any(True for _ in _steps(plan))


def without_codes(plan: Plan, path: str, text: str) -> Iterator[Problem]:
    """Where the playbook asks for a code; for an installation none of whose connections sends any."""
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines, start=1) if line.startswith("identify:")]
    for number in (*(places if plan.identify is Level.CODE else ()), *_steps(plan)):
        line = lines[number - 1] if 0 < number <= len(lines) else ""
        column = max(0, line.find("code", line.find("identify:") + len("identify:")))
        yield Problem(
            "no-codes",
            "no connection sends codes, so every ticket that comes here goes to a person",
            Where(path, number, column + 1),
            len("code"),
            help="add a connection whose connector says 'sends: [code]', such as mail",
            severity="note",
        )


def _steps(plan: Plan) -> Iterator[int]:
    """The lines of the steps that ask for a code."""
    for steps in plan.outcomes.values():
        yield from (step.line for step in steps if isinstance(step, Identify) and step.level is Level.CODE)
