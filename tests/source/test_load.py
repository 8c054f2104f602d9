"""A file is read into a tree with places, or refused at the first thing that has no business in it."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.source.load import MAX_BYTES, Loaded, load
from resolver.source.node import MappingNode, ScalarNode, SequenceNode


def only_problem(loaded: Loaded) -> tuple[str, str]:
    [problem] = loaded.problems
    return problem.code, f"{problem.where.line}:{problem.where.column}"


def mapping(text: str) -> MappingNode:
    loaded = load(text, "f.yaml")
    assert loaded.problems == ()
    assert isinstance(loaded.root, MappingNode)
    return loaded.root


@pytest.mark.parametrize(
    "text", ["no", "1.10", "010", "12:30", "~", "null", "0x1F", "1e3", "2026-12-25", "=", "<<"]
)
def test_every_scalar_stays_the_text_that_was_written(text):
    root = mapping(f"a: {text}\n")

    value = root.get("a")
    assert isinstance(value, ScalarNode)
    assert (value.text, value.quoted) == (text, False)


def test_a_value_knows_its_line_column_and_whether_it_was_quoted():
    root = mapping("title: A b\nlist:\n  - 'c d'\n")

    items = root.get("list")
    assert isinstance(items, SequenceNode)
    [item] = items.items
    assert isinstance(item, ScalarNode)
    assert (str(item.where), item.length, item.quoted) == ("f.yaml:3:5", 5, True)
    assert str(root.get("title").where) == "f.yaml:1:8"


def test_a_comment_behind_plain_text_is_kept_because_it_may_be_text_cut_off():
    root = mapping("a: Order #1 is late # really\nb: 'x' # fine\nc: d\n# alone\n")

    assert [entry.value.comment for entry in root.entries] == ["1 is late # really", "", ""]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("[" * 30_000, "too-deep", "1:13"),
        ("{a: " * 30_000, "too-deep", "1:49"),
        ("- " * 13 + "a", "too-deep", "1:25"),
        ("a: &x 1\nb: *x\n", "not-allowed-yaml", "1:4"),
        ("a: *x\n", "not-allowed-yaml", "1:4"),
        ("a: !!python/object/apply:os.system [ls]\n", "not-allowed-yaml", "1:4"),
        ("a: ! b\n", "not-allowed-yaml", "1:4"),
        ("&a b: c\n", "not-allowed-yaml", "1:1"),
        ("? [a]\n: b\n", "not-allowed-yaml", "1:3"),
        ("a: 1\n---\nb: 2\n", "not-allowed-yaml", "2:1"),
        ("%YAML 1.1\n---\na: b\n", "not-allowed-yaml", "1:1"),
        ("a: 1\nb: 2\na: 3\n", "written-twice", "3:1"),
        ("a: 10\n'a': 9999\n", "written-twice", "2:1"),
        ("a:\n\t- b\n", "not-yaml", "2:1"),
        ("a:\n  \tb: c\n", "not-yaml", "2:3"),
        ("a: b: c\n", "not-yaml", "1:5"),
        ("a: 'b\n", "not-yaml", "2:1"),
        ("a: b\n\x00", "not-yaml", "2:1"),
        ('a: "\\0"\n', "not-yaml", "1:4"),
        ('a: "\\ud800"\n', "not-yaml", "1:4"),
        ('a: "\\U99999999"\n', "not-yaml", "1:1"),
        ("", "not-yaml", "1:1"),
        ("# nothing\n", "not-yaml", "1:1"),
        (b"a: b\nc: \xe4\n", "not-yaml", "2:4"),
        ("a: b\n".encode("utf-16"), "not-yaml", "1:1"),
        ("a: \ud800", "not-yaml", "1:4"),
        ("a: '" + "x" * MAX_BYTES + "'", "too-big", "1:1"),
        ("\n".join(f"k{number}: v" for number in range(20_000)), "too-big", "9999:8"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_at_its_place(text, code, place):
    loaded = load(text, "f.yaml")

    assert only_problem(loaded) == (code, place)
    assert loaded.problems[0].help


def test_twelve_levels_are_deep_enough_and_allowed():
    assert load("[" * 12 + "]" * 12, "f.yaml").problems == ()


def test_all_keys_written_twice_are_reported_together_and_the_first_value_counts():
    loaded = load("a: 1\na: 2\nb: {c: 1, c: 2}\n", "f.yaml")

    assert [problem.where.line for problem in loaded.problems] == [2, 3]
    assert isinstance(loaded.root, MappingNode)
    assert loaded.root.get("a").text == "1"


def test_a_byte_order_mark_and_one_document_start_are_harmless():
    assert load(b"\xef\xbb\xbf---\na: b\n", "f.yaml").problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 250_000,
        "a: |\n" + " x\n" * 80_000,
        '"' + "\\n" * 120_000 + '"',
        "'" + "a\n" * 100_000 + "'",
        "[" + "a," * 99_000,
        "[" * 30_000,
        "a: &x [y, y]\n" + "b: [*x, *x]\n" * 15_000,
        "a: b\n---\n" * 30_000,
        "a: !!python/object/apply:os.system [true]\n" * 5_000,
        "a: " + "b" * 5_000_000,
        "a: “" + "smart ” quotes " * 15_000 + "\n",
    ],
    ids=[
        "brackets",
        "block",
        "escapes",
        "folded",
        "list",
        "nesting",
        "aliases",
        "documents",
        "tags",
        "scalar",
        "quotes",
    ],
)
def test_the_worst_files_cost_at_most_a_second_and_little_memory_and_leave_the_process_alive(text):
    spent = subprocess.run(
        [sys.executable, "-c", _LOADING], input=text, capture_output=True, text=True, check=True
    ).stdout

    seconds, kilobytes = spent.split()
    assert float(seconds) < 1
    assert int(kilobytes) < 50_000


_LOADING = """
import pathlib, re, resource, sys, time
from resolver.source.load import load

def peak():
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

text = sys.stdin.read()
load("a: [b, {c: 'd'}]", "f.yaml")
before, began = peak(), time.process_time()
load(text, "f.yaml")
print(time.process_time() - began, peak() - before)
"""
"""A process of its own, whose peak is of this file alone; Linux's `ru_maxrss` begins at the parent's, so not that."""


@given(st.text(alphabet="ab:-? \n\t#'\"[]{}&*!|>%@`\\,0\x85\u2028é", max_size=80))
def test_no_text_makes_loading_crash(text):
    loaded = load(text, "f.yaml")

    assert (loaded.root is None) <= bool(loaded.problems)


@given(st.binary(max_size=60))
def test_no_bytes_make_loading_crash(data):
    load(data, "f.yaml")
