"""One-time codes: made, sent to the contact stored on the record, and judged when one comes back (LANGUAGE 8).

Asked for by resolution in the transaction that keeps the run; sent in a durable step. The code stands nowhere: it
follows from a chance that is forgotten once it was sent, and what stays is a salted, keyed hash. Whoever repeats a
sending sends the same code, so there are never two that count.
"""

import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from resolver.clock import Clock
from resolver.condition.env import Env
from resolver.condition.types import Text
from resolver.condition.values import normal_email
from resolver.connector.registry import Connections
from resolver.connector.sender import CodeText, Kind
from resolver.decision import guard
from resolver.decision.effects import Found, Prove
from resolver.decision.guard import Stop
from resolver.decision.proving import TOO_MANY, UNSENT
from resolver.decision.texts import built_in
from resolver.errors import NotFound, Refused, Unavailable, Unknown
from resolver.gateway.answer import Answer
from resolver.gateway.lookups import LookUps
from resolver.playbook.policy import Policy
from resolver.store import codes, identities, switches
from resolver.store.codes import Row, Verdict
from resolver.store.database import Connection, Database
from resolver.store.times import read as read_time
from resolver.store.times import stored
from resolver.store.vault import SubjectKey, Vault
from resolver.ticket import ConnectionName, Level, MessageId, TicketId

log = logging.getLogger("resolver.codes")

