"""What `resolver simulate` says to people: one line that sums it up, then tables of what is behind it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from resolver.cli.screen import say, table

if TYPE_CHECKING:
    from resolver.backtest.tally import Kinds, OneVersion, Paid, Tally

_KINDS_NAMED = 4  # in the summary; the table below has them all


def told(tally: "Tally", labels: Sequence[str]) -> None:
    """Print the report of a backtest."""
    say(_summary(tally), *_skipped(tally))
    if tally.tickets:
        _counts("outcome", labels, [one.outcomes for one in tally.versions])
        _counts("ended", labels, [one.dispositions for one in tally.versions])
        if any(one.stops for one in tally.versions):
            _counts("stopped by", labels, [one.stops for one in tally.versions])
    if tally.changes.counts:
        _kinds("changed", tally.changes, " → ")
    for label, one in zip(labels, tally.versions, strict=True):
        if one.disagreements.counts:
            _kinds(f"{label} and the agents differ", one.disagreements, ", outcome ")
    say("", *_assumed(tally, labels), f"hash {tally.hash}")


def _summary(tally: "Tally") -> str:
    """`1,204 tickets. changed: 61 (pay_back → refuse 58). money out 18,310.40 → 15,872.15 EUR. agrees with …`."""
    parts = [f"{tally.tickets:,} tickets", *_changed(tally)]
    parts += _money([one.paid for one in tally.versions], tally.agents_paid)
    if any(one.compared for one in tally.versions):
        parts.append(f"agrees with agents {' → '.join(_percent(one) for one in tally.versions)}")
    return ". ".join(parts)


def _changed(tally: "Tally") -> Iterator[str]:
    if len(tally.versions) < 2:
        return
    kinds = tally.changes.to_json("from", "to")
    named = [f"{one['from']} → {one['to']} {one['tickets']:,}" for one in kinds[:_KINDS_NAMED]]
    more = ["…"] if len(kinds) > _KINDS_NAMED else []
    yield f"changed: {tally.changes.total:,}" + (f" ({', '.join([*named, *more])})" if named else "")


def _money(paid: "Sequence[Paid]", agents: "Paid") -> Iterator[str]:
    amounts = [one.to_json() for one in paid]
    theirs = agents.to_json()
    for currency in sorted({code for one in (*amounts, theirs) for code in one}):
        ours = " → ".join(_grouped(one.get(currency, "0")) for one in amounts)
        yield f"money out {ours} {currency} (agents {_grouped(theirs.get(currency, '0'))})"


def _grouped(amount: str) -> str:
    whole, point, rest = amount.partition(".")
    return f"{int(whole):,}{point}{rest}"


def _percent(one: "OneVersion") -> str:
    return "–" if one.agreement is None else f"{one.agreement} %"


def _skipped(tally: "Tally") -> Iterator[str]:
    counts = {
        "about something else": tally.other_intents,
        "too old": tally.too_old,
        "no tickets": tally.bad_lines,
    }
    named = [f"{count:,} {why}" for why, count in counts.items() if count]
    if named:
        yield f"left out: {', '.join(named)}"


def _counts(what: str, labels: Sequence[str], counts: Sequence[dict[str, int]]) -> None:
    say("")
    names = sorted({name for one in counts for name in one}, key=lambda name: (-counts[0].get(name, 0), name))
    table([what, *labels], [[name, *(f"{one.get(name, 0):,}" for one in counts)] for name in names])


def _kinds(what: str, kinds: "Kinds", between: str) -> None:
    say("")
    rows = [
        [between.join((one["first"], one["second"])), f"{one['tickets']:,}", ", ".join(one["examples"])]
        for one in kinds.to_json("first", "second")
    ]
    table([what, "tickets", "for example"], rows)


def _assumed(tally: "Tally", labels: Sequence[str]) -> Iterator[str]:
    for label, one in zip(labels, tally.versions, strict=True):
        if one.compared or one.verdicts:
            left = one.verdicts["left to people"]
            yield f"{label}: compared with agents on {one.compared:,} tickets, {left:,} left to people"
        if one.assumed_yes or one.assumed_approvals:
            yield (
                f"{label}: where the archive has no answer, "
                f"{one.assumed_yes:,} yes and {one.assumed_approvals:,} approvals were assumed"
            )
