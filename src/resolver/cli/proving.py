"""`resolver prove`: proves playbooks for every ticket there can be, and writes the certificate that lets them act."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.asked import asked, refuse_broken_starts
from resolver.cli.folder import TESTS, Folder, interfaces_of
from resolver.cli.installation import configuration, now
from resolver.cli.screen import print_json, progress, say, working
from resolver.errors import Malformed, Where

if TYPE_CHECKING:
    from resolver.connector.manifest import Interfaces
    from resolver.decision.coverage import Coverage
    from resolver.playbook.library import Library
    from resolver.playbook.plan import Plan
    from resolver.proof.certificate import Certificate
    from resolver.proof.prover import Failure, Proof
    from resolver.proof.stops import Stop
    from resolver.proof.witness import Witness
    from resolver.source.problem import Problem

ERRORS_FOUND = 1


@dataclass(frozen=True, slots=True)
class _Proven:
    """What came of one playbook: the problems that keep it from acting, and what is said of it in one line.

    `tickets` has for each problem of the prover the ticket that shows it.
    """

    plan: "Plan"
    problems: "tuple[Problem, ...]"
    line: str
    paths: int = 0
    may_stop: "tuple[Stop, ...]" = ()
    tickets: "tuple[Witness | None, ...]" = ()

    def not_proven(self) -> tuple[str, ...]:
        """The properties that do not hold, by their numbers."""
        from resolver.proof.properties import OF_CODE

        return tuple(dict.fromkeys(OF_CODE[one.code] for one in self.problems if one.code in OF_CODE))


def prove(named: Sequence[str], config_path: Path | None, *, check: bool, as_json: bool) -> int:
    """Prove and certify, or with `check` only say whether certificates fit; 1 if a playbook may not act."""
    from resolver.proof.properties import SENTENCES

    config = configuration(config_path)
    if not check:
        require_prover()
    with working("Reading playbooks"):
        interfaces = interfaces_of(config)
        chosen = [one.all_sound() for one in asked(named, config)]
        plans = [(one.folder, plan) for one in chosen for plan in one.plans()]
    for folder, plan in plans:
        refuse_broken_starts(folder, [plan])
    found = []
    with progress("Checking certificates" if check else "Proving", len(plans)) as ticks:
        for folder, plan in plans:
            found.append(_checked(folder, plan, interfaces) if check else _proved(folder, plan, interfaces))
            ticks.tick()
    failed = any(one.problems for one in found)
    if as_json:
        meanings = {} if check else {"properties": dict(SENTENCES)}
        print_json({"playbooks": [_json(one) for one in found], "ok": not failed, **meanings})
    else:
        _print(found, {path: text for one in chosen for path, text in one.folder.result.texts.items()})
        if not check:
            say("", "What was asked of every ticket there can be:")
            say(*(f"{name:>4} {sentence}" for name, sentence in SENTENCES.items()))
    return ERRORS_FOUND if failed else 0


def require_prover() -> None:
    """`Malformed` where the extra `prove` is not installed."""
    from importlib.util import find_spec

    if find_spec("z3") is None:
        raise Malformed(
            "The prover is not installed.", remedy="install it with: pip install 'helpdesk-resolver[prove]'"
        )


# -- proving ----------------------------------------------------------------------------------------------------------


def _proved(folder: Folder, plan: "Plan", interfaces: "Interfaces") -> _Proven:
    from resolver.proof.certificate import binding_of
    from resolver.proof.prover import prove
    from resolver.proof.witness import witness

    library = folder.sound()
    proof = prove(plan, library.policy)
    coverage, failing = _covered(folder, plan, library)
    coverage = replace(coverage, unreachable=proof.unreachable)
    tickets = tuple(
        witness(plan, library.policy, one.wanted, one.example, now=now()) for one in proof.failures
    )
    problems = (
        *(_problem(folder, plan, one, shown) for one, shown in zip(proof.failures, tickets, strict=True)),
        *(
            _failing(folder, plan, failing)
            if failing
            else _untested(folder, plan, coverage, proof.unreachable)
        ),
    )
    if problems:
        words = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}, no certificate written"
        failed = _Proven(plan, problems, words, proof.paths, proof.may_stop, tickets)
        unproven = ", ".join(failed.not_proven())
        return replace(failed, line=f"{words}; not proven: {unproven}") if unproven else failed
    if folder.draft:
        words = f"{_counted(proof)}, P1–P15 hold; a draft gets its certificate where it is put to use"
        return _Proven(plan, (), words, proof.paths, proof.may_stop)
    _write(folder.path, _certificate(plan, library, interfaces, coverage.summary()))
    words = f"{_counted(proof)}, P1–P15 hold, certificate written{_for(binding_of(plan, interfaces)[1])}"
    return _Proven(plan, (), words, proof.paths, proof.may_stop)


def _for(binding: str) -> str:
    return f" for {binding}" if binding else ""


def _counted(proof: "Proof") -> str:
    return f"{proof.paths} way{'' if proof.paths == 1 else 's'} to an action"


def _covered(folder: Folder, plan: "Plan", library: "Library") -> "tuple[Coverage, int]":
    """What the cases beside the playbook touch, and how many of them fail; nothing where there are none."""
    from resolver.decision.coverage import Coverage
    from resolver.decision.testfile import read_tests
    from resolver.decision.testrun import run_tests
    from resolver.source.load import load

    tests = folder.tests_of(plan.playbook)
    file = None
    if tests is not None:
        file, _ = read_tests(load(tests[1], tests[0]), library.by_playbook, library.policy)
    report = run_tests(file, library.by_playbook, library.policy) if file is not None else None
    if report is None:
        return Coverage(plan), 0
    return report.coverage, sum(not one.passed for one in report.results)


def _failing(folder: Folder, plan: "Plan", failing: int) -> "Iterator[Problem]":
    """Cases that fail are mended first: what they were to show is not shown, whatever they touched."""
    from resolver.proof.prover import Failure

    cases, verb, them = ("case", "fails", "it") if failing == 1 else ("cases", "fail", "them")
    message = f"{failing} {cases} of {plan.playbook}{TESTS} {verb}"
    remedy = f"see what is wrong, and mend {them} first: resolver test {plan.playbook}"
    first = plan.rules[0]
    yield _problem(folder, plan, Failure("untested", message, remedy, first.line, first.id))


def _untested(
    folder: Folder, plan: "Plan", coverage: "Coverage", unreachable: frozenset[str]
) -> "Iterator[Problem]":
    """Rules and actions without a case; an `otherwise` for which no ticket is left needs none."""
    from resolver.playbook.plan import Rule
    from resolver.proof.prover import Failure

    for one in coverage.untested():
        what, word = ("rule", one.id) if isinstance(one, Rule) else ("action", one.action)
        if word not in unreachable:
            message, remedy = (
                f"{what} '{word}' has no test that passes",
                f"write a case in {plan.playbook}{TESTS}",
            )
            yield _problem(folder, plan, Failure("untested", message, remedy, one.line, word))


def _path(folder: Folder, plan: "Plan") -> str:
    return folder.result.paths[plan.playbook]


def _problem(folder: Folder, plan: "Plan", failure: "Failure", shown: "Witness | None" = None) -> "Problem":
    from resolver.source.problem import Problem

    path = _path(folder, plan)
    lines = folder.result.texts[path].splitlines()
    line = lines[failure.line - 1] if 0 < failure.line <= len(lines) else ""
    where = Where(path, failure.line, max(0, line.find(failure.word)) + 1)
    example = str(shown) if shown else _worked_out(failure)
    return Problem(failure.code, failure.message, where, len(failure.word), failure.help, example=example)


def _worked_out(failure: "Failure") -> str:
    """What only the prover says of a ticket that goes wrong; nothing where the failure is about the text alone."""
    if failure.example is None:
        return ""
    tried = "; no ticket was found that shows it when it is played, so this is only worked out"
    return f"{failure.example}{tried if failure.wanted.shows else ''}"


# -- certificates -----------------------------------------------------------------------------------------------------


def _certificate(plan: "Plan", library: "Library", interfaces: "Interfaces", coverage: str) -> "Certificate":
    from resolver.proof.certificate import PROPERTIES, Certificate, binding_of, structure_of

    bindings = dict([binding_of(plan, interfaces)])
    prover = f"resolver {version('helpdesk-resolver')}, z3 {version('z3-solver')}"
    policy = structure_of(library.policy)
    return Certificate(plan.id, plan.playbook, (*PROPERTIES, "P15"), policy, prover, coverage, bindings)


def _write(folder: Path, certificate: "Certificate") -> None:
    """Write it over the one of the same plan, keeping what it was proven with elsewhere; older plans' go."""
    import json

    from resolver.proof.certificate import FOLDER, Certificate

    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    for path in place.glob("*.json"):
        old = Certificate.from_text(path.read_bytes())
        if old is None or old.playbook != certificate.playbook:
            continue
        if old.plan == certificate.plan and old.policy == certificate.policy:
            certificate = replace(certificate, bindings={**old.bindings, **certificate.bindings})
        path.unlink()
    text = json.dumps(certificate.to_json(), indent=2, ensure_ascii=False) + "\n"
    (place / f"{certificate.plan}.json").write_text(text, "utf-8")


