"""What an action gives besides having happened: read in the types of its interface, stored, and read back.

Used by `send`, which seals it beside the effect, and by resolution, which makes it a fact of the run.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from resolver.condition.storage import read_value, to_json
from resolver.condition.types import Field, Records
from resolver.condition.values import Unknown, Value
from resolver.connector.manifest import Interfaces
from resolver.store.database import Connection
from resolver.store.ledger import Entry
from resolver.store.vault import Vault


def to_store(declared: Mapping[str, Field], raw: Mapping[str, Any], records: Records) -> str | None:
    """The declared values as text to be sealed; one that does not fit its type is left out, and stays unknown."""
    found = {}
    for name, field in declared.items():
        value = read_value(field.type, raw.get(name), records, name=name) if name in raw else Unknown()
        if not isinstance(value, Unknown):
            found[name] = to_json(value)
    return msgspec.json.encode(found, order="sorted").decode() if found else None


def given(connection: Connection, vault: Vault, interfaces: Interfaces, entry: Entry) -> Mapping[str, Value]:
    """What the effect gave, as its interface declares it."""
    spec = interfaces.action(entry.action)
    if entry.gives_sealed is None or spec is None:
        return {}
    stored = msgspec.json.decode(vault.known(connection, entry.requester).open(entry.gives_sealed))
    read = {
        name: read_value(field.type, stored[name], interfaces.records, name=name)
        for name, field in spec.gives.items()
        if name in stored
    }
    return {name: value for name, value in read.items() if not isinstance(value, Unknown)}
