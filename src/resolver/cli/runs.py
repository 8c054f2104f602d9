"""`resolver runs`: the newest runs and the dead letters, where one run stands, and a dead letter fed in again."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.installation import now, opened, stored
from resolver.cli.screen import pairs, print_json, say, table
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.durable.engine import Engine
    from resolver.store.database import Connection
    from resolver.store.events import Event
    from resolver.store.ledger import Entry
    from resolver.store.runs import Run
    from resolver.store.writebacks import Row


def show_list(limit: int, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Print the newest runs and every dead letter."""
    from resolver.store import events, runs

    with opened(stored(config_path, data)) as database:
        found = database.read_now(lambda c: runs.newest(c, limit=limit))
        dead = database.read_now(events.dead_letters)
    if as_json:
        print_json({"runs": [_run(run) for run in found], "dead_letters": [_event(event) for event in dead]})
        return 0
    if found:
        headers = ("run", "playbook", "mode", "state", "opened")
        rows = [
            (run.id, run.playbook, run.mode, run.disposition or run.stage, _minute(run.opened_at))
            for run in found
        ]
        table(headers, rows)
        say("", "How one was decided: resolver explain RUN")
    else:
        say(
            "No run yet. A run begins with a customer's message: resolver serve, or resolver demo to see twelve."
        )
    if dead:
        say("", "Dead letters: events that failed for good")
        letters = [
            (str(one.seq), _case(one), one.kind, one.ending or "-", _minute(one.received_at)) for one in dead
        ]
        table(("event", "ticket", "kind", "why", "received"), letters)
        say("", "Once the reason is mended: resolver runs replay EVENT")
    return 0


def show_one(run_id: str, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Print where a run stands, from what is stored in clear."""
    from resolver.store import ledger, runs, writebacks

    def gather(connection: "Connection") -> "tuple[Run | None, list[Entry], list[Row]]":
        run = runs.get(connection, run_id)
        rows = writebacks.of_case(connection, run.case) if run else []
        return run, ledger.of_run(connection, run_id), [row for row in rows if row.run == run_id]

    with opened(stored(config_path, data)) as database:
        run, effects, rows = database.read_now(gather)
    if run is None:
        raise Malformed(f"There is no run {run_id!r}.", remedy="list them: resolver runs list")
    if as_json:
        told = {"effects": [_effect(one) for one in effects], "write_backs": [_row(row) for row in rows]}
        print_json(_run(run) | told)
        return 0
    pairs(_run(run))
    if effects:
        say("", "Effects")
        cells = [
            (one.step, one.action, one.state, one.code or one.stopped_by or "", one.key) for one in effects
        ]
        table(("step", "action", "state", "why", "key"), cells)
    if rows:
        say("", "Updates of the ticket")
        table(
            ("update", "state", "why", "for the customer"),
            [_cells(row) for row in rows],
        )
    say("", f"The whole decision: resolver explain {run.id}")
    return 0


def replay(number: int, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Give a dead letter to the intake again; a running server takes it up at once."""
    import asyncio

    from resolver.durable.engine import Engine

    with opened(stored(config_path, data)) as database:
        engine = Engine(database)
        try:
            event = database.write_now(lambda c: _fed_again(c, engine, number))
        finally:
            asyncio.run(engine.shut_down())
    if event is None:
        raise Malformed(f"Event {number} is no dead letter.", remedy="list them: resolver runs list")
    if as_json:
        print_json(_event(event) | {"state": "queued"})
    else:
        say(f"Event {number} ({event.kind} of {_case(event)}) is in the queue again.")
    return 0


def _fed_again(connection: "Connection", engine: "Engine", number: int) -> "Event | None":
    """In one transaction: the dead letter is closed, and what it was about is a new event."""
    from resolver.clock import system_clock
    from resolver.intake import receive
    from resolver.store import events

    dead = next((one for one in events.dead_letters(connection) if one.seq == number), None)
    if dead is None:
        return None
    # A fetch that was put off too often: what it was put off for begins anew, with all its tries.
    origin = events.get(connection, int(dead.kind.split(":")[1])) if dead.kind.startswith("fetch:") else dead
    receive.add(
        connection,
        engine,
        clock=system_clock,
        connection=origin.connection,
        event_id=f"replay:{number}",
        kind=origin.kind,
        ticket=origin.ticket,
        message_id=origin.message_id,
    )
    events.end(connection, number, ending=f"replayed:{dead.ending}", now=now())
    return origin


def _run(run: "Run") -> dict[str, Any]:
    return {
        "run": run.id,
        "ticket": run.case,
        "playbook": run.playbook,
        "mode": run.mode,
        "stage": run.stage,
        "disposition": run.disposition,
        "opened_at": run.opened_at,
        "ended_at": run.ended_at,
        "plan": run.plan,
        "policy": run.policy,
    }


def _event(event: "Event") -> dict[str, Any]:
    return {
        "event": event.seq,
        "ticket": _case(event),
        "kind": event.kind,
        "why": event.ending,
        "received_at": event.received_at,
    }


def _effect(entry: "Entry") -> dict[str, Any]:
    names = (
        "id",
        "step",
        "action",
        "record",
        "state",
        "code",
        "stopped_by",
        "external_id",
        "key",
        "intended_at",
    )
    return {name: getattr(entry, name) for name in (*names, "settled_at")}


def _row(row: "Row") -> dict[str, Any]:
    names = ("id", "turn", "public", "state", "reason", "message_id", "intended_at", "settled_at")
    return {name: getattr(row, name) for name in names}


def _case(event: "Event") -> str:
    return f"{event.connection}:{event.ticket}"


def _minute(instant: str) -> str:
    """`2026-11-23 10:04` of a stored instant, in UTC."""
    return instant[:16].replace("T", " ")


def _cells(row: "Row") -> tuple[str, str, str, str]:
    return row.id, row.state, row.reason or "", "yes" if row.public else "no"
