"""A playbook as written: every key of the file in its place, words still text with line and column.

Made by `read`, judged by the checks, turned into a plan by `compile`. Nothing here knows an interface or a type.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from resolver.errors import Where
from resolver.source.node import ScalarNode

Texts = Mapping[str, ScalarNode]
"""Language → text."""


@dataclass(frozen=True, slots=True)
class ForEachSyntax:
    """`for_each: items as item`: the list, and what each of its elements is called."""

    list: ScalarNode
    alias: ScalarNode


@dataclass(frozen=True, slots=True)
class SlotSyntax:
    """One entry of `needs`."""

    name: ScalarNode
    type: ScalarNode | None
    ask: ScalarNode | None
    when: ScalarNode | None = None
    check: ScalarNode | None = None
    assume: ScalarNode | None = None
    or_else: ScalarNode | None = None
    if_given_up: ScalarNode | None = None
    if_none: ScalarNode | None = None
    prefill: bool = True
    tries: int = 2
    labels: Mapping[ScalarNode, Texts] = field(default_factory=dict)
    for_each: ForEachSyntax | None = None


@dataclass(frozen=True, slots=True)
class LookUpSyntax:
    """One entry of `look_up`."""

    name: ScalarNode
    find: ScalarNode
    arguments: Mapping[ScalarNode, ScalarNode]
    if_missing: ScalarNode | None
    if_fails: ScalarNode | None


@dataclass(frozen=True, slots=True)
class ComputedSyntax:
    """One entry of `compute`."""

    name: ScalarNode
    value: ScalarNode


Item = SlotSyntax | LookUpSyntax | ComputedSyntax
ALL = "all"
"""What `assume` says for every option there is."""


@dataclass(frozen=True, slots=True)
class RuleSyntax:
    """One entry of `decide`; `when` None is `otherwise`."""

    id: ScalarNode
    when: ScalarNode | None
    then: ScalarNode | None
    because: ScalarNode | None


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a step leads besides onwards: `if_no: keep`, or one code of `if_refused`."""

    key: str
    outcome: ScalarNode
    code: ScalarNode | None = None


@dataclass(frozen=True, slots=True)
class TicketSyntax:
    """What a `ticket:` step writes."""

    status: str | None = None
    priority: str | None = None
    queue: ScalarNode | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepSyntax:
    """One step: the verb, what stands behind it, and the other keys it has."""

    verb: ScalarNode
    object: ScalarNode
    edges: tuple[Edge, ...] = ()
    arguments: Mapping[ScalarNode, ScalarNode] = field(default_factory=dict)
    when: ScalarNode | None = None
    within: ScalarNode | None = None
    tell: ScalarNode | None = None
    say_first: ScalarNode | None = None
    summary: ScalarNode | None = None
    result: ScalarNode | None = None
    ends: str | None = None
    keep: bool = False
    priority: str | None = None
    ticket: TicketSyntax = TicketSyntax()

    def edge(self, key: str) -> ScalarNode | None:
        """Where `key` leads as a whole; None if it is absent or a map of codes."""
        return next((edge.outcome for edge in self.edges if edge.key == key and edge.code is None), None)

    def has(self, key: str) -> bool:
        """Whether the step says anything under `key`."""
        return any(edge.key == key for edge in self.edges)


@dataclass(frozen=True, slots=True)
class OutcomeSyntax:
    """A named line of steps."""

    name: ScalarNode
    steps: tuple[StepSyntax, ...]


_QUESTION_MARKS = frozenset("?\uff1f\u061f\u037e")


@dataclass(frozen=True, slots=True)
class ReplySyntax:
    """A text in several languages.

    `always_true`: it claims nothing that depends on what was done; `polish`: a model may rephrase it.
    With `count` a language has several forms (`one`, `few`, …) and `texts` holds one of them.
    """

    id: ScalarNode
    texts: Texts
    always_true: bool = False
    polish: bool = False
    count: ScalarNode | None = None
    forms: Mapping[str, Texts] = field(default_factory=dict)

    def every_text(self) -> Iterator[ScalarNode]:
        """All texts, in every language and form."""
        for language, text in self.texts.items():
            yield from self.forms[language].values() if language in self.forms else (text,)

    @property
    def is_question(self) -> bool:
        """Whether it asks something, in any of its languages."""
        return any(set(text.text) & _QUESTION_MARKS for text in self.every_text())


@dataclass(frozen=True, slots=True)
class Handles:
    """Which requests come here."""

    intent: ScalarNode | None
    anything_else: bool
    examples: tuple[str, ...]
    not_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaybookSyntax:
    """A whole file."""

    where: Where
    playbook: ScalarNode
    title: str
    owner: str
    mode: str
    rollout: Decimal
    languages: tuple[ScalarNode, ...]
    handles: Handles
    identify: str
    slots: tuple[SlotSyntax, ...]
    look_ups: tuple[LookUpSyntax, ...]
    computed: tuple[ComputedSyntax, ...]
    rules: tuple[RuleSyntax, ...]
    outcomes: Mapping[str, OutcomeSyntax]
    if_unsure: ScalarNode | None
    if_silent: ScalarNode | None
    replies: Mapping[str, ReplySyntax]

    def steps(self) -> Iterator[tuple[OutcomeSyntax, StepSyntax]]:
        """Every step with the outcome it stands in."""
        for outcome in self.outcomes.values():
            for step in outcome.steps:
                yield outcome, step

    def replies_named(self) -> Iterator[ScalarNode]:
        """Every place that names a text: questions of slots and what steps say."""
        for slot in self.slots:
            if slot.ask:
                yield slot.ask
        for _, step in self.steps():
            if step.verb.text in ("reply", "confirm", "check_in"):
                yield step.object
            yield from (word for word in (step.tell, step.say_first) if word)


def is_selection(scalar: ScalarNode) -> bool:
    """Whether a slot's type is `one of LIST` or `some of LIST`, not a closed choice."""
    words = scalar.text.split()
    return len(words) > 2 and words[:2] in (["one", "of"], ["some", "of"]) and not words[2].startswith("[")


def chooses_several(scalar: ScalarNode) -> bool:
    """Whether a slot's type is `some of LIST`."""
    return is_selection(scalar) and scalar.text.split()[0] == "some"


def expressions_of(item: Item) -> Iterator[ScalarNode]:
    """The expressions an item's value depends on."""
    if isinstance(item, ComputedSyntax):
        yield item.value
    elif isinstance(item, LookUpSyntax):
        yield from item.arguments.values()
    else:
        if item.type and is_selection(item.type):
            yield item.type
        if item.for_each:
            yield item.for_each.list
        for scalar in (item.when, item.check, item.assume, item.or_else):
            if scalar and scalar.text != ALL:
                yield scalar
