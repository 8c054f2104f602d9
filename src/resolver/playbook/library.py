"""All playbooks of an installation with their policy, loaded together or not at all.

Called by config, the command line and tests with the contents of a folder; it reads no file itself.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from resolver.connector.manifest import Interfaces
from resolver.errors import Where
from resolver.playbook.compile import draft_of, tidy
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Policy
from resolver.playbook.policy_reader import draft_policy
from resolver.playbook.syntax import PlaybookSyntax
from resolver.source.load import Loaded, load_once
from resolver.source.name import nearest, only_near
from resolver.source.node import MappingNode, ScalarNode, SequenceNode
from resolver.source.problem import Problem, has_errors

POLICY = "policy.yaml"
_TESTS = (".test.yaml", ".test.yml")


@dataclass(frozen=True, slots=True)
class Library:
    """The plans that run now: by plan id and by intent. `anything_else` takes what no other playbook handles.

    `proven` are the plans that have a certificate which fits; only they may act on real systems.
    """

    policy: Policy
    plans: Mapping[str, Plan]
    by_playbook: Mapping[str, Plan]
    by_intent: Mapping[str, Plan]
    anything_else: Plan | None = None
    proven: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LibraryResult:
    """What loading came to: the library, or None if anything has an error; every problem; the texts for excerpts."""

    library: Library | None
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]


def is_playbook(path: str) -> bool:
    """Whether a file of the folder is a playbook: `*.yaml`, but neither the policy nor tests."""
    name = PurePath(path).name
    return name.endswith(".yaml") and name != POLICY and not name.endswith(_TESTS)


def load_library(files: Mapping[str, str | bytes], interfaces: Interfaces) -> LibraryResult:
    """The library of a folder's contents, path → text; all-or-nothing."""
    problems: list[Problem] = []
    policy_file = _policy_file(files, problems)
    policy = draft_policy(policy_file, interfaces, problems) if policy_file else None
    drafts = [
        draft_of(load_once(text, path), interfaces, policy)
        for path, text in sorted(files.items())
        if is_playbook(path)
    ]
    problems += [problem for draft in drafts for problem in draft.problems]
    written = [(draft.loaded.path, draft.syntax) for draft in drafts if draft.syntax]
    _check_files(written, problems)
    _check_intents([syntax for _, syntax in written], problems)
    _check_starts([syntax for _, syntax in written], problems)
    if policy_file:
        _check_switch(policy_file, {syntax.playbook.text for _, syntax in written}, problems)
    found = tidy(problems)
    texts = {draft.loaded.path: draft.loaded.text for draft in drafts}
    if policy_file:
        texts[policy_file.path] = policy_file.text
    library = (
        None if policy is None or has_errors(found) else _library(policy, [draft.plan for draft in drafts])
    )
    return LibraryResult(library, found, texts)


def _policy_file(files: Mapping[str, str | bytes], problems: list[Problem]) -> Loaded | None:
    path = next((path for path in sorted(files) if PurePath(path).name == POLICY), None)
    if path is None:
        folder = PurePath(min(files, default=POLICY)).parent
        remedy = "add it beside the playbooks, or copy the one of the starters"
        problems.append(
            Problem("missing-word", f"'{POLICY}' is missing here", Where(str(folder / POLICY)), help=remedy)
        )
        return None
    return load_once(files[path], path)


def _library(policy: Policy, plans: Sequence[Plan | None]) -> Library:
    found = [plan for plan in plans if plan]
    return Library(
        policy=policy,
        plans={plan.id: plan for plan in found},
        by_playbook={plan.playbook: plan for plan in found},
        by_intent={plan.intent: plan for plan in found if plan.intent},
        anything_else=next((plan for plan in found if plan.anything_else), None),
    )


def _check_files(written: Sequence[tuple[str, PlaybookSyntax]], problems: list[Problem]) -> None:
    """Every playbook stands in the file of its name, and in no other."""
    seen: dict[str, str] = {}
    for path, syntax in written:
        name = syntax.playbook.text
        if name and PurePath(path).stem != name:
            message = f"playbook '{name}' must be in {name}.yaml"
            problems.append(
                _problem("wrong-file", message, syntax.playbook, "rename the file, or the playbook")
            )
        elif name in seen:
            message = f"'{name}' is written twice: {seen[name]} and {path}"
            problems.append(_problem("written-twice", message, syntax.playbook, "remove one"))
        seen.setdefault(name, path)


def _check_intents(playbooks: Sequence[PlaybookSyntax], problems: list[Problem]) -> None:
    """Every intent is handled by one playbook, everything else by at most one."""
    first: dict[str, PlaybookSyntax] = {}
    for playbook in playbooks:
        intent = playbook.handles.intent
        key = intent.text if intent else "anything else" if playbook.handles.anything_else else ""
        if key in first:
            message = f"intent '{key}' is handled by {first[key].playbook.text} and {playbook.playbook.text}"
            problems.append(_problem("two-playbooks", message, intent or playbook.playbook, "keep one"))
        elif key:
            first[key] = playbook


def _check_starts(playbooks: Sequence[PlaybookSyntax], problems: list[Problem]) -> None:
    """`start` leads to a playbook that is there, and never back."""
    starts = {
        playbook.playbook.text: [step.object for _, step in playbook.steps() if step.verb.text == "start"]
        for playbook in playbooks
    }
    for places in starts.values():
        for place in places:
            if place.text not in starts:
                near = nearest(place.text, starts)
                remedy = f"did you mean '{near}'?" if near else f"there are: {', '.join(sorted(starts))}"
                problems.append(
                    replace(
                        _problem("unknown-name", f"there is no playbook '{place.text}'", place, remedy),
                        instead=only_near(place.text, starts),
                    )
                )
    for circle in _circles(starts):
        message = f"'{circle[0]}' leads back to itself: {' → '.join(circle)}"
        place = next(place for place in starts[circle[0]] if place.text == circle[1])
        problems.append(_problem("circle", message, place, "edges go forward only"))


def _circles(starts: Mapping[str, Sequence[ScalarNode]]) -> list[list[str]]:
    """One path for each circle of `start`, from the first of its playbooks and back to it."""
    found: list[list[str]] = []
    for first in sorted(starts):
        todo = [[first]]
        seen = set()
        while todo:
            path = todo.pop()
            for place in starts.get(path[-1], ()):
                if place.text == first and first == min(path):
                    found.append([*path, first])
                    todo.clear()
                    break
                if place.text not in seen:
                    seen.add(place.text)
                    todo.append([*path, place.text])
    return found


def stop_words(policy_file: Loaded) -> tuple[ScalarNode, ...]:
    """What `stop:` of a policy file names, whatever else is wrong with the file."""
    stop = policy_file.root.get("stop") if isinstance(policy_file.root, MappingNode) else None
    words = stop.items if isinstance(stop, SequenceNode) else ()
    return tuple(word for word in words if isinstance(word, ScalarNode))


def _check_switch(policy_file: Loaded, known: Collection[str], problems: list[Problem]) -> None:
    """A kill switch that names a playbook which is not there would stop nothing."""
    for word in stop_words(policy_file):
        kind, _, name = word.text.partition(":")
        if kind == "playbook" and name not in known:
            near = nearest(name, known)
            remedy = f"did you mean 'playbook:{near}'?" if near else f"there are: {', '.join(sorted(known))}"
            problems.append(_problem("unknown-name", f"there is no playbook '{name}'", word, remedy))


def _problem(code: str, message: str, place: ScalarNode, remedy: str) -> Problem:
    return Problem(code, message, place.where, place.length, help=remedy)
