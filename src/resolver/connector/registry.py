"""Finding connectors and opening connections: bundled ones, folders named in the configuration, entry points.

Called by `app` at start-up and by tests. It is the only place that imports a connector's modules, by path.
"""

import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from resolver import starters
from resolver.clock import Clock
from resolver.connector.action import Backend
from resolver.connector.helpdesk import Helpdesk
from resolver.connector.interface import Interface
from resolver.connector.interface_reader import read_interface
from resolver.connector.manifest import Interfaces, Manifest, read_manifest
from resolver.connector.sandbox import OpenSandbox
from resolver.connector.sender import CodeSender, Kind
from resolver.errors import Malformed
from resolver.source.load import load_once
from resolver.source.name import nearest
from resolver.source.problem import Problem, render
from resolver.ticket import ConnectionName

ENTRY_POINTS = "resolver.connectors"


@dataclass(frozen=True, slots=True)
class Found:
    """A connector that was found: its manifest and the folder it lives in."""

    manifest: Manifest
    folder: Path

    def module(self, name: str) -> ModuleType:
        """Its module `name` (`helpdesk`, `actions`, `sandbox`); `Malformed` if it has none."""
        try:
            return importlib.import_module(f"connectors.{self.folder.name}.{name}")
        except ModuleNotFoundError as error:
            if error.name is None or not error.name.startswith("connectors."):
                extra = f"pip install 'helpdesk-resolver[{self.manifest.extra or 'all'}]'"
                problem = f"Connector {self.manifest.connector} needs the package {error.name}."
                raise Malformed(problem, remedy=extra) from None
            raise Malformed(f"Connector {self.manifest.connector} has no {name}.py.") from None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every connector and interface this installation can use."""

    connectors: Mapping[str, Found]
    interfaces: Mapping[str, Interface]


@dataclass(frozen=True)
class Connections:
    """The open connections by their names: helpdesks, backends, senders; and which backend serves which interface."""

    helpdesks: Mapping[ConnectionName, Helpdesk]
    backends: Mapping[ConnectionName, Backend]
    interfaces: Interfaces
    ceilings: Mapping[ConnectionName, str] = field(default_factory=dict)
    senders: Mapping[ConnectionName, CodeSender] = field(default_factory=dict)

    def sender_to(self, kind: Kind) -> CodeSender | None:
        """The first connection that sends codes to this kind of contact."""
        return next((one for one in self.senders.values() if kind in one.reaches), None)

    def backend_for(self, name: str) -> Backend:
        """The backend that serves a look-up or action; `Malformed` if its interface is bound to nothing."""
        connection = self.interfaces.connection(name)
        if connection is None or ConnectionName(connection) not in self.backends:
            raise Malformed(
                f"Nothing serves {name}.", remedy="bind its interface to a connection in config.yaml"
            )
        return self.backends[ConnectionName(connection)]

    async def aclose(self) -> None:
        """Let every connection go."""
        for helpdesk in self.helpdesks.values():
            await helpdesk.aclose()
        for backend in self.backends.values():
            await backend.aclose()
        for sender in self.senders.values():
            await sender.aclose()


def bundled_folder() -> Path:
    """Where the bundled connectors are. `Malformed` if another package of that name is in the way."""
    spec = importlib.util.find_spec("connectors")
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in places:
        if next(Path(place).glob("*/connector.yaml"), None) is not None:
            return Path(place)
    problem = f"The package 'connectors' found at {places[0] if places else 'no place'} is not ours."
    raise Malformed(problem, remedy="uninstall the other package, then install helpdesk-resolver again")


def read_shelf(folders: Iterable[Path] = ()) -> Shelf:
    """Read every manifest and interface: bundled, from `folders`, from entry points. A name twice is an error."""
    connectors: dict[str, Found] = {}
    interfaces: dict[str, Interface] = {}
    places: dict[str, Path] = {}
    others = (*folders, *_entry_points())
    for folder in (starters.interfaces_folder(), *(other / "interfaces" for other in others)):
        for path in sorted(folder.glob("*.yaml")):
            interface = _interface(path)
            _once(places, f"interface {interface.name}", path)
            interfaces[interface.name] = interface
    for folder in (bundled_folder(), *others):
        for path in sorted(folder.glob("*/connector.yaml")):
            found = _connector(path, folder, interfaces)
            _once(places, f"connector {found.manifest.connector}", path)
            connectors[found.manifest.connector] = found
    return Shelf(connectors, interfaces)


def open_helpdesk(found: Found, settings: Mapping[str, str], *, clock: Clock) -> Helpdesk:
    """Open one account of a helpdesk connector. `Malformed` says which setting to mend."""
    _check_settings(found.manifest, settings)
    opened: Helpdesk = found.module("helpdesk").connect(settings, clock=clock)
    return opened


def open_backend(found: Found, settings: Mapping[str, str]) -> Backend:
    """Open one account of a shop, payment or address service. `Malformed` says which setting to mend."""
    _check_settings(found.manifest, settings)
    actions = found.module("actions")
    backend = Backend.of(actions, actions.connect(settings))
    _check_dry_runs(found.manifest, backend)
    _check_read_backs(found.manifest, backend)
    return backend


def open_sender(found: Found, settings: Mapping[str, str]) -> CodeSender:
    """Open one account of a connector that sends codes. `Malformed` says which setting to mend."""
    _check_settings(found.manifest, settings)
    opened: CodeSender = found.module("sender").connect(settings)
    return opened


def sandbox_of(found: Found) -> OpenSandbox | None:
    """The connector's sandbox, `None` if it needs none (it talks to nobody)."""
    if not (found.folder / "sandbox.py").is_file() and not (found.folder / "sandbox").is_dir():
        return None
    opener: OpenSandbox = found.module("sandbox").open_sandbox
    return opener


