"""Money as an integer of minor units with its ISO 4217 currency; never a float.

Used by every layer at rest, in offers and in calls. Inside an expression the same value is an exact Decimal.
"""

import re
from decimal import Context, Decimal

from msgspec import Struct

from resolver.errors import Malformed

_EXACT = Context(prec=1_000)  # far more than any amount has, so that nothing is ever rounded on the way
_LARGEST = 30  # the power of ten of the largest amount
_MOST_DIGITS = 60
_WRITTEN = re.compile(r"(?P<number>-?[0-9]{1,30}(\.[0-9]{1,9})?) +(?P<currency>[A-Z]{3})")

# ISO 4217 (read 2026-11-23): the currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}  # fmt: skip
_TWO_DIGITS = frozenset(
    (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC "
        "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
        "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD "
        "NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
        "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
    ).split()
)


def is_currency(code: str) -> bool:
    """Whether `code` is a currency of ISO 4217 that money can be held in."""
    return code in _MINOR_DIGITS or code in _TWO_DIGITS


def minor_digits(currency: str) -> int:
    """How many decimals the currency's minor unit has (EUR 2, JPY 0, KWD 3)."""
    return _MINOR_DIGITS.get(currency, 2)


class Money(Struct, frozen=True):
    """An amount: `minor` units (cents) of `currency`. Negative amounts are allowed, mixing currencies is not."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "Money":
        """The exact amount; `Malformed` if it is no number, too large, finer than the currency, or in no currency."""
        if not is_currency(currency):
            raise Malformed(
                f"{currency!r} is no currency.", remedy="write its ISO 4217 code, for example EUR"
            )
        if (
            not amount.is_finite()
            or amount.adjusted() > _LARGEST
            or len(amount.as_tuple().digits) > _MOST_DIGITS
        ):
            raise Malformed(f"{str(amount)[:40]} is no amount of money.", remedy="write it like 12.00 EUR")
        scaled = amount.scaleb(minor_digits(currency), _EXACT)
        if scaled != scaled.to_integral_value(context=_EXACT):
            raise Malformed(
                f"{amount} {currency} has more decimals than {currency} knows.", remedy="round it first"
            )
        return cls(int(scaled), currency)

    @classmethod
    def parse(cls, text: str) -> "Money":
        """Read `12.00 EUR`; `Malformed` says what was expected."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise Malformed(f"{text[:40]!r} is not an amount.", remedy="write it like 12.00 EUR")
        return cls.of(Decimal(found["number"]), found["currency"])

    @property
    def amount(self) -> Decimal:
        """The exact decimal amount in major units."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency), _EXACT)

    def __str__(self) -> str:
        return f"{self.amount:.{minor_digits(self.currency)}f} {self.currency}"
