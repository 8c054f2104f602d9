"""All playbooks of an installation with their policy, loaded together or not at all.

Called by config, the command line and tests with the contents of a folder; it reads no file itself.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from resolver.connector.manifest import Interfaces
from resolver.errors import Where
from resolver.playbook.compile import Draft, draft_of, tidy
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

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of all playbooks, each once, in their order."""
        return tuple(dict.fromkeys(name for plan in self.plans.values() for name in plan.languages))


@dataclass(frozen=True, slots=True)
class LibraryResult:
    """What loading came to: the library, or None if anything has an error; every problem; the texts for excerpts.

    `sound` are the playbooks without an error, for those who look at one of them; never to be served. It is None where
    the policy cannot be read. `paths` are the files by playbook, `skipped` those of playbooks that were left out.
    """

    library: Library | None
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]
    sound: Library | None = None
    paths: Mapping[str, str] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)

    def broken(self) -> tuple[str, ...]:
        """The files that have an error."""
        return tuple(sorted({one.where.path for one in self.problems if has_errors([one])}))


def is_playbook(path: str) -> bool:
    """Whether a file of the folder is a playbook: `*.yaml`, but neither the policy nor tests."""
    name = PurePath(path).name
    return name.endswith(".yaml") and name != POLICY and not name.endswith(_TESTS)


def load_library(
    files: Mapping[str, str | bytes],
    interfaces: Interfaces,
    *,
    optional: Collection[str] = (),
    drafts: Collection[str] = (),
) -> LibraryResult:
    """The library of a folder's contents, path → text; all-or-nothing.

    Of `optional` files one that needs an interface which is bound to no connection is left out, with a note. A file of
    `drafts` takes the place of the playbook it is a version of, whatever the file is called.
    """
    problems: list[Problem] = []
    policy_file = _policy_file(files, problems)
    policy = draft_policy(policy_file, interfaces, problems) if policy_file else None
    read = [
        draft_of(load_once(text, path), interfaces, policy)
        for path, text in sorted(files.items(), key=lambda one: (one[0] in drafts, one[0]))
        if is_playbook(path)
    ]
    texts = {draft.loaded.path: draft.loaded.text for draft in read}
    read = _with_drafts(read, drafts)
    unbound = {_name(one): wrong for one in read if one.loaded.path in optional and (wrong := _unbound(one))}
    problems += [_skipped(name, wrong) for name, wrong in unbound.items()]
    read = [one for one in read if _name(one) not in unbound]
    problems += [problem for draft in read for problem in draft.problems]
    written = [(draft.loaded.path, draft.syntax) for draft in read if draft.syntax]
    _check_files([one for one in written if one[0] not in drafts], problems)
    _check_intents([syntax for _, syntax in written], problems)
    _check_starts([syntax for _, syntax in written], problems)
    if policy_file:
        _check_switch(policy_file, {syntax.playbook.text for _, syntax in written} | unbound.keys(), problems)
        texts[policy_file.path] = policy_file.text
    found = tidy(problems)
    paths: dict[str, str] = {}
    for draft in read:
        paths.setdefault(_name(draft), draft.loaded.path)
    skipped = {name: wrong.where.path for name, wrong in unbound.items()}
    sound = None if policy is None else _library(policy, _sound(read, found))
    library = None if has_errors(found) else sound
    return LibraryResult(library, found, texts, sound, paths, skipped)


def _with_drafts(read: Sequence[Draft], drafts: Collection[str]) -> list[Draft]:
    """Without the playbooks in whose place a draft stands."""
    names = {_name(one) for one in read if one.loaded.path in drafts}
    return [one for one in read if one.loaded.path in drafts or _name(one) not in names]


def _name(draft: Draft) -> str:
    """The playbook's name, or its file's where it cannot be read."""
    return (draft.syntax.playbook.text if draft.syntax else "") or PurePath(draft.loaded.path).stem


def _unbound(draft: Draft) -> Problem | None:
    """Where it first needs an interface that is bound to no connection."""
    return next((one for one in draft.problems if one.code == "not-bound" and has_errors([one])), None)


def _skipped(name: str, wrong: Problem) -> Problem:
    message = f"starter '{name}' is skipped: {wrong.message}"
    remedy = "add it under 'interfaces:' in the configuration; a starter that was changed has to have it"
    return replace(wrong, message=message, severity="note", help=remedy)


def _sound(read: Sequence[Draft], problems: Sequence[Problem]) -> list[Plan]:
    """The plans of files without an error; what one of them starts may have one."""
    wrong = {one.where.path for one in problems if has_errors([one])}
    return [one.plan for one in read if one.plan and one.loaded.path not in wrong]


def _started(playbook: PlaybookSyntax) -> list[ScalarNode]:
    """The playbooks that it starts."""
    return [step.object for _, step in playbook.steps() if step.verb.text == "start"]


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


def _library(policy: Policy, plans: Sequence[Plan]) -> Library:
    return Library(
        policy=policy,
        plans={plan.id: plan for plan in plans},
        by_playbook={plan.playbook: plan for plan in plans},
        by_intent={plan.intent: plan for plan in plans if plan.intent},
        anything_else=next((plan for plan in plans if plan.anything_else), None),
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
    starts = {playbook.playbook.text: _started(playbook) for playbook in playbooks}
    for places in starts.values():
        for place in places:
            if place.text not in starts:
                near = nearest(place.text, starts)
                remedy = f"did you mean '{near}'?" if near else _without(place.text)
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


def _without(started: str) -> str:
    """What to do about a playbook that is started and not there: mostly it was forgotten when a starter was copied."""
    return f"copy {started}.yaml here, too, with its tests, or write 'hand_off:' instead of 'start:'"


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
