"""Reads an interface file: record types, the facts about them, look-ups and actions, each problem with its place.

Called by the registry at load, and again with the document that a stored plan carries. It performs no I/O.
"""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Literal, cast

from resolver.condition.check import Checked, check_condition, check_expression, check_value
from resolver.condition.declared import DeclaredNames, read_field
from resolver.condition.evaluate import Compiled, compile_expression
from resolver.condition.parser import parse_expression, parse_length
from resolver.condition.reference import check_references
from resolver.condition.scope import Scope
from resolver.condition.types import Field, MoneyType, Number, Record, RecordType, Type
from resolver.condition.values import Days
from resolver.connector.interface import ActionSpec, ArgumentSpec, Interface, LookUpSpec
from resolver.connector.interface_places import (
    ACTION,
    ACTION_LEVEL,
    ARGUMENT,
    CONFIRM,
    EFFECTS,
    INTERFACE,
    LOOK_UP,
    LOOK_UP_LEVEL,
    NOBODY,
    NONE,
    RECORD,
    RESULT_WORDS,
    ResultWord,
)
from resolver.connector.undo_with import check_undo
from resolver.errors import Malformed
from resolver.source.document import canonical, node_of, plain_of, sha256_of
from resolver.source.load import Loaded
from resolver.source.name import nearest, shown
from resolver.source.node import Entry, MappingNode, Node, ScalarNode
from resolver.source.problem import Problem, has_errors
from resolver.source.reader import Keys, read_scalar, read_text, unknown_word
from resolver.source.template import Hole, read_template
from resolver.ticket import Level


def read_interface(loaded: Loaded) -> tuple[Interface | None, tuple[Problem, ...]]:
    """The interface, or None and everything that is wrong with its file."""
    problems = list(loaded.problems)
    if loaded.root is None:
        return None, tuple(problems)
    found = _Reader(problems).read(loaded.root)
    return (None if has_errors(problems) else found), tuple(problems)


@lru_cache(maxsize=64)
def interface_from_document(document: str) -> Interface:
    """The interface whose canonical JSON this is; `Malformed` if it is none."""
    problems: list[Problem] = []
    found = _Reader(problems).read(node_of(json.loads(document), "interface"))
    if has_errors(problems):
        raise Malformed(
            f"A stored interface cannot be read: {problems[0].message}.", remedy="restore the backup"
        )
    return found


_ORDERED = ("takes", "fields", "types")  # mappings whose order says something
_FULL_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


