"""The recipes of docs/operations.md do what the page says."""

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")


@pytest.fixture
def busy_database(tmp_path):
    """A database as the server leaves it while running: the last commits are only in the -wal file."""
    connection = sqlite3.connect(tmp_path / "resolver.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO event VALUES (?)", [(seq,) for seq in range(100)])
    connection.commit()
    connection.execute(
        "INSERT INTO event VALUES (1000)"
    )  # a transaction under way; it is not part of a backup
    yield tmp_path / "resolver.db"
    connection.close()


def events_in(database: Path) -> int:
    connection = sqlite3.connect(database)
    try:
        return connection.execute("SELECT count(*) FROM event").fetchone()[0]
    finally:
        connection.close()


def test_the_backup_recipe_copies_every_committed_row_of_a_running_database(busy_database, tmp_path):
    recipe = re.search(r"^```python backup\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[1]
    (tmp_path / "backup.py").write_text(recipe)
    copy = tmp_path / "backup.db"

    subprocess.run(
        [sys.executable, tmp_path / "backup.py", busy_database, copy], check=True, capture_output=True
    )

    assert events_in(copy) == 100
    assert not copy.with_name("backup.db-wal").exists()


def test_a_plain_copy_misses_rows_as_the_page_warns(busy_database, tmp_path):
    copy = tmp_path / "plain.db"

    shutil.copy(busy_database, copy)

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        events_in(copy)
