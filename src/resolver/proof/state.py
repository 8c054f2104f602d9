"""The moment of decision, for every ticket at once: which slots, records and computed values a rule can see.

Made by `prover` from a plan. What preparation guarantees (LANGUAGE 4) is put down as what holds.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import z3

from resolver.condition.evaluate import Compiled
from resolver.condition.syntax import ListForm
from resolver.condition.types import ListOf, PairsOf, Record, Records, RecordType, Type, YesNo
from resolver.connector.interface_reader import interface_from_document
from resolver.money import Money
from resolver.playbook.plan import Each, Options, Plan, Slot
from resolver.proof.encode import Place, part_of, truth_of, value_of
from resolver.proof.lists import element_type
from resolver.proof.truth import TRUE, Formula, Term, Truth, as_term, as_truth, when_known
from resolver.proof.world import World
from resolver.source.document import canonical

_YES = z3.BoolVal(True)


@dataclass(slots=True)
class State:
    """Everything a plan's conditions can read, before the rules.

    `extra` are names of one place only; `tag` sets a second version's slots apart, which it may ask at other times.
    """

    plan: Plan
    world: World
    extra: dict[str, tuple[Term | Truth, Type]] = field(default_factory=dict)
    tag: str = ""
    _roots: dict[str, tuple[Term | Truth, Type]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        plan: Plan,
        *,
        beside: Plan | None = None,
        limits: Mapping[str, Sequence[str]] | None = None,
        amounts: Mapping[str, Mapping[str, Money]] | None = None,
    ) -> "State":
        """The state of a plan; the facts of its records are those it was compiled with, or a version `beside` it.

        `limits` are the currencies that each limit has an amount in, if more shall not be thought possible, `amounts`
        what it comes to in each, if other amounts shall not be.
        """
        plans = (plan, beside or plan)
        facts: dict[str, Sequence[Compiled]] = {}
        for interface in (one for each in plans for one in json.loads(each.document)["interfaces"].values()):
            facts |= interface_from_document(canonical(interface)).facts
        state = cls(plan, World(_records_of(plans), facts, limits=limits, amounts=amounts or {}))
        for slot in plan.slots.values():
            state.find(slot.name)
        return state

    # -- reading --------------------------------------------------------------------------------------------------

    def truth(self, compiled: Compiled | None) -> Truth:
        """A condition; nothing written is yes."""
        return TRUE if compiled is None else truth_of(self.world, compiled.checked, Place(self.find))

    def value(self, compiled: Compiled) -> Term | Truth:
        """An expression."""
        return value_of(self.world, compiled.checked, Place(self.find))

    def find(self, name: str) -> tuple[Term | Truth, Type]:
        """What a root name stands for."""
        if name in self.extra:
            return self.extra[name]
        if name not in self._roots:
            self._roots[name] = self._root(name)
        return self._roots[name]

    def _root(self, name: str) -> tuple[Term | Truth, Type]:
        plan, world = self.plan, self.world
        if name in plan.slots:
            return self._slot(plan.slots[name])
        if name in plan.look_ups:
            look_up = plan.look_ups[name]
            needed = [
                self.value(value).known
                for key, value in look_up.arguments.items()
                if not look_up.spec.takes[key].may_be_missing
            ]
            type_ = Record(look_up.spec.gives.name)
            return world.symbol(name, type_, z3.And([_YES, *needed])), type_
        if name in plan.computed:
            compiled = plan.computed[name].value
            return self.value(compiled), compiled.type
        if name in ("now", "today"):
            declared = YesNo()  # the type of neither is asked for
            return (world.now() if name == "now" else world.today()), declared
        return world.symbol(name, Record(name), _YES), Record(name)

    # -- slots ----------------------------------------------------------------------------------------------------

    def _slot(self, slot: Slot) -> tuple[Term | Truth, Type]:
        """A slot is known where it is surely needed and its list is there, and nowhere else; its checks hold."""
        known = self.world.unbound(f"{self.tag}{slot.name}")
        needed = z3.And(self.truth(slot.when).yes, *self._inputs(slot))
        self.world.held.append(z3.Implies(known, needed))
        if slot.options is not None and slot.options.several:
            self._chosen_from(slot.name, slot.options)
        given = self.world.symbol(slot.name, slot.type, _YES)
        self._roots[slot.name] = (given, slot.type)
        judged = z3.BoolVal(True) if slot.check is None else self.truth(slot.check).known
        self.world.held.append(z3.Implies(z3.And(needed, judged), known))
        value = self._known_if(given, known)
        self._roots[slot.name] = (value, slot.type)
        if slot.each is not None and isinstance(value, Term):
            self._pairs(slot.each, value, slot.type)
        elif slot.options is not None and not slot.options.several:
            self._option(slot.options, value, slot.type, known)
        if slot.check is not None and slot.or_else is None and slot.each is None:
            self.world.held.append(z3.Implies(known, self.truth(slot.check).yes))
        return value, slot.type

    def _inputs(self, slot: Slot) -> Iterator[Formula]:
        """Whether there is what a slot is chosen from: the list, or those of all elements that get a value."""
        if slot.each is None:
            if slot.options is not None:
                yield self._listed(slot.options).known
            return
        source = self.value(slot.each.list)
        yield source.known
        if slot.each.options is None or not isinstance(source, Term):
            return
        self.extra[slot.each.alias] = self.world.lists.element(source.path, element_type(slot.each.list.type))
        listed = self._listed(slot.each.options).known
        del self.extra[slot.each.alias]
        yield self.world.lists.any_of(source, when_known(_YES, z3.Not(listed))).no

    def _listed(self, options: Options) -> Term:
        """The list that options come from."""
        checked = options.list.checked
        form = checked.expression.root
        named = form.source if isinstance(form, ListForm) else form
        return as_term(part_of(self.world, checked, Place(self.find), named))

    def _known_if(self, value: Term | Truth, known: Formula) -> Term | Truth:
        if isinstance(value, Term):
            return value.within(known)
        return Truth(z3.And(value.yes, known), z3.And(value.no, known))

    def _chosen_from(self, path: str, options: Options) -> None:
        """Elements the customer chose: at least one, each an option."""
        checked = options.list.checked
        form = checked.expression.root
        source, lists = self._listed(options), self.world.lists
        lists.sources[path] = source.path
        lists.filled.add(path)
        if isinstance(form, ListForm) and form.filter is not None:
            element = lists.element(source.path, element_type(checked.types[form.source]))
            keep = as_truth(part_of(self.world, checked, Place(self.find, element), form.filter))
            lists.holds.setdefault(path, []).append(keep.yes)

    def _option(self, options: Options, value: Term | Truth, type_: Type, known: Formula) -> None:
        """One element of a list: what its filter says of an option holds of it."""
        form = options.list.checked.expression.root
        if isinstance(form, ListForm) and form.filter is not None:
            keep = as_truth(
                part_of(self.world, options.list.checked, Place(self.find, (value, type_)), form.filter)
            )
            self.world.held.append(z3.Implies(known, keep.yes))

    def _pairs(self, each: Each, value: Term, type_: Type) -> None:
        """A value for each element: of every pair, `to` is an option for its `item`."""
        self.world.lists.filled.add(value.path)
        if each.options is None or not isinstance(type_, ListOf) or not isinstance(type_.element, PairsOf):
            return
        pair, _ = self.world.lists.element(value.path, type_.element)
        pair = as_term(pair)
        self.extra[each.alias] = self.world.field_of(pair, type_.element, "item")
        to, to_type = self.world.field_of(pair, type_.element, "to")
        self._option(each.options, to, to_type, _YES)
        del self.extra[each.alias]

    def bound(self, names: Mapping[str, tuple[Term | Truth, Type]]) -> "State":
        """The same moment, read under an action's own names for its arguments."""
        return State(self.plan, self.world, dict(names), self.tag, self._roots)


def _records_of(plans: Sequence[Plan]) -> Records:
    """The record types of all plans; of limits and the customer each plan knows what it reads."""
    found: dict[str, RecordType] = {}
    for plan in plans:
        for name, record in plan.records.items():
            known = found.get(name, record)
            found[name] = replace(known, fields={**record.fields, **known.fields})
    return found
