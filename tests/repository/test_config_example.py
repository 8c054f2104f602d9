"""config.example.yaml: a configuration that loads as it stands and says the defaults."""

import re

from resolver.config import Config, read_config
from resolver.starters import example_config

# What has no default to show: the accounts of an installation and which of them serves an interface.
SHOWN_AS_EXAMPLE = {"connections", "interfaces", "data", "playbooks", "connector_folders"}


def test_the_example_equals_the_defaults(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes(example_config().read_bytes())

    config = read_config(path, environment={})

    for name in set(Config.__slots__) - SHOWN_AS_EXAMPLE:
        assert getattr(config, name) == getattr(Config(), name), name
    assert config.data == tmp_path / Config().data


def test_the_example_shows_every_key_there_is():
    text = example_config().read_text("utf-8")

    keys = {key.removesuffix("_s") for key in re.findall(r"^#? ?([a-z_]+):", text, re.MULTILINE)}

    assert (set(Config.__slots__) - {"host", "port", "max_body_bytes"}) | {"listen"} <= keys
