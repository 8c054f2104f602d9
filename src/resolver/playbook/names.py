"""What was found out about the names, expressions and texts of one playbook.

Made by `resolve`, read by the checks and by whoever builds the plan. What could not be read is not in it.
"""

from dataclasses import dataclass, field

from resolver.condition.evaluate import Compiled
from resolver.condition.types import Field, RecordType
from resolver.playbook.plan import Placeholder, Template
from resolver.source.node import ScalarNode


@dataclass(slots=True)
class Names:
    """Everything that was found out about the names and expressions of one playbook.

    `unread`: an expression or a name in a text could not be read, so that nobody knows what it uses.
    """

    fields: dict[str, Field] = field(default_factory=dict)
    records: dict[str, RecordType] = field(default_factory=dict)
    compiled: dict[ScalarNode, Compiled] = field(default_factory=dict)
    templates: dict[ScalarNode, Template] = field(default_factory=dict)
    needs: dict[str, frozenset[str]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    unread: bool = False

    def of(self, scalar: ScalarNode | None) -> Compiled | None:
        """The compiled expression written there, if there is one and it could be read."""
        return self.compiled.get(scalar) if scalar else None

    def read(self) -> frozenset[str]:
        """Every dotted name that any expression or text reads."""
        shown = [
            part.value for parts in self.templates.values() for part in parts if isinstance(part, Placeholder)
        ]
        return frozenset(name for compiled in (*self.compiled.values(), *shown) for name in compiled.names)

    def behind(self, name: str) -> frozenset[str]:
        """The slots, look-ups and computed values `name` is made from, itself included."""
        found: set[str] = set()
        todo = [name]
        while todo:
            one = todo.pop()
            if one not in found and one in self.needs:
                found.add(one)
                todo.extend(self.needs[one])
        return frozenset(found)
