"""Checks how an interface says that an action is undone: by an action it has, with all that one takes.

Called by `interface_reader` for a whole file. What is undone runs when something has just gone wrong: no time to find
a typo.
"""

from collections.abc import Sequence

from resolver.condition.check import check_value
from resolver.condition.scope import Scope
from resolver.condition.types import Field, Records
from resolver.connector.interface import ActionSpec
from resolver.source.name import nearest
from resolver.source.node import Entry, MappingNode, Node
from resolver.source.problem import Problem


def check_undo(
    actions: Sequence[ActionSpec | None], entries: Sequence[Entry], records: Records, problems: list[Problem]
) -> None:
    """Report an `undo` that is no action of the file, and an `undo_with` that does not fit what it takes."""
    known = {action.name: action for action in actions if action}
    for action, entry in zip(actions, entries, strict=False):
        if action is None or action.undo is None:
            continue
        undo = known.get(action.undo)
        if undo is None:
            place = _part(entry, "undo")
            message = f"no interface has '{action.undo}'"
            problems.append(
                Problem("unknown-action", message, place.where, place.length, "write an action or 'none'")
            )
        else:
            _check_arguments(action, undo, entry, records, problems)


def _check_arguments(
    action: ActionSpec, undo: ActionSpec, entry: Entry, records: Records, problems: list[Problem]
) -> None:
    scope = Scope({name: Field(one.type, one.may_be_missing) for name, one in action.takes.items()}, records)
    for name, value in action.undo_with.items():
        if name in undo.takes:
            needs = f"{undo.name} needs {{}} for '{name}'"
            check_value(value.checked.expression, scope, undo.takes[name].type, problems, needs=needs)
            continue
        near = nearest(name, undo.takes)
        remedy = f"did you mean '{near}'?" if near else f"it takes: {', '.join(undo.takes)}"
        place = _argument(entry, name)
        message = f"{undo.name} takes no '{name}'"
        problems.append(Problem("unknown-argument", message, place.where, place.length, remedy))
    for name, one in undo.takes.items():
        if name not in action.undo_with and not one.may_be_missing:
            place = _part(entry, "undo")
            message = f"{undo.name} needs '{name}'"
            remedy = f"say what it is under 'undo_with:' of {action.name}, from the values before"
            problems.append(Problem("missing-argument", message, place.where, place.length, remedy))
            return


def _part(entry: Entry, key: str) -> Node:
    """The value of this key of an action, or the action's own name."""
    node = entry.value.get(key) if isinstance(entry.value, MappingNode) else None
    return node or entry.key


def _argument(entry: Entry, name: str) -> Node:
    """The name of an argument under `undo_with`."""
    node = _part(entry, "undo_with")
    found = node.entries if isinstance(node, MappingNode) else ()
    return next((one.key for one in found if one.key.text == name), node)
