"""`resolver test`: plays the cases beside the playbooks through the engine and says what came out otherwise."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.asked import Asked, asked, refuse_broken_starts
from resolver.cli.folder import GENERATED, TESTS, Folder
from resolver.cli.installation import configuration
from resolver.cli.screen import note, print_json, progress, say, working
from resolver.errors import Malformed
from resolver.source.name import nearest

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.decision.coverage import Coverage
    from resolver.decision.testcase import Case, TestFile
    from resolver.decision.testrun import CaseResult
    from resolver.playbook.library import Library
    from resolver.playbook.plan import Plan

ERRORS_FOUND = 1


@dataclass(frozen=True, slots=True)
class _Played:
    """One test file, played."""

    file: "TestFile"
    results: "tuple[CaseResult, ...]"
    coverage: "Coverage"
    library: "Library"


def play(named: Sequence[str], config_path: Path | None, *, cover: bool, as_json: bool) -> int:
    """Play the cases and print how they went; 1 if one fails or a file has an error."""
    config = configuration(config_path)
    with working("Reading playbooks"):
        chosen = [_read(one) for one in asked(named, config)]
    problems = [text for one in chosen for text in one.problems]
    files = [(one.library, file) for one in chosen for file in one.files]
    with progress("Playing cases", sum(len(file.cases) for _, file in files)) as ticks:
        played = []
        for library, file in files:
            played.append(_play(file, library))
            for _ in file.cases:
                ticks.tick()
    failed = sum(not result.passed for one in played for result in one.results)
    if as_json:
        told = [_json(one, cover=cover) for one in played]
        print_json({"files": told, "problems": problems, "ok": not failed and not problems})
    else:
        _print(played, problems, cover=cover)
    return ERRORS_FOUND if failed or problems else 0


# -- what to play -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Test files of one folder with their library, and what is wrong with those that cannot be played."""

    library: "Library"
    files: "tuple[TestFile, ...]"
    problems: tuple[str, ...]


def playbooks_named(
    named: Sequence[str], config: "Config"
) -> "Iterator[tuple[Folder, Library, tuple[Plan, ...]]]":
    """Each folder with its library and the playbooks meant; `Malformed` for a name that is none."""
    for one in asked(named, config):
        plans = one.all_sound().plans()
        refuse_broken_starts(one.folder, plans)
        yield one.folder, one.folder.sound(), plans


def cases_of(folder: Folder, library: "Library", plan: "Plan") -> "tuple[Case, ...]":
    """The cases beside a playbook; generated ones are no reason for a text to be sent. Errors are `Malformed`."""
    from resolver.decision.testfile import read_tests
    from resolver.source.load import load
    from resolver.source.problem import render

    tests = folder.tests_of(plan.playbook)
    if tests is None:
        return ()
    path, text = tests
    file, problems = read_tests(load(text, path), library.by_playbook, library.policy)
    if file is None:
        raise Malformed("\n".join(render(one, text.decode("utf-8", errors="replace")) for one in problems))
    return file.cases


def _read(one: Asked) -> _Chosen:
    """The tests of what was asked for; where all were, of the playbooks without an error."""
    from resolver.decision.testfile import read_tests
    from resolver.source.load import load
    from resolver.source.problem import has_errors, render

    playable = {plan.playbook for plan in one.plans()}
    folder, library = one.folder, one.folder.sound()
    files: list[TestFile] = []
    problems = [told] if not one.names and (told := folder.told(*folder.result.broken())) else []
    for place, data in _files_of(one, playable).items():
        file, wrong = read_tests(load(data, place), library.by_playbook, library.policy)
        if file is None or has_errors(wrong):
            problems += [render(problem, data.decode("utf-8", errors="replace")) for problem in wrong]
        else:
            files.append(file)
    return _Chosen(library, tuple(files), tuple(problems))


