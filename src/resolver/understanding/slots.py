"""Values a message names: order numbers, addresses, amounts, phone numbers, days, times, countries, with spans.

Called by `understanding`. Never invents or completes a value; whether an order exists is decided by a look-up.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from resolver.errors import Malformed
from resolver.reading import SlotReading, Span
from resolver.understanding.addresses import addresses, one_line
from resolver.understanding.countries import countries
from resolver.understanding.dates import dates, is_written_out
from resolver.understanding.order_numbers import order_numbers
from resolver.understanding.times import times

LONGEST_WHOLE_ADDRESS = 300
SYMBOLS = {
    "€": "EUR", "$": "USD", "£": "GBP", "zł": "PLN", "euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD",
    "pound": "GBP", "pounds": "GBP", "franken": "CHF", "złoty": "PLN", "złotych": "PLN", "bucks": "USD", "quid": "GBP",
}  # fmt: skip
CODES = ("EUR", "USD", "GBP", "CHF", "PLN", "SEK", "NOK", "DKK", "CZK", "HUF", "CAD", "AUD", "NZD", "JPY")
CURRENCY = "|".join([*map(re.escape, sorted(SYMBOLS, key=len, reverse=True)), *CODES])
AMOUNT = r"\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,2})?"
MONEY = re.compile(
    rf"(?<![\w.,])(?:(?P<left>{CURRENCY})\s?(?P<first>{AMOUNT})(?![\d])"
    rf"|(?P<second>{AMOUNT})(?:,-|\.-|-)?\s?(?P<right>{CURRENCY})(?!\w))",
    re.IGNORECASE,
)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}\b")
WEB = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
PHONE = re.compile(
    r"(?<![\w#-])(?:(?:\+|00)\d[\d ()/.-]{6,17}\d|\(?0\d{1,5}\)?[ /-]\d[\d /-]{3,13}\d"
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|0\d{8,13})(?![\w-])"
)
CARD = re.compile(r"\b(?:\d{4}[ -]){2,3}\d{1,4}\b|\b[A-Z]{2}\d{2}(?: ?[\dA-Z]{4}){3,7}(?: ?[\dA-Z]{1,3})?\b")
NUMBER = re.compile(r"(?<![\w.,#-])\d{1,9}(?:[.,]\d{1,6})?(?![\w-])")


class Slots:
    """Finds values.

    `order_number` is the installation's own pattern, its first group (or all of it) the number. `kinds` are the types
    that playbooks ask for: days, times, countries and the interfaces' own kinds (`patterns`) are looked for only then.
    """

    def __init__(
        self,
        order_number: str | None = None,
        *,
        kinds: Collection[str] = (),
        patterns: Mapping[str, str] | None = None,
    ) -> None:
        self._pattern = _compiled(order_number) if order_number is not None else None
        self._kinds = frozenset(kinds)
        self._patterns = {name: re.compile(written) for name, written in (patterns or {}).items()}

    def read(
        self,
        text: str,
        asked: Collection[str] = (),
        *,
        language: str = "",
        written_at: datetime | None = None,
    ) -> tuple[SlotReading, ...]:
        """All values in the order of the text, each value once a line.

        Args:
            text: The message.
            asked: The types that were asked for; they are read more generously.
            language: Of the message, for days such as 03/04.
            written_at: The message's own moment in the shop's time zone, for `tomorrow` and days without a year.
        """
        mails, places, money = list(_emails(text)), list(_addresses(text)), list(_money(text))
        closed = [_span(match) for pattern in (CARD, WEB) for match in pattern.finditer(text)]
        phones = [one for one in _phones(text) if not any(_overlap(one.span, span) for span in closed)]
        closed += [found.span for found in (*mails, *money, *phones)]
        own = [
            found
            for kind, pattern in self._patterns.items()
            if self._wants(kind, asked)
            for found in _of_kind(kind, pattern, text)
        ]
        closed += [found.span for found in own]
        numbers = list(_matching(self._pattern, text)) if self._pattern is not None else None
        taken = [*closed, *(one.span for one in (*places, *(numbers or ())))]
        days = self._moments(text, taken, asked, language, written_at)
        if numbers is None:
            closed += [one.span for one in days]
            numbers = order_numbers(
                text, closed, [place.span for place in places], asked="order_number" in asked
            )
        found = [*numbers, *mails, *places, *money, *phones, *own, *days]
        if self._wants("country", asked):
            found += countries(text, closed, asked="country" in asked)
        found += _answers(text, asked, found)
        unique = {
            (one.slot_type, one.value, text.count("\n", 0, one.span.start)): one for one in reversed(found)
        }
        return tuple(sorted(unique.values(), key=lambda one: (one.span.start, one.slot_type)))

    def _moments(
        self,
        text: str,
        taken: Sequence[Span],
        asked: Collection[str],
        language: str,
        written_at: datetime | None,
    ) -> list[SlotReading]:
        """Days and times, each only if it is looked for; a time is read with its day."""
        on = written_at.date() if written_at is not None else None
        found: list[SlotReading] = []
        if self._wants("date", asked):
            found = dates(text, taken, language=language, written_on=on, asked="date" in asked)
        if self._wants("time", asked):
            days = dates(text, taken, language=language, written_on=on, asked="time" in asked)
            found += times(text, taken, days, language=language, written_at=written_at, asked="time" in asked)
        return found

    def _wants(self, kind: str, asked: Collection[str]) -> bool:
        return kind in self._kinds or kind in asked


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern)
    except re.error as problem:
        raise Malformed(
            f"The order number pattern {pattern!r} is no regular expression: {problem}.",
            remedy=r"Correct it, for example [A-Z]-\d{4}, or leave it out.",
        ) from problem
    if compiled.search(""):
        raise Malformed(
            f"The order number pattern {pattern!r} also matches nothing at all.",
            remedy=r"Ask for at least one digit, for example \d{5}.",
        )
    return compiled


def _matching(pattern: re.Pattern[str], text: str) -> Iterator[SlotReading]:
    for match in pattern.finditer(text):
        value = match.group(1) if pattern.groups else match.group().removeprefix("#")
        if value:
            yield SlotReading("order_number", value, _span(match))


def _of_kind(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[SlotReading]:
    """Words that fit an interface's own pattern as a whole, such as `WAR-2204`."""
    for match in pattern.finditer(text):
        before, behind = text[: match.start()][-1:], text[match.end() :][:1]
        if match.group() and not (before.isalnum() or behind.isalnum()):
            yield SlotReading(kind, match.group(), _span(match))


