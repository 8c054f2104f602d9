"""A JSON Schema of the playbook language with the words of an installation, for editors to complete and underline.

Made by `resolver schema` from the tables the reader itself uses. It knows keys, verbs and names; conditions, types and
everything that needs more than one place are lint's business.
"""

from collections.abc import Collection, Mapping
from typing import Any

from resolver.playbook.plan import ANY, Mode
from resolver.playbook.policy import Policy
from resolver.playbook.read import (
    FORMS,
    HANDLES,
    LOOK_UP_OPTIONAL,
    LOOK_UP_REQUIRED,
    SLOT_OPTIONAL,
    TOP_OPTIONAL,
    TOP_REQUIRED,
)
from resolver.playbook.read_step import VERBS
from resolver.playbook.vocabulary import Vocabulary
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
    whole = _keys(TOP_REQUIRED, TOP_OPTIONAL, sections)
    return {"$schema": DRAFT, "title": "A resolver playbook", **whole}


def _keys(required: Collection[str], optional: Collection[str], known: Mapping[str, Schema]) -> Schema:
    """A mapping with these keys and no others; what is not `known` more closely is a scalar."""
    properties = {key: known.get(key, _SCALAR) for key in (*required, *optional)}
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _named(value: Schema) -> Schema:
    return {"type": "object", "patternProperties": {_ID["pattern"]: value}, "additionalProperties": False}


def _handles() -> Schema:
    return _keys(
        (), HANDLES, {"intent": _ID, "anything_else": _YES_NO, "examples": _TEXTS, "not_for": _TEXTS}
    )


def _slot() -> Schema:
    labels = _named({"type": "object", "additionalProperties": _SCALAR})
    known = {"ask": _ID, "prefill": _YES_NO, "if_given_up": _ID, "if_none": _ID, "labels": labels}
    return _keys(("type",), SLOT_OPTIONAL, known)


def _look_up(look_ups: Collection[str]) -> Schema:
    known: dict[str, Schema] = {"find": {"enum": sorted(look_ups)}, "as": _ID, "with": _named(_SCALAR)}
    return _keys(LOOK_UP_REQUIRED, LOOK_UP_OPTIONAL, known | {"if_missing": _ID, "if_fails": _ID})


def _rule() -> Schema:
    known = {"rule": _ID, "then": _ID, "otherwise": _ID}
    return {
        "oneOf": [
            _keys(("rule", "when", "then"), ("because",), known),
            _keys(("rule", "otherwise"), ("because",), known),
        ]
    }


def _steps(vocabulary: Vocabulary, policy: Policy | None) -> Schema:
    """One step: which keys it has depends on its verb."""
    objects: dict[str, Schema] = {
        "identify": {"enum": [level.value for level in Level]},
        "approve": {"enum": sorted(policy.teams)} if policy else _ID,
        "do": {"enum": sorted(vocabulary.actions)},
        "ticket": {"type": "object"},
        "hand_off": {"enum": sorted(policy.queues)} if policy else _ID,
        "reply": _ID,
        "answer": {"enum": [ANY, *sorted(vocabulary.topics)]} if vocabulary.topics is not None else _ID,
    }
    known: dict[str, Schema] = {
        "with": _named(_SCALAR),
        "as": _ID,
        "keep": _YES_NO,
        "if_refused": {"anyOf": [_ID, {"type": "object", "additionalProperties": _ID}]},
        "ends": {"enum": ["resolved", "answered", "declined", "withdrawn"]},
    }
    shapes = {
        verb: _keys((verb, *keys.required), keys.optional, {**known, verb: objects.get(verb, _ID)})
        for verb, keys in VERBS.items()
    }
    return {"oneOf": list(shapes.values())}


def _reply() -> Schema:
    forms = {"type": "object", "propertyNames": {"enum": list(FORMS)}, "additionalProperties": _SCALAR}
    return {
        "type": "object",
        "properties": {"count": _SCALAR, "always_true": _YES_NO, "polish": _YES_NO},
        "additionalProperties": {"anyOf": [_SCALAR, forms]},
    }
