"""`resolver suggestions`: its commands with their arguments and help; what they do is in `suggesting`."""

from typing import Annotated

import typer

from resolver.cli.options import AsJson, ConfigPath, DataPath, end

commands = typer.Typer(
    no_args_is_help=True, help="What playbooks in mode suggest would say and do, and letting them."
)

Suggested = Annotated[
    str,
    typer.Argument(metavar="ID", help="The suggestion, as the ticket's note and `suggestions list` name it."),
]
Agent = Annotated[str, typer.Option("--as", metavar="E-MAIL", help="Who answers: the agent's own address.")]


@commands.command("list")
def suggestions_list(config: ConfigPath = None, data: DataPath = None, as_json: AsJson = False) -> None:
    """What waits for a go-ahead: ticket, playbook, actions, and until when it counts."""
    from resolver.cli.suggesting import show_list

    end(show_list(config, data, as_json=as_json))


@commands.command("show")
def suggestions_show(
    suggestion: Suggested, config: ConfigPath = None, data: DataPath = None, as_json: AsJson = False
) -> None:
    """One suggestion whole: the reply, the actions with their values, the reasons, and what became of it."""
    from resolver.cli.suggesting import show

    end(show(suggestion, config, data, as_json=as_json))


@commands.command("accept")
def suggestions_accept(
    suggestion: Suggested,
    agent: Agent,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Let exactly this be done and sent, if it would still come to the same; else a new suggestion follows."""
    from resolver.cli.suggesting import answer

    end(answer(suggestion, "accepted", agent, config, data, as_json=as_json))


@commands.command("reject")
def suggestions_reject(
    suggestion: Suggested,
    agent: Agent,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Leave it: nothing is done or sent, and the ticket is the people's."""
    from resolver.cli.suggesting import answer

    end(answer(suggestion, "rejected", agent, config, data, as_json=as_json))
