"""Playing one ticket of the demo: somebody writes or approves, the ticket comes to rest, what happened is told.

Called by `demo`, one story per ticket, many at once. It waits on conditions with a deadline, never for a fixed time.
"""

import asyncio
from dataclasses import dataclass

from resolver.app import Resolver
from resolver.cli.demo_telling import Chapter
from resolver.cli.demo_tickets import Approves, DemoTicket, Writes
from resolver.cli.demo_world import Movement, World
from resolver.errors import ResolverError
from resolver.gateway import consent
from resolver.gateway.consent import NotAccepted
from resolver.intake import receive
from resolver.store import approvals, runs
from resolver.store.database import Connection

DEADLINE_S = 30.0
_LOOK_EVERY_S = 0.1


class Stuck(ResolverError):
    """A ticket that did not come to rest, or a person who could not do what the story says."""


@dataclass(slots=True)
class Story:
    """One ticket as it is played. `number` is the helpdesk's, once the customer has written."""

    resolver: Resolver
    world: World
    ticket: DemoTicket
    chapter: Chapter
    number: int | None = None
    _comments: int = 0
    _movements: int = 0

    async def play(self) -> None:
        """Play every step. `Stuck` if the ticket does not come to rest in time."""
        for step in self.ticket.steps:
            match step:
                case Writes():
                    await self._write(step)
                case Approves():
                    await self._approve(step)
            await self._rest()
            await self._tell()

    # -- what people do -------------------------------------------------------------------------------------------

    async def _write(self, step: Writes) -> None:
        customer = self.ticket.customer
        self.chapter.says(customer.name, step.text)
        self.number = await asyncio.to_thread(
            self.world.desk.customer_writes,
            customer.email,
            customer.name,
            self.ticket.subject if self.number is None else "",
            step.text,
            ticket=self.number,
        )
        if step.delivered > 1:
            await asyncio.to_thread(self.world.desk.redeliver, self.number, step.delivered - 1)
            self.chapter.says("helpdesk", f"delivers this webhook {step.delivered} times")

    async def _approve(self, step: Approves) -> None:
        """Answer the waiting approval as `resolver approvals approve` does."""
        resources = self.resolver.resources
        policy, clock = resources.plans.library().policy, resources.clock

        def job(connection: Connection) -> NotAccepted | None:
            waiting = [one for one in approvals.waiting(connection) if one.case == self._case]
            if not waiting:
                return NotAccepted("No approval is waiting.", remedy="the refund should have asked for one")
            answered = consent.answer(
                connection, waiting[0].id, decision="approved", member=step.member, policy=policy, now=clock()
            )
            if isinstance(answered, NotAccepted):
                return answered
            receive.add(
                connection,
                resources.engine,
                clock=clock,
                connection=self.world.connection,
                event_id=answered.event_id,
                kind=answered.event_id,
                ticket=str(self.number),
            )
            return None

        refused = await resources.database.write(job)
        if refused is not None:
            raise Stuck(f"{step.member} could not approve: {refused.problem}", remedy=refused.remedy)
        self.chapter.says("team lead", f"approves ({step.member})")

    # -- waiting --------------------------------------------------------------------------------------------------

    async def _rest(self) -> None:
        """Wait until no webhook of this ticket is under way and the resolver has nothing left to do about it."""
        busy = None
        try:
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    busy = await self._busy()
                    if busy is None:
                        return
                    await asyncio.sleep(_LOOK_EVERY_S)
        except TimeoutError:
            raise Stuck(
                f"The ticket did not come to rest within {DEADLINE_S:.0f} s: {busy}.",
                remedy="look at it: resolver demo --stay",
            ) from None

    async def _busy(self) -> str | None:
        """What is still going on; `None` if nothing is.

        Webhooks become events and events become webhooks again, each before the other is over: when no webhook came
        up while the events were looked at, and neither had anything to do, the ticket is at rest.
        """
        number = self._known()
        before = self.world.deliveries(number)
        if before.under_way:
            return f"{before.under_way} webhooks on their way"
        left = await self.resolver.resources.database.read(lambda c: _left_to_do(c, self._case))
        if left is not None:
            return left
        return None if self.world.deliveries(number) == before else "new webhooks"

    # -- telling --------------------------------------------------------------------------------------------------

    async def _tell(self) -> None:
        """A line for each movement in the shop and each comment of the resolver since the last time."""
        movements = [one for one in self.world.movements() if one.number in self._orders]
        seen = self.world.ticket(self._known())
        own = [comment for comment in seen.comments if comment.bot]
        for movement in movements[self._movements :]:
            self.chapter.says("shop", _told(movement))
        for comment in own[self._comments :]:
            if comment.public:
                self.chapter.says("resolver", comment.body)
            else:
                self.chapter.notes(seen.group or "no queue", comment.body)
        if len(own) == self._comments and len(movements) == self._movements:
            self.chapter.says("resolver", f"has nothing to say; the ticket is {seen.status}", quiet=True)
        self._comments, self._movements = len(own), len(movements)

    @property
    def _orders(self) -> set[str]:
        return {order.number for order in self.ticket.orders}

    @property
    def _case(self) -> str:
        return f"{self.world.connection}:{self._known()}"

    def _known(self) -> int:
        if self.number is None:
            raise Stuck("Nobody has written yet.", remedy="let a ticket begin with a message")
        return self.number


def _left_to_do(connection: Connection, case: str) -> str | None:
    """What the resolver still has to do about a case, in words for a person; `None` if nothing."""
    events = runs.events_of(connection, case)
    queued = [f"{seq} {kind}" for seq, kind, state, _ in events if state == "queued"]
    if queued:
        return f"events that wait for their turn: {', '.join(queued)}"
    put_off = [ending for *_, ending in events if ending is not None and ending.startswith("later:")]
    rung_again = [kind for _, kind, *_ in events if kind.startswith(("fetch:", "resume:"))]
    return f"turns put off: {', '.join(put_off)}" if len(put_off) > len(rung_again) else None


def _told(movement: Movement) -> str:
    what = movement.kind.replace("_", " ")
    if movement.money is None:
        return f"{what} of order {movement.number}: {movement.address}"
    return f"{what} of {movement.money} for order {movement.number}"
