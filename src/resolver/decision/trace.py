"""The trace: one JSON line per turn, hash-chained, with no value in clear (LANGUAGE 16).

Written by whoever drives a `scenario.Walk`, read by `explain` and replay. The key of the digests stays with the caller.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from resolver.condition.env import Env
from resolver.condition.one_step import one_step
from resolver.condition.storage import to_json
from resolver.condition.values import Unknown, Value
from resolver.decision.approval_sheet import value_of
from resolver.decision.effects import (
    Answer,
    Answered,
    Ask,
    CheckIn,
    Confirm,
    DryRun,
    Effect,
    Found,
    HandOff,
    LookUp,
    Missing,
    NoAnswer,
    Perform,
    Performed,
    Prove,
    Recognised,
    Reply,
    Result,
    Sent,
    Undo,
)
from resolver.decision.engine import Judged
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
from resolver.decision.facts import Facts
from resolver.decision.grounding import refused
from resolver.decision.polish import as_said
from resolver.decision.prepare import Prepared, environment
from resolver.decision.referred import look_up_of
from resolver.decision.reply import language_of
from resolver.playbook.plan import Plan
from resolver.reading import Reading

Digest = Callable[[str, str], str]
"""The keyed digest of a value: its name and canonical JSON go in."""

Instead = Callable[[str, Value], Any]
"""What stands in a line instead of a value: its name and the value go in."""

FIRST = "0" * 64
"""What the first line of a chain has as `prev`."""


@dataclass(slots=True)
class Taken:
    """An effect and what came of it; in a line stand only results of actions and refused texts."""

    effect: Effect
    result: Result | None = None

    @property
    def performed(self) -> Performed | None:
        """What came of an action, or of a text that was refused."""
        return self.result if isinstance(self.result, Performed) else None


@dataclass(slots=True)
class Log:
    """What happened in one turn. `offer` is the last one that was made or still held, `env` what the rules saw.

    `later` are the events heard after effects were taken, with the number of effects before each.
    """

    events: list[Event] = field(default_factory=list)
    later: list[tuple[int, Event]] = field(default_factory=list)
    judged: tuple[Judged, ...] = ()
    env: Env | None = None
    same_offer: bool | None = None
    offer: str | None = None
    taken: list[Taken] = field(default_factory=list)

    def hears(self, event: Event) -> None:
        """Note what was heard; rules that were judged before it may be judged again."""
        self.events.append(event)
        if self.taken:
            self.later.append((len(self.taken), event))
        if type(event) is not Asked:
            self.judged = ()


def line(plan: Plan, facts: Facts, log: Log, *, case: str, digest: Digest, prev: str = FIRST) -> bytes:
    """The turn's line: canonical JSON, its `hash` over all the rest with `prev` in it."""
    found = body(plan, facts, log, keyed(digest)) | {"case": case, "prev": prev}
    return canonical(found | {"hash": chain_hash(found)})


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8."""
    return _as_json(document).encode()


def chain_hash(body: Mapping[str, Any]) -> str:
    """The hash of a line: over its canonical bytes without `hash` itself."""
    return sha256(canonical({name: value for name, value in body.items() if name != "hash"})).hexdigest()


def chained(lines: list[bytes], *, first: str = FIRST) -> bool:
    """Whether the lines follow one another unchanged."""
    prev = first
    for one in lines:
        body = json.loads(one)
        if body.get("prev") != prev or body.get("hash") != chain_hash(body) or canonical(body) != one:
            return False
        prev = body["hash"]
    return True


def digest_of(name: str, value: Value, digest: Digest) -> str:
    """The keyed digest of one value."""
    return digest(name, canonical_text(value))


def canonical_text(value: Value) -> str:
    """The canonical JSON of one value."""
    return _as_json(to_json(value))


_as_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def keyed(digest: Digest) -> Instead:
    """The keyed digest instead of each value, as every stored line has it."""
    return lambda name, value: digest_of(name, value, digest)


def body(plan: Plan, facts: Facts, log: Log, instead: Instead) -> dict[str, Any]:
    """All of a turn's line that the turn itself knows: without case, `prev` and `hash`.

    What is stored has keyed digests instead of values: `keyed`. A backtest hashes its lines at once and keeps none, so
    there the values may stand for themselves.
    """
    computed, rules = _worked_out(plan, facts, log, instead)
    found: dict[str, Any] = {
        "run": facts.run,
        "turn": facts.turn,
        "plan": plan.id,
        "policy": facts.policy.id,
        "now": _instant(facts.now),
        "mode": facts.mode.value,
        "moves": [move for event in log.events for move in _moves(event)],
        "slots": _slots(facts, instead),
        "read": _reads(plan, facts, instead),
        "computed": computed,
        "rules": rules,
        "effects": [_effect(plan, facts, one) for one in log.taken if type(one.effect) is not LookUp],
    }
    if log.offer is not None:
        found["offer"] = log.offer
    if log.same_offer is not None:
        found["same_offer"] = log.same_offer
    if facts.stopped_by is not None:
        found["stopped_by"] = facts.stopped_by
    if facts.stage == "ended" and facts.disposition is not None:
        found["end"] = facts.disposition
    if facts.waiting is not None:
        found["waits"] = facts.waiting.for_
    return found


@one_step
def _instant(at: datetime) -> str:
    # What isoformat would give, in a tenth of the time.
    text: str = msgspec.to_builtins(at.astimezone(UTC))
    return text


def _moves(event: Event) -> list[dict[str, Any]]:
    match event:
        case Said(reading=reading, code=code):
            return _said(reading, code)
        case Approved(approver=approver, offer=offer):
            return [{"move": "approved", "by": approver, "offer": offer}]
        case Denied(approver=approver):
            return [{"move": "denied", "by": approver}]
        case GoAhead(by=by, suggestion=suggestion):
            return [{"move": "go_ahead", "by": by, "suggestion": suggestion}]
        case Late():
            return [{"move": "late"}]
        case Silence():
            return [{"move": "silent"}]
        case Settled(step=step, performed=performed):
            return [{"move": "settled", "step": step, "result": performed.state}]
        case Acted() | Asked() | NotChosen() | Undecided() | Withdrawn():
            return [{"move": _BESIDE[type(event)]}]


_BESIDE: Mapping[type[Event], str] = {
    Acted: "other_run_acted", Asked: "asked_beside", NotChosen: "not_chosen", Undecided: "conflict",
    Withdrawn: "plan_withdrawn",
}  # fmt: skip
"""What another run of the ticket, or the company, brings about."""


def _said(reading: Reading, code: str | None) -> list[dict[str, Any]]:
    message = reading.message
    found: list[dict[str, Any]] = [
        {"move": move, "message": message, "span": [0, _length(reading.text)]} for move in reading.moves
    ]
    for one in reading.slots:
        span = one.span
        found.append(
            {"move": "gives", "type": one.slot_type, "message": message, "span": [span.start, span.end]}
        )
    if code is not None:
        found.append({"move": "code", "message": message, "is": code})
    return found


@one_step
def _length(text: str) -> int:
    return len(text)


def _slots(facts: Facts, instead: Instead) -> dict[str, Any]:
    found = {}
    for name, fact in facts.slots.items():
        if fact.value is None:
            continue
        entry = found[name] = {"digest": instead(name, fact.value), "source": fact.source}
        if fact.message is not None:
            entry["message"] = fact.message
        if fact.span is not None:
            entry["span"] = [fact.span.start, fact.span.end]
    return found


def _reads(plan: Plan, facts: Facts, instead: Instead) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, fact in sorted(facts.records.items()):  # in no order that a stored run would forget
        entry: dict[str, Any] = {"look_up": look_up_of(plan, name).name, "as": name}
        if isinstance(fact, Found):
            entry["key"] = instead("key", fact.record.key)
            entry["at"] = _instant(fact.at)
            entry["digest"] = instead(name, fact.record)
        else:
            entry["result"] = "missing" if isinstance(fact, Missing) else "failed"
        found.append(entry)
    return found


class _Seen(dict[str, Any]):
    """What stands instead of the value of each dotted name; every name once, however many rules read it."""

    def __init__(self, env: Env, instead: Instead) -> None:
        super().__init__()
        self._env = env
        self._instead = instead
        self.computed: dict[str, Any] = {}
        self.rules: list[dict[str, Any]] = []

    def __missing__(self, name: str) -> Any:
        value = value_of(name, self._env)
        found = self[name] = None if isinstance(value, Unknown) else self._instead(name, value)
        return found

    def each(self, names: Iterable[str]) -> dict[str, Any]:
        """Those names that are known."""
        return {name: found for name in names if (found := self[name]) is not None}


def _worked_out(
    plan: Plan, facts: Facts, log: Log, instead: Instead
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What stands for computed values and rules; the same again where the engine did not work them out anew."""
    env = environment(plan, facts)
    prepared: Prepared | None = facts.prepared
    if prepared is None or prepared.env is not env or log.env not in (None, env):
        seen = _Seen(env, instead)
        return seen.each(plan.computed), _rules(log, instead)
    told: dict[Instead, _Seen] = prepared.told
    if instead in told:
        seen = told[instead]
    else:
        seen = told[instead] = _Seen(env, instead)
        seen.computed = seen.each(plan.computed)
    if log.judged and not seen.rules:
        seen.rules = [_rule(one, seen) for one in log.judged]
    return seen.computed, seen.rules if log.judged else []


