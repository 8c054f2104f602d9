"""`resolver explain-error`: the page of an error code, for people who write playbooks."""

from collections.abc import Mapping

from resolver.cli.screen import print_json, say, table
from resolver.errors import Malformed
from resolver.source.name import nearest
from resolver.starters import error_pages_folder


def explain_error(code: str | None, *, as_json: bool) -> int:
    """Print one page, or every code with its first sentence. `Malformed` for a code that is none."""
    pages = _pages()
    if code is None:
        listed = {name: _sentence(page) for name, page in pages.items()}
        if as_json:
            print_json([{"code": name, "means": means} for name, means in listed.items()])
        else:
            table(["code", "what it means"], [[name, means] for name, means in listed.items()])
        return 0
    wanted = code.strip().strip("[]").lower()
    if wanted not in pages:
        near = nearest(wanted, pages)
        remedy = f"did you mean {near!r}?" if near else "list them all: resolver explain-error"
        raise Malformed(f"There is no error code {code!r}.", remedy=remedy)
    if as_json:
        print_json({"code": wanted, "means": _sentence(pages[wanted]), "page": pages[wanted]})
    else:
        say(pages[wanted].rstrip())
    return 0


def _pages() -> Mapping[str, str]:
    paths = sorted(error_pages_folder().glob("*.md"))
    return {path.stem: path.read_text("utf-8") for path in paths if path.stem != "README"}


def _sentence(page: str) -> str:
    """The line below the title."""
    return page.split("\n", 3)[2]
