"""Calendar days a message names: `12 November`, `12.11.`, `2026-11-12`, `am Donnerstag`, `tomorrow`, in five languages.

Called by `slots`. Never guesses: 03/04/2026 in English, a range or "not on Friday" is no reading, so it is asked again.

Own patterns over CLDR's names and not `dateparser`, because that one always answers: it takes 03/04 by a setting, a
bare `12` for a day, sets no weekday against its date, and reads the machine's clock unless told not to. `babel`, which
has the names, is installed anyway.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from resolver.reading import SlotReading, Span
from resolver.understanding.day_context import is_told, is_wanted
from resolver.understanding.day_names import ELSEWHERE, FROM_TODAY, folded, months, short_weekdays, weekdays

NEAR_DAYS, CLEAR_DAYS = 153, 60
"""A day without a year is the nearest one if it is at most the first away and that much nearer than the next."""
SHORT_YEARS = 10  # a year of two digits lies at most so far away
MONTH_FIRST = ("en",)  # languages whose writers put the month first as often as not
LOOK_BACK = 40

_YEAR = r"(?:19|20|21)\d\d"
_AFTER = r"(?![\w/%-]|[.,:]\d)"
_ISO = re.compile(rf"(?<![\w./+#,:-])({_YEAR})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_AFTER}")
_FULL = re.compile(rf"(?<![\w./+#,:-])(\d{{1,2}})(\.\s?|/|-)(\d{{1,2}})(\.\s?|/|-)({_YEAR}|\d\d){_AFTER}")
_SHORT = re.compile(r"(?<![\w./+#,:-])(\d{1,2})([./])(\d{1,2})(\.?)(?![\w/%€$£-]|[.,:]\d)")
_NO_DAY = re.compile(
    r"\s?(?:uhr|h\b|a\.?m\b|p\.?m\b|o'clock|x\b|kg|g\b|cm|mm|m\b|eur|usd|gbp|chf|pln|zl|€|\$|£)"
)
_CUE = re.compile(
    r"\b(?:am|dem|den|zum|vom|ab|bis|der|le|du|au|el|del|al|dia|dnia|na|od|do|on|by|until|from|for)\s+(?:the\s+)?$"
)
_PAST = re.compile(r"\s+(?:dernier|passe|pasado|ultimo|temu)\b")
_LATER = re.compile(
    r"\s+(?:week\b|in (?:a|one|two|\d+) weeks?|in (?:einer|zwei|\d+) wochen?|en huit|en quinze|za \w+ ty)"
)
_WORD = re.compile(r"[a-z]+")
_PARTS_OF_DAY = ("morgen", "vormittag", "nachmittag", "mittag", "abend")
_NEXT = r"next|nachste[nrsm]?|naechste[nrsm]?|przyszl\w+|nastepn\w+"
_COMING = (
    r"this coming|this|coming|diese[nrm]?|kommende[nrm]?|ce|cet|cette|este|proximo|ten|te|ta|najblizsz\w+"
)
_WEEK = (
    r"next week|(?:der |in der |die )?(?:nachste[nr]?|naechste[nr]?|kommende[nr]?) woche|(?:de )?la semaine prochaine"
    r"|(?:de )?la (?:proxima semana|semana que viene|semana proxima)|(?:w )?(?:przyszlym|nastepnym) tygodniu"
    r"|przyszlego tygodnia"
)
_IN_DAYS = re.compile(
    r"\b(?:in|dans|en|dentro de|za)\s+(\d{1,2})\s+"
    r"(days?|weeks?|tagen?|wochen?|jours?|semaines?|dias?|semanas?|dni|tygodni\w*)\b"
)
_FIRST_WORD = re.compile(  # alone, or before a clock time
    r"\s*(?:on |am )?([a-z]+)(?:[\s.,!]*\Z|\.?,?\s+(?:(?:at|um|a|a las?|o|godz\.?)\s+)?"
    r"(?:[01]?\d|2[0-4])(?:[:.h][0-5]\d|(?:[:.][0-5]\d)?\s?(?:uhr|h|heures|horas|o'clock|[ap]\.?\s?m)\b))"
)
_OF_MONTH = re.compile(r"\b(?:the|am|den|le|el)\s+(\d{1,2})(st|nd|rd|th|er|\.)?(?![\w/:-]|[.,]\d)")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A place that names a day; `day` is None where it cannot be said which."""

    start: int
    end: int
    day: date | None


