"""The readable explanation of a run: message, understanding, facts, every rule with what it saw, effects, ending.

Made from the plan, the run's facts and its trace lines, for `resolver explain`. A value is shown only where its keyed
digest in the trace is that of the stored fact; one that was read anew since is said to be replaced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from resolver.condition.values import Unknown, Value
from resolver.decision.approval_sheet import value_of
from resolver.decision.effects import Found, Missing
from resolver.decision.facts import Facts
from resolver.decision.grounding import WORDS
from resolver.decision.note import reason_text
from resolver.decision.prepare import environment
from resolver.decision.reply import Voice, one_line, show, show_record, voice_of
from resolver.decision.trace import Digest, digest_of
from resolver.playbook.due import day_rules
from resolver.playbook.plan import Plan, Rule
from resolver.reading import Reading

_ANSWERS = {True: "yes", False: "no", None: "unknown"}
_REPLACED = "(read anew since)"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Plain data for `--json`; `lines` is the same for reading."""

    document: Mapping[str, Any]

    def to_json(self) -> Mapping[str, Any]:
        """The whole as plain JSON data."""
        return self.document

    def lines(self) -> list[str]:
        """The explanation as lines of text, the answer first."""
        document = self.document
        found = [document["headline"]]
        for turn in document["turns"]:
            found += ["", f"Turn {turn['turn']}, {turn['now']}", *_turn_lines(turn)]
        return found


def explain(
    plan: Plan,
    facts: Facts,
    trace: Sequence[Mapping[str, Any]],
    *,
    digest: Digest,
    readings: Sequence[Reading] = (),
    keys: Mapping[str, str] | None = None,
) -> Explanation:
    """The explanation of a run.

    `trace` has the run's lines as parsed JSON, oldest first; `keys` the idempotency key of each step that has one.
    """
    teller = _Teller(plan, facts, digest, {reading.message: reading for reading in readings}, keys or {})
    return Explanation(
        {
            "run": facts.run,
            "playbook": plan.playbook,
            "title": plan.title,
            "plan": plan.id,
            "policy": facts.policy.id,
            "mode": facts.mode.value,
            "headline": _headline(plan, facts),
            "turns": [teller.turn(line) for line in trace],
            "disposition": facts.disposition,
            "stopped_by": facts.stopped_by,
            "waits_for": facts.waiting.for_ if facts.waiting else None,
        }
    )


def _headline(plan: Plan, facts: Facts) -> str:
    rule = next((one for one in plan.rules if one.id == facts.rule), None)
    ended = facts.disposition or (f"waits for {facts.waiting.for_}" if facts.waiting else "under way")
    why = reason_text(facts.reason) if facts.stopped_by or not rule else ""
    because = (
        f"rule {rule.id}: {rule.because}" if rule and rule.because else f"rule {rule.id}" if rule else ""
    )
    said = " ".join(part for part in (why, because and f"({because})" if why else because) if part)
    return f"{plan.title}: {ended.replace('_', ' ')}." + (f" {said}" if said else "")


