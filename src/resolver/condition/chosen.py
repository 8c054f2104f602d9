"""A chosen part of a list element: `chosen` units of it, its `split by units` fields scaled (LANGUAGE 3.2).

Used by decision, which fills slots `some of LIST`, and by the gateway, which builds the same part from fresh records.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from resolver.condition.arithmetic import multiply, simplest
from resolver.condition.types import RecordType
from resolver.condition.values import Amount, RecordValue, Value, unknown

CHOSEN = "chosen"
"""The field with the number of units chosen."""
ONE = Decimal(1)


def units_of(element: RecordValue, declared: RecordType) -> Decimal | None:
    """How many units the element has, one where its type counts none; None if that is not a whole number above 0."""
    units = element.fields.get(declared.units) if declared.units else ONE
    return (
        units if isinstance(units, Decimal) and units >= ONE and units == units.to_integral_value() else None
    )


def chosen_part(
    element: RecordValue, declared: RecordType, chosen: Decimal | None = None
) -> RecordValue | None:
    """So many units of the element, or all of them; None if it has not that many.

    A `split by units` amount becomes value × chosen ÷ units, rounded down to its currency's minor unit.
    """
    units = units_of(element, declared)
    if units is None:
        return None
    if chosen is None:
        return RecordValue(element.type_name, element.key, {**element.fields, CHOSEN: units})
    if not ONE <= chosen <= units or chosen != chosen.to_integral_value():
        return None
    fields: dict[str, Value] = {**element.fields, CHOSEN: chosen}
    if chosen != units:
        share = Fraction(chosen) / Fraction(units)
        split = {name for name, field in declared.fields.items() if field.split_by_units}
        fields |= {name: _share(fields[name], share, name) for name in split & fields.keys()}
    return RecordValue(element.type_name, element.key, fields)


def whole(element: RecordValue, records: Mapping[str, RecordType]) -> RecordValue | None:
    """All units of the element; None if its type is unknown or its units cannot be counted."""
    declared = records.get(element.type_name)
    return chosen_part(element, declared) if declared else None


def _share(value: Value, share: Fraction, name: str) -> Value:
    if isinstance(value, Amount):
        return Amount(multiply(value.value, simplest(share)), value.currency).rounded("down")
    return multiply(value, simplest(share)) if isinstance(value, Decimal) else unknown(name, "unreadable")