def dates(
    text: str, closed: Sequence[Span], *, language: str, written_on: date | None, asked: bool
) -> list[SlotReading]:
    """The days named, in the order of the text, as `2026-11-12`.

    Args:
        text: The message.
        closed: Spans that are something else for certain, such as prices, addresses and phone numbers.
        language: Of the message; it decides whether 03/04 can be told.
        written_on: The message's own day in the shop's time zone; without it only whole dates are read.
        asked: Whether a day is just what was asked for; then `12/11`, `the 12th` or `Thu` will do.
    """
    plain = folded(text)
    reader = _Reader(plain, text, language, written_on, asked)
    taken = [(span.start, span.end) for span in closed]
    found: list[_Seen] = []
    for seen in reader.all():
        if not any(start < seen.end and seen.start < end for start, end in taken):
            taken.append((seen.start, seen.end))
            found.append(seen)
    return [
        SlotReading("date", seen.day.isoformat(), Span(seen.start, seen.end, text[seen.start : seen.end]))
        for seen in sorted(found, key=lambda one: one.start)
        if seen.day is not None and is_wanted(plain, seen.start, seen.end, asked=asked)
    ]


def is_written_out(text: str) -> bool:
    """Whether this is nothing but a date in digits, so that it is no phone number."""
    match = _ISO.fullmatch(text) or _FULL.fullmatch(text)
    return match is not None and any(1 <= int(match[group]) <= 12 for group in (1, 3))


