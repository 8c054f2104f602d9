"""The schema for editors: every starter fits it, and what the reader refuses for its shape does not."""

import json
from typing import Any

import jsonschema
import pytest
import yaml

from resolver.playbook.schema import playbook_schema
from resolver.playbook.vocabulary import Vocabulary
from resolver.starters import playbooks_folder
from tests.decision.conftest import Maker

MAKER = Maker()
POLICY = MAKER.policy((playbooks_folder() / "policy.yaml").read_text("utf-8"))
SCHEMA = playbook_schema(Vocabulary.of(MAKER.interfaces, POLICY), POLICY)
STARTERS = [
    path
    for path in sorted(playbooks_folder().glob("*.yaml"))
    if "." not in path.stem and path.stem != "policy"
]


def refund() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((playbooks_folder() / "refund_order.yaml").read_text("utf-8"))
    return found


def fits(document: Any) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.dumps(SCHEMA)


@pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.stem)
def test_every_starter_fits(path: Any) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text("utf-8")), SCHEMA)


def test_an_unknown_key_does_not_fit() -> None:
    assert not fits({**refund(), "rules": []})


def test_a_missing_key_does_not_fit() -> None:
    whole = refund()
    del whole["if_unsure"]

    assert not fits(whole)


def test_an_action_nobody_offers_does_not_fit() -> None:
    whole = refund()
    step = next(step for step in whole["outcomes"]["pay_back"] if "do" in step)
    step["do"] = "shop.give_away"

    assert not fits(whole)


def test_a_step_with_two_verbs_does_not_fit() -> None:
    whole = refund()
    whole["outcomes"]["keep"][0]["hand_off"] = "refunds"

    assert not fits(whole)
