"""What follows from a plan alone, worked out once for each plan: lines of steps, positions, actions below a place.

Read by the engine on every decision. It holds no fact of any run and decides nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from resolver.decision import effects
from resolver.decision.facts import Position
from resolver.playbook.plan import Answer, AnyStep, Computed, Do, Go, LookUp, Plan, SetTicket, Slot, Start


@dataclass(frozen=True, slots=True)
class Outline:
    """A plan as the engine goes through it.

    `preparation` are slots, look-ups and computed values in the plan's order. `places` has for each outcome the
    positions of its steps and the one behind the last. `below` are the actions from each position on down the straight
    line, `results` those whose result has a name, `tickets` the effects of ticket steps, which are always the same.
    `named_in_messages` are the slots for elements of a list that a message may name before it is asked. `steady`: what
    was prepared once comes out the same again from the same records and messages. `asks_knowledge`: what the customer
    wrote may be needed to answer it, here or in a playbook that is started.
    """

    preparation: tuple[Slot | LookUp | Computed, ...]
    places: Mapping[str, tuple[Position, ...]]
    below: Mapping[str, tuple[tuple[Do, ...], ...]]
    actions: Mapping[str, Do]
    results: tuple[Do, ...]
    tickets: Mapping[str, effects.SetTicket]
    slot_order: Mapping[str, int]
    named_in_messages: tuple[Slot, ...]
    steady: bool
    asks_knowledge: bool


def outline_of(plan: Plan) -> Outline:
    """The plan's outline. Remembered with the plan."""
    try:
        remembered: Outline = plan.outline
    except AttributeError:
        remembered = _made(plan)
        object.__setattr__(plan, "outline", remembered)
    return remembered


def _made(plan: Plan) -> Outline:
    every: dict[str, Slot | LookUp | Computed] = {**plan.slots, **plan.look_ups, **plan.computed}
    preparation = tuple(every[name] for name in plan.preparation)
    steps = [step for line in plan.outcomes.values() for step in line]
    actions = {step.id: step for step in steps if isinstance(step, Do)}
    places = {
        outcome: tuple(Position(outcome, index) for index in range(len(line) + 1))
        for outcome, line in plan.outcomes.items()
    }
    return Outline(
        preparation=preparation,
        places=places,
        below={outcome: tuple(_actions_below(plan, at) for at in line) for outcome, line in places.items()},
        actions=actions,
        results=tuple(step for step in actions.values() if step.result_name is not None),
        tickets={step.id: _ticket(step) for step in steps if isinstance(step, SetTicket)},
        slot_order={name: index for index, name in enumerate(plan.slots)},
        named_in_messages=tuple(
            slot
            for slot in plan.slots.values()
            if slot.prefill and (slot.options or (slot.each and slot.each.options))
        ),
        steady=not plan.references and all(slot.each is None for slot in plan.slots.values()),
        asks_knowledge=any(isinstance(step, Answer | Start) for step in steps),
    )


def _ticket(step: SetTicket) -> effects.SetTicket:
    return effects.SetTicket(
        step.id, step.status, step.priority, step.queue, step.add_tags, step.remove_tags, step.fields
    )


def _actions_below(plan: Plan, place: Position) -> tuple[Do, ...]:
    return tuple(step for step in _straight_line(plan, place) if isinstance(step, Do))


def _straight_line(plan: Plan, place: Position) -> Iterator[AnyStep]:
    """The steps from there on, as they come if nothing branches off; `go` itself is left out."""
    steps = plan.outcomes[place.outcome][place.index :]
    seen = {place.outcome}
    while steps:
        step, *rest = steps
        if isinstance(step, Go):
            if step.outcome in seen:
                return
            seen.add(step.outcome)
            steps = plan.outcomes[step.outcome]
        else:
            yield step
            steps = tuple(rest)
