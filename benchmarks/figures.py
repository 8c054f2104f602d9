"""How a benchmark's figures are printed: one JSON object with `--json`, else a line each."""

import json
from collections.abc import Mapping

Figures = Mapping[str, str | int | float | None]


def told(figures: Figures, *, as_json: bool) -> str:
    """The figures as text."""
    if as_json:
        return json.dumps(figures)
    width = max(len(name) for name in figures)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in figures.items())
