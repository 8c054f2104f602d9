"""What the demo says at its end: each ticket's ending, the totals, and both as JSON for machines. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from resolver.cli.demo_findings import Findings
from resolver.cli.demo_tickets import DemoTicket, Writes
from resolver.cli.demo_world import Movement
from resolver.money import Money

COLUMNS = ("", "ticket", "request", "playbook", "disposition", "actions", "status", "ok")


@dataclass(frozen=True, slots=True)
class Played:
    """A ticket that was played. `found` is `None` if nobody wrote it, `wrong` what was otherwise than expected.

    `number` is the ticket's in the helpdesk, by which `resolver explain` knows it.
    """

    ticket: DemoTicket
    found: Findings | None
    wrong: tuple[str, ...]
    number: int | None = None

    @property
    def ok(self) -> bool:
        """Whether it ended as expected."""
        return not self.wrong


@dataclass(frozen=True, slots=True)
class Report:
    """The whole demo. `movements` are all of the shop's ledger, `seconds` from the start to the last ticket's end."""

    played: Sequence[Played]
    movements: Sequence[Movement]
    seconds: float

    @property
    def strays(self) -> list[str]:
        """Movements in the shop that no ticket asked for; there must be none."""
        asked = Counter(one for played in self.played for one in played.ticket.expected.movements)
        return list((Counter(str(one) for one in self.movements) - asked).elements())

    @property
    def ok(self) -> bool:
        """Whether every ticket ended as expected and nothing else happened in the shop."""
        return all(one.ok for one in self.played) and not self.strays

    def moved(self) -> dict[str, str]:
        """The money that left the shop, by currency, as its own ledger has it."""
        sums: Counter[str] = Counter()
        for movement in self.movements:
            if movement.money is not None:
                sums[movement.money.currency] += movement.money.minor
        return {currency: f"{Money(minor, currency).amount}" for currency, minor in sorted(sums.items())}

    def totals(self) -> dict[str, Any]:
        """How many tickets there were, how they ended, what money moved and how long it took."""
        endings = Counter(one.found.disposition for one in self.played if one.found)
        return {
            "tickets": len(self.played),
            "ok": sum(one.ok for one in self.played),
            "resolved": endings["resolved"],
            "answered": endings["answered"],
            "declined": endings["declined"],
            "handed_off": endings["handed_off"],
            "money_moved": self.moved(),
            "seconds": round(self.seconds, 1),
        }

    def summary(self) -> str:
        """The totals as one line."""
        totals = self.totals()
        money = (
            " and ".join(f"{amount} {currency}" for currency, amount in self.moved().items()) or "no money"
        )
        return (
            f"{totals['tickets']} tickets, {totals['ok']} ok: {totals['resolved']} resolved, {totals['answered']} "
            f"answered, {totals['declined']} declined, {totals['handed_off']} handed off; {money} moved by the shop's "
            f"own ledger; {totals['seconds']} s."
        )

    def rows(self) -> list[tuple[str, ...]]:
        """The rows of the table at the end."""
        return [_row(one) for one in self.played]

    def to_json(self) -> dict[str, Any]:
        """Everything, for `--json`."""
        listed = [_ticket_json(one) for one in self.played]
        return {"tickets": listed, "totals": self.totals(), "ok": self.ok}


def _row(one: Played) -> tuple[str, ...]:
    found, ok = one.found, "yes" if one.ok else "no"
    number = "-" if one.number is None else str(one.number)
    if found is None:
        return (str(one.ticket.id), number, one.ticket.title, "", "", "", "", ok)
    actions = ", ".join(f"{action.action} {action.state}" for action in found.actions)
    ended = (found.playbook or "-", found.disposition, actions or "-", found.status)
    return (str(one.ticket.id), number, one.ticket.title, *ended, ok)


def _ticket_json(one: Played) -> dict[str, Any]:
    found = one.found
    first = next(step.text for step in one.ticket.steps if isinstance(step, Writes))
    actions = [asdict(action) for action in found.actions] if found else []
    return {
        "id": one.ticket.id,
        "message": first,
        "intents": list(found.intents) if found else [],
        "playbook": found.playbook if found else None,
        "disposition": found.disposition if found else None,
        "actions": actions,
        "replies": list(found.replies) if found else [],
        "status": found.status if found else None,
        "tags": list(found.tags) if found else [],
        "expected": asdict(one.ticket.expected),
        "ok": one.ok,
    }
