"""A ticket with several requests against a shop in memory that changes when something is done to it.

The runs go side by side through `decision.case`; what they say becomes one message by `resolution.update`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from resolver.condition.storage import read_value
from resolver.condition.types import Record
from resolver.condition.values import Amount, RecordValue, Value
from resolver.decision.case import CaseTurn, disposition
from resolver.decision.effects import (
    Answer,
    Answered,
    Approve,
    Effect,
    End,
    Found,
    HandOff,
    LookUp,
    Missing,
    NoAnswer,
    Perform,
    Performed,
    Result,
    Sent,
    StartRun,
    Wait,
)
from resolver.decision.events import Approved, Denied, Event, Said, Silence
from resolver.decision.facts import Facts, begin, next_turn, shared_slots
from resolver.decision.note import handoff_note
from resolver.decision.record import record_of, replayed
from resolver.decision.scenario import Walk
from resolver.money import Money
from resolver.playbook.plan import Mode, Plan
from resolver.playbook.policy import Policy
from resolver.reading import MoveKind, Reading, SlotReading, Span
from resolver.resolution.draft import Draft
from resolver.resolution.update import RunTurn, updates
from resolver.ticket import Level, MessageId, WriteBack
from tests.decision.conftest import NOW, lines, order_fields

OPEN: Mapping[str, Any] = {"status": "paid", "delivered_at": datetime(2026, 11, 20, 8, tzinfo=UTC)}


@dataclass
class Together:
    """One ticket. `asks` opens runs, `says` answers all of them; `message` is what the customer got last."""

    plans: Mapping[str, Plan]
    policy: Policy
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    results: dict[str, Performed] = field(default_factory=dict)
    answers: dict[str, Answered | NoAnswer] = field(default_factory=dict)
    facts: list[Facts] = field(default_factory=list)
    done: list[tuple[str, str]] = field(default_factory=list)
    intents: list[tuple[str, str]] = field(default_factory=list)
    updates: list[WriteBack] = field(default_factory=list)
    conflict: tuple[str, str] | None = None
    now: datetime = NOW
    handed: bool = False
    _messages: int = 0

    # -- the customer, the team, the clock ------------------------------------------------------------------------

    def asks(self, *requests: tuple[str, Mapping[str, str]], beside: str | None = None) -> "Together":
        """New requests, by playbook and slots; `beside` is a yes or no to what was asked before them."""
        self._messages += 1
        old = self._goes_on()
        new = []
        for number, (playbook, slots) in enumerate(requests, start=1):
            plan = self.plans[playbook]
            shared: dict[str, Any] = {}
            for facts in self.facts:
                shared = {**shared_slots(self._plan(facts), facts, plan), **shared}
            walk = Walk(plan, self._begun(plan, f"{self._messages}-{number}", shared))
            walk.hears(self._said("request", slots=slots))
            new.append(walk)
        case = CaseTurn([*old, *new], conflict=self.conflict)
        if beside is not None:
            case.overhears(self._said(beside, beside))
        return self._plays(case)

    def says(self, text: str, *moves: MoveKind, **slots: str) -> "Together":
        """An answer of the customer."""
        self._messages += 1
        case = CaseTurn(self._goes_on(), conflict=self.conflict)
        case.hears(self._said(text, *moves, slots=slots))
        return self._plays(case)

    def silence(self) -> "Together":
        """Nobody answers until the patience of every run that waits for the customer is over."""
        self.now += timedelta(days=4)
        return self._hears_each("customer", Silence())

    def approves(self) -> "Together":
        """The team agrees to the first offer that waits for it."""
        facts = self.waiting_for("approval")[0]
        assert facts.offer is not None
        return self._hears(Approved("lea@acme.example", facts.offer.id, self.now), facts.run)

    def denies(self) -> "Together":
        """The team says no to the first offer that waits for it."""
        return self._hears(Denied("lea@acme.example"), self.waiting_for("approval")[0].run)

    # -- what came of it ------------------------------------------------------------------------------------------

    @property
    def message(self) -> str:
        """The customer's last message; empty if the turn said nothing."""
        return next((one.public for one in reversed(self.updates) if one.public), "")

    @property
    def note(self) -> str:
        """The agents' note of the last turn."""
        return next((one.private for one in self.updates if one.private), "")

    @property
    def status(self) -> str | None:
        """The ticket's status by the last turn."""
        return next((one.status.value for one in reversed(self.updates) if one.status), None)

    @property
    def endings(self) -> list[str | None]:
        """How each run ended, in run order; `waits:…` for one that goes on."""
        return [f"waits:{one.waiting.for_}" if one.waiting else one.disposition for one in self.facts]

    @property
    def ending(self) -> str | None:
        """How the ticket ended."""
        return disposition(self.facts)

    def waiting_for(self, whom: str) -> list[Facts]:
        """The runs that wait for them."""
        return [one for one in self.facts if one.waiting is not None and one.waiting.for_ == whom]

    # -- playing --------------------------------------------------------------------------------------------------

    def _plan(self, facts: Facts) -> Plan:
        return next(plan for plan in self.plans.values() if plan.id == facts.plan)

    def _begun(self, plan: Plan, run: str, shared: Mapping[str, Any]) -> Facts:
        return begin(
            plan, self.policy, run=run, mode=Mode.AUTO, now=self.now, level=Level.VERIFIED, language="en",
            customer=_CUSTOMER, ticket=_TICKET, shared=shared,
        )  # fmt: skip

    def _goes_on(self) -> list[Walk]:
        going = [one for one in self.facts if one.stage != "ended"]
        return [
            Walk(
                self._plan(one),
                next_turn(
                    one, now=self.now, level=Level.VERIFIED, language="en", customer=_CUSTOMER, ticket=_TICKET
                ),
            )
            for one in going
        ]

    def _said(self, text: str, *moves: MoveKind, slots: Mapping[str, str] | None = None) -> Said:
        found = []
        for name, value in (slots or {}).items():
            if value not in text:
                text = f"{text} {value}"
            start = text.index(value)
            found.append(SlotReading(name, value, Span(start, start + len(value), value)))
        message = MessageId(f"m{self._messages}")
        return Said(Reading(message, text, "en", moves=moves, slots=tuple(found)))

    def _hears(self, event: Event, run: str) -> "Together":
        case = CaseTurn(self._goes_on(), conflict=self.conflict)
        case.hears(event, run=run)
        return self._plays(case)

    def _hears_each(self, whom: str, event: Event) -> "Together":
        case = CaseTurn(self._goes_on(), conflict=self.conflict)
        for facts in self.waiting_for(whom):
            case.hears(event, run=facts.run)
        return self._plays(case)

    def _plays(self, case: CaseTurn) -> "Together":
        drafts = [Draft() for _ in case.runs]
        while (found := case.next()) is not None:
            place, effect = found
            walk = case.runs[place]
            if isinstance(effect, StartRun):
                plan = self.plans[effect.playbook]
                self._keep(walk)
                started = self._begun(plan, f"{walk.facts.run}+", shared_slots(walk.plan, walk.facts, plan))
                walk.took(Sent())
                case.starts(place, Walk(plan, started))
                continue
            if isinstance(effect, Perform):
                walk.commits(effect)
            elif not isinstance(effect, LookUp | Answer | Wait | End):
                drafts[place] = drafts[place].adds(effect)  # type: ignore[arg-type]  # Prove is not asked for here
            case.took(place, self._result(effect, walk.facts.run))
            if isinstance(effect, HandOff):
                drafts[place] = replace(drafts[place], note=handoff_note(walk.plan, walk.facts, effect))
        self._ends(case, drafts)
        return self

    def _keep(self, walk: Walk) -> None:
        known = {one.run: one for one in self.facts}
        self.facts = list({**known, walk.facts.run: walk.facts}.values())

    def _ends(self, case: CaseTurn, drafts: Sequence[Draft]) -> None:
        turns = []
        for walk, draft in zip(case.runs, drafts, strict=True):
            effect = walk.next()
            assert isinstance(effect, Wait | End | Perform | Approve), effect
            stands = effect if isinstance(effect, Wait | End) else None
            turns.append(
                RunTurn(walk.plan, walk.facts, effect if isinstance(effect, Perform) else stands, draft)
            )
            self._keep(walk)
            _is_decided_alike(walk, self.policy)
        self.conflict = case.conflict
        self.updates = list(
            updates(turns, policy=self.policy, marker="t", language="en", conflict=case.conflict is not None)
        )
        self.handed |= any(draft.hand_off is not None for draft in drafts)

    # -- the shop -------------------------------------------------------------------------------------------------

    def _result(self, effect: Effect, run: str) -> Result:
        if isinstance(effect, LookUp):
            return self._read(effect)
        if isinstance(effect, Answer):
            return self.answers.get(effect.topic, NoAnswer("no_article"))
        return self._performed(effect, run) if isinstance(effect, Perform) else Sent()

    def _read(self, effect: LookUp) -> Found | Missing:
        fields = self.orders.get(str(effect.arguments.get("number")))
        if fields is None:
            return Missing()
        record = read_value(Record("shop.order"), fields, next(iter(self.plans.values())).records)
        assert isinstance(record, RecordValue), record
        return Found(record, self.now)

    def _performed(self, effect: Perform, run: str) -> Performed:
        self.intents.append((run, effect.step))
        came = self.results.get(effect.action, Performed("done", external_id="x"))
        if came.state in ("done", "pending") and effect.record is not None:
            number = str(effect.record.fields["number"])
            self.done.append((effect.action, number))
            order = self.orders[number]
            if effect.pays is not None:
                order["refunded"] = Money(
                    Amount.of(order["refunded"]).money().minor + effect.pays.minor,
                    effect.pays.currency,  # type: ignore[union-attr]
                )
                order["lines"] = [{**one, "refundable": Money.parse("0 EUR")} for one in order["lines"]]
            if effect.action == "shop.cancel_order":
                order["status"] = "cancelled"
        return came


def _is_decided_alike(walk: Walk, policy: Policy) -> None:
    """The turn's record, decided again, leads to the same facts."""
    again = replayed(walk.plan, policy, record_of(walk))
    assert again.facts.to_json() == walk.facts.to_json()


_CUSTOMER: Mapping[str, Value] = {"email": "ann@example.com"}
_TICKET: Mapping[str, Value] = {"channel": "email", "tags": (), "created_at": NOW}


def delivered(number: str, *amounts: str) -> dict[str, Any]:
    """An order that arrived and can be refunded."""
    amounts = amounts or ("24.00 EUR",)
    total = f"{sum(float(one.split()[0]) for one in amounts):.2f} EUR"
    return order_fields(id=f"o{number}", number=number, total=Money.parse(total), lines=lines(*amounts))


def open_order(number: str, *amounts: str) -> dict[str, Any]:
    """An order that can still be cancelled or sent elsewhere."""
    return {**delivered(number, *amounts), **OPEN}
