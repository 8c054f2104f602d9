"""What goes to people without a playbook: the note of a request nobody handles, and of money that came to nothing.

Used by `deciding`. Pure.
"""

from collections.abc import Sequence

from resolver.decision.effects import HandOff
from resolver.durable.workflow import Json
from resolver.reading import Reading
from resolver.resolution.draft import Draft
from resolver.resolution.opening import ForPeople
from resolver.store.ledger import Entry


def for_people(whys: Sequence[ForPeople], readings: Sequence[Reading] = ()) -> Draft:
    """The draft that gives the ticket to the default queue, for all these reasons, with what was understood."""
    summary = " ".join(why.summary for why in whys)
    hand_off = HandOff(
        step="unhandled",
        queue="default",
        summary=summary,
        tell=None,
        priority=None,
        reason=whys[0].reason,
        because=summary,
        language="en",
    )
    return Draft(hand_off=hand_off, note="\n".join([summary, *_understood(readings)]))


def _understood(readings: Sequence[Reading]) -> list[str]:
    """What was made of the messages, for the agent who takes over: language, best guesses, what was named."""
    lines = []
    for reading in readings:
        guesses = ", ".join(f"{score.intent} {score.score:.0%}" for score in reading.scores[:3])
        named = ", ".join(f"{slot.slot_type.replace('_', ' ')} {slot.span.text}" for slot in reading.slots)
        lines += [f"Language: {reading.language}"]
        lines += [f"Closest to: {guesses}"] if guesses else []
        lines += [f"Named: {named}"] if named else []
    return ["", "What the resolver understood:", *(f"- {line}" for line in lines)] if lines else []


def settled_late(entry: Entry, heard: Json) -> Draft:
    """What people get of a pending effect that ended badly, where its run cannot be told of it any more."""
    if not isinstance(heard, dict) or heard.get("state") in ("done", "pending"):
        return Draft()
    why = f"{entry.action} was started on {entry.intended_at[:10]} and has failed"
    if heard.get("state") == "unknown":
        why = (
            f"{entry.action} was started on {entry.intended_at[:10]}, and nobody can tell whether it happened"
        )
    summary = f"{why}; please look into it ({entry.external_id or 'no number'})."
    return for_people([ForPeople("settled_badly", summary)])
