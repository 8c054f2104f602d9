"""Everything about one ticket in the order it happened, for whoever looks into a failed run."""

from collections.abc import Iterator

from benchmarks.crash_parts.judge import HELPDESK
from benchmarks.crash_parts.world import Story, World
from resolver.store import ledger, runs, trail, writebacks
from resolver.store.database import Database


def tale(world: World, database: Database, story: Story) -> str:
    """The events, rows, trail, comments and movements of a ticket."""
    return "\n".join(_lines(world, database, story))


def _lines(world: World, database: Database, story: Story) -> Iterator[str]:
    case_id = f"{HELPDESK}:{story.ticket}"
    yield f"== ticket {story.ticket}: {story.kind} order {story.number}, {story.paid}"
    yield f"changed by others: {story.change}; leaves before our request: {story.races}"
    yield "-- comments"
    for one in world.comments(story):
        who = "resolver" if one["bot"] else "customer"
        yield f"{one['created_at']} {who} {'public' if one['public'] else 'note'}: {one['body']!r}"
    yield "-- movements"
    for movement in world.movements(story):
        yield f"{movement.at.isoformat()} {movement.kind} {movement.amount} {movement.currency} {movement.key}"
    with database.engine.connect() as connection:
        yield "-- events"
        yield from (str(event) for event in runs.events_of(connection, case_id))
        yield "-- runs"
        for run in runs.of_case(connection, case_id):
            yield f"{run.id} {run.playbook} {run.stage} {run.disposition} {run.opened_at} {run.ended_at}"
        yield "-- effects"
        for entry in ledger.of_case(connection, case_id):
            yield (
                f"{entry.id} {entry.action} {entry.state} code={entry.code} stopped_by={entry.stopped_by} "
                f"how={entry.settled_how} intended={entry.intended_at} sent={entry.sent_at} "
                f"settled={entry.settled_at} {entry.key}"
            )
        yield "-- updates"
        for row in writebacks.of_case(connection, case_id):
            yield f"{row.id} {row.state} {row.reason} public={row.public} {row.intended_at} {row.settled_at}"
        yield "-- trail"
        yield from (line.line for line in trail.of_case(connection, case_id))
