"""The commands for the people who write playbooks: arguments and help; what each does is in a module of its own."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from resolver.cli.options import AsJson, ConfigPath, end


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


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What it will be called: small letters, digits, _.")
    ],
    owner: Annotated[
        str, typer.Option("--owner", metavar="E-MAIL", help="Who is told of problems with it.")
    ] = "support-ops@acme.example",
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", metavar="FOLDER", help="Where to write it; the configured folder, else ./playbooks."
        ),
    ] = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Write a playbook to begin with, and its test; refuses a name that is taken."""
    from resolver.cli.beginning import begin

    end(begin(name, owner, folder, config, as_json=as_json))


def lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PLAYBOOK]...", help="Playbooks by name, files or folders; by default the configured."
        ),
    ] = None,
    form: Annotated[
        LintForm,
        typer.Option(
            "--format", help="text for people, json, sarif for code scanning, github for its workflows."
        ),
    ] = LintForm.TEXT,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write what can only have been meant, and show the changed lines.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would write, and write nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file was saved, until Ctrl-C.")
    ] = False,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Say it in plain sentences: days, three example tickets with money, silence, endings.",
        ),
    ] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Check playbooks, policy and tests without running anything; works without a configuration."""
    named = tuple(paths or ())
    _together(watch=watch, fix=fix or diff, form=form if form is not LintForm.TEXT else None, as_json=as_json)
    if explain:
        from resolver.cli.aloud import lint_aloud
        from resolver.clock import system_clock

        if watch or fix or diff or form is not LintForm.TEXT:
            raise typer.BadParameter("it goes only with --config and --json", param_hint="--explain")
        end(lint_aloud(named, config, now=system_clock(), as_json=as_json))
    if watch:
        from resolver.cli.watching import watch as look

        end(look(named, config))
    if fix or diff:
        from resolver.cli.repairing import fix as repair

        end(repair(named, config, write=not diff, as_json=as_json))
    from resolver.cli.linting import lint

    end(lint(named, config, form="json" if as_json else form.value))


def _together(*, watch: bool, fix: bool, form: LintForm | None, as_json: bool) -> None:
    """Refuse options that do not go together."""
    if watch and (fix or form or as_json):
        raise typer.BadParameter("it prints text for people and writes nothing", param_hint="--watch")
    if fix and form:
        raise typer.BadParameter("with --fix and --diff take text or --json", param_hint="--format")


def fmt(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...", help="Folders of playbooks, or files; by default the configured."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 2 if a file would change.")
    ] = False,
    long: Annotated[
        bool, typer.Option("--long", help="Write what stands in braces in block form, a line for each key.")
    ] = False,
    upgrade: Annotated[
        bool,
        typer.Option("--upgrade", help="Write the newest version of the language; there is only version 1."),
    ] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Put the keys of playbooks into the order in which they are read; comments move with them."""
    named = tuple(paths or ())
    if upgrade:
        from resolver.cli.formatting import upgrade as to_newest

        if check or long:
            raise typer.BadParameter("it goes with no other option", param_hint="--upgrade")
        end(to_newest(named, config, as_json=as_json))
    from resolver.cli.formatting import fmt

    end(fmt(named, config, check=check, long=long, as_json=as_json))


