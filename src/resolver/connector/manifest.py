"""What a connector says of itself in `connector.yaml`: interfaces, settings, and what only it can know of each action.

Read at start-up by the registry; gateway and checks ask it. A connector narrows its interface and never widens it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, cast, get_args

from resolver.condition.check import check_condition
from resolver.condition.declared import TEXT_KINDS
from resolver.condition.evaluate import Compiled, compile_expression
from resolver.condition.parser import parse_expression
from resolver.condition.scope import Scope
from resolver.condition.types import Field, Records
from resolver.connector.interface import ActionSpec, Interface, LookUpSpec
from resolver.connector.interface_places import RESULT_WORDS, ResultWord
from resolver.connector.interface_reader import read_duration
from resolver.source.load import Loaded
from resolver.source.name import nearest, shown
from resolver.source.node import Entry, MappingNode, Node, ScalarNode
from resolver.source.problem import Problem, has_errors
from resolver.source.reader import Keys, read_name, read_scalar, read_text, unknown_word

Kind = Literal["helpdesk", "backend"]
Idempotency = Literal["native", "natural", "none"]
DryRun = Literal["native", "simulated", "none"]
SENDS_CODES = "code"
"""What a connector says under `sends:` that brings one-time codes to contacts."""
SettingKind = Literal["text", "url", "secret", "number", "yes_no", "json"]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a connector knows of one action; what it does not say is as in the interface.

    `idempotency` native: the key is honoured; natural: looking first is safe; none: unknown goes to a person.
    `verify` names its read-back, None if it has none; `holds` is that as a condition over the arguments, where it is
    one: then records that are read again say whether it happened.
    """

    idempotency: Idempotency
    verify: str | None
    dry_run: DryRun
    result: ResultWord
    settles_within: timedelta | None
    refuses: tuple[str, ...]
    holds: Compiled | None = field(default=None, repr=False, compare=False)  # follows from `verify`


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a connection. `options` is not empty where only certain words are possible."""

    kind: SettingKind
    required: bool = True
    default: str | None = None
    help: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """One connector. `extra` is the optional dependency group it needs, `path` the file it was read from."""

    connector: str
    title: str
    kind: Kind
    path: str
    implements: tuple[str, ...] = ()
    actions: Mapping[str, Narrowing] = field(default_factory=dict)
    sends: frozenset[str] = frozenset()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """An interface with the connection that serves it."""

    interface: Interface
    connection: str
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Interfaces:
    """Every interface an installation knows, and which connection serves each of those that are bound.

    `topics` are those the knowledge base has articles about, None where none is configured.
    """

    known: Mapping[str, Interface]
    bound: Mapping[str, Bound]
    topics: frozenset[str] | None = None

    @property
    def records(self) -> Records:
        """Every record type of the bound interfaces by its full name."""
        return {name: record for one in self.bound.values() for name, record in one.interface.records.items()}

    @property
    def patterns(self) -> Mapping[str, str]:
        """The bound interfaces' own kinds of text, each with its regular expression."""
        return {name: text for one in self.bound.values() for name, text in one.interface.patterns.items()}

    def look_up(self, name: str) -> LookUpSpec | None:
        """The look-up `shop.order`, None if no bound interface has it."""
        one = self.bound.get(name.partition(".")[0])
        return one.interface.look_ups.get(name) if one else None

    def action(self, name: str) -> ActionSpec | None:
        """The action `shop.refund`, None if no bound interface has it or its connector does not offer it."""
        one = self.bound.get(name.partition(".")[0])
        return one.interface.actions.get(name) if one and name in one.manifest.actions else None

    def narrowing(self, action: str) -> Narrowing | None:
        """What the bound connector knows of an action, None if it does not offer it."""
        one = self.bound.get(action.partition(".")[0])
        return one.manifest.actions.get(action) if one else None

    def connection(self, name: str) -> str | None:
        """The connection that serves a look-up or action."""
        one = self.bound.get(name.partition(".")[0])
        return one.connection if one else None

    def offered_actions(self) -> tuple[str, ...]:
        """Every action a playbook can use here."""
        return tuple(
            action for one in self.bound.values() for action in one.interface.actions if self.action(action)
        )

    def offered_look_ups(self) -> tuple[str, ...]:
        """Every look-up a playbook can use here."""
        return tuple(look_up for one in self.bound.values() for look_up in one.interface.look_ups)


