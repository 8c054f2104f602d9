"""Every command with its arguments and help; what it does is in a module of its own, loaded when it is called."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from resolver.cli.failure import Guarded

app = typer.Typer(
    cls=Guarded,
    help="Resolves tickets in the helpdesk you already have, by your own playbooks.",
    epilog="Exit codes: 0 fine, 1 errors found (lint, test), 2 could not run (replay: or something differs).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_runs = typer.Typer(no_args_is_help=True, help="What was worked on: runs, and events that failed for good.")
_approvals = typer.Typer(no_args_is_help=True, help="What waits for a person's yes, and saying it.")
app.add_typer(_runs, name="runs")
app.add_typer(_approvals, name="approvals")


class LintForm(StrEnum):
    """How `lint` tells what it found."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


class GraphForm(StrEnum):
    """How `graph` draws."""

    MERMAID = "mermaid"
    SVG = "svg"


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

    _end(play(plain=plain, json_path=json_file, stay=stay, data=data))


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
        _end(serve_on_sandboxes(config, data, listen, plain_logs=plain_logs))
    _end(serve(config, listen, plain_logs=plain_logs))


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

    _end(run(config, data, ring, as_json=as_json))


@app.command()
def check(config: ConfigPath = None, as_json: AsJson = False) -> None:
    """Look at everything a start needs, ask each connection whether it answers, change nothing."""
    from resolver.cli.checking import check

    _end(check(config, as_json=as_json))


# -- playbooks --------------------------------------------------------------------------------------------------------


@app.command()
def lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...", help="Folders of playbooks, or files in one; by default the configured."
        ),
    ] = None,
    form: Annotated[
        LintForm,
        typer.Option(
            "--format", help="text for people, json, sarif for code scanning, github for its workflows."
        ),
    ] = LintForm.TEXT,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Check playbooks, policy and tests without running anything; works without a configuration."""
    from resolver.cli.linting import lint

    _end(lint(tuple(paths or ()), config, form="json" if as_json else form.value))


@app.command("test")
def run_tests(
    playbooks: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PLAYBOOK]...", help="Playbooks by name, or folders and files; by default all."
        ),
    ] = None,
    cover: Annotated[bool, typer.Option("--cover", help="Say what no case reaches.")] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Run the tests beside the playbooks (NAME.test.yaml)."""
    from resolver.cli.testing import play

    _end(play(tuple(playbooks or ()), config, cover=cover, as_json=as_json))


@app.command()
def simulate(
    playbook: Annotated[str, typer.Argument(metavar="PLAYBOOK", help="A playbook by name, or its file.")],
    tickets: Annotated[
        Path,
        typer.Option("--tickets", metavar="FILE.jsonl", help="Archived tickets, one JSON document a line."),
    ],
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="OTHER.yaml", help="Another version, to see what would change."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="90d", help="Only tickets opened in the last 90 days, 12w, or since 2026-09-01."
        ),
    ] = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Play archived tickets through a playbook, or two versions of it: outcomes, money, agreement, changes."""
    from resolver.cli.simulating import simulate

    _end(simulate(playbook, tickets, against, since, config, as_json=as_json))


@app.command()
def words(
    playbook: Annotated[
        str | None,
        typer.Argument(metavar="[PLAYBOOK]", help="One playbook by name; by default all there is."),
    ] = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """List every name a playbook can use here: look-ups, actions, fields, queues, steps, operators."""
    from resolver.cli.wording import words

    _end(words(playbook, config, as_json=as_json))


@app.command()
def graph(
    playbook: Annotated[str, typer.Argument(metavar="PLAYBOOK", help="A playbook by name, or its file.")],
    form: Annotated[
        GraphForm, typer.Option("--format", help="mermaid for documents, svg for a picture.")
    ] = GraphForm.MERMAID,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write it to this file instead of printing it."),
    ] = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Draw a playbook as a flowchart: questions, rules in their order, outcomes and where they lead."""
    from resolver.cli.drawing import graph

    _end(graph(playbook, form.value, out, config, as_json=as_json))


@app.command()
def prove(
    playbooks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PLAYBOOK]...", help="Playbooks by name, files or folders; by default all."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Prove nothing; say whether every certificate still fits.")
    ] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Prove playbooks for every ticket there can be and write the certificates that let them act."""
    from resolver.cli.proving import prove

    _end(prove(tuple(playbooks or ()), config, check=check, as_json=as_json))


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="The playbook's file as it is.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="The file as it might become.")],
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a playbook over every ticket there can be, with an example of each change."""
    from resolver.cli.comparing import diff

    _end(diff(before, after, config, as_json=as_json))


@app.command()
def docs(
    playbooks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PLAYBOOK]...", help="Playbooks by name; by default all."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Write NAME.policy.md files there instead of printing."),
    ] = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Playbooks as pages of plain sentences: rules, money, texts and endings, for finance and legal."""
    from resolver.cli.documenting import write_pages

    _end(write_pages(tuple(playbooks or ()), out, config, as_json=as_json))


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

    _end(show_list(limit, config, data, as_json=as_json))


@_runs.command("show")
def runs_show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run, as `runs list` prints it.")],
    config: ConfigPath = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Where a run stands: its effects and updates, without anything personal."""
    from resolver.cli.runs import show_one

    _end(show_one(run, config, data, as_json=as_json))


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

    _end(replay(event, config, data, as_json=as_json))


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

    _end(explain(named, config, data, as_json=as_json))


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
        _end(replay_all(config, data, as_json=as_json))
    _end(replay(named, config, data, as_json=as_json))


# -- people decide ----------------------------------------------------------------------------------------------------


@_approvals.command("list")
def approvals_list(config: ConfigPath = None, data: DataPath = None, as_json: AsJson = False) -> None:
    """What waits for an approval: actions with their values, the facts, the rule and its reason."""
    from resolver.cli.approving import show_list

    _end(show_list(config, data, as_json=as_json))


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

    _end(answer(approval, "approved", member, config, data, as_json=as_json))


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

    _end(answer(approval, "denied", member, config, data, as_json=as_json))


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
        _end(show(config, data, as_json=as_json))
    _end(pause(name or ALL, by, config, data, as_json=as_json))


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

    _end(resume(name, config, data, as_json=as_json))


@app.command()
def version(as_json: AsJson = False) -> None:
    """The version, and what it runs on."""
    from resolver.cli.about import about

    _end(about(as_json=as_json))


def _end(code: int) -> NoReturn:
    raise typer.Exit(code)
