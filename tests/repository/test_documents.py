"""What the documents point at exists: files, commands of ./dev, benchmarks and settings of the tools."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from connectors.demo_shop.sandbox_seed import NewOrder

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
BY_NAME = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix()
)


@BY_NAME
def test_every_relative_link_leads_to_a_file(document):
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", document.read_text("utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


@BY_NAME
def test_every_link_into_a_page_leads_to_a_heading_of_it(document):
    links = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", document.read_text("utf-8"))

    assert [
        (page, place)
        for page, place in links
        if place not in _headings(document.parent / page if page else document)
    ] == []


@cache
def _headings(page):
    """The headings of a page, as links name them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in titles]
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in plain}


@BY_NAME
def test_every_command_of_dev_that_is_named_exists(document):
    usage = subprocess.run([REPOSITORY / "dev", "help"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^  ([a-z]+) ", usage, re.MULTILINE)) | {"COMMAND"}

    named = set(re.findall(r"\./dev ([a-zA-Z]+)", document.read_text("utf-8")))

    assert named - known == set()


@BY_NAME
def test_every_path_in_code_marks_exists(document):
    paths = re.findall(
        r"`((?:src|connectors|playbooks|tests|docs|scripts|benchmarks)/[\w./-]+)`",
        document.read_text("utf-8"),
    )

    assert [path for path in paths if not (REPOSITORY / path).exists()] == []


def test_the_readme_sets_everything_up_with_two_commands():
    readme = (REPOSITORY / "README.md").read_text("utf-8")

    assert "./dev demo" in readme
    assert "./dev test" in readme
    assert "GPL-3.0" in readme


def test_the_keys_of_an_order_in_the_readme_are_those_the_demo_shop_takes():
    (told,) = re.findall(
        r"Further keys, all\s+optional: (.*?);", (REPOSITORY / "README.md").read_text("utf-8"), re.DOTALL
    )

    keys = set(re.findall(r"`(\w+)`", told))

    assert {"status", "lines"} <= keys <= set(NewOrder.__struct_fields__)