def bind(
    interfaces: Collection[Interface],
    manifests: Mapping[str, Manifest],
    bindings: Mapping[str, str],
    *,
    topics: frozenset[str] | None = None,
) -> Interfaces:
    """The interfaces with their connections: `manifests` by connection name, `bindings` interface → connection.

    A binding to an interface or connection that does not exist, or whose connector does not implement it, is left out;
    config reports those before.
    """
    known = {interface.name: interface for interface in interfaces}
    bound = {
        name: Bound(known[name], connection, manifests[connection])
        for name, connection in sorted(bindings.items())
        if name in known and connection in manifests and name in manifests[connection].implements
    }
    return Interfaces(known, bound, topics)


def read_manifest(
    loaded: Loaded, interfaces: Mapping[str, Interface]
) -> tuple[Manifest | None, tuple[Problem, ...]]:
    """The manifest, or None and everything that is wrong with its file. `interfaces` are all known ones by name."""
    problems = list(loaded.problems)
    if loaded.root is None:
        return None, tuple(problems)
    found = _Reader(problems, interfaces).read(loaded.root, loaded.path)
    return (None if has_errors(problems) else found), tuple(problems)


_KEYS = ("implements", "actions", "sends", "settings", "extra")
_ACTION_KEYS = ("verify", "dry_run", "result", "settles_within", "refuses")
_SETTING_WORDS: Mapping[str, SettingKind] = {
    **{kind: kind for kind in get_args(SettingKind)},
    "yes/no": "yes_no",
    **dict.fromkeys(TEXT_KINDS, "text"),
}