def run_tests(
    playbooks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PLAYBOOK]...", help="Playbooks by name, files or folders; by default all."),
    ] = None,
    cover: Annotated[bool, typer.Option("--cover", help="Say what no case reaches.")] = False,
    generate: Annotated[
        bool,
        typer.Option("--generate", help="Play nothing; write cases to NAME.generated.test.yaml for review."),
    ] = False,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="Compare every text, in every language, with NAME.replies.txt.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="With --snapshot: write the texts of now to NAME.replies.txt.")
    ] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Run the tests beside the playbooks (NAME.test.yaml)."""
    named = tuple(playbooks or ())
    if accept and not snapshot:
        raise typer.BadParameter("it goes with --snapshot", param_hint="--accept")
    if (snapshot and (generate or cover)) or (generate and cover):
        raise typer.BadParameter("take one of --cover, --generate and --snapshot", param_hint="--snapshot")
    if generate:
        from resolver.cli.generating import generate as work_out

        end(work_out(named, config, as_json=as_json))
    if snapshot:
        from resolver.cli.snapshots import compare_texts

        end(compare_texts(named, config, accept=accept, as_json=as_json))
    from resolver.cli.testing import play

    end(play(named, config, cover=cover, as_json=as_json))


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

    end(simulate(playbook, tickets, against, since, config, as_json=as_json))


def understand(
    sentence: Annotated[
        str, typer.Argument(metavar="SENTENCE", help="What a customer might write; in quotation marks.")
    ],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", metavar="FOLDER", help="The playbooks to ask, instead of the configured folder."
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language", metavar="CODE", help="The customer's language, for sentences too short to tell."
        ),
    ] = None,
    asked: Annotated[
        list[str] | None,
        typer.Option(
            "--asked",
            metavar="TYPE",
            help="Read it as the answer to a question of this type; may be repeated.",
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="The day it is written on, 2026-11-23; by default today."),
    ] = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """What is read from a sentence: requests with scores, values, moves, and which playbook would begin."""
    from resolver.cli.understanding import understand
    from resolver.clock import system_clock

    end(
        understand(
            sentence,
            folder,
            config,
            language=language,
            asked=tuple(asked or ()),
            on=on,
            clock=system_clock,
            as_json=as_json,
        )
    )


def words(
    playbook: Annotated[
        str | None,
        typer.Argument(metavar="[PLAYBOOK]", help="One playbook by name or file; by default all there is."),
    ] = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """List every name a playbook can use here: look-ups, actions, fields, queues, steps, operators."""
    from resolver.cli.wording import words

    end(words(playbook, config, as_json=as_json))


def explain_error(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]", help="The word in brackets behind a message; by default all of them."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What an error code means, with an example and what to write instead."""
    from resolver.cli.error_pages import explain_error

    end(explain_error(code, as_json=as_json))


def schema(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write it to this file instead of printing it."),
    ] = None,
    config: ConfigPath = None,
) -> None:
    """The JSON Schema of a playbook, so that editors complete and underline; with the words that can stand here."""
    from resolver.cli.schema import print_schema

    end(print_schema(out, config))


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

    end(graph(playbook, form.value, out, config, as_json=as_json))


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

    end(prove(tuple(playbooks or ()), config, check=check, as_json=as_json))


def diff(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="The playbook's file as it is.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="The file as it might become.")],
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a playbook over every ticket there can be, with an example of each change."""
    from resolver.cli.comparing import diff

    end(diff(before, after, config, as_json=as_json))


def docs(
    playbooks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PLAYBOOK]...", help="Playbooks by name, files or folders; by default all."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Write NAME.policy.md files there instead of printing."),
    ] = None,
    reference: Annotated[
        bool,
        typer.Option(
            "--reference", help="Instead: every key, step, condition and bound there is, as reference.md."
        ),
    ] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Playbooks as pages of plain sentences: rules, money, texts and endings, for finance and legal."""
    if reference:
        from resolver.cli.documenting import write_reference

        if playbooks or config or as_json:
            raise typer.BadParameter("it goes with no other option but --out", param_hint="--reference")
        end(write_reference(out))
    from resolver.cli.documenting import write_pages

    end(write_pages(tuple(playbooks or ()), out, config, as_json=as_json))


def add_to(app: typer.Typer) -> None:
    """Register them, in the order in which help shows them."""
    app.command()(new)
    app.command()(lint)
    app.command()(fmt)
    app.command("test")(run_tests)
    app.command()(simulate)
    app.command()(understand)
    app.command()(words)
    app.command("explain-error")(explain_error)
    app.command()(schema)
    app.command()(graph)
    app.command()(prove)
    app.command()(diff)
    app.command()(docs)
