"""Facts as canonical JSON and back, exactly: a run continued from it does what it would have done (recovery).

Called through `Facts.to_json` and `Facts.from_json` only. Values are read back by the types of plan and policy.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from msgspec import Struct

from resolver.condition.storage import read_value
from resolver.condition.storage import to_json as value_to_json
from resolver.condition.types import Record, Text, Type
from resolver.condition.values import RecordValue, Value
from resolver.decision.answered import answer_as_json, read_answer
from resolver.decision.choice import stored_type
from resolver.decision.effects import Found, LookUpFailed, Missing, Offer, Performed
from resolver.decision.facts import (
    Approval,
    Aside,
    Beside,
    Confirmation,
    Facts,
    Leaving,
    OpenQuestion,
    Position,
    Proving,
    RecordFact,
    SlotFact,
    StepResult,
    Tried,
    Waiting,
)
from resolver.decision.referred import look_up_of
from resolver.errors import Malformed
from resolver.playbook.plan import Do, Mode, Plan
from resolver.playbook.policy import Policy
from resolver.reading import Span
from resolver.ticket import Level, MessageId

FORM = 1

_T = TypeVar("_T")

_PLAIN = (
    "run", "turn", "language", "stage", "rule", "decisions", "heard", "last_asked", "asked_again", "stops_heard",
    "reason", "stopped_by", "unsure", "quiet", "ending", "disposition", "codes", "line", "question", "asides",
    "repeats",
)  # fmt: skip


def write(facts: Facts) -> str:
    """The facts as canonical JSON: keys sorted, no spaces, UTF-8."""
    document = {name: getattr(facts, name) for name in _PLAIN} | {
        "form": FORM,
        "plan": facts.plan,
        "policy": facts.policy.id,
        "mode": facts.mode.value,
        "now": _instant(facts.now),
        "level": facts.level.value,
        "customer": _values(facts.customer),
        "ticket": _values(facts.ticket),
        "slots": {name: _slot(fact) for name, fact in facts.slots.items()},
        "records": {name: _record(fact) for name, fact in facts.records.items()},
        "results": {name: _result(result) for name, result in facts.results.items()},
        "undone": {name: _result(result) for name, result in facts.undone.items()},
        **{
            name: _plain(getattr(facts, name))
            for name in (
                "position",
                "offer",
                "confirmation",
                "approval",
                "waiting",
                "proving",
                "beside",
                "leaving",
                "aside",
                "tried",
            )
        },
        "questions": _plain(facts.questions),
        "answer": None if facts.answer is None else answer_as_json(facts.answer),
        "path": list(facts.path),
        "dry_runs": list(facts.dry_runs),
        "said": list(facts.said),
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _values(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: value_to_json(value) for name, value in values.items()}


def _slot(fact: SlotFact) -> dict[str, Any]:
    value = None if fact.value is None else value_to_json(fact.value)
    return {
        "value": value, "source": fact.source, "message": fact.message, "span": _plain(fact.span),
        "tries": fact.tries, "corrections": fact.corrections,
    }  # fmt: skip


def _record(fact: RecordFact) -> dict[str, Any]:
    match fact:
        case Found(record=record, at=at):
            return {"found": value_to_json(record), "at": _instant(at)}
        case LookUpFailed(problem=problem):
            return {"failed": problem}
        case Missing():
            return {"missing": True}


def _result(result: StepResult) -> dict[str, Any]:
    performed = {
        name: getattr(result.performed, name) for name in ("state", "code", "external_id", "stopped_by")
    }
    return {
        "performed": performed | {"gives": _values(result.performed.gives)},
        "generation": result.generation,
        "at": _instant(result.at),
        "settled_at": _plain(result.settled_at),
    }


def _plain(value: Any) -> Any:
    """A small frozen type as JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return _instant(value)
    return value.value if isinstance(value, Enum) else value


# -- back ---------------------------------------------------------------------------------------------------------


def read(document: str, plan: Plan, policy: Policy) -> Facts:
    """The facts of a stored document."""
    try:
        raw = json.loads(document)
        if raw["form"] != FORM:
            raise Malformed(
                "These facts were written by a later release.", remedy="install that release again"
            )
        if raw["plan"] != plan.id or raw["policy"] != policy.id:
            raise Malformed("These facts belong to another plan or policy.", remedy="load the ones they name")
        return _Reader(plan, policy).facts(raw)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"Stored facts cannot be read: {error!r}.", remedy="restore the backup") from None


