"""What a turn was decided from, as canonical JSON and back: the facts it began with, what it heard and was answered.

Written beside the turn's trace and sealed by the caller; `replay` decides again from it, by the same driver.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from resolver.condition.storage import read_value
from resolver.condition.storage import to_json as value_to_json
from resolver.condition.types import Record, Text
from resolver.condition.values import RecordValue
from resolver.decision.answered import answer_as_json, read_answer
from resolver.decision.effects import (
    Answer,
    Answered,
    Effect,
    End,
    Found,
    LookUp,
    LookUpFailed,
    Missing,
    NoAnswer,
    Perform,
    Performed,
    Prove,
    Recognised,
    Result,
    Sent,
    Undo,
    Wait,
)
from resolver.decision.events import (
    Acted,
    Approved,
    Asked,
    Denied,
    Event,
    GoAhead,
    Late,
    NotChosen,
    Said,
    Settled,
    Silence,
    Undecided,
    Withdrawn,
)
from resolver.decision.facts import Beside, Facts
from resolver.decision.outline import outline_of
from resolver.decision.referred import look_up_of
from resolver.decision.scenario import Walk
from resolver.errors import Malformed
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Policy
from resolver.reading import Reading, SlotReading, Span
from resolver.ticket import MessageId

FORM = 1

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn of one run. `facts` are those it began with, as stored; `why_mode` why its mode was lowered.

    `held`: nothing of what it said was said, so the run stands where its messages and actions left it.
    `events` are what it began with; what it heard of other runs later stands among the results.
    """

    facts: str
    events: tuple[Json, ...]
    results: tuple[Json, ...]
    why_mode: str | None = None
    held: bool = False

    def to_json(self) -> str:
        """Canonical JSON of everything."""
        document = {
            "form": FORM,
            "facts": self.facts,
            "events": self.events,
            "results": self.results,
            "why_mode": self.why_mode,
            **({"held": True} if self.held else {}),
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "TurnRecord":
        """Read `to_json` back. `Malformed` if it is no such document."""
        try:
            raw = json.loads(text)
            if raw["form"] != FORM:
                raise Malformed("This turn was recorded by a later release.", remedy="install that release")
            return cls(
                raw["facts"],
                tuple(raw["events"]),
                tuple(raw["results"]),
                raw["why_mode"],
                raw.get("held", False),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed(
                f"A recorded turn cannot be read: {error!r}.", remedy="restore the backup"
            ) from None

    def goes_on(self, later: "TurnRecord") -> "TurnRecord":
        """The whole turn, where it was interrupted after this and recovered as `later`."""
        results = (*self.results, *({"heard": one} for one in later.events), *later.results)
        return TurnRecord(self.facts, self.events, results, self.why_mode or later.why_mode, later.held)


def record_of(walk: Walk, *, why_mode: str | None = None, held: bool = False) -> TurnRecord:
    """What a walk was decided from so far."""
    log, results = walk.log, [_result(one.result) for one in walk.log.taken]
    for place, event in reversed(log.later):
        results.insert(place, {"heard": _event(event)})
    return TurnRecord(
        facts=walk.begun.to_json(),
        events=tuple(_event(one) for one in log.events[: len(log.events) - len(log.later)]),
        results=tuple(results),
        why_mode=why_mode,
        held=held,
    )


def replayed(plan: Plan, policy: Policy, record: TurnRecord) -> Walk:
    """The turn decided again: a walk that stands where it stood, with its log.

    Raises:
        Malformed: The record belongs to another plan or policy, or the run comes to other effects than it did then.
    """
    walk = Walk(plan, Facts.from_json(record.facts, plan, policy))
    for place, raw in enumerate(record.events):
        walk.hears(_event_back(plan, raw, place))
    for place, raw in enumerate(record.results):
        if "heard" in raw:
            walk.hears(_event_back(plan, raw["heard"], place))
            continue
        effect = walk.next()
        try:
            if isinstance(effect, Perform | Undo):
                walk.commits(effect)
            walk.took(_result_back(plan, effect, raw))
        except (ValueError, KeyError, TypeError) as error:
            raise _otherwise(effect, place, error) from None
    walk.next()
    return walk


def _otherwise(effect: Effect, place: int, error: Exception) -> Malformed:
    name = type(effect).__name__
    problem = f"results[{place}]: the run comes to {name} here, which this does not answer ({error})."
    return Malformed(problem, remedy="compare the release that decided then with this one")


# -- events -------------------------------------------------------------------------------------------------------


def _event(event: Event) -> dict[str, Any]:
    match event:
        case Said(reading=reading, code=code):
            return {"what": "said", "reading": _reading(reading), "code": code}
        case Approved(approver=approver, offer=offer, at=at):
            return {"what": "approved", "by": approver, "offer": offer, "at": _instant(at)}
        case Denied(approver=approver):
            return {"what": "denied", "by": approver}
        case Silence():
            return {"what": "silence"}
        case Late():
            return {"what": "late"}
        case Settled(step=step, performed=performed, at=at):
            told = None if at is None else _instant(at)
            return {"what": "settled", "step": step, "performed": _performed(performed), "at": told}
        case Asked(beside=beside):
            return {"what": "asked", "asked": [list(one) for one in beside.asked], "numbers": beside.numbers}
        case Undecided(open=open_):
            return {"what": "undecided", "open": open_}
        case Acted():
            return {"what": "acted"}
        case NotChosen():
            return {"what": "not_chosen"}
        case GoAhead(by=by, suggestion=suggestion):
            return {"what": "go_ahead", "by": by, "suggestion": suggestion}
        case Withdrawn():
            return {"what": "withdrawn"}


def _reading(reading: Reading) -> dict[str, Any]:
    """As far as deciding looks at it: scores and intents chose the playbook before."""
    slots = [
        [one.slot_type, one.value, one.span.start, one.span.end, one.span.text, one.units, one.element]
        for one in reading.slots
    ]
    return {
        "message": reading.message,
        "text": reading.text,
        "language": reading.language,
        "moves": list(reading.moves),
        "slots": slots,
    }


def _event_back(plan: Plan, raw: Json, place: int) -> Event:
    try:
        match raw["what"]:
            case "said":
                return Said(_reading_back(raw["reading"]), raw["code"])
            case "approved":
                return Approved(raw["by"], raw["offer"], datetime.fromisoformat(raw["at"]))
            case "denied":
                return Denied(raw["by"])
            case "silence":
                return Silence()
            case "late":
                return Late()
            case "settled":
                at = None if raw["at"] is None else datetime.fromisoformat(raw["at"])
                return Settled(raw["step"], _performed_back(plan, raw["step"], raw["performed"]), at)
            case "asked":
                return Asked(Beside(tuple((name, type_) for name, type_ in raw["asked"]), raw["numbers"]))
            case "undecided":
                return Undecided(raw["open"])
            case "acted":
                return Acted()
            case "not_chosen":
                return NotChosen()
            case "go_ahead":
                return GoAhead(raw["by"], raw["suggestion"])
            case "withdrawn":
                return Withdrawn()
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed(f"events[{place}] cannot be read: {error!r}.", remedy="restore the backup") from None
    raise Malformed(f"events[{place}] is of no kind we know.", remedy="restore the backup")


def _reading_back(raw: Json) -> Reading:
    slots = tuple(
        SlotReading(type_, value, Span(start, end, text), units, element)
        for type_, value, start, end, text, units, element in raw["slots"]
    )
    message = MessageId(raw["message"])
    return Reading(message, raw["text"], raw["language"], moves=tuple(raw["moves"]), slots=slots)


# -- results ------------------------------------------------------------------------------------------------------


def _result(result: Result | None) -> dict[str, Any]:
    match result:
        case Found(record=record, at=at):
            return {"found": value_to_json(record), "at": _instant(at)}
        case Missing():
            return {"missing": True}
        case LookUpFailed(problem=problem):
            return {"failed": problem}
        case Answered() | NoAnswer():
            return {"answer": answer_as_json(result)}
        case Performed():
            return {"performed": _performed(result)}
        case Recognised(owner=owner):
            return {"recognised": owner}
        case Sent(text=str(text)):
            return {"sent": True, "text": text}
        case _:
            return {"sent": True}


def _performed(performed: Performed) -> dict[str, Any]:
    return {
        "state": performed.state,
        "code": performed.code,
        "external_id": performed.external_id,
        "stopped_by": performed.stopped_by,
        "gives": {name: value_to_json(value) for name, value in performed.gives.items()},
    }


def _result_back(plan: Plan, effect: Effect, raw: Json) -> Result:
    if isinstance(effect, Wait | End):
        raise ValueError("the turn is over")
    if isinstance(effect, LookUp):
        return _read_back(plan, effect, raw)
    if isinstance(effect, Answer):
        return read_answer(raw["answer"])
    if isinstance(effect, Perform | Undo) or "performed" in raw:
        return _performed_back(plan, getattr(effect, "step", ""), raw["performed"])
    if isinstance(effect, Prove) and "recognised" in raw:
        return Recognised(raw["recognised"])
    if "sent" not in raw:
        raise ValueError("it says something")
    return Sent(raw.get("text"))


def _read_back(plan: Plan, effect: LookUp, raw: Json) -> Found | Missing | LookUpFailed:
    if "missing" in raw:
        return Missing()
    if "failed" in raw:
        return LookUpFailed(raw["failed"])
    declared = look_up_of(plan, effect.name).gives
    record = read_value(Record(declared.name), raw["found"], plan.records, name=effect.name)
    if not isinstance(record, RecordValue):
        raise ValueError(f"the record {effect.name} does not fit its type")
    return Found(record, datetime.fromisoformat(raw["at"]))


def _performed_back(plan: Plan, step: str, raw: Json) -> Performed:
    declared = outline_of(plan).actions.get(step)
    types = {name: one.type for name, one in declared.spec.gives.items()} if declared else {}
    gives = {
        name: read_value(types.get(name, Text()), value, plan.records, name=name)
        for name, value in raw["gives"].items()
    }
    return Performed(raw["state"], raw["code"], raw["external_id"], gives, raw["stopped_by"])


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