def _files_of(one: Asked, playable: Collection[str]) -> dict[str, bytes]:
    """The test files to be played: not those of playbooks that cannot be, which are told of elsewhere."""
    folder, result = one.folder, one.folder.result
    there = {path: folder.tested(path) for path in folder.tests()}
    for name in sorted(one.names - set(there.values())):
        near = nearest(name, there.values())
        remedy = f"did you mean {near!r}?" if near else f"write {name}{TESTS} beside the playbook"
        raise Malformed(f"There are no tests for {name!r} in {folder.named}.", remedy=remedy)
    if not there:
        note(f"There are no tests in {folder.named}; write NAME{TESTS} beside a playbook.")
    known = {*result.paths, *result.skipped}
    left = {name for name in there.values() if name in playable or (not one.names and name not in known)}
    if folder.draft and any(Path(path).parent != folder.path for path in there):
        note(f"No tests lie beside the draft; played: {', '.join(there)}.")
    return {path: folder.files[path] for path, name in there.items() if name in left}


# -- playing and telling ----------------------------------------------------------------------------------------------


def _play(file: "TestFile", library: "Library") -> _Played:
    from resolver.decision.testrun import run_tests
    from resolver.proof.cells import unreachable

    report = run_tests(file, library.by_playbook, library.policy)
    report.coverage.unreachable = unreachable(report.coverage.plan)
    return _Played(file, report.results, report.coverage, library)


def _print(played: Sequence[_Played], problems: Sequence[str], *, cover: bool) -> None:
    say(*problems)
    for one in played:
        for result in one.results:
            for difference in result.differences:
                say(f"{difference.where}: {result.name}: {difference.message}")
        generated = ", generated" if one.file.path.endswith(GENERATED) else ""
        say(f"{one.file.playbook}{generated}: {_line(one, cover=cover)}")
        if cover and (others := _in_other_languages(one.coverage)):
            what = "reply in another language is" if others == 1 else "replies in other languages are"
            say(
                f"{others} {what} shown by no case; that is no fault: 'resolver test --snapshot' keeps them all"
            )
        for covers, case in _to_add(one) if cover else ():
            say(
                f"# to add to {one.file.path} for {covers}; look whether this is what should happen",
                *case.splitlines(),
            )


def _to_add(one: _Played) -> "Iterator[tuple[str, str]]":
    """What an edge or question lacks a case for, with the text of one; only where every case passes."""
    from resolver.decision.more_cases import proposals
    from resolver.decision.testwriter import snippet

    if not all(result.passed for result in one.results):
        return
    plans, policy = one.library.by_playbook, one.library.policy
    for found in proposals(one.file.cases, one.coverage, plans, policy):
        yield found.covers, snippet(one.coverage.plan, found.case, policy.calendar.zone, one.file.given)


def _line(one: _Played, *, cover: bool) -> str:
    """`3 passed. rules 2/7, outcomes 3/8, edges …, replies 4/18. not covered: line 39 rule not_delivered, …`."""
    passed = sum(result.passed for result in one.results)
    failed = len(one.results) - passed
    words = f"{passed} passed" + (f", {failed} failed" if failed else "")
    if not cover:
        return words
    missing = _missing(one.coverage)
    return f"{words}. {one.coverage.summary()}" + (f". not covered: {', '.join(missing)}" if missing else "")


def _missing(coverage: "Coverage") -> tuple[str, ...]:
    """Rules, outcomes, and `reply kept` for each reply that no case sent in any language."""
    sent = {name for name, _ in coverage.replies}
    return (*coverage.missing(), *(f"reply {name}" for name in coverage.plan.replies if name not in sent))


def _in_other_languages(coverage: "Coverage") -> int:
    """How many texts no case sent, of replies that one did send in another language."""
    sent = {name for name, _ in coverage.replies}
    texts = {
        (name, language)
        for name, texts in coverage.plan.replies.items()
        if name in sent
        for language in texts
    }
    return len(texts - coverage.replies)


def _json(one: _Played, *, cover: bool) -> dict[str, Any]:
    to_add = [{"covers": covers, "case": case} for covers, case in _to_add(one)] if cover else []
    return {
        "playbook": one.file.playbook,
        "path": one.file.path,
        "passed": sum(result.passed for result in one.results),
        "failed": sum(not result.passed for result in one.results),
        "cases": [
            {
                "test": result.name,
                "passed": result.passed,
                "differences": [
                    {"where": str(difference.where), "message": difference.message}
                    for difference in result.differences
                ],
            }
            for result in one.results
        ],
        "coverage": one.coverage.summary(),
        "not_covered": list(_missing(one.coverage)),
        "other_languages": _in_other_languages(one.coverage),
        "to_add": to_add,
    }
