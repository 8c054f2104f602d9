"""The command line `resolver`: a module for each command; what is heavy is loaded only by the command that needs it."""

import sys


def main() -> None:
    """Run the command that was typed; the entry point of the installed script and of `python -m resolver`."""
    words = sys.argv[1:]
    # Scripts ask for the version at every start: it is answered before anything else is loaded.
    if words in (["version"], ["--version"], ["version", "--json"]):
        from resolver.cli.about import about

        sys.exit(about(as_json="--json" in words))
    from resolver.cli.commands import app
    from resolver.cli.failure import guarded

    guarded(app)