@dataclass(frozen=True, slots=True)
class _Teller:
    plan: Plan
    facts: Facts
    digest: Digest
    readings: Mapping[str, Reading]
    keys: Mapping[str, str]

    @property
    def voice(self) -> Voice:
        return voice_of(
            self.plan, self.facts, "en" if "en" in self.plan.languages else self.plan.languages[0]
        )

    def turn(self, line: Mapping[str, Any]) -> dict[str, Any]:
        messages = dict.fromkeys(move["message"] for move in line.get("moves", ()) if "message" in move)
        return {
            "turn": line["turn"],
            "now": line["now"],
            "messages": [self._message(self.readings[one]) for one in messages if one in self.readings],
            "moves": line.get("moves", []),
            "slots": [self._slot(name, one) for name, one in line.get("slots", {}).items()],
            "facts": [self._read(one) for one in line.get("read", ())],
            "computed": {name: self._value(name, one) for name, one in line.get("computed", {}).items()},
            "rules": [self._rule(one) for one in line.get("rules", ())],
            "offer": line.get("offer"),
            "same_offer": line.get("same_offer"),
            "effects": [self._effect(one) for one in line.get("effects", ())],
            "end": line.get("end"),
            "waits": line.get("waits"),
        }

    def _message(self, reading: Reading) -> dict[str, Any]:
        return {
            "message": reading.message,
            "text": reading.text,
            "language": reading.language,
            "intents": [{"intent": one.intent, "score": round(one.score, 4)} for one in reading.intents],
            "scores": [{"intent": one.intent, "score": round(one.score, 4)} for one in reading.scores],
            "moves": list(reading.moves),
            "slots": [
                {
                    "type": one.slot_type,
                    "value": one.value,
                    "span": [one.span.start, one.span.end],
                    "words": one.span.text,
                }
                for one in reading.slots
            ],
        }

    def _slot(self, name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        fact = self.facts.slots.get(name)
        value = fact.value if fact else None
        return {
            "slot": name,
            "value": self._shown(name, value, entry["digest"]) if value is not None else _REPLACED,
            "source": entry["source"],
            "message": entry.get("message"),
            "span": entry.get("span"),
        }

    def _read(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        name = entry["as"]
        fact = self.facts.records.get(name)
        base = {"name": name, "look_up": entry["look_up"], "result": entry.get("result", "found")}
        if not isinstance(fact, Found):
            return base | ({"result": "missing"} if isinstance(fact, Missing) else {})
        if digest_of(name, fact.record, self.digest) != entry.get("digest"):
            return base | {"at": entry.get("at"), "value": _REPLACED}
        fields = {
            field: show(value, self.voice, f"{name}.{field}")
            for field, value in fact.record.fields.items()
            if not isinstance(value, Unknown)
        }
        return base | {"at": entry.get("at"), "value": show_record(fact.record, self.voice), "fields": fields}

    def _rule(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        rule = next((one for one in self.plan.rules if one.id == entry["rule"]), None)
        return {
            "rule": entry["rule"],
            "line": entry["line"],
            "when": rule.when.source if rule and rule.when else "otherwise",
            "is": _ANSWERS[entry["is"]],
            "saw": {name: self._value(name, one) for name, one in entry.get("saw", {}).items()},
            "missing": entry.get("missing", []),
            "because": rule.because if rule else "",
            "days": self._days(rule, entry.get("saw", {})) if rule else [],
        }

    def _days(self, rule: Rule, saw: Mapping[str, str]) -> list[str]:
        """When the rule's answer changes, for the days it saw."""
        calendar, env = self.facts.policy.calendar, environment(self.plan, self.facts)
        if any(self._value(name, wanted) == _REPLACED for name, wanted in saw.items()):
            return []  # the days are behind these values, and may be others now
        found = []
        for one in day_rules(self.plan, rule):
            value = value_of(one.name, env)
            if isinstance(value, date):
                day = calendar.day_of(value) if isinstance(value, datetime) else value
                found.append(f"{one.condition}: {one.sentence(day, calendar)}")
        return found

    def _effect(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        step = entry.get("step")
        key = self.keys.get(step) if isinstance(step, str) else None
        return {**entry, "key": key} if key else dict(entry)

    def _value(self, name: str, wanted: str) -> str:
        return self._shown(name, value_of(name, environment(self.plan, self.facts)), wanted)

    def _shown(self, name: str, value: Value, wanted: str) -> str:
        if isinstance(value, Unknown) or digest_of(name, value, self.digest) != wanted:
            return _REPLACED
        return show(value, self.voice, name)


def _turn_lines(turn: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for message in turn["messages"]:
        scores = ", ".join(
            f"{one['intent']} {one['score']:.2f}" for one in message["scores"] or message["intents"]
        )
        found.append(f"  Message {message['message']} ({message['language']}): {one_line(message['text'])}")
        if scores:
            found.append(f"    understood: {scores}")
        found += [f"    move: {move}" for move in message["moves"]]
    found += [f"  Event: {move['move']}" for move in turn["moves"] if "message" not in move]
    for slot in turn["slots"]:
        place = f", message {slot['message']}" if slot["message"] else ""
        span = f" [{slot['span'][0]}:{slot['span'][1]}]" if slot["span"] else ""
        found.append(f"  Slot {slot['slot']} = {slot['value']} ({slot['source']}{place}{span})")
    for fact in turn["facts"]:
        found.append(f"  Read {fact['name']} by {fact['look_up']}: {fact.get('value', fact['result'])}")
        found += [f"    {name}: {value}" for name, value in fact.get("fields", {}).items()]
    found += [f"  Computed {name} = {value}" for name, value in turn["computed"].items()]
    found += [line for rule in turn["rules"] for line in _rule_lines(rule)]
    if turn["same_offer"] is not None:
        found.append(
            "  The decision is the same as before." if turn["same_offer"] else "  The decision has changed."
        )
    found += [_effect_line(effect) for effect in turn["effects"]]
    if turn["end"]:
        found.append(f"  Ended: {turn['end']}")
    elif turn["waits"]:
        found.append(f"  Waits for: {turn['waits']}")
    return found


def _rule_lines(rule: Mapping[str, Any]) -> list[str]:
    saw = ", ".join(f"{name} = {value}" for name, value in rule["saw"].items())
    missing = f", not known: {', '.join(rule['missing'])}" if rule["missing"] else ""
    seen = f" [{saw}{missing}]" if saw or missing else ""
    return [
        f"  Rule {rule['rule']} (line {rule['line']}): {rule['is']}. {rule['when']}{seen}",
        *(f"    {sentence}" for sentence in rule["days"]),
    ]


def _effect_line(effect: Mapping[str, Any]) -> str:
    tried = f"tried {effect['tried']}" if "tried" in effect else ""
    what = effect.get("step") or tried or f"asked for {', '.join(effect.get('asked', ()))}"
    state = f": {effect['result']}" if "result" in effect else ""
    more = [
        f"{name} {effect[name]}"
        for name in ("code", "external", "stopped_by", "key", "queue")
        if name in effect
    ]
    more += [f"about {effect['topic']}"] if "topic" in effect else []
    more += [f"article {one['link']} version {one['version']}" for one in effect.get("cites", ())]
    more += [f"score {effect['score']}"] if "score" in effect else []
    more += (
        [f"not sent: {WORDS.get(effect['no_answer'], effect['no_answer'])}"] if "no_answer" in effect else []
    )
    more += ["in other words"] if effect.get("rephrased") else []
    return f"  Effect {what}{state}" + (f" ({', '.join(more)})" if more else "")
