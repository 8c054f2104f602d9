"""The cells and the prover judge the same rules alike, where each comparison is of one name with a value.

The prover knows more: what interfaces promise of a record, and that an amount of another currency stops a rule.
"""

from random import Random

import z3
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from resolver.playbook.compile import compile_playbook
from resolver.playbook.plan import Plan
from resolver.proof.arrivals import rules_of
from resolver.proof.cells import judge
from resolver.proof.state import State
from resolver.source.load import load
from tests.decision.conftest import Maker
from tests.proof.random_conditions import joined

PLAYBOOK = """
playbook: judged
language: 1
title: Rules to be judged
owner: ops@acme.example
languages: [en]
handles: {{intent: judged}}
identify: verified
needs: {{order_number: {{type: order_number, ask: which}}}}
look_up: [{{find: shop.order, with: {{number: order_number}}, as: order, if_missing: people}}]
decide:
{rules}
  - {{rule: last, otherwise: people, because: No rule fits.}}
outcomes:
  answer: [{{reply: sorry}}]
  people: [{{hand_off: default, summary: "{{order_number}}"}}]
if_unsure: people
replies: {{which: {{en: "Which order?"}}, sorry: {{en: "Sorry."}}}}
"""
MAKER = Maker()


def comparison(draw: Random) -> str:
    return draw.choice(
        (
            f"order.status {draw.choice(('is', 'is not'))} {draw.choice(('created', 'paid', 'delivered'))}",
            f"order.status {draw.choice(('in', 'not in'))} [{draw.choice(('paid, shipped', 'created, cancelled'))}]",
            f"order.total {draw.choice(('<', '<=', '>', '>=', '='))} {draw.choice(('5 EUR', '10 EUR', '7 USD'))}",
            f"order.delivered_at is {draw.choice(('more than', 'at most', 'less than', 'at least'))} "
            f"{draw.choice(('0', '1', '14', '30'))} days {draw.choice(('ago', 'from now'))}",
            f"order.tracking_url is {draw.choice(('', 'not '))}known",
            f"order.delivered_at is {draw.choice(('', 'not '))}known",
        )
    )


def plan_of(seed: int) -> Plan:
    draw = Random(seed)
    rules = "\n".join(
        f'  - {{rule: r{place}, when: "{joined(draw, comparison)}", then: answer}}'
        for place in range(draw.randrange(2, 6))
    )
    plan, problems = compile_playbook(
        load(PLAYBOOK.format(rules=rules), "judged.yaml"), MAKER.interfaces, MAKER.policy()
    )
    assert plan is not None, problems
    return plan


@given(st.integers(0, 2**32))
@example(412)  # a time later today is 0 days away and not over
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_both_say_which_rules_can_apply_and_which_can_stop(seed: int) -> None:
    plan = plan_of(seed)
    note(f"seed {seed}: {[rule.when.source for rule in plan.rules if rule.when]}")
    judged = judge(plan)
    assert judged is not None
    state = State.of(plan)
    proven = list(rules_of(state))

    def possible(claim: z3.BoolRef) -> bool:
        solver = z3.Solver()
        solver.add(*state.world.held, claim)
        return bool(solver.check() == z3.sat)

    assert [one.can_apply for one in judged] == [possible(one.applies) for one in proven]
    stopping = [one.rule.id for one in judged if one.stops_for]
    assert {one.rule.id for one in proven if possible(one.stops)} >= set(stopping)
