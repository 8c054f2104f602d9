"""`resolver lint --fix`: writes what can only have been meant into the files, and shows every line it changed.

A repair with two candidates is an author's decision and stays a message. With `--diff` nothing is written.
"""

import os
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from resolver.cli.linting import ERRORS_FOUND, Linted, as_data, judged, tell
from resolver.cli.screen import note, print_json, say, working

if TYPE_CHECKING:
    from resolver.source.problem import Problem

_MOST_ROUNDS = 20
"""A repair may bring the next mistake of the same condition to light; so often we look again."""


def fix(paths: Sequence[Path], config_path: Path | None, *, write: bool, as_json: bool) -> int:
    """Repair the files, or only show what would be repaired; 1 if errors are left, or with `write` False are there."""
    with working("Reading playbooks"):
        before = judged(paths, config_path)
        if not write:
            changed = _changes(before)
            after = before
        else:
            changed, after = _repair_all(before, paths, config_path)
    diff = [line for path, (old, new) in changed.items() for line in _diff(path, old, new)]
    if as_json:
        print_json({**as_data(after), "repaired": sorted(changed), "diff": "\n".join(diff), "written": write})
    else:
        say(*diff)
        if write:
            tell(after)
        note(_summary(changed, write=write))
    return (
        ERRORS_FOUND if any(problem.severity == "error" for one in after for problem in one.problems) else 0
    )


def _repair_all(
    found: list[Linted], paths: Sequence[Path], config_path: Path | None
) -> tuple[dict[str, tuple[str, str]], list[Linted]]:
    """Write repairs until none is left: what each file was and is now, and what is still wrong."""
    first: dict[str, str] = {}
    now: dict[str, str] = {}
    for _ in range(_MOST_ROUNDS):
        changes = _changes(found)
        if not changes:
            break
        for path, (old, new) in changes.items():
            write_whole(Path(path), new)
            first.setdefault(path, old)
            now[path] = new
        found = judged(paths, config_path)
    return {path: (first[path], new) for path, new in now.items() if first[path] != new}, found


def _changes(found: Sequence[Linted]) -> dict[str, tuple[str, str]]:
    """The files that a repair changes, as they are and as they will be."""
    from resolver.source.repair import can_be_repaired, repaired

    changes = {}
    for one in found:
        by_path: dict[str, list[Problem]] = {}
        for problem in one.problems:
            if can_be_repaired(problem) and problem.where.path in one.texts:
                by_path.setdefault(problem.where.path, []).append(problem)
        for path, problems in by_path.items():
            old = one.texts[path]
            new = repaired(old, path, problems)
            if new != old:
                changes[path] = (old, new)
    return changes


def write_whole(path: Path, text: str) -> None:
    """The file with this text; whoever reads it meanwhile sees the old text or the new one, never a part."""
    mode = path.stat().st_mode if path.exists() else None
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        file.write(text)
    try:
        if mode is not None:
            os.chmod(file.name, mode & 0o7777)
        os.replace(file.name, path)
    except OSError:
        os.unlink(file.name)
        raise


def _diff(path: str, old: str, new: str) -> list[str]:
    lines = unified_diff(old.splitlines(), new.splitlines(), path, path, lineterm="", n=1)
    return list(lines)


def _summary(changed: dict[str, tuple[str, str]], *, write: bool) -> str:
    if not changed:
        return "Nothing can be repaired without a decision of yours."
    files = f"{len(changed)} file{'' if len(changed) == 1 else 's'}"
    return f"{files} repaired." if write else f"{files} would change; run it with --fix to write them."
