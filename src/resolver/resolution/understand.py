"""The durable step `understand`: read the turn's messages once, store what they say, answer with an id.

CPU-bound reading happens in a bounded pool, so that webhooks are answered meanwhile.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import msgspec

from resolver.decision.facts import Facts
from resolver.decision.pairs import to_type
from resolver.durable.workflow import Json
from resolver.errors import NotFound, Unavailable
from resolver.gateway import details
from resolver.playbook.plan import Plan
from resolver.reading import Reading
from resolver.resolution.own_words import in_own_words
from resolver.resolution.resources import Resources
from resolver.store import cases
from resolver.store.cases import Turn
from resolver.store.database import Connection
from resolver.ticket import ConnectionName, Message, MessageId, Ticket, TicketId
from resolver.understanding import phrases
from resolver.understanding.clean import clean
from resolver.understanding.codes import code_in, hidden

_THREADS = 2


class Understanding:
    """Reads messages for turns."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="reading")

    async def understand(self, seq: int) -> Json:
        """Step: the id of the stored readings of turn `seq`; `later` if its ticket cannot be fetched now, or `gone`."""
        known = await self._resources.known(seq)
        turn = known.turn
        try:
            ticket = await self._ticket(turn)
        except Unavailable:
            return {"state": "later"}
        except NotFound:
            return {"state": "gone"}
        messages = [message for message in ticket.messages if message.id in turn.messages]
        waiting = await self._resources.waiting(known)
        asked = None
        if waiting:
            plans = [(await self._resources.plans.plan(facts.plan), facts) for facts in waiting]
            words = [word for plan, facts in plans for word in expected(plan, facts)]
            several = ("numbered",) if words.count("yes_no") > 1 else ()
            asked = (*dict.fromkeys(words), *several)
        said = _codes(messages, waiting)
        try:
            named = await self._details(messages, waiting, said)
        except Unavailable:
            return {"state": "later"}
        readings = [await self._read(message, ticket, asked, said.get(message.id)) for message in messages]
        sealed = known.key.seal(msgspec.json.encode(readings).decode())

        def job(connection: Connection) -> str:
            self._resources.codes.judge(
                connection, case=turn.case, requester=known.case.requester, said=said, key=known.key
            )
            details.judge(
                connection,
                case=turn.case,
                requester=known.case.requester,
                named=named,
                key=known.key,
                vault=self._resources.vault,
                now=self._resources.clock(),
            )
            return cases.put_reading(connection, seq=seq, case_id=turn.case, document_sealed=sealed)

        reading = await self._resources.database.write(job)
        known.readings = readings
        return {"state": "done", "reading": reading}

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=True)

    async def _ticket(self, turn: Turn) -> Ticket:
        ticket = self._resources.tickets.get(turn.seq)
        if ticket is not None:
            return ticket
        connection, _, number = turn.case.partition(":")
        return await self._resources.connections.helpdesks[ConnectionName(connection)].fetch(TicketId(number))

    async def _details(
        self, messages: Sequence[Message], waiting: Sequence[Facts], codes: Mapping[MessageId, str]
    ) -> dict[MessageId, details.Named]:
        """Whose record these messages name the details of, where a run waits for them; a code is judged as such."""
        found: dict[MessageId, details.Named] = {}
        for facts in waiting:
            if facts.proving is None or not facts.proving.open or not facts.proving.details:
                continue
            texts = {
                message.id: clean(message.text, message.html, phrases.LANGUAGES)
                for message in messages
                if message.id not in codes
            }
            plan = await self._resources.plans.plan(facts.plan)
            named = await details.owners_named(self._resources.look_ups, plan, facts, texts)
            fits = {message for message, one in found.items() if one.owner is not None}
            found |= {message: one for message, one in named.items() if message not in fits}
        return found

    async def _read(
        self, message: Message, ticket: Ticket, asked: tuple[str, ...] | None, code: str | None
    ) -> Reading:
        """What a message says, but for the code in it, of which nobody hears."""
        if code is not None:
            text = hidden(clean(message.text, message.html, phrases.LANGUAGES), code)
            message = replace(message, text=text, html=None)
        call = partial(
            self._in_own_words,
            message,
            _with_subject(message, ticket) if asked is None else message.text,
            html=None if asked is None else message.html,
            language_hint=ticket.requester.language,
            asked=asked or (),
        )
        reading = await asyncio.get_running_loop().run_in_executor(self._pool, call)
        return reading if code is None else msgspec.structs.replace(reading, moves=(*reading.moves, "code"))

    def _in_own_words(
        self,
        message: Message,
        text: str,
        *,
        html: str | None,
        language_hint: str | None,
        asked: tuple[str, ...],
    ) -> Reading:
        """What the reader says of the message, as far as the message bears it out."""
        library = self._resources.plans.library()
        reading = self._resources.reader.read(
            message.id,
            text,
            html=html,
            language_hint=language_hint,
            asked=asked,
            written_at=library.policy.calendar.local(message.created_at),
        )
        own = clean(text, html, library.languages)
        return in_own_words(reading, own, asked=asked, language_hint=language_hint)


def _codes(messages: Sequence[Message], waiting: Sequence[Facts]) -> dict[MessageId, str]:
    """The codes in these messages, where a run waits for one."""
    asking = [
        facts
        for facts in waiting
        if facts.proving is not None and facts.proving.open and not facts.proving.details
    ]
    if not asking:
        return {}
    known = {str(fact.value) for facts in asking for fact in facts.slots.values() if fact.value is not None}
    found = {}
    for message in messages:
        code = code_in(clean(message.text, message.html, phrases.LANGUAGES), known=known)
        if code is not None:
            found[message.id] = code
    return found


def expected(plan: Plan, facts: Facts) -> tuple[str, ...]:
    """What the open question expects, in understanding's words: the types of its slots, `yes_no` or `code`."""
    if facts.waiting is None:
        return ()
    if facts.proving is not None and facts.proving.open:
        return () if facts.proving.details else ("code",)
    if facts.questions:
        kinds = dict.fromkeys(str(to_type(plan.slots[question.slot])) for question in facts.questions)
        if any(str(slot.type) == "date" for slot in plan.slots.values()):
            kinds.pop("time", None)  # `6 pm` alone may mean that day: only a time with its own day is read
        return tuple(kinds)
    return ("yes_no",) if facts.waiting.for_ == "customer" else ()


def _with_subject(message: Message, ticket: Ticket) -> str:
    """The first message is read with the subject in front: people often say it only there."""
    first = bool(ticket.messages) and ticket.messages[0].id == message.id
    subject = ticket.subject.strip()
    if not first or not subject or subject.casefold() in message.text.casefold():
        return message.text
    return f"{subject}\n\n{message.text}"
