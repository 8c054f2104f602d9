"""`resolver lint --explain`: behind the problems, what the playbooks come to, for somebody who answers tickets.

Days beside each rule that counts them, example tickets where money is at stake, what silence and each ending do to the
ticket, who else can pay; and for a field or an action that is missing a request to hand to a developer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.folder import interfaces_of
from resolver.cli.installation import configuration
from resolver.cli.linting import ERRORS_FOUND, Linted, as_data, judged, tell
from resolver.cli.screen import note, print_json, progress, say, working
from resolver.cli.testing import playbooks_named

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.playbook.library import Library
    from resolver.playbook.plan import Plan
    from resolver.playbook.policy import Policy

_NO_PROVER = "example tickets need the prover: pip install 'helpdesk-resolver[prove]'"


def lint_aloud(paths: Sequence[Path], config_path: Path | None, *, now: datetime, as_json: bool) -> int:
    """Print the problems; without an error every playbook in plain sentences, else requests for fields; 1 if one."""
    config = configuration(config_path)
    with working("Reading playbooks"):
        found = judged(paths, config_path)
    failed = any(problem.severity == "error" for one in found for problem in one.problems)
    requests = _requests(found, config)
    told = [] if failed else list(_playbooks(paths, config, now))
    if as_json:
        print_json({**as_data(found), "requests": requests, "explained": told})
        return ERRORS_FOUND if failed else 0
    tell(found)
    for request in requests:
        say("", "A request to a developer, to copy:", "---", *request["text"].splitlines(), "---")
    if told and find_spec("z3") is None:
        note(_NO_PROVER)
    for one in told:
        say("", *_lines(one))
    return ERRORS_FOUND if failed else 0


def _requests(found: Sequence[Linted], config: "Config") -> list[dict[str, Any]]:
    """A request for each field and action that is asked for and that no interface has, each once."""
    from resolver.playbook.request import ActionRequest, request_of

    asked: dict[tuple[str, str], dict[str, Any]] = {}
    interfaces = interfaces_of(config)
    for problem, texts in ((problem, one.texts) for one in found for problem in one.problems):
        request = request_of(problem, interfaces, texts.get(problem.where.path, ""))
        if isinstance(request, ActionRequest):
            asked.setdefault((request.action, ""), request.to_json())
        elif request is not None:
            asked.setdefault((request.record, request.field), request.to_json())
    return list(asked.values())


# -- as data ----------------------------------------------------------------------------------------------------------


def _playbooks(paths: Sequence[Path], config: "Config", now: datetime) -> Iterator[dict[str, Any]]:
    for _, library, plans in playbooks_named([str(path) for path in paths], config):
        with progress("Working out example tickets", len(plans)) as ticks:
            for plan in plans:
                yield _playbook(plan, library, now)
                ticks.tick()


def _playbook(plan: "Plan", library: "Library", now: datetime) -> dict[str, Any]:
    from resolver.playbook.endings import endings, payers, silences

    plans = tuple(library.by_playbook.values())
    return {
        "playbook": plan.playbook,
        "title": plan.title,
        "rules": list(_rules(plan, library.policy, now)),
        "examples": _examples(plan, library),
        "silence": [{"waits_for": one.about, "then": one.sentence} for one in silences(plan, library.policy)],
        "endings": [{"outcome": one.about, "then": one.sentence} for one in endings(plan, library.policy)],
        "payers": [{"action": one.about, "also": one.sentence} for one in payers(plan, plans)],
    }


def _rules(plan: "Plan", policy: "Policy", now: datetime) -> Iterator[dict[str, Any]]:
    """The rules that count days, each with the days on which its answer changes for a value of today."""
    from resolver.playbook.due import day_rules

    calendar = policy.calendar
    for rule in plan.rules:
        days = [
            {
                "condition": one.condition,
                "sentence": one.sentence(one.example(calendar.day_of(now)), calendar),
            }
            for one in day_rules(plan, rule)
        ]
        if days:
            yield {"rule": rule.id, "then": rule.then, "because": rule.because, "days": days}


def _examples(plan: "Plan", library: "Library") -> list[dict[str, Any]]:
    if find_spec("z3") is None:
        return []
    from resolver.proof.stakes import examples

    return [one.to_json() for one in examples(plan, library.by_playbook, library.policy)]


# -- as text ----------------------------------------------------------------------------------------------------------


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"{told['playbook']}: {told['title']}"
    for rule in told["rules"]:
        because = f" ({rule['because']})" if rule["because"] else ""
        yield f"  rule {rule['rule']} → {rule['then']}{because}"
        for one in rule["days"]:
            yield f"    '{one['condition']}'"
            yield f"      {one['sentence']}"
    if told["examples"]:
        yield "  Tickets where money is at stake:"
    for number, one in enumerate(told["examples"], 1):
        yield from _example(number, one)
    yield "  Silence (the ticket is pending while a customer is asked, open while a team is):"
    yield from (f"    {one['waits_for']}: {one['then']}" for one in told["silence"])
    yield "  How the ticket ends:"
    yield from (f"    outcome {one['outcome']}: {one['then']}" for one in told["endings"])
    if told["payers"]:
        yield "  Who else can pay:"
    yield from (f"    {one['action']}: {one['also']}" for one in told["payers"])


def _example(number: int, example: Mapping[str, Any]) -> Iterator[str]:
    because = f": {example['because']}" if example["because"] else ""
    yield f"    {number}. {example['title']}"
    has = (f"{re.sub('[._]', ' ', name)} {value}" for name, value in example["has"].items())
    yield f"       the customer: {'; '.join(has)}"
    yield f"       rule {example['rule']}{because}"
    yield f"       paid: {example['paid']}; the ticket: {example['ticket']}"
    yield from (f"       told: “{text}”" for text in example["told"])