@dataclass(frozen=True, slots=True)
class _Reader:
    """One message; `plain` is folded, letter for letter at its place in `text`."""

    plain: str
    text: str
    language: str
    on: date | None
    asked: bool

    def all(self) -> Iterator[_Seen]:
        """Everything that names a day; what is found first counts where two overlap.

        Most messages name none, so the long patterns are tried only where one of their words stands.
        """
        words = frozenset(_WORD.findall(self.plain))
        yield from self._in_digits()
        if not words.isdisjoint(months(self.language)):
            yield from self._by_month()
        if self.on is not None:
            yield from self._without_year(self.on)
            if not words.isdisjoint(weekdays()) or any(word.endswith(_PARTS_OF_DAY) for word in words):
                yield from self._by_weekday(self.on)
            if not words.isdisjoint(_marks()):
                yield from self._from_today(self.on)
            if self.asked:
                yield from self._to_a_question(self.on)

    # -- with figures ---------------------------------------------------------------------------------------------

    def _in_digits(self) -> Iterator[_Seen]:
        for match in _ISO.finditer(self.plain):
            yield self._dated(match, int(match[4]), int(match[3]), int(match[1]))
        for match in _FULL.finditer(self.plain):
            is_clock = len(match[5]) == 2 and _NO_DAY.match(self.plain, match.end())  # `12.11. 18 Uhr`
            if match[2].strip() == match[4].strip() and not is_clock:
                day, month = self._day_and_month(int(match[1]), int(match[3]), match[2].strip())
                yield self._dated(match, day, month, self._year(match[5]))

    def _day_and_month(self, first: int, second: int, separator: str) -> tuple[int, int]:
        """Points stand between day and month in every language; strokes in English are told only by a day above 12."""
        if separator != "." and self.language in MONTH_FIRST and first != second:
            if first <= 12 and second <= 12:
                return 0, 0
            return (first, second) if first > 12 else (second, first)
        return first, second

    def _year(self, written: str) -> int | None:
        """The year in full; 0, which is none, if two digits lead far away."""
        if len(written) == 4:
            return int(written)
        year = 2000 + int(written)
        return year if self.on is not None and abs(year - self.on.year) <= SHORT_YEARS else 0

    def _by_month(self) -> Iterator[_Seen]:
        day_first, month_first, names = _with_month(self.language)
        for pattern in (day_first, month_first):
            for match in pattern.finditer(self.plain):
                if match["month"] == "may" and self._is_verb(match):
                    continue
                year = int(match["year"]) if match["year"] else None
                yield self._dated(match, int(match["day"]), names[match["month"]], year)

    def _is_verb(self, match: re.Match[str]) -> bool:
        """`These 3 may be late`."""
        small = self.text[match.start("month")].islower() and " of " not in match.group()
        return small and not match["year"] and not self.asked

    def _without_year(self, on: date) -> Iterator[_Seen]:
        """`12.11.` and `12/11`; they look like prices, times and parts, so a word in front says what they are."""
        for match in _SHORT.finditer(self.plain):
            before = self.plain[max(0, match.start() - LOOK_BACK) : match.start()]
            led = _CUE.search(before) or self._weekday_before(match.start()) is not None
            if match.group() == "24/7" or _NO_DAY.match(self.plain, match.end()) or not (led or self.asked):
                continue
            day, month = self._day_and_month(int(match[1]), int(match[3]), match[2])
            yield self._dated(match, day, month, None)

    def _dated(self, match: re.Match[str], day: int, month: int, year: int | None) -> _Seen:
        """The day with the weekday beside it, which must fit; without a year it is the nearest."""
        start, end, weekday = match.start(), match.end(), None
        if (before := self._weekday_before(start)) is not None:
            start, weekday = before
        elif (behind := self._weekday_behind(end)) is not None:
            end, weekday = behind
        years = [year] if year is not None else [self.on.year + by for by in (-1, 0, 1)] if self.on else []
        days = [found for one in years if (found := _day(one, month, day)) is not None]
        days = [one for one in days if weekday is None or one.weekday() == weekday]
        if year is None and self.on is not None:
            on = self.on
            days = _nearest(days, on)
        return _Seen(start, end, days[0] if days else None)

    def _weekday_before(self, start: int) -> tuple[int, int] | None:
        before, _, names = _beside(self.language)
        match = before.search(self.plain, max(0, start - LOOK_BACK), start)
        return (match.start(), names[match[1]]) if match else None

    def _weekday_behind(self, end: int) -> tuple[int, int] | None:
        _, behind, names = _beside(self.language)
        match = behind.match(self.plain, end)
        return (match.end(), names[match[1]]) if match else None

    # -- in words -------------------------------------------------------------------------------------------------

    def _by_weekday(self, on: date) -> Iterator[_Seen]:
        for match in _spoken().finditer(self.plain):
            weekday, start, end = weekdays()[match["weekday"]], match.start(), match.end()
            if _PAST.match(self.plain, end) or _LATER.match(self.plain, end):
                yield _Seen(start, end, None)
                continue
            ahead = (weekday - on.weekday()) % 7
            coming = on + timedelta(days=ahead) if ahead else None  # on that very day: today, or in a week?
            in_next_week = on + timedelta(days=7 - on.weekday() + weekday)
            if match["week"] or match["week_behind"]:
                day: date | None = in_next_week
            elif match["next"] or match["next_behind"]:
                # "Next Friday" is this week's for some and next week's for others; it is read where both agree.
                day = in_next_week if on.weekday() >= weekday else None
            elif match["coming"] and not ahead:
                day = (
                    on + timedelta(days=7)
                    if match["coming"].startswith(("kommend", "coming", "proxim"))
                    else None
                )
            else:
                day = None if is_told(self.plain, start, end) else coming
            yield _Seen(start, end, day)

    def _from_today(self, on: date) -> Iterator[_Seen]:
        for match in _relative().finditer(self.plain):
            word = match["word"]
            if ELSEWHERE.get(word, self.language) != self.language or self._is_morning(match):
                continue
            yield _Seen(match.start(), match.end(), on + timedelta(days=FROM_TODAY[word]))

    def _is_morning(self, match: re.Match[str]) -> bool:
        """`Guten Morgen`, `am Morgen`, `por la mañana`: the same word for a part of the day."""
        word, before = match["word"], self.plain[max(0, match.start() - 12) : match.start()]
        if word == "morgen":
            greeting = self.text[match.start()].isupper() and re.match(
                r"\s*(?:[,!.\n]|\w+,|$)", self.plain[match.end() :]
            )
            led = re.search(r"\b(?:guten|gute|am|jeden|diesen|heute|gestern|goede)\s+$", before)
            return bool(led) or (bool(greeting) and not self.asked)
        return word == "manana" and bool(re.search(r"\b(?:la|esta|cada)\s+$", before))

    def _to_a_question(self, on: date) -> Iterator[_Seen]:
        """What says a day only because a day was asked for."""
        for match in _IN_DAYS.finditer(self.plain):
            days = int(match[1]) * (
                7 if match[2].startswith(("week", "woche", "semain", "seman", "tyg")) else 1
            )
            yield _Seen(match.start(), match.end(), on + timedelta(days=days))
        for match in _OF_MONTH.finditer(self.plain):
            if not _NO_DAY.match(self.plain, match.end()) and int(match[1]) <= 31:
                yield _Seen(match.start(), match.end(), _next_of_month(int(match[1]), on))
        first = _FIRST_WORD.match(self.plain)
        weekday = short_weekdays(self.language).get(first[1]) if first else None
        if first is not None and weekday is not None and weekday != on.weekday():
            yield _Seen(first.start(1), first.end(1), on + timedelta(days=(weekday - on.weekday()) % 7))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(days: Sequence[date], on: date) -> list[date]:
    """The nearest of the days if it is beyond doubt: `12 November` in May may be the last or the next one."""
    nearest = sorted(days, key=lambda day: abs((day - on).days))
    away = [abs((day - on).days) for day in nearest]
    clear = away and away[0] <= NEAR_DAYS and (len(away) == 1 or away[1] - away[0] >= CLEAR_DAYS)
    return nearest[:1] if clear else []


