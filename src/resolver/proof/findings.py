"""What was found out about a plan, its rules and its certificate, as problems at their places in the file.

Called by `lint` and by `prove --check` with plans that compiled; it changes nothing.
"""

from collections.abc import Iterable, Iterator

from resolver.connector.manifest import Interfaces
from resolver.errors import Where
from resolver.playbook.payers import (
    above_caps,
    looks_at_payouts,
    others_that_pay,
    paid_before,
    paying_steps,
    smallest_caps,
)
from resolver.playbook.plan import Plan, Rule
from resolver.playbook.policy import SILENT, Policy
from resolver.proof.cells import Judgement, judge
from resolver.proof.certificate import Certificate
from resolver.source.problem import Problem, Severity


def findings(plan: Plan, path: str, text: str) -> Iterator[Problem]:
    """Rules that can never apply, and rules at which every ticket stops."""
    judged = judge(plan)
    if judged is None:
        return
    for one in judged:
        where, length = _place(one.rule, path, text)
        if one.always_stops:
            yield _always(plan, one, where, length)
            continue
        if not one.can_apply and (one.rule.when is not None or not _hands_off(plan, one.rule)):
            above = f"; the rules above cover it: {', '.join(one.covered_by)}" if one.covered_by else ""
            message = f"rule '{one.rule.id}' can never apply{above}"
            yield Problem("never-used", message, where, length, help="change the order or remove it")


def may_stop(plan: Plan, policy: Policy, path: str, text: str) -> Iterator[Problem]:
    """Rules at which some ticket stops, with what it lacks there; the prover has to be installed."""
    from resolver.proof.stops import stops_of

    for stop in stops_of(plan, policy):
        where, length = _place(stop.rule, path, text)
        message = f"rule '{stop.rule.id}' {stop}"
        yield Problem("may-stop", message, where, length, help=stop.told[0].remedy, severity="note")


def _always(plan: Plan, one: Judgement, where: Where, length: int) -> Problem:
    """A rule at which every ticket stops, with what is never known there."""
    behind = one.stops_for or (one.rule.when.names if one.rule.when else ())
    slot = next((plan.slots[name] for name in behind if name in plan.slots and plan.slots[name].when), None)
    name = slot.name if slot else ", ".join(behind) or "a value"
    condition = slot.when.source if slot and slot.when else ""
    remedy = (
        f"its slot is asked only when {condition}"
        if condition
        else "ask for it, or look it up, before the rules"
    )
    return Problem("always-stops", f"{name} is never known here", where, length, help=remedy)


def pays_again(plan: Plan, plans: Iterable[Plan], path: str, text: str) -> Iterator[Problem]:
    """The actions whose money another playbook can pay for the same record, unless a rule asks what was paid."""
    if looks_at_payouts(plan):
        return
    known = tuple(plans)
    told: set[str] = set()
    for step in paying_steps(plan):
        others = others_that_pay(plan, step, known)
        if not others or step.action in told:
            continue
        told.add(step.action)
        names = ", ".join(one.playbook for one in others)
        what = f"playbook {names}" if len(others) == 1 else f"playbooks {names}"
        remedy = f"if once is enough, a rule above that hands off: 'when: {paid_before(plan, step)}'"
        where, length = _word(step.line, step.action, path, text)
        yield Problem(
            "pays-again", f"{what} can pay for the same record", where, length, help=remedy, severity="note"
        )


def uncertified(
    plan: Plan,
    certificate: Certificate | None,
    policy: Policy,
    interfaces: Interfaces,
    path: str,
    text: str,
    *,
    severity: Severity,
) -> Problem | None:
    """Why this plan may not act on real systems in mode `auto`, at its `mode:`; None if its certificate fits."""
    remedy = "run 'resolver prove', or set 'mode: suggest'"
    if certificate is None:
        code = "not-proven"
        message = f"mode auto needs a certificate, and '{plan.playbook}' has none for its present text"
    elif certificate.missing():
        code, message = "not-proven", f"mode auto needs a certificate; missing: {_listed(certificate)}"
    elif not certificate.covered():
        code, message = "untested", f"the certificate of '{plan.playbook}' covers only {certificate.coverage}"
        remedy = "write the missing cases, then run 'resolver prove'"
    else:
        why = certificate.misfit(plan, policy, interfaces)
        if why is None:
            return None
        code, message = "stale-certificate", f"the certificate of '{plan.playbook}' does not fit: {why}"
        remedy = "run 'resolver prove' again"
    where, length = _mode(path, text)
    return Problem(code, message, where, length, help=remedy, severity=severity)


def _listed(certificate: Certificate) -> str:
    return ", ".join(certificate.missing())


def _mode(path: str, text: str) -> tuple[Where, int]:
    """The word behind `mode:`, else the beginning of the file."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("mode:"):
            word = line.removeprefix("mode:").split("#")[0].strip()
            return Where(path, number, max(0, line.find(word, len("mode:"))) + 1), max(1, len(word))
    return Where(path, 1, 1), 1


def over_caps(plan: Plan, policy: Policy, path: str, text: str) -> Iterator[Problem]:
    """The actions that may come to more than the policy lets out at once, where no rule catches that before.

    The caps count what was paid before as well, so no rule can keep a payment below them for certain; this is told
    where not even one payment is kept below the smallest.
    """
    told: set[str] = set()
    for step in paying_steps(plan):
        smallest = smallest_caps(policy.actions.get(step.action, SILENT))
        caps = above_caps(plan, step, smallest, policy)
        if not caps or step.action in told:
            continue
        told.add(step.action)
        most = " or ".join(str(amount) for amount in caps.values())
        message = f"{step.action} may come to more than {most}, the cap in policy.yaml; that goes to a person"
        remedy = "hand off in a rule above, before the customer is asked: 'amount > limits.…', no higher than the cap"
        where, length = _word(step.line, step.action, path, text)
        yield Problem("over-limit", message, where, length, help=remedy, severity="note")


def _hands_off(plan: Plan, rule: Rule) -> bool:
    return any("/hand_off-" in step.id for step in plan.outcomes[rule.then])


def _place(rule: Rule, path: str, text: str) -> tuple[Where, int]:
    """The rule's name in the file."""
    return _word(rule.line, rule.id, path, text, behind="rule:")


def _word(line: int, word: str, path: str, text: str, *, behind: str = "") -> tuple[Where, int]:
    lines = text.splitlines()
    found = lines[line - 1] if 0 < line <= len(lines) else ""
    start = found.find(behind) + len(behind) if behind in found else 0
    return Where(path, line, max(0, found.find(word, start)) + 1), len(word)
