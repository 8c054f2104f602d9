"""Postal addresses as literal spans: a street with its number next to a postcode and a town.

Called by `slots`. Never completes or corrects an address; whether it exists is checked by a look-up.
"""

import re
from collections.abc import Iterator, Sequence

from resolver.reading import Span

UP = "A-ZÀ-ÖØ-ÞĀŁŚŹŻĆŃÓŠŽČ"
NAME = rf"(?:[{UP}][\w'’.]{{0,30}}|\d{{1,3}}(?:st|nd|rd|th)\b)"
SMALL = (
    r"(?:am|an|der|den|dem|die|im|in|zum|zur|of|on|upon|the|la|le|les|de|des|du|del|della|di|sur|en|aan|y|el|los"
    r"|las)"
)
WORDS = rf"{NAME}(?:[ -](?:{SMALL}[ -]){{0,2}}{NAME}){{0,4}}"
GAP = r"(?:[ \t]*[,;][ \t]*\n?[ \t]*|[ \t]*\n[ \t]*|[ \t]+)"
HOUSE = r"\d{1,4}(?:[ ]?[a-zA-Z](?![\w]))?(?:[ ]?[-/][ ]?\d{1,4}[a-zA-Z]?)?"
UNIT = (
    r"(?:(?:apt|apartment|appartement|unit|suite|ste|flat|floor|room|box|bus|door|wohnung|whg|top|tür|stiege|etage|bât|m)"
    r"\.?[ ]?#?\w{1,5}|#[ ]?\w{1,5}|(?:no|number)\.? \d+)"
)
ENGLISH_END = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|ct|place|pl|square|sq|way|terrace|crescent|cres|grove"
    r"|gardens|gdns|hill|park|row|mews|boulevard|blvd|highway|hwy|parkway|pkwy|circle|cir|trail|view|walk|green|broadway)"
)
GERMAN_END = (
    r"(?:straße|strasse|str|weg|platz|allee|gasse|ring|damm|ufer|chaussee|hof|steig|stieg|markt|graben|wall|park|berg|feld"
    r"|pfad|kai|zeile|rain|garten|tor|brücke|promenade|twiete|stiege|straat|laan|plein|gracht|kade|dijk|singel|dreef|hof)"
)
ROMANCE_START = (
    r"(?:rue|avenue|av|boulevard|bd|blvd|place|pl|chemin|allée|impasse|quai|cours|route|square|passage|faubourg|ruelle"
    r"|calle|c/|avenida|avda|plaza|paseo|camino|carrer|ronda|via|viale|piazza|corso|largo|vicolo|rua|praça|travessa)"
)
POLISH_START = r"(?:ul|ulica|al|aleja|aleje|pl|plac|os|osiedle)"
COUNTRIES = (
    r"(?:germany|deutschland|austria|österreich|switzerland|schweiz|suisse|united kingdom|great britain|england"
    r"|scotland|wales|northern ireland|uk|u\.k\.|ireland|united states(?: of america)?|usa|u\.s\.a\.|us|canada|france"
    r"|frankreich|netherlands|the netherlands|nederland|niederlande|belgium|belgië|belgique|belgien|luxembourg"
    r"|luxemburg|poland|polska|polen|spain|españa|spanien|italy|italia|italien|portugal|denmark|danmark|sweden|sverige|norway|norge"
    r"|finland|czechia|czech republic|australia|new zealand|liechtenstein)"
)
US_STATE = (
    r"(?:A[LKZR]|C[AOT]|D[EC]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
    r"|AB|BC|MB|N[BLSTU]|ON|PE|QC|SK|YT)"
)
STATE_CODE = rf"{US_STATE}\.?[ ]+(?:\d{{5}}(?:-\d{{4}})?|[A-Z]\d[A-Z][ ]?\d[A-Z]\d)\b"
UK_CODE = r"[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}\b"
TOWN_AFTER = (
    rf"(?:[A-Z]{{1,3}}-)?(?:\d{{4}}[ ]?[A-Z]{{2}}|\d{{2}}-\d{{3}}|\d{{3}}[ ]\d{{2}}|\d{{4,5}})[ ]+{WORDS}"
)

ENGLISH_STREET = (
    rf"(?:{UNIT}{GAP})?{HOUSE}[ ,]+(?:[NSEW]\.? )?(?:{NAME}[ ]){{1,4}}{ENGLISH_END}\b\.?(?:{GAP}{UNIT})?"
)
GERMAN_STREET = (
    rf"(?:(?:{NAME}[ -]){{0,3}}?(?:[{UP}][\w.]{{0,30}}?)?(?i:{GERMAN_END})|Straße (?:des|der|am) (?:\d+\. )?{NAME})"
    rf"\.?[ ]?{HOUSE}\b(?:{GAP}{UNIT})?"
)
NAMED_STREET = rf"(?:{SMALL} )?{WORDS}[ ]{HOUSE}\b(?:{GAP}{UNIT})?"
ROMANCE_STREET = (
    rf"(?:{HOUSE}(?:[ ](?:bis|ter))?,?[ ]{ROMANCE_START}\.?[ ][\w'’. -]{{2,40}}?"
    rf"|{ROMANCE_START}\.?[ ]?[\w'’. -]{{2,40}}?,?[ ](?:n[ºo°]\.?[ ]?)?{HOUSE}(?:[ºª°])?)(?:,[ ][\wºª° .]{{1,14}}?)?"
)
POLISH_STREET = rf"{POLISH_START}\.?[ ][\w. -]{{2,40}}?[ ]{HOUSE}(?:[ ]?m\.?[ ]?\d+)?"

