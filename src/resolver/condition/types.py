"""The types of the condition language and the record types interfaces declare.

Used by the checker of conditions, by interfaces and by playbooks. A type says what may be compared with what; it
holds no value. A record is named by `Record`; what it has inside stands in `RecordType`, so types may refer in circles.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class YesNo:
    """Yes or no; the type of every condition."""

    def __str__(self) -> str:
        return "yes/no"


@dataclass(frozen=True, slots=True)
class Number:
    """An exact decimal; a percentage is a hundredth."""

    def __str__(self) -> str:
        return "number"


@dataclass(frozen=True, slots=True)
class MoneyType:
    """An amount with its currency.

    `rounded` is False after `*` and `/` until `rounded down` or `up`: such money may be compared but not used.
    `per_currency` marks a limit, which holds an amount for each of several currencies.
    """

    rounded: bool = True
    per_currency: bool = False

    def __str__(self) -> str:
        if self.per_currency:
            return "a limit"
        return "money" if self.rounded else "money that is not rounded"


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a closed set."""

    options: tuple[str, ...]

    def __str__(self) -> str:
        return f"one of [{', '.join(self.options)}]"


@dataclass(frozen=True, slots=True)
class Text:
    """Text of a kind: `text`, `email`, `phone`, `address`, `country`, `order_number` or an interface's pattern.

    `id` is the kind of words the product itself keeps, such as a playbook's id in the ledger: a bare word that is no
    name is read against it, though the set is open.
    """

    kind: str = "text"

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class Time:
    """An instant."""

    def __str__(self) -> str:
        return "time"


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar day."""

    def __str__(self) -> str:
        return "date"


@dataclass(frozen=True, slots=True)
class Duration:
    """Minutes and hours, exact."""

    def __str__(self) -> str:
        return "duration"


@dataclass(frozen=True, slots=True)
class DaysType:
    """Days, weeks or business days, counted in the calendar."""

    def __str__(self) -> str:
        return "days"


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is never shown and never an operand; only `is known` may be asked."""

    def __str__(self) -> str:
        return "secret"


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the declared type `name`, such as `shop.order`; `chosen` for an element a customer chose from a list.

    A chosen element has one field more, `chosen`, the number of units of it.
    """

    name: str
    chosen: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class PairsOf:
    """What a list of pairs holds: `item` of one type and `to` of another."""

    item: "Type"
    to: "Type"

    def __str__(self) -> str:
        return f"{self.item} to {self.to}"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of at most 100 elements."""

    element: "Type"

    def __str__(self) -> str:
        return f"list of {self.element}"


Type = (
    YesNo
    | Number
    | MoneyType
    | Choice
    | Text
    | Time
    | Date
    | Duration
    | DaysType
    | Secret
    | Record
    | PairsOf
    | ListOf
)


@dataclass(frozen=True, slots=True)
class Field:
    """A declared field, argument or name: its type and the words behind it.

    `split_by_units` marks a value of the whole element, of which a chosen part has its share. `from_look_up` names the
    look-up that is read on first use with the field's value as key.
    """

    type: Type
    may_be_missing: bool = False
    public: bool = False
    split_by_units: bool = False
    from_look_up: str = ""


@dataclass(frozen=True, slots=True)
class RecordType:
    """What an interface declares of a record, by its full name (`shop.order`).

    `owner` is the field whose record it is, or `nobody`; `contact` where a one-time code goes; `units` the field with
    the number of units; `show` the template it is printed with; `labels` word → language → text.
    """

    name: str
    key: str
    fields: Mapping[str, Field]
    owner: str = ""
    contact: str = ""
    units: str = ""
    show: str = ""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def plain(type_: Type) -> Type:
    """The type without the mark of a choice: what it is handed over as."""
    if isinstance(type_, Record):
        return Record(type_.name)
    if isinstance(type_, PairsOf):
        return PairsOf(plain(type_.item), plain(type_.to))
    return ListOf(plain(type_.element)) if isinstance(type_, ListOf) else type_


def has_form(type_: Type) -> bool:
    """Whether a word of a message can be told to be such a value by how it looks: an address, a number."""
    return isinstance(type_, Text) and type_.kind in ("email", "phone", "order_number")


Records = Mapping[str, RecordType]
"""Every declared record type by its full name."""


def fields_of(type_: Type, records: Records) -> Mapping[str, Field]:
    """What can stand behind a dot, or bare inside `where`: a record's fields, a pair's `item` and `to`."""
    if isinstance(type_, Record):
        declared = records.get(type_.name)
        fields = declared.fields if declared else {}
        return {**fields, "chosen": Field(Number())} if type_.chosen else fields
    if isinstance(type_, PairsOf):
        return {"item": Field(type_.item), "to": Field(type_.to)}
    return {}
