"""What `resolver diff` says: each way in which tickets fare otherwise, once, in plain sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resolver.playbook.plan import AnyStep, Approve, Do, Go, HandOff, Plan, Reply, SetTicket, Start

if TYPE_CHECKING:
    from resolver.proof.compare import Change, Decision
    from resolver.proof.example import Example


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence about tickets that fare otherwise, and one of them.

    `ticket` is its number where several sentences have the same one, else 0; `told_before` if it is not the first.
    """

    sentence: str
    example: "Example | None"
    ticket: int = 0
    told_before: bool = False

    @property
    def example_told(self) -> str:
        """The example; the same ticket is not described again."""
        if self.example is None:
            return "could not be decided within the budget"
        if self.told_before:
            return f"for example: ticket {self.ticket} above"
        return f"for example{f', ticket {self.ticket}' if self.ticket else ''}: {self.example}"


def told_changes(old: Plan, new: Plan, found: "Sequence[Change]") -> Iterator[Told]:
    """The changes, those that come to the same by several rules as one; the example is of the first.

    An example that several have is described once.
    """
    alike: dict[tuple[object, ...], list[Change]] = {}
    for one in found:
        fares = _fares(old, one.before, one.pays[0])
        alike.setdefault((one.what, fares, one.after, one.example is None), []).append(one)
    shown = [str(group[0].example) for group in alike.values()]
    shared = [one for one in dict.fromkeys(shown) if shown.count(one) > 1]
    told: set[str] = set()
    for group, example in zip(alike.values(), shown, strict=True):
        ticket = shared.index(example) + 1 if example in shared else 0
        yield Told(_sentence(old, new, group), group[0].example, ticket, told_before=example in told)
        told.add(example)


def _sentence(old: Plan, new: Plan, group: "Sequence[Change]") -> str:
    first = group[0]
    before = (
        f"{_fares(old, first.before, first.pays[0])} {_by([(one.before, one.lacks[0]) for one in group])}"
    )
    after = f"{_fares(new, first.after, first.pays[1])} {_by([(first.after, first.lacks[1])])}"
    why = _because(new, first.after)
    if first.what == "outcome":
        return f"Before: {before}. After: {after}{why}"
    if first.what == "approval":
        was, now = (_approval(plan, one.outcome) for plan, one in ((old, first.before), (new, first.after)))
        paid = (
            f"Before and after: {after}, but" if before == after else f"Before: {before}. After: {after}, and"
        )
        return f"{paid} an approval is needed {was} before, {now} after."
    was, now = (
        _argument(plan, one.outcome, first.what) for plan, one in ((old, first.before), (new, first.after))
    )
    return f"Before: {before}. After: {after}. Another {first.what}: {was} before, {now} after."


def _by(decisions: "Sequence[tuple[Decision, str]]") -> str:
    """By which rules, or for lack of what."""
    from resolver.proof.compare import STOP

    rules = list(dict.fromkeys(one.rule for one, _ in decisions if one.rule != STOP))
    named = " or ".join(part for part in (", ".join(rules[:-1]), *rules[-1:]) if part)
    by = [f"by rule {named}"] if rules else []
    lacks = dict.fromkeys(lacks or "a value is missing" for one, lacks in decisions if one.rule == STOP)
    return " or ".join((*by, *(f"because {one}" for one in lacks)))


def _because(plan: Plan, decision: "Decision") -> str:
    because = next((rule.because for rule in plan.rules if rule.id == decision.rule), "")
    return f": {because}" if because else "."


def _fares(plan: Plan, decision: "Decision", pays: str | None) -> str:
    """What becomes of a ticket for which nothing goes wrong on the way."""
    steps = list(_line(plan, decision.outcome))
    done = [step.spec.title for step in steps if isinstance(step, Do)]
    if pays is not None:
        return f"{pays} is paid ({', then '.join(done)})"
    if done:
        return f"it is done ({', then '.join(done)})"
    last = next((step for step in reversed(steps) if not isinstance(step, SetTicket)), None)
    match last:
        case HandOff(queue=queue):
            return f"it goes to a person ({queue})"
        case Start(playbook=playbook):
            return f"it goes on in the playbook {playbook}"
        case Reply(reply=reply, ends="declined"):
            return f"it is declined ({reply})"
        case Reply(reply=reply):
            return f"it is answered ({reply})"
    return f"it ends in '{decision.outcome}'"


def _line(plan: Plan, outcome: str) -> Iterator[AnyStep]:
    """The steps if nothing goes wrong, `go` followed."""
    for step in plan.outcomes[outcome]:
        if isinstance(step, Go):
            yield from _line(plan, step.outcome)
        else:
            yield step


def _approval(plan: Plan, outcome: str) -> str:
    step = next((step for step in _line(plan, outcome) if isinstance(step, Approve)), None)
    if step is None:
        return "never"
    return f"if {step.when.source}" if step.when else "always"


def _argument(plan: Plan, outcome: str, name: str) -> str:
    values = (
        step.arguments[name].source
        for step in _line(plan, outcome)
        if isinstance(step, Do) and name in step.arguments
    )
    return next(values, "nothing")