def _check_settings(manifest: Manifest, settings: Mapping[str, str]) -> None:
    """Refuse a setting that the manifest does not list; a connection's own name is always given."""
    for name in settings:
        if name in manifest.settings or name == "connection":
            continue
        near = nearest(name, manifest.settings)
        raise Malformed(
            f"Connection {settings.get('connection') or manifest.connector}: {manifest.title} has no setting {name!r}.",
            remedy=f"did you mean {near!r}?" if near else f"there are: {', '.join(manifest.settings)}",
        )


def _check_dry_runs(manifest: Manifest, backend: Backend) -> None:
    """What the manifest promises to try must be there; what is there must be promised."""
    for action, narrowing in manifest.actions.items():
        if (narrowing.dry_run != "none") == (action in backend.dry_runs):
            continue
        said = f"dry_run: {narrowing.dry_run}"
        raise Malformed(
            f"Connector {manifest.connector} says {said!r} of {action}, and its actions.py does otherwise.",
            remedy=f"add a function marked @dry_run({action!r})"
            if narrowing.dry_run != "none"
            else "write dry_run: native or simulated",
        )


def _check_read_backs(manifest: Manifest, backend: Backend) -> None:
    """What the manifest says is read back must be: by a function, or by a condition over the arguments."""
    for action, narrowing in manifest.actions.items():
        if narrowing.verify is None or narrowing.holds is not None or action in backend.read_backs:
            continue
        raise Malformed(
            f"Connector {manifest.connector} says 'verify: {narrowing.verify}' of {action}; nothing reads that back.",
            remedy=f"add a function marked @read_back({action!r}), write a condition, or 'verify: none'",
        )


def _entry_points() -> list[Path]:
    places = []
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        module = point.load()
        places.append(Path(module.__file__).parent)
    return places


def _once(places: dict[str, Path], name: str, path: Path) -> None:
    if name in places:
        problem = f"There are two of {name}: {places[name]} and {path}."
        raise Malformed(problem, remedy="remove one of them or rename it")
    places[name] = path


def _interface(path: Path) -> Interface:
    interface, problems = read_interface(load_once(path.read_bytes(), str(path)))
    if interface is None:
        raise Malformed(_told(problems, path))
    return interface


def _connector(path: Path, folder: Path, interfaces: Mapping[str, Interface]) -> Found:
    manifest, problems = read_manifest(load_once(path.read_bytes(), str(path)), interfaces)
    if manifest is None:
        raise Malformed(_told(problems, path))
    _importable(path.parent, folder)
    return Found(manifest, path.parent)


def _importable(connector: Path, folder: Path) -> None:
    """Let `connectors.NAME` be imported from folders beside the bundled one too."""
    package = sys.modules.get("connectors") or importlib.import_module("connectors")
    if str(folder) not in package.__path__:
        package.__path__.append(str(folder))


def _told(problems: Iterable[Problem], path: Path) -> str:
    text = path.read_text(encoding="utf-8", errors="replace")
    return "\n".join(render(problem, text) for problem in problems)
