"""`./dev` with an environment already set up: quick, quiet, and honest about what is missing."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PYTHON_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
DESCRIBED = ("dev", "requirements.lock", "pyproject.toml", "hatch_build.py")

DRAINS = """#!/bin/sh
trap 'echo drained; exit 0' TERM
echo "arguments: $*"
while :; do sleep 0.05; done
"""
FAILS = """#!/bin/sh
echo 'The port is taken.' >&2
exit 2
"""


class Clone:
    """A folder with `./dev` in it and an environment that says it is ready."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in DESCRIBED:
            shutil.copy(REPOSITORY / name, folder / name)
        self.environment = folder / f".venv-{PYTHON_VERSION}"
        (self.environment / "bin").mkdir(parents=True)
        (self.environment / "bin" / "python").symlink_to(sys.executable)
        state = "pwd && cksum requirements.lock && cksum pyproject.toml hatch_build.py"
        described = subprocess.run(
            ["bash", "-c", state], cwd=folder, capture_output=True, text=True, check=True
        )
        (self.environment / ".installed").write_text(described.stdout)

    def has_resolver(self, script: str) -> None:
        program = self.environment / "bin" / "resolver"
        program.write_text(script)
        program.chmod(0o755)

    def command(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.folder / "dev", *arguments],
            env={**os.environ, "RESOLVER_PYTHON": PYTHON_VERSION, **variables},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=_minds_an_interrupt,
        )  # fmt: skip

    def run(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        with self.command(*arguments, **variables) as started:
            out, err = started.communicate(timeout=30)
        return started.returncode, out, err


def _minds_an_interrupt() -> None:
    """As in a terminal: what a shell starts in the background ignores SIGINT, and so would everything below it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def clone(tmp_path):
    folder = tmp_path / "a clone"
    folder.mkdir()
    return Clone(folder)


def test_a_second_setup_takes_under_a_second_and_says_nothing(clone):
    started_at = time.perf_counter()

    status, out, err = clone.run("setup")

    assert (status, out, err) == (0, "", "")
    assert time.perf_counter() - started_at < 1


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serve_passes_the_signal_on_waits_for_the_drain_and_ends_clean(clone, stop):
    clone.has_resolver(DRAINS)

    with clone.command("serve", "--port", "0") as started:
        first = started.stdout.readline()
        started.send_signal(stop)
        rest, _ = started.communicate(timeout=30)

    assert first == "arguments: serve --port 0\n"
    assert rest == "drained\n"
    assert started.returncode == 0


def test_serve_reports_a_server_that_failed(clone):
    clone.has_resolver(FAILS)

    status, _, err = clone.run("serve")

    assert status == 2
    assert "The port is taken." in err


def test_demo_passes_arguments_and_the_exit_code_through(clone):
    clone.has_resolver('#!/bin/sh\necho "$#: $*"\nexit 1\n')

    status, out, _ = clone.run("demo", "--json", "a file")

    assert (status, out) == (1, "3: demo --json a file\n")


def test_bench_without_a_known_name_lists_what_there_is(clone):
    (clone.folder / "benchmarks").mkdir()
    (clone.folder / "benchmarks" / "crash.py").touch()

    status, _, err = clone.run("bench", "cash")

    assert status == 2
    assert "  crash\n" in err


def test_an_unknown_command_names_the_known_ones(clone):
    status, _, err = clone.run("dmeo")

    assert status == 2
    assert "There is no command dmeo." in err
    assert "./dev COMMAND" in err


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("no-such-python", "names no Python that runs: no-such-python"),
        ("./old", "is Python 2.7; the resolver needs 3.11"),
    ],
)
def test_a_python_that_will_not_do_is_refused_with_a_remedy(clone, tmp_path, wanted, said):
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\necho 2.7\n")
    old.chmod(0o755)

    status, _, err = clone.run("setup", RESOLVER_PYTHON=wanted.replace("./old", str(old)))

    assert status == 2
    assert said in err
    assert "RESOLVER_PYTHON" in err


def test_a_machine_without_any_python_hears_what_to_install(clone, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("bash", "env", "dirname", "cksum", "cat"):
        (tools / tool).symlink_to(shutil.which(tool))
    shutil.rmtree(clone.environment)

    status, _, err = clone.run(
        "setup", PATH=str(tools), HOME=str(tmp_path), PYENV_ROOT=str(tmp_path), RESOLVER_PYTHON=""
    )

    assert status == 2
    assert "No Python 3.11, 3.12 or 3.13 found (python3 is absent)." in err
    assert "Install one" in err


@pytest.mark.xdist_group("together")
def test_tests_of_one_group_run_in_one_process(request: pytest.FixtureRequest) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("one process only")
    assert request.node.nodeid.endswith("@together")  # how pytest-xdist knows them
