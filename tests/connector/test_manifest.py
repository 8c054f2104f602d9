"""Manifests: what a connector says of itself, that it only narrows, and what is bound to what."""

from datetime import timedelta
from pathlib import Path

import pytest

from resolver.connector.interface import Interface
from resolver.connector.interface_reader import read_interface
from resolver.connector.manifest import Manifest, Narrowing, Setting, bind, read_manifest
from resolver.source.load import load
from resolver.source.problem import render

ROOT = Path(__file__).parents[2]
WHOLE = """\
connector: tiny_shop
title: A tiny shop
kind: backend
implements: [shop]
extra: tiny
sends: [code]
settings:
  url: url
  token: secret
  mode: "one of [live, test], may be missing"
  timeout_s: {type: number, default: 10, help: How long an answer may take}
  strict: {type: yes_no, required: no}
actions:
  shop.refund:
    idempotency: native
    verify: refunds of the order with our key
    dry_run: simulated
    result: job
    settles_within: 3 days
    refuses: [already_refunded]
  shop.change_address: {idempotency: natural}
"""


@pytest.fixture(scope="module")
def known() -> dict[str, Interface]:
    """The bundled interfaces by name."""
    found = {}
    for path in sorted((ROOT / "connectors" / "interfaces").glob("*.yaml")):
        interface, problems = read_interface(load(path.read_bytes(), path.name))
        assert interface is not None, problems
        found[interface.name] = interface
    return found


def manifest_of(text: str, known: dict[str, Interface]) -> Manifest:
    """The manifest of a text that has nothing wrong."""
    manifest, problems = read_manifest(load(text, "connector.yaml"), known)
    assert manifest is not None, problems
    return manifest


def test_every_bundled_manifest_can_be_read(known: dict[str, Interface]) -> None:
    for path in sorted((ROOT / "connectors").glob("*/connector.yaml")):
        manifest, problems = read_manifest(load(path.read_bytes(), str(path)), known)

        assert problems == ()
        assert manifest is not None
        assert manifest.connector == path.parent.name


def test_every_key_is_read(known: dict[str, Interface]) -> None:
    manifest = manifest_of(WHOLE, known)

    assert manifest.kind == "backend"
    assert manifest.implements == ("shop",)
    assert manifest.extra == "tiny"
    assert manifest.sends == {"code"}
    assert manifest.path == "connector.yaml"
    assert manifest.actions["shop.refund"] == Narrowing(
        idempotency="native",
        verify="refunds of the order with our key",
        dry_run="simulated",
        result="job",
        settles_within=timedelta(days=3),
        refuses=("already_refunded",),
    )


def test_a_read_back_may_be_a_condition_or_words(known: dict[str, Interface]) -> None:
    text = WHOLE.replace("{idempotency: natural}", "{idempotency: natural, verify: order.address is address}")

    actions = manifest_of(text, known).actions

    holds = actions["shop.change_address"].holds
    assert holds is not None
    assert holds.source == "order.address is address"
    assert actions["shop.refund"].holds is None
    assert "holds" not in repr(actions["shop.change_address"])  # certificates are made from it


def test_what_a_connector_does_not_say_is_as_in_the_interface(known: dict[str, Interface]) -> None:
    narrowing = manifest_of(WHOLE, known).actions["shop.change_address"]

    assert narrowing == Narrowing("natural", None, "none", "done", None, ("already_fulfilled",))


def test_settings_are_read_in_short_and_in_long_form(known: dict[str, Interface]) -> None:
    assert manifest_of(WHOLE, known).settings == {
        "url": Setting("url"),
        "token": Setting("secret"),
        "mode": Setting("text", required=False, options=("live", "test")),
        "timeout_s": Setting("number", required=False, default="10", help="How long an answer may take"),
        "strict": Setting("yes_no", required=False),
    }


WRONG = [
    ("kind: backend", "kind: shop", "3:7: error: 'shop' is not a word known here [unknown-word]"),
    (
        "connector: tiny_shop",
        "connector: interfaces",
        "1:1: error: no connector may be called 'interfaces' [bad-name]",
    ),
    ("kind: backend", "kind: helpdesk", "1:1: error: a helpdesk implements no interface [unknown-word]"),
    ("[shop]", "[shoop]", "4:14: error: there is no interface 'shoop' [unknown-name]"),
    ("url: url", "url: link", "8:8: error: 'link' is not a word known here [unknown-word]"),
    ("    idempotency: native\n", "", "15:5: error: 'idempotency' is missing here [missing-word]"),
    (
        "idempotency: native",
        "idempotency: sure",
        "15:18: error: 'sure' is not a word known here [unknown-word]",
    ),
    (
        "shop.refund:",
        "shop.refnd:",
        "14:3: error: no interface of this connector has 'shop.refnd' [unknown-action]",
    ),
    (
        "settles_within: 3 days",
        "settles_within: 11 days",
        "19:21: error: 'settles_within' is wider in the connector than in its interface, which says: 10 days",
    ),
    (
        "refuses: [already_refunded]",
        "refuses: [too_late]",
        "20:15: error: 'refuses' is wider in the connector than in its interface, which says: already_refunded",
    ),
    (
        "{idempotency: natural}",
        "{idempotency: natural, result: job}",
        "21:55: error: 'result' is wider in the connector than in its interface, which says: done [not-narrower]",
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_a_wrong_manifest_is_told_at_its_place(
    known: dict[str, Interface], old: str, new: str, told: str
) -> None:
    text = WHOLE.replace(old, new, 1)

    manifest, problems = read_manifest(load(text, "connector.yaml"), known)

    assert text != WHOLE
    assert manifest is None
    lines = [render(problem, None).split("\n")[0] for problem in problems]
    assert any(line.startswith(f"connector.yaml:{told}") for line in lines), lines
    assert all(problem.help for problem in problems)


def test_an_action_its_connector_does_not_list_is_not_offered(known: dict[str, Interface]) -> None:
    interfaces = bind(list(known.values()), {"ours": manifest_of(WHOLE, known)}, {"shop": "ours"})

    assert interfaces.action("shop.refund") is known["shop"].actions["shop.refund"]
    assert interfaces.action("shop.cancel_order") is None
    assert interfaces.narrowing("shop.cancel_order") is None
    assert interfaces.offered_actions() == ("shop.refund", "shop.change_address")
    assert interfaces.look_up("shop.order") is not None
    assert interfaces.connection("shop.refund") == "ours"


def test_an_interface_bound_to_nothing_offers_nothing(known: dict[str, Interface]) -> None:
    interfaces = bind(
        list(known.values()), {"ours": manifest_of(WHOLE, known)}, {"shop": "ours", "post": "theirs"}
    )

    assert set(interfaces.bound) == {"shop"}
    assert interfaces.look_up("post.check_address") is None
    assert interfaces.connection("post.check_address") is None
    assert "post.checked_address" not in interfaces.records


def test_a_connection_whose_connector_does_not_implement_the_interface_is_not_bound(
    known: dict[str, Interface],
) -> None:
    interfaces = bind(list(known.values()), {"ours": manifest_of(WHOLE, known)}, {"post": "ours"})

    assert interfaces.bound == {}
