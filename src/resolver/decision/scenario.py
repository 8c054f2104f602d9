"""One driver for the live turn, `resolver test` and `explain`: it asks the engine and keeps the log of the turn.

Nothing in it performs anything; whoever drives it does.
"""

from resolver.decision.effects import Act, Approve, Confirm, Effect, End, Perform, Result, Undo, Wait
from resolver.decision.engine import advance, commit, settle
from resolver.decision.events import Event
from resolver.decision.facts import Facts
from resolver.decision.moves import take_in
from resolver.decision.prepare import environment
from resolver.decision.trace import Log, Taken
from resolver.playbook.plan import Plan


class Walk:
    """A turn of one run.

    walk = Walk(plan, facts)
    walk.hears(Said(reading))
    while not isinstance(effect := walk.next(), Wait | End):
        walk.took(...)        # the result; for an Act first walk.commits(effect), in the intent's transaction
    walk.facts                # what is stored until the next turn; `begun` are those it was made with
    walk.held                 # what is stored instead where nothing of what it says is said: as of the last action
    """

    def __init__(self, plan: Plan, facts: Facts) -> None:
        self.plan = plan
        self.begun = facts
        self.facts = facts
        self.held = facts
        self.log = Log()
        self._next: Effect | None = None

    def hears(self, event: Event) -> Facts:
        """Take in what started the turn, or what another run of the ticket brings about meanwhile."""
        self._next = None
        self.log.hears(event)
        self.facts = take_in(self.plan, self.facts, event)
        if not self.log.taken:
            self.held = self.facts
        return self.facts

    def next(self) -> Effect:
        """The next effect; the same one until `took` is called. After Wait or End the facts are ready to be stored."""
        effect = self._next
        if effect is None:
            effect = self._next = self._settled()
            if type(effect) is Wait or type(effect) is End:
                self.facts = advance(self.plan, self.facts, effect, None)
        return effect

    def commits(self, effect: Act) -> Facts:
        """Freeze the facts for this action; returns what belongs into the intent's transaction."""
        self.facts = commit(self.plan, self.facts, effect)
        return self.facts

    def took(self, result: Result | None) -> Facts:
        """The result of the effect that `next` gave; returns the new facts."""
        effect = self.next()
        self._next = None
        self.log.taken.append(Taken(effect, result))
        self.facts = advance(self.plan, self.facts, effect, result)
        if isinstance(effect, Perform | Undo):
            self.held = self.facts
        return self.facts

    def _settled(self) -> Effect:
        """What comes next; notes the rules as they were judged when the engine has just chosen among them."""
        after, effect, rules = settle(self.plan, self.facts)
        log = self.log
        if rules and not log.judged:
            log.judged, log.env = rules, environment(self.plan, self.facts)
            if self.facts.heard is not None:
                log.same_offer = after.decisions == self.facts.decisions
        offer = effect.offer if type(effect) is Confirm or type(effect) is Approve else after.offer
        if offer is not None:
            log.offer = offer.id
        return effect