class _Reader:
    """Reads one file: types first, then facts, look-ups and actions over them."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.records: dict[str, RecordType] = {}
        self.words = DeclaredNames()

    def read(self, root: Node) -> Interface:
        keys = Keys(
            root,
            self.problems,
            required=INTERFACE.required,
            optional=INTERFACE.optional,
            lines=INTERFACE.lines,
        )
        name = keys.name("interface")
        types = keys.named("types")
        patterns = self._patterns(keys)
        self.words = DeclaredNames.of(name, [entry.key.text for entry in types], tuple(patterns))
        for entry in types:
            self._record(f"{name}.{entry.key.text}", entry)
        facts = {
            f"{name}.{entry.key.text}": self._facts(f"{name}.{entry.key.text}", entry) for entry in types
        }
        look_ups = [self._look_up(name, entry) for entry in keys.entries("look_ups")]
        actions = [self._action(name, entry) for entry in keys.entries("actions")]
        check_undo(actions, keys.entries("actions"), self.records, self.problems)
        gives = {found.name: found.gives.name for found in look_ups if found and _takes_one_key(found)}
        check_references(types, gives, self.words, problems=self.problems)
        document = canonical(plain_of(root, ordered=_ORDERED, lines=False))
        return Interface(
            name=name,
            id=sha256_of(document),
            document=document,
            records=self.records,
            facts=facts,
            look_ups={found.name: found for found in look_ups if found},
            actions={found.name: found for found in actions if found},
            patterns=patterns,
        )

    def report(self, code: str, message: str, node: Node, remedy: str) -> None:
        self.problems.append(Problem(code, message, node.where, node.length, help=remedy))

    # -- record types ---------------------------------------------------------------------------------------------

    def _patterns(self, keys: Keys) -> dict[str, str]:
        found = {}
        for entry in keys.named("patterns"):
            text = read_text(entry.value, self.problems)
            if text is None:
                continue
            try:
                re.compile(text)
            except re.error as error:
                self.report(
                    "wrong-type", f"this pattern cannot be read: {error}", entry.value, "correct the pattern"
                )
            else:
                found[entry.key.text] = text
        return found

    def _record(self, full: str, entry: Entry) -> None:
        keys = Keys(
            entry.value, self.problems, required=RECORD.required, optional=RECORD.optional, lines=RECORD.lines
        )
        fields = {}
        for written in keys.named("fields"):
            scalar = read_scalar(written.value, self.problems)
            found = read_field(scalar, self.words, self.problems) if scalar else None
            if found:
                fields[written.key.text] = found
        for key in ("key", "contact", "units"):
            self._field_named(keys, key, fields)
        if keys.text("owner") != NOBODY:
            self._field_named(keys, "owner", fields)
        if keys.text("units") and not isinstance(
            fields.get(keys.text("units"), Field(Number())).type, Number
        ):
            self.report(
                "wrong-type", "'units' must name a number", keys.scalar("units") or entry.key, "name a number"
            )
        self._show(keys, fields)
        self.records[full] = RecordType(
            name=full,
            key=keys.text("key"),
            fields=fields,
            owner=keys.text("owner"),
            contact=keys.text("contact"),
            units=keys.text("units"),
            show=keys.text("show"),
            labels=self._labels(keys),
        )

    def _field_named(self, keys: Keys, key: str, fields: Mapping[str, Field]) -> None:
        node = keys.get(key)
        if isinstance(node, ScalarNode) and node.text and node.text not in fields:
            self.problems.append(unknown_word(node, fields))

    def _show(self, keys: Keys, fields: Mapping[str, Field]) -> None:
        scalar = keys.scalar("show") if "show" in keys else None
        for part in read_template(scalar, self.problems) if scalar else ():
            if scalar and isinstance(part, Hole) and part.name.split(".")[0] not in fields:
                place = scalar.place(part.start)
                near = nearest(part.name, fields)
                remedy = f"did you mean '{near}'?" if near else f"it has: {', '.join(fields)}"
                self.problems.append(
                    Problem("unknown-name", f"there is no '{part.name}'", place, part.length, remedy)
                )

    def _labels(self, keys: Keys) -> dict[str, dict[str, str]]:
        labels: dict[str, dict[str, str]] = {}
        for entry in keys.entries("labels"):
            inner = entry.value.entries if isinstance(entry.value, MappingNode) else ()
            texts = {text.key.text: read_text(text.value, self.problems) or "" for text in inner}
            labels[entry.key.text] = texts
            if not inner:
                self.report(
                    "wrong-type", "this needs a text for each language", entry.value, "write 'en: TEXT'"
                )
        return labels

    def _facts(self, full: str, entry: Entry) -> tuple[Compiled, ...]:
        keys = Keys(entry.value, [], optional=RECORD.names)  # its keys were reported before
        scope = Scope(self.records[full].fields, self.records)
        scalars = [read_scalar(node, self.problems) for node in keys.items("facts")]
        return tuple(found for scalar in scalars if scalar and (found := self._condition(scalar, scope)))

    # -- look-ups and actions -------------------------------------------------------------------------------------

    def _look_up(self, interface: str, entry: Entry) -> LookUpSpec | None:
        if not self._full_name(interface, entry.key):
            return None
        keys = Keys(
            entry.value,
            self.problems,
            required=LOOK_UP.required,
            optional=LOOK_UP.optional,
            lines=LOOK_UP.lines,
        )
        gives = self.records.get(f"{interface}.{keys.text('gives')}")
        node = keys.get("gives")
        if gives is None and isinstance(node, ScalarNode):
            self.problems.append(unknown_word(node, [full.partition(".")[2] for full in self.records]))
        if gives is None:
            return None
        self._owned(gives, entry.key)
        level = Level(keys.one_of("identity", [*Level], LOOK_UP_LEVEL))
        return LookUpSpec(entry.key.text, self._arguments(keys), gives, level)

    def _owned(self, record: RecordType, place: ScalarNode) -> None:
        private = next((name for name, field_ in record.fields.items() if not field_.public), None)
        if private and not record.owner:
            message = f"nobody checks whose '{record.name}' this is: its field '{private}' is private"
            remedy = "add 'owner: FIELD', or 'owner: nobody' if it is nobody's"
            self.report("nobody-checks-owner", message, place, remedy)

    def _full_name(self, interface: str, key: ScalarNode) -> bool:
        if not interface or (_FULL_NAME.fullmatch(key.text) and key.text.split(".")[0] == interface):
            return True  # a file without a name was reported before
        self.report(
            "bad-name", f"{shown(key.text)} cannot be a name here", key, f"begin it with '{interface}.'"
        )
        return False

    def _arguments(self, keys: Keys) -> dict[str, ArgumentSpec]:
        found = {}
        for entry in keys.named("takes"):
            shown_, scalar = True, None
            if isinstance(entry.value, MappingNode):
                inner = Keys(
                    entry.value,
                    self.problems,
                    required=ARGUMENT.required,
                    optional=ARGUMENT.optional,
                    lines=ARGUMENT.lines,
                )
                shown_, scalar = inner.yes_no("shown", default=True), inner.scalar("type")
            else:
                scalar = read_scalar(entry.value, self.problems)
            declared = read_field(scalar, self.words, self.problems) if scalar else None
            if declared:
                found[entry.key.text] = ArgumentSpec(declared.type, shown_, declared.may_be_missing)
        return found

    def _action(self, interface: str, entry: Entry) -> ActionSpec | None:
        if not self._full_name(interface, entry.key):
            return None
        keys = Keys(
            entry.value, self.problems, required=ACTION.required, optional=ACTION.optional, lines=ACTION.lines
        )
        takes = self._arguments(keys)
        scope = Scope(
            {name: Field(spec.type, spec.may_be_missing) for name, spec in takes.items()}, self.records
        )
        requires = [read_scalar(node, self.problems) for node in keys.items("requires")]
        effect = self._effect(keys)
        return ActionSpec(
            name=entry.key.text,
            title=keys.prose("title"),
            effect=cast(Literal["write", "money"], effect),
            takes=takes,
            pays=self._pays(keys, scope, effect, entry.key),
            requires=tuple(one for scalar in requires if scalar and (one := self._condition(scalar, scope))),
            record=self._own_record(keys, takes),
            identity=Level(keys.one_of("identity", [*Level], ACTION_LEVEL)),
            confirm=self._confirm(keys),
            result=cast(ResultWord, keys.one_of("result", RESULT_WORDS, "done")),
            settles_within=self._settles_within(keys, entry.key),
            refuses=keys.names("refuses"),
            undo=None if keys.text("undo", NONE) == NONE else keys.text("undo"),
            undo_with=self._undo_with(keys, scope),
            ends=self._argument_named(keys, "ends", takes),
            gives=self._gives(keys),
        )

    def _effect(self, keys: Keys) -> str:
        scalar = keys.scalar("effect") if "effect" in keys else None
        if scalar and scalar.text == "read":
            self.report(
                "unknown-word", "an action does not read", scalar, "move what only reads under 'look_ups:'"
            )
            return "write"
        return keys.one_of("effect", EFFECTS, "write")

    def _pays(self, keys: Keys, scope: Scope, effect: str, place: ScalarNode) -> Compiled | None:
        scalar = keys.scalar("pays") if "pays" in keys else None
        if scalar is None:
            if effect == "money":
                remedy = "say what leaves the shop, such as 'amount'"
                self.report("missing-word", "'pays' is missing here", place, remedy)
            return None
        expression = parse_expression(scalar, self.problems)
        if expression is None:
            return None
        return _compiled(check_value(expression, scope, MoneyType(), self.problems, needs="'pays' needs {}"))

    def _own_record(self, keys: Keys, takes: Mapping[str, ArgumentSpec]) -> str | None:
        named = self._argument_named(keys, "on", takes)
        return named or next((name for name, spec in takes.items() if self._has_owner(spec.type)), None)

    def _has_owner(self, type_: Type) -> bool:
        return isinstance(type_, Record) and self.records[type_.name].owner not in ("", NOBODY)

    def _argument_named(self, keys: Keys, key: str, takes: Mapping[str, ArgumentSpec]) -> str | None:
        node = keys.scalar(key) if key in keys else None
        if node is None or node.text in takes:
            return node.text if node else None
        self.problems.append(unknown_word(node, takes))
        return None

    def _confirm(self, keys: Keys) -> Literal["required", "not_needed"] | None:
        word = keys.one_of("confirm", CONFIRM, "")
        return cast(Literal["required", "not_needed"], word) if word else None

    def _settles_within(self, keys: Keys, place: ScalarNode) -> timedelta | None:
        scalar = keys.scalar("settles_within") if "settles_within" in keys else None
        if scalar is None:
            if keys.text("result", "done") != "done":
                self.report(
                    "missing-word", "'settles_within' is missing here", place, "say when the result is final"
                )
            return None
        return read_duration(scalar, self.problems)

    def _undo_with(self, keys: Keys, scope: Scope) -> dict[str, Compiled]:
        found = {}
        for entry in keys.entries("undo_with"):
            scalar = read_scalar(entry.value, self.problems)
            compiled = self._expression(scalar, scope) if scalar else None
            if compiled:
                found[entry.key.text] = compiled
        return found

    def _gives(self, keys: Keys) -> dict[str, Field]:
        found = {}
        for entry in keys.named("gives"):
            scalar = read_scalar(entry.value, self.problems)
            declared = read_field(scalar, self.words, self.problems) if scalar else None
            if declared:
                found[entry.key.text] = declared
        return found

    # -- expressions ----------------------------------------------------------------------------------------------

    def _condition(self, scalar: ScalarNode, scope: Scope) -> Compiled | None:
        expression = parse_expression(scalar, self.problems)
        return _compiled(check_condition(expression, scope, self.problems)) if expression else None

    def _expression(self, scalar: ScalarNode, scope: Scope) -> Compiled | None:
        expression = parse_expression(scalar, self.problems)
        return _compiled(check_expression(expression, scope, self.problems)) if expression else None


def _compiled(checked: Checked | None) -> Compiled | None:
    return compile_expression(checked) if checked else None


def read_duration(scalar: ScalarNode, problems: list[Problem]) -> timedelta | None:
    """A length of time that does not depend on a calendar: `10 days` are 240 hours here."""
    length = parse_length(scalar, problems)
    if isinstance(length, Days):
        if not length.business:
            return timedelta(days=length.count)
        message = "business days cannot be counted here"
        problems.append(
            Problem("wrong-type", message, scalar.where, scalar.length, help="write days or hours")
        )
        return None
    return length


def _takes_one_key(look_up: LookUpSpec) -> bool:
    return sum(not one.may_be_missing for one in look_up.takes.values()) == 1
