"""The port of a sandbox: a local server that imitates a vendor closely enough for the real client.

Implemented by `connectors/<name>/sandbox.py` as the callable `open_sandbox`; started by sandbox, demo and tests.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable


class Sandbox(Protocol):
    """A running imitation. `start` binds to loopback before it returns; `stop` frees the port."""

    @property
    def url(self) -> str:
        """Where it answers; a person finds its page there."""

    def start(self) -> object:
        """Serve on 127.0.0.1 in a background thread of this process."""

    def stop(self) -> None:
        """Stop serving; the state file stays."""

    def connection(self) -> Mapping[str, str]:
        """The settings of a connection to it, secrets included."""

    def describe(self) -> Mapping[str, Any]:
        """Addresses and credentials for a person, ready to print as JSON."""


@runtime_checkable
class HelpdeskSandbox(Protocol):
    """A helpdesk's sandbox rings somebody: signed with the secret that `connection` names."""

    def rings(self, endpoint: str) -> None:
        """Deliver every ticket event to this address from now on, instead of any earlier one."""


class OpenSandbox(Protocol):
    """The one entry of a connector's `sandbox.py`."""

    def __call__(self, *, state: Path | None, port: int = 0) -> Sandbox:
        """A sandbox whose state lives in the file `state`, or only in memory."""
