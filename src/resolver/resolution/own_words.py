"""What counts of a reading, whoever has read: only what the customer's own words bear out.

Called by `understand` with what a reader says, before it is stored. A model may be wrong or taken over: it names
requests from a closed set, and neither the text, nor a value that is not in it, nor a yes is its to give. Pure.
"""

from collections.abc import Collection

import msgspec

from resolver.reading import Reading
from resolver.understanding import phrases
from resolver.understanding.moves import says_yes


def in_own_words(reading: Reading, own: str, *, asked: Collection[str], language_hint: str | None) -> Reading:
    """The reading with the customer's text `own`, without values whose span is elsewhere and without a yes it lacks.

    Where a question is open and the word lists find no yes in the text, a yes is `unclear`: it is asked once more.
    """
    slots = tuple(
        slot for slot in reading.slots if own[slot.span.start : slot.span.end] == slot.span.text != ""
    )
    moves = reading.moves
    if asked and "yes" in moves and not says_yes(own, asked, _lists(language_hint, reading.language)):
        moves = tuple(dict.fromkeys("unclear" if move == "yes" else move for move in moves))
    if (own, slots, moves) == (reading.text, reading.slots, reading.moves):
        return reading
    return msgspec.structs.replace(reading, text=own, slots=slots, moves=moves)


def _lists(*likely: str | None) -> tuple[str, ...]:
    """All word lists. The helpdesk's language before the reader's, so that no reader can make a no a yes."""
    first = (name[:2].lower() for name in likely if name)
    return tuple(name for name in dict.fromkeys((*first, *phrases.LANGUAGES)) if name in phrases.LANGUAGES)
