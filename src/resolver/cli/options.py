"""Arguments that many commands share, and how a command ends."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

ConfigPath = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="RESOLVER_CONFIG",
        metavar="FILE",
        help="The configuration; ./config.yaml if nothing is said, the defaults if there is none.",
    ),
]
DataPath = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="FOLDER", help="The data folder to look into, instead of the configured one."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Member = Annotated[
    str,
    typer.Option(
        "--as", metavar="E-MAIL", help="Who answers: a member of the team, by the policy's address."
    ),
]
Who = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who does this; the user of this machine if nothing is said."),
]


def end(code: int) -> NoReturn:
    """End the command with its exit code."""
    raise typer.Exit(code)
