"""requirements.lock holds every dependency with its hashes, for every machine, and nothing about this one."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
LOCK = (REPOSITORY / "requirements.lock").read_text("utf-8")
ENTRIES = [
    (Requirement(line), block.count("--hash=sha256:"))
    for line, block in re.findall(r"^(\S[^\\\n#]*?) ?\\\n((?: +--hash\S+ ?\\?\n)*)", LOCK, re.MULTILINE)
]
EXTRAS = [
    line
    for name, lines in PROJECT["project"]["optional-dependencies"].items()
    if name != "all"
    for line in lines
]


def part_of_lock(*arguments: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, REPOSITORY / "scripts" / "lock_part.py", REPOSITORY / "requirements.lock", *arguments],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(re.findall(r"^(\S+)==", run.stdout, re.MULTILINE))


@pytest.mark.parametrize(
    "line", PROJECT["project"]["dependencies"] + EXTRAS + PROJECT["dependency-groups"]["dev"]
)
def test_every_direct_dependency_stands_in_the_lock_at_an_allowed_version(line):
    wanted = Requirement(line)

    pins = [
        pin.specifier for pin, _ in ENTRIES if canonicalize_name(pin.name) == canonicalize_name(wanted.name)
    ]

    assert pins
    assert all(wanted.specifier.contains(next(iter(pin)).version) for pin in pins)


def test_the_extra_all_holds_every_other_extra():
    extras = set(PROJECT["project"]["optional-dependencies"]) - {"all"}

    assert PROJECT["project"]["optional-dependencies"]["all"] == [
        f"helpdesk-resolver[{','.join(sorted(extras))}]"
    ]


def test_every_entry_is_pinned_and_hashed():
    assert len(ENTRIES) > 50
    assert [pin.name for pin, hashes in ENTRIES if hashes == 0 or len(pin.specifier) != 1] == []


def test_the_lock_names_no_registry_and_no_folder_of_any_machine():
    assert re.findall(r"https?://|file:|--(?:extra-)?index-url|--find-links|(?<!\w)/\w+/", LOCK) == []


def test_the_build_tool_is_the_one_that_the_build_asks_for():
    asked = Requirement(PROJECT["build-system"]["requires"][0])

    pin = next(pin for pin, _ in ENTRIES if pin.name == asked.name)

    assert asked.specifier.contains(next(iter(pin.specifier)).version)


def test_what_running_needs_leaves_the_development_tools_out():
    running = part_of_lock()

    direct = {
        canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"] + EXTRAS
    }
    tools = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependency-groups"]["dev"]}

    assert direct <= running
    assert running & (tools - direct) == set()
    assert {"starlette", "certifi"} <= running  # what dependencies need in turn


def test_a_tool_comes_with_what_it_needs_and_no_more():
    assert part_of_lock("hatchling") >= {"hatchling", "pathspec", "pluggy"}
    assert part_of_lock("hatchling") & {"pytest", "fastapi"} == set()
