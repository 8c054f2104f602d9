"""Two offers on one record, one of which ends it: which they are, and which one the customer chooses (LANGUAGE 12).

Asked by `case` before anything is offered or done. Pure; it names runs and offers and changes nothing.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from resolver.decision.effects import Approve, Confirm, DryRun, Effect, Offer, Perform
from resolver.decision.outline import outline_of
from resolver.decision.scenario import Walk
from resolver.playbook.plan import Do, Plan

_WORD = re.compile(r"\w+")
_ONLY = frozenset({
    "only", "just", "except", "but", "not", "nur", "außer", "aber", "nicht", "bloß", "seulement", "sauf", "mais", "pas",
    "solo", "sólo", "solamente", "excepto", "pero", "salvo", "tylko", "oprócz", "prócz", "ale", "nie",
})  # fmt: skip
_ORDINALS: tuple[tuple[str, ...], ...] = (
    ("first", "erst", "premi", "primer", "pierwsz"),
    ("second", "zweit", "deuxi", "segund", "drug"),
    ("third", "dritt", "troisi", "tercer", "trzec"),
    ("fourth", "viert", "quatri", "cuart", "czwart"),
)


@dataclass(frozen=True, slots=True)
class Touches:
    """A record that an offer acts on: its type and key, and whether the action ends it."""

    type_name: str
    key: str
    ends: bool


def clash(walks: Sequence[tuple[Walk, Effect | None]]) -> tuple[int, int] | None:
    """The first two runs, in order, whose offers exclude each other; each run with the effect it stands at, if any."""
    touched = [_touched(walk, effect) for walk, effect in walks]
    for later, mine in enumerate(touched):
        for earlier in range(later):
            if any(_excludes(one, other) for one in touched[earlier] for other in mine):
                return earlier, later
    return None


def _excludes(one: Touches, other: Touches) -> bool:
    return (one.type_name, one.key) == (other.type_name, other.key) and (one.ends or other.ends)


def _touched(walk: Walk, effect: Effect | None) -> tuple[Touches, ...]:
    """The records that a run would act on, by what it has offered or is about to."""
    facts = walk.facts
    if facts.stage == "ended" or facts.committed:
        return ()
    if isinstance(effect, Perform):
        if effect.record is None:
            return ()
        return (_touch(walk.plan, effect.step, effect.record.type_name, effect.record.key),)
    offer = effect.offer if isinstance(effect, DryRun | Confirm | Approve) else facts.offer
    return _in_offer(walk.plan, offer) if offer is not None else ()


def _in_offer(plan: Plan, offer: Offer) -> tuple[Touches, ...]:
    found = []
    for action in json.loads(offer.document)["actions"]:
        step = outline_of(plan).actions[action["step"]]
        record = action["with"].get(step.spec.record) if step.spec.record else None
        if isinstance(record, dict) and "key" in record:
            found.append(_touch(plan, action["step"], record.get("type", ""), record["key"]))
    return tuple(found)


def _touch(plan: Plan, step: str, type_name: str, key: str) -> Touches:
    spec = outline_of(plan).actions[step].spec
    return Touches(type_name, key, spec.ends is not None and spec.ends == spec.record)


# -- which one is meant -------------------------------------------------------------------------------------------


def named(text: str, offers: Sequence[str]) -> frozenset[int] | None:
    """Which of the numbered offers a message names: by number, as the first or second, or by a word only one has.

    None if it names none of them; empty if it narrows the answer down (`only …`) and nobody can tell to which.
    """
    words = _WORD.findall(text.casefold())
    found = {int(word) - 1 for word in words if word.isdigit() and 0 < int(word) <= len(offers)}
    if not found:
        found = {
            place
            for place, stems in enumerate(_ORDINALS[: len(offers)])
            if any(word.startswith(stems) for word in words)
        }
    if not found:
        own = _distinct(offers)
        found = {place for place, mine in enumerate(own) if not mine.isdisjoint(words)}
    if found:
        return frozenset(found)
    return frozenset() if not _ONLY.isdisjoint(words) else None


def _distinct(offers: Sequence[str]) -> list[set[str]]:
    """For each offer the longer words that stand in no other."""
    spoken = [{word for word in _WORD.findall(one.casefold()) if len(word) > 3} for one in offers]
    return [
        mine - set().union(*(other for place, other in enumerate(spoken) if place != at))
        for at, mine in enumerate(spoken)
    ]


def described(plan: Plan, text: str) -> str:
    """The words an offer is known by: what was said, and what its actions and playbook are called."""
    titles = (step.spec.title for steps in plan.outcomes.values() for step in steps if isinstance(step, Do))
    return " ".join((text, plan.title, plan.playbook.replace("_", " "), *titles))
