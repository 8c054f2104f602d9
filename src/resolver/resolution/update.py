"""What the drafts of all runs of a turn come to (LANGUAGE 12): no update of the ticket, one, or a note and a reply.

Used by `closing`. Pure. One message in run order; `open` wins over `pending`, the first handoff names the queue.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from resolver.decision import message
from resolver.decision.effects import Disposition, End, Perform, Wait
from resolver.decision.facts import Facts
from resolver.decision.message import Part
from resolver.decision.moves import waiting_step
from resolver.decision.outline import outline_of
from resolver.decision.texts import built_in
from resolver.playbook.plan import Confirm, Mode, Plan
from resolver.playbook.policy import Policy
from resolver.resolution.draft import Draft
from resolver.ticket import Status, WriteBack

_STATUSES = (Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.SOLVED)
_STATES = {"done": "done", "pending": "started, not final yet", "unknown": "MAY HAVE HAPPENED: look it up"}


@dataclass(frozen=True, slots=True)
class RunTurn:
    """One run's turn: what it says, and where it stands. `effect` is a Perform where it is held back by a conflict."""

    plan: Plan
    facts: Facts
    effect: Wait | End | Perform | None
    draft: Draft

    def concluded(self) -> "RunTurn":
        """As it is stored at the end of a turn."""
        return replace(self, facts=concluded(self.facts))


def concluded(facts: Facts) -> Facts:
    """The facts as they are stored at the end of a turn: a run that only watches is over after it."""
    if facts.mode.rank > Mode.SHADOW.rank or facts.stage == "ended":
        return facts
    return facts.changed(stage="ended", waiting=None, disposition=None)


def update_without_run(draft: Draft, *, policy: Policy, marker: str) -> tuple[WriteBack, ...]:
    """The update of a turn that no playbook handles: a note for people, a status put back, or none."""
    if draft.hand_off is not None:
        return updates([], policy=policy, marker=marker, language="en", unhandled=draft)
    return () if draft.status is None else (WriteBack(marker=f"{marker}-0", status=draft.status),)


def updates(
    turns: Sequence[RunTurn],
    *,
    policy: Policy,
    marker: str,
    language: str,
    conflict: bool = False,
    unhandled: Draft | None = None,
    before: Sequence[str] = (),
) -> tuple[WriteBack, ...]:
    """The updates of the ticket; their markers are `marker-0`, `marker-1`.

    `unhandled` is what no playbook takes, `before` what other runs of the ticket have done in earlier turns.
    """
    drafts = [turn.draft for turn in turns] + ([unhandled] if unhandled else [])
    text = _text(turns, drafts, conflict=conflict, language=language, policy=policy)
    fields = _fields(WriteBack(marker=f"{marker}-0"), drafts)
    handed = [draft for draft in drafts if draft.hand_off is not None]
    if handed:
        note = _note(fields, handed, turns, policy, before)
        return (note,) if text is None else (note, _reply(f"{marker}-1", text))
    queue = next((policy.queues.get(draft.queue) for draft in reversed(drafts) if draft.queue), None)
    status = _status([_status_of(turn, policy, speaks=text is not None) for turn in turns])
    update = replace(fields, public=text, status=status, queue=queue)
    return () if update == WriteBack(marker=f"{marker}-0") else (update,)


# -- words --------------------------------------------------------------------------------------------------------


def _text(
    turns: Sequence[RunTurn], drafts: Sequence[Draft], *, conflict: bool, language: str, policy: Policy
) -> str | None:
    """The one message. What waits for an answer already is asked in it once more, so that a yes says to what."""
    speaks = any(draft.speaks for draft in drafts)
    alone = len(drafts) == 1
    parts = [_part(turn, repeats=speaks and not alone) for turn in turns]
    if sum(part != Part() for part in parts) > 1:
        parts = [_beside_others(part, language, policy) for part in parts]
    parts += [Part(draft.told) for draft in drafts[len(turns) :]]
    return message.message(parts, conflict=conflict, language=language, policy=policy) if speaks else None


