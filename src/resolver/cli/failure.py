"""How a command fails: our errors as their text, a bug as one line and a file; never a traceback on the screen.

Used by every command through `Guarded` and by `main`. Exit code 2 says that the command could not run.
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any

from typer import Exit
from typer.core import TyperGroup

from resolver.errors import ResolverError

COULD_NOT_RUN = 2


class Guarded(TyperGroup):
    """The root of all commands: an error of ours ends as its text on standard error."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ResolverError as error:
            text = str(error)
            # excerpts begin with their place
            print(text if "\n" in text else f"resolver: {text}", file=sys.stderr)
            raise Exit(COULD_NOT_RUN) from None


def guarded(app: Callable[[], object]) -> None:
    """Run `app`; a bug ends as one line that says where the details are."""
    try:
        app()
    except Exception as error:  # the last resort for bugs: nothing is hidden, the details are in the file
        print(told(error), file=sys.stderr)
        sys.exit(COULD_NOT_RUN)


def told(error: Exception) -> str:
    """One line about a bug; the traceback is in a file that only this user can read."""
    descriptor, path = tempfile.mkstemp(prefix="resolver-bug-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    return f"resolver: this is a bug of the resolver ({type(error).__name__}); the details are in {path}"
