"""What a run would do from where it stands if all goes well: its actions in order, and what it says and sets then.

Used where a run may not go on by itself and people are told what it would do. Pure; the run itself stays where it is.
"""

from dataclasses import dataclass

from resolver.decision import effects
from resolver.decision.effects import Act, Answer, Approve, End, LookUp, Performed, Sent, StartRun, Undo, Wait
from resolver.decision.facts import Approval, Facts
from resolver.decision.scenario import Walk
from resolver.decision.walk import behind
from resolver.playbook.plan import Plan

Says = (
    effects.Ask
    | effects.Prove
    | effects.Confirm
    | effects.CheckIn
    | effects.Reply
    | effects.SetTicket
    | effects.HandOff
)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`facts` are those it would come to, `stands` where it would then wait or end.

    `approvals` are what teams would be asked on the way. `known` is False where what follows an action depends on what
    that action gives, or on what an article says: then nothing behind it is foreseen.
    """

    actions: tuple[Act, ...]
    approvals: tuple[Approve, ...]
    says: tuple[tuple[Says, Facts], ...]
    facts: Facts
    stands: Wait | End | None
    known: bool = True


def foreseen(plan: Plan, facts: Facts) -> Foreseen:
    """Everything from an action or an approval on, each taken to be done, each team to agree."""
    walk = Walk(plan, facts)
    actions: list[Act] = []
    approvals: list[Approve] = []
    says: list[tuple[Says, Facts]] = []
    stands: Wait | End | None = None
    known = True
    while known and stands is None:
        effect = walk.next()
        if walk.facts.unsure and not facts.unsure:
            known = False
        elif isinstance(effect, Wait | End):
            stands = effect
        elif isinstance(effect, Approve):
            approvals.append(effect)
            walk = Walk(plan, _approved(plan, walk.took(Sent()), effect))
        elif isinstance(effect, effects.Perform | Undo):
            actions.append(effect)
            walk.commits(effect)
            walk.took(Performed("done"))
        elif isinstance(effect, effects.DryRun):
            walk.took(Performed("unknown"))  # nobody tries anything here
        elif isinstance(effect, LookUp | Answer | StartRun):
            known = False
        else:
            says.append((effect, walk.took(Sent())))
    return Foreseen(tuple(actions), tuple(approvals), tuple(says), walk.facts, stands, known)


def _approved(plan: Plan, facts: Facts, asked: Approve) -> Facts:
    """The facts as if the team had agreed at once."""
    approval = Approval(asked.offer.id, "", facts.now, asked.expires_at)
    return behind(plan, facts, stage="walking", waiting=None, heard=None, approval=approval)
