"""Opening connections: what the configuration says is held against what the connector's manifest lists."""

from dataclasses import replace
from functools import partial

import pytest

from resolver.clock import system_clock
from resolver.connector.registry import open_backend, open_helpdesk, read_shelf
from resolver.errors import Malformed

SHELF = read_shelf().connectors


@pytest.mark.parametrize(
    ("connector", "written", "meant"),
    [
        ("zendesk", "opt_out_tga", "did you mean 'opt_out_tag'?"),
        ("zendesk", "subdomian", "did you mean 'subdomain'?"),
        ("demo_shop", "timeout", "did you mean 'timeout_s'?"),
        ("postal", "default_contry", "did you mean 'default_country'?"),
        ("postal", "colour", "there are: default_country"),
    ],
)
def test_a_setting_nobody_knows_is_refused_with_the_one_that_was_meant(connector, written, meant):
    settings = {"connection": "ours", written: "s3cret"}
    is_helpdesk = SHELF[connector].manifest.kind == "helpdesk"
    opens = partial(open_helpdesk, clock=system_clock) if is_helpdesk else open_backend

    with pytest.raises(Malformed, match=f"Connection ours: .* has no setting '{written}'") as refused:
        opens(SHELF[connector], settings)

    assert refused.value.remedy == meant
    assert "s3cret" not in str(refused.value)


def test_a_dry_run_that_is_promised_must_be_there():
    shop = SHELF["demo_shop"]
    promised = {**shop.manifest.actions, "shop.cancel_order": replace(shop.manifest.actions["shop.refund"])}
    settings = {"connection": "ours", "url": "http://127.0.0.1:1", "token": "s3cret"}

    with pytest.raises(Malformed, match=r"says 'dry_run: native' of shop\.cancel_order") as refused:
        open_backend(replace(shop, manifest=replace(shop.manifest, actions=promised)), settings)

    assert refused.value.remedy == "add a function marked @dry_run('shop.cancel_order')"


def test_a_read_back_that_is_promised_must_be_there():
    shop = SHELF["demo_shop"]
    words = replace(shop.manifest.actions["shop.refund"], dry_run="none", verify="what the warehouse says")
    settings = {"connection": "ours", "url": "http://127.0.0.1:1", "token": "s3cret"}
    actions = {**shop.manifest.actions, "shop.wrap": words}

    with pytest.raises(Malformed, match=r"of shop\.wrap; nothing reads that back") as refused:
        open_backend(replace(shop, manifest=replace(shop.manifest, actions=actions)), settings)

    assert "@read_back('shop.wrap')" in refused.value.remedy
