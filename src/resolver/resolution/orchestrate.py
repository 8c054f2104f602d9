"""All runs of one ticket at work in one turn: who goes on when is `decision.case`'s, this gives it the world.

Made by `deciding`. It goes on until an action must be carried out, which becomes a row first, or the turn is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from resolver.decision import trace
from resolver.decision.case import CaseTurn
from resolver.decision.effects import (
    Act,
    Approve,
    Ask,
    CheckIn,
    Confirm,
    End,
    Perform,
    Performed,
    Prove,
    Sent,
    StartRun,
    Undo,
    Wait,
)
from resolver.decision.events import Approved
from resolver.playbook.plan import Mode
from resolver.resolution.draft import Draft
from resolver.resolution.session import Session
from resolver.resolution.suggestion import GoAhead
from resolver.resolution.update import RunTurn

_MOST_EFFECTS = (
    500  # of one turn: a plan has no loops and needs far fewer, so more are a bug that must not ask for ever
)


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is kept, sealed, while an action is under way: each run's draft in run order, and which run acts."""

    runs: tuple[tuple[str, Draft], ...]
    acting: str
    conflict: tuple[str, str] | None = None
    unhandled: Draft | None = None

    def to_json(self) -> str:
        """As text to be sealed."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Frozen":
        """Read `to_json` back."""
        return msgspec.json.decode(text, type=cls)


class Orchestration:
    """The sessions of one turn in run order. `unhandled` is what people get of the message besides them."""

    def __init__(
        self,
        sessions: Sequence[Session],
        *,
        conflict: tuple[str, str] | None = None,
        unhandled: Draft | None = None,
        go_ahead: GoAhead | None = None,
    ) -> None:
        self.go_ahead = go_ahead
        self.changed = False  # whether it came to something that the go-ahead does not cover
        self.sessions = list(sessions)
        self.unhandled = unhandled
        self.case = CaseTurn([session.walk for session in sessions], conflict=conflict)
        self._acting = 0

    @property
    def acting(self) -> Session:
        """The run whose action, or whose start of another run, is what comes next."""
        return self.sessions[self._acting]

    @property
    def progress(self) -> bool:
        """Whether something moved on in this turn, in any of the runs."""
        return any(session.progress for session in self.sessions)

    @property
    def suggests(self) -> bool:
        """Whether one of the runs may only suggest; then all do, because the ticket gets one message."""
        return any(session.facts.mode is Mode.SUGGEST for session in self.sessions)

    @property
    def holds(self) -> bool:
        """Whether nothing of this turn may be said or done, because nobody gave the go-ahead for it."""
        return self.suggests and (self.go_ahead is None or self.changed)

    async def run(self) -> Act | Prove | StartRun | None:
        """Go on until the world must be changed or a code sent; None when the turn is over for every run."""
        for _ in range(_MOST_EFFECTS):
            found = self.case.next()
            if found is None:
                return None
            place, effect = found
            session = self.sessions[place]
            self.changed |= self.go_ahead is not None and not self.go_ahead.covers(effect)
            session.holds, session.plain = self.holds, self.suggests
            if session.holds and isinstance(effect, Approve | Prove | Perform | Undo):
                self.case.leave(place)
            elif self.suggests and isinstance(effect, Approve):
                self._agreed(place, effect)
            elif session.shadow and isinstance(effect, Ask | Prove | Confirm | CheckIn | Approve | Perform):
                self.case.leave(place)
            elif isinstance(effect, Perform | Undo | StartRun) or (isinstance(effect, Prove) and effect.send):
                self._acting = place
                return effect
            else:
                self.case.took(place, await session.answer(effect, progress=self.progress))
                session.after(effect)
        raise RuntimeError(f"the runs of {self.sessions[0].case} come to no end")

    def _agreed(self, place: int, asked: Approve) -> None:
        """The go-ahead counts as the team's approval: whoever gave it is a member."""
        run, given = self.sessions[place].facts.run, self.go_ahead
        if given is None:
            raise LookupError(f"nobody gave the go-ahead for run {run}")
        self.case.took(place, Sent())
        self.case.hears(Approved(given.by, asked.offer.id, given.at), run=run)

    async def performed(self, result: Performed) -> None:
        """Go on behind the action or code that `run` came to with what became of it."""
        effect = self.acting.walk.next()
        if isinstance(effect, Prove) and result.state != "stopped":
            self.case.took(self._acting, await self.acting.answer(effect, progress=self.progress))
        else:
            self.case.took(self._acting, result)

    @property
    def action(self) -> str:
        """The action that the acting run stands at; empty where it is a code."""
        effect = self.acting.walk.next()
        if isinstance(effect, Prove):
            return ""
        if not isinstance(effect, Perform | Undo):
            raise LookupError(f"run {self.acting.facts.run} does not stand at an action")
        return effect.action

    def started(self, session: Session) -> None:
        """The run that the acting one starts takes its place."""
        self.sessions[self._acting] = session
        self.case.starts(self._acting, session.walk)

    def acts(self, run: str) -> None:
        """After a crash: this run is the one whose action is under way."""
        self._acting = [session.facts.run for session in self.sessions].index(run)

    def frozen(self, digest: trace.Digest) -> Frozen:
        """All that a recovered turn needs to go on from the action under way."""
        runs = tuple((session.facts.run, session.so_far(digest)) for session in self.sessions)
        return Frozen(runs, self.acting.facts.run, self.case.conflict, self.unhandled)

    def turns(self) -> list[tuple[Session, RunTurn]]:
        """Every run and where it stands now that the turn is over; those that only watch say nothing."""
        found = []
        for session in self.sessions:
            effect = session.walk.next()
            stands = effect if isinstance(effect, Wait | End | Perform) and not session.shadow else End(None)
            found.append((session, RunTurn(session.plan, session.facts, stands, session.draft)))
        return found
