"""A problem is printed with its place, the line, a caret run, an example and help."""

from resolver.errors import Where
from resolver.source.problem import Problem, has_errors, render

SOURCE = "outcomes:\n  pay:\n    - do: shop.refund\n"


def problem(**changes) -> Problem:
    whole = {
        "code": "requirement-not-met",
        "message": "shop.refund can run",
        "where": Where("p.yaml", 3, 11),
        "length": 11,
        "help": "add a rule",
        "example": "amount = 2 EUR",
    }
    return Problem(**{**whole, **changes})


def test_a_problem_is_printed_as_the_language_says():
    assert render(problem(), SOURCE) == (
        "p.yaml:3:11: error: shop.refund can run [requirement-not-met]\n"
        "3 |     - do: shop.refund\n"
        "  |           ^^^^^^^^^^^\n"
        "  = for example: amount = 2 EUR\n"
        "  = help: add a rule"
    )


def test_the_margin_is_as_wide_as_the_line_number():
    lines = render(problem(where=Where("p.yaml", 72, 1), length=1, example=""), "\n" * 71 + "abc").split("\n")

    assert lines[1:] == ["72 | abc", "   | ^", "   = help: add a rule"]


def test_without_the_source_or_outside_it_the_line_is_left_out():
    assert (
        render(problem(help="", example=""), None)
        == "p.yaml:3:11: error: shop.refund can run [requirement-not-met]"
    )
    assert "|" not in render(problem(where=Where("p.yaml", 9, 1)), SOURCE)


def test_the_caret_run_ends_with_the_line_and_stands_under_wide_characters():
    line, carets = render(problem(where=Where("p", 1, 4), length=99, help="", example=""), "日本: ab").split(
        "\n"
    )[1:]

    assert line == "1 | 日本: ab"
    assert carets == "  |      ^^^"


def test_control_characters_of_a_file_never_reach_the_terminal():
    printed = render(problem(where=Where("p", 1, 1), help="", example=""), "\x1b[31mred\tend")

    assert "\x1b" not in printed
    assert "1 | ?[31mred end" in printed


def test_a_very_long_line_is_shown_around_the_place():
    printed = render(problem(where=Where("p", 1, 5_000), length=3, help="", example=""), "x" * 9_000).split(
        "\n"
    )

    assert max(map(len, printed[1:])) < 200
    assert printed[2].index("^") < len(printed[1])


def test_only_errors_make_a_file_unusable():
    assert not has_errors([problem(severity="warning"), problem(severity="note")])
    assert has_errors([problem()])


def test_a_problem_is_plain_data_for_other_programs():
    assert problem().to_json() == {
        "code": "requirement-not-met",
        "severity": "error",
        "message": "shop.refund can run",
        "path": "p.yaml",
        "line": 3,
        "column": 11,
        "length": 11,
        "help": "add a rule",
        "example": "amount = 2 EUR",
        "instead": "",
    }
