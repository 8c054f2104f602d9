"""Mistakes as people make them, sown into the starters: each changes one place and knows what must be said of it where.

`sown` finds every place of a kind of mistake in every starter; the test beside it looks for each.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from resolver.starters import playbooks_folder


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: what it is, the file with it in, and the code and line that must be reported."""

    kind: str
    playbook: str
    text: str
    code: str
    line: int

    def __str__(self) -> str:
        return f"{self.playbook}:{self.line} {self.kind}"


def starters() -> dict[str, str]:
    """The starters' texts by name."""
    paths = [path for path in sorted(playbooks_folder().glob("*.yaml")) if "." not in path.stem]
    return {path.stem: Path(path).read_text("utf-8") for path in paths if path.stem != "policy"}


Sow = Callable[[str, list[str]], Iterator[tuple[str, list[str], str, int]]]
"""From a playbook's lines: each mistake as its kind, the changed lines, the code and the line it stands in."""


def sown() -> list[Mistake]:
    """Every mistake of every kind in every starter."""
    found = []
    for name, text in starters().items():
        for sow in KINDS:
            for kind, lines, code, line in sow(name, text.splitlines()):
                found.append(Mistake(kind, name, "\n".join(lines) + "\n", code, line))
    return found


def _with(lines: list[str], at: int, *new: str, drop: int = 1) -> list[str]:
    return [*lines[:at], *new, *lines[at + drop :]]


def _each(lines: list[str], pattern: str) -> Iterator[tuple[int, re.Match[str]]]:
    for at, line in enumerate(lines):
        match = re.search(pattern, line)
        if match:
            yield at, match


def _replaced(line: str, match: re.Match[str], new: str, group: int = 1) -> str:
    return line[: match.start(group)] + new + line[match.end(group) :]


def _section(lines: list[str], name: str) -> range:
    """The lines of one top-level section, its head included."""
    start = next(at for at, line in enumerate(lines) if line.startswith(f"{name}:"))
    end = next((at for at in range(start + 1, len(lines)) if lines[at][:1].isalpha()), len(lines))
    return range(start, end)


# -- wrong names ------------------------------------------------------------------------------------------------------


def wrong_names(_: str, lines: list[str]) -> Iterator[tuple[str, list[str], str, int]]:
    """Names of outcomes, replies, records, actions, queues and words that are not there."""
    rules = _section(lines, "decide")
    kinds = [
        ("wrong outcome", r"(?:then|otherwise|if_no|if_denied|if_missing): (\w+)$", "unknown-outcome"),
        ("wrong reply", r"(?:ask|confirm|- reply|tell): (\w+)$", "unknown-reply"),
        ("wrong action", r"- do: (\w+\.\w+)$", "unknown-action"),
        ("wrong look-up", r"- find: (\w+\.\w+)$", "unknown-look-up"),
        ("wrong team", r"- approve: (\w+)$", "unknown-team"),
        ("wrong queue", r"hand_off: (\w+)", "unknown-queue"),
        ("wrong limit", r"limits\.(\w+)", "unknown-limit"),
    ]
    for kind, pattern, code in kinds:
        for at, match in _each(lines, pattern):
            yield kind, _with(lines, at, _replaced(lines[at], match, f"{match[1]}_x")), code, at + 1
    for at, match in _each(lines, r"order\.(status|total|refunded|delivered_at|country)\b"):
        if at in rules and "when:" in lines[at]:
            yield (
                "wrong field",
                _with(lines, at, _replaced(lines[at], match, f"{match[1]}x")),
                "unknown-name",
                at + 1,
            )
    for at, match in _each(lines, r"order\.status is (?:not )?(\w+)"):
        if at in rules and match[1] != "not":
            yield (
                "wrong word",
                _with(lines, at, _replaced(lines[at], match, "gone")),
                "never-that-value",
                at + 1,
            )
    for at, match in _each(lines, r"^    (because|then):"):
        yield (
            "wrong key",
            _with(lines, at, _replaced(lines[at], match, f"{match[1]}s")),
            "unknown-word",
            at + 1,
        )


