"""The configuration: one YAML file with places for every error, frozen, secrets read from environment or files.

Read by `app` and the command line. What a connection's own settings mean is its connector's business.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from resolver.errors import Malformed
from resolver.source.load import load
from resolver.source.node import Entry, MappingNode, Node, ScalarNode
from resolver.source.problem import Problem, has_errors, render
from resolver.source.reader import Keys, read_one_of, read_text

LEAST_SCORE = 65
"""Per cent that an answer must reach where the configuration says nothing."""
MODES = ("shadow", "suggest", "auto")


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One configured account: its connector, the mode ceiling (helpdesks only) and the connector's own settings."""

    connector: str
    mode: str = "shadow"
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """How often the durable engine looks (seconds) and how many turns run at once in this process."""

    turns_poll_s: float = 0.1
    timers_poll_s: float = 1.0
    notifications_poll_s: float = 1.0
    workers: int = 16


@dataclass(frozen=True, slots=True)
class UnderstandingConfig:
    """Understanding's knobs: `threshold` None takes the calibrated default, `model_path` None the bundled model."""

    threshold: float | None = None
    order_number: str | None = None
    model_path: Path | None = None


@dataclass(frozen=True, slots=True)
class KnowledgeConfig:
    """Where the reviewed articles lie, and the per cent that an answer's score must reach to be sent."""

    folder: Path
    threshold: int = LEAST_SCORE


@dataclass(frozen=True, slots=True)
class AuditConfig:
    """When the audit trail's head is signed: after so many lines or minutes; the file, None beside the data."""

    checkpoint_lines: int = 1_000
    checkpoint_minutes: int = 5
    checkpoints: Path | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Everything an installation is told. Paths are relative to the configuration file's folder."""

    data: Path = Path("var")
    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    max_body_bytes: int = 256 * 1024
    playbooks: Path | None = None
    connector_folders: tuple[Path, ...] = ()
    connections: Mapping[str, ConnectionConfig] = field(default_factory=dict)
    interfaces: Mapping[str, str] = field(default_factory=dict)
    engine: EngineConfig = EngineConfig()
    understanding: UnderstandingConfig = UnderstandingConfig()
    knowledge: KnowledgeConfig | None = None
    audit: AuditConfig = AuditConfig()
    drain: timedelta = timedelta(seconds=15)
    executor: str = "resolver-1"
    fetch_tries: int = 5

    @property
    def database_url(self) -> str:
        """The database, by default one SQLite file in the data folder."""
        return self.database or f"sqlite:///{(self.data / 'resolver.db').absolute()}"

    @property
    def key_file(self) -> Path:
        """Where the installation's master key lies."""
        return self.data / "resolver.key"

    @property
    def checkpoints_file(self) -> Path:
        """Where checkpoints of the audit trail are appended."""
        return self.audit.checkpoints or self.data / "audit-checkpoints.jsonl"

    @property
    def learnt(self) -> Path:
        """The folder of what was learnt from the playbooks; without it a start takes some seconds more."""
        return self.data / "cache"


