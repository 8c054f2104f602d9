"""Every ticket there can be, as symbols: slots, records and limits, with what interfaces promise of them.

Made by `prover` for one plan. A symbol is named by its path (`order.total`, `order.lines[].price`); conditions are
read over it by `encode`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import z3

from resolver.condition.evaluate import Compiled
from resolver.condition.types import (
    Choice,
    Date,
    ListOf,
    MoneyType,
    Number,
    PairsOf,
    Record,
    Records,
    RecordType,
    Time,
    Type,
    YesNo,
    fields_of,
)
from resolver.money import Money
from resolver.proof.encode import Finder, Place, truth_of
from resolver.proof.lists import Lists
from resolver.proof.truth import ANY_CURRENCY, Formula, Term, Truth, as_term, number, when_known

MINUTES = 24 * 60
SHARE = "#share"
Symbol = Term | Truth


@dataclass(slots=True)
class World:
    """The symbols of one plan and what surely holds of them.

    `facts` are what interfaces promise of each record type. `held` collects what holds, in the order it was found.
    `limits` are the currencies that each limit has an amount in; None leaves that open. `amounts` are what limits come
    to; those of other currencies, and without any all, can be any amount.
    """

    records: Records
    facts: Mapping[str, Sequence[Compiled]]
    held: list[Formula] = field(default_factory=list)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    currencies: dict[str, int] = field(default_factory=dict)
    limits: Mapping[str, Sequence[str]] | None = None
    amounts: Mapping[str, Mapping[str, Money]] = field(default_factory=dict)
    lists: Lists = field(init=False)
    _times: list[Term] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lists = Lists(self)

    # -- symbols --------------------------------------------------------------------------------------------------

    def symbol(self, path: str, type_: Type, known: Formula) -> Symbol:
        """The symbol of a path, made on first use."""
        if path not in self.symbols:
            self.types[path] = type_
            self.symbols[path] = self._made(path, type_, known)
            if isinstance(type_, Record) and type_.name in self.facts:
                self._promised(path, type_)
        return self.symbols[path]

    def unbound(self, path: str) -> Formula:
        """Whether something is known of which nothing more can be said."""
        return z3.Bool(f"known {path}")

    def _made(self, path: str, type_: Type, known: Formula) -> Symbol:
        match type_:
            case YesNo():
                return when_known(known, z3.Bool(path))
            case Number():
                return Term(known, z3.Real(path))
            case MoneyType(per_currency=True):
                return Term(known, per=self._limit(path))
            case MoneyType():
                currency = z3.Int(f"currency of {path}")
                self.held.append(currency > ANY_CURRENCY)
                return Term(known, z3.Real(path), currency)
            case Choice(options=options):
                value = z3.Int(path)
                self.held.append(z3.Or([value == self.word(option) for option in options]))
                return Term(known, value)
            case Time():
                return self.time(path, known)
            case Date():
                day = z3.Int(path)
                return Term(known, day, day=day)
            case Record() | ListOf() | PairsOf():
                return Term(known, z3.Int(f"key of {path}"), path=path)
        return Term(known, z3.Int(path))

    def _limit(self, path: str) -> Callable[[Formula], Term]:
        amounts = z3.Function(path, z3.IntSort(), z3.RealSort())
        open_ = z3.Function(f"{path} has", z3.IntSort(), z3.BoolSort())
        name = path.removeprefix("limits.")
        written = None if self.limits is None else self.limits.get(name, ())
        said = self.amounts.get(name, {})

        def has(currency: Formula) -> Formula:
            if written is None:
                return open_(currency)
            return z3.Or([currency == self.currency(code) for code in written])

        def per(currency: Formula) -> Term:
            self.held.append(amounts(currency) >= 0)
            for code, amount in said.items():
                here = amounts(currency) == number(Fraction(amount.amount))
                self.held.append(z3.Implies(currency == self.currency(code), here))
            return Term(z3.And(has(currency), currency > ANY_CURRENCY), amounts(currency), currency)

        return per

    def word(self, text: str) -> int:
        """The number that stands for a word or text written out."""
        return self.words.setdefault(text, len(self.words) + 1)

    def currency(self, code: str) -> int:
        """The number that stands for a currency."""
        return self.currencies.setdefault(code, len(self.currencies) + 1) if code else ANY_CURRENCY

    def time(self, path: str, known: Formula, *, minutes: Formula = None, day: Formula = None) -> Term:
        """A time: minutes from now and its day, counted from today, which fit each other and all other times."""
        minutes = z3.Real(path) if minutes is None else minutes
        day = z3.Int(f"day of {path}") if day is None else day
        hour_more = MINUTES + 60
        self.held += [
            z3.Implies(minutes <= 0, day <= 0),
            z3.Implies(minutes >= 0, day >= 0),
            minutes < z3.ToReal(day) * MINUTES + hour_more,
            minutes > z3.ToReal(day) * MINUTES - hour_more,
        ]
        for other in self._times:
            self.held += [
                z3.Implies(minutes < other.value, day <= other.day),
                z3.Implies(minutes > other.value, day >= other.day),
                z3.Implies(minutes == other.value, day == other.day),
            ]
        made = Term(known, minutes, day=day)
        self._times.append(made)
        return made

    # -- records --------------------------------------------------------------------------------------------------

    def field_of(self, record: Term, type_: Type, name: str) -> tuple[Symbol, Type]:
        """A field of a record or pair."""
        declared = fields_of(type_, self.records)[name]
        path = f"{record.path}.{name}"
        if isinstance(type_, Record) and type_.chosen:
            if declared.split_by_units:
                return self._share(record, type_, name), declared.type
            if name == "chosen":
                return self._chosen(record, type_), declared.type
        known = record.known
        limit = isinstance(declared.type, MoneyType) and declared.type.per_currency
        if (declared.may_be_missing or declared.from_look_up) and not limit:  # of a limit a currency may be
            known = z3.And(known, self.unbound(path))
        return self.symbol(path, declared.type, known), declared.type

    def _share(self, record: Term, type_: Record, name: str) -> Term:
        """The part of a value that belongs to the units chosen: between nothing and the whole."""
        whole, declared = self.field_of(record, Record(type_.name), name)
        path = f"{record.path}.{name}{SHARE}"
        if path not in self.symbols and isinstance(whole, Term):
            part = z3.Real(path)
            bounds = z3.And(part >= 0, part <= whole.value), z3.And(part <= 0, part >= whole.value)
            self.held.append(z3.If(whole.value >= 0, *bounds))
            self.types[path] = declared
            self.symbols[path] = Term(whole.known, part, whole.currency)
        return as_term(self.symbols[path])

    def _chosen(self, record: Term, type_: Record) -> Symbol:
        path = f"{record.path}.chosen"
        if path not in self.symbols:
            chosen = as_term(self.symbol(path, Number(), record.known))
            self.held.append(chosen.value >= 1)
            units = self.records[type_.name].units
            whole = self.field_of(record, Record(type_.name), units)[0] if units else None
            if isinstance(whole, Term):
                self.held.append(z3.Implies(whole.known, chosen.value <= whole.value))
        return self.symbols[path]

    def _promised(self, path: str, type_: Record) -> None:
        """The facts of a record's type, where everything in them is known: others are refused when it is read."""
        record = as_term(self.symbols[path])
        declared: RecordType = self.records[type_.name]
        plain = Record(declared.name)
        for fact in self.facts[type_.name]:
            find: Finder = lambda name: self.field_of(record, plain, name)  # noqa: E731
            found = truth_of(self, fact.checked, Place(find))
            known = [self.known(find, name) for name in fact.names]
            self.held.append(z3.Implies(z3.And([record.known, *known]), found.yes))

    def known(self, find: Finder, dotted: str) -> Formula:
        """Whether a dotted name is known."""
        head, *rest = dotted.split(".")
        value, type_ = find(head)
        for part in rest:
            value = as_term(value)
            value, type_ = self.field_of(value, type_, part)
        return value.known

    # -- values written out ---------------------------------------------------------------------------------------

    def now(self) -> Term:
        """The time of this decision."""
        return Term(z3.BoolVal(True), number(0), day=z3.IntVal(0))

    def today(self) -> Term:
        """Its day."""
        return Term(z3.BoolVal(True), z3.IntVal(0), day=z3.IntVal(0))
