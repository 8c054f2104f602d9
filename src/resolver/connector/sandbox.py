"""The port of a sandbox: a local server that imitates a vendor closely enough for the real client.

Implemented by `connectors/<name>/sandbox.py` as the callable `open_sandbox`; started by `resolver sandbox`, demo and tests.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Sandbox(Protocol):
    """A running imitation. `start` binds to loopback before it returns; `stop` frees the port."""

    def start(self) -> None:
        """Serve on 127.0.0.1 in a background thread of this process."""

    def stop(self) -> None:
        """Stop serving; the state file stays."""

    def settings(self) -> Mapping[str, str]:
        """What a connection in the configuration needs to reach it, secrets included."""

    def describe(self) -> Mapping[str, str]:
        """Addresses and credentials for a person, ready to print as JSON."""


class OpenSandbox(Protocol):
    """The one entry of a connector's `sandbox.py`."""

    def __call__(self, *, state: Path | None, port: int = 0) -> Sandbox:
        """A sandbox whose state lives in the file `state`, or only in memory."""