def certificate_of(folder: Folder, plan: "Plan") -> "Certificate | None":
    """What lies beside the playbooks for this version of one; None if nothing does that this release can read."""
    from resolver.proof.certificate import Certificate, file_name

    path = folder.path / file_name(plan)
    return Certificate.from_text(path.read_bytes()) if path.is_file() else None


def _checked(folder: Folder, plan: "Plan", interfaces: "Interfaces") -> _Proven:
    from resolver.proof.findings import uncertified

    path = _path(folder, plan)
    problem = uncertified(
        plan,
        certificate_of(folder, plan),
        folder.sound().policy,
        interfaces,
        path,
        folder.result.texts[path],
        severity="error",
    )
    if problem is None:
        return _Proven(plan, (), "certificate fits")
    return _Proven(plan, (problem,), "no certificate that fits")


# -- telling ----------------------------------------------------------------------------------------------------------


def _print(found: Sequence[_Proven], texts: dict[str, str]) -> None:
    from resolver.source.problem import render

    for one in found:
        say(*(render(problem, texts.get(problem.where.path)) for problem in one.problems))
        say(f"{one.plan.playbook} {one.plan.id[:8]}: {one.line}")
        say(*(f"  rule {stop.rule.id} {stop}" for stop in one.may_stop))


def _json(one: _Proven) -> dict[str, Any]:
    return {
        "playbook": one.plan.playbook,
        "plan": one.plan.id,
        "proven": not one.problems,
        "paths": one.paths,
        "problems": [
            {**problem.to_json(), "ticket": shown.to_json() if shown else None}
            for problem, shown in zip_longest(one.problems, one.tickets)
        ],
        "not_proven": list(one.not_proven()),
        "may_stop": {stop.rule.id: list(stop.names) for stop in one.may_stop},
    }
