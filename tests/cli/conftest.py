"""The command line in this process, in an empty folder of its own; and a whole server as a process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from resolver.cli.commands import app
from tests.learning import after_learning

PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


class Typed:
    """Types commands into the command line of this process."""

    def __call__(self, *words: str | Path) -> Ended:
        result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
        return Ended(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def resolver(tmp_path, monkeypatch) -> Typed:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESOLVER_CONFIG", raising=False)
    return Typed()


class Served:
    """`resolver serve --sandbox` as a process of its own, driven as its helpdesk's and shop's owner."""

    def __init__(self, data: Path) -> None:
        self.data = data if data.exists() else after_learning(data)
        command = [sys.executable, "-m", "resolver", "serve", "--sandbox", "--data", data, "--port", "0"]
        self.errors = (data.parent / f"{data.name}.log").open("ab")
        self.process = subprocess.Popen(
            command,
            cwd=data.parent,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env={**os.environ, "NO_COLOR": "1"},
        )
        self._http = httpx.Client(trust_env=False, timeout=PATIENCE_S)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, (data.parent / f"{data.name}.log").read_text()
        self.described = json.loads(line)
        self.url = self.described["resolver"]["url"]

    def logged(self) -> str:
        return Path(self.errors.name).read_text("utf-8")

    def get(self, path: str) -> httpx.Response:
        return self._http.get(self.url + path)

    def desk(self, method: str, /, **arguments: Any) -> Any:
        address = f"{self.described['sandboxes']['zendesk']['control']}/{method}"
        answered = self._http.post(address, json=arguments).raise_for_status()
        return answered.json()["result"]

    def shop(self, path: str, /, **body: Any) -> Any:
        address = f"{self.described['sandboxes']['demo_shop']['url']}/sandbox/{path}"
        answered = self._http.post(address, json=body) if body else self._http.get(address)
        return answered.raise_for_status().json()

    def receives(self, text: str, *, ticket: int | None = None, email: str = "ann@example.com") -> int:
        return self.desk("customer_writes", email=email, text=text, subject="My order", ticket=ticket)

    def ticket_when(self, ticket: int, holds: Callable[[Any], bool]) -> Any:
        """The ticket as soon as something holds for it, and the server has written down what it did."""
        found = self.eventually(lambda: seen if holds(seen := self.desk("ticket", ticket=ticket)) else None)
        self.eventually(lambda: 'resolver_events{state="queued"} 0.0' in self.get("/metrics").text)
        return found

    def eventually(self, look: Callable[[], Any]) -> Any:
        """What `look` gives as soon as it gives something; between two looks the helpdesk may deliver."""
        until = monotonic() + PATIENCE_S
        while monotonic() < until:
            if found := look():
                return found
            self.desk("idle", timeout_s=0.2)
        raise AssertionError("it never came to that")

    def stop(self) -> int:
        """Ask it to end, and wait: the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self.close()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._http.close()
        self.errors.close()


@pytest.fixture(scope="package")
def served(tmp_path_factory) -> Iterator[Served]:
    """One server for all tests of the group `served`; each brings an order and a ticket of its own."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "config.yaml").write_text("fetch_tries: 1\n", "utf-8")
    one = Served(folder / "data")
    yield one
    one.close()
