"""Turns a playbook file into a plan, and a stored plan's document back into the same plan.

Called by `library` at load and by whoever has to continue an older run. A fresh plan is made from its document, too, so
that it means the same today and after years: the document holds the file's words and the interfaces they count on.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from resolver.condition.declared import DeclaredNames, read_type
from resolver.condition.types import Type
from resolver.connector.interface_reader import interface_from_document
from resolver.connector.manifest import Interfaces
from resolver.errors import Malformed
from resolver.playbook.build import build_plan
from resolver.playbook.check import check
from resolver.playbook.names import Names
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Policy
from resolver.playbook.read import read_playbook
from resolver.playbook.resolve import resolve
from resolver.playbook.syntax import PlaybookSyntax
from resolver.playbook.vocabulary import Vocabulary
from resolver.source.document import Plain, canonical, node_of, plain_of, sha256_of
from resolver.source.load import Loaded
from resolver.source.node import Node, scalar
from resolver.source.problem import Problem, has_errors

DOCUMENT = 1
_ORDERED = ("needs", "compute")  # mappings whose order breaks ties


@dataclass(frozen=True, slots=True)
class Draft:
    """A file on its way to a plan: as far as it could be read, and everything that is wrong with it."""

    loaded: Loaded
    syntax: PlaybookSyntax | None
    plan: Plan | None
    problems: tuple[Problem, ...]


def compile_playbook(
    loaded: Loaded, interfaces: Interfaces, policy: Policy | None
) -> tuple[Plan | None, tuple[Problem, ...]]:
    """The plan of one file, or None and everything that is wrong with it; warnings and notes come with a plan too.

    What only shows beside other playbooks (`start`, intents, file names) is left to `library`.
    """
    draft = draft_of(loaded, interfaces, policy)
    return draft.plan, draft.problems


def draft_of(loaded: Loaded, interfaces: Interfaces, policy: Policy | None) -> Draft:
    """The file read, checked and, if nothing is wrong with it, compiled; without a policy it is only checked."""
    problems = list(loaded.problems)
    if loaded.root is None:
        return Draft(loaded, None, None, tuple(problems))
    vocabulary = Vocabulary.of(interfaces, policy)
    playbook = read_playbook(loaded.root, problems)
    names = resolve(playbook, vocabulary, problems)
    check(playbook, names, vocabulary, policy, problems)
    found = tidy(problems)
    if policy is None or has_errors(found):
        return Draft(loaded, playbook, None, found)
    document = _document_of(loaded.root, playbook, names, vocabulary)
    return Draft(loaded, playbook, plan_from_document(document), found)


@lru_cache(maxsize=256)
def plan_from_document(document: str) -> Plan:
    """The plan stored as `document`, with nothing but what stands in it; `Malformed` if it is none."""
    try:
        data = json.loads(document)
        if data["document"] != DOCUMENT:
            raise Malformed(
                "A stored plan was written by a later release.", remedy="install that release again"
            )
        vocabulary = Vocabulary.whole(
            [interface_from_document(canonical(one)) for one in data["interfaces"].values()],
            {name: _type_named(words) for name, words in data["customer"].items()},
            data["limits"],
        )
        root = node_of(data["playbook"], "plan")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"A stored plan cannot be read: {error}.", remedy="restore the backup") from None
    problems: list[Problem] = []
    playbook = read_playbook(root, problems)
    names = resolve(playbook, vocabulary, problems)
    if has_errors(problems):
        raise Malformed(f"A stored plan cannot be read: {problems[0].message}.", remedy="restore the backup")
    return build_plan(playbook, names, vocabulary, plan_id=sha256_of(document), document=document)


def tidy(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems in the order of the file, at most one for each place, the gravest."""
    ranks = {"error": 0, "warning": 1, "note": 2}
    found: dict[tuple[str, int, int], Problem] = {}
    for problem in sorted(problems, key=lambda one: ranks[one.severity]):
        found.setdefault((problem.where.path, problem.where.line, problem.where.column), problem)
    return tuple(found[place] for place in sorted(found))


def _document_of(root: Node, playbook: PlaybookSyntax, names: Names, vocabulary: Vocabulary) -> str:
    used = {look_up.find.text.partition(".")[0] for look_up in playbook.look_ups}
    used |= {step.object.text.partition(".")[0] for _, step in playbook.steps() if step.verb.text == "do"}
    read = names.read()
    return canonical(
        {
            "document": DOCUMENT,
            "playbook": plain_of(root, ordered=_ORDERED),
            "interfaces": {name: _plain(vocabulary.interfaces[name].document) for name in used},
            "customer": {
                name: str(type_) for name, type_ in vocabulary.customer.items() if f"customer.{name}" in read
            },
            "limits": sorted(name for name in vocabulary.limits or () if f"limits.{name}" in read),
        }
    )


@lru_cache(maxsize=64)
def _plain(document: str) -> Plain:
    """An interface as JSON data: every playbook that uses it holds it."""
    found: Plain = json.loads(document)
    return found


def _type_named(words: str) -> Type:
    found = read_type(scalar(words), DeclaredNames(), [])
    if found is None:
        raise ValueError(f"{words!r} is no type")
    return found
