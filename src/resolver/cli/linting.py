"""`resolver lint`: every problem of playbooks, policy and tests with its place, as LANGUAGE 14.1 prints them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.folder import GENERATED, Folder, configured_folder, interfaces_of, read_folder, sends_codes
from resolver.cli.installation import configuration
from resolver.cli.screen import print_json, say, working
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.connector.manifest import Interfaces
    from resolver.source.problem import Problem

ERRORS_FOUND = 1


@dataclass(frozen=True, slots=True)
class Linted:
    """How many playbooks were read, their problems, and the texts to quote from."""

    playbooks: int
    problems: "tuple[Problem, ...]"
    texts: dict[str, str]


def lint(paths: Sequence[Path], config_path: Path | None, *, form: str) -> int:
    """Print the problems as text, json, sarif or for github; 1 if one of them is an error."""
    from resolver.cli.lint_formats import github, sarif

    with working("Reading playbooks"):
        found = judged(paths, config_path)
    problems = [problem for one in found for problem in one.problems]
    counts = Counter(str(problem.severity) for problem in problems)
    if form == "json":
        print_json(as_data(found))
    elif form == "sarif":
        print_json(sarif(_sorted(problems)))
    elif form == "github":
        say(*(github(problem) for problem in _sorted(problems)))
    else:
        tell(found)
    return ERRORS_FOUND if counts["error"] else 0


def judged(paths: Sequence[Path], config_path: Path | None) -> list[Linted]:
    """What is wrong in each folder; of files named only what is wrong in these."""
    config = configuration(config_path)
    interfaces = interfaces_of(config)
    wanted = _wanted(paths or (configured_folder(config),))
    codes = sends_codes(config)
    return [
        _lint(read_folder(folder, interfaces), files, interfaces, codes=codes)
        for folder, files in wanted.items()
    ]


def tell(found: Sequence[Linted]) -> None:
    """Print every problem as people read it, and how many there are."""
    from resolver.source.problem import render

    for one in found:
        for problem in _sorted(one.problems):
            say(render(problem, one.texts.get(problem.where.path)))
    counts = Counter(str(problem.severity) for one in found for problem in one.problems)
    parts = [_counted(counts[kind], kind) for kind in ("error", "warning", "note")]
    say(f"{_counted(sum(one.playbooks for one in found), 'playbook')}, {', '.join(parts)}")


def as_data(found: Sequence[Linted]) -> dict[str, Any]:
    """The same as plain data."""
    problems = [problem for one in found for problem in one.problems]
    counts = Counter(str(problem.severity) for problem in problems)
    return {
        "playbooks": sum(one.playbooks for one in found),
        "errors": counts["error"],
        "warnings": counts["warning"],
        "notes": counts["note"],
        "problems": [problem.to_json() for problem in problems],
        "ok": not counts["error"],
    }


def _wanted(paths: Sequence[Path]) -> dict[Path, set[Path]]:
    """The folders to read; with files named, only what is wrong in these is told."""
    found: dict[Path, set[Path]] = {}
    for path in paths:
        if path.is_dir():
            found[path] = set()
        elif path.is_file():
            found.setdefault(path.parent, set()).add(path.resolve())
        else:
            raise Malformed(f"There is no {path}.", remedy="name a folder of playbooks, or a file in one")
    return found


def _lint(folder: Folder, only: set[Path], interfaces: "Interfaces", *, codes: bool) -> Linted:
    from resolver.playbook.library import is_playbook

    problems, texts = [*folder.result.problems], dict(folder.result.texts)
    for path, data in folder.tests().items():
        texts[path] = data.decode("utf-8", errors="replace")
        problems += _test_problems(folder, path, data)
    problems += _rule_problems(folder, problems)
    problems += [] if codes else _code_problems(folder)
    problems += _may_stop(folder, problems)
    problems += _uncertified(folder, interfaces)
    problems += _example_problems(folder)
    playbooks = [path for path in folder.files if is_playbook(path)]
    if not playbooks:
        raise Malformed(
            f"There are no playbooks in {folder.path}.",
            remedy="copy a starter there: NAME.yaml and policy.yaml",
        )
    if only:
        problems = [problem for problem in problems if Path(problem.where.path).resolve() in only]
        playbooks = [path for path in playbooks if Path(path).resolve() in only]
    return Linted(len(playbooks), tuple(problems), texts)


def _rule_problems(folder: Folder, found: "Sequence[Problem]") -> "list[Problem]":
    """What can be said of the rules over all tickets there could be; told only when the playbooks can be compiled."""
    from resolver.proof.findings import findings, pays_again

    library = folder.result.library
    if library is None:
        return []
    told = {(problem.where.path, problem.where.line) for problem in found}
    texts = {Path(path).stem: path for path in folder.result.texts}
    return [
        problem
        for name, plan in library.by_playbook.items()
        for problem in (
            *findings(plan, texts[name], folder.result.texts[texts[name]]),
            *pays_again(plan, library.by_playbook.values(), texts[name], folder.result.texts[texts[name]]),
        )
        if (problem.where.path, problem.where.line) not in told
    ]


def _may_stop(folder: Folder, found: "Sequence[Problem]") -> "list[Problem]":
    """Rules that stop for what some ticket lacks; only the prover tells them exactly, so without it none are told."""
    from importlib.util import find_spec

    from resolver.proof.findings import may_stop

    library, texts = folder.result.library, folder.result.texts
    if library is None or find_spec("z3") is None:
        return []
    told = {(problem.where.path, problem.where.line) for problem in found}
    paths = {Path(path).stem: path for path in texts}
    return [
        problem
        for name, plan in library.by_playbook.items()
        for problem in may_stop(plan, library.policy, paths[name], texts[paths[name]])
        if (problem.where.path, problem.where.line) not in told
    ]


def _uncertified(folder: Folder, interfaces: "Interfaces") -> "list[Problem]":
    """Playbooks that say `auto` and have no certificate that fits; told only when all of them can be compiled."""
    from resolver.cli.proving import certificate_of
    from resolver.playbook.plan import Mode
    from resolver.proof.findings import uncertified

    library, texts = folder.result.library, folder.result.texts
    paths = {Path(path).stem: path for path in texts}
    found = [
        uncertified(
            plan,
            certificate_of(folder, plan),
            library.policy,
            interfaces,
            paths[name],
            texts[paths[name]],
            severity="warning",
        )
        for name, plan in (library.by_playbook.items() if library else ())
        if library is not None and plan.mode is Mode.AUTO
    ]
    return [one for one in found if one is not None]


def _code_problems(folder: Folder) -> "list[Problem]":
    """Where playbooks ask for codes that nobody here can send."""
    from resolver.playbook.demands import without_codes

    library, texts = folder.result.library, folder.result.texts
    paths = {Path(path).stem: path for path in texts}
    plans = library.by_playbook.items() if library else ()
    return [one for name, plan in plans for one in without_codes(plan, paths[name], texts[paths[name]])]


def _example_problems(folder: Folder) -> "list[Problem]":
    """Where customers will hardly be understood, because a playbook gives too few examples."""
    from resolver.playbook.examples import few_examples

    library, texts = folder.result.library, folder.result.texts
    paths = {Path(path).stem: path for path in texts}
    plans = library.by_playbook.items() if library else ()
    return [one for name, plan in plans for one in few_examples(plan, paths[name], texts[paths[name]])]


def _test_problems(folder: Folder, path: str, data: bytes) -> "Iterable[Problem]":
    """What is wrong with a test file; told only when the playbooks themselves can be compiled."""
    from resolver.cli.live_reading import not_read
    from resolver.decision.testfile import read_tests
    from resolver.source.load import load

    library = folder.result.library
    loaded = load(data, path)
    if library is None:
        return loaded.problems
    file, problems = read_tests(loaded, library.by_playbook, library.policy)
    if file is None or path.endswith(GENERATED):  # worked out from the playbook: nobody wrote those texts
        return problems
    return [*problems, *not_read(file, library.by_playbook[file.playbook], library.policy)]


def _sorted(problems: "Iterable[Problem]") -> "list[Problem]":
    """In the order of the files."""
    return sorted(problems, key=lambda each: (each.where.path, each.where.line, each.where.column))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