# The most telling first: an exact street pattern beats a loose one that begins further left. `(?i:` = lower case too.
PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{ENGLISH_STREET}{GAP}(?:{WORDS}{GAP}){{1,3}}{UK_CODE}",
        rf"(?i:{ENGLISH_STREET}{GAP}(?:[a-z.'-]{{1,30}}{GAP}){{1,4}}{UK_CODE})",
        rf"{ENGLISH_STREET}{GAP}(?:{WORDS},?{GAP}){STATE_CODE}",
        rf"(?i:{ENGLISH_STREET}{GAP}(?:[a-z.'-]{{1,30}},?{GAP}){{1,3}}{STATE_CODE})",
        rf"{GERMAN_STREET}{GAP}{TOWN_AFTER}",
        rf"(?i:\b(?:[\w.-]{{1,30}})?{GERMAN_END}\.?[ ]{HOUSE}{GAP}(?:[a-z]{{1,2}}-)?\d{{4,5}}[ ]+[\wäöüß-]+)",
        rf"(?i:{ROMANCE_STREET}{GAP}(?:[a-z]{{1,2}}-)?\d{{4,5}}(?:-\d{{3}})?)[ ]+{WORDS}",
        rf"(?i:{ROMANCE_STREET}{GAP}\d{{5}}[ ]+[\wà-ÿ'-]+)",
        rf"(?i:{POLISH_STREET}){GAP}\d{{2}}-\d{{3}}[ ]+{WORDS}",
        rf"{NAMED_STREET}{GAP}{TOWN_AFTER}",
        rf"{ENGLISH_STREET}{GAP}{TOWN_AFTER}",
    )
)
COUNTRY_BEHIND = re.compile(rf"{GAP}{COUNTRIES}(?!\w)", re.IGNORECASE)
LEADING = re.compile(
    r"^(?:(?:to|at|an|in|is|nach|zu|die|the|my|new|please|bitte|ship|send|ist)\b[: ]+"
    r"|(?:(?:New|My|Neue|Meine|Please|Bitte) )?(?:[Aa]ddress|[Aa]dresse|[Aa]nschrift)\b[: ]+)"
)
ANCHOR = re.compile(
    rf"\b\d{{4,5}}\b|\d{{2}}-\d{{3}}\b|\d{{3}} \d{{2}}\b|\b{UK_CODE}|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b", re.I
)
BEFORE, BEHIND = 140, 60  # characters around a postcode in which the rest of its address must stand
MOST_ANCHORS = 12


def addresses(text: str) -> Sequence[Span]:
    """Spans of complete addresses in the order of the text, none inside another."""
    found: list[Span] = []
    for span in _candidates(text):
        if all(span.end <= other.start or span.start >= other.end for other in found):
            found.append(span)
    return sorted(found, key=lambda span: span.start)


def one_line(address: str) -> str:
    """The address with its lines joined by commas and single blanks: the canonical value."""
    parts = (re.sub(r"\s+", " ", line).strip(" ,;") for line in address.split("\n"))
    return ", ".join(part for part in parts if part)


def _candidates(text: str) -> Iterator[Span]:
    """Matches of the most telling pattern first."""
    windows = _windows(text)
    for pattern in PATTERNS:
        for begin, end in windows:
            for match in pattern.finditer(text, begin, end):
                yield _trimmed(text, *match.span())


def _windows(text: str) -> list[tuple[int, int]]:
    """The stretches around whatever looks like a postcode, so that no pattern searches a long text."""
    stretches = []
    for anchor in list(ANCHOR.finditer(text))[:MOST_ANCHORS]:
        begin = max(0, anchor.start() - BEFORE)
        begin = begin and next((at + 1 for at in range(begin, anchor.start()) if text[at].isspace()), begin)
        stretches.append((begin, min(len(text), anchor.end() + BEHIND)))
    return stretches


def _trimmed(text: str, start: int, end: int) -> Span:
    """Without the words that lead to an address and the full stop behind it."""
    if country := COUNTRY_BEHIND.match(text, end):
        end = country.end()
    while lead := LEADING.match(text[start:end]):
        start += lead.end()
    literal = text[start:end].rstrip(" .,;\n")
    return Span(start, start + len(literal), literal)
