"""The one message of a turn: what all runs have to say to the customer, in run order (LANGUAGE 12).

Used by `resolution.draft` and tests. Texts come finished from the runs; numbers and what holds them together are added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from resolver.decision.texts import built_in
from resolver.playbook.policy import Policy


@dataclass(frozen=True, slots=True)
class Part:
    """What one run says: results, an offer that waits for a yes, and a question. Each may be missing."""

    told: tuple[str, ...] = ()
    offer: str | None = None
    question: str | None = None


def message(parts: Sequence[Part], *, conflict: bool, language: str, policy: Policy) -> str | None:
    """Results first, then the offers in one list, then what is asked; None if there is nothing to say."""
    sorry = built_in("ask_again", language, policy)
    told = [text for part in parts for text in part.told]
    offers = [part.offer for part in parts if part.offer]
    asked = [part.question for part in parts if part.question]
    again = any(text.startswith(f"{sorry}\n\n") for text in (*offers, *asked))
    offers, asked = [[text.removeprefix(f"{sorry}\n\n") for text in texts] for texts in (offers, asked)]
    paragraphs = [*told, *([sorry] if again else [])]
    if conflict:
        paragraphs += [built_in("which_one", language, policy), numbered(offers)]
    elif len(offers) > 1:
        paragraphs += [numbered(offers), built_in("yes_to_all", language, policy)]
    else:
        paragraphs += offers
    return "\n\n".join(dict.fromkeys(text for text in (*paragraphs, *asked) if text)) or None


def numbered(texts: Sequence[str]) -> str:
    """A list with a number before each text, its further lines set in."""
    lines = (f"{number}. {text}".replace("\n", "\n   ") for number, text in enumerate(texts, start=1))
    return "\n".join(lines)
