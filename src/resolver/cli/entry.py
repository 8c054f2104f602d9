"""Where the command line begins: the installed script and `python -m resolver` call `main`."""

import sys


def main() -> None:
    """Run the command that was typed."""
    words = sys.argv[1:]
    # Scripts ask for the version at every start: it is answered before anything else is loaded.
    if words in (["version"], ["--version"], ["version", "--json"]):
        from resolver.cli.about import about

        sys.exit(about(as_json="--json" in words))
    from resolver.cli.commands import app
    from resolver.cli.failure import guarded

    guarded(app)