def _emails(text: str) -> Iterator[SlotReading]:
    for match in EMAIL.finditer(text):
        yield SlotReading("email", match.group().lower(), _span(match))


def _addresses(text: str) -> Iterator[SlotReading]:
    for span in addresses(text):
        yield SlotReading("address", one_line(span.text), span)


def _phones(text: str) -> Iterator[SlotReading]:
    for match in PHONE.finditer(text):
        if is_written_out(match.group()):
            continue
        plus = "+" if match.group().startswith("+") else ""
        yield SlotReading("phone", plus + re.sub(r"\D", "", match.group()), _span(match))


def _money(text: str) -> Iterator[SlotReading]:
    for match in MONEY.finditer(text):
        unit = (match["left"] or match["right"]).lower()
        amount = _decimal(match["first"] or match["second"])
        yield SlotReading("money", f"{amount} {SYMBOLS.get(unit, unit.upper())}", _span(match))


def _decimal(written: str) -> Decimal:
    """A separator with one or two digits behind it is the decimal point, every other groups thousands."""
    whole, cents = written, ""
    if mark := re.search(r"[.,](\d{1,2})$", written):
        whole, cents = written[: mark.start()], mark.group(1)
    digits = re.sub(r"\D", "", whole)
    return Decimal(f"{digits}.{cents.ljust(2, '0')}" if cents else digits)


def _answers(text: str, asked: Collection[str], exact: Sequence[SlotReading]) -> list[SlotReading]:
    """What the message as a whole says if just that was asked for and nothing more exact was found."""
    whole = Span(0, len(text), text)
    known = {one.slot_type for one in exact}
    numbers = {one.span.text for one in exact if one.slot_type in ("order_number", "phone", "money")}
    found = []
    if "text" in asked and text:
        found.append(SlotReading("text", text, whole))
    if "number" in asked and (match := NUMBER.search(text)):
        found.append(SlotReading("number", match.group().replace(",", "."), _span(match)))
    if "address" in asked and "address" not in known and _may_be_address(text, numbers):
        found.append(SlotReading("address", one_line(text), whole))
    return found


def _may_be_address(text: str, numbers: Collection[str]) -> bool:
    """Short, at least three words, no question, and with a number that is no order, phone or price."""
    for other in numbers:
        text = text.replace(other, "")
    words = re.findall(r"\w+", text)
    numbered = any(word[0].isdigit() for word in words)
    return numbered and len(words) >= 3 and len(text) <= LONGEST_WHOLE_ADDRESS and "?" not in text


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _span(match: re.Match[str]) -> Span:
    return Span(match.start(), match.end(), match.group())