# -- what was forgotten -----------------------------------------------------------------------------------------------


def forgotten(_: str, lines: list[str]) -> Iterator[tuple[str, list[str], str, int]]:
    """Confirmations, endings, languages and values that were left out."""
    for at, _match in _each(lines, r"^      if_fails: "):
        above = next(place for place in range(at, 0, -1) if lines[place].startswith("    - "))
        yield "no ending for a failure", _with(lines, at), "missing-word", above + 1
    for at, _match in _each(lines, r"^      if_no: "):
        above = next(place for place in range(at, 0, -1) if lines[place].startswith("    - "))
        yield "no ending for a no", _with(lines, at), "missing-word", above + 1
    for at, _match in _each(lines, r"^    - confirm: "):
        below = next(place for place in range(at, len(lines)) if "- do:" in lines[place])
        yield "no confirmation", _with(lines, at, drop=2), "not-confirmed", below - 2 + 1
    for at, match in _each(lines, r"^    de: "):
        del match
        if at in _section(lines, "replies"):
            above = next(place for place in range(at, 0, -1) if re.match(r"  \w+:$", lines[place]))
            end = next(
                (p for p in range(at + 1, len(lines)) if not lines[p].startswith("      ")), len(lines)
            )
            yield "no German", _with(lines, at, drop=end - at), "missing-language", above + 1
    for at, match in _each(lines, r"(\{amount\})"):
        above = next(place for place in range(at, 0, -1) if re.match(r"  \w+:$", lines[place]))
        if lines[above].strip().startswith("confirm_"):
            yield (
                "hidden amount",
                _with(lines, at, _replaced(lines[at], match, "the sum")),
                "confirm-hides-value",
                at + 1,
            )
    for at, _match in _each(lines, r"^      with: \{.*amount: amount"):
        text = re.sub(r", amount: amount", "", lines[at])
        above = next(place for place in range(at, 0, -1) if lines[place].startswith("    - "))
        yield "no amount", _with(lines, at, text), "missing-argument", above + 1


# -- what was turned around -------------------------------------------------------------------------------------------


def turned(_: str, lines: list[str]) -> Iterator[tuple[str, list[str], str, int]]:
    """Circles, rules written twice, words of other languages, units that were left out."""
    for at, match in _each(lines, r"^      if_no: (\w+)"):
        outcome = next(lines[p].strip(" :") for p in range(at, 0, -1) if re.match(r"  \w+:$", lines[p]))
        yield "a circle", _with(lines, at, _replaced(lines[at], match, outcome)), "circle", at + 1
    for at, match in _each(lines, r"^  - rule: (\w+)$"):
        following = next(
            (p for p in range(at + 1, len(lines)) if lines[p].startswith(("  - rule", "outcomes"))), at
        )
        rule = [line for line in lines[at:following] if line.strip()]
        if not any("otherwise" in line for line in rule):
            again = [_replaced(rule[0], match, f"{match[1]}_again"), *rule[1:]]
            line = at + len(rule) + 1
            yield (
                "a dead rule",
                [*lines[: at + len(rule)], *again, *lines[at + len(rule) :]],
                "never-used",
                line,
            )
            yield (
                "a rule twice",
                [*lines[: at + len(rule)], *rule, *lines[at + len(rule) :]],
                "written-twice",
                line,
            )
    for word, sign in ((" and ", " && "), (" >= ", " == "), (" or ", " || ")):
        for at, _match in _each(lines, rf"when: .*{re.escape(word)}"):
            if at in _section(lines, "decide"):
                changed = lines[at].replace(word, sign, 1)
                yield "a sign of another language", _with(lines, at, changed), "foreign-operator", at + 1
    for at, match in _each(lines, r"(\d+) days ago"):
        if "when:" in lines[at] and at in _section(lines, "decide"):
            yield (
                "no unit",
                _with(lines, at, lines[at].replace(f"{match[1]} days ago", f"{match[1]}")),
                "cannot-compare",
                at + 1,
            )
    for at, _match in _each(lines, r"^if_unsure: (\w+)"):
        acts = next((lines[p - 1] for p in range(len(lines)) if "- confirm:" in lines[p]), "")
        if re.match(r"  \w+:$", acts):
            yield (
                "acting when unsure",
                _with(lines, at, f"if_unsure: {acts.strip(' :')}"),
                "unsure-must-hand-off",
                at + 1,
            )


