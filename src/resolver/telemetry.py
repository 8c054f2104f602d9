"""Logs and metrics: structured lines with run and ticket ids and no personal data, counters for Prometheus.

Set up once by `app`; every layer may count and log. Nothing a customer wrote is ever logged.
"""

import logging
import sys
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
DELIVERIES = Counter(
    "resolver_deliveries",
    "Webhook deliveries by connection and answer.",
    ["connection", "answer"],
    registry=REGISTRY,
)
DELIVERY_SECONDS = Histogram(
    "resolver_delivery_seconds",
    "Time to answer a webhook delivery.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
    registry=REGISTRY,
)
TURNS = Counter("resolver_turns", "Turns taken, by how they ended.", ["ending"], registry=REGISTRY)
TURN_SECONDS = Histogram("resolver_turn_seconds", "Time a turn took.", registry=REGISTRY)
EVENTS = Gauge("resolver_events", "Stored events by state.", ["state"], registry=REGISTRY)
OLDEST_QUEUED_SECONDS = Gauge(
    "resolver_oldest_queued_seconds",
    "Age of the event that has waited longest for its turn.",
    registry=REGISTRY,
)

RELOADS = Counter(
    "resolver_reloads",
    "How often the folder of playbooks was loaded anew: taken, unchanged or refused.",
    ["result"],
    registry=REGISTRY,
)
PLAYBOOKS_STALE = Gauge(
    "resolver_playbooks_stale",
    "1 while the files in the folder of playbooks cannot be loaded, so that older ones stay in force.",
    registry=REGISTRY,
)


def set_up_logging(*, plain: bool = False, level: str = "INFO") -> None:
    """One JSON object a line on standard error (or readable lines with `plain`), for our loggers and the libraries'."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: Any = structlog.dev.ConsoleRenderer(colors=False) if plain else structlog.processors.JSONRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for quiet in ("httpx", "httpcore", "dbos", "urllib3", "zenpy", "alembic", "uvicorn.access"):
        logging.getLogger(quiet).setLevel(logging.ERROR)
