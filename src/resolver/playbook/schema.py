"""A JSON Schema of the playbook language with the words of an installation, for editors to complete and underline.

Made by `resolver schema` from the tables the reader itself uses. It knows keys, verbs and names; conditions, types and
everything that needs more than one place are lint's business. What a key means stands beside it in the place's table.
"""

from collections.abc import Collection, Mapping
from typing import Any

from resolver.playbook.places import FORMS, HANDLES, LOOK_UP, OTHERWISE, REPLY, RULE, SLOT, TOP, WHEN
from resolver.playbook.plan import ANY, Mode
from resolver.playbook.policy import Policy
from resolver.playbook.step_places import PRIORITIES, STATUSES, TICKET, VERBS, Ends
from resolver.playbook.vocabulary import Vocabulary
from resolver.source.place import Place
from resolver.ticket import Level

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_ID: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}
_TEXTS: Schema = {"type": "array", "items": _SCALAR}
_YES_NO: Schema = {"enum": ["yes", "no", True, False]}


def playbook_schema(vocabulary: Vocabulary, policy: Policy | None) -> Schema:
    """The schema of one playbook file."""
    sections: dict[str, Schema] = {
        "playbook": _ID,
        "language": {"const": 1},
        "mode": {"enum": [mode.value for mode in Mode]},
        "languages": _TEXTS,
        "handles": _handles(),
        "identify": {"enum": [level.value for level in Level]},
        "needs": _named(_slot()),
        "look_up": {"type": "array", "items": _look_up(vocabulary.look_ups)},
        "compute": _named(_SCALAR),
        "decide": {"type": "array", "minItems": 1, "items": _rule()},
        "outcomes": _named({"type": "array", "minItems": 1, "items": _steps(vocabulary, policy)}),
        "if_unsure": _ID,
        "if_silent": _ID,
        "replies": _named(_reply()),
    }
    whole = _keys(TOP, TOP.required, TOP.optional, sections)
    return {"$schema": DRAFT, "title": "A resolver playbook", **whole}


def _keys(
    place: Place, required: Collection[str], optional: Collection[str], known: Mapping[str, Schema]
) -> Schema:
    """A mapping with these keys of a place and no others; what is not `known` more closely is a scalar."""
    properties = {key: _meant(place, key, known.get(key, _SCALAR)) for key in (*required, *optional)}
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _meant(place: Place, key: str, value: Schema) -> Schema:
    """The value of a key with the sentence that editors show for it."""
    return {"description": place.means(key), **value}


def _named(value: Schema) -> Schema:
    return {"type": "object", "patternProperties": {_ID["pattern"]: value}, "additionalProperties": False}


def _handles() -> Schema:
    known = {"intent": _ID, "anything_else": _YES_NO, "examples": _TEXTS, "not_for": _TEXTS}
    return _keys(HANDLES, (), HANDLES.names, known)


def _slot() -> Schema:
    labels = _named({"type": "object", "additionalProperties": _SCALAR})
    known = {"ask": _ID, "prefill": _YES_NO, "if_given_up": _ID, "if_none": _ID, "labels": labels}
    return _keys(SLOT, SLOT.required, SLOT.optional, known)


def _look_up(look_ups: Collection[str]) -> Schema:
    known: dict[str, Schema] = {"find": {"enum": sorted(look_ups)}, "as": _ID, "with": _named(_SCALAR)}
    known |= {"if_missing": _ID, "if_fails": _ID}
    return _keys(LOOK_UP, LOOK_UP.required, LOOK_UP.optional, known)


def _rule() -> Schema:
    known = {"rule": _ID, "then": _ID, "otherwise": _ID}
    return {
        "oneOf": [
            _keys(RULE, WHEN, ("because",), known),
            _keys(RULE, OTHERWISE, ("because",), known),
        ]
    }


def _steps(vocabulary: Vocabulary, policy: Policy | None) -> Schema:
    """One step: which keys it has depends on its verb."""
    objects: dict[str, Schema] = {
        "identify": {"enum": [level.value for level in Level]},
        "approve": {"enum": sorted(policy.teams)} if policy else _ID,
        "do": {"enum": sorted(vocabulary.actions)},
        "ticket": _ticket(policy),
        "hand_off": {"enum": sorted(policy.queues)} if policy else _ID,
        "reply": _ID,
        "answer": {"enum": [ANY, *sorted(vocabulary.topics)]} if vocabulary.topics is not None else _ID,
    }
    known: dict[str, Schema] = {
        "with": _named(_SCALAR),
        "as": _ID,
        "keep": _YES_NO,
        "if_refused": {"anyOf": [_ID, {"type": "object", "additionalProperties": _ID}]},
        "ends": {"enum": [*Ends]},
        "priority": {"enum": [*PRIORITIES]},
    }
    shapes = {
        verb: _keys(
            one.place, one.place.required, one.place.optional, {**known, verb: objects.get(verb, _ID)}
        )
        for verb, one in VERBS.items()
    }
    return {"oneOf": list(shapes.values())}


def _ticket(policy: Policy | None) -> Schema:
    known: dict[str, Schema] = {
        "status": {"enum": [*STATUSES]},
        "priority": {"enum": [*PRIORITIES]},
        "add_tags": _TEXTS,
        "remove_tags": _TEXTS,
        "queue": {"enum": sorted(policy.queues)} if policy else _ID,
        "fields": {"type": "object", "additionalProperties": _SCALAR},
    }
    return _keys(TICKET, TICKET.required, TICKET.optional, known)


def _reply() -> Schema:
    forms = {"type": "object", "propertyNames": {"enum": list(FORMS)}, "additionalProperties": _SCALAR}
    return {
        "type": "object",
        "properties": {
            key: _meant(REPLY, key, _SCALAR if key == "count" else _YES_NO) for key in REPLY.names
        },
        "additionalProperties": {"anyOf": [_SCALAR, forms]},
    }
