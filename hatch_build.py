"""Build hook: starter playbooks, interfaces and the example config travel in the wheel as the resolver's data.

Called by hatchling. An editable install gets none of it: `resolver.starters` then finds the repository's own.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = ("playbooks", "connectors/interfaces", "config.example.yaml", "docs/playbooks/errors")


class StarterData(BuildHookInterface[Any]):
    """Adds `resolver/_data`, laid out like the repository, to a wheel that is not editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to add; hatchling stops with the path of one that is missing."""
        if version == "standard":
            build_data["force_include"].update({path: f"resolver/_data/{path}" for path in DATA})
