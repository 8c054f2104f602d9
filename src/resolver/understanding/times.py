"""Times a message names: a clock time with its day, as an instant, in five languages: `Friday 6 pm`, `morgen 18 Uhr`.

Called by `slots` with the days that `dates` found. Never guesses: `at 6`, a range, `around 18:00`, `before 6 pm` or a
time without its day is no reading, but that a time alone answers the question for one if it is still to come that day.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache

from resolver.reading import SlotReading, Span
from resolver.understanding.clock_names import (
    ABOUT,
    BOUND,
    CHANGES,
    COURTESY,
    HOURS,
    LATEST,
    LENGTH_BEFORE,
    LINKS,
    NOON,
    OTHER_ZONE,
    PARTS,
    TWENTY_FOUR_HOURS,
)
from resolver.understanding.day_context import is_told, is_wanted
from resolver.understanding.day_names import folded

FIRST_CERTAIN = 7  # `7 Uhr` is in the morning; `3 Uhr` may be in the afternoon, even in German
LOOK_BACK = 40

_WORD = re.compile(r"[a-z']+|\d+")
_PART = "|".join(f"(?P<{name}>{words})" for name, words in PARTS.items())
_PART_BEHIND = re.compile(rf",?\s*(?:{_PART})\b")
_PART_BEFORE = re.compile(
    rf"(?:\b|(?<=[a-z]))(?:{_PART})\s*,?\s*(?:(?:at|um|a|a las?|o|godz\.?|godzinie)\s+)?$"
)
_HALF_DAY = r"(?P<half>[ap])\.?\s?m\b\.?"
_STOP = r"(?![\w%€$£/-]|[.,:]\d)"
_UNIT = r"(?:\s?(?P<unit>uhr|heures?|horas|hrs|h|o'clock))"
_LED = r"(?P<led>\b(?:at|um|a|a las?|o|godz\.?|godzinie|godzina)\s+)"
_DIGITS = re.compile(
    rf"(?:{_LED})?(?<![\w./+#,:€$£-])(?P<hour>2[0-4]|[01]?\d)"
    rf"(?:(?P<mark>[:.]|\s?(?:uhr|heures?|h)\s?)(?P<minute>[0-5]\d))?"
    rf"(?:{_UNIT}(?!\w))?(?:\s?{_HALF_DAY})?{_STOP}"
)
_SPOKEN_HOUR = "|".join([*sorted(HOURS, key=len, reverse=True), r"1[0-2]|0?[1-9]"])
_TO, _PAST = r"quarter to|viertel vor|za kwadrans", r"quarter past|viertel nach|kwadrans po"
_HALF_PAST, _HALF_TO = r"half past", r"halb|wpol do"
_SPOKEN_BEFORE = re.compile(
    rf"\b(?:(?P<to>{_TO})|(?P<past>{_PAST})|(?P<half_past>{_HALF_PAST})|(?P<half_to>{_HALF_TO}))\s+"
    rf"(?P<hour>{_SPOKEN_HOUR})(?!\w)(?:\s?{_HALF_DAY})?{_STOP}"
)
_SPOKEN_BEHIND = re.compile(
    rf"(?<![\w.,:/-])(?P<hour>{_SPOKEN_HOUR})(?:\s(?:heures?|h))?\s"
    r"(?:(?P<to>moins le quart|menos cuarto)|(?P<past>et quart|y cuarto)|(?P<half_past>et demie?|y media))\b"
)
_NOON = re.compile(rf"(?<![\w-])(?:at |um |a |w )?(?:{NOON})(?![\w-])")
_RANGE_BEFORE = re.compile(
    r"(?:\d|uhr|h|[ap]\.?m\.?)\s*(?:-|to|bis|und|and|or|oder|ou|et|a|o|y|lub|do|i)\s*$"
)
_RANGE_AFTER = re.compile(
    r"\s*(?:-|to|bis|und|and|or|oder|ou|et|a|o|y|lub|do|i)\s*(?:a las?\s+|um\s+|o\s+)?\d"
)
_ZONE, _LENGTH, _ABOUT, _BOUND = map(re.compile, (OTHER_ZONE, LENGTH_BEFORE, ABOUT, BOUND))
_MENTION = re.compile(
    r"\d|\b(?:noon|midday|halb|half|quarter|viertel|wpol|kwadrans|mittag|midi|mediodia|poludnie|demie?|media|cuarto|quart)\b"
)


@dataclass(frozen=True, slots=True)
class _Clock:
    """A place that names a time of the day; `at` is None where it cannot be said which."""

    start: int
    end: int
    at: time | None


def times(
    text: str,
    closed: Sequence[Span],
    days: Sequence[SlotReading],
    *,
    language: str,
    written_at: datetime | None,
    asked: bool,
) -> list[SlotReading]:
    """The instant named, if it is one beyond doubt, in the shop's time zone: `2026-11-13T18:00:00+01:00`.

    Args:
        text: The message.
        closed: Spans that are something else for certain, such as prices, order numbers and phone numbers.
        days: The days that the message names; a time belongs to the one beside it.
        language: Of the message; it decides whether `9:30` can be told.
        written_at: The message's own moment in the shop's time zone; without it no instant is known.
        asked: Whether a time is just what was asked for; then it may stand away from its day, or be later that day.
    """
    plain = folded(text)
    if written_at is None or not _MENTION.search(plain):
        return []
    taken = [*closed, *(one.span for one in days)]
    clocks = [
        one
        for one in _clocks(plain, language)
        if not any(s.start < one.end and one.start < s.end for s in taken)
    ]
    wanted = [one for one in clocks if _is_wanted(plain, one, days)]
    if any(one.at is None for one in wanted):
        return []
    days = [one for one in days if is_wanted(plain, one.span.start, one.span.end, asked=False)]
    pairs = [
        (day.span, date.fromisoformat(day.value), one)
        for day in days
        for one in wanted
        if _beside(plain, day, one)
    ]
    if not pairs and asked and len(wanted) == len(days) == 1:
        pairs = [(days[0].span, date.fromisoformat(days[0].value), wanted[0])]
    if not pairs and asked and len(wanted) == 1 and _says_nothing_else(plain, wanted[0]):
        whole = Span(wanted[0].start, wanted[0].end, "")
        pairs = [(whole, written_at.date(), wanted[0])]
        return [
            one for one in _read(text, pairs, written_at) if datetime.fromisoformat(one.value) > written_at
        ]
    return _read(text, pairs, written_at)


def _read(text: str, pairs: Sequence[tuple[Span, date, _Clock]], written_at: datetime) -> list[SlotReading]:
    found = []
    for span, day, clock in pairs:
        instant = _instant(day, clock.at, written_at) if clock.at is not None else None
        if instant is not None:
            start, end = min(span.start, clock.start), max(span.end, clock.end)
            found.append(SlotReading("time", instant.isoformat(), Span(start, end, text[start:end])))
    return sorted(found, key=lambda one: one.span.start)


def _instant(day: date, clock: time, written_at: datetime) -> datetime | None:
    """That time on that day; none where the clocks change and it exists twice or not at all."""
    local = datetime.combine(day, clock, tzinfo=written_at.tzinfo)
    if local.astimezone(UTC) != local.replace(fold=1).astimezone(UTC):
        return None
    return local


# -- the day and its time ---------------------------------------------------------------------------------------------


def _beside(plain: str, day: SlotReading, clock: _Clock) -> bool:
    """Whether nothing but linking words and a part of the day stands between the two."""
    first, last = sorted(((day.span.start, day.span.end), (clock.start, clock.end)))
    between = plain[first[1] : last[0]]
    if re.search(r"[.;!?\n]\s*\S", between.replace("godz.", "godz")):
        return False
    return all(word in _links() for word in _WORD.findall(_without_parts(between)))


def _says_nothing_else(plain: str, clock: _Clock) -> bool:
    rest = _without_parts(f"{plain[: clock.start]} {plain[clock.end :]}")
    return all(word in _links() | _courtesy() for word in _WORD.findall(rest))


def _without_parts(text: str) -> str:
    return re.sub(rf"(?<![a-z])(?:{_PART})\b", " ", text)


@lru_cache(maxsize=1)
def _links() -> frozenset[str]:
    return frozenset(LINKS.split())


@lru_cache(maxsize=1)
def _courtesy() -> frozenset[str]:
    return frozenset(COURTESY.split())


def _is_wanted(plain: str, clock: _Clock, days: Sequence[SlotReading]) -> bool:
    """Whether it is the very time that is wanted: no range, bound or rough one, not denied, not of the past."""
    behind = max((one.span.end for one in days if one.span.end <= clock.start), default=0)  # `Do` is no bound
    before = plain[max(behind, clock.start - LOOK_BACK) : clock.start]
    if _BOUND.search(before) or _ABOUT.search(before):
        return False
    if _RANGE_BEFORE.search(before) or _RANGE_AFTER.match(plain, clock.end):
        return False
    told = is_told(plain, clock.start, clock.end)
    return not told and is_wanted(plain, clock.start, clock.end, asked=True)


# -- clock times ------------------------------------------------------------------------------------------------------


def _clocks(plain: str, language: str) -> Iterator[_Clock]:
    """Everything that names a time of the day, longest forms first; what overlaps an earlier one is left out."""
    taken: list[_Clock] = []
    for one in (*_spoken(plain), *_in_digits(plain, language), *_at_noon(plain)):
        if not any(other.start < one.end and one.start < other.end for other in taken):
            taken.append(one)
            yield one


def _in_digits(plain: str, language: str) -> Iterator[_Clock]:
    for match in _DIGITS.finditer(plain):
        half = match["half"] if language != "de" or match["half"] == "p" else None
        end = match.end() if half or not match["half"] else match.start("half")
        part, end = _part_of_day(plain, match.start(), end, half)
        if not _is_clock(match, plain, language, part):
            continue
        start = match.start("hour")
        hour = int(match["hour"])
        certain = (
            hour >= 12
            or match["hour"].startswith("0")
            or (language in TWENTY_FOUR_HOURS and hour >= FIRST_CERTAIN)
        )
        at = _at(hour, int(match["minute"] or 0), part, certain=certain)
        yield _Clock(start, end, None if _ZONE.match(plain, end) else at)


def _is_clock(match: re.Match[str], plain: str, language: str, part: str | None) -> bool:
    """Whether these figures are a time: by their colon or a word beside them; `18.00` and `at 8` only with a word."""
    before = plain[max(0, match.start() - LOOK_BACK) : match.start("hour")]
    led, mark, unit = (match["led"] or "").strip(), (match["mark"] or "").strip(), match["unit"] or ""
    if unit and not mark and unit not in ("uhr", "o'clock") and _LENGTH.search(before):
        return False
    surely_led = led.startswith(("a la", "godz")) or (led == "o" and language == "pl")
    return bool(unit or surely_led or part in ("am", "pm") or (led and part) or mark not in ("", "."))


def _spoken(plain: str) -> Iterator[_Clock]:
    """`half past six`, `halb sieben`, `viertel nach acht`: of twelve hours, so a part of the day is needed."""
    for match in (*_SPOKEN_BEFORE.finditer(plain), *_SPOKEN_BEHIND.finditer(plain)):
        groups = match.groupdict()
        hour = HOURS.get(match["hour"]) or int(match["hour"])
        part, end = _part_of_day(plain, match.start(), match.end(), groups.get("half"))
        back = bool(groups.get("half_to") or groups.get("to"))
        minute = 30 if groups.get("half_to") or groups.get("half_past") else 45 if back else 15
        spoken = (hour - 2) % 12 + 1 if back else hour
        yield _Clock(match.start(), end, _at(spoken, minute, part, certain=False))


def _at_noon(plain: str) -> Iterator[_Clock]:
    for match in _NOON.finditer(plain):
        yield _Clock(match.start(), match.end(), time(12))


def _part_of_day(plain: str, start: int, end: int, half: str | None) -> tuple[str | None, int]:
    """What tells the half of the day, and where the words for it end if they follow."""
    if half:
        return f"{half}m", end
    behind = _PART_BEHIND.match(plain, end)
    if behind:
        return behind.lastgroup, behind.end()
    before = _PART_BEFORE.search(plain[max(0, start - LOOK_BACK) : start])
    return (before.lastgroup if before else None), end


def _at(hour: int, minute: int, part: str | None, *, certain: bool) -> time | None:
    if part is None:
        return time(hour, minute) if certain and hour < 24 else None
    changed = CHANGES[part].get(hour)
    if changed is None and part in LATEST and LATEST[part][0] <= hour <= LATEST[part][1]:
        changed = hour
    return None if changed is None else time(changed, minute)