def _next_of_month(day: int, on: date) -> date | None:
    """That day of this month if it is still to come, else of the next."""
    if day > on.day:
        return _day(on.year, on.month, day)
    following = date(on.year, on.month, 28) + timedelta(days=4)
    return _day(following.year, following.month, day)


def _one_of(names: Sequence[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


@lru_cache(maxsize=32)
def _with_month(language: str) -> tuple[re.Pattern[str], re.Pattern[str], dict[str, int]]:
    """A day in front of its month and behind it, for one language of messages."""
    names = dict(months(language))
    named = rf"(?P<month>{_one_of(tuple(names))})\b"
    year = rf"(?:\.?,?\s+(?:de\s+|del\s+|roku\s+)?(?P<year>{_YEAR})(?![\w/-]|[.,:]\d))?"
    day = r"(?P<day>3[01]|[12]\d|0?[1-9])"
    day_first = rf"(?<![\w./+#,:-]){day}(?:st|nd|rd|th|er|o|-?go)?\.?\s*(?:of\s+|de\s+)?{named}{year}"
    month_first = rf"(?<![\w-]){named}\.?\s+(?:the\s+)?{day}(?:st|nd|rd|th)?(?![\w/:-]|[.,]\d){year}"
    return re.compile(day_first), re.compile(month_first), names


@lru_cache(maxsize=32)
def _beside(language: str) -> tuple[re.Pattern[str], re.Pattern[str], dict[str, int]]:
    """A weekday in front of a date, or behind it."""
    names = {**short_weekdays(language), **weekdays()}
    named = f"({_one_of(tuple(names))})"
    before = re.compile(rf"(?<![\w-]){named}\.?,?\s*(?:(?:the|den|dem|der|le|el|dnia)\s+)?\Z")
    return before, re.compile(rf",?\s*\(?{named}\b\)?"), names


@lru_cache(maxsize=1)
def _spoken() -> re.Pattern[str]:
    """A weekday in full with what says which week; part of the day behind it belongs to it in German."""
    link = r"(?:,?\s+(?:on\s+|am\s+|den\s+|le\s+|el\s+|w\s+|we\s+|of\s+)?)"
    return re.compile(
        rf"(?<![\w-])(?:(?P<week>{_WEEK}){link}|(?P<next>{_NEXT})\s+|(?P<coming>{_COMING})\s+)?"
        rf"(?P<weekday>{_one_of(tuple(weekdays()))})(?:{'|'.join(_PARTS_OF_DAY)})?(?![\w-])"
        rf"(?:{link}(?P<week_behind>{_WEEK})\b|\s+(?P<next_behind>prochain|suivant)\b)?"
    )


@lru_cache(maxsize=1)
def _marks() -> frozenset[str]:
    """The last words of what counts from today: one of them stands in each."""
    return frozenset(_WORD.findall(word)[-1] for word in FROM_TODAY)


@lru_cache(maxsize=1)
def _relative() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'-])(?:the\s+)?(?P<word>{_one_of(tuple(FROM_TODAY))})(?![\w'-])")
