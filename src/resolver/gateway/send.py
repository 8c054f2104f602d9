"""Sending an intent, classifying what comes back, and finding out what became of one that got no answer.

Called in a durable step with the ledger entry's id; the answer names no person. A step may run again after a crash:
what is settled is only reported, what may have left us is read back or repeated with its own key, never sent blindly.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from resolver.clock import Clock
from resolver.condition.env import Env
from resolver.connector.action import Argument, Backend, Done, Pending, ReadBack, Seen
from resolver.connector.interface import ActionSpec
from resolver.connector.manifest import Narrowing
from resolver.connector.registry import Connections
from resolver.decision import guard
from resolver.decision.guard import Stop
from resolver.errors import Refused, Unavailable, Unknown
from resolver.gateway import consent
from resolver.gateway.answer import Answer, State, record
from resolver.gateway.fresh import Sealed, look_again
from resolver.gateway.given import to_store
from resolver.gateway.lookups import LookUps
from resolver.gateway.verify import verified
from resolver.gateway.wire import to_connector
from resolver.playbook.plan import Mode
from resolver.playbook.policy import Policy
from resolver.store import ledger, runs, switches
from resolver.store.database import Connection, Database
from resolver.store.ledger import Entry
from resolver.store.times import read as read_time
from resolver.store.vault import Vault
from resolver.ticket import ConnectionName, TicketId

KEY_LIFE = timedelta(hours=23)  # providers prune keys after 24 h or more; an hour for clocks that differ
DOUBT_LIFE = timedelta(hours=1)  # how long a read-back that cannot be made is tried before a person is asked
_TRIES = 3
_FIRST_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class _Effect:
    """An entry with all it takes to send it."""

    entry: Entry
    spec: ActionSpec
    narrowing: Narrowing
    backend: Backend
    arguments: Mapping[str, Argument]
    sealed: Sealed
    policy: Policy
    mode: Mode
    thrown: frozenset[str]

    @property
    def native(self) -> bool:
        return self.narrowing.idempotency == "native"


class Gateway:
    """The door effects leave by. `policies` finds the policy a run is pinned to, by that policy's id.

    `certified` says why no certificate proves a plan (by its id and its policy's) as things are; None on sandboxes,
    where nothing real can happen.
    """

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        connections: Connections,
        look_ups: LookUps,
        clock: Clock,
        policies: Callable[[str], Awaitable[Policy]],
        certified: Callable[[str, str], Awaitable[str | None]] | None = None,
    ) -> None:
        self._database = database
        self._vault = vault
        self._connections = connections
        self._look_ups = look_ups
        self._clock = clock
        self._policies = policies
        self._certified = certified

    async def perform(self, entry_id: str) -> Answer:
        """Carry an intent to its end, as far as that goes now. Never raises for what the other side does."""
        effect = await self._load(entry_id)
        if effect.entry.state in ("done", "refused", "unknown") and effect.entry.settled_how is not None:
            return _reported(effect.entry)
        if effect.entry.state == "pending":
            return await self._follow_up(effect)
        if effect.entry.state == "open":
            try:
                stop = await self._refusal(effect)
            except Unavailable:
                return Answer("later")
            if stop is not None:
                return await self._stop(effect, stop)
            now = self._clock()
            sent = await self._database.write(lambda c: ledger.mark_sent(c, effect.entry, now=now))
            if sent is None:
                return await self.perform(entry_id)  # another worker was quicker: it may have left already
            return await self._send(replace(effect, entry=sent))
        return await self._resolve_doubt(effect)

    # -- before sending -------------------------------------------------------------------------------------------

    async def _refusal(self, effect: _Effect) -> Stop | None:
        """Every check that must hold at this very moment (LANGUAGE 7, "The gateway")."""
        entry = effect.entry
        stop = guard.kill_switch(effect.thrown, action=entry.action, playbook=entry.playbook)
        stop = stop or guard.withdrawn(effect.thrown, plan=effect.sealed.plan) or await self._may_act(effect)
        if stop is not None:
            return stop
        connection, _, ticket = entry.case.partition(":")
        return await look_again(
            effect.spec,
            effect.sealed,
            look_ups=self._look_ups,
            interfaces=self._connections.interfaces,
            helpdesk=self._connections.helpdesks[ConnectionName(connection)],
            ticket=TicketId(ticket),
            policy=effect.policy,
            env=Env({}, self._clock(), effect.policy.calendar),
        )

    async def _may_act(self, effect: _Effect) -> Stop | None:
        """The mode may have been lowered, and the certificate be gone or stale, since the run decided."""
        connection = ConnectionName(effect.entry.case.partition(":")[0])
        ceiling = Mode(self._connections.ceilings[connection])
        mode, word = min(ceiling, effect.mode, key=lambda mode: mode.rank), effect.sealed.go_ahead
        if await self._database.read(lambda c: consent.released(c, mode, word)):
            return None
        if mode is not Mode.AUTO:
            return Stop("mode", f"The connection {connection} is in mode {ceiling}, which performs nothing.")
        why = await self._certified(effect.sealed.plan, effect.policy.id) if self._certified else None
        return None if why is None else Stop("certificate", f"No certificate lets this act: {why}.")

    async def _stopped(self, effect: _Effect) -> Stop | None:
        thrown = await self._database.read(switches.thrown) | effect.policy.stop
        stop = guard.kill_switch(thrown, action=effect.entry.action, playbook=effect.entry.playbook)
        return stop or guard.withdrawn(thrown, plan=effect.sealed.plan)

    async def _may_try_again(self, effect: _Effect) -> bool:
        """Nobody stopped it, and it is still this sending that the ledger waits for."""
        if await self._stopped(effect) is not None:
            return False
        now = await self._database.read(lambda c: ledger.get(c, effect.entry.id))
        return now is not None and (now.state, now.sending) == ("sent", effect.entry.sending)

    # -- sending --------------------------------------------------------------------------------------------------

    async def _send(self, effect: _Effect) -> Answer:
        """Send once; what surely did not execute is tried a few times, what may have is looked into."""
        for attempt in range(_TRIES):
            try:
                return await self._call(effect)
            except Unavailable as error:
                await _pause(attempt, error.retry_after_s)
            except Unknown:
                return await self._resolve_doubt(effect)
            if not await self._may_try_again(effect):
                break  # the row is taken up again later, and then the whole of the checks decides
        await self._database.write(lambda c: ledger.unmark_sent(c, effect.entry))
        return await self._as_it_stands(effect)

    async def _call(self, effect: _Effect, *, in_doubt: bool = False) -> Answer:
        try:
            came = await effect.backend.perform(effect.entry.action, effect.arguments, key=effect.entry.key)
        except Refused as error:
            code = error.code if error.code in effect.narrowing.refuses else None
            refused = Answer("refused", code=code)
            if in_doubt:
                return await self._refused_again(effect, refused)
            return await self._settle(effect, refused, how="answer")
        return await self._settle(effect, _answer(came), how="answer")

    async def _refused_again(self, effect: _Effect, refused: Answer) -> Answer:
        """A repeat was refused: what was sent before may have happened all the same, so what can be read decides."""
        try:
            found = await self._look(effect)
        except (Unavailable, Unknown, Refused):
            return Answer("later")
        if found.seen in _FINAL:
            return await self._settle(effect, _seen(found), how="read_back")
        answer = refused if found.seen is Seen.NOT_DONE else Answer("unknown")
        return await self._settle(effect, answer, how="read_back")

    async def _resolve_doubt(self, effect: _Effect) -> Answer:
        """It may have happened: the identical request where the key is honoured, else reading, else a person."""
        age = self._clock() - read_time(effect.entry.sent_at or effect.entry.intended_at)
        if effect.native and age < KEY_LIFE and await self._stopped(effect) is None:
            return await self._repeat(effect)
        return await self._read_back(effect, patient=age < DOUBT_LIFE)

    async def _repeat(self, effect: _Effect) -> Answer:
        """Send again as a new sending. Without a key that is honoured, one more doubt must be looked into first."""
        again = await self._database.write(lambda c: ledger.take_over(c, effect.entry))
        if again is None:
            return await self._as_it_stands(effect)
        effect = replace(effect, entry=again)
        for attempt in range(_TRIES):
            try:
                return await self._call(effect, in_doubt=True)
            except Unavailable as error:
                await _pause(attempt, error.retry_after_s)
            except Unknown:
                if not effect.native:
                    break
                await _pause(attempt, None)
            if not await self._may_try_again(effect):
                break
        return await self._as_it_stands(effect)

    async def _read_back(self, effect: _Effect, *, patient: bool) -> Answer:
        try:
            found = await self._look(effect)
        except (Unavailable, Unknown, Refused):
            return (
                Answer("later") if patient else await self._settle(effect, Answer("unknown"), how="read_back")
            )
        if found.seen in _FINAL:
            return await self._settle(effect, _seen(found), how="read_back")
        natural = effect.narrowing.idempotency == "natural"
        if found.seen is Seen.NOT_DONE and natural and await self._stopped(effect) is None:
            return await self._repeat(effect)
        return await self._settle(effect, Answer("unknown"), how="read_back")

    async def _follow_up(self, effect: _Effect) -> Answer:
        """A pending effect: final as soon as the read-back sees it, unknown when its time is over."""
        entry = effect.entry
        within = effect.narrowing.settles_within or effect.spec.settles_within or DOUBT_LIFE
        try:
            found = await self._look(effect)
        except (Unavailable, Unknown, Refused):
            found, within = ReadBack(Seen.CANNOT_TELL), within + DOUBT_LIFE
        if found.seen in _FINAL:
            return await self._settle(effect, _seen(found), how="read_back")
        if self._clock() - read_time(entry.intended_at) < within:
            return Answer("pending", external_id=entry.external_id)
        return await self._settle(effect, Answer("unknown"), how="read_back")

    async def _look(self, effect: _Effect) -> ReadBack:
        """The connector's own read-back; without one the condition that its manifest names, over records read again."""
        entry, holds = effect.entry, effect.narrowing.holds
        if holds is None or entry.action in effect.backend.read_backs:
            return await effect.backend.read_back(entry.action, effect.arguments, key=entry.key)
        return await verified(
            holds,
            effect.spec,
            effect.sealed,
            look_ups=self._look_ups,
            interfaces=self._connections.interfaces,
            env=Env({}, self._clock(), effect.policy.calendar),
        )

    # -- the ledger -----------------------------------------------------------------------------------------------

    async def _load(self, entry_id: str) -> _Effect:
        entry, sealed, run, thrown = await self._database.read(lambda c: self._opened(c, entry_id))
        policy = await self._policies(run.policy)
        spec = self._connections.interfaces.action(entry.action)
        narrowing = self._connections.interfaces.narrowing(entry.action)
        if spec is None or narrowing is None:
            raise LookupError(f"{entry.action} is no longer offered by any connection")
        return _Effect(
            entry=entry,
            spec=spec,
            narrowing=narrowing,
            backend=self._connections.backend_for(entry.action),
            arguments=to_connector(spec.takes, sealed.arguments),
            sealed=sealed,
            policy=policy,
            mode=Mode(run.mode),
            thrown=thrown | policy.stop,
        )

    def _opened(
        self, connection: Connection, entry_id: str
    ) -> tuple[Entry, Sealed, runs.Run, frozenset[str]]:
        """The entry, its document, the policy of its run and the switches that are thrown now."""
        entry = ledger.get(connection, entry_id)
        run = runs.get(connection, entry.run) if entry else None
        if entry is None or run is None:
            raise LookupError(f"there is no effect {entry_id}")
        document = self._vault.known(connection, entry.requester).open(entry.document_sealed)
        return entry, msgspec.json.decode(document, type=Sealed), run, switches.thrown(connection)

    async def _as_it_stands(self, effect: _Effect) -> Answer:
        """What the ledger says after another worker may have been at it; `later` where that is not final."""
        now = await self._database.read(lambda c: ledger.get(c, effect.entry.id))
        return _reported(now or effect.entry)

    async def _stop(self, effect: _Effect, stop: Stop) -> Answer:
        """Write that a check stopped it, if it has not left us meanwhile; else what the ledger says holds."""
        entry, now = effect.entry, self._clock()
        answer = Answer("stopped", stopped_by=stop.check)

        def job(connection: Connection) -> Answer:
            if not ledger.stop(connection, entry.id, by=stop.check, now=now):
                return _reported(ledger.get(connection, entry.id) or entry)
            record(connection, entry, answer, how="answer", now=now)
            return answer

        return await self._database.write(job)

    async def _settle(self, effect: _Effect, answer: Answer, *, how: str) -> Answer:
        """Write the end into ledger and audit trail together; the first one to write wins, everybody hears theirs."""
        entry, now = effect.entry, self._clock()

        def job(connection: Connection) -> Answer:
            settled = ledger.settle(
                connection,
                entry.id,
                state=answer.state,
                how=how,
                now=now,
                code=answer.code,
                external_id=answer.external_id,
                gives_sealed=self._sealed(connection, effect, answer),
            )
            if not settled:
                return _reported(ledger.get(connection, entry.id) or entry)
            record(connection, entry, answer, how=how, now=now)
            return answer

        return await self._database.write(job)

    def _sealed(self, connection: Connection, effect: _Effect, answer: Answer) -> bytes | None:
        """What the action gives, as far as its interface declares it; `None` where there is nothing."""
        given = to_store(effect.spec.gives, answer.gives or {}, self._connections.interfaces.records)
        return self._vault.known(connection, effect.entry.requester).seal(given) if given else None


def _answer(came: Done | Pending) -> Answer:
    if isinstance(came, Done):
        return Answer("done", external_id=came.external_id, gives=came.gives)
    return Answer("pending", external_id=came.external_id)


_FINAL = (Seen.DONE, Seen.FAILED)


def _seen(found: ReadBack) -> Answer:
    """A read-back that settles it: done, or accepted once and failed for good."""
    if found.seen is Seen.DONE:
        return Answer("done", external_id=found.external_id, gives=found.gives)
    return Answer("refused", external_id=found.external_id)


def _reported(entry: Entry) -> Answer:
    """What the ledger already knows of an effect; `later` as long as it may still be sent or looked into."""
    if entry.stopped_by is not None:
        return Answer("stopped", stopped_by=entry.stopped_by)
    if entry.state in ("open", "sent"):
        return Answer("later")
    states: dict[str, State] = {"done": "done", "refused": "refused", "pending": "pending"}
    state = states.get(entry.state, "unknown")
    return Answer(state, code=entry.code, external_id=entry.external_id)


async def _pause(attempt: int, retry_after_s: float | None) -> None:
    """Back off between tries, at most two seconds: longer waits are the turn's, which gives its worker back."""
    if attempt + 1 == _TRIES:
        return
    jitter = 1 + random.random() / 2  # noqa: S311 - spreads load, protects nothing
    await asyncio.sleep(min(2.0, max(retry_after_s or 0.0, _FIRST_PAUSE_S * 2**attempt * jitter)))
