"""`resolver effects`: what was done or may have been, and closing by hand what stayed unknown."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.installation import now, opened, stored
from resolver.cli.screen import pairs, print_json, say, table
from resolver.errors import Malformed
from resolver.money import Money

if TYPE_CHECKING:
    from resolver.gateway.settling import Verdict
    from resolver.store.database import Connection
    from resolver.store.ledger import Entry

STATES = ("open", "sent", "pending", "done", "refused", "unknown")


def show_list(
    state: str | None, limit: int, config_path: Path | None, data: Path | None, *, as_json: bool
) -> int:
    """Print the effects in a state; without one those that are not settled yet."""
    from resolver.store import ledger
    from resolver.store.tables import UNSETTLED

    wanted = UNSETTLED if state is None else (state,)
    with opened(stored(config_path, data)) as database:
        found = database.read_now(lambda c: ledger.in_state(c, wanted, limit=limit))
    if as_json:
        print_json({"effects": [_told(one) for one in found]})
        return 0
    if not found:
        say(f"No effect is {state}." if state else "Every effect is settled.")
        return 0
    rows = [
        (one.id, one.case, one.action, _amount(one), one.state, one.intended_at[:16].replace("T", " "))
        for one in found
    ]
    table(("effect", "ticket", "action", "pays", "state", "since (UTC)"), rows)
    if any(one.state == "unknown" for one in found):
        say(
            "",
            "One that stays unknown: look into the other system, then resolver effects settle EFFECT done|not-done",
        )
    return 0


def show(effect: str, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Print one effect with the key that the other system knows it by, and what the trail says of it."""
    with opened(stored(config_path, data)) as database:
        entry, lines = database.read_now(lambda c: _with_lines(c, effect))
    told = _told(entry)
    if as_json:
        print_json(told | {"trail": lines})
        return 0
    pairs(told)
    if lines:
        say("", "In the audit trail")
        rows = [
            (one["at"][:16].replace("T", " "), one["result"], one["how"], one.get("by", "")) for one in lines
        ]
        table(("at (UTC)", "result", "how", "by"), rows)
    if entry.state == "unknown":
        say("", f"Close it: resolver effects settle {entry.id} done|not-done")
    return 0


def settle(
    effect: str,
    verdict: "Verdict",
    external_id: str | None,
    by: str | None,
    config_path: Path | None,
    data: Path | None,
    *,
    as_json: bool,
) -> int:
    """Close an effect that stayed unknown, as the person says it went."""
    from resolver.gateway import settling

    who, at = by or f"local:{getpass.getuser()}", now()
    with opened(stored(config_path, data)) as database:
        entry = database.write_now(
            lambda c: settling.settle(c, effect, verdict, by=who, now=at, external_id=external_id)
        )
    if as_json:
        state = "done" if verdict == "done" else "refused"
        print_json({"effect": entry.id, "state": state, "by": who})
        return 0
    counts = "counts in limits and payouts" if verdict == "done" else "counts no more"
    what = f"{entry.action} {_amount(entry)}".rstrip()
    say(f"{entry.id} is closed: {what} of {entry.case} was {verdict.replace('-', ' ')}, and {counts}.")
    say("The customer is told nothing by this: the ticket is with people.")
    return 0


def _with_lines(connection: "Connection", effect: str) -> "tuple[Entry, list[dict[str, Any]]]":
    import json

    from resolver.store import ledger, trail

    entry = ledger.get(connection, effect)
    if entry is None:
        raise Malformed(f"There is no effect {effect!r}.", remedy="list them: resolver effects list")
    records = [json.loads(line.line) for line in trail.of_case(connection, entry.case)]
    return entry, [one for one in records if one.get("key") == entry.key]


def _told(entry: "Entry") -> dict[str, Any]:
    return {
        "effect": entry.id,
        "ticket": entry.case,
        "run": entry.run,
        "step": entry.step,
        "action": entry.action,
        "pays": _amount(entry) or None,
        "record": entry.record,
        "state": entry.state,
        "why": entry.code or entry.stopped_by,
        "key": entry.key,
        "external_id": entry.external_id,
        "intended_at": entry.intended_at,
        "sent_at": entry.sent_at,
        "settled_at": entry.settled_at,
        "settled_how": entry.settled_how,
    }


def _amount(entry: "Entry") -> str:
    if entry.pays_minor is None or entry.pays_currency is None:
        return ""
    return str(Money(entry.pays_minor, entry.pays_currency))
