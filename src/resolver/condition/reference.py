"""Checks the fields of an interface that are declared `from LOOK_UP`: records read on first use (LANGUAGE 10).

Called by `interface` once a file's look-ups are known. It reads nothing itself.
"""

from collections.abc import Iterable, Iterator, Mapping

from resolver.condition.declared import DeclaredNames, read_field
from resolver.condition.types import Field, Record
from resolver.source.name import nearest
from resolver.source.node import Entry, MappingNode, ScalarNode
from resolver.source.problem import Problem


def check_references(
    types: Iterable[Entry], gives: Mapping[str, str], words: DeclaredNames, *, problems: list[Problem]
) -> None:
    """Report fields whose look-up is not there, takes more than one key, or gives another record.

    `gives` has the record type of each look-up of the file that can be read by one key.
    """
    for place, field in _referring(types, words):
        given = gives.get(field.from_look_up)
        if given is None:
            near = nearest(field.from_look_up, gives)
            message = f"no look-up '{field.from_look_up}' of this interface can be read by one key"
            remedy = f"did you mean '{near}'?" if near else "add it under 'look_ups:', with one argument"
            problems.append(Problem("unknown-look-up", message, place.where, place.length, help=remedy))
        elif field.type != Record(given):
            message = f"{field.from_look_up} gives {given}, but the field is {field.type}"
            remedy = f"let the field be a {given.partition('.')[2]}"
            problems.append(Problem("wrong-type", message, place.where, place.length, help=remedy))


def _referring(types: Iterable[Entry], words: DeclaredNames) -> Iterator[tuple[ScalarNode, Field]]:
    for entry in types:
        fields = entry.value.get("fields") if isinstance(entry.value, MappingNode) else None
        for written in fields.entries if isinstance(fields, MappingNode) else ():
            field = read_field(written.value, words, []) if isinstance(written.value, ScalarNode) else None
            if field and field.from_look_up and isinstance(written.value, ScalarNode):
                yield written.value, field
