"""`resolver suggestions`: what waits for a go-ahead, and the answer, which brings the turn that carries it out."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from resolver.cli.answering import answered, is_late, sheet_of
from resolver.cli.installation import opened, stored, vault_of
from resolver.cli.screen import print_json, say
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.store.approvals import Approval

Decision = Literal["accepted", "rejected"]


def show_list(config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Print every suggestion that nobody has answered yet."""
    from resolver.store import approvals

    config = stored(config_path, data)
    with opened(config) as database:
        asked = database.read_now(approvals.suggestions)
        vault = vault_of(config) if asked else None
        told = database.read_now(lambda c: [sheet_of(c, vault, one) for one in asked]) if vault else []
    if as_json:
        print_json({"suggestions": [_json(one, sheet) for one, sheet in zip(asked, told, strict=True)]})
        return 0
    if not asked:
        say("Nothing waits for a go-ahead.")
    for one, sheet in zip(asked, told, strict=True):
        titles = ", ".join(action["title"] for action in sheet.get("actions", ())) or "a reply"
        late = "too late since" if is_late(one) else "until"
        say(f"{one.id}: ticket {one.case}, {titles}; {late} {one.expires_at}")
    return 0


def show(suggestion: str, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Print one suggestion, open or not. `Malformed` if there is none of this name."""
    from resolver.store import approvals

    config = stored(config_path, data)
    with opened(config) as database:
        asked = database.read_now(lambda c: approvals.get(c, suggestion))
        if asked is None or asked.kind != "suggestion":
            raise Malformed(
                f"There is no suggestion {suggestion!r}.", remedy="list them: resolver suggestions list"
            )
        vault = vault_of(config)
        told = database.read_now(lambda c: sheet_of(c, vault, asked))
    if as_json:
        print_json(_json(asked, told))
    else:
        say(*_lines(asked, told))
    return 0


def answer(
    suggestion: str,
    decision: Decision,
    agent: str,
    config_path: Path | None,
    data: Path | None,
    *,
    as_json: bool,
) -> int:
    """Record an agent's answer. `NotAccepted` says why one does not count."""
    from resolver.gateway import consent

    outcome = answered(
        suggestion,
        partial(consent.go_ahead, decision=decision, agent=agent),
        config_path,
        data,
        agreed=decision == "accepted",
    )
    if as_json:
        print_json({"suggestion": suggestion, "state": decision, "by": agent, "ticket": outcome.case})
    elif decision == "accepted":
        say(
            f"{suggestion} is accepted; it is carried out as soon as the server runs, if it still comes to the same.",
            f"See what became of it: resolver suggestions show {suggestion}",
        )
    else:
        say(f"{suggestion} is rejected; ticket {outcome.case} is left to the people who work on it.")
    return 0


# -- telling ----------------------------------------------------------------------------------------------------------


def _json(asked: "Approval", told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "suggestion": asked.id,
        "ticket": asked.case,
        "run": asked.run,
        "teams": [team for team in asked.team.split(",") if team],
        "state": asked.state,
        "by": asked.decided_by,
        "asked_at": asked.asked_at,
        "expires_at": asked.expires_at,
        "late": asked.state == "waiting" and is_late(asked),
        "reply": told.get("text"),
        "actions": [{"title": one["title"], "values": one["values"]} for one in told.get("actions", ())],
        "changes": told.get("changes", {}),
        "hand_off": told.get("hand_off"),
        "reasons": told.get("reasons", []),
    }


def _lines(asked: "Approval", told: Mapping[str, Any]) -> Iterator[str]:
    by = f" by {asked.decided_by}" if asked.decided_by else ""
    yield f"{asked.id}: ticket {asked.case}, {asked.state.replace('_', ' ')}{by}"
    if not told:
        yield "  The customer was erased; reject it."
    for action in told.get("actions", ()):
        yield f"  {action['title']}"
        yield from (f"    {name}: {value}" for name, value in action["values"].items())
    if told.get("text"):
        yield "  Reply:"
        yield from (f"    {line}" for line in told["text"].splitlines())
    yield from (f"  {name.replace('_', ' ')}: {value}" for name, value in told.get("changes", {}).items())
    for reason in told.get("reasons", ()):
        yield f"  By rule {reason['rule'] or 'none yet'} of {reason['playbook']}: {reason['because']}"
        yield from (f"    {name} = {value}" for name, value in reason["facts"].items())
    if asked.team:
        yield f"  Needs a member of: {asked.team.replace(',', ', ')}"
    if asked.state == "waiting":
        yield f"  Until {asked.expires_at}: resolver suggestions accept {asked.id} --as E-MAIL (or reject)"
