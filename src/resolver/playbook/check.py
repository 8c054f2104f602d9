"""Judges a playbook that was read and resolved: references, sizes, what is never used; then flow, offers and texts.

Called by `compile` with everything it needs; it changes nothing and adds to the list of problems.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from resolver.condition.parser import parse_length
from resolver.condition.values import Days
from resolver.playbook.check_asked import check_asked
from resolver.playbook.check_flow import check_flow
from resolver.playbook.check_offer import check_offers
from resolver.playbook.check_text import check_languages, check_texts
from resolver.playbook.finding import Subject
from resolver.playbook.graph import circle, edges, entries
from resolver.playbook.names import Names
from resolver.playbook.paths import walk as walk_paths
from resolver.playbook.plan import ANY
from resolver.playbook.policy import Policy
from resolver.playbook.syntax import ComputedSyntax, LookUpSyntax, PlaybookSyntax, ReplySyntax, SlotSyntax
from resolver.playbook.vocabulary import Vocabulary
from resolver.source.name import nearest, only_near
from resolver.source.node import ScalarNode
from resolver.source.problem import Problem, has_errors

MOST = {
    "slots": 20,
    "look-ups": 10,
    "computed values": 30,
    "rules": 100,
    "outcomes": 60,
    "replies": 200,
    "languages": 20,
}
MOST_STEPS = 12
_PARTLY_READ = frozenset(
    (
        "unknown-word not-supported-yet missing-word bad-name too-big unknown-outcome unknown-reply unknown-action "
        "unknown-look-up not-bound"
    ).split()
)


def check(
    playbook: PlaybookSyntax,
    names: Names,
    vocabulary: Vocabulary,
    policy: Policy | None,
    problems: list[Problem],
) -> None:
    """Add everything that is wrong with the playbook to `problems`.

    A file that was not read whole is judged no further than its words: what is missing would only cause echoes.
    """
    subject = Subject(playbook, names, vocabulary, policy, None, problems)
    _sizes(subject)
    _twice(subject)
    _policy_names(subject)
    _topics(subject)
    _lengths(subject)
    check_languages(subject)
    _references(subject)
    if has_errors(problem for problem in problems if problem.code in _PARTLY_READ):
        return
    undoable = [action for action in vocabulary.actions if subject.can_be_undone(action)]
    subject = replace(subject, ways=None if circle(playbook) else walk_paths(playbook, undoable))
    check_asked(subject)
    check_flow(subject)
    if not any(problem.code == "unreachable" for problem in problems):
        _unused(subject)  # a step that was taken out leaves both behind; the first is told
    check_offers(subject)
    check_texts(subject)


def _sizes(subject: Subject) -> None:
    playbook = subject.playbook
    lists: Mapping[str, Sequence[ScalarNode]] = {
        "slots": [one.name for one in playbook.slots],
        "look-ups": [one.name for one in playbook.look_ups],
        "computed values": [one.name for one in playbook.computed],
        "rules": [one.id for one in playbook.rules],
        "outcomes": [one.name for one in playbook.outcomes.values()],
        "replies": [one.id for one in playbook.replies.values()],
        "languages": playbook.languages,
        **{
            f"steps in '{name}'": [step.verb for step in one.steps] for name, one in playbook.outcomes.items()
        },
    }
    for what, found in lists.items():
        most = MOST.get(what, MOST_STEPS)
        if len(found) > most:
            subject.report("too-big", f"there are more than {most} {what}", found[most], "split the file")


def _twice(subject: Subject) -> None:
    seen: dict[str, ScalarNode] = {}
    for rule in subject.playbook.rules:
        if rule.id.text in seen:
            message = f"rule '{rule.id.text}' is written twice"
            remedy = f"the first is in line {seen[rule.id.text].where.line}; rename one"
            subject.report("written-twice", message, rule.id, remedy)
        seen.setdefault(rule.id.text, rule.id)


def _references(subject: Subject) -> None:
    """Every outcome and reply that is named is there."""
    playbook = subject.playbook
    outcomes = [one.outcome for one in entries(playbook)]
    outcomes += [edge.outcome for _, step in playbook.steps() for edge in edges(step)]
    for word in outcomes:
        _there(subject, "unknown-outcome", "outcome", word, playbook.outcomes)
    for word in playbook.replies_named():
        _there(subject, "unknown-reply", "reply", word, playbook.replies)


def _there(subject: Subject, code: str, what: str, word: ScalarNode, known: Collection[str]) -> None:
    if word.text in known:
        return
    near = nearest(word.text, known)
    section = "replies" if what == "reply" else "outcomes"
    remedy = f"did you mean '{near}'?" if near else f"add it under '{section}:'"
    subject.report(
        code, f"there is no {what} '{word.text}'", word, remedy, instead=only_near(word.text, known)
    )


def _policy_names(subject: Subject) -> None:
    policy = subject.policy
    if policy is None:
        return
    for _, step in subject.playbook.steps():
        if step.verb.text == "hand_off":
            _in_policy(subject, "queue", step.object, policy.queues)
        if step.ticket.queue:
            _in_policy(subject, "queue", step.ticket.queue, policy.queues)
        if step.verb.text == "approve":
            _in_policy(subject, "team", step.object, policy.teams)


def _in_policy(subject: Subject, what: str, word: ScalarNode, known: Collection[str]) -> None:
    if word.text not in known:
        near = nearest(word.text, known)
        remedy = f"did you mean '{near}'?" if near else "add it there"
        subject.report(
            f"unknown-{what}",
            f"policy.yaml has no {what} '{word.text}'",
            word,
            remedy,
            instead=only_near(word.text, known),
        )


def _topics(subject: Subject) -> None:
    """A topic is one that the knowledge base has; without one there is never an answer."""
    topics = subject.vocabulary.topics
    for _, step in subject.playbook.steps():
        word = step.object
        if step.verb.text != "answer" or (topics is not None and word.text in (ANY, *topics)):
            continue
        if topics is None:
            message = "no knowledge base is configured, so this always takes 'if_no_answer'"
            remedy = "add 'knowledge:' with a folder of reviewed articles to the configuration"
            subject.report("not-bound", message, step.verb, remedy, severity="note")
        else:
            near = nearest(word.text, topics)
            remedy = (
                f"did you mean '{near}'?" if near else f"there are: {', '.join(sorted(topics)) or 'none'}"
            )
            subject.report("unknown-topic", f"no article is about '{word.text}'", word, remedy)


def _lengths(subject: Subject) -> None:
    """`within` is a length of time; business days only where people are waited for."""
    for _, step in subject.playbook.steps():
        length = parse_length(step.within, subject.problems) if step.within else None
        if isinstance(length, Days) and length.business and step.verb.text != "approve" and step.within:
            remedy = "write days or hours: customers answer on every day"
            subject.report("wrong-type", "business days cannot be counted here", step.within, remedy)


def _unused(subject: Subject) -> None:
    """Slots, look-ups, computed values and replies that nothing reads."""
    playbook, names = subject.playbook, subject.names
    if names.unread:
        return  # what could not be read may use anything
    used: set[str] = set()
    for scalar in _final_expressions(playbook):
        compiled = names.of(scalar)
        for name in compiled.names if compiled else ():
            used |= names.behind(name.partition(".")[0])
    for reply in playbook.replies.values():
        counted = names.of(reply.count)
        for name in counted.names if counted else ():
            used |= names.behind(name.partition(".")[0])
    for text in names.templates:
        for placeholder in subject.placeholders(text):
            used |= names.behind(placeholder.name.partition(".")[0])
    items: list[SlotSyntax | LookUpSyntax | ComputedSyntax] = [
        *playbook.slots,
        *playbook.look_ups,
        *playbook.computed,
    ]
    for item in items:
        if item.name.text not in used and item.name.text in names.fields:
            subject.report("unused", f"'{item.name.text}' is never used", item.name, "remove it")
    named = {word.text for word in playbook.replies_named()}
    for reply_id, reply in playbook.replies.items():
        if reply_id not in named:
            subject.report("unused", f"reply '{reply_id}' is never used", reply.id, _saying(reply))


def _saying(reply: ReplySyntax) -> str:
    """Where a text that nothing says could be said: a question where an answer is waited for."""
    name = reply.id.text
    if reply.is_question:
        ways = (
            f"ask it: 'confirm: {name}' or 'check_in: {name}', each with 'if_no:', or 'ask: {name}' in a slot"
        )
    else:
        ways = f"say it: 'reply: {name}', or 'tell: {name}' beside 'approve:' or 'hand_off:'"
    return f"remove it, or {ways}"


def _final_expressions(playbook: PlaybookSyntax) -> Iterator[ScalarNode]:
    for rule in playbook.rules:
        if rule.when:
            yield rule.when
    for _, step in playbook.steps():
        if step.when:
            yield step.when
        yield from step.arguments.values()
