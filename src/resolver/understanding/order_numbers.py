"""Which of the numbers in a message are order numbers, by their form and the words around them.

Called by `slots` where no pattern is configured. Never takes a phone number, price, year or postcode for an order.
"""

import re
from collections.abc import Sequence

from resolver.reading import SlotReading, Span

CODE = re.compile(
    r"(?<![\w@/=+&-])(?<!\d[.,:])#?(?P<code>[A-Za-z]{1,5}-\d{3,12}(?:-\d{1,12}){0,3}|[A-Za-z]{0,4}\d{3,12})"
    r"(?![\w@/%=]|[.,:]\d|-\w)"
)
LOOK_BACK = 48
CUE = re.compile(
    r"\b(?:orders?|purchase|bestell\w*|auftr[aä]g\w*|commandes?|pedidos?|zam[oó]wieni\w*|bestelling\w*|ordine|encomenda)"
    r"(?:[\s:.#(\"'-]+(?:no|nr|num|number|numbers|nummer|nummern|id|ids|numer\w*|n[uú]mero|num[ée]ro|is|was|are|ist|war|lautet"
    r"|with|the|mit|der|und|and|of|n[°ºo])){0,4}[\s:.#(\"'-]*$",
    re.IGNORECASE,
)
OTHER_THING = re.compile(
    r"\b(?:invoice|rechnung\w*|facture|faktura|ticket|case|customer|kunden\w*|client|account|konto\w*|tracking|sendung\w*"
    r"|shipment|phone|telephone|tel|telefon\w*|mobile|mobil\w*|handy\w*|fax|call|zip|postcode|postal|plz|postleitzahl|card"
    r"|karte\w*|iban|bic|sku|item|article|artikel\w*|model|modell|vat|ust\w*|tax|pin|code|voucher|coupon|gutschein\w*|serial"
    r"|seriennummer|product|produkt\w*|po box|box|room|flat|house|hausnummer|points?|punkte)"
    r"(?:[\s:.#-]+(?:no|nr|num|number|nummer|id|code|is|ist|lautet)){0,3}[\s:.#-]*$",
    re.IGNORECASE,
)
STATE = re.compile(r"[a-z], ?[A-Z]{2} $")  # "Springfield, IL 62704"
UNIT = re.compile(
    r"\s?(?:ml|l|cl|g|kg|mg|km|m|cm|mm|m2|w|watt|v|volt|mah|gb|mb|tb|px|ppm|rpm|pieces|pcs|stück|people|points|punkte|times|mal"
    r"|days?|hours?|minutes?|weeks?|months?|years?|tage?|stunden|wochen|monate|jahre|percent|prozent|steps|items|customers"
    r"|followers|words|miles|euros?|dollars?|pounds?|eur|usd|gbp|chf|pln|bucks|quid)\b",
    re.IGNORECASE,
)
TOWN = re.compile(
    r" (?!(?:Please|Thanks?|Thank|Best|Kind|Regards|Cheers|Bitte|Danke|Viele|Mit|Is|Can|Could|Where|I)\b)[A-ZÄÖÜ]"
)
NOT_A_PREFIX = frozenset("sku ean isbn iso inv rma ref din covid rfc cve utf sha usb tel fax vat".split())
YEAR = re.compile(r"(?:19|20)\d\d")
AND = re.compile(r"\s*(?:,|&|/|\band\b|\bund\b|\bet\b|\by\b|\bi\b|\bor\b|\boder\b|\s)+\s*", re.IGNORECASE)
BARE_FROM, BARE_TO = 5, 10  # digits of a number that needs no word beside it


def order_numbers(
    text: str, closed: Sequence[Span], places: Sequence[Span], *, asked: bool
) -> list[SlotReading]:
    """Order numbers in the order of the text; the value has no `#` and its letters are capitals.

    Args:
        text: The message.
        closed: Spans that are something else for certain, such as prices and phone numbers.
        places: Postal addresses, in which only a number called an order counts.
        asked: Whether the number is just what was asked for; then shorter numbers count too.
    """
    found: list[SlotReading] = []
    for match in CODE.finditer(text):
        if any(span.start < match.end() and match.start() < span.end for span in closed):
            continue
        called = _called_order(text, match, found)
        inside = any(span.start <= match.start() < span.end for span in places)
        if called or (not inside and _looks_like_one(text, match, asked=asked)):
            span = Span(match.start(), match.end(), match.group())
            found.append(SlotReading("order_number", match["code"].upper(), span))
    return found


def _called_order(text: str, match: re.Match[str], found: Sequence[SlotReading]) -> bool:
    """Marked by `#`, by the word order in front of it, or listed right behind such a number."""
    before = text[max(0, match.start() - LOOK_BACK) : match.start()]
    if CUE.search(before):
        return True
    if match.group().startswith("#") and not OTHER_THING.search(before):
        return True
    return bool(found) and bool(AND.fullmatch(text, found[-1].span.end, match.start()))


def _looks_like_one(text: str, match: re.Match[str], *, asked: bool) -> bool:
    """A code with a hyphen, or a bare number of 5 to 10 digits, if nothing says that it is another thing."""
    code = match["code"]
    letters, digits = re.sub(r"[^A-Za-z]", "", code), re.sub(r"\D", "", code)
    before, behind = text[max(0, match.start() - LOOK_BACK) : match.start()], text[match.end() :]
    if (
        OTHER_THING.search(before)
        or STATE.search(before)
        or UNIT.match(behind)
        or letters.lower() in NOT_A_PREFIX
    ):
        return False
    if letters:
        return "-" in code or asked
    if asked:
        return not (YEAR.fullmatch(code) and len(text.split()) > 3)
    return BARE_FROM <= len(digits) <= BARE_TO and not digits.startswith("00") and not TOWN.match(behind)
