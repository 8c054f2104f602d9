"""`resolver approvals`: what waits for a person's yes, and the answer, which lets the ordinary turn go on."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from resolver.cli.folder import configured_folder, interfaces_of, read_folder
from resolver.cli.installation import now, opened, stored, vault_of
from resolver.cli.screen import note, print_json, say
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

Decision = Literal["approved", "denied"]


def show_list(config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Print every open question with what its approver has to know."""
    from resolver.store import approvals

    config = stored(config_path, data)
    with opened(config) as database:
        asked = database.read_now(approvals.waiting)
        vault = vault_of(config) if asked else None
        sheets = database.read_now(lambda c: [sheet_of(c, vault, one) for one in asked]) if vault else []
    if as_json:
        print_json({"approvals": [_json(one, sheet) for one, sheet in zip(asked, sheets, strict=True)]})
        return 0
    if not asked:
        say("Nothing waits for an approval.")
    for one, sheet in zip(asked, sheets, strict=True):
        _print(one, sheet)
    return 0


def answer(
    approval: str,
    decision: Decision,
    member: str,
    config_path: Path | None,
    data: Path | None,
    *,
    as_json: bool,
) -> int:
    """Record a member's answer and let the run go on. `NotAccepted` says why an answer does not count."""
    import asyncio

    from resolver.durable.engine import Engine
    from resolver.gateway.consent import NotAccepted
    from resolver.store import switches

    config = stored(config_path, data)
    policy = policy_in_force(config)
    with opened(config) as database:
        engine = Engine(database)
        try:
            outcome = database.write_now(
                lambda c: _answer(c, engine, approval, decision=decision, member=member, policy=policy)
            )
            thrown = database.read_now(switches.paused) | policy_stop(config)
            playbook = database.read_now(lambda c: playbook_of(c, approval))
        finally:
            asyncio.run(engine.shut_down())
    if isinstance(outcome, NotAccepted):
        raise outcome
    if decision == "approved":
        warn(thrown, playbook)
    if as_json:
        print_json({"approval": approval, "state": decision, "by": member, "ticket": outcome.case})
    else:
        say(f"{approval} is {decision}; ticket {outcome.case} goes on as soon as the server runs.")
    return 0


def _answer(
    connection: "Connection",
    engine: "Engine",
    approval: str,
    *,
    decision: Decision,
    member: str,
    policy: "Policy",
) -> "Answered | NotAccepted":
    """In one transaction: the answer, and the event that takes the turn up again."""
    from resolver.clock import system_clock
    from resolver.gateway import consent

    outcome = consent.answer(
        connection, approval, decision=decision, member=member, policy=policy, now=system_clock()
    )
    if isinstance(outcome, consent.Answered):
        ring(connection, engine, outcome)
    return outcome


def ring(connection: "Connection", engine: "Engine", answered: "Answered") -> None:
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


def playbook_of(connection: "Connection", approval: str) -> str:
    """The playbook whose run asked."""
    from resolver.store import approvals, runs

    asked = approvals.get(connection, approval)
    run = runs.get(connection, asked.run) if asked else None
    return run.playbook if run else ""


def warn(thrown: frozenset[str], playbook: str) -> None:
    """A yes during a pause lets nothing happen: the run goes to people when it reaches what is stopped."""
    stopping = sorted(
        name for name in thrown if name in ("all", f"playbook:{playbook}") or name.startswith("action:")
    )
    if stopping:
        note(
            f"Warning: stopped now: {', '.join(stopping)}. If the run reaches what is stopped, it is handed to people"
            " in spite of this yes, and does not come back with resume."
        )


def policy_in_force(config: "Config") -> "Policy":
    """The policy in force: who is in a team today counts, not who was when the run began."""
    from resolver.source.problem import render

    folder = read_folder(configured_folder(config), interfaces_of(config))
    if folder.result.library is None:
        found = [render(one, folder.result.texts.get(one.where.path)) for one in folder.result.problems]
        raise Malformed("\n".join([*found, "Nobody can approve by a policy that cannot be read."]))
    return folder.result.library.policy


# -- telling ----------------------------------------------------------------------------------------------------------


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


def _json(asked: "Approval", sheet: dict[str, Any]) -> dict[str, Any]:
    return {
        "approval": asked.id,
        "ticket": asked.case,
        "run": asked.run,
        "team": asked.team,
        "asked_at": asked.asked_at,
        "expires_at": asked.expires_at,
        "late": is_late(asked),
        "offer": asked.offer,
        "sheet": sheet,
    }


def _print(asked: "Approval", sheet: dict[str, Any]) -> None:
    say(f"{asked.id}: {asked.team} about ticket {asked.case}")
    for title, values in sheet.get("actions", ()):
        say(f"  {title}", *(f"    {name}: {value}" for name, value in values.items()))
    amount = sheet.get("amount")
    if amount:
        say(f"  In all {_money(amount)}")
    if sheet.get("rule"):
        because = f": {sheet['because']}" if sheet.get("because") else ""
        say(f"  By rule {sheet['rule']}{because}")
    say(*(f"    {name} = {value}" for name, value in sheet.get("facts", {}).items()))
    if not sheet:
        say("  The customer was erased; deny it.")
    if is_late(asked):
        say(f"  Too late since {asked.expires_at}; the ticket goes to a person.", "")
    else:
        say(f"  Until {asked.expires_at}: resolver approvals approve {asked.id} --as E-MAIL (or deny)", "")


def _money(amount: dict[str, Any]) -> str:
    from resolver.money import Money

    return str(Money(int(amount["minor"]), str(amount["currency"])))


def is_late(asked: "Approval") -> bool:
    """Whether its time is over."""
    from resolver.store.times import read

    return read(asked.expires_at) < now()
