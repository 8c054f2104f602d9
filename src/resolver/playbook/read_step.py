"""Reads the steps of an outcome into their syntax.

Called by `read`. Which keys a verb has stands in `step_places`; what they lead to is the checks' business.
"""

from collections.abc import Mapping

from resolver.playbook.plan import ANY
from resolver.playbook.step_places import PRIORITIES, STATUSES, TICKET, VERBS, Ends
from resolver.playbook.syntax import Edge, OutcomeSyntax, StepSyntax, TicketSyntax
from resolver.source.node import MappingNode, Node, ScalarNode
from resolver.source.problem import Problem
from resolver.source.reader import (
    Keys,
    read_items,
    read_name,
    read_prose,
    read_scalar,
    read_text,
    unknown_word,
    wrong_kind,
)
from resolver.ticket import Level


def read_outcome(name: ScalarNode, node: Node, problems: list[Problem]) -> OutcomeSyntax:
    """The steps under one outcome's name."""
    steps = (_read_step(item, problems) for item in read_items(node, problems))
    return OutcomeSyntax(name, tuple(step for step in steps if step))


def _read_step(node: Node, problems: list[Problem]) -> StepSyntax | None:
    verb = _verb_of(node, problems)
    if verb is None:
        return None
    declared = VERBS[verb.text]
    keys = Keys(
        node,
        problems,
        required=(verb.text, *declared.required),
        optional=declared.optional,
        lines=declared.place.lines,
    )
    if verb.text == "ticket":
        return StepSyntax(verb, verb, ticket=_read_ticket(keys, problems))
    found = _object_of(keys, verb.text)
    if found is None:
        return None
    summary = keys.get("summary")
    if summary and read_prose(summary, problems) is None:
        summary = None
    return StepSyntax(
        verb=verb,
        object=found,
        edges=_read_edges(keys, problems),
        arguments=read_arguments(keys, problems),
        when=keys.scalar("when"),
        within=keys.scalar("within"),
        tell=name_of(keys, "tell"),
        say_first=name_of(keys, "say_first"),
        summary=summary if isinstance(summary, ScalarNode) else None,
        result=name_of(keys, "as"),
        ends=keys.one_of("ends", [*Ends], "") or None,
        keep=keys.yes_no("keep", default=False),
        priority=keys.one_of("priority", PRIORITIES, "") or None,
    )


def _verb_of(node: Node, problems: list[Problem]) -> ScalarNode | None:
    if not isinstance(node, MappingNode):
        problems.append(wrong_kind(node, "a step such as 'reply: TEXT'"))
        return None
    keys = [entry.key for entry in node.entries]
    verbs = [key for key in keys if key.text in VERBS]
    for other in verbs[1:]:
        message = f"'{other.text}:' stands in the same step as '{verbs[0].text}:'"
        remedy = f"begin a step of its own: '- {other.text}:'"
        problems.append(Problem("unknown-word", message, other.where, other.length, help=remedy))
    if verbs:
        return verbs[0]
    if keys:
        problems.append(unknown_word(keys[0], VERBS))
    else:
        problems.append(wrong_kind(node, "a step such as 'reply: TEXT'"))
    return None


def _object_of(keys: Keys, verb: str) -> ScalarNode | None:
    """What stands behind the verb: a level, an action, a topic, or an id of ours."""
    if verb == "identify":
        level = keys.scalar(verb)
        return level if level and keys.one_of(verb, [*Level], "") else None
    found = keys.scalar(verb)
    if verb == "do" or (verb == "answer" and found is not None and found.text == ANY):
        return found
    return name_of(keys, verb)


def _read_edges(keys: Keys, problems: list[Problem]) -> tuple[Edge, ...]:
    edges = []
    for key in (
        "if_no",
        "if_silent",
        "if_unclear",
        "if_denied",
        "if_late",
        "if_refused",
        "if_pending",
        "if_fails",
        "if_no_answer",
    ):
        node = keys.get(key)
        if key == "if_refused" and isinstance(node, MappingNode):
            edges.extend(_read_codes(node, problems))
        elif (outcome := name_of(keys, key)) is not None:
            edges.append(Edge(key, outcome))
    return tuple(edges)


def _read_codes(node: MappingNode, problems: list[Problem]) -> list[Edge]:
    found = [(entry.key, entry.value) for entry in node.entries]
    edges = []
    for code, value in found:
        if read_name(code, problems) and read_name(value, problems) and isinstance(value, ScalarNode):
            edges.append(Edge("if_refused", value, code))
    return edges


def _read_ticket(keys: Keys, problems: list[Problem]) -> TicketSyntax:
    node = keys.get("ticket")
    if not isinstance(node, MappingNode):
        if node is not None:
            problems.append(wrong_kind(node, "a mapping of ticket fields"))
        return TicketSyntax()
    inner = Keys(node, problems, optional=TICKET.names)
    fields = {entry.key.text: read_text(entry.value, problems) or "" for entry in inner.entries("fields")}
    return TicketSyntax(
        status=inner.one_of("status", STATUSES, "") or None,
        priority=inner.one_of("priority", PRIORITIES, "") or None,
        queue=name_of(inner, "queue"),
        add_tags=_read_tags(inner, "add_tags", problems),
        remove_tags=_read_tags(inner, "remove_tags", problems),
        fields=fields,
    )


def _read_tags(keys: Keys, key: str, problems: list[Problem]) -> tuple[str, ...]:
    return tuple(tag for item in keys.items(key) if (tag := read_text(item, problems)))


def read_arguments(keys: Keys, problems: list[Problem]) -> Mapping[ScalarNode, ScalarNode]:
    """The `with:` of a look-up or action: argument → expression."""
    found = {}
    for entry in keys.entries("with"):
        value = read_scalar(entry.value, problems)
        if value:
            found[entry.key] = value
    return found


def name_of(keys: Keys, key: str) -> ScalarNode | None:
    """The scalar under `key` if it can be a name."""
    node = keys.get(key)
    if node is None or read_name(node, keys.problems) is None:
        return None
    return node if isinstance(node, ScalarNode) else None
