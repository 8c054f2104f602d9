"""A playbook as a flowchart: everything of it is there, nothing else is, and no text of it can break the drawing."""

import re
from xml.etree import ElementTree

import pytest

from resolver.cli.folder import interfaces_of, read_folder
from resolver.config import Config
from resolver.playbook.flowchart import Arrow, Flowchart, Node, flowchart, mermaid
from resolver.playbook.flowchart_svg import svg
from resolver.starters import playbooks_folder


def starters():
    library = read_folder(playbooks_folder(), interfaces_of(Config())).result.library
    assert library is not None
    return library


PLANS = sorted(starters().by_playbook.values(), key=lambda plan: plan.playbook)
EACH = pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.playbook)
_BOX = re.compile(r'    (\w+)(\(\[|\[/|\{\{|\[\[|\[\(|\[)"([^"]*)"(\]\)|/\]|\}\}|\]\]|\)\]|\])')
_ARROW = re.compile(r'    (\w+) (-->|-\.->)(\|"[^"|]*"\|)? (\w+)')


@EACH
def test_every_rule_and_every_outcome_has_its_box(plan):
    chart = flowchart(plan)

    names = {node.lines[0] for node in chart.nodes}
    assert {rule.id for rule in plan.rules} | set(plan.outcomes) <= names


@EACH
def test_every_way_of_every_step_is_an_arrow_between_boxes_that_are_there(plan):
    chart = flowchart(plan)

    known = {node.id for node in chart.nodes}
    ways = {(arrow.start, arrow.end) for arrow in chart.arrows}
    assert {end for pair in ways for end in pair} <= known
    for outcome, line in plan.outcomes.items():
        for step in line:
            for key in ("if_no", "if_fails", "if_pending", "if_denied", "if_late", "if_silent", "if_unclear"):
                end = getattr(step, key, None)
                assert end is None or (f"outcome_{outcome}", f"outcome_{end}") in ways


@EACH
def test_the_mermaid_text_has_only_boxes_and_arrows(plan):
    first, *lines = mermaid(flowchart(plan)).splitlines()

    assert first == "flowchart TD"
    assert [line for line in lines if not (_BOX.fullmatch(line) or _ARROW.fullmatch(line))] == []


@EACH
def test_the_picture_is_well_formed_and_no_box_covers_another(plan):
    drawn = svg(flowchart(plan))

    root = ElementTree.fromstring(drawn)
    boxes = [
        tuple(float(box.get(key, "")) for key in ("x", "y", "width", "height"))
        for box in root.iter("{http://www.w3.org/2000/svg}rect")
        if box.get("class") == "box"
    ]
    assert len(boxes) == len(flowchart(plan).nodes)
    for number, (x, y, width, height) in enumerate(boxes):
        for ox, oy, other_width, other_height in boxes[number + 1 :]:
            assert x + width <= ox or ox + other_width <= x or y + height <= oy or oy + other_height <= y


def test_the_same_plan_is_drawn_with_the_same_bytes():
    again = starters().by_playbook[PLANS[-1].playbook]

    assert mermaid(flowchart(again)) == mermaid(flowchart(PLANS[-1]))
    assert svg(flowchart(again)) == svg(flowchart(PLANS[-1]))


def test_no_text_of_a_playbook_can_break_the_drawing():
    nasty = 'a"] --> b & <script>#quot;`c`|'
    chart = Flowchart(
        nasty, (Node("a", "start", (nasty,)), Node("b", "rule", ("x",))), (Arrow("a", "b", nasty),)
    )

    _, *lines = mermaid(chart).splitlines()
    assert [bool(_BOX.fullmatch(line)) for line in lines[:2]] == [True, True]
    assert "script>" not in mermaid(chart)
    assert ElementTree.fromstring(svg(chart)) is not None
