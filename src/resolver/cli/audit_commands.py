"""`resolver audit` and `erase`: arguments and help; what they do is in `auditing` and `erasing`."""

from pathlib import Path
from typing import Annotated

import typer

from resolver.cli.options import AsJson, ConfigPath, DataPath, end

commands = typer.Typer(
    no_args_is_help=True, help="That nobody changed the audit trail, and taking it elsewhere."
)


@commands.command("verify")
def audit_verify(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="An exported trail; the database's if nothing is said."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key", metavar="HEX", help="The public key you wrote down, instead of the one found there."
        ),
    ] = None,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Whether every line and every signed checkpoint holds; else what was changed first. Exit code 1 then."""
    from resolver.cli.auditing import verify, verify_file

    if file is not None:
        end(verify_file(file, key, as_json=as_json))
    end(verify(key, config, data, as_json=as_json))


@commands.command("export")
def audit_export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; it must not exist yet.")],
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Write the trail, its checkpoints and the public key to one file; `audit verify FILE` needs nothing else."""
    from resolver.cli.auditing import export

    end(export(file, config, data, as_json=as_json))


def erase(
    named: Annotated[
        str,
        typer.Argument(
            metavar="REQUESTER|TICKET",
            help="The requester, CONNECTION:ID as in the helpdesk, or one of their tickets.",
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Forget one requester for ever: nothing stored about them can be read again, and the audit trail still holds."""
    from resolver.cli.erasing import erase

    end(erase(named, config, data, sure=yes, as_json=as_json))
