"""The case: all runs of a ticket in one turn (LANGUAGE 12). Says which run goes on next, and never what it decides.

    while (found := case.next()) is not None:
        place, effect = found
        case.took(place, result)      # for a Perform or Undo first case.runs[place].commits(effect)

Driven by `resolution.orchestrate` for live turns and by tests. With one run it is a plain walk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from msgspec import structs

from resolver.decision.clash import clash, described, named
from resolver.decision.effects import (
    Approve,
    Ask,
    Disposition,
    Effect,
    End,
    LookUp,
    Perform,
    Performed,
    Prove,
    Result,
    SetTicket,
    Undo,
    Wait,
)
from resolver.decision.events import Acted, Asked, Event, NotChosen, Said, Silence, Undecided
from resolver.decision.facts import Beside, Facts
from resolver.decision.given import given_by
from resolver.decision.moves import waiting_step
from resolver.decision.reply import MAX_OPTIONS
from resolver.decision.scenario import Walk
from resolver.playbook import plan as steps
from resolver.playbook.policy import Policy
from resolver.reading import MoveKind, Reading
from resolver.ticket import Status

_FIRST: tuple[Disposition, ...] = (
    "failed", "handed_off", "no_reply", "declined", "withdrawn", "resolved", "answered",
)  # fmt: skip
_ANSWERS: frozenset[MoveKind] = frozenset({"yes", "no"})
_REPLIES: frozenset[MoveKind] = _ANSWERS | {"unclear"}
_LEAVING: frozenset[MoveKind] = frozenset({"wants_person", "stops"})


class CaseTurn:
    """One turn of the runs that go on or begin, in run order.

    `conflict` are the ids of two runs whose offers exclude each other: the customer was asked which, or is now.
    """

    def __init__(self, runs: Sequence[Walk], *, conflict: tuple[str, str] | None = None) -> None:
        self.runs = list(runs)
        self.conflict = conflict
        self._left: set[int] = set()
        self._judged = False
        self._acts = 0
        self._acts_seen = [0] * len(self.runs)

    # -- what the turn is about -----------------------------------------------------------------------------------

    def hears(self, event: Event, *, run: str | None = None) -> None:
        """Take in what started the turn: a message is for all runs, everything else for the one it names."""
        if isinstance(event, Said) and run is None:
            self._said(event, served=False)
            return
        for walk in self.runs:
            if run in (None, walk.facts.run):
                walk.hears(event)
            elif isinstance(event, Silence) and self._in_conflict(walk) and walk.facts.waiting is None:
                walk.hears(Undecided(open=False))

    def overhears(self, event: Said) -> None:
        """A message that opened other runs: those that wait take from it only what answers them."""
        self._said(event, served=True)

    def _said(self, event: Said, *, served: bool) -> None:
        if self.conflict is not None and "wants_person" not in event.reading.moves:
            self._chosen(event)
            return
        offered = self.offers()
        meant = self._meant(event.reading, offered)
        if meant is not None and not meant:  # it narrows the answer down, and nobody can tell to what
            unclear = replace(event, reading=_instead(event.reading, "unclear"))
            meant, event = offered, unclear
        answered = [walk for walk in self.runs if _answers(walk, event) and (meant is None or walk in meant)]
        if "question" in event.reading.moves and not answered:
            answered = [walk for walk in self.runs if _asks(walk)][:1]  # it is answered once for all runs
        everybody = _LEAVING & set(event.reading.moves) or not (answered or served)
        for walk in self.runs:
            if everybody or walk in answered or not _asks(walk):
                walk.hears(event)

    def offers(self) -> list[Walk]:
        """The runs whose offer waits for the customer's yes, in the order they are numbered."""
        return [walk for walk in self.runs if isinstance(waiting_step(walk.plan, walk.facts), steps.Confirm)]

    def _meant(self, reading: Reading, offered: Sequence[Walk]) -> list[Walk] | None:
        """The offers that a yes or no is about; None for all of them."""
        if len(offered) < 2 or not _ANSWERS & set(reading.moves):
            return None
        places = named(reading.text, [described(walk.plan, _asked(walk)) for walk in offered])
        return None if places is None else [offered[place] for place in sorted(places)]

    def _in_conflict(self, walk: Walk) -> bool:
        return self.conflict is not None and walk.facts.run in self.conflict

    def _chosen(self, event: Said) -> None:
        """The answer to which of two offers is to be carried out; without a clear one both stop."""
        both = [walk for walk in self.runs if self._in_conflict(walk)]
        moves = set(event.reading.moves)
        places = named(event.reading.text, [described(walk.plan, _asked(walk)) for walk in both])
        self.conflict = None
        for walk in self.runs:
            if walk not in both or moves & {"stops"} or (moves & _ANSWERS == {"no"} and not places):
                walk.hears(event)
            elif places is None or len(places) != 1 or "no" in moves:
                walk.hears(Undecided(open=False))
            elif both[min(places)] is walk:
                walk.hears(replace(event, reading=_instead(event.reading, "yes")))
            else:
                walk.hears(NotChosen())

    # -- how it goes on -------------------------------------------------------------------------------------------

    def next(self) -> tuple[int, Effect] | None:
        """The run that needs the world next, and for what; None when every run waits or is over.

        First all prepare, so that offers that exclude each other are seen before anything is said or done. Then one
        run after the other goes as far as it gets; what one has done the next reads again. Questions come last.
        """
        for place, walk in self._going_on():
            if walk.facts.aside is not None:
                return place, walk.next()
        for place, walk in self._going_on():
            if _prepares(walk) and isinstance(effect := walk.next(), LookUp):
                return place, effect
        if not self._judged:
            self._judged = True
            if self._clashes():
                return self.next()
        for place, walk in self._going_on():
            self._refresh(place, walk)
            effect = walk.next()
            if not isinstance(effect, Wait | End) and not _puts(effect) and not self._held(walk, effect):
                return place, effect
        return self._question()

    def took(self, place: int, result: Result | None) -> None:
        """The result of the effect that `next` gave for that run."""
        walk = self.runs[place]
        acted = (
            isinstance(walk.next(), Perform | Undo)
            and isinstance(result, Performed)
            and result.state != "stopped"
        )
        walk.took(result)
        if acted:
            self._acts += 1
            self._acts_seen[place] = self._acts

    def leave(self, place: int) -> None:
        """Nothing more is asked for this run in this turn: it only watches."""
        self._left.add(place)

    def starts(self, place: int, walk: Walk) -> None:
        """The run that another one has started takes its place."""
        self.runs[place] = walk
        self._acts_seen[place] = self._acts

    def _going_on(self) -> list[tuple[int, Walk]]:
        return [(place, walk) for place, walk in enumerate(self.runs) if place not in self._left]

    def _refresh(self, place: int, walk: Walk) -> None:
        """What another run did since this one began to read: it reads again before it goes on."""
        if self._acts_seen[place] < self._acts:
            self._acts_seen[place] = self._acts
            if len(self.runs) > 1 and not _still(walk):
                walk.hears(Acted())

    def _clashes(self) -> bool:
        """Whether two offers exclude each other; what was agreed to in them is void until the customer chooses."""
        if len(self.runs) < 2:
            return False
        standing = [(walk, walk.next() if _arrived(walk) else None) for walk in self.runs]
        found = clash(standing)
        if found is None:
            return False
        self.conflict = (self.runs[found[0]].facts.run, self.runs[found[1]].facts.run)
        for place in found:
            self.runs[place].hears(Undecided(open=True))
        return True

    def _held(self, walk: Walk, effect: Effect) -> bool:
        """Nothing is done for a run whose offer excludes another one's while the customer has not chosen."""
        return self._in_conflict(walk) and isinstance(effect, Perform | Approve)

    def _question(self) -> tuple[int, Effect] | None:
        """The next run's questions, numbered behind what is asked already; a slot two runs need is asked once."""
        asked: list[tuple[str, str]] = []
        offered = len(self.offers())
        numbers = offered if offered > 1 else 0
        for place, walk in self._going_on():
            effect = walk.next()
            if _puts(effect):
                beside = Beside(tuple(asked), numbers)
                if (asked or numbers) and walk.facts.beside != beside:
                    walk.hears(Asked(beside))
                    effect = walk.next()
                return place, effect
            for question in walk.facts.questions:
                asked.append((question.slot, str(walk.plan.slots[question.slot].type)))
                numbers = max(numbers, question.first - 1 + min(len(question.options), MAX_OPTIONS))
        if self.conflict is not None and sum(map(self._stands, self.runs)) < 2:
            self.conflict = None  # one of the two offers is not made any more
            return self.next()
        return None

    def _stands(self, walk: Walk) -> bool:
        """Whether this run's offer is one of the two that the customer is asked about."""
        held = self._held(walk, walk.next())
        return held or (self._in_conflict(walk) and walk in self.offers())


