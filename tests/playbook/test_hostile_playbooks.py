"""Files that want to break the checker: it answers with problems, quickly, and never falls over."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.connector.interface_reader import read_interface
from resolver.connector.manifest import Interfaces, bind, read_manifest
from resolver.playbook.library import LibraryResult, load_library
from resolver.source.load import load
from resolver.source.problem import render
from tests.cost import cost

Desk = Any  # the fixture of conftest, which importlib mode cannot import

ROOT = Path(__file__).parents[2]
STARTERS = {
    path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "playbooks").glob("*.yaml"))
}
PLAYBOOKS = [name for name in STARTERS if not name.endswith(".test.yaml")]


@pytest.fixture(scope="module")
def bundled() -> Interfaces:
    """The bundled interfaces, served by the bundled connectors."""
    folder = ROOT / "connectors"
    known = {}
    for path in sorted((folder / "interfaces").glob("*.yaml")):
        interface, problems = read_interface(load(path.read_bytes(), str(path)))
        assert interface is not None, problems
        known[interface.name] = interface
    manifests = {}
    for name in ("demo_billing", "demo_shop", "postal"):
        manifest, problems = read_manifest(load((folder / name / "connector.yaml").read_bytes(), name), known)
        assert manifest is not None, problems
        manifests[name] = manifest
    return bind(
        list(known.values()), manifests, {"billing": "demo_billing", "shop": "demo_shop", "post": "postal"}
    )


def judged(files: dict[str, str], interfaces: Interfaces) -> LibraryResult:
    """The folder's result, with every problem rendered as the command line would."""
    result = load_library(files, interfaces)
    for problem in result.problems:
        assert render(problem, result.texts.get(problem.where.path))
        assert problem.help, problem
    return result


def test_the_starters_have_no_problem(bundled: Interfaces) -> None:
    result = judged(STARTERS, replace(bundled, topics=frozenset()))

    assert result.problems == ()
    assert result.library is not None
    assert result.library.anything_else is result.library.by_playbook["any_question"]
    assert len(result.library.by_intent) == len(result.library.by_playbook) - 1
    assert {"refund", "cancel_order", "change_address", "order_status"} < set(result.library.by_intent)


def test_every_starter_has_ten_examples_and_the_refund_six_in_german(bundled: Interfaces) -> None:
    result = judged(STARTERS, bundled)
    assert result.library is not None

    examples = {plan.playbook: plan.examples for plan in result.library.by_intent.values()}

    assert min(len(texts) for texts in examples.values()) >= 10
    german = [
        text
        for text in examples["refund_order"]
        if {"ich", "mein", "bitte", "die"} & set(text.lower().split())
    ]
    assert len(german) >= 6


@pytest.mark.parametrize("seed", range(60))
def test_a_starter_with_lines_out_of_place_never_breaks_the_checker(bundled: Interfaces, seed: int) -> None:
    """Drop, double, swap, re-indent or cut lines anywhere: there are problems or a library, nothing else."""
    chance = random.Random(seed)
    name = chance.choice(PLAYBOOKS)
    lines = STARTERS[name].split("\n")
    for _ in range(chance.randint(1, 4)):
        lines = _shaken(lines, chance)

    result = judged({**STARTERS, name: "\n".join(lines)}, bundled)

    assert (result.library is None) == any(problem.severity == "error" for problem in result.problems)


def _shaken(lines: list[str], chance: random.Random) -> list[str]:
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    line = lines[at]
    match chance.randrange(6):
        case 0:
            return lines[:at] + lines[at + 1 :]
        case 1:
            return [*lines[:at], line, *lines[at:]]
        case 2:
            lines = list(lines)
            lines[at], lines[other] = lines[other], lines[at]
            return lines
        case 3:
            return [*lines[:at], chance.choice(["  ", "    "]) + line, *lines[at + 1 :]]
        case 4:
            return [*lines[:at], line[: chance.randrange(len(line) + 1)], *lines[at + 1 :]]
    words = [word for text in STARTERS.values() for word in text.split()]
    parts = line.split(" ")
    parts[chance.randrange(len(parts))] = chance.choice(words)
    return [*lines[:at], " ".join(parts), *lines[at + 1 :]]


