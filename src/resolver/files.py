"""The files of a folder of playbooks, by the path a reader would type."""

from pathlib import Path


def yaml_files(folder: Path) -> dict[str, bytes]:
    """The content of each YAML file of the folder, in the order of their names."""
    return {typed(path): path.read_bytes() for path in sorted(folder.glob("*.yaml"))}


def typed(path: Path) -> str:
    """The path as somebody here would type it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
