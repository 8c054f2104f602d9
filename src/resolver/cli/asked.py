"""The playbooks a command was asked about: by name, by folder, by file, or by a file that lies elsewhere (a draft).

Called by every command that takes playbooks, so that all understand the same words. A playbook with an error is told
where it is the one that was asked for; of others only that they keep the folder from going live.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.folder import (
    GENERATED,
    POLICY,
    TESTS,
    Folder,
    configured_folder,
    interfaces_of,
    read_draft,
    read_folder,
)
from resolver.cli.screen import note
from resolver.errors import Malformed
from resolver.files import typed

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.playbook.library import Library
    from resolver.playbook.plan import Plan


@dataclass(frozen=True, slots=True)
class Asked:
    """A folder and the names of the playbooks meant, none for all. `files` are theirs, or those that were named."""

    folder: Folder
    names: frozenset[str]
    files: frozenset[Path] = frozenset()

    def sound(self) -> "Library":
        """The library to look at them with.

        Raises:
            Malformed: A playbook is not there or has an error, or the policy has one.
        """
        library = self.folder.sound()
        for name in sorted(self.names - library.by_playbook.keys()):
            raise self._missing(name)
        return library

    def plans(self) -> "tuple[Plan, ...]":
        """The plans meant; as `sound`. Says so on standard error where others have errors."""
        plans = self.sound().by_playbook
        broken = [path for path in self.folder.result.broken() if path not in self._own()]
        if self.names and broken:
            files = ", ".join(Path(path).name for path in broken)
            has = "has" if len(broken) == 1 else "have"
            note(f"{files} {has} errors: nothing here goes live until that is mended (resolver lint)")
        return tuple(plan for name, plan in plans.items() if not self.names or name in self.names)

    def all_sound(self) -> "Asked":
        """Itself; `Malformed` where no name was said and a file has an error, or there is no playbook at all."""
        broken = () if self.names else self.folder.result.broken()
        if broken:
            problem = f"{self.folder.told(*broken)}\nThese files have errors."
            raise Malformed(problem, remedy="mend them, or name the playbooks that are meant")
        if not self.names and not self.folder.result.paths:
            remedy = "name their folder in config.yaml (playbooks:), or name a file"
            raise Malformed(f"There are no playbooks in {self.folder.named}.", remedy=remedy)
        return self

    def _own(self) -> set[str]:
        paths = self.folder.result.paths
        return {paths[name] for name in self.names if name in paths}

    def _missing(self, name: str) -> Malformed:
        """Why there is no plan of that name."""
        result = self.folder.result
        if name in result.skipped:
            why = next(one for one in result.problems if one.where.path == result.skipped[name])
            return Malformed(f"There is no {name} here: {why.message}.", remedy=why.help)
        if name in result.paths:
            told = self.folder.told(result.paths[name])
            return Malformed(f"{told}\n{name} cannot be compiled.", remedy="mend it, or name another")
        return _unknown(name, self.folder)


def asked(named: Sequence[str], config: "Config") -> list[Asked]:
    """What is meant by names, folders and files; without any the configured folder.

    A file whose folder has no policy of its own is a draft: it is read with the configured folder's.

    Raises:
        Malformed: There is no such folder or file.
    """
    interfaces, home = interfaces_of(config), configured_folder(config)
    folders: dict[Path, set[str | Path]] = {}
    drafts: list[Asked] = []
    for word in named or (str(home),):
        path = Path(word)
        if path.is_dir():
            folders[path] = set()
        elif path.is_file() and path.name != POLICY and not (path.parent / POLICY).is_file():
            drafts.append(_draft(read_draft(_draft_file(path), home, interfaces)))
        elif path.is_file():
            folders.setdefault(path.parent, set()).add(path)
        elif path.suffix == ".yaml" or len(path.parts) > 1:
            raise Malformed(f"There is no {path}.", remedy=_instead(path, home))
        else:
            folders.setdefault(home, set()).add(word)
    return [*(_named(read_folder(path, interfaces), words) for path, words in folders.items()), *drafts]


def asked_one(named: str, config: "Config") -> "tuple[Folder, Plan]":
    """One playbook by name or file, with its folder; `Malformed` as for `Asked.sound`."""
    (one,) = asked([named], config)
    plans = one.plans()
    if not one.names or not plans:
        raise Malformed(f"{named} is no playbook.", remedy="name one playbook, or its file")
    return one.folder, plans[0]


def refuse_broken_starts(folder: Folder, plans: "Iterable[Plan]") -> None:
    """`Malformed` where one of these plans starts a playbook that cannot be followed, with its errors."""
    from resolver.playbook.plan import Start

    known, result = folder.sound().by_playbook, folder.result
    for plan in plans:
        for step in (step for steps in plan.outcomes.values() for step in steps):
            if not isinstance(step, Start) or step.playbook in known:
                continue
            problem = (
                f"{plan.playbook} starts {step.playbook} (line {step.line} of {result.paths[plan.playbook]})"
            )
            if step.playbook in result.skipped:
                why = next(one for one in result.problems if one.where.path == result.skipped[step.playbook])
                raise Malformed(f"{problem}: {why.message}.", remedy=why.help)
            told = folder.told(*(path for name, path in result.paths.items() if name == step.playbook))
            raise Malformed(f"{told}\n{problem}, which has errors.", remedy="mend it first")


def _named(folder: Folder, words: Collection[str | Path]) -> Asked:
    """What is meant by words in a folder. `Malformed` for a name that is none."""
    files = {one for one in words if isinstance(one, Path)}
    names = {one for one in words if isinstance(one, str)}
    paths = {**folder.result.skipped, **folder.result.paths}
    for name in sorted(names - paths.keys()):
        raise _unknown(name, folder)
    own = {paths[name] for name in names} | {one for one in folder.tests() if folder.tested(one) in names}
    at = {path: name for name, path in paths.items()}
    names |= {at.get(typed(one), playbook_of(one)) for one in files if one.name != POLICY}
    return Asked(folder, frozenset(names), frozenset(one.resolve() for one in (*files, *map(Path, own))))


def _unknown(name: str, folder: Folder) -> Malformed:
    from resolver.source.name import nearest

    near = nearest(name, folder.result.paths)
    there = ", ".join(sorted(folder.result.paths)) or "none"
    remedy = f"did you mean {near!r}?" if near else f"there are: {there}"
    return Malformed(f"There is no playbook {name!r} in {folder.named}.", remedy=remedy)


def playbook_of(file: Path) -> str:
    """The playbook that a file is about."""
    return file.name.removesuffix(GENERATED).removesuffix(TESTS).removesuffix(".yaml")


def _draft(folder: Folder) -> Asked:
    names = [name for name, own in folder.result.paths.items() if own == folder.draft]
    return Asked(folder, frozenset(names), frozenset(Path(one).resolve() for one in folder.files))


def _draft_file(path: Path) -> Path:
    """The playbook of a draft, named itself or by its test."""
    file = path.with_name(f"{playbook_of(path)}.yaml")
    if not file.is_file():
        raise Malformed(f"There is no {file} beside {path.name}.", remedy="name a playbook's file")
    return file


def _instead(path: Path, home: Path) -> str:
    """The file nearest to one that is not there."""
    from resolver.source.name import nearest

    beside = path.parent if path.parent.is_dir() else home
    there = {one.name: typed(one) for one in beside.glob("*.yaml")}
    near = nearest(path.name, there)
    return f"did you mean {there[near]}?" if near else "name a folder of playbooks, or a file in one"
