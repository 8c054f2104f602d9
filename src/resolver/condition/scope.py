"""The names an expression may use, with their types.

Built by playbooks, interfaces and policy for each place an expression stands in; used by the checker.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from resolver.condition.types import Date, Field, Records, Time, Type, fields_of

CLOCK_NAMES: Mapping[str, Field] = {"now": Field(Time()), "today": Field(Date())}
"""Names every expression has: the time of this decision and its day in the shop's zone."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The root names of one place (slots, records, computed values, `customer`, `ticket`, `limits`) and all records."""

    names: Mapping[str, Field]
    records: Records = field(default_factory=dict)

    def find(self, name: str) -> Field | None:
        """What a root name is, or None."""
        return self.names.get(name) or CLOCK_NAMES.get(name)

    def fields(self, type_: Type) -> Mapping[str, Field]:
        """What can stand behind a dot of a value of that type."""
        return fields_of(type_, self.records)

    def known(self) -> list[str]:
        """Every root name once, for help."""
        return list({**self.names, **CLOCK_NAMES})