class _Reader:
    def __init__(self, problems: list[Problem], interfaces: Mapping[str, Interface]) -> None:
        self.problems = problems
        self.interfaces = interfaces

    def read(self, root: Node, path: str) -> Manifest:
        keys = Keys(root, self.problems, required=("connector", "title", "kind"), optional=_KEYS)
        name = keys.name("connector")
        if name == "interfaces":
            self.report("bad-name", "no connector may be called 'interfaces'", root, "choose another name")
        kind = keys.one_of("kind", ["helpdesk", "backend"], "backend")
        if kind == "helpdesk" and "implements" in keys:
            self.report("unknown-word", "a helpdesk implements no interface", root, "remove 'implements:'")
        implements = self._implements(keys)
        actions = [(entry.key.text, self._action(entry, implements)) for entry in keys.entries("actions")]
        return Manifest(
            connector=name,
            title=keys.prose("title"),
            kind=cast(Kind, kind),
            path=path,
            implements=implements,
            actions={action: narrowing for action, narrowing in actions if narrowing},
            sends=self._sends(keys),
            settings=self._settings(keys),
            extra=keys.text("extra"),
        )

    def report(self, code: str, message: str, node: Node, remedy: str) -> None:
        self.problems.append(Problem(code, message, node.where, node.length, help=remedy))

    def _implements(self, keys: Keys) -> tuple[str, ...]:
        found = []
        for node in keys.items("implements"):
            name = read_name(node, self.problems)
            if name in self.interfaces:
                found.append(str(name))
            elif isinstance(node, ScalarNode) and name:
                near = nearest(name, self.interfaces)
                remedy = (
                    f"did you mean '{near}'?" if near else f"known are: {', '.join(sorted(self.interfaces))}"
                )
                self.report("unknown-name", f"there is no interface '{name}'", node, remedy)
        return tuple(found)

    def _sends(self, keys: Keys) -> frozenset[str]:
        for node in keys.items("sends"):
            if isinstance(node, ScalarNode) and node.text != SENDS_CODES:
                self.problems.append(unknown_word(node, (SENDS_CODES,)))
        return frozenset(keys.names("sends"))

    # -- actions --------------------------------------------------------------------------------------------------

    def _action(self, entry: Entry, implements: Collection[str]) -> Narrowing | None:
        keys = Keys(entry.value, self.problems, required=("idempotency",), optional=_ACTION_KEYS)
        interface = self.interfaces.get(entry.key.text.partition(".")[0])
        spec = interface.actions.get(entry.key.text) if interface and interface.name in implements else None
        if spec is None:
            self._no_such_action(entry.key, implements)
            return None
        verify = keys.text("verify", "none")
        return Narrowing(
            idempotency=cast(Idempotency, keys.one_of("idempotency", ["native", "natural", "none"], "none")),
            verify=None if verify == "none" else verify,
            dry_run=cast(DryRun, keys.one_of("dry_run", ["native", "simulated", "none"], "none")),
            result=self._result(keys, spec),
            settles_within=self._settles_within(keys, spec),
            refuses=self._refuses(keys, spec),
            holds=self._holds(keys.scalar("verify"), spec) if verify != "none" else None,
        )

    def _holds(self, verify: ScalarNode | None, spec: ActionSpec) -> Compiled | None:
        """`verify` as a condition over the action's arguments; None where it is words for people."""
        if verify is None:
            return None
        records = self.interfaces[spec.name.partition(".")[0]].records
        names = {name: Field(one.type, one.may_be_missing) for name, one in spec.takes.items()}
        problems: list[Problem] = []
        expression = parse_expression(verify, problems)
        checked = check_condition(expression, Scope(names, records), problems) if expression else None
        return compile_expression(checked) if checked is not None and not problems else None

    def _no_such_action(self, key: ScalarNode, implements: Collection[str]) -> None:
        known = [action for name in implements for action in self.interfaces[name].actions]
        near = nearest(key.text, known)
        remedy = (
            f"did you mean '{near}'?" if near else f"its interfaces have: {', '.join(known) or 'no actions'}"
        )
        self.report("unknown-action", f"no interface of this connector has {shown(key.text)}", key, remedy)

    def _result(self, keys: Keys, spec: ActionSpec) -> ResultWord:
        result = cast(ResultWord, keys.one_of("result", RESULT_WORDS, spec.result))
        if RESULT_WORDS.index(result) > RESULT_WORDS.index(spec.result):
            self._wider(keys.scalar("result"), "result", spec.result)
        return result

    def _settles_within(self, keys: Keys, spec: ActionSpec) -> timedelta | None:
        scalar = keys.scalar("settles_within") if "settles_within" in keys else None
        length = read_duration(scalar, self.problems) if scalar else None
        if length is None:
            return spec.settles_within
        if spec.settles_within is None or length > spec.settles_within:
            self._wider(scalar, "settles_within", str(spec.settles_within or "nothing"))
        return length

    def _refuses(self, keys: Keys, spec: ActionSpec) -> tuple[str, ...]:
        if "refuses" not in keys:
            return spec.refuses
        for node in keys.items("refuses"):
            if isinstance(node, ScalarNode) and node.text not in spec.refuses:
                self._wider(node, "refuses", ", ".join(spec.refuses) or "nothing")
        return keys.names("refuses")

    def _wider(self, node: ScalarNode | None, key: str, declared: str) -> None:
        if node is not None:
            message = f"'{key}' is wider in the connector than in its interface, which says: {declared}"
            self.report("not-narrower", message, node, "say the same or less there, or change the interface")

    # -- settings -------------------------------------------------------------------------------------------------

    def _settings(self, keys: Keys) -> dict[str, Setting]:
        found = {}
        for entry in keys.named("settings"):
            setting = (
                self._long(entry.value) if isinstance(entry.value, MappingNode) else self._short(entry.value)
            )
            if setting:
                found[entry.key.text] = setting
        return found

    def _long(self, node: MappingNode) -> Setting | None:
        keys = Keys(node, self.problems, required=("type",), optional=("required", "default", "help"))
        scalar = keys.scalar("type")
        found = self._short(scalar) if scalar else None
        if found is None:
            return None
        default = keys.text("default") if "default" in keys else None
        required = keys.yes_no("required", default=found.required and default is None)
        return Setting(found.kind, required, default, keys.prose("help"), found.options)

    def _short(self, node: Node) -> Setting | None:
        """`text`, `secret, may be missing`, `one of [native, none]`."""
        scalar = read_scalar(node, self.problems)
        if scalar is None:
            return None
        text = (read_text(scalar, self.problems) or "").removesuffix(", may be missing")
        required = text == scalar.text.strip()
        if text.startswith("one of [") and text.endswith("]"):
            options = tuple(word.strip() for word in text[len("one of [") : -1].split(","))
            return Setting("text", required, options=options)
        if text in _SETTING_WORDS:
            return Setting(_SETTING_WORDS[text], required)
        self.problems.append(unknown_word(scalar, _SETTING_WORDS))
        return None
