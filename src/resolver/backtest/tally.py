"""What a backtest counts: outcomes, money, agreement and changes, with a few example tickets of each kind.

Filled by `simulation` ticket by ticket, told by the command line. It keeps counters and some ids, so its size does not
depend on how many tickets there are.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from resolver.backtest.playing import Played
from resolver.backtest.ticket import Agents, Archived, Done
from resolver.backtest.verdict import changed, verdict
from resolver.money import Money
from resolver.playbook.policy import Policy

EXAMPLES = 5
"""Tickets named for each kind of difference."""
SHOWN = 20
"""Lines that could not be read which are told one by one; the others are only counted."""


@dataclass(slots=True)
class Kinds:
    """How often something of each kind happened, and to which tickets for example."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, kind: tuple[str, str], ticket: str) -> None:
        """One more."""
        self.counts[kind] += 1
        known = self.examples.setdefault(kind, [])
        if len(known) < EXAMPLES:
            known.append(ticket)

    @property
    def total(self) -> int:
        """Of all kinds."""
        return self.counts.total()

    def to_json(self, first: str, second: str) -> list[dict[str, Any]]:
        """The commonest first; equal counts by name."""
        return [
            {first: kind[0], second: kind[1], "tickets": count, "examples": self.examples[kind]}
            for kind, count in sorted(self.counts.items(), key=lambda one: (-one[1], one[0]))
        ]


@dataclass(slots=True)
class Paid:
    """Money by currency, in minor units."""

    minor: Counter[str] = field(default_factory=Counter)

    def add(self, done: tuple[Done, ...]) -> None:
        """What these actions paid."""
        for _, pays in done:
            if pays is not None:
                self.minor[pays.currency] += pays.minor

    def to_json(self) -> dict[str, str]:
        """`{"EUR": "18310.40"}`."""
        return {code: str(Money(minor, code)).partition(" ")[0] for code, minor in sorted(self.minor.items())}


@dataclass(slots=True)
class OneVersion:
    """What came of the tickets by one version."""

    outcomes: Counter[str] = field(default_factory=Counter)
    dispositions: Counter[str] = field(default_factory=Counter)
    stops: Counter[str] = field(default_factory=Counter)
    paid: Paid = field(default_factory=Paid)
    verdicts: Counter[str] = field(default_factory=Counter)
    disagreements: Kinds = field(default_factory=Kinds)
    assumed_yes: int = 0
    assumed_approvals: int = 0

    def add(self, ticket: Archived, played: Played, policy: Policy) -> None:
        """One more ticket."""
        self.outcomes[played.outcome] += 1
        self.dispositions[played.disposition or "waits"] += 1
        if played.stopped_by is not None:
            self.stops[played.stopped_by] += 1
        self.paid.add(played.done)
        self.assumed_yes += played.assumed_yes
        self.assumed_approvals += played.assumed_approvals
        if ticket.agents is not None:
            self._compare(ticket.id, played, ticket.agents, policy)

    def _compare(self, ticket: str, played: Played, agents: Agents, policy: Policy) -> None:
        found = verdict(played, agents, policy.queues)
        if found in ("agrees", "left to people"):
            self.verdicts[found] += 1
        else:
            self.disagreements.add((found, played.outcome), ticket)

    @property
    def compared(self) -> int:
        """The tickets on which playbook and agents can be compared."""
        return self.verdicts["agrees"] + self.disagreements.total

    @property
    def agreement(self) -> float | None:
        """In percent with one digit; None if nothing can be compared."""
        return round(100 * self.verdicts["agrees"] / self.compared, 1) if self.compared else None

    def to_json(self) -> dict[str, Any]:
        """Everything, by plain names."""
        return {
            "outcomes": _commonest(self.outcomes),
            "dispositions": _commonest(self.dispositions),
            "stopped_by": _commonest(self.stops),
            "money_out": self.paid.to_json(),
            "agreement": {
                "percent": self.agreement,
                "compared": self.compared,
                "agrees": self.verdicts["agrees"],
                "left_to_people": self.verdicts["left to people"],
            },
            "disagreements": self.disagreements.to_json("kind", "outcome"),
            "assumed": {"yes": self.assumed_yes, "approvals": self.assumed_approvals},
        }


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no ticket."""

    line: int
    problem: str
    remedy: str


@dataclass(slots=True)
class Tally:
    """All that a backtest found. `versions` are one or two, in the order they were named."""

    versions: tuple[OneVersion, ...]
    tickets: int = 0
    other_intents: int = 0
    too_old: int = 0
    bad_lines: int = 0
    bad: list[BadLine] = field(default_factory=list)
    agents_paid: Paid = field(default_factory=Paid)
    changes: Kinds = field(default_factory=Kinds)
    hash: str = ""

    def add(self, ticket: Archived, played: tuple[Played, ...], policy: Policy) -> None:
        """One more ticket, as each version played it."""
        self.tickets += 1
        for version, one in zip(self.versions, played, strict=True):
            version.add(ticket, one, policy)
        if ticket.agents is not None:
            self.agents_paid.add(ticket.agents.done)
        if len(played) == 2 and (change := changed(played[0], played[1])) is not None:
            self.changes.add(change, ticket.id)

    def add_bad(self, bad: BadLine) -> None:
        """One more line that is no ticket."""
        self.bad_lines += 1
        if len(self.bad) < SHOWN:
            self.bad.append(bad)


def _commonest(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
