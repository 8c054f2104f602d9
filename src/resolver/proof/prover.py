"""Proves of a playbook, for every ticket there can be, what the path checks cannot (LANGUAGE 14).

Called by `resolver prove` with a plan and the policy, for P4, P5, P9, P10 and P15. Every question has the same fixed
budget, so that an answer is the same on every machine; what cannot be answered within it is an error, never a guess.
"""

from dataclasses import dataclass, field

import z3

from resolver.condition.types import MoneyType
from resolver.playbook.plan import Do, Plan
from resolver.playbook.policy import ActionPolicy, Policy
from resolver.proof.arrivals import Arrival, Reached, arrivals, rules_of
from resolver.proof.example import Example, example_of
from resolver.proof.state import State
from resolver.proof.stops import BUDGET, Stop, stops_of
from resolver.proof.trial import Wanted
from resolver.proof.truth import Formula, aligned, as_term

NEVER = "never"
_LIMIT = MoneyType(per_currency=True)


@dataclass(frozen=True, slots=True)
class Failure:
    """A property that does not hold, or could not be decided (`example` None).

    `code` is the word of LANGUAGE 14.1, `line` and `word` its place in the file, `claim` the requirement that does
    not hold, or the limit that is passed.
    """

    code: str
    message: str
    help: str
    line: int
    word: str
    example: Example | None = None
    claim: str = ""

    @property
    def wanted(self) -> Wanted:
        """What a ticket has to show that shows this failure."""
        return Wanted(self.code, "" if self.code == "no-rule" else self.word, self.claim)


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of proving one plan.

    `paths` counts the ways to actions, `may_stop` has the rules that can stop and for what, `unreachable` an
    `otherwise` for which no ticket is left.
    """

    plan: str
    paths: int
    failures: tuple[Failure, ...]
    may_stop: tuple[Stop, ...] = ()
    unreachable: frozenset[str] = frozenset()

    @property
    def holds(self) -> bool:
        """Whether everything was proven."""
        return not self.failures


def prove(plan: Plan, policy: Policy, *, budget: int = BUDGET) -> Proof:
    """Try to prove a plan under a policy's structure; its limits' amounts play no part.

    `budget` is what one question may cost; a certificate takes no other than the default.
    """
    prover = _Prover(plan, policy, State.of(plan), budget)
    reached = list(rules_of(prover.state))
    prover.rules(reached)
    for one in reached:
        for arrival in arrivals(prover.state, one):
            prover.arrival(arrival)
    return Proof(
        plan.id, prover.paths, tuple(prover.failures), stops_of(plan, policy), frozenset(prover.unreachable)
    )


@dataclass(slots=True)
class _Prover:
    plan: Plan
    policy: Policy
    state: State
    budget: int = BUDGET
    paths: int = 0
    failures: list[Failure] = field(default_factory=list)
    unreachable: set[str] = field(default_factory=set)
    _reported: set[tuple[str, int, str]] = field(default_factory=set)

    def ask(self, claim: Formula) -> tuple[bool | None, Example | None]:
        """Whether there is a ticket of which `claim` holds, and one; None if the budget did not do."""
        solver = z3.Solver()
        solver.set("rlimit", self.budget)
        solver.add(*self.state.world.held)
        solver.add(claim)
        answer = solver.check()
        if answer == z3.unsat:
            return False, None
        if answer != z3.sat:
            return None, None
        return True, example_of(self.state, solver)

    def fail(
        self,
        code: str,
        message: str,
        remedy: str,
        line: int,
        word: str,
        example: Example | None,
        claim: str = "",
    ) -> None:
        """Note a failure, once for each place and sentence."""
        if (code, line, message) not in self._reported:
            self._reported.add((code, line, message))
            self.failures.append(Failure(code, message, remedy, line, word, example, claim))

    def too_hard(self, line: int, word: str) -> None:
        """Note that a question could not be answered."""
        message = f"'{word}' could not be decided within the budget"
        self.fail("too-hard", message, "split the rule", line, word, None)

    # -- rules ----------------------------------------------------------------------------------------------------

    def rules(self, reached: list[Reached]) -> None:
        """P4 and P5: some rule applies or the run stops; every rule can apply."""
        for one in reached:
            rule = one.rule
            can, _ = self.ask(one.applies)
            if can is None:
                self.too_hard(rule.line, rule.id)
            elif not can and rule.when is None and self._hands_off(rule.then):
                self.unreachable.add(rule.id)
            elif not can:
                message = f"rule '{rule.id}' can never apply"
                self.fail("never-used", message, "change the order or remove it", rule.line, rule.id, None)
        last = reached[-1]
        if last.rule.when is not None:
            rest = z3.And(last.before, self.state.truth(last.rule.when).no)
            open_, example = self.ask(rest)
            if open_ is None:
                self.too_hard(last.rule.line, last.rule.id)
            elif open_:
                rule = last.rule
                self.fail(
                    "no-rule",
                    "some tickets match no rule",
                    "add a last rule: 'otherwise: OUTCOME', an outcome that hands off",
                    rule.line,
                    rule.id,
                    example,
                )

    def _hands_off(self, outcome: str) -> bool:
        return any("/hand_off-" in step.id for step in self.plan.outcomes[outcome])

    # -- actions --------------------------------------------------------------------------------------------------

    def arrival(self, arrival: Arrival) -> None:
        """P9 and P10 on one way to an action."""
        do, spec = arrival.do, arrival.do.spec
        self.paths += 1
        values = {name: (self.state.value(value), value.type) for name, value in do.arguments.items()}
        inside = self.state.bound(values)
        here = z3.And(arrival.holds, *(value.known for value, _ in values.values()))
        for requirement in spec.requires:
            fails, example = self.ask(z3.And(here, z3.Not(inside.truth(requirement).yes)))
            if fails is None:
                self.too_hard(do.line, do.action)
            elif fails:
                message = f"{do.action} can run although '{requirement.source}' does not hold"
                claim = requirement.source
                remedy = (
                    f"the action refuses that, so nobody should be promised it: add 'and {claim}' to the rule (say for "
                    "its words what you give them in 'with:'), or let a rule above send such tickets elsewhere"
                )
                self.fail("requirement-not-met", message, remedy, do.line, do.action, example, claim)
        if not arrival.approved:
            self._limit(do, inside, here)

    def _limit(self, do: Do, inside: State, here: Formula) -> None:
        above = self.policy.actions.get(do.action, ActionPolicy()).approval_above
        limit = above.get(self.plan.playbook) or above.get("otherwise") or NEVER
        if do.spec.pays is None or limit == NEVER:
            return
        pays = as_term(inside.value(do.spec.pays))
        declared = as_term(self.state.world.symbol(f"limits.{limit}", _LIMIT, z3.BoolVal(True)))
        known, paid, most, _ = aligned(pays, declared)
        over, example = self.ask(z3.And(here, z3.Not(z3.And(known, paid <= most))))
        if over is None:
            self.too_hard(do.line, do.action)
        elif over:
            message = f"{do.action} can pay more than limits.{limit} without an approval"
            remedy = f"add 'approve:' with when: … > limits.{limit}"
            self.fail("over-limit", message, remedy, do.line, do.action, example, f"limits.{limit}")