def _rules(log: Log, instead: Instead) -> list[dict[str, Any]]:
    if log.env is None:
        return []
    seen = _Seen(log.env, instead)
    return [_rule(one, seen) for one in log.judged]


def _rule(one: Judged, seen: _Seen) -> dict[str, Any]:
    entry: dict[str, Any] = {"rule": one.rule, "line": one.line, "is": one.answer}
    if one.names and (saw := seen.each(one.names)):
        entry["saw"] = saw
    if one.missing:
        entry["missing"] = list(one.missing)
    return entry


def _effect(plan: Plan, facts: Facts, one: Taken) -> dict[str, Any]:
    entry = _step(one.effect)
    performed = one.result
    if isinstance(performed, Answered):
        entry["score"] = performed.score
        entry["cites"] = [{"link": each.link, "version": each.version} for each in performed.passages]
        why = refused(plan, facts, performed, language=language_of(plan, facts))
        if why is not None:
            entry["no_answer"] = why
    elif isinstance(performed, Recognised):
        entry["result"] = "recognised"
    elif isinstance(performed, NoAnswer):
        entry["no_answer"] = performed.why
    elif isinstance(performed, Sent) and performed.text is not None:
        entry["rephrased"] = as_said(one.effect, performed) is not one.effect
    elif isinstance(performed, Performed):
        entry["result"] = performed.state
        if performed.external_id is not None:
            entry["external"] = performed.external_id
        if performed.code is not None:
            entry["code"] = performed.code
        if performed.stopped_by is not None:
            entry["stopped_by"] = performed.stopped_by
    return entry


def _step(effect: Effect) -> dict[str, Any]:
    match effect:
        case Reply(citations=cited) if cited:
            cites = [{"title": one.title, "link": one.link, "version": one.version} for one in cited]
            return {"step": effect.step, "language": effect.language, "cites": cites}
        case Confirm() | CheckIn() | Reply():
            return {"step": effect.step, "language": effect.language}
        case Answer():
            return {"step": effect.step, "topic": effect.topic, "language": effect.language}
        case Perform() | Undo():
            return {"step": effect.step, "generation": effect.generation}
        case DryRun():
            return {"tried": effect.step}
        case Ask():
            return {"asked": list(effect.slots), "language": effect.language}
        case HandOff():
            return {"step": effect.step, "queue": effect.queue, "reason": effect.reason}
        case Prove():
            proves = {"step": effect.step, "proves": effect.level.value}
            by = {"details": True} if effect.details else {"code": effect.send}
            asked = {"asked": list(effect.slots)} if effect.slots else {}
            return {**proves, **by, **asked, "language": effect.language}
    return {"step": getattr(effect, "step", "")}
