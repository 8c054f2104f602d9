"""What holds for every command: help, version, errors, and what is loaded."""

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import typer

from resolver.cli import failure
from resolver.cli.commands import app

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")


def commands(group, *path):
    for name, command in group.commands.items():
        yield from (
            commands(command, *path, name) if hasattr(command, "commands") else [((*path, name), command)]
        )


COMMANDS = {" ".join(path): command for path, command in commands(typer.main.get_command(app))}
SECTION = re.compile(r"^## resolver (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = dict(SECTION.findall(PAGE))
BY_NAME = pytest.mark.parametrize("name", COMMANDS)


def options(command):
    return {word for one in command.params for word in one.opts if word.startswith("--")} - {"--help"}


def test_the_page_has_every_command_and_no_other():
    assert list(SECTIONS) == list(COMMANDS)


@BY_NAME
def test_the_page_says_of_a_command_what_its_help_says(name):
    command, section = COMMANDS[name], SECTIONS[name]

    assert command.help in section
    assert set(re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE)) == options(command)
    for one in command.params:
        assert one.help in section


@BY_NAME
def test_every_command_explains_itself(resolver, name):
    ended = resolver(*name.split(), "--help")

    assert ended.code == 0
    assert "Usage: " in ended.out


@pytest.mark.parametrize(
    "name",
    [
        "runs list",
        "runs show",
        "explain",
        "check",
        "lint",
        "test",
        "version",
        "approvals list",
        "sandbox",
        "pause",
    ],
)
def test_what_prints_data_can_print_json(name):
    assert "--json" in options(COMMANDS[name])


def test_the_version_says_what_it_runs_on(resolver):
    plain, told = resolver("version"), resolver("version", "--json").data

    assert version("helpdesk-resolver") in plain.out
    assert set(told) == {"resolver", "python", "sqlite", "platform"}
    assert resolver("--version").out == plain.out


@pytest.mark.parametrize("word", ["version", "--version"])
def test_the_version_is_told_without_loading_anything_heavy(word):
    program = (
        "import sys; sys.argv = ['resolver', sys.argv[1]]\n"
        "from resolver.cli.entry import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'typer', 'rich', 'pydantic', 'sqlalchemy', 'dbos', 'fastapi', 'numpy', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    ran = subprocess.run([sys.executable, "-c", program, word], capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines()[-1] == "[]"


def test_the_list_of_commands_loads_nothing_that_they_work_with():
    program = (
        "import sys, resolver.cli.commands\n"
        "heavy = {'sqlalchemy', 'dbos', 'fastapi', 'numpy', 'yaml', 'uvicorn', 'resolver.app', 'resolver.config'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"


def test_the_module_runs_as_the_installed_script_does():
    ran = subprocess.run(
        [sys.executable, "-m", "resolver", "version", "--json"], capture_output=True, check=True
    )

    assert json.loads(ran.stdout)["resolver"] == version("helpdesk-resolver")


@pytest.mark.parametrize("words", [["nonsense"], ["runs"], ["runs", "show"], ["lint", "--nonsense"]])
def test_a_command_that_does_not_exist_or_lacks_a_word_could_not_run(resolver, words):
    assert resolver(*words).code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["runs", "list"],
        ["explain", "zendesk:1"],
        ["lint"],
        ["test"],
        ["serve"],
        ["serve", "--sandbox"],
        ["check"],
    ],
)
def test_a_wrong_configuration_is_told_with_its_place_and_no_traceback(resolver, tmp_path, words):
    (tmp_path / "config.yaml").write_text("data: var\nlisten:\n  prot: 8080\n")

    ended = resolver(*words)

    assert ended.code == 2
    assert ended.out == ""
    assert "config.yaml:3:3: error: 'prot' is not a word known here [unknown-word]" in ended.err
    assert "did you mean 'port'?" in ended.err
    assert "Traceback" not in ended.err


def test_a_configuration_that_is_not_there_is_told_with_what_to_do(resolver):
    ended = resolver("serve", "--config", "elsewhere.yaml")

    assert ended.code == 2
    assert "elsewhere.yaml cannot be read" in ended.err
    assert "config.example.yaml" in ended.err


def test_the_environment_names_the_configuration_too(resolver, tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text("nonsense: 1\n")
    monkeypatch.setenv("RESOLVER_CONFIG", "mine.yaml")

    assert "mine.yaml:1:1" in resolver("lint").err


def test_a_bug_ends_as_one_line_and_a_file_with_the_details(capsys):
    def app():
        raise ZeroDivisionError("a secret of the customer")

    with pytest.raises(SystemExit) as end:
        failure.guarded(app)

    told = capsys.readouterr().err
    details = Path(re.search(r"\S+\.log", told)[0])
    assert end.value.code == 2
    assert told.count("\n") == 1
    assert "secret" not in told
    assert "ZeroDivisionError" in details.read_text("utf-8")
    details.unlink()


def test_words_of_customers_cannot_steer_the_terminal(capsys):
    from resolver.cli.screen import say

    say("before\x1b[2Jafter\u202eright to left\u00a0space")

    assert capsys.readouterr().out == "before\ufffd[2Jafter\ufffdright to left space\n"
