"""`resolver serve`: the whole installation in one process, until SIGTERM or Ctrl-C; then an orderly end.

On the way out it takes nothing in, lets turns under way finish, exits with 0; what is left goes on at the next start.
"""

import asyncio
import errno
import fcntl
import logging
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.installation import CONFIG, SANDBOX_DATA, configuration
from resolver.cli.screen import print_json, working
from resolver.cli.shutdown import deadline, reload_signal, stop_signals
from resolver.errors import Malformed

if TYPE_CHECKING:
    import uvicorn

    from resolver.cli.gate import Gate
    from resolver.config import Config

log = logging.getLogger("resolver.serve")

LOOPBACK = ("127.0.0.1", "localhost")
NOT_CONNECTED = "no connection is configured"
IDLE = f"{NOT_CONNECTED}: nothing can come in. Add one under 'connections:' and start again"
BEGIN = f"there is no {CONFIG}: copy config.example.yaml to {CONFIG}, or try `resolver serve --sandbox`"
SHADOW = "%s runs as shadow and writes nothing: it has no certificate that fits; run 'resolver prove'"


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen, as far as the command says it."""

    host: str | None
    port: int | None


def serve(config_path: Path | None, listen: Listen, *, plain_logs: bool) -> int:
    """Serve what the configuration names. `Malformed` if it is wrong, the port is taken, or somebody serves already."""
    from resolver.config import Config, read_config

    _logs(plain=plain_logs)
    unwritten = config_path is None and not CONFIG.exists()
    config = Config() if unwritten else read_config(config_path or CONFIG)
    if unwritten:
        log.warning(BEGIN)
    config = replace(
        config,
        host=config.host if listen.host is None else listen.host,
        port=config.port if listen.port is None else listen.port,
    )
    with alone(config.data, config.executor):
        _run(_serve(config))
    return 0


def serve_on_sandboxes(
    config_path: Path | None, data: Path | None, listen: Listen, *, plain_logs: bool
) -> int:
    """Start every sandbox and serve them; prints where they are and their credentials."""
    _logs(plain=plain_logs)
    config = configuration(config_path)
    if listen.host is not None and listen.host not in LOOPBACK:
        raise Malformed(
            "Sandboxes and what works on them listen on loopback only.", remedy="leave --host out"
        )
    port = config.port if listen.port is None else listen.port
    folder = data or config.data / SANDBOX_DATA
    with alone(folder, config.executor):
        _run(_serve_on_sandboxes(config, folder, port))
    return 0


@contextmanager
def alone(data: Path, executor: str) -> Iterator[None]:
    """Hold the data folder for this process; the system lets go of it whatever way the process ends.

    Raises:
        Malformed: Another process serves it under the same executor name.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / f"{executor}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            problem = f"Another process already serves {data} as {executor}."
            raise Malformed(
                problem, remedy="stop it first, or give this one its own 'data:' or 'executor:'"
            ) from None
        yield


async def _serve(config: "Config") -> None:
    from resolver.cli.gate import Gate

    stop = stop_signals()
    with _listener(config.host, config.port) as listener:
        address = "http://{}:{}".format(*listener.getsockname()[:2])
        if not config.connections:
            log.warning(IDLE)
            await _until_stopped(Gate(None, NOT_CONNECTED), listener, address, stop, _nothing)
            return
        await _serve_connections(config, listener, address, stop)


async def _serve_connections(
    config: "Config", listener: socket.socket, address: str, stop: asyncio.Event
) -> None:
    from resolver.app import Resolver
    from resolver.cli.gate import Gate
    from resolver.playbook.plan import Mode

    resolver = await Resolver.open(config)
    gate = Gate(resolver.web())
    await resolver.start()
    reload_signal(resolver.reloading)
    library = resolver.blueprint.library
    for plan in library.by_playbook.values():
        if plan.mode is Mode.AUTO and plan.id not in library.proven:
            log.warning(SHADOW, plan.playbook)
    for problem in resolver.blueprint.problems:
        log.warning("%s: %s [%s]", problem.where, problem.message, problem.code)
    await _until_stopped(gate, listener, address, stop, resolver.close)


async def _until_stopped(
    gate: "Gate",
    listener: socket.socket,
    address: str,
    stop: asyncio.Event,
    close: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    """Answer requests until asked to stop; go on answering 503 while `close` drains."""
    server = _server(gate)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    log.info("listening on %s", address)
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    deadline()
    log.info("stopping: nothing more is taken in, turns under way finish")
    gate.close("draining")
    await close()
    server.should_exit = True
    await serving
    stopping.cancel()
    log.info("stopped")


async def _serve_on_sandboxes(config: "Config", data: Path, port: int) -> None:
    stop = stop_signals()
    _listener("127.0.0.1", port).close()  # before anything is loaded or started

    from resolver.config import Config
    from resolver.sandboxed import QUICK, Sandboxed

    config = replace(config, engine=QUICK) if config.engine == Config().engine else config
    sandboxed = Sandboxed(data, config=config, port=port)
    async with AsyncExitStack() as stack:
        stack.push_async_exit(sandboxed.__aexit__)  # also where entering fails half way
        with working("Starting the sandboxes and the resolver"):
            await sandboxed.__aenter__()
        reload_signal(sandboxed.resolver.reloading)
        print_json(sandboxed.describe())
        log.info("listening on %s", sandboxed.url)
        await stop.wait()
        deadline()
        log.info("stopping: nothing more is taken in, turns under way finish")
    log.info("stopped")


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))  # who listens comes when there is somebody to answer
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            problem = f"Port {port} on {host} is taken."
            raise Malformed(
                problem, remedy="stop what listens there, or choose another with --port"
            ) from None
        problem = f"{host}:{port} cannot be listened on: {error.strerror or error}."
        raise Malformed(problem, remedy="choose another with --host and --port") from None
    return listener


def _server(gate: "Gate") -> "uvicorn.Server":
    import uvicorn

    class Server(uvicorn.Server):
        """uvicorn without signal handling of its own: it would raise the signal again after the end."""

        def capture_signals(self) -> Any:
            return nullcontext()

    return Server(
        uvicorn.Config(
            gate,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
    )


def _logs(*, plain: bool) -> None:
    from resolver.telemetry import set_up_logging

    set_up_logging(plain=plain)
    # each sandbox has a server that says when it starts
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


async def _nothing() -> None:
    """What there is to close where nothing was opened."""


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)
