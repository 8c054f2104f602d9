"""`resolver effects`: its commands with their arguments and help; what they do is in `effects`."""

from enum import StrEnum
from typing import Annotated

import typer

from resolver.cli.effects import STATES
from resolver.cli.options import AsJson, ConfigPath, DataPath, Who, end

commands = typer.Typer(
    no_args_is_help=True,
    help="What was done in other systems or may have been, and closing what stayed unknown.",
)

Effect = Annotated[str, typer.Argument(metavar="EFFECT", help="An effect, as `effects list` prints it.")]
State = StrEnum("State", {name: name for name in STATES})  # type: ignore[misc]  # the words are known only there


class Went(StrEnum):
    """How an effect went that nobody could tell."""

    DONE = "done"
    NOT_DONE = "not-done"


@commands.command("list")
def effects_list(
    state: Annotated[
        State | None, typer.Option(help="Those in this state, instead of all not settled.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 50,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """What is under way or in doubt: ticket, action, amount, state and since when."""
    from resolver.cli.effects import show_list

    end(show_list(state.value if state else None, limit, config, data, as_json=as_json))


@commands.command("show")
def effects_show(
    effect: Effect, config: ConfigPath = None, data: DataPath = None, as_json: AsJson = False
) -> None:
    """One effect: the key the other system knows it by, when it was sent, how and by whom it was settled."""
    from resolver.cli.effects import show

    end(show(effect, config, data, as_json=as_json))


@commands.command("settle")
def effects_settle(
    effect: Effect,
    went: Annotated[Went, typer.Argument(help="What the other system shows.")],
    external_id: Annotated[
        str | None, typer.Option("--external-id", metavar="ID", help="The other system's number for it.")
    ] = None,
    by: Who = None,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Close an effect that stayed unknown, once you have looked it up in the other system. Nothing is sent."""
    from resolver.cli.effects import settle

    end(settle(effect, went.value, external_id, by, config, data, as_json=as_json))
