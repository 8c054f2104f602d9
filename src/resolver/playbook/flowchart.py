"""A playbook as a flowchart: what is asked and read, the rules in their order, the outcomes and where they lead.

Made from a plan, drawn as Mermaid text by `mermaid` and as a picture by `flowchart_svg`. Pure; the order is the file's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from resolver.playbook import plan as steps
from resolver.playbook.plan import AnyStep, Plan

Kind = Literal["start", "prepare", "rule", "outcome", "handoff", "playbook"]


@dataclass(frozen=True, slots=True)
class Node:
    """A box: its id, kind and lines of text, the first of which is its name."""

    id: str
    kind: Kind
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from one box to another. `label` says when; `aside` marks ways the rules do not choose."""

    start: str
    end: str
    label: str = ""
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Flowchart:
    """All boxes in reading order, and all arrows."""

    title: str
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]


def flowchart(plan: Plan) -> Flowchart:
    """The plan as boxes and arrows."""
    nodes = [Node("start", "start", (plan.intent or "anything else", plan.title)), _prepare(plan)]
    arrows = [Arrow("start", "prepare"), *_asides(plan)]
    before, label = "prepare", ""
    for number, rule in enumerate(plan.rules, 1):
        name = f"rule_{number}"
        condition = rule.when.source if rule.when else "otherwise"
        nodes.append(Node(name, "rule", (rule.id, condition)))
        arrows.append(Arrow(before, name, label))
        arrows.append(Arrow(name, f"outcome_{rule.then}", "yes" if rule.when else ""))
        before, label = name, "no"
    for outcome, line in plan.outcomes.items():
        nodes.append(_outcome(outcome, line))
        arrows += [
            Arrow(f"outcome_{outcome}", f"outcome_{end}", label, aside) for end, label, aside in _ways(line)
        ]
        started = [step.playbook for step in line if isinstance(step, steps.Start)]
        nodes += [Node(f"playbook_{name}", "playbook", (name, "another playbook")) for name in started]
        arrows += [Arrow(f"outcome_{outcome}", f"playbook_{name}", "start") for name in started]
    unique = {node.id: node for node in nodes}
    return Flowchart(plan.title, tuple(unique.values()), tuple(dict.fromkeys(arrows)))


def _prepare(plan: Plan) -> Node:
    lines = ["before the rules"]
    lines += [f"asks {slot.name}: {slot.type}" for slot in plan.slots.values()]
    lines += [f"reads {one.name} by {one.find}" for one in plan.look_ups.values()]
    lines.append(f"customer at least {plan.identify}")
    return Node("prepare", "prepare", tuple(lines))


def _asides(plan: Plan) -> Iterator[Arrow]:
    """Outcomes that are reached before the rules are asked."""
    yield Arrow("prepare", f"outcome_{plan.if_unsure}", "if_unsure", aside=True)
    if plan.if_silent:
        yield Arrow("prepare", f"outcome_{plan.if_silent}", "if_silent", aside=True)
    for look_up in plan.look_ups.values():
        yield Arrow("prepare", f"outcome_{look_up.if_missing}", f"{look_up.name} missing", aside=True)
        if look_up.if_fails:
            yield Arrow("prepare", f"outcome_{look_up.if_fails}", f"{look_up.name} fails", aside=True)
    for slot in plan.slots.values():
        for label, outcome in (("none", slot.if_none), ("given up", slot.if_given_up)):
            if outcome:
                yield Arrow("prepare", f"outcome_{outcome}", f"{slot.name} {label}", aside=True)


def _outcome(name: str, line: tuple[AnyStep, ...]) -> Node:
    hands_off = any(isinstance(step, steps.HandOff) for step in line)
    texts = [f"{number}. {_words(step)}" for number, step in enumerate(line, 1)]
    return Node(f"outcome_{name}", "handoff" if hands_off else "outcome", (name, *texts))


def _words(step: AnyStep) -> str:
    match step:
        case steps.Identify(level=level):
            return f"identify {level}"
        case steps.Confirm(reply=reply):
            return f"confirm {reply}"
        case steps.CheckIn(reply=reply):
            return f"check in {reply}"
        case steps.Approve(team=team, when=when):
            return f"approve by {team}" + (f" when {when.source}" if when else "")
        case steps.Do(action=action, arguments=arguments):
            return f"do {action} ({', '.join(f'{key}: {value.source}' for key, value in arguments.items())})"
        case steps.Answer(topic=topic):
            return f"answer {topic}"
        case steps.Reply(reply=reply, ends=ends):
            return f"reply {reply}" + (f" ({ends})" if ends else "")
        case steps.HandOff(queue=queue):
            return f"hand off to {queue}"
        case steps.Go(outcome=outcome):
            return f"go {outcome}"
        case steps.Start(playbook=playbook):
            return f"start {playbook}"
        case steps.SetTicket(status=status, add_tags=tags):
            return " ".join(["ticket", *([str(status)] if status else []), *(f"+{tag}" for tag in tags)])


def _ways(line: tuple[AnyStep, ...]) -> Iterator[tuple[str, str, bool]]:
    """Where an outcome's steps lead: the outcome, when, and whether it is off the straight line."""
    for step in line:
        match step:
            case steps.Go(outcome=outcome):
                yield outcome, "", False
            case steps.Identify(if_fails=fails):
                yield fails, "if_fails", True
            case steps.Confirm(if_no=no, if_silent=silent, if_unclear=unclear):
                yield from _given((no, "if_no"), (silent, "if_silent"), (unclear, "if_unclear"))
            case steps.CheckIn(if_no=no, if_silent=silent):
                yield from _given((no, "if_no"), (silent, "if_silent"))
            case steps.Answer(if_no_answer=none):
                yield none, "if_no_answer", True
            case steps.Approve(if_denied=denied, if_late=late):
                yield from _given((denied, "if_denied"), (late, "if_late"))
            case steps.Do(if_refused=refused, if_pending=pending, if_fails=fails):
                codes = [
                    (end, "if_refused" if code == "*" else f"refused: {code}")
                    for code, end in refused.items()
                ]
                yield from _given(*codes, (pending, "if_pending"), (fails, "if_fails"))
            case _:
                pass


def _given(*ways: tuple[str | None, str]) -> Iterator[tuple[str, str, bool]]:
    return ((outcome, label, True) for outcome, label in ways if outcome)


# -- Mermaid ------------------------------------------------------------------------------------------------------

_SHAPES = {
    "start": ("([", "])"),
    "prepare": ("[/", "/]"),
    "rule": ("{{", "}}"),
    "outcome": ("[", "]"),
    "handoff": ("[[", "]]"),
    "playbook": ("[(", ")]"),
}


def mermaid(chart: Flowchart) -> str:
    """The flowchart as Mermaid text, the same for the same plan."""
    lines = ["flowchart TD"]
    for node in chart.nodes:
        opens, closes = _SHAPES[node.kind]
        lines.append(f'    {node.id}{opens}"{"<br/>".join(map(_escaped, node.lines))}"{closes}')
    for arrow in chart.arrows:
        line = "-.->" if arrow.aside else "-->"
        label = f'|"{_escaped(arrow.label)}"|' if arrow.label else ""
        lines.append(f"    {arrow.start} {line}{label} {arrow.end}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Text as it may stand in a quoted label: no character of it means anything to Mermaid."""
    marks = {"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;"}
    return "".join(marks.get(char, char) for char in " ".join(text.split()))
