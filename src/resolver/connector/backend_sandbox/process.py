"""A backend's sandbox as a running thing: started and stopped in this process, or one of its own.

`python -m connectors.NAME.sandbox --state F` and tests start it here; what it imitates is the subclass's.
"""

import argparse
import json
import signal
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

from starlette.routing import Route

from resolver.connector.backend_sandbox.door import Door, kept_token
from resolver.connector.backend_sandbox.faults import Faults
from resolver.connector.backend_sandbox.habits import Habits, Idempotency, habits_of
from resolver.connector.backend_sandbox.server import LocalServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a sandbox keeps its files, where it answers, and how it behaves."""

    state: Path | None = None
    ledger: Path | None = None
    port: int = 0
    idempotency: Idempotency = "native"
    stale_reads: int = 3
    stale_s: float = 5.0
    guards: bool = True
    token: str | None = None

    @property
    def ledger_file(self) -> Path | None:
        """The file of movements: beside the state unless named, none if everything is in memory."""
        return self.ledger or (self.state.with_name(self.state.name + ".ledger") if self.state else None)

    @property
    def habits(self) -> Habits:
        """What kind of backend this is."""
        return habits_of(
            self.idempotency, stale_reads=self.stale_reads, stale_s=self.stale_s, guards=self.guards
        )


class BackendSandbox(ABC):
    """A backend with a web side. Start and stop it as often as you like; its address stays the same."""

    def __init__(self, name: str, faults: Faults, setting: Setting) -> None:
        self.ledger = setting.ledger_file
        self.idempotency = setting.idempotency
        self._token = setting.token or kept_token(setting.state)
        self._server = LocalServer(name, port=setting.port)
        self.door = Door(faults, token=self._token, cut=self._server.cut)

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """Every address: the backend's own, behind the door, and the back door's."""

    @abstractmethod
    def close(self) -> None:
        """Let the files go; the next use opens them again."""

    @property
    def url(self) -> str:
        """Where it answers; known once it was started."""
        return self._server.url

    @property
    def requests(self) -> Counter[str]:
        """How often each operation was asked for, carried out or not."""
        return self.door.requests

    def start(self) -> None:
        """Serve on 127.0.0.1 in a background thread; returns once it listens."""
        self._server.start(self.routes())

    def stop(self) -> None:
        """Stop serving and free the port; whoever still waits for an answer is cut off. The files stay."""
        self._server.stop()
        self.close()

    def connection(self) -> Mapping[str, str]:
        """What a connection needs to reach it."""
        return {
            "url": self.url,
            "token": self._token,
            "idempotency": "native" if self.idempotency == "native" else "none",
            "timeout_s": "2",
        }

    def describe(self) -> Mapping[str, str]:
        """Address, token and files, for a person."""
        files = {"ledger": str(self.ledger)} if self.ledger else {}
        return {
            "url": self.url,
            "token": self._token,
            "page": f"{self.url}/",
            "idempotency": self.idempotency,
            **files,
        }

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()


def asked(module: str, arguments: list[str] | None) -> Setting:
    """What the command line of a sandbox, `python -m MODULE`, asks for."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=serve.__doc__)
    parser.add_argument("--state", type=Path, help="file its records live in; without it only in memory")
    parser.add_argument("--ledger", type=Path, help="file of movements; beside the state if not named")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--idempotency", choices=get_args(Idempotency), default="native")
    parser.add_argument(
        "--stale-reads", type=int, default=3, help="with none_stale: reads that show the past"
    )
    parser.add_argument(
        "--stale-s", type=float, default=5.0, help="with none_stale: seconds reads show the past"
    )
    parser.add_argument(
        "--no-guards", dest="guards", action="store_false", help="pay whatever is asked, however often"
    )
    parser.add_argument("--token", help="bearer token; kept beside the state if not named")
    return Setting(**vars(parser.parse_args(arguments)))


def serve(sandbox: BackendSandbox) -> None:
    """Serve until SIGTERM or SIGINT; prints one JSON line with addresses and token once it answers."""
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    with sandbox:
        print(json.dumps(dict(sandbox.describe())), flush=True)
        ended.wait()
