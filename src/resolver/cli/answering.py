"""A person's answer to what waits for one: written down in one transaction, and the turn is taken up again.

Called by `approving` and `suggesting`, which say what is asked and which answers there are.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.folder import configured_folder, interfaces_of, read_folder
from resolver.cli.installation import now, opened, stored
from resolver.cli.screen import note
from resolver.cli.switching import policy_stop
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.config import Config
    from resolver.durable.engine import Engine
    from resolver.gateway.consent import Answered, NotAccepted
    from resolver.playbook.policy import Policy
    from resolver.store.approvals import Approval
    from resolver.store.database import Connection
    from resolver.store.vault import Vault

Judge = Callable[..., "Answered | NotAccepted"]
"""Takes a connection, the name of what is answered, `policy` and `now`; notes the answer if it counts."""


def answered(
    name: str, judge: Judge, config_path: Path | None, data: Path | None, *, agreed: bool
) -> "Answered":
    """Let an answer be judged by the policy in force and the turn go on. `NotAccepted` says why it does not count."""
    import asyncio

    from resolver.clock import system_clock
    from resolver.durable.engine import Engine
    from resolver.gateway.consent import NotAccepted
    from resolver.store import switches

    config = stored(config_path, data)
    policy = _policy_in_force(config)
    with opened(config) as database:
        engine = Engine(database)

        def job(connection: "Connection") -> "Answered | NotAccepted":
            outcome = judge(connection, name, policy=policy, now=system_clock())
            if not isinstance(outcome, NotAccepted):
                _ring(connection, engine, outcome)
            return outcome

        try:
            outcome = database.write_now(job)
            thrown = database.read_now(switches.paused) | policy_stop(config)
            playbook = database.read_now(lambda c: _playbook_of(c, name))
        finally:
            asyncio.run(engine.shut_down())
    if isinstance(outcome, NotAccepted):
        raise outcome
    if agreed:
        _warn(thrown, playbook)
    return outcome


def sheet_of(connection: "Connection", vault: "Vault", asked: "Approval") -> dict[str, Any]:
    """What is decided about. Empty if the requester was erased: then nobody can say yes knowingly."""
    from resolver.store import runs
    from resolver.store.vault import Erased

    try:
        subject = runs.subject_of(connection, asked.case) or ""
        sheet: dict[str, Any] = json.loads(vault.known(connection, subject).open(asked.sheet_sealed))
    except Erased:
        return {}
    return sheet


def is_late(asked: "Approval") -> bool:
    """Whether its time is over."""
    from resolver.store.times import read

    return read(asked.expires_at) < now()


def _ring(connection: "Connection", engine: "Engine", answered: "Answered") -> None:
    """Store the event that takes the turn up again, in the transaction of the answer."""
    from resolver.clock import system_clock
    from resolver.intake import receive

    helpdesk, _, ticket = answered.case.partition(":")
    receive.add(
        connection,
        engine,
        clock=system_clock,
        connection=helpdesk,
        event_id=answered.event_id,
        kind=answered.event_id,
        ticket=ticket,
    )


def _playbook_of(connection: "Connection", approval: str) -> str:
    """The playbook whose run asked."""
    from resolver.store import approvals, runs

    asked = approvals.get(connection, approval)
    run = runs.get(connection, asked.run) if asked else None
    return run.playbook if run else ""


def _warn(thrown: frozenset[str], playbook: str) -> None:
    """A yes during a pause lets nothing happen: the run goes to people when it reaches what is stopped."""
    stopping = sorted(
        name for name in thrown if name in ("all", f"playbook:{playbook}") or name.startswith("action:")
    )
    if stopping:
        note(
            f"Warning: stopped now: {', '.join(stopping)}. If the run reaches what is stopped, it is handed to people"
            " in spite of this yes, and does not come back with resume."
        )


def _policy_in_force(config: "Config") -> "Policy":
    """The policy in force: who is in a team today counts, not who was when the run began."""
    from resolver.source.problem import render

    folder = read_folder(configured_folder(config), interfaces_of(config))
    if folder.result.library is None:
        found = [render(one, folder.result.texts.get(one.where.path)) for one in folder.result.problems]
        raise Malformed("\n".join([*found, "Nobody can approve by a policy that cannot be read."]))
    return folder.result.library.policy
