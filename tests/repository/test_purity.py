"""What a fresh interpreter has loaded after importing a pure package: no clock, no network, no engine."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
# PyYAML reads the files (the cython names are its compiled parser); babel writes dates and amounts in the customer's
# language, and takes pytz where something else has installed it; msgspec makes values quickly, and takes
# typing_extensions where it is.
FOREIGN = {"resolver", "yaml", "_yaml", "cython_runtime", "babel", "pytz", "msgspec", "typing_extensions"}
# A lock around babel's table of locales, and sysconfig under zoneinfo on Python 3.13; neither starts a thread. msgspec
# knows the type UUID and makes none. The contract "pure" of import-linter forbids our own code even that.
EXCUSED = {"threading", "uuid"}
BANNED = {
    "asyncio", "concurrent", "http", "logging", "multiprocessing", "random", "secrets", "selectors", "socket",
    "sqlite3", "ssl", "subprocess", "tempfile", "threading", "urllib.request", "uuid",
}  # fmt: skip

# Without `site`, nothing but the interpreter's own start is loaded before the import.
PROGRAM = """
import sys
sys.path[:0] = sys.argv[2:]
import importlib
package = importlib.import_module("resolver." + sys.argv[1])
folders = [(package.__name__, package.__path__[0])]
import os
for name, folder in folders:
    for entry in sorted(os.listdir(folder)):
        if os.path.isdir(os.path.join(folder, entry)) and entry != "__pycache__":
            folders.append((name + "." + entry, os.path.join(folder, entry)))
        elif entry.endswith(".py") and entry != "__init__.py":
            importlib.import_module(name + "." + entry[:-3])
print("\\n".join(sys.modules))
"""


def loaded_by(package: str) -> set[str]:
    paths = [str(REPOSITORY / "src"), sysconfig.get_path("platlib"), sysconfig.get_path("purelib")]
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, package, *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@pytest.mark.parametrize("package", ["source", "condition", "playbook", "decision"])
def test_importing_a_pure_package_brings_no_clock_chance_network_sql_or_engine(package):
    loaded = loaded_by(package)

    tops = {name.partition(".")[0] for name in loaded}
    foreign = {
        name for name in tops - FOREIGN if not name.startswith(("__main__", "_cython", "_sysconfigdata"))
    }

    assert f"resolver.{package}" in loaded
    assert foreign <= sys.stdlib_module_names
    assert loaded & BANNED <= EXCUSED
