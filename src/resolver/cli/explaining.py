"""`resolver explain`: the whole story of a run or a ticket, as `resolution.history` gathers it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.cli.installation import opened, stored, vault_of
from resolver.cli.screen import print_json, say
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.reading import Reading
    from resolver.resolution.history import Asked, History, NoRun, Performed, RunStory, Said
    from resolver.store.database import Connection
    from resolver.store.vault import Vault


def explain(named: str, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Print the story. `Malformed` if nothing of that name was handled, `Erased` if it can no longer be told."""
    config = stored(config_path, data)
    with opened(config) as database:
        vault = vault_of(config)
        history = database.read_now(lambda c: _find(c, vault, named))
    if history is None:
        raise Malformed(
            f"There is no run and no ticket {named!r} here.",
            remedy="list runs: resolver runs list; a ticket is CONNECTION:NUMBER",
        )
    if as_json:
        print_json(history.to_json())
    else:
        say(*_lines(history))
    return 0


def _find(connection: "Connection", vault: "Vault", named: str) -> "History | None":
    """The run, else the ticket."""
    from resolver.resolution import history

    found = history.of_run(connection, vault, named)
    ticket = None if found else ticket_named(connection, named)
    return history.of_ticket(connection, vault, ticket) if ticket else found


def ticket_named(connection: "Connection", named: str) -> str | None:
    """The ticket of that name, `None` if there is none; a number alone is one if only one connection has it."""
    from resolver.store import cases

    if cases.get(connection, named) is not None:
        return named
    tickets = cases.numbered(connection, named)
    if len(tickets) > 1:
        raise Malformed(
            f"Several connections have a ticket {named}.", remedy=f"name one: {', '.join(tickets)}"
        )
    return tickets[0] if tickets else None


# -- as text ----------------------------------------------------------------------------------------------------------


def _lines(history: "History") -> Iterator[str]:
    yield f"Ticket {history.ticket} of {history.connection}" + (", with people now" if history.people else "")
    if not history.runs and not history.without_run:
        yield "Nothing was decided about it yet; what came in stands below."
    for run in history.runs:
        yield ""
        yield from _run(run)
    for turn in history.without_run:
        yield ""
        yield from _no_run(turn)
    yield ""
    yield "Events"
    for event in history.events:
        yield f"  {event.turn}  {event.received_at}  {event.kind}: {event.ending or event.state}"


def _run(run: "RunStory") -> Iterator[str]:
    yield f"Run {run.run}: {run.playbook}, mode {run.mode}" + (f" ({run.why_mode})" if run.why_mode else "")
    yield f"  plan {run.plan}"
    yield f"  policy {run.policy}"
    yield from run.lines
    if run.effects:
        yield from ("", "Effects in the ledger")
    for effect in run.effects:
        yield from _effect(effect)
    yield from _written(run.write_backs)
    if run.approvals:
        yield from ("", "Approvals")
    for asked in run.approvals:
        yield from _asked(asked)
    if run.timers:
        yield from ("", "Timers")
    for timer in run.timers:
        yield f"  waits for {timer.waits_for}" + (f" until {timer.until}" if timer.until else "")


def _effect(effect: "Performed") -> Iterator[str]:
    why = [f"{name} {value}" for name, value in _why(effect).items() if value]
    yield f"  {effect.action}: {effect.state}" + (f" ({', '.join(why)})" if why else "")
    yield f"    step {effect.step}, record {effect.record}" + (f", pays {effect.pays}" if effect.pays else "")
    yield f"    key {effect.key}"
    for name, value in effect.arguments.items():
        yield f"    {name} = {_argument(value)}"
    yield f"    intended {effect.intended_at}" + (
        f", settled {effect.settled_at}" if effect.settled_at else ""
    )


def _why(effect: "Performed") -> Mapping[str, str | None]:
    return {
        "by": effect.how,
        "code": effect.code,
        "stopped by": effect.stopped_by,
        "there": effect.external_id,
    }


def _argument(value: object) -> str:
    """A value as the ledger has it, short: records by type and key, money in minor units."""
    if isinstance(value, Mapping) and "key" in value:
        return f"{value.get('type', '')} {value['key']}".strip()
    if isinstance(value, Mapping) and "minor" in value:
        return f"{value['minor']} minor units of {value.get('currency', '')}"
    if isinstance(value, list):
        return ", ".join(_argument(one) for one in value) or "none"
    return str(value)


def _written(rows: "tuple[Said, ...]") -> Iterator[str]:
    if rows:
        yield from ("", "Updates of the ticket")
    for row in rows:
        yield (
            f"  {row.id}: {row.state}"
            + (f" ({_reason(row.reason)})" if row.reason else "")
            + f", marker {row.update.marker}"
        )
        for kind, text in (("reply", row.update.public), ("note", row.update.private)):
            if text:
                yield f"    {kind}:"
                yield from (f"      | {line}" for line in text.splitlines())
        changes = [f"{name} {value}" for name, value in _changes(row).items() if value]
        if changes:
            yield f"    sets {', '.join(changes)}"


def _reason(reason: str) -> str:
    """Why it is not what was decided, in words."""
    form, _, code = reason.partition(":")
    forms = {"plain": "the words alone, its changes were refused", "note": "as a note, the reply was refused"}
    return f"{forms[form]}: {code}" if form in forms else reason


def _changes(row: "Said") -> Mapping[str, str]:
    update = row.update
    return {
        "status": update.status.value if update.status else "",
        "priority": update.priority or "",
        "queue": update.queue or "",
        "tags +": " ".join(update.add_tags),
        "tags -": " ".join(update.remove_tags),
        "fields": ", ".join(f"{name}={value}" for name, value in update.fields.items()),
    }


def _asked(asked: "Asked") -> Iterator[str]:
    by = f" by {asked.decided_by} at {asked.decided_at}" if asked.decided_by else ""
    yield f"  {asked.id}: {asked.team}, {asked.state}{by}"
    yield f"    asked {asked.asked_at}, expires {asked.expires_at}, offer {asked.offer}"
    for title, values in asked.sheet.get("actions", ()):
        yield f"    {title}: " + ", ".join(f"{name} {value}" for name, value in values.items())


def _no_run(turn: "NoRun") -> Iterator[str]:
    yield f"Turn {turn.turn}, {turn.now}: no playbook, {turn.ending.replace('_', ' ')}"
    for reading in turn.readings:
        yield from _reading(reading)
    yield from _written(turn.write_backs)


def _reading(reading: "Reading") -> Iterator[str]:
    yield f"  Message {reading.message} ({reading.language}): {' '.join(reading.text.split())}"
    scores = ", ".join(f"{one.intent} {one.score:.2f}" for one in reading.scores or reading.intents)
    if scores:
        yield f"    understood: {scores}"
    if reading.moves:
        yield f"    moves: {', '.join(reading.moves)}"
    for slot in reading.slots:
        yield f"    slot {slot.slot_type} = {slot.value} [{slot.span.start}:{slot.span.end}] {slot.span.text!r}"
