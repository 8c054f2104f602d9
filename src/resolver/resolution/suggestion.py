"""What a turn would do, as people are told it before it is done: the reply, the actions with their values, the reasons.

Made by `suggesting` and kept sealed. A go-ahead is for exactly this: what the turn then comes to is compared with it.
Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from resolver.decision.approval_sheet import facts_named
from resolver.decision.effects import Act, Approve, Effect, HandOff, Perform, Prove, Undo
from resolver.decision.facts import Facts
from resolver.decision.foreseen import Foreseen, foreseen
from resolver.decision.note import handoff_note
from resolver.decision.outline import outline_of
from resolver.decision.prepare import environment
from resolver.decision.reply import show, voice_of
from resolver.gateway.wire import to_ledger
from resolver.playbook.plan import Plan
from resolver.resolution.session import Session
from resolver.resolution.update import RunTurn
from resolver.ticket import WriteBack


@dataclass(frozen=True, slots=True)
class Action:
    """One action as it would be carried out. `line` is its canonical form, by which it is recognised."""

    title: str
    values: dict[str, str]
    line: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one run comes to this: its rule with the sentence behind it, and the facts that rule looked at."""

    playbook: str
    title: str
    run: str
    rule: str
    because: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """All of it. `digest` is of what would be said and set; None where that depends on what an action gives.

    `teams` must agree to it: only a member of each can give the go-ahead.
    """

    text: str | None
    actions: tuple[Action, ...]
    changes: dict[str, Any]
    hand_off: str | None
    reasons: tuple[Reason, ...]
    teams: tuple[str, ...]
    owners: tuple[str, ...]
    digest: str | None

    @property
    def empty(self) -> bool:
        """Whether there is nothing that would be said, set or done."""
        return self.text is None and not self.actions and not self.changes and self.hand_off is None

    def to_json(self) -> str:
        """As text to be sealed."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "Suggestion":
        """Read `to_json` back."""
        return msgspec.json.decode(text, type=cls)


@dataclass(frozen=True, slots=True)
class GoAhead:
    """A person's word that one suggestion shall be carried out, as it was told and no otherwise."""

    id: str
    by: str
    at: datetime
    told: Suggestion

    def covers(self, effect: Effect) -> bool:
        """Whether this was told. Texts are compared once all are known; what fails is taken back without a word."""
        if isinstance(effect, Approve):
            return effect.team in self.told.teams
        return not isinstance(effect, Perform) or line_of(effect) in {one.line for one in self.told.actions}


def digest_of(updates: Sequence[WriteBack]) -> str:
    """The digest of what updates say to the customer and set on the ticket; notes to people do not count."""
    told = [_said(update) for update in updates]
    return sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


def line_of(effect: Act) -> str:
    """The canonical form of an action: the same only for the same step with the same values."""
    arguments = effect.arguments
    told = [effect.step, effect.generation, effect.action, isinstance(effect, Undo), to_ledger(arguments)]
    return msgspec.json.encode(told, order="sorted").decode()


def ahead_of(session: Session) -> tuple[RunTurn, Foreseen]:
    """Where a run would stand at the end of the turn if everything it wants were done, with all it would say."""
    found = foreseen(session.plan, session.facts)
    draft = session.draft
    for effect, facts in found.says:
        draft = replace(draft, asked=effect.text) if isinstance(effect, Prove) else draft.adds(effect)
        if isinstance(effect, HandOff):
            draft = replace(draft, note=handoff_note(session.plan, facts, effect))
    return RunTurn(session.plan, found.facts, found.stands, draft), found


def suggestion(ahead: Sequence[tuple[RunTurn, Foreseen]], updates: Sequence[WriteBack]) -> Suggestion:
    """What the runs of a turn, each with what is foreseen of it, would come to in these updates of the ticket."""
    known = all(found.known for _, found in ahead)
    approvals = [(turn, asked) for turn, found in ahead for asked in found.approvals]
    changes = [_said(update) for update in updates]
    return Suggestion(
        text=next((update.public for update in updates if update.public), None),
        actions=tuple(_action(turn.plan, turn.facts, one) for turn, found in ahead for one in found.actions),
        changes={name: value for one in changes for name, value in one.items() if name != "public"},
        hand_off=next((update.private for update in updates if update.private), None),
        reasons=tuple(_reason(turn) for turn, _ in ahead),
        teams=tuple(dict.fromkeys(asked.team for _, asked in approvals)),
        owners=tuple(dict.fromkeys(turn.plan.owner for turn, _ in approvals)),
        digest=digest_of(updates) if known else None,
    )


def note_of(told: Suggestion, number: str, before: Sequence[str]) -> str:
    """The private note: what would be sent and done, why, and how to give the go-ahead. `before` heads it."""
    done = [_lines(one) for one in told.actions]
    reply = told.text or ("nothing is said to the customer" if told.digest else "it depends on what is done")
    sections = [
        *before,
        "The resolver suggests the following. Nothing of it is done or sent yet.",
        _section("It would do:", [line for lines in done for line in lines]),
        f"It would reply:\n{reply}",
        _section("On the ticket:", _changes(told)),
        *([f"For the people who get it:\n{told.hand_off}"] if told.hand_off else []),
        *(_why(one) for one in told.reasons),
        *(
            [f"This needs a member of {', '.join(told.teams)}; the go-ahead is their approval."]
            if told.teams
            else []
        ),
        f"Go ahead: resolver suggestions accept {number} --as E-MAIL\n"
        f"Or leave it: resolver suggestions reject {number} --as E-MAIL\n"
        "It is void as soon as somebody acts on the ticket or the customer writes.",
    ]
    return "\n\n".join(section for section in sections if section)


def _said(update: WriteBack) -> dict[str, Any]:
    told = {
        "public": update.public,
        "status": update.status.value if update.status else None,
        "priority": update.priority,
        "queue": update.queue,
        "add_tags": list(update.add_tags),
        "remove_tags": list(update.remove_tags),
        "fields": dict(update.fields),
    }
    return {name: value for name, value in told.items() if value}


def _action(plan: Plan, facts: Facts, effect: Act) -> Action:
    step, voice = outline_of(plan).actions[effect.step], voice_of(plan, facts, plan.languages[0])
    values = {name: show(value, voice, name) for name, value in effect.arguments.items()}
    title = f"take back: {step.spec.title}" if isinstance(effect, Undo) else step.spec.title
    return Action(title, values, line_of(effect))


def _reason(turn: RunTurn) -> Reason:
    plan, facts = turn.plan, turn.facts
    rule = next((one for one in plan.rules if one.id == facts.rule), None)
    names = rule.when.names if rule and rule.when else ()
    seen = facts_named(names, environment(plan, facts), voice_of(plan, facts, plan.languages[0]))
    because = rule.because if rule else ""
    return Reason(plan.playbook, plan.title, facts.run, facts.rule or "", because, seen)


def _lines(action: Action) -> list[str]:
    return [f"- {action.title}", *(f"  {name}: {value}" for name, value in action.values.items())]


def _changes(told: Suggestion) -> list[str]:
    return [f"- {name.replace('_', ' ')}: {_plain(value)}" for name, value in told.changes.items()]


def _why(reason: Reason) -> str:
    head = f"Why ({reason.title}): rule {reason.rule or 'none yet'}"
    head += f". {reason.because}" if reason.because else ""
    return "\n".join([head, *(f"- {name}: {value}" for name, value in reason.facts.items())])


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *lines]) if lines else ""


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return (
        ", ".join(f"{key} = {one}" for key, one in value.items()) if isinstance(value, dict) else str(value)
    )
