"""Runs: one playbook on one ticket, its sealed facts, and the plans and policies it is pinned to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resolver.store.dialect import find, insert_if_new, upsert
from resolver.store.tables import case, event, plan, policy, run
from resolver.store.times import stored


@dataclass(frozen=True, slots=True)
class Run:
    """A stored run; `facts_sealed` opens with the requester's key."""

    id: str
    case: str
    playbook: str
    plan: str
    policy: str
    mode: str
    stage: str
    disposition: str | None
    facts_sealed: bytes
    opened_at: str
    ended_at: str | None


def put(connection: sa.Connection, changed: Run) -> None:
    """Store the run as it now is; what it was opened with stays."""
    row = {name: getattr(changed, name) for name in Run.__slots__}
    upsert(connection, run, row, key="id", keep=("case", "playbook", "plan", "policy", "mode", "opened_at"))


def end(connection: sa.Connection, run_id: str, *, disposition: str, now: datetime) -> None:
    """The run is over for a reason outside it; its facts stay as they were."""
    values = {"stage": "ended", "disposition": disposition, "ended_at": stored(now)}
    connection.execute(sa.update(run).where(run.c.id == run_id, run.c.stage != "ended").values(values))


def get(connection: sa.Connection, run_id: str) -> Run | None:
    """The run, or `None`."""
    row = find(connection, run, "id", run_id)
    return None if row is None else _run(row)


def waiting(connection: sa.Connection, run_ids: Sequence[str]) -> list[Run]:
    """Those of these runs that are not over, in this order."""
    found = (get(connection, run_id) for run_id in run_ids)
    return [one for one in found if one is not None and one.stage != "ended"]


def of_case(connection: sa.Connection, case_id: str) -> list[Run]:
    """The runs of a case, oldest first."""
    rows = connection.execute(sa.select(run).where(run.c.case == case_id).order_by(run.c.opened_at, run.c.id))
    return [_run(row) for row in rows]


def newest(connection: sa.Connection, *, limit: int) -> list[Run]:
    """The runs opened last, newest first."""
    rows = connection.execute(sa.select(run).order_by(run.c.opened_at.desc(), run.c.id.desc()).limit(limit))
    return [_run(row) for row in rows]


def every_id(connection: sa.Connection) -> list[str]:
    """The ids of all runs, oldest first."""
    return list(connection.execute(sa.select(run.c.id).order_by(run.c.opened_at, run.c.id)).scalars())


def subject_of(connection: sa.Connection, case_id: str) -> str | None:
    """Whose key opens what is stored about this case."""
    row = find(connection, case, "id", case_id)
    return None if row is None else row.requester


def events_of(connection: sa.Connection, case_id: str) -> list[tuple[int, str, str, str | None]]:
    """The events of a case: number, kind, state, ending; oldest first."""
    connection_name, _, ticket = case_id.partition(":")
    query = sa.select(event.c.seq, event.c.kind, event.c.state, event.c.ending)
    query = query.where(event.c.connection == connection_name, event.c.ticket == ticket).order_by(event.c.seq)
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def keep_plan(
    connection: sa.Connection, plan_id: str, *, playbook: str, document: str, now: datetime
) -> None:
    """Keep a plan by its hash; it is never changed."""
    row = {"id": plan_id, "playbook": playbook, "document": document, "stored_at": stored(now)}
    insert_if_new(connection, plan, row)


def keep_policy(connection: sa.Connection, policy_id: str, *, document: str, now: datetime) -> None:
    """Keep a policy by its hash; it is never changed."""
    insert_if_new(connection, policy, {"id": policy_id, "document": document, "stored_at": stored(now)})


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan that was in use at some time; `open` counts its runs that are not over."""

    id: str
    playbook: str
    since: str
    open: int


def kept_plans(connection: sa.Connection) -> list[KeptPlan]:
    """Every plan that was ever in use, by playbook, the newest last."""
    going = sa.and_(run.c.plan == plan.c.id, run.c.stage != "ended")
    query = sa.select(plan.c.id, plan.c.playbook, plan.c.stored_at, sa.func.count(run.c.id).label("open"))
    query = query.select_from(plan.outerjoin(run, going)).group_by(
        plan.c.id, plan.c.playbook, plan.c.stored_at
    )
    rows = connection.execute(query.order_by(plan.c.playbook, plan.c.stored_at))
    return [KeptPlan(row.id, row.playbook, row.stored_at, row.open) for row in rows]


def plan_document(connection: sa.Connection, plan_id: str) -> str | None:
    """The canonical JSON of a plan that some run is pinned to."""
    return connection.execute(sa.select(plan.c.document).where(plan.c.id == plan_id)).scalar()


def policy_document(connection: sa.Connection, policy_id: str) -> str | None:
    """The canonical JSON of a policy that some run is pinned to."""
    return connection.execute(sa.select(policy.c.document).where(policy.c.id == policy_id)).scalar()


def _run(row: sa.Row[Any]) -> Run:
    return Run(**{name: getattr(row, name) for name in Run.__slots__})
