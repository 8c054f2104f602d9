"""Reads what an action comes to in a test case: `done`, `pending`, `unknown`, `refused`, with a code or a result.

Used by `testfile` for `results:` and `settles:`. `undo ACTION` means taking back what that action did.
"""

from typing import Any

from resolver.condition.storage import read_value
from resolver.condition.values import Unknown, Value
from resolver.decision.effects import Performed
from resolver.decision.outline import outline_of
from resolver.decision.testplaces import RESULTS
from resolver.decision.testvalue import ValueReader
from resolver.playbook.plan import Plan
from resolver.source.node import MappingNode, Node, ScalarNode
from resolver.source.problem import Problem
from resolver.source.reader import (
    read_entries,
    read_one_of,
    read_scalar,
    unknown_word,
    wrong_kind,
)


class ResultReader:
    """Results by action, read in the types that the plan's interfaces declare."""

    def __init__(self, plan: Plan, values: ValueReader, problems: list[Problem]) -> None:
        steps = outline_of(plan).actions.values()
        self._records = plan.records
        self._values = values
        self._problems = problems
        self._gives = {step.action: step.spec.gives for step in steps} | {
            f"undo {step.action}": {} for step in steps if step.undo is not None and not step.keep
        }

    def each(self, node: Node | None) -> dict[str, Performed]:
        """`ACTION: RESULT` for any number of actions."""
        found = {}
        for entry in read_entries(node, self._problems) if node else ():
            performed = self.one(entry.key, entry.value)
            if performed is not None:
                found[entry.key.text] = performed
        return found

    def one(self, action: ScalarNode, node: Node) -> Performed | None:
        """What an action comes to; None, and a problem, if there is no such action or result."""
        if action.text not in self._gives:
            self._problems.append(unknown_word(action, self._gives))
            return None
        if isinstance(node, MappingNode):
            return self._with_more(action.text, node)
        word = read_one_of(node, RESULTS, self._problems)
        if word in ("done", "pending"):
            return Performed("done" if word == "done" else "pending", external_id="test")
        if word is None:
            return None
        return Performed("unknown") if word == "unknown" else Performed("refused")

    def _with_more(self, action: str, node: MappingNode) -> Performed | None:
        """`refused: CODE`, or `done: {NAME: VALUE}` with what the action gives."""
        entries = read_entries(node, self._problems)
        if len(entries) == 1 and entries[0].key.text == "refused":
            code = read_scalar(entries[0].value, self._problems)
            return None if code is None else Performed("refused", code=code.text)
        if len(entries) == 1 and entries[0].key.text == "done":
            return Performed("done", external_id="test", gives=self._given(action, entries[0].value))
        self._problems.append(
            wrong_kind(node, "done, pending, unknown, 'refused: CODE' or 'done: {NAME: VALUE}'")
        )
        return None

    def _given(self, action: str, node: Node) -> dict[str, Value]:
        declared = self._gives[action]
        found: dict[str, Value] = {}
        for entry in read_entries(node, self._problems):
            field = declared.get(entry.key.text)
            if field is None:
                self._problems.append(unknown_word(entry.key, declared))
                continue
            raw: Any = self._values.read(field.type, entry.value)
            value = read_value(field.type, raw, self._records, name=entry.key.text)
            if not isinstance(value, Unknown):
                found[entry.key.text] = value
        return found
