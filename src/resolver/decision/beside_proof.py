"""Which questions go into the message that asks who the customer is (LANGUAGE 8): only those that tell nothing.

Called by the engine where a run asks for details or a code. Nothing of a record, not even whether there is one, may
show in what is asked before its owner is known.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from resolver.condition.evaluate import Compiled
from resolver.condition.types import Number, Text
from resolver.condition.values import Unknown
from resolver.decision import effects
from resolver.decision.facts import Facts, OpenQuestion
from resolver.decision.given import reads
from resolver.decision.question import ask
from resolver.decision.wave import Wave
from resolver.playbook.plan import Placeholder, Plan, Slot, Template

_MAY_BE_A_DETAIL = ("text", "address", "email", "phone")
"""Kinds of text that an answer with details in it would be taken for."""
_PRIVATE = "customer"


def with_questions(
    plan: Plan, facts: Facts, wave: Wave, prove: effects.Prove
) -> tuple[effects.Prove, tuple[OpenQuestion, ...]]:
    """The same proof with the questions that can be asked beside it, and what is open then.

    Each goes beside it once: who is asked for details again has not used up the tries at anything else.
    """
    free = [one for one in wave.questions if not one.element and _tells_nothing(plan, plan.slots[one.slot])]
    new = [one for one in free if (fact := wave.slots.get(one.slot)) is None or not fact.tries]
    still = {one.slot for one in free if one not in new}
    open_ = tuple(one for one in facts.questions if one.slot in still)
    asked = ask(plan, facts, replace(wave, questions=new)) if new else Unknown()
    if isinstance(asked, Unknown):
        return prove, open_
    questions, put = asked
    text = "\n\n".join(part for part in (prove.text, questions.text) if part)
    return replace(prove, text=text, slots=questions.slots), (*open_, *put)


def _tells_nothing(plan: Plan, slot: Slot) -> bool:
    """Whether neither the question nor whether it is asked depends on a record, and no detail can be its answer."""
    if isinstance(slot.type, Number) or (isinstance(slot.type, Text) and slot.type.kind in _MAY_BE_A_DETAIL):
        return False
    seen: set[str] = set()
    ahead = {slot.name, *_shown(plan, slot)}
    while ahead:
        name = ahead.pop()
        if name in plan.look_ups or name == _PRIVATE:
            return False
        seen.add(name)
        if name in plan.slots or name in plan.computed:
            ahead |= reads(plan, name) - seen
    return True


def _shown(plan: Plan, slot: Slot) -> Iterator[str]:
    """The root names that the question's text shows."""
    plural = plan.plurals.get(slot.ask)
    forms: Iterable[Template] = plan.replies.get(slot.ask, {}).values()
    values: list[Compiled] = []
    if plural is not None:
        values.append(plural.count)
        forms = [template for each in plural.forms.values() for template in each.values()]
    values += [part.value for template in forms for part in template if isinstance(part, Placeholder)]
    for value in values:
        yield from (dotted.partition(".")[0] for dotted in value.names)
