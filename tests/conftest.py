"""Neutral settings for every test: no proxy between loopback and us, no time limit per generated example.

And a folder that all processes of one test run share.
"""

import os
import shutil
import tempfile

import pytest
from hypothesis import settings

SHARED = "RESOLVER_TESTS_SHARED"  # read by `tests.learning`, which takes seconds to import

for name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)

settings.register_profile("neutral", deadline=None, print_blob=True)
settings.load_profile("neutral")


def pytest_configure(config: pytest.Config) -> None:
    """The process that starts the others makes the folder; they inherit the variable."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = os.environ[SHARED] = tempfile.mkdtemp(prefix="rsv-shared")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file run in one process: what it makes for one of them it makes once."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(item.config.rootpath))))