GOOD_FOR = timedelta(minutes=30)
TRIES_FOR = timedelta(hours=1)
"""How long a server that is away is tried; then the run goes on without a code."""
MAX_WRONG = 3
PER_TICKET_AND_DAY = 4
PER_CONTACT_AND_DAY = 6
DIGITS = 6
CONTACTS = "installation:contacts"
"""The name of the key under which contacts are counted, whatever ticket asks for them."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a record belongs to, by its declared owner and contact fields. `kind` is what the contact is."""

    owner: str
    contact: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Asking:
    """Where in the work of a ticket a code is asked for; `language` and `policy` choose its words."""

    turn: int
    n: int
    case: str
    run: str
    playbook: str
    requester: str
    staff_stamp: str
    language: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class Proof:
    """What is kept of a code, sealed: whom it proves."""

    owner: str


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What sending needs. Afterwards only the owner stays."""

    owner: str
    contact: str = ""
    kind: Kind = "email"
    chance: str = ""
    staff_stamp: str = ""
    playbook: str = ""
    subject: str = ""
    body: str = ""

    def to_json(self) -> str:
        return msgspec.json.encode(self).decode()


class Codes:
    """The codes of an installation. `chance` gives that many unforeseeable bytes."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        connections: Connections,
        look_ups: LookUps,
        clock: Clock,
        chance: Callable[[int], bytes],
        stop: Callable[[], frozenset[str]],
    ) -> None:
        self._database = database
        self._vault = vault
        self._connections = connections
        self._look_ups = look_ups
        self._clock = clock
        self._chance = chance
        self._stop = stop

    @property
    def available(self) -> bool:
        """Whether any connection sends codes."""
        return bool(self._connections.senders)

    # -- asked for ------------------------------------------------------------------------------------------------

    async def holder(self, effect: Prove, *, env: Env) -> Holder | None:
        """Whose record it is, whoever asks; None if there is no such record, or nothing to write to.

        Raises:
            Unavailable: The source is down; the turn comes back later.
        """
        look_up = effect.look_up
        found = await self._look_ups.read_whoever_owns_it(look_up.look_up, look_up.arguments, env=env)
        spec = self._connections.interfaces.look_up(look_up.look_up)
        if spec is None or not isinstance(found, Found):
            return None
        declared = spec.gives
        owner, contact = found.record.fields.get(declared.owner), found.record.fields.get(declared.contact)
        if not isinstance(owner, str) or not isinstance(contact, str) or not owner or not contact:
            return None
        if declared.fields[declared.owner].type != Text("email"):
            return None  # nobody but the owner of an address can be told by an address
        type_ = declared.fields[declared.contact].type
        kind = type_.kind if isinstance(type_, Text) else ""
        return Holder(owner, contact, "email" if kind == "email" else "phone") if kind in _KINDS else None

    def ask(
        self, connection: Connection, asking: Asking, holder: Holder | None, *, key: SubjectKey
    ) -> str | Stop:
        """Write that a code is asked for; the row's id. A `Stop` if the ticket has asked for too many today.

        Everybody gets a row, the record known or not: what follows is the same.
        """
        codes.hold(connection)
        row_id, now = f"code-{asking.turn}-{asking.n}", self._clock()
        day = asking.policy.calendar.day_of(now).isoformat()
        if codes.get(connection, row_id) is not None:
            return row_id  # this turn before a crash, or a quicker worker
        if codes.asked_today(connection, asking.case, day=day) >= PER_TICKET_AND_DAY:
            return Stop(TOO_MANY, f"The ticket asked for {PER_TICKET_AND_DAY} codes today.")
        contact = self._contact(connection, holder) if holder else None
        void = (
            "unknown" if holder is None or contact is None else self._void(connection, asking, contact, day)
        )
        sealed, hash_, salt = _Sealed(owner=""), None, self._chance(16).hex()
        if holder is not None and void is None:
            sealed = self._letter(asking, holder)
            hash_ = _hash(key, salt, code_from(key, sealed.chance))
        row = Row(
            id=row_id,
            turn=asking.turn,
            n=asking.n,
            case=asking.case,
            run=asking.run,
            requester=asking.requester,
            contact=contact,
            document_sealed=key.seal(sealed.to_json()),
            salt=salt,
            hash=hash_,
            state="open" if void is None else "void",
            reason=void,
            day=day,
            made_at=stored(now),
        )
        codes.add(connection, row)
        return row_id

    def _letter(self, asking: Asking, holder: Holder) -> _Sealed:
        words = [
            built_in(name, asking.language, asking.policy) for name in ("code_mail_subject", "code_mail")
        ]
        return _Sealed(
            owner=holder.owner,
            contact=holder.contact,
            kind=holder.kind,
            chance=self._chance(32).hex(),
            staff_stamp=asking.staff_stamp,
            playbook=asking.playbook,
            subject=words[0],
            body=words[1],
        )

    def _contact(self, connection: Connection, holder: Holder) -> str:
        """The contact as it is counted: equal for equal ones, and of no use to a reader."""
        contact = normal_email(holder.contact) if holder.kind == "email" else holder.contact
        return self._vault.key(connection, CONTACTS).digest("contact", contact)

    def _void(self, connection: Connection, asking: Asking, contact: str, day: str) -> str | None:
        """Why nothing is sent although the record is known, if so. The customer hears of none of it."""
        if codes.sent_today(connection, contact, day=day) >= PER_CONTACT_AND_DAY:
            return "contact_limit"
        under_way = codes.of_turn(connection, asking.turn)
        return "already_sent" if any(row.contact == contact and row.hash for row in under_way) else None

    # -- sent -----------------------------------------------------------------------------------------------------

    async def perform(self, row_id: str) -> Answer:
        """Step: bring the code on its way. `done` also where nothing is sent; `stopped` says why the run stops."""
        row, sealed, key = await self._database.read(lambda c: self._load(c, row_id))
        if row.state in ("done", "void"):
            return Answer("done")
        if row.state == "failed":
            return Answer("stopped", stopped_by=row.reason)
        if row.state == "open":
            try:
                stop = await self._refusal(row, sealed)
            except Unavailable:
                return Answer("later")
            if stop is not None:
                return await self._settle(row, sealed, key, failed=stop.check)
        return await self._send(row, sealed, key)

    async def _refusal(self, row: Row, sealed: _Sealed) -> Stop | None:
        """The kill switch, and whether the ticket is still the requester's and ours."""
        thrown = await self._database.read(switches.thrown) | self._stop()
        stop = guard.kill_switch(thrown, action=None, playbook=sealed.playbook)
        if stop is not None:
            return stop
        connection, _, number = row.case.partition(":")
        try:
            ticket = await self._connections.helpdesks[ConnectionName(connection)].fetch(TicketId(number))
        except NotFound:
            return Stop("ticket", "The ticket is gone.")
        if f"{connection}:{ticket.requester.id}" != row.requester:
            return Stop("requester", "The ticket has another requester.")
        if ticket.closed or ticket.staff_stamp != sealed.staff_stamp:
            return Stop("staff", "A colleague has been active on the ticket.")
        return None

    async def _send(self, row: Row, sealed: _Sealed, key: SubjectKey) -> Answer:
        """The same words however often: what may have left before says nothing else."""
        sender = self._connections.sender_to(sealed.kind)
        if sender is None:
            return await self._settle(row, sealed, key, failed=UNSENT)
        now = self._clock()
        await self._database.write(lambda c: codes.mark_sent(c, row.id, now=now))
        text = CodeText(sealed.subject, sealed.body.replace("{code}", code_from(key, sealed.chance)))
        patient = now - read_time(row.made_at) < TRIES_FOR
        try:
            await sender.send_code(sealed.contact, text, key=f"{_KEY}{_hash(key, row.salt, row.id)[:32]}")
        except Refused as error:
            log.error("%s: the code was not taken (%s)", row.id, error.code)
            return await self._settle(row, sealed, key, failed=UNSENT)
        except Unavailable as error:
            log.warning("%s: the code cannot be sent now: %s", row.id, error.problem)
            return Answer("later") if patient else await self._settle(row, sealed, key, failed=UNSENT)
        except Unknown:
            return Answer("later") if patient else await self._settle(row, sealed, key)
        return await self._settle(row, sealed, key)

    async def _settle(
        self, row: Row, sealed: _Sealed, key: SubjectKey, *, failed: str | None = None
    ) -> Answer:
        """Write what became of it, and forget what the code was made from."""
        document = key.seal(_Sealed(owner=sealed.owner).to_json())
        state: codes.State = "done" if failed is None else "failed"

        def job(connection: Connection) -> Row | None:
            codes.settle(connection, row.id, state=state, reason=failed, document_sealed=document)
            return codes.get(connection, row.id)

        now = await self._database.write(job)
        if now is not None and now.state == "failed":
            return Answer("stopped", stopped_by=now.reason)
        return Answer("done")

    def _load(self, connection: Connection, row_id: str) -> tuple[Row, _Sealed, SubjectKey]:
        row = codes.get(connection, row_id)
        if row is None:
            raise LookupError(f"there is no code {row_id}")
        key = self._vault.known(connection, row.requester)
        return row, msgspec.json.decode(key.open(row.document_sealed), type=_Sealed), key

    # -- came back ------------------------------------------------------------------------------------------------

    def judge(
        self,
        connection: Connection,
        *,
        case: str,
        requester: str,
        said: Mapping[MessageId, str],
        key: SubjectKey,
    ) -> None:
        """Store what the codes in the requester's own messages are worth; `said` is the code by message id.

        A message is judged once, however often its turn is taken. A right code is used up and proves the owner.
        """
        known = codes.answers(connection, case, list(said))
        for message, code in said.items():
            if message in known:
                continue
            waited_for = [
                row for row in codes.of_case(connection, case, requester=requester) if _may_come(row)
            ]
            verdict = self._verdict(connection, waited_for, code, key)
            codes.answer(connection, case, message, verdict)

    def _verdict(self, connection: Connection, rows: Sequence[Row], code: str, key: SubjectKey) -> Verdict:
        now = self._clock()
        right = [row for row in rows if hmac.compare_digest(_hash(key, row.salt, code), row.hash or "")]
        if not right:
            codes.count_wrong(connection, [row.id for row in rows])
            return "wrong"
        row = right[-1]
        if row.sent_at is None or now - read_time(row.sent_at) > GOOD_FOR:
            return "late"
        if not codes.use(connection, row.id, now=now):
            return "wrong"
        owner = msgspec.json.decode(key.open(row.document_sealed), type=Proof).owner
        identities.prove(
            connection,
            row.id,
            case_id=row.case,
            requester=row.requester,
            level=Level.CODE,
            document_sealed=key.seal(msgspec.json.encode({"owner": owner}).decode()),
            now=now,
        )
        return "right"


_KINDS = ("email", "phone")
_KEY = "rsv-code-"


def _may_come(row: Row) -> bool:
    """Whether this code may still come back: sent, not used, and not guessed at too often."""
    return row.hash is not None and row.state != "failed" and row.used_at is None and row.wrong < MAX_WRONG


def code_from(key: SubjectKey, chance: str) -> str:
    """The code that follows from this chance under the requester's key; 256 bits, so every code is equally likely."""
    return str(int(key.digest("code", chance), 16) % 10**DIGITS).zfill(DIGITS)


def _hash(key: SubjectKey, salt: str, code: str) -> str:
    return key.digest(f"code:{salt}", code)