def _part(turn: RunTurn, *, repeats: bool) -> Part:
    draft, waiting = turn.draft, turn.facts.waiting
    offered, asked = draft.offered, draft.asked
    if isinstance(turn.effect, Perform):
        offered = outline_of(turn.plan).actions[turn.effect.step].spec.title
    elif repeats and waiting is not None and waiting.for_ == "customer" and not (offered or asked):
        if isinstance(waiting_step(turn.plan, turn.facts), Confirm):
            offered = waiting.text
        else:
            asked = waiting.text
    return Part(draft.told, offered, asked)


def _beside_others(part: Part, language: str, policy: Policy) -> Part:
    """Our own sentence about a handoff says that only this request is meant."""
    whole, rest = (built_in(name, language, policy) for name in ("handed_off", "rest_handed_off"))
    return replace(part, told=tuple(rest if text == whole else text for text in part.told))


def _reply(marker: str, text: str) -> WriteBack:
    return WriteBack(marker=marker, public=text, status=Status.OPEN)


# -- the ticket ---------------------------------------------------------------------------------------------------


def _fields(update: WriteBack, drafts: Sequence[Draft]) -> WriteBack:
    """The update with the ticket fields that steps have set; of two that set the same the later counts."""
    fields: dict[str, str] = {}
    for draft in drafts:
        fields |= draft.fields
    return replace(
        update,
        priority=next((draft.priority for draft in reversed(drafts) if draft.priority), None),
        add_tags=tuple(dict.fromkeys(tag for draft in drafts for tag in draft.add_tags)),
        remove_tags=tuple(dict.fromkeys(tag for draft in drafts for tag in draft.remove_tags)),
        fields=fields,
    )


def _status(wanted: Sequence[Status | None]) -> Status | None:
    """The one that leaves most to be done."""
    return next((status for status in _STATUSES if status in wanted), None)


def _status_of(turn: RunTurn, policy: Policy, *, speaks: bool) -> Status | None:
    if turn.draft.status is not None:
        return turn.draft.status
    match turn.effect:
        case Wait(for_=for_):
            return Status.PENDING if for_ == "customer" else Status.OPEN
        case Perform():
            return Status.PENDING
        case End() if turn.facts.disposition != "no_reply" and speaks:
            return policy.status_at_end
    return None


def _note(
    fields: WriteBack,
    handed: Sequence[Draft],
    turns: Sequence[RunTurn],
    policy: Policy,
    before: Sequence[str],
) -> WriteBack:
    first = handed[0].hand_off
    name = first.queue if first is not None else "default"
    notes = [draft.note or (draft.hand_off.summary if draft.hand_off else "") for draft in handed]
    others = [line for turn in turns if turn.draft.hand_off is None for line in _other(turn)]
    if others:
        notes.append("\n".join(["Other requests of this ticket:", *others]))
    if before:
        notes.append("\n".join(["Done before for this ticket:", *before]))
    priorities = (draft.hand_off.priority for draft in handed if draft.hand_off)
    return replace(
        fields,
        private="\n\n---\n\n".join(notes),
        status=Status.OPEN,
        queue=policy.queues.get(name) or policy.queues["default"],
        release=True,
        priority=next((one for one in priorities if one), fields.priority),
    )


def _other(turn: RunTurn) -> list[str]:
    """How a run stands that is not handed off, for the agent who gets the ticket because of another one."""
    facts = turn.facts
    lines = [f"- {turn.plan.title}: {_standing(turn.effect, facts.disposition)}"]
    actions = outline_of(turn.plan).actions
    lines += [
        f"  - {actions[step].action}: {_STATES[result.performed.state]}"
        for step, result in facts.results.items()
        if result.performed.state in _STATES
    ]
    lines += [
        f"  - taking back {actions[step].action}: {_STATES[result.performed.state]}"
        for step, result in facts.undone.items()
        if result.performed.state in _STATES
    ]
    return lines


def _standing(effect: Wait | End | Perform | None, disposition: Disposition | None) -> str:
    if isinstance(effect, Wait):
        waits = {"customer": "the customer", "approval": "an approval", "settlement": "pending money"}
        return f"goes on when {waits[effect.for_]} answers; it ends as soon as you act on the ticket"
    return disposition or "not finished"
