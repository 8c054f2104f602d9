"""`resolver approvals`: what waits for a person's yes, and the answer, which lets the ordinary turn go on."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from resolver.cli.answering import answered, is_late, sheet_of
from resolver.cli.installation import opened, stored, vault_of
from resolver.cli.screen import print_json, say

if TYPE_CHECKING:
    from resolver.store.approvals import Approval

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
    from resolver.gateway import consent

    outcome = answered(
        approval,
        partial(consent.answer, decision=decision, member=member),
        config_path,
        data,
        agreed=decision == "approved",
    )
    if as_json:
        print_json({"approval": approval, "state": decision, "by": member, "ticket": outcome.case})
    else:
        say(f"{approval} is {decision}; ticket {outcome.case} goes on as soon as the server runs.")
    return 0


# -- telling ----------------------------------------------------------------------------------------------------------


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