def _puts(effect: Effect) -> bool:
    """Whether it puts questions for slots to the customer; they come last, one run's numbered behind another's."""
    return isinstance(effect, Ask) or (isinstance(effect, Prove) and bool(effect.slots))


def _asks(walk: Walk) -> bool:
    """Whether the run waits for the customer's word."""
    waiting = walk.facts.waiting
    return waiting is not None and waiting.for_ == "customer" and walk.facts.heard is None


def _answers(walk: Walk, event: Said) -> bool:
    """Whether a message answers what this run has asked."""
    if not _asks(walk):
        return False
    if waiting_step(walk.plan, walk.facts) is not None and _REPLIES & set(event.reading.moves):
        return True
    if walk.facts.proving is not None and walk.facts.proving.open and event.code is not None:
        return True
    return given_by(walk.plan, walk.facts, event.reading).slots is not walk.facts.slots


def _prepares(walk: Walk) -> bool:
    """Whether a run reads before it has offered anything; one that was agreed to reads when its turn comes."""
    facts = walk.facts
    return not facts.committed and facts.stage == "preparing" and facts.offer is None


def _arrived(walk: Walk) -> bool:
    return _prepares(walk) or walk.facts.stage == "walking"


def _still(walk: Walk) -> bool:
    return isinstance(walk.next(), Wait | End)


