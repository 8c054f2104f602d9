"""`resolver lint`: every problem of playbooks, policy and tests with its place, as LANGUAGE 14.1 prints them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.asked import Asked, asked
from resolver.cli.folder import GENERATED, Folder, interfaces_of, sends_codes
from resolver.cli.installation import configuration
from resolver.cli.screen import print_json, say, working
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.connector.manifest import Interfaces
    from resolver.playbook.plan import Plan
    from resolver.source.problem import Problem
    from resolver.understanding.language import Languages

ERRORS_FOUND = 1
_UNSURE = "?"


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
    """What is wrong in each folder; of playbooks named only what is wrong in their files."""
    config = configuration(config_path)
    codes = sends_codes(config)
    interfaces = interfaces_of(config)
    return [_lint(one, interfaces, codes=codes) for one in asked([str(path) for path in paths], config)]


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


def _lint(one: Asked, interfaces: "Interfaces", *, codes: bool) -> Linted:
    from resolver.playbook.library import is_playbook

    folder = one.folder
    problems, texts = [*folder.result.problems], dict(folder.result.texts)
    for path, data in folder.tests().items():
        texts[path] = data.decode("utf-8", errors="replace")
        problems += _test_problems(folder, path, data)
    problems += _rule_problems(one, problems)
    problems += [] if codes else _code_problems(folder)
    problems += _may_stop(one, problems)
    problems += _uncertified(one, interfaces)
    problems += _example_problems(one)
    playbooks = [path for path in folder.files if is_playbook(path)]
    if not playbooks:
        remedy = "name another folder, or copy a starter there: NAME.yaml and policy.yaml"
        raise Malformed(f"There are no playbooks in {folder.named}.", remedy=remedy)
    if one.files:
        problems = [problem for problem in problems if Path(problem.where.path).resolve() in one.files]
        playbooks = [path for path in playbooks if Path(path).resolve() in one.files]
    return Linted(len(playbooks), tuple(problems), texts)


def _rule_problems(one: Asked, found: "Sequence[Problem]") -> "list[Problem]":
    """What can be said of the rules over all tickets there could be; told of those that can be compiled."""
    from resolver.proof.findings import findings, over_caps, pays_again

    library = one.folder.result.sound
    if library is None:
        return []
    everything = tuple(library.by_playbook.values())
    told = {(problem.where.path, problem.where.line) for problem in found}
    return [
        problem
        for plan, path, text in _meant(one)
        for problem in (
            *findings(plan, path, text),
            *over_caps(plan, library.policy, path, text),
            *pays_again(plan, everything, path, text),
        )
        if (problem.where.path, problem.where.line) not in told
    ]


def _meant(one: Asked) -> "Iterator[tuple[Plan, str, str]]":
    """The plans that were asked about and can be compiled, each with its file and text."""
    result = one.folder.result
    plans = result.sound.by_playbook.items() if result.sound else ()
    for name, plan in plans:
        if not one.files or name in one.names:
            yield plan, result.paths[name], result.texts[result.paths[name]]


def _may_stop(one: Asked, found: "Sequence[Problem]") -> "list[Problem]":
    """Rules that stop for what some ticket lacks; only the prover tells them exactly, so without it none are told."""
    from importlib.util import find_spec

    from resolver.proof.findings import may_stop

    library = one.folder.result.sound
    if library is None or find_spec("z3") is None:
        return []
    told = {(problem.where.path, problem.where.line) for problem in found}
    return [
        problem
        for plan, path, text in _meant(one)
        for problem in may_stop(plan, library.policy, path, text)
        if (problem.where.path, problem.where.line) not in told
    ]


def _uncertified(one: Asked, interfaces: "Interfaces") -> "list[Problem]":
    """Playbooks that say `auto` and have no certificate that fits; told of those that can be compiled."""
    from resolver.cli.proving import certificate_of
    from resolver.playbook.plan import Mode
    from resolver.proof.findings import uncertified

    folder, library = one.folder, one.folder.result.sound
    if library is None:
        return []
    found = [
        uncertified(
            plan, certificate_of(folder, plan), library.policy, interfaces, path, text, severity="warning"
        )
        for plan, path, text in _meant(one)
        if plan.mode is Mode.AUTO
    ]
    there = "put it into the folder of your playbooks and run 'resolver prove' there, or set 'mode: suggest'"
    return [
        replace(problem, help=there) if folder.draft else problem for problem in found if problem is not None
    ]


def _code_problems(folder: Folder) -> "list[Problem]":
    """Where playbooks ask for codes that nobody here can send."""
    from resolver.playbook.demands import without_codes

    library, texts, paths = folder.result.sound, folder.result.texts, folder.result.paths
    plans = library.by_playbook.items() if library else ()
    return [one for name, plan in plans for one in without_codes(plan, paths[name], texts[paths[name]])]


def _example_problems(one: Asked) -> "list[Problem]":
    """Where customers will hardly be understood, because a playbook gives too few examples."""
    from resolver.playbook.examples import few_examples
    from resolver.starters import unchanged

    files = one.folder.files
    as_they_came = unchanged({path: files[path] for _, path, _ in _meant(one) if path in files})
    return [
        problem
        for plan, path, text in _meant(one)
        if path not in as_they_came
        for problem in few_examples(plan, path, text, partial(_language_of, plan.languages))
    ]


def _language_of(spoken: Sequence[str], example: str) -> str | None:
    """What an example is written in, None where it is too short to tell."""
    language = _languages(frozenset(one.partition("-")[0] for one in spoken)).of(example, _UNSURE)
    return None if language == _UNSURE else language


@lru_cache(maxsize=1)  # it takes half a second to be ready
def _languages(spoken: frozenset[str]) -> "Languages":
    from resolver.understanding.language import Languages

    return Languages(sorted(spoken))


def _test_problems(folder: Folder, path: str, data: bytes) -> "Iterable[Problem]":
    """What is wrong with a test file; more than its form only where its playbook can be compiled."""
    from resolver.cli.live_reading import not_read
    from resolver.decision.testfile import read_tests
    from resolver.source.load import load

    library, known = folder.result.sound, folder.result
    loaded, name = load(data, path), folder.tested(path)
    if library is None or name in known.skipped or (name in known.paths and name not in library.by_playbook):
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
