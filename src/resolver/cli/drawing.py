"""`resolver graph`: one playbook as a flowchart, for documents and for people who do not read YAML."""

from pathlib import Path

from resolver.cli.asked import asked_one
from resolver.cli.installation import configuration
from resolver.cli.screen import note, print_json
from resolver.errors import Malformed


def graph(playbook: str, form: str, out: Path | None, config_path: Path | None, *, as_json: bool) -> int:
    """Print the flowchart, or write it to a file."""
    from resolver.playbook.flowchart import flowchart, mermaid
    from resolver.playbook.flowchart_svg import svg

    _, plan = asked_one(playbook, configuration(config_path))
    chart = flowchart(plan)
    if as_json:
        nodes = [{"id": one.id, "kind": one.kind, "lines": list(one.lines)} for one in chart.nodes]
        arrows = [
            {"start": one.start, "end": one.end, "label": one.label, "aside": one.aside}
            for one in chart.arrows
        ]
        print_json({"playbook": plan.playbook, "plan": plan.id, "nodes": nodes, "arrows": arrows})
        return 0
    drawn = svg(chart) if form == "svg" else mermaid(chart)
    if out is None:
        print(drawn, end="")
        return 0
    try:
        out.write_text(drawn, "utf-8")
    except OSError as error:
        raise Malformed(f"{out} cannot be written: {error.strerror}.", remedy="name another file") from None
    note(f"wrote {out}")
    return 0
