"""A fragment of YAML from the guide, put where it belongs: into a whole playbook, its policy or its tests.

Used by the tests of the guide and of the cookbook. What the whole had and the fragment replaces is dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from resolver.connector.manifest import Interfaces
from resolver.playbook.library import LibraryResult, load_library
from resolver.playbook.places import TOP
from resolver.playbook.policy_places import POLICY
from resolver.playbook.step_places import VERBS

_FIRST = {"find": "look_up", "rule": "decide"}
_NAMED = {"look_up": "as", "decide": "rule"}
_TOGETHER = ("identity",)  # its keys mean something only together, so a fragment replaces the section
_LEFT_OVER = ("unused", "unreachable", "never-used")


@dataclass(frozen=True)
class Files:
    """A playbook and its policy as plain values, with other files beside them as text."""

    name: str
    playbook: Mapping[str, Any]
    policy: Mapping[str, Any]
    beside: Mapping[str, str]

    @classmethod
    def of(cls, name: str, playbook: str, policy: str, beside: Mapping[str, str] | None = None) -> "Files":
        """From the texts of the files."""
        return cls(name, read(playbook), read(policy), beside or {})

    def with_fragment(self, text: str) -> "Files":
        """With what the fragment says instead of what stood there."""
        part = read(text)
        if isinstance(part, list):
            section = _FIRST.get(next(iter(part[0])))
            part = {section: part} if section else {"outcomes": self._step_replaced(part)}
        playbook = {key: value for key, value in part.items() if key in TOP.names}
        policy = {key: value for key, value in part.items() if key in POLICY.names}
        unknown = part.keys() - playbook.keys() - policy.keys()
        assert not unknown, f"keys of no file: {sorted(unknown)}"
        kept = {key: value for key, value in self.policy.items() if not (key in _TOGETHER and key in policy)}
        return replace(
            self, playbook=_merged(self.playbook, playbook), policy=_merged(kept, policy, deep=True)
        )

    def _step_replaced(self, steps: list[dict[str, Any]]) -> dict[str, Any]:
        """The first outcome with a step of the same verb, which the fragment's steps replace."""
        verb = next(key for key in steps[0] if key in VERBS)
        for name, line in self.playbook["outcomes"].items():
            place = next((at for at, step in enumerate(line) if verb in step), None)
            if place is not None:
                return {name: [*line[:place], *steps, *line[place + 1 :]]}
        raise AssertionError(f"no outcome has a step '{verb}:'")

    def loaded(self, interfaces: Interfaces) -> LibraryResult:
        """The folder of them, without what only the replaced parts used."""
        playbook = dict(self.playbook)
        for _ in range(4):
            found = load_library(
                {
                    f"{self.name}.yaml": written(playbook),
                    "policy.yaml": written(self.policy),
                    **self.beside,
                },
                interfaces,
            )
            dropped = [one.message for one in found.problems if one.code in _LEFT_OVER]
            if not dropped:
                return found
            for section in ("outcomes", "replies", "compute", "needs"):
                kept = playbook.get(section, {}).items()
                playbook[section] = {
                    name: value for name, value in kept if not any(f"'{name}'" in one for one in dropped)
                }
        return found


def read(text: str) -> Any:
    """YAML with every scalar as text."""
    return yaml.load(text, yaml.BaseLoader)  # texts only


def written(values: Any) -> str:
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=1000)


def _merged(whole: Mapping[str, Any], part: Mapping[str, Any], *, deep: bool = False) -> dict[str, Any]:
    found = dict(whole)
    for key, value in part.items():
        before = found.get(key)
        if key in _NAMED and isinstance(before, list):
            found[key] = _listed(before, value, _NAMED[key])
        elif isinstance(before, Mapping) and isinstance(value, Mapping):
            found[key] = _merged(before, value, deep=True) if deep else {**before, **value}
        else:
            found[key] = value
    return found


def _listed(before: list[Any], part: list[Any], named: str) -> list[Any]:
    """New entries stand right above the next one that was there, or above all."""
    found = list(before)
    for at, entry in enumerate(part):
        names = [one[named] for one in found]
        if entry[named] in names:
            found[names.index(entry[named])] = entry
        else:
            above = next((one[named] for one in part[at:] if one[named] in names), names[0])
            found.insert(names.index(above), entry)
    return found
