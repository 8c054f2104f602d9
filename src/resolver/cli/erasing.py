"""`resolver erase`: forget one requester for good, so that nothing stored about them can be read again."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.explaining import ticket_named
from resolver.cli.installation import opened, stored
from resolver.cli.screen import print_json, say
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.store.database import Connection
    from resolver.store.held import Held

NOT_DONE = 2


def erase(named: str, config_path: Path | None, data: Path | None, *, sure: bool, as_json: bool) -> int:
    """Forget the requester of that id, or of that ticket, once a person said yes or `sure`.

    Raises:
        Malformed: Nothing is stored about them, they were erased before, or something of theirs is under way.
    """
    from resolver.store.held import held

    with opened(stored(config_path, data)) as database:
        subject = database.read_now(lambda c: _requester(c, named))
        found = database.read_now(lambda c: held(c, subject))
        _refuse_under_way(subject, found)
        if not sure and not _confirmed(subject, found):
            say("Nothing was changed.")
            return NOT_DONE
        found, done = database.write_now(lambda c: _forgotten(c, subject))
        if not done:
            _refuse_under_way(subject, found)
    if as_json:
        print_json({"requester": subject, **asdict(found)})
        return 0
    say(
        f"{subject} is erased: what was stored about them, {_what(found)}, can no longer be read.",
        "Ids, steps and amounts stay, and the audit trail holds as before. Backups and the helpdesk keep theirs.",
    )
    return 0


def _forgotten(connection: "Connection", subject: str) -> "tuple[Held, bool]":
    """Forget, unless something came under way meanwhile; what was there, and whether it was done."""
    from resolver.store.held import held
    from resolver.store.vault import forget

    found = held(connection, subject)
    if found.under_way:
        return found, False
    forget(connection, subject)
    return found, True


def _requester(connection: "Connection", named: str) -> str:
    from resolver.store import cases
    from resolver.store.held import is_known

    subject = named
    if is_known(connection, subject) is None:
        ticket = ticket_named(connection, named)
        case = cases.get(connection, ticket) if ticket else None
        if case is None:
            raise Malformed(
                f"Nothing is stored about a requester or a ticket {named!r}.",
                remedy="write CONNECTION:ID of the requester in the helpdesk, or one of their tickets",
            )
        subject = case.requester
    if not is_known(connection, subject):
        raise Malformed(f"{subject} was erased before.", remedy="nothing is left to be done")
    return subject


def _refuse_under_way(subject: str, found: "Held") -> None:
    if not found.under_way:
        return
    counts = [
        f"{word}: {count}"
        for count, word in (
            (found.runs_under_way, "runs not ended"),
            (found.effects_under_way, "effects not settled"),
            (found.updates_under_way, "updates not sent"),
        )
        if count
    ]
    raise Malformed(
        f"{subject} is still being worked for ({', '.join(counts)}).",
        remedy="answer the ticket as a person, settle what is unknown (resolver effects list), then erase",
    )


def _confirmed(subject: str, found: "Held") -> bool:
    if not sys.stdin.isatty():
        raise Malformed("Nobody is here to confirm it.", remedy="say --yes")
    say(f"This makes what is stored about {subject} unreadable for ever: {_what(found)}.")
    return input(f"Write {subject} to go on: ").strip() == subject


def _what(found: "Held") -> str:
    tickets = "1 ticket" if found.tickets == 1 else f"{found.tickets:,} tickets"
    runs = "1 run" if found.runs == 1 else f"{found.runs:,} runs"
    return f"{tickets} with {runs}"
