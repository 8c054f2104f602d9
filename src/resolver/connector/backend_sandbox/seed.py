"""What a test or a person writes about a sandbox, read strictly: whoever writes a field wrong is told which exist."""

from typing import TypeVar

import msgspec

from resolver.errors import Malformed
from resolver.money import Money

_T = TypeVar("_T")


def read(kind: type[_T], fields: object) -> _T:
    """Fields as somebody wrote them, as one of a sandbox's types; `Malformed` says what does not fit."""
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise Malformed(
            f"{kind.__name__}: {error}.", remedy=f"fields: {', '.join(kind.__annotations__)}"
        ) from None


def minor(text: str, currency: str, *, what: str) -> int:
    """An amount such as `24.00 EUR` in minor units. `Malformed` if it is in another currency than `what` has."""
    money = Money.parse(text)
    if money.currency != currency:
        raise Malformed(f"{text} is not in {currency}.", remedy=f"{what} has one currency")
    return money.minor
