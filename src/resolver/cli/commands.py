"""Every command with its arguments and help; what it does is in a module of its own, loaded when it is called."""

from pathlib import Path
from typing import Annotated

import typer

from resolver.cli import audit_commands, author_commands, effect_commands, suggestion_commands
from resolver.cli.failure import Guarded
from resolver.cli.options import AsJson, ConfigPath, DataPath, Member, Who, end

app = typer.Typer(
    cls=Guarded,
    help="Resolves tickets in the helpdesk you already have, by your own playbooks.",
    epilog="Exit codes: 0 fine, 1 errors found (lint, test, audit verify), "
    "2 could not run (replay: or something differs).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_runs = typer.Typer(no_args_is_help=True, help="What was worked on: runs, and events that failed for good.")
_approvals = typer.Typer(no_args_is_help=True, help="What waits for a person's yes, and saying it.")
app.add_typer(_runs, name="runs")
app.add_typer(_approvals, name="approvals")
app.add_typer(suggestion_commands.commands, name="suggestions")
app.add_typer(effect_commands.commands, name="effects")
app.add_typer(audit_commands.commands, name="audit")


@app.callback(invoke_without_command=True)
def root(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Resolves tickets in the helpdesk you already have, by your own playbooks."""
    if show_version:
        version()
        raise typer.Exit


# -- trying and running -----------------------------------------------------------------------------------------------


@app.command()
def demo(
    plain: Annotated[bool, typer.Option("--plain", help="Plain lines, for logs.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the results to this file as JSON.")
    ] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="Keep the sandboxes running until Ctrl-C, to look at the tickets.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="FOLDER", help="Where all is kept until the next demo (default: var/demo)."
        ),
    ] = None,
) -> None:
    """Play twelve tickets through sandboxes on this machine; non-zero exit if one ends wrong."""
    from resolver.cli.demo import play

    end(play(plain=plain, json_path=json_file, stay=stay, data=data))


@app.command()
def serve(
    config: ConfigPath = None,
    sandbox: Annotated[
        bool,
        typer.Option(
            "--sandbox", help="Work on sandboxes started in this process; only then does `auto` act."
        ),
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="FOLDER", help="With --sandbox: where all is kept (default: var/sandbox)."
        ),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="The address to listen on, instead of the configured one.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The port, instead of the configured one; 0 takes a free one."),
    ] = None,
    plain_logs: Annotated[
        bool, typer.Option("--plain-logs", help="Readable log lines instead of JSON.")
    ] = False,
) -> None:
    """Run the server: take in webhooks, work on tickets. SIGTERM or Ctrl-C ends it within 20 s, losing nothing."""
    from resolver.cli.serving import Listen, serve, serve_on_sandboxes

    listen = Listen(host, port)
    if not sandbox and data is not None:
        raise typer.BadParameter(
            "it goes with --sandbox; else see `data:` in the configuration.", param_hint="--data"
        )
    if sandbox:
        end(serve_on_sandboxes(config, data, listen, plain_logs=plain_logs))
    end(serve(config, listen, plain_logs=plain_logs))


@app.command()
def sandbox(
    config: ConfigPath = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FOLDER", help="Where their state is kept (default: var/sandbox)."),
    ] = None,
    ring: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The resolver their webhooks go to; by default the configured address."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start every sandbox on loopback, print addresses and credentials as JSON, run until Ctrl-C."""
    from resolver.cli.sandboxes import run

    end(run(config, data, ring, as_json=as_json))


@app.command()
def check(config: ConfigPath = None, as_json: AsJson = False) -> None:
    """Look at everything a start needs, ask each connection whether it answers, change nothing."""
    from resolver.cli.checking import check

    end(check(config, as_json=as_json))


author_commands.add_to(app)


# -- what happened ----------------------------------------------------------------------------------------------------


@_runs.command("list")
def runs_list(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many runs, newest first.")] = 20,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """The newest runs, and every dead letter: an event that failed for good."""
    from resolver.cli.runs import show_list

    end(show_list(limit, config, data, as_json=as_json))


@_runs.command("show")
def runs_show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run, as `runs list` prints it.")],
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Where a run stands: its effects and updates, without anything personal."""
    from resolver.cli.runs import show_one

    end(show_one(run, config, data, as_json=as_json))


@_runs.command("replay")
def runs_replay(
    event: Annotated[
        int, typer.Argument(metavar="EVENT", help="A dead letter's number, as `runs list` prints it.")
    ],
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Feed a dead letter to the intake again, once what stopped it is mended."""
    from resolver.cli.runs import replay

    end(replay(event, config, data, as_json=as_json))


@app.command()
def explain(
    named: Annotated[
        str,
        typer.Argument(
            metavar="RUN|TICKET", help="A run, or a ticket: CONNECTION:NUMBER, or the number alone."
        ),
    ],
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """The whole decision: message, intents, slots, facts, every rule with what it saw, every effect with its key."""
    from resolver.cli.explaining import explain

    end(explain(named, config, data, as_json=as_json))


@app.command()
def replay(
    named: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN|TICKET|FILE.jsonl]",
            help="A run, a ticket (CONNECTION:NUMBER, or the number alone), or a file of trace lines.",
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every run there is, and the chain of all lines.")
    ] = False,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Decide every turn of stored runs again, offline, and compare the bytes of the trace."""
    from resolver.cli.replaying import replay, replay_all

    if every == (named is not None):
        raise typer.BadParameter(
            "name a run, a ticket or a file, or say --all.", param_hint="RUN|TICKET|FILE.jsonl"
        )
    if named is None:
        end(replay_all(config, data, as_json=as_json))
    end(replay(named, config, data, as_json=as_json))


# -- people decide ----------------------------------------------------------------------------------------------------


@_approvals.command("list")
def approvals_list(config: ConfigPath = None, data: DataPath = None, as_json: AsJson = False) -> None:
    """What waits for an approval: actions with their values, the facts, the rule and its reason."""
    from resolver.cli.approving import show_list

    end(show_list(config, data, as_json=as_json))


@_approvals.command("approve")
def approvals_approve(
    approval: Annotated[
        str, typer.Argument(metavar="ID", help="The approval, as `approvals list` prints it.")
    ],
    member: Member,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Say yes to exactly what the sheet shows; the run goes on."""
    from resolver.cli.approving import answer

    end(answer(approval, "approved", member, config, data, as_json=as_json))


@_approvals.command("deny")
def approvals_deny(
    approval: Annotated[
        str, typer.Argument(metavar="ID", help="The approval, as `approvals list` prints it.")
    ],
    member: Member,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Say no; the run goes on as the playbook says for that."""
    from resolver.cli.approving import answer

    end(answer(approval, "denied", member, config, data, as_json=as_json))


@app.command()
def pause(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="playbook:ID or action:NAME, for example action:shop.refund; everything if nothing is said.",
        ),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Stop nothing; print what is paused, since when and by whom.")
    ] = False,
    by: Who = None,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Stop actions and replies before the next send, at once; notes to people still go out."""
    from resolver.cli.switching import ALL, pause, show

    if listed and (name or by):
        raise typer.BadParameter("it goes without NAME and --as: it stops nothing.", param_hint="--list")
    if listed:
        end(show(config, data, as_json=as_json))
    end(pause(name or ALL, by, config, data, as_json=as_json))


@app.command()
def resume(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="What `pause` stopped; everything if nothing is said."),
    ] = None,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Let go on what `pause` stopped."""
    from resolver.cli.switching import resume

    end(resume(name, config, data, as_json=as_json))


@app.command()
def withdraw(
    plan: Annotated[
        str | None,
        typer.Argument(
            metavar="[PLAN]",
            help="A plan's id (its first 8 characters do), or a playbook's name for the version that is in use.",
        ),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Let the plan go on that was withdrawn.")] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="Withdraw nothing; print the plans with their open runs.")
    ] = False,
    by: Who = None,
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Take one version of a playbook out of use: its actions stop at once, its runs go to people at their next turn."""
    from resolver.cli.withdrawing import restore, show, withdraw

    if listed == (plan is not None) or (listed and (undo or by)):
        raise typer.BadParameter("name a plan, or say --list alone.", param_hint="PLAN")
    if plan is None:
        end(show(config, data, as_json=as_json))
    elif undo:
        end(restore(plan, config, data, as_json=as_json))
    else:
        end(withdraw(plan, by, config, data, as_json=as_json))


app.command()(audit_commands.erase)


@app.command()
def version(as_json: AsJson = False) -> None:
    """The version, and what it runs on."""
    from resolver.cli.about import about

    end(about(as_json=as_json))
