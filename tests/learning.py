"""What the resolver learns from the starters, learnt once for all processes of a test run."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from resolver.app import read_blueprint, train_reader
from resolver.config import Config
from resolver.connector.registry import read_shelf
from resolver.sandboxed import Sandboxed
from resolver.understanding.understanding import Understanding

SHARED = "RESOLVER_TESTS_SHARED"
"""The variable with the folder that the processes of one test run share."""


@cache
def trained() -> Understanding:
    """Understanding of the starter playbooks."""
    with _alone() as folder:
        config = Config(data=folder)
        blueprint = read_blueprint(Sandboxed(folder, config=config).connected(read_shelf(())))
        return train_reader(config, blueprint.library, blueprint.interfaces)


def after_learning(data: Path) -> Path:
    """The data folder of an installation as its first start left it: the next one learns nothing anew."""
    with _alone() as folder:
        learnt = Config(data=folder).learnt.is_dir()
    if not learnt:
        trained()
    shutil.copytree(Config(data=folder).learnt, Config(data=data).learnt)
    return data


@contextmanager
def _alone() -> Iterator[Path]:
    """The shared folder; who comes second finds what the first has learnt."""
    with (_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield _folder()


@cache
def _folder() -> Path:
    return Path(os.environ.get(SHARED) or tempfile.mkdtemp(prefix="rsv-shared"))
