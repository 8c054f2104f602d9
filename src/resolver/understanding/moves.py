"""What the customer does with a message: says yes or no, thanks, asks for a person, takes the request back.

Called by `understanding`. Never reads a yes out of a sentence: with anything beside it, it is unclear and asked again.
"""

import re
from collections.abc import Collection, Sequence

from resolver.reading import MoveKind, SlotReading
from resolver.understanding import phrases
from resolver.understanding.sentences import sentences

YES_NO = "yes_no"
NUMBERED = "numbered"
PART = re.compile(r"[.,;!\n]+|(?<=\w)\s+-+\s+")


def settled(reply: phrases.Reply) -> bool:
    """Whether the message is a short answer through and through, so that no request can be in it."""
    return reply.complete and "unclear" not in reply.kinds


def says_yes(text: str, asked: Collection[str], languages: Sequence[str]) -> bool:
    """Whether the text is a yes to what is open and nothing else, by the word lists alone."""
    reply = phrases.read(text, languages)
    return _to_offer(text, reply, asked, languages) == "yes"


def moves(
    text: str,
    reply: phrases.Reply,
    asked: Collection[str],
    values: Sequence[SlotReading],
    languages: Sequence[str],
    *,
    request: bool,
) -> tuple[MoveKind, ...]:
    """The moves of one message, at most one of them an answer.

    Args:
        text: The customer's own words.
        reply: The same as a short answer.
        asked: What the open question expects; `yes_no` for a confirmation, with `numbered` if it is one of several.
        values: The slot values found in the message.
        languages: The word lists to use, the likeliest first.
        request: Whether an intent was found beside all this.
    """
    found: list[MoveKind] = []
    if _wants_person(text, reply, languages):
        found.append("wants_person")
    elif _stops(text, reply, languages, request=request):
        found.append("no" if "no" in reply.kinds and YES_NO in asked else "stops")
    elif YES_NO in asked:
        found.append(_to_offer(text, reply, asked, languages))
        if found == ["unclear"] and _asks(text, values, languages, request=request):
            found.append("question")
    elif reply.complete and (alone := _alone(reply)):
        found.append(alone)
    elif asked and _asks(text, values, languages, request=request):
        found.append("question")
    if not set(asked).isdisjoint(value.slot_type for value in values):
        found.append("gives")
    return tuple(found)


def _to_offer(text: str, reply: phrases.Reply, asked: Collection[str], languages: Sequence[str]) -> MoveKind:
    """Yes, no or unclear; where several offers are open, beside a number or `both`."""
    answer = _answer(text, reply)
    named = phrases.without_naming(text) if NUMBERED in asked and answer == "unclear" else None
    return answer if named is None else _answer_to_some(text, named, languages)


def _answer(text: str, reply: phrases.Reply) -> MoveKind:
    """Yes or no if the message is nothing else and no question; in any doubt unclear."""
    said = reply.kinds - {"courtesy"}
    if not reply.complete or "?" in text:
        return "unclear"
    if said and said <= {"yes", "polite"}:  # "please" alone is a yes to "shall I?"
        return "yes"
    return "no" if "no" in said and said <= {"no", "polite"} else "unclear"


def _answer_to_some(text: str, rest: str, languages: Sequence[str]) -> MoveKind:
    """The answer beside a number or `both`; a number alone is a yes to it, because the offer asks for one."""
    return _answer(text, phrases.read(rest, languages)) if rest else "yes"


def _asks(text: str, values: Sequence[SlotReading], languages: Sequence[str], *, request: bool) -> bool:
    """Whether all that is left beside courtesy and values is a question of the customer's own."""
    if request or "?" not in text:
        return False
    left = [
        one
        for one in sentences(text)
        if not any(one.start <= value.span.start < one.end for value in values)
        and not settled(phrases.read(one.text, languages))
    ]
    return bool(left) and all(one.text.rstrip("\"')]").endswith("?") for one in left)


def _alone(reply: phrases.Reply) -> MoveKind | None:
    """What a short message says when nothing was asked."""
    said = reply.kinds - {"courtesy", "polite"}
    if not said:
        return "nothing" if "courtesy" in reply.kinds else None
    if said == {"yes"}:
        return "yes"
    return "no" if said == {"no"} else None


def _wants_person(text: str, reply: phrases.Reply, languages: Sequence[str]) -> bool:
    alone = (
        reply.complete
        and "wants_person_alone" in reply.kinds
        and reply.kinds.isdisjoint({"yes", "no", "stops"})
    )
    return alone or phrases.wants_person(text, languages)


def _stops(text: str, reply: phrases.Reply, languages: Sequence[str], *, request: bool) -> bool:
    """Whether the request is taken back: in so many words, or in a clause beside which nothing is asked for."""
    if reply.complete:
        return "stops" in reply.kinds and reply.kinds.isdisjoint({"yes", "unclear"})
    if request or "?" in text:
        return False
    parts = [phrases.read(part, languages) for part in PART.split(text) if phrases.words(part)]
    complete = [part.kinds for part in parts if part.complete]
    return any("stops" in kinds and kinds <= {"stops", "courtesy", "no"} for kinds in complete) and not any(
        "yes" in kinds for kinds in complete
    )