def _when(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _must(text: str) -> datetime:
    return datetime.fromisoformat(text)


class _Reader:
    def __init__(self, plan: Plan, policy: Policy) -> None:
        self.plan = plan
        self.policy = policy

    def facts(self, raw: dict[str, Any]) -> Facts:
        customer = {name: one.type for name, one in self.policy.customer_fields.items()}
        return Facts(
            plan=raw["plan"],
            policy=self.policy,
            mode=Mode(raw["mode"]),
            now=_must(raw["now"]),
            level=Level(raw["level"]),
            customer=self._own("customer", raw["customer"], customer),
            ticket=self._own("ticket", raw["ticket"], {}),
            slots={name: self._slot(name, one) for name, one in raw["slots"].items()},
            records={name: self._record(name, one) for name, one in raw["records"].items()},
            results={name: self._result(name, one) for name, one in raw["results"].items()},
            undone={name: self._result(name, one) for name, one in raw.get("undone", {}).items()},
            position=_optional(raw["position"], lambda one: Position(**one)),
            offer=_optional(raw["offer"], lambda one: Offer(**one)),
            confirmation=_optional(raw["confirmation"], _confirmation),
            approval=_optional(raw["approval"], _approval),
            waiting=_optional(raw["waiting"], lambda one: Waiting(**{**one, "until": _when(one["until"])})),
            proving=_optional(raw.get("proving"), lambda one: Proving(**one)),
            beside=_optional(raw.get("beside"), _beside),
            leaving=_optional(raw.get("leaving"), lambda one: Leaving(**one)),
            aside=_optional(raw.get("aside"), _aside),
            answer=_optional(raw.get("answer"), read_answer),
            tried=_optional(raw.get("tried"), lambda one: Tried(one["offer"], tuple(one["steps"]))),
            dry_runs=tuple(raw.get("dry_runs", ())),
            path=tuple(raw["path"]),
            said=tuple(raw.get("said", ())),
            questions=tuple(_question(one) for one in raw["questions"]),
            **{name: raw[name] for name in _PLAIN if name in raw},
        )

    def _value(self, type_: Type, raw: Any, name: str) -> Value:
        return read_value(type_, raw, self.plan.records, name=name)

    def _own(self, root: str, raw: Mapping[str, Any], more: Mapping[str, Type]) -> dict[str, Value]:
        """The fields of `customer` or `ticket`; what nobody declared is text."""
        declared = self.plan.records.get(root)
        types = {name: one.type for name, one in declared.fields.items()} if declared else {}
        types |= more
        return {
            name: self._value(types.get(name, Text()), one, f"{root}.{name}") for name, one in raw.items()
        }

    def _slot(self, name: str, raw: dict[str, Any]) -> SlotFact:
        slot = self.plan.slots[name]
        type_ = stored_type(slot)
        return SlotFact(
            value=None if raw["value"] is None else self._value(type_, raw["value"], name),
            source=raw["source"],
            message=_optional(raw["message"], MessageId),
            span=_optional(raw["span"], lambda one: Span(**one)),
            tries=raw["tries"],
            corrections=raw["corrections"],
        )

    def _record(self, name: str, raw: dict[str, Any]) -> RecordFact:
        if "failed" in raw:
            return LookUpFailed(raw["failed"])
        if "found" not in raw:
            return Missing()
        record = self._value(Record(look_up_of(self.plan, name).gives.name), raw["found"], name)
        if not isinstance(record, RecordValue):
            raise ValueError(f"the record {name} does not fit its type")
        return Found(record, _must(raw["at"]))

    def _result(self, name: str, raw: dict[str, Any]) -> StepResult:
        step = next(
            (
                one
                for steps in self.plan.outcomes.values()
                for one in steps
                if isinstance(one, Do) and one.id == name
            ),
            None,
        )
        types = {key: one.type for key, one in step.spec.gives.items()} if step else {}
        gives = {
            key: self._value(types.get(key, Text()), value, key)
            for key, value in raw["performed"]["gives"].items()
        }
        performed = Performed(**{**raw["performed"], "gives": gives})
        return StepResult(performed, raw["generation"], _must(raw["at"]), _when(raw["settled_at"]))


def _optional(raw: Any, make: Callable[[Any], _T]) -> _T | None:
    return None if raw is None else make(raw)


def _confirmation(raw: dict[str, Any]) -> Confirmation:
    return Confirmation(raw["offer"], raw["text_digest"], MessageId(raw["message"]), _must(raw["at"]))


def _aside(raw: dict[str, Any]) -> Aside:
    return Aside(MessageId(raw["message"]), raw["text"], raw["alone"])


def _beside(raw: dict[str, Any]) -> Beside:
    return Beside(tuple((name, type_) for name, type_ in raw["asked"]), raw["numbers"])


def _approval(raw: dict[str, Any]) -> Approval:
    return Approval(raw["offer"], raw["approver"], _must(raw["at"]), _must(raw["expires_at"]))


def _question(raw: dict[str, Any]) -> OpenQuestion:
    options = tuple((key, shown) for key, shown in raw["options"])
    return OpenQuestion(raw["slot"], options, raw["first"], raw.get("element", ""))