def _unsaid(lines: list[str], reply: str) -> list[str]:
    """The lines without a reply that nothing sends any more."""
    at = lines.index(f"  {reply}:")
    end = next(place for place in range(at + 1, len(lines)) if not lines[place].startswith("    "))
    return _with(lines, at, drop=end - at)


# -- values that only a proof sees ------------------------------------------------------------------------------------


def unproven(name: str, lines: list[str]) -> Iterator[tuple[str, list[str], str, int]]:
    """Limits that are bypassed and guards that were dropped: found for some tickets only."""
    for at, _match in _each(lines, r"^    - approve: "):
        end = next(p for p in range(at + 1, len(lines)) if lines[p].startswith("    - "))
        do = next(p for p in range(end, len(lines)) if "- do:" in lines[p])
        yield (
            "no approval",
            _unsaid(_with(lines, at, drop=end - at), "being_checked"),
            "over-limit",
            do - (end - at) + 1,
        )
        for place in range(at, end):
            if "when:" in lines[place]:
                other = re.sub(r"limits\.\w+", "limits.valuable_order", lines[place])
                yield "another limit", _with(lines, place, other), "over-limit", do + 1
                twice = (
                    lines[place].replace("when: amount >", "when: amount > 2 *")
                    if "2 *" in lines[place]
                    else ""
                )
                if twice:
                    yield "twice the limit", _with(lines, place, twice), "over-limit", do + 1
                yield (
                    "the limit turned",
                    _with(lines, place, lines[place].replace(" > ", " < ")),
                    "over-limit",
                    do + 1,
                )
    for before, after in GUARDS.get(name, ()):
        at = next(p for p, line in enumerate(lines) if before in line)
        do = next(p for p, line in enumerate(lines) if "- do:" in line)
        yield (
            f"a dropped guard: {before}",
            _with(lines, at, lines[at].replace(before, after)),
            "requirement-not-met",
            do + 1,
        )


GUARDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "refund_order": (
        (" and amount > 0", ""),
        ("amount: sum of refundable in items", "amount: order.total"),
        ("amount: sum of refundable in items", "amount: order.total - order.refunded"),
        ("amount: sum of refundable in items", "amount: sum of refundable in order.lines"),
    ),
    "cancel_order": (
        ("amount: order.total - order.refunded", "amount: order.total"),
        ("amount: order.total - order.refunded", "amount: order.total + order.refunded"),
    ),
    "change_items": (
        ("when: amount < 0", "when: amount < 0 and order.refunded > 0"),
        ("when: open and amount <= left", "when: open and amount >= left"),
        ("left: order.total - order.refunded", "left: order.total"),
        ("left: order.total - order.refunded", "left: order.total + order.refunded"),
        ("new_total: order.total + extra", "new_total: order.total + extra + extra"),
        ("one of item.variants where available", "one of item.variants"),
    ),
    "exchange_items": (
        ("to.difference is not 0", "to.difference > 0"),
        ("to.difference is not 0", "to.difference < 0"),
        ("one of item.variants where available", "one of item.variants"),
        ("one of item.variants where available", "one of item.variants where difference = 0"),
        ("untouched: order.replaced_at is not known", "untouched: order.delivered_at is known"),
    ),
}

KINDS: tuple[Sow, ...] = (wrong_names, forgotten, turned, unproven)
