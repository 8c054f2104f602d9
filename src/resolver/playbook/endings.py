"""What silence and each ending do to the ticket, as plain sentences for people who work in the helpdesk.

Called by `resolver lint --explain`. Every sentence follows from the plan and the policy; nothing is evaluated.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from resolver.condition.wording import plain_name
from resolver.playbook.payers import looks_at_payouts, others_that_pay, paid_before, paying_steps, record_of
from resolver.playbook.plan import (
    Answer,
    AnyStep,
    Approve,
    CheckIn,
    Confirm,
    Do,
    Go,
    HandOff,
    Plan,
    Reply,
    SetTicket,
    Start,
)
from resolver.playbook.policy import Policy


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence and what it is about: an outcome, an action, a question."""

    about: str
    sentence: str


def silences(plan: Plan, policy: Policy) -> Iterator[Told]:
    """What happens when the customer, or a team, says nothing."""
    after = _length(policy.patience)
    quiet = _leads(plan, policy, plan.if_silent) if plan.if_silent else _QUIET
    yield Told("a question", f"no answer for {after}: {quiet}")
    for steps in plan.outcomes.values():
        for step in steps:
            if isinstance(step, Confirm):
                then = step.if_silent or plan.if_silent
                lasts = _length(step.within or policy.patience)
                leads = _leads(plan, policy, then) if then else _QUIET
                yield Told(step.reply, f"no yes or no for {lasts}: nothing is done; {leads}")
            elif isinstance(step, CheckIn):
                lasts = _length(step.within or policy.patience)
                leads = _leads(plan, policy, step.if_silent) if step.if_silent else "the next step follows"
                yield Told(step.reply, f"no yes or no for {lasts}: {leads}")
            elif isinstance(step, Approve):
                count = step.within_business_days or 1
                lasts = _length(step.within) if step.within else _counted(count, "business day")
                leads = _leads(plan, policy, step.if_late)
                yield Told(step.team, f"no approval within {lasts}: nothing is done; {leads}")


def endings(plan: Plan, policy: Policy) -> Iterator[Told]:
    """What each outcome sends, does and leaves the ticket as."""
    for name in plan.outcomes:
        yield Told(name, _leads(plan, policy, name).removeprefix(f"'{name}': "))


def payers(plan: Plan, plans: Sequence[Plan]) -> Iterator[Told]:
    """For each action that moves money: which other playbooks can pay for the same record."""
    told: set[str] = set()
    for step in paying_steps(plan):
        if step.action in told:
            continue
        told.add(step.action)
        record = record_of(step)
        what = plain_name(record.name.rpartition(".")[2]) if record else "record"
        others = [one.playbook for one in others_that_pay(plan, step, plans)]
        if not others:
            yield Told(step.action, f"no other playbook can pay for the same {what}")
            continue
        asks = looks_at_payouts(plan)
        guard = (
            "a rule here asks what was paid for it before"
            if asks
            else "no rule here asks what was paid for it before, so two may pay for one; "
            f"a rule above that hands off prevents that: 'when: {paid_before(plan, step)}'"
        )
        yield Told(step.action, f"the same {what} can also be paid for by {', '.join(others)}; {guard}")


_QUIET = "the ticket stays as it is, nothing is sent"


def _leads(plan: Plan, policy: Policy, outcome: str) -> str:
    """`'hand_over': the ticket goes open to Refunds, to a person`."""
    steps = plan.outcomes[outcome]
    said = [one for step in steps if (one := _done(step))]
    return f"'{outcome}': {', '.join([*said, _end(plan, policy, steps)])}"


def _done(step: AnyStep) -> str:
    """What a step does that the customer or the shop notices."""
    match step:
        case Confirm(reply=reply):
            return f"waits for the customer's yes to '{reply}'"
        case CheckIn(reply=reply):
            return f"asks '{reply}'"
        case Approve(team=team, when=when):
            return f"waits for {plain_name(team)}" + (f" if {when.source}" if when else "")
        case Do(spec=spec):
            return f"does '{spec.title}'"
        case Answer(topic=topic):
            return f"answers from articles about {plain_name(topic)}"
        case Reply(reply=reply):
            return f"sends '{reply}'"
    return ""


def _end(plan: Plan, policy: Policy, steps: Sequence[AnyStep]) -> str:
    """What becomes of the ticket at the end of an outcome, and as what it counts."""
    last = steps[-1]
    if isinstance(last, HandOff):
        tell = f"sends '{last.tell}' and " if last.tell else ""
        return f"{tell}the ticket goes open to {policy.queues.get(last.queue, last.queue)}, to a person"
    if isinstance(last, Go):
        return f"goes on with {last.outcome}"
    if isinstance(last, Start):
        return f"playbook {last.playbook} takes over"
    return f"the ticket becomes {_status(policy, steps)}{_marks(steps)} and counts as {_counts_as(steps)}"


def _status(policy: Policy, steps: Sequence[AnyStep]) -> str:
    statuses = [one.status for one in steps if isinstance(one, SetTicket) and one.status]
    return plain_name((statuses[-1] if statuses else policy.status_at_end).value)


def _marks(steps: Sequence[AnyStep]) -> str:
    tags = [tag for one in steps if isinstance(one, SetTicket) for tag in one.add_tags]
    return f", tagged {', '.join(tags)}," if tags else ""


def _counts_as(steps: Sequence[AnyStep]) -> str:
    ends = [one.ends for one in steps if isinstance(one, Reply) and one.ends]
    acted = any(isinstance(one, Do) for one in steps)
    return ends[-1] if ends else "resolved" if acted else "answered, or resolved if something was done before"


def _length(length: timedelta) -> str:
    days, rest = divmod(length, timedelta(days=1))
    return _counted(rest // timedelta(minutes=1), "minute") if rest else _counted(days, "day")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