def read_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """The configuration in `path`.

    Raises:
        Malformed: The file is missing or wrong; the message lists every problem with place and remedy.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        remedy = "copy config.example.yaml there, or name another with --config"
        raise Malformed(
            f"The configuration {path} cannot be read: {error.strerror}.", remedy=remedy
        ) from None
    loaded = load(data, str(path))
    problems = list(loaded.problems)
    config = None
    if loaded.root is not None:
        reader = _Reader(problems, path.parent, os.environ if environment is None else environment)
        config = reader.read(loaded.root)
    if config is None or has_errors(problems):
        text = data.decode("utf-8", errors="replace")
        raise Malformed("\n".join(render(problem, text) for problem in problems))
    return config


_KEYS = (
    "data",
    "database",
    "listen",
    "playbooks",
    "connector_folders",
    "connections",
    "interfaces",
    "engine",
)
_MORE_KEYS = ("understanding", "knowledge", "audit", "drain_s", "executor", "fetch_tries")


class _Reader:
    def __init__(self, problems: list[Problem], folder: Path, environment: Mapping[str, str]) -> None:
        self.problems = problems
        self.folder = folder
        self.environment = environment

    def read(self, root: Node) -> Config:
        keys = Keys(root, self.problems, optional=(*_KEYS, *_MORE_KEYS))
        listen = self._inner(keys, "listen", ("host", "port", "max_body_kib"))
        plain = Config()
        return Config(
            data=self.folder / keys.text("data", str(plain.data)),
            database=self._override("RESOLVER_DATABASE", keys.text("database")),
            host=listen.text("host", plain.host),
            port=listen.whole("port", plain.port, least=0, most=65535),
            max_body_bytes=listen.whole("max_body_kib", plain.max_body_bytes // 1024, least=1, most=16_384)
            * 1024,
            playbooks=self._path(keys, "playbooks"),
            connector_folders=tuple(
                self.folder / text
                for node in keys.items("connector_folders")
                if (text := read_text(node, self.problems))
            ),
            connections={entry.key.text: self._connection(entry) for entry in keys.named("connections")},
            interfaces={
                entry.key.text: read_text(entry.value, self.problems) or ""
                for entry in keys.named("interfaces")
            },
            engine=self._engine(keys),
            understanding=self._understanding(keys),
            knowledge=self._knowledge(keys),
            audit=self._audit(keys),
            drain=timedelta(
                seconds=keys.whole("drain_s", int(plain.drain.total_seconds()), least=1, most=20)
            ),
            executor=self._override("RESOLVER_EXECUTOR", keys.text("executor", plain.executor)),
            fetch_tries=keys.whole("fetch_tries", plain.fetch_tries, least=1, most=20),
        )

    def _inner(self, keys: Keys, name: str, optional: tuple[str, ...]) -> Keys:
        node = keys.get(name)
        if node is None:
            node = MappingNode((), keys.where, 1)
        return Keys(node, self.problems, optional=optional)

    def _override(self, variable: str, value: str) -> str:
        return self.environment.get(variable, "") or value

    def _path(self, keys: Keys, name: str) -> Path | None:
        return self.folder / keys.text(name) if name in keys else None

    def _engine(self, keys: Keys) -> EngineConfig:
        inner = self._inner(
            keys, "engine", ("turns_poll_ms", "timers_poll_ms", "notifications_poll_ms", "workers")
        )
        plain = EngineConfig()

        def seconds(key: str, default_s: float) -> float:
            return inner.whole(key, round(default_s * 1000), least=10, most=60_000) / 1000

        return EngineConfig(
            turns_poll_s=seconds("turns_poll_ms", plain.turns_poll_s),
            timers_poll_s=seconds("timers_poll_ms", plain.timers_poll_s),
            notifications_poll_s=seconds("notifications_poll_ms", plain.notifications_poll_s),
            workers=inner.whole("workers", plain.workers, least=1, most=64),
        )

    def _understanding(self, keys: Keys) -> UnderstandingConfig:
        inner = self._inner(keys, "understanding", ("threshold_percent", "order_number", "model_path"))
        percent = (
            inner.whole("threshold_percent", 0, least=1, most=99) if "threshold_percent" in inner else None
        )
        return UnderstandingConfig(
            threshold=None if percent is None else percent / 100,
            order_number=inner.text("order_number") or None,
            model_path=self._path(inner, "model_path"),
        )

    def _knowledge(self, keys: Keys) -> KnowledgeConfig | None:
        node = keys.get("knowledge")
        if node is None:
            return None
        inner = Keys(node, self.problems, required=("folder",), optional=("threshold_percent",))
        folder = self.folder / inner.text("folder")
        return KnowledgeConfig(folder, inner.whole("threshold_percent", LEAST_SCORE, least=1, most=99))

    def _audit(self, keys: Keys) -> AuditConfig:
        inner = self._inner(keys, "audit", ("checkpoint_lines", "checkpoint_minutes", "checkpoints"))
        plain = AuditConfig()
        return AuditConfig(
            checkpoint_lines=inner.whole("checkpoint_lines", plain.checkpoint_lines, least=1, most=100_000),
            checkpoint_minutes=inner.whole(
                "checkpoint_minutes", plain.checkpoint_minutes, least=1, most=1_440
            ),
            checkpoints=self._path(inner, "checkpoints"),
        )

    # -- connections ----------------------------------------------------------------------------------------------

    def _connection(self, entry: Entry) -> ConnectionConfig:
        connector, mode = "", "shadow"
        settings: dict[str, str] = {"connection": entry.key.text}
        keys = Keys(entry.value, [], required=("connector",))
        if "connector" not in keys:
            Keys(entry.value, self.problems, required=("connector",), optional=_names(entry.value))
            return ConnectionConfig("")
        for one in entry.value.entries if isinstance(entry.value, MappingNode) else ():
            if one.key.text == "connector":
                connector = read_text(one.value, self.problems) or ""
            elif one.key.text == "mode":
                mode = read_one_of(one.value, MODES, self.problems) or mode
            else:
                settings[one.key.text] = self._setting(one)
        return ConnectionConfig(connector, mode, settings)

    def _setting(self, entry: Entry) -> str:
        """A plain text, or `{env: NAME}` / `{file: PATH}` for what must not stand in the file."""
        if not isinstance(entry.value, MappingNode):
            return read_text(entry.value, self.problems) or ""
        keys = Keys(entry.value, self.problems, optional=("env", "file"))
        if "env" in keys:
            return self._from_environment(keys.text("env"), entry.value)
        return self._from_file(keys.text("file"), entry.value)

    def _from_environment(self, name: str, place: Node) -> str:
        value = self.environment.get(name, "")
        if not value:
            self._missing(f"the environment has no {name}", "set it before starting", place)
        return value

    def _from_file(self, name: str, place: Node) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            self._missing(f"the file {name} cannot be read", "check path and rights", place)
            return ""

    def _missing(self, message: str, remedy: str, place: Node) -> None:
        self.problems.append(Problem("missing-word", message, place.where, place.length, help=remedy))


def _names(node: Node) -> tuple[str, ...]:
    if not isinstance(node, MappingNode):
        return ()
    return tuple(entry.key.text for entry in node.entries if isinstance(entry.key, ScalarNode))