@given(
    before=st.sampled_from(
        ["then: pay", "amount > 0", "order_number", "store.order", "Pay me back", "en, de", "money"]
    ),
    after=st.text(min_size=0, max_size=60),
)
def test_any_text_at_any_place_is_read_or_told(desk: Desk, before: str, after: str) -> None:
    text = desk.playbook.replace(before, after)

    problems = desk.problems(text)

    assert all(problem.message and problem.where.line >= 1 for problem in problems)


HOSTILE = {
    "nothing": "",
    "a NUL": "playbook: a\0b",
    "no UTF-8": b"\xff\xfe\x00",
    "a list": "- a\n- b",
    "a word": "hello",
    "deep brackets": "a: " + "[" * 30_000,
    "deep mappings": "\n".join("  " * n + "a:" for n in range(200)),
    "a bomb": "a: &a [x]\nb: [*a, *a]",
    "a tag": "a: !!python/object/apply:os.system [ls]",
    "too much text": "a: " + "x" * 300_000,
    "too many values": "a: [" + "1," * 30_000 + "]",
    "half a surrogate pair": 'title: "\\ud800"',
    "keys that are lists": "? [a, b]\n: c",
    "lists where texts belong": "playbook: [a]\nlanguage: {}\ntitle: []\nhandles: x\noutcomes: []\ndecide: {}",
    "numbers where lists belong": "needs: 3\nlook_up: 4\ncompute: 5\ndecide: 6\noutcomes: 7\nreplies: 8\nlanguages: 9",
    "nothing behind the keys": "playbook:\nlanguage:\nneeds:\nlook_up:\ncompute:\ndecide:\noutcomes:\nreplies:",
    "empty steps": "outcomes:\n  a: []\n  b: [{}]\n  c: [[]]\n  d: [x]\ndecide: [{}]\nlook_up: [{}]",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_playbook_is_refused_with_a_reason_soon(desk: Desk, text: str | bytes) -> None:
    with cost() as taken:
        problems = desk.problems(text)

    assert any(problem.severity == "error" for problem in problems)
    assert taken.seconds < 2


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_policy_is_refused_with_a_reason(desk: Desk, text: str | bytes) -> None:
    result = desk.load({"pay_back.yaml": desk.playbook, "policy.yaml": text})

    assert result.library is None
    assert result.problems


def test_a_maze_of_outcomes_is_refused_before_it_costs_anything(desk: Desk) -> None:
    """Every outcome may lead to the next two ways, each with another action done: 2**n ways."""
    step = (
        "    - do: store.note\n      with: {{order: order, text: order.address}}\n"
        "      if_refused: {0}\n      if_fails: hand_over\n    - go: {0}\n"
    )
    names = [f"maze_{n}" for n in range(40)]
    maze = "".join(
        f"  {name}:\n" + step.format(after) for name, after in zip(names, [*names[1:], "keep"], strict=True)
    )
    text = desk.changed(
        ("    - reply: begun\n", "    - reply: begun\n    - go: maze_0\n"), ("  keep:\n", f"{maze}  keep:\n")
    )

    with cost() as taken:
        codes = {problem.code for problem in desk.problems(text)}

    assert "too-big" in codes
    assert taken.seconds < 2


def test_more_than_a_playbook_may_hold_is_told(desk: Desk) -> None:
    values = "".join(f"  value_{n}: amount\n" for n in range(31))
    steps = "    - ticket: {status: open}\n" * 12

    problems = desk.problems(
        desk.changed(
            ("compute:\n", f"compute:\n{values}"), ("    - reply: begun\n", f"{steps}    - reply: begun\n")
        )
    )

    assert {problem.message for problem in problems if problem.code == "too-big"} == {
        "there are more than 30 computed values",
        "there are more than 12 steps in 'started'",
    }
