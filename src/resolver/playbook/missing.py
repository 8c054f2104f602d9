"""Says which line to write where a key is missing: with an outcome, slots and the name that this very file has.

Called by `read` when everything else was read; the lines themselves are those of the examples in `places`.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from resolver.playbook.syntax import PlaybookSyntax, StepSyntax
from resolver.source.place import OUTCOME
from resolver.source.problem import Problem

_NEW = "hand_over"
_MOST_NAMED = 2


def with_own_names(problems: list[Problem], playbook: PlaybookSyntax) -> None:
    """Let the help for missing keys name what this file has: an outcome that hands off, its slots, its own name."""
    outcome = next(_leading_to_people(playbook), "")
    for place, problem in enumerate(problems):
        if problem.code != "missing-word":
            continue
        help_ = problem.help
        if f": {OUTCOME}'" in help_:
            others = "another outcome" + (" that hands off" if "'if_unsure" in help_ else "")
            new = f"and below 'outcomes:' an outcome '{_NEW}' with a step 'hand_off: default'"
            help_ = help_.replace(OUTCOME, outcome or _NEW) + (f", or {others}" if outcome else f", {new}")
        if problem.message.startswith("'playbook' "):
            help_ = f"write 'playbook: {PurePath(playbook.where.path).stem}', the name of the file"
        if problem.message.startswith("'summary' "):
            help_ = f"write '{_summary(playbook)}'"
        problems[place] = replace(problem, help=help_)


def _leading_to_people(playbook: PlaybookSyntax) -> Iterator[str]:
    """Outcomes that are surely right where something went wrong: that of `if_unsure`, then those that only hand off."""
    unsure = playbook.if_unsure
    if unsure is not None and unsure.text in playbook.outcomes:
        yield unsure.text
    for name, outcome in playbook.outcomes.items():
        if outcome.steps and _only_hands_off(outcome.steps):
            yield name


def _only_hands_off(steps: tuple[StepSyntax, ...]) -> bool:
    *before, last = (step.verb.text for step in steps)
    return last == "hand_off" and all(verb == "ticket" for verb in before)


def _summary(playbook: PlaybookSyntax) -> str:
    """What colleagues read first: what the playbook is called, and what was asked for."""
    named = ", ".join(f"{{{slot.name.text}}}" for slot in playbook.slots[:_MOST_NAMED])
    title = playbook.title if not set(playbook.title) & set("\"'{}\\") else ""
    return f'summary: "{": ".join(part for part in (title, named) if part) or "What the customer wants."}"'
