"""What test cases touched of a playbook: rules, outcomes, edges, questions, actions and texts.

Filled by `testrun`, told by `resolver test --cover`; a certificate needs every rule and every action.
"""

from dataclasses import dataclass, field

from resolver.decision.edges import Edge, edges_of
from resolver.playbook.plan import Do, Plan, Rule


@dataclass(slots=True)
class Coverage:
    """What the cases touched, of everything a plan has; replies count once for each language.

    `unreachable` are rules for which no ticket is left, such as an `otherwise` behind rules that cover everything.
    """

    plan: Plan
    rules: set[str] = field(default_factory=set)
    outcomes: set[str] = field(default_factory=set)
    replies: set[tuple[str, str]] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)
    edges: set[Edge] = field(default_factory=set)
    questions: set[str] = field(default_factory=set)
    unreachable: frozenset[str] = frozenset()

    @property
    def to_reach(self) -> tuple[Rule, ...]:
        """The rules that a ticket can come to."""
        return tuple(rule for rule in self.plan.rules if rule.id not in self.unreachable)

    def summary(self) -> str:
        """`rules 2/7, outcomes 3/8, edges 1/7, questions 1/2, replies 4/18`."""
        plan = self.plan
        texts = sum(len(texts) for texts in plan.replies.values())
        return (
            f"rules {len(self.rules)}/{len(self.to_reach)}, outcomes {len(self.outcomes)}/{len(plan.outcomes)}, "
            f"edges {len(self.edges)}/{len(edges_of(plan))}, questions {len(self.questions)}/{len(plan.slots)}, "
            f"replies {len(self.replies)}/{texts}"
        )

    def edges_left(self) -> tuple[Edge, ...]:
        """The edges that no case took, in the order of the file."""
        return tuple(edge for edge in edges_of(self.plan) if edge not in self.edges)

    def questions_left(self) -> tuple[str, ...]:
        """The slots that no case was asked for."""
        return tuple(name for name in self.plan.slots if name not in self.questions)

    def untested(self) -> tuple[Rule | Do, ...]:
        """The rules and actions that no case came to; a playbook with one is not proven."""
        plan = self.plan
        steps = (step for outcome in plan.outcomes.values() for step in outcome if isinstance(step, Do))
        rules = [rule for rule in self.to_reach if rule.id not in self.rules]
        return (*rules, *(step for step in steps if step.id not in self.actions))

    def missing(self) -> tuple[str, ...]:
        """`line 39 rule not_delivered` for each rule no case decided by, then outcomes, edges and questions."""
        rules = [f"line {rule.line} rule {rule.id}" for rule in self.to_reach if rule.id not in self.rules]
        outcomes = [f"outcome {name}" for name in self.plan.outcomes if name not in self.outcomes]
        edges = [
            f"line {edge.line} edge {edge}" if edge.line else f"edge {edge}" for edge in self.edges_left()
        ]
        return (*rules, *outcomes, *edges, *(f"question {name}" for name in self.questions_left()))
