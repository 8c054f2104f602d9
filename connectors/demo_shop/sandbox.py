"""The demo shop's sandbox: a stateful shop on 127.0.0.1 that forgets nothing when it is killed.

Started by `resolver sandbox`, demo and tests as `open_sandbox`, or as a process of its own:
`python -m connectors.demo_shop.sandbox --state F --ledger F`. It shares no code with the connector.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from starlette.routing import Route

from connectors.demo_shop.sandbox_control import control_routes
from connectors.demo_shop.sandbox_web import ShopWeb
from connectors.demo_shop.sandbox_world import World
from resolver.connector.backend_sandbox.habits import Idempotency
from resolver.connector.backend_sandbox.journal import utc_now
from resolver.connector.backend_sandbox.process import BackendSandbox, Setting, asked, serve


def open_sandbox(*, state: Path | None, port: int = 0, ledger: Path | None = None,
                 idempotency: Idempotency = "native") -> "ShopSandbox":  # fmt: skip
    """A shop whose state lives in `state` (its ledger beside it unless named), or only in memory."""
    return ShopSandbox(Setting(state=state, ledger=ledger, port=port, idempotency=idempotency))


class ShopSandbox(World, BackendSandbox):
    """A shop with a web side. Start and stop it as often as you like; its address stays the same."""

    def __init__(self, setting: Setting | None = None, *, now: Callable[[], datetime] = utc_now) -> None:
        setting = setting or Setting()
        World.__init__(self, setting, now)
        BackendSandbox.__init__(self, "demo-shop", self.faults, setting)

    def routes(self) -> Sequence[Route]:
        """The shop's own addresses, and the back door's."""
        return [*control_routes(self), *ShopWeb(self.shop, self.door).routes()]

    def reset(self) -> None:
        """Forget orders, movements, faults and what was asked, on disk as well."""
        super().reset()
        self.requests.clear()

    def close(self) -> None:
        """Let the files go."""
        self.shop.close()


def main(arguments: list[str] | None = None) -> None:
    """Serve one shop until it is told to end."""
    serve(ShopSandbox(asked("connectors.demo_shop.sandbox", arguments)))


if __name__ == "__main__":
    main()
