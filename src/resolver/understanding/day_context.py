"""Whether a day that a message names is the one that is wanted: not one of a range, denied, or only a bound.

Called by `dates` with the folded message. In doubt it is not, so that it is asked again.
"""

import re

CLAUSE_AT_MOST = 200  # characters on either side that are looked at

_RANGE_BEFORE = re.compile(
    r"(?<!\d)\d{1,2}(?:st|nd|rd|th|er|\.)?\s*(?:-|/|to|bis|or|oder|and|und|et|ou|au|y|o|al|i|lub|do)\s*$"
)
_RANGE_AFTER = re.compile(r"\s*(?:-|/|to|or|and|through)\s*\d{1,2}(?:st|nd|rd|th)?(?=\s*(?:[,.;!?)]|$))")
_ANOTHER = (
    r"instead of|rather than|other than|except|before|after|statt|anstatt|anstelle von|ausser|vor|nach"
    r"|au lieu d[eu]|avant|apres|sauf|en vez de|en lugar de|antes de|despues de|excepto|zamiast|przed|po|oprocz"
)
_EVERY = r"every|each|any|jede[nrsm]?|chaque|tous les|cada|todos los|los|kazd\w+"
_LAST = r"last|past|previous|letzte[nrm]?|vorige[nrm]?|vergangene[nrm]?|ultimo|ubieg\w+|zeszl\w+|ostatni\w*|minion\w+"
_A_NAME = (  # of a street or a feast
    r"strass?e des|platz des|rue du|place du|avenue du|avenida|calle|ulica|ul\.|plac|black|cyber|good|easter"
)
_OTHER_THAN = re.compile(
    rf"\b(?:{_ANOTHER}|{_EVERY}|{_LAST}|{_A_NAME})(?:\s+(?:on|the|am|dem|den|vom|le|la|el|l'|w|we|dnia))*\s+$"
)
_BOUND = re.compile(
    r"\b(?:since|until|till|from|by|seit|bis|ab|vom|jusqu'?\w*|depuis|desde|hasta|od)\b[^\d\w]*(?:\w+\s+)?$"
)
_DENIED = re.compile(
    r"\b(?:not|never|cannot|cant|\w+n't|nicht|kein\w*|nie|niemals|nigdy|ne|n'\w+|pas|no(?!\s*\d)|nunca|bez|without"
    r"|ohne|sans|sin)\b"
)
_TOLD = re.compile(  # words of what has happened, without those that an order or a wish has as well
    r"\b(?:was|were|had|did|been|received|arrived|came|got|ordered|bought|paid"
    r"|war|waren|wurden?|kam|kamen|bekommen|erhalten|bestellt|gekauft|bezahlt|angekommen|hatten?|sollte"
    r"|recu|etait|ete|j'ai|avait|achete|recibi|recibido|llego|fue|era|estaba|habia|compre"
    r"|dostal\w*|otrzymal\w*|przyszedl|przyszl\w+|byl\w?|zamowil\w*|kupil\w*|mial\w*)\b"
)
_CLAUSE = re.compile(
    r"[.;!?\n]\s|[,;!?\n]|\b(?:but|aber|sondern|mais|pero|sino|ale|lecz|please|bitte|prosze)\b"
)


def is_wanted(plain: str, start: int, end: int, *, asked: bool) -> bool:
    """Whether the day at `plain[start:end]` is wanted; a bound such as `until` is one only if a day was `asked` for."""
    before, behind = plain[max(0, start - CLAUSE_AT_MOST) : start], plain[end : end + CLAUSE_AT_MOST]
    if _RANGE_BEFORE.search(before) or _RANGE_AFTER.match(behind) or _OTHER_THAN.search(before):
        return False
    if _BOUND.search(before) and not asked:
        return False
    return not _DENIED.search(_clause(before, behind))


def is_told(plain: str, start: int, end: int) -> bool:
    """Whether the clause around `plain[start:end]` tells what has happened, so that `on Monday` may be the last one."""
    before, behind = plain[max(0, start - CLAUSE_AT_MOST) : start], plain[end : end + CLAUSE_AT_MOST]
    return _TOLD.search(_clause(before, behind)) is not None


def _clause(before: str, behind: str) -> str:
    return " | ".join((_CLAUSE.split(before)[-1], _CLAUSE.split(behind, maxsplit=1)[0]))
