"""Says which line to write where a key is missing: with an outcome that the playbook has, and the name of its file.

Called by `read` when everything else was read; the lines themselves are those of the examples in `places`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath

from resolver.playbook.syntax import OutcomeSyntax
from resolver.source.node import MappingNode, Node, ScalarNode
from resolver.source.place import OUTCOME
from resolver.source.problem import Problem


def with_own_names(problems: list[Problem], root: Node, outcomes: Mapping[str, OutcomeSyntax]) -> None:
    """Let the help for missing keys name what this file has: an outcome of its own, and its own name."""
    outcome = next(_leading_to_people(root, outcomes), next(iter(outcomes), ""))
    for place, problem in enumerate(problems):
        if problem.code != "missing-word":
            continue
        help_ = problem.help
        if outcome and f": {OUTCOME}'" in help_:
            help_ = help_.replace(OUTCOME, outcome) + ", or another outcome"
        if problem.message.startswith("'playbook' "):
            help_ = f"write 'playbook: {PurePath(root.where.path).stem}', the name of the file"
        problems[place] = replace(problem, help=help_)


def _leading_to_people(root: Node, outcomes: Mapping[str, OutcomeSyntax]) -> Iterator[str]:
    """Outcomes that are surely right where something went wrong: that of `if_unsure`, then those that hand off."""
    unsure = root.get("if_unsure") if isinstance(root, MappingNode) else None
    if isinstance(unsure, ScalarNode) and unsure.text in outcomes:
        yield unsure.text
    yield from (
        name
        for name, outcome in outcomes.items()
        if any(step.verb.text == "hand_off" for step in outcome.steps)
    )
