"""How values are written in texts to customers: one of each kind, printed by the code that prints them for customers.

Used by the reference page only.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from babel import Locale

from resolver.cli.specimen import Specimen
from resolver.condition.values import Amount, PairValue, RecordValue, Value
from resolver.decision.reply import Voice, show

LANGUAGES = ("en", "de")


def samples(specimen: Specimen) -> Iterator[tuple[str, ...]]:
    """Kind of value, then how it is written in each of `LANGUAGES`."""
    voices = [
        Voice(language, Locale(language), specimen.policy.calendar.zone, specimen.policy, specimen.plan)
        for language in LANGUAGES
    ]
    for kind, value, name in _values():
        yield (kind, *(show(value, voice, name) for voice in voices))


def _values() -> Iterator[tuple[str, Value, str]]:
    mug = RecordValue("shop.order_line", "l1", {"name": "Blue mug"})
    both = RecordValue("shop.order_line", "l1", {"name": "Blue mug", "chosen": Decimal(2)})
    blue = RecordValue("shop.variant", "v1", {"name": "Green mug"})
    yield "money", Amount(Decimal("1234.5"), "EUR"), ""
    yield "number", Decimal("1234.5"), ""
    yield "time", datetime(2026, 11, 11, 8, 30, tzinfo=UTC), ""
    yield "date", date(2026, 11, 11), ""
    yield "duration", timedelta(hours=4), ""
    yield "yes/no", True, ""
    yield "one of […], by its labels", "too_small", "reason"
    yield "text", "Blue mug", ""
    yield "record, by its `show`", mug, ""
    yield "the same, two units chosen", both, ""
    yield "a pair of `for_each`", PairValue(mug, blue), ""
    yield "list", (mug, both, mug), ""
