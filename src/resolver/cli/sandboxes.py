"""`resolver sandbox`: every bundled sandbox on loopback, with what is needed to connect to it."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from resolver.cli.installation import SANDBOX_DATA, configuration
from resolver.cli.screen import note, print_json, working
from resolver.cli.serving import alone
from resolver.cli.shutdown import deadline, stop_signals
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.connector.registry import Shelf


def run(config_path: Path | None, data: Path | None, ring: str | None, *, as_json: bool) -> int:
    """Start them, print addresses and credentials, run until SIGTERM or Ctrl-C."""
    config = configuration(config_path)
    target = (_address(ring) if ring is not None else f"http://{config.host}:{config.port}").rstrip("/")
    folder = data or config.data / SANDBOX_DATA
    with alone(folder, config.executor):
        asyncio.run(_run(config, folder, target, quiet=as_json))
    return 0


def _address(ring: str) -> str:
    """The address as it was typed. `Malformed` if webhooks cannot go there."""
    try:
        parts = urlsplit(ring)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a port that is none, brackets that do not close
        good = False
    if not good or any(char.isspace() for char in ring) or parts.query or parts.fragment:
        raise Malformed(
            f"--ring {ring!r} is no address of a resolver.", remedy="write it like http://127.0.0.1:8080"
        )
    return ring


async def _run(config: "Config", data: Path, target: str, *, quiet: bool) -> None:
    from resolver.connector.registry import read_shelf
    from resolver.connector.sandbox import HelpdeskSandbox
    from resolver.sandboxed import Sandboxed

    stop = stop_signals()
    shelf = read_shelf(config.connector_folders)
    started = Sandboxed(data, config=config)
    try:
        with working("Starting the sandboxes"):
            await asyncio.to_thread(started.start_sandboxes, shelf)
        for name, sandbox in started.sandboxes.items():
            if isinstance(sandbox, HelpdeskSandbox):
                await asyncio.to_thread(sandbox.rings, f"{target}/hooks/{name}")
        snippet = as_yaml(started.connected(shelf), shelf)
        described = {name: dict(sandbox.describe()) for name, sandbox in started.sandboxes.items()}
        print_json({"data": str(data), "rings": target, "sandboxes": described, "config": snippet})
        if not quiet:
            note(f"\n# For config.yaml; a resolver at {target} hears every ticket.\n{snippet}")
        await stop.wait()
    finally:
        deadline()
        await started.__aexit__(None, None, None)


def as_yaml(config: "Config", shelf: "Shelf") -> str:
    """The connections and bindings as a configuration file says them."""
    lines = ["connections:"]
    for name, one in config.connections.items():
        lines += [f"  {name}:", f"    connector: {one.connector}"]
        if shelf.connectors[one.connector].manifest.kind == "helpdesk":
            lines.append(f"    mode: {one.mode}")
        known = {key: value for key, value in one.settings.items() if key != "connection"}
        lines += [f"    {key}: {json.dumps(value)}" for key, value in known.items()]
    lines += ["interfaces:", *(f"  {name}: {connection}" for name, connection in config.interfaces.items())]
    return "\n".join([*lines, ""])
