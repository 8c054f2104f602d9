"""Neutral settings for every test: no proxy between loopback and us, no time limit per generated example."""

import os

import pytest
from hypothesis import settings

for name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)

settings.register_profile("neutral", deadline=None, print_blob=True)
settings.load_profile("neutral")

# They start and kill whole processes and database servers; `./dev test -m slow` runs them.
_SLOW = (
    "tests/benchmarks/",
    "tests/durable/",
    "tests/cli/test_serving",
    "test_postgres.py",
    "test_recovery.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes more than twenty seconds on a busy machine."""
    for item in items:
        if any(place in item.nodeid for place in _SLOW) and "tests/decision/" not in item.nodeid:
            item.add_marker(pytest.mark.slow)
