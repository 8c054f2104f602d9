"""`resolver fmt`: playbooks with their keys in the order in which they are read aloud."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from resolver.cli.folder import TESTS, configured_folder
from resolver.cli.installation import configuration
from resolver.cli.repairing import write_whole
from resolver.cli.screen import print_json, say
from resolver.errors import Malformed

WOULD_CHANGE = 2
VERSION = "1"
"""The newest version of the language."""


def fmt(paths: Sequence[Path], config_path: Path | None, *, check: bool, long: bool, as_json: bool) -> int:
    """Lay files out anew, `long` in block form, or with `check` only say which.

    Files with errors are left alone and named.
    """
    from resolver.playbook.block_form import in_block_form
    from resolver.playbook.layout import laid_out
    from resolver.source.problem import render

    changed: list[str] = []
    unread: list[str] = []
    for path in _files(paths or (configured_folder(configuration(config_path)),)):
        text = path.read_text("utf-8")
        laid = laid_out(text, str(path))
        if laid.problems:
            unread.append(str(path))
            if not as_json:
                say("\n".join(render(problem, text) for problem in laid.problems))
            continue
        whole = in_block_form(laid.text, str(path)) if long else laid.text
        if whole != text:
            changed.append(str(path))
            if not check:
                write_whole(path, whole)
    if as_json:
        print_json({"changed": changed, "unread": unread, "check": check})
    else:
        _say(changed, unread, check=check)
    return WOULD_CHANGE if unread or (check and changed) else 0


def upgrade(paths: Sequence[Path], config_path: Path | None, *, as_json: bool) -> int:
    """Say that there is nothing to upgrade to: the language has one version. A file of another is named."""
    from resolver.source.load import load
    from resolver.source.node import MappingNode, ScalarNode

    others: list[str] = []
    files = list(_files(paths or (configured_folder(configuration(config_path)),)))
    for path in files:
        root = load(path.read_text("utf-8"), str(path)).root
        said = root.get("language") if isinstance(root, MappingNode) else None
        if not isinstance(said, ScalarNode) or said.text != VERSION:
            others.append(str(path))
    if as_json:
        print_json({"version": int(VERSION), "files": len(files), "changed": [], "others": others})
    else:
        say(f"Version {VERSION} of the language is the only one there is: nothing to upgrade.")
        say(*(f"{path} is not written in it; write 'language: {VERSION}'" for path in others))
    return WOULD_CHANGE if others else 0


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The playbooks among these files and folders; the policy and tests have no order of their own."""
    for path in paths:
        if path.is_dir():
            found = sorted(path.glob("*.yaml"))
            yield from (one for one in found if one.name != "policy.yaml" and not one.name.endswith(TESTS))
        elif path.is_file():
            yield path
        else:
            raise Malformed(f"There is no {path}.", remedy="name a folder of playbooks, or a file in one")


def _say(changed: Sequence[str], unread: Sequence[str], *, check: bool) -> None:
    what = "would change" if check else "changed"
    files = f"{len(changed)} file{'' if len(changed) == 1 else 's'}"
    say(
        f"{files} {what}: {', '.join(changed)}"
        if changed
        else f"nothing {'would change' if check else 'to change'}"
    )
    if unread:
        say(f"left alone, because they cannot be read: {', '.join(unread)}")
