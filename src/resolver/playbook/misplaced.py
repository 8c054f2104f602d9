"""Says of a key that stands too far left or right, in a file that is YAML all the same, where it belongs.

Called by `read` when everything was read: a key at the margin is no key of a playbook, and one that stands deeper is
missing there.
"""

from collections.abc import Iterator
from dataclasses import replace

from resolver.playbook.places import HANDLES, LOOK_UP, REPLY, RULE, SLOT, TOP
from resolver.playbook.step_places import VERBS
from resolver.source.node import Entry, MappingNode, Node, SequenceNode
from resolver.source.problem import Problem

_DEEPER = frozenset(
    name
    for place in (HANDLES, SLOT, LOOK_UP, RULE, REPLY, *(verb.place for verb in VERBS.values()))
    for name in place.names
) - frozenset(TOP.names)


def with_places(problems: list[Problem], root: Node) -> None:
    """Let the help for unknown and missing keys of a playbook name the line they stand in, or belong below."""
    if not isinstance(root, MappingNode):
        return
    at_margin = {entry.key.where: entry.key.text for entry in root.entries}
    for place, problem in enumerate(problems):
        if problem.code == "unknown-word" and at_margin.get(problem.where) in _DEEPER:
            above = _last_above(root, problem.where.line)
            if above is not None and above.key.where.column > 1:
                below = f"'{above.key.text}:' in line {above.key.where.line}"
                help_ = f"this stands at the margin; move it to the right, below {below}"
                problems[place] = replace(problem, help=help_, instead="")
        if problem.code == "missing-word" and problem.where == root.where:
            name = problem.message.split("'")[1] if "'" in problem.message else ""
            deeper = next((one for one in _entries(root) if one.key.text == name), None)
            if deeper is not None and name in TOP.names:
                line = deeper.key.where.line
                help_ = f"'{name}:' in line {line} stands too far right; move it to the margin"
                problems[place] = replace(problem, help=help_)


def _last_above(root: Node, line: int) -> Entry | None:
    above = [entry for entry in _entries(root) if entry.key.where.line < line]
    return max(above, key=lambda entry: (entry.key.where.line, -entry.key.where.column), default=None)


def _entries(node: Node) -> Iterator[Entry]:
    """Every key of a file with its value, however deep."""
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from _entries(item)
    elif isinstance(node, MappingNode):
        for entry in node.entries:
            yield entry
            yield from _entries(entry.value)
