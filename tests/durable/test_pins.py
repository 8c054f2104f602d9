"""What of the engine is private or silent; to be looked at again before its version is raised."""

import inspect
from importlib.metadata import version

import pytest
import sqlalchemy as sa
from dbos import DBOS

from resolver.durable.engine import Engine, Queue
from resolver.durable.workflow import VERSION
from resolver.store.database import Database
from tests.durable.conftest import Launch, idle


def test_the_engine_is_of_the_version_these_conditions_were_measured_on() -> None:
    assert version("dbos").startswith("3.4.")
    assert VERSION == "resolver-wf-1"


def test_the_private_recovery_call_takes_a_list_of_executors() -> None:
    parameters = list(inspect.signature(DBOS._recover_pending_workflows).parameters)

    assert parameters == ["executor_ids"]


@pytest.mark.asyncio(loop_scope="session")
async def test_queues_are_known_before_the_first_turn_with_one_turn_per_ticket(
    database: Database, launch: Launch
) -> None:
    await launch(idle())

    table = "queues" if database.is_sqlite else "dbos.queues"
    rows = database.read_now(lambda c: c.execute(sa.text(f"SELECT * FROM {table}")).mappings().all())
    queues = {str(row["name"]): row for row in rows}

    assert {Queue.TURNS, Queue.TIMERS} <= set(queues)
    assert queues[Queue.TURNS]["partition_concurrency"] == 1
    assert not queues[Queue.TIMERS]["partition_concurrency"]


@pytest.mark.asyncio(loop_scope="session")
async def test_a_queued_turn_names_queue_partition_application_and_version(database: Database) -> None:
    """A wrong one of these leaves a row queued for ever without a word (reference condition 9)."""
    engine = Engine(database)
    await database.write(lambda c: engine.enqueue_turn(c, seq=7, event_id="e7", case="zendesk:1"))
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    row = database.read_now(lambda c: c.execute(sa.text(f"SELECT * FROM {table}")).mappings().one())
    await engine.shut_down()

    assert (row["workflow_uuid"], row["name"], row["status"]) == ("0000000000000007-e7", "turn", "ENQUEUED")
    assert (row["queue_name"], row["queue_partition_key"]) == (Queue.TURNS, "zendesk:1")
    assert row["application_version"] in (None, VERSION)