def _asked(walk: Walk) -> str:
    waiting = walk.facts.waiting
    return waiting.text if waiting is not None else ""


def _instead(reading: Reading, answer: MoveKind) -> Reading:
    """The reading with another answer than it had."""
    return structs.replace(reading, moves=(*(move for move in reading.moves if move not in _REPLIES), answer))


# -- what the runs come to ----------------------------------------------------------------------------------------


def disposition(runs: Iterable[Facts]) -> Disposition | None:
    """How the ticket ended: the first of its runs' endings that outranks the others; None while one goes on."""
    ended: set[Disposition | None] = set()
    for run in runs:
        if run.stage != "ended":
            return None
        ended.add(run.disposition)
    return next((word for word in _FIRST if word in ended), None)


def merged(changes: Iterable[SetTicket]) -> SetTicket:
    """Several ticket steps as one: the last writer of each field wins, tags add up."""
    whole = SetTicket("")
    for one in changes:
        whole = SetTicket(
            step=one.step,
            status=one.status or whole.status,
            priority=one.priority or whole.priority,
            queue=one.queue or whole.queue,
            add_tags=tuple(
                dict.fromkeys((*(tag for tag in whole.add_tags if tag not in one.remove_tags), *one.add_tags))
            ),
            remove_tags=tuple(
                dict.fromkeys(
                    (*(tag for tag in whole.remove_tags if tag not in one.add_tags), *one.remove_tags)
                )
            ),
            fields={**whole.fields, **one.fields},
        )
    return whole


def status_of(facts: Facts, policy: Policy, *, said: bool, wait: Wait | None = None) -> Status | None:
    """The ticket's status after a turn if no ticket step says one; None leaves it. `said`: a text went out."""
    if wait is not None:
        return Status.PENDING if wait.for_ == "customer" else Status.OPEN
    if facts.disposition == "handed_off":
        return Status.OPEN
    if facts.stage == "ended" and facts.disposition not in (None, "no_reply") and said:
        return policy.status_at_end
    return None
