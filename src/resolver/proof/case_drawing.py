"""Draws a ticket as a test file has it: records with short names and those behind references, payouts of this playbook.

Used by `casework` and `played`. A text that may say anything says what it stands for.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from resolver.condition.types import Date, Field, ListOf, MoneyType, Record, Text, Time, Type
from resolver.money import Money
from resolver.playbook.plan import Do
from resolver.proof.drawing import NOW, Drawing

_DEEP = 6
"""References behind references are followed so far."""
_AGO = (1, 5, 10, 40, 89, 90, 200)
_MARK = "some "
_OPAQUE = re.compile(r"x[0-9]+")
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]{1,2})? [A-Z]{3}")


@dataclass(slots=True)
class CaseDrawing(Drawing):
    """A drawing for cases. With `other_days` it leaves a model's days, since a model says nothing of business days."""

    other_days: bool = False
    behind: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """The records behind references, by look-up and key, of the ticket that is drawn."""

    def referred(self, field_: Field, path: str) -> Any:
        """The key of a record that the ticket's world has; each element of a list leads to one of its own."""
        spec = self.plan.references.get(field_.from_look_up)
        if spec is None or path.count(".") > _DEEP:
            return None
        known = self.behind.setdefault(spec.name, {})
        record = self.record(spec.gives.name, path)
        if record is None:
            return None
        key = f"{spec.gives.name[:1]}{len(known) + 1}"
        known[key] = {**record, spec.gives.key: key}
        return key

    def key(self, drawn: Any, path: str) -> Any:
        """`order` is o1, the second element of `order.lines` l2; what says something itself stays."""
        if isinstance(drawn, str) and not drawn.startswith(_MARK):
            return drawn
        last = path.rpartition(".")[2]
        name, _, number = last.partition("[")
        return f"{name[:1]}{int(number.rstrip(']') or 0) + 1 if number else 1}"

    def value(self, type_: Type, path: str) -> Any:
        """A value as a backend would give it; a text that may say anything says what it stands for."""
        if isinstance(type_, Text) and type_.kind == "country" and self.other_days:
            return self.random.choice(("DE", "AT"))
        if isinstance(type_, Date | Time) and self.other_days and self.random.random() < 0.5:
            at = NOW - timedelta(days=self.random.choice(_AGO))
            return at if isinstance(type_, Time) else at.date()
        if isinstance(type_, MoneyType) and "[" in path and (most := self._most(path)):
            share = most.minor // self.random.choice((1, 1, 2, 10)) * self.random.choice((1, 1, 1, 0))
            return Money(share, most.currency)
        drawn = Drawing.value(self, type_, path)
        last = path.rpartition(".")[2]
        return f"{_MARK}{last}" if isinstance(drawn, str) and _OPAQUE.fullmatch(drawn) else drawn

    def _most(self, path: str) -> Money | None:
        """The largest amount the model has for the record that a list belongs to: elements are parts of it."""
        root = path.partition(".")[0]
        said = self.example.values.items() if self.example else ()
        amounts = [
            Money.parse(text)
            for name, text in said
            if text and name.startswith(f"{root}.") and _AMOUNT.fullmatch(text)
        ]
        return max(amounts, key=lambda one: one.minor, default=None)

    def payouts(self) -> list[dict[str, Any]]:
        """What was paid to this customer before, by this playbook."""
        declared = self.plan.records.get("customer")
        type_ = declared.fields["payouts"].type if declared and "payouts" in declared.fields else None
        read = "customer.payouts" in self.plan.document
        if not read or not isinstance(type_, ListOf) or not isinstance(type_.element, Record):
            return []
        count = self.random.choice((0, 1, 2, 3))
        drawn = [self.record(type_.element.name, f"customer.payouts[{n}]") for n in range(count)]
        actions = [
            one.action for steps in self.plan.outcomes.values() for one in steps if isinstance(one, Do)
        ]
        found = []
        for one in drawn:
            paid_at = NOW - timedelta(days=self.random.choice(_AGO))
            own = {"playbook": self.plan.playbook, "action": next(iter(actions), ""), "paid_at": paid_at}
            found.append({**(one or {}), **own})
        return found
