"""A ticket played to its end, by a customer who answers every question and says yes, and a team that agrees.

Made by `casework`, looked at by whoever asks what came of it. Where an answer is open, it is drawn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from resolver.decision.came_of import came_of, rule_of
from resolver.decision.coverage import Coverage
from resolver.decision.facts import OpenQuestion
from resolver.decision.rehearsal import Rehearsal
from resolver.decision.testcase import (
    Answers,
    Case,
    Expected,
    Given,
    Happening,
    Understood,
    Writes,
)
from resolver.errors import Where
from resolver.money import Money
from resolver.playbook.plan import Approve, Plan
from resolver.playbook.policy import Policy
from resolver.proof.case_drawing import CaseDrawing

HERE = Where("generated")
"""Where a case stands that no file has yet."""
_MOST_TURNS = 8


@dataclass(frozen=True, slots=True)
class Played:
    """How a ticket went: what happened, and what it came to."""

    rehearsal: Rehearsal
    happenings: tuple[Happening, ...]
    plan: Plan

    @classmethod
    def of(
        cls, plan: Plan, plans: Mapping[str, Plan], policy: Policy, given: Given, draw: CaseDrawing
    ) -> "Played | None":
        """The played ticket; None if something cannot be played."""
        case = Case("", HERE, given, (), Expected())
        rehearsal = Rehearsal(case, plans, plan.playbook, policy, Coverage(plan))
        happening: Happening | None = Writes("Hello", (), (), HERE)
        happenings: list[Happening] = []
        while happening is not None and len(happenings) < _MOST_TURNS:
            rehearsal.plays(happening)
            happenings.append(happening)
            if rehearsal.problems:
                return None
            happening = _answer(rehearsal, draw)
        return cls(rehearsal, tuple(happenings), plan)

    @property
    def paid(self) -> tuple[Money, ...]:
        """What left the company."""
        return tuple(one.pays for one in self.rehearsal.shop.done if one.pays is not None)

    @property
    def approved(self) -> bool:
        """Whether a team had to agree."""
        return any(isinstance(one, Answers) for one in self.happenings)

    @property
    def rule(self) -> str | None:
        """The rule of this playbook that decided last."""
        return rule_of(self.rehearsal, self.plan)

    def expected(self) -> Expected:
        """What came of it, as a case says it."""
        return came_of(self.rehearsal, self.plan)


def _answer(rehearsal: Rehearsal, draw: CaseDrawing) -> Happening | None:
    """What the customer or the team says next; None when nobody is waited for."""
    facts = rehearsal.facts
    if facts is None or facts.waiting is None or facts.waiting.for_ == "settlement":
        return None
    if facts.waiting.for_ == "approval":
        steps = (step for steps in rehearsal.plan.outcomes.values() for step in steps)
        step = next((one for one in steps if one.id == facts.waiting.step), None)
        return Answers(step.team, True, HERE) if isinstance(step, Approve) else None
    if not facts.questions:
        return Writes("Yes please", ("yes",), (), HERE)
    told = [one for question in facts.questions for one in _told(rehearsal, draw, question)]
    return Writes(", ".join(dict.fromkeys(one.value for one in told)), (), tuple(told), HERE)


def _told(rehearsal: Rehearsal, draw: CaseDrawing, question: OpenQuestion) -> Iterator[Understood]:
    slot = rehearsal.plan.slots[question.slot]
    if not question.options:
        yield Understood(slot.name, draw.written(slot), element=question.element)
        return
    keys = [key for key, _ in question.options]
    said = draw.example.values.get(slot.name) if draw.example else None
    if said in keys:
        yield Understood(slot.name, str(said), element=question.element)
        return
    several = slot.options is not None and slot.options.several
    for key in draw.random.sample(keys, draw.random.randint(1, len(keys)) if several else 1):
        yield Understood(slot.name, key, element=question.element)
