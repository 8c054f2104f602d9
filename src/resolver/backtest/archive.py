"""A file of archived tickets, one JSON document a line, read line by line; nothing of it is kept.

Called by `backtest.simulation`. A line that cannot be read is an error with its number and a remedy for whoever asks
for the next one; it stops nothing. The format is documented in docs/playbooks/7-backtesting.md.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from resolver.backtest.fields import Fields, unknown_field
from resolver.backtest.ticket import Agents, Archived, Done
from resolver.backtest.understood import Message, intent_of, reading_of_message
from resolver.condition.types import Field, MoneyType, RecordType
from resolver.condition.values import Amount, RecordValue
from resolver.decision.effects import Disposition
from resolver.errors import Malformed, Where
from resolver.money import Money
from resolver.playbook.policy import Policy
from resolver.playbook.vocabulary import Vocabulary
from resolver.ticket import Channel, Level

MAX_LINE = 1_000_000
"""Bytes; a longer line is no ticket."""
MAX_MESSAGES = 100

_COMMON = frozenset({"en", "de", "fr", "es", "pl"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SEE = "see docs/playbooks/7-backtesting.md"


class _Agents(msgspec.Struct, forbid_unknown_fields=True):
    done: list[str | dict[str, dict[str, Any] | None]] = []
    disposition: Disposition | None = None
    queue: str | None = None


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    id: str | int
    opened_at: str
    messages: list[Message]
    language: str = "en"
    channel: Channel = Channel.EMAIL
    customer: dict[str, Any] = {}
    tags: list[str] = []
    records: dict[str, list[Any]] = {}
    agents: _Agents | None = None


_decode = msgspec.json.Decoder(_Line, float_hook=Decimal).decode


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines; of one that is too long only its beginning, so that no file fills the memory."""
    while line := file.readline(MAX_LINE + 1):
        yield line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)
            if not line:
                return


class Archive:
    """Reads lines by the words of one installation. `slots` are the names messages may give values for."""

    def __init__(self, path: Path, vocabulary: Vocabulary, policy: Policy, slots: frozenset[str]) -> None:
        self._path = str(path)
        self._policy = policy
        self._slots = slots
        self._fields = fields = Fields(vocabulary.records, policy.calendar.zone)
        self._records = {name: fields.record(spec.gives) for name, spec in vocabulary.look_ups.items()}
        declared = vocabulary.records["customer"]
        self._customer = fields.some(_with(declared, {"language": None}))
        self._amount = fields.some(RecordType("agents", "", {"amount": Field(MoneyType())}))

    def ticket(self, number: int, line: bytes) -> Archived | None:
        """The ticket on this line; None if the line is blank. `Malformed` with its place if it is none."""
        if len(line) > MAX_LINE:
            raise self._at(number, "This line is too long", f"a ticket has at most {MAX_LINE:,} bytes")
        try:
            return self._ticket(_decode(line)) if line.strip() else None
        except msgspec.ValidationError as error:
            raise self._at(number, str(error), _SEE) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            remedy = "write one ticket a line, as JSON in UTF-8"
            raise self._at(number, f"This is no JSON: {error}", remedy) from None
        except Malformed as error:
            raise self._at(number, error.problem, error.remedy) from None

    def _at(self, number: int, problem: str, remedy: str) -> Malformed:
        return Malformed(problem, where=Where(self._path, number), remedy=remedy)

    def _ticket(self, line: _Line) -> Archived:
        language = line.language
        if language not in _COMMON and not _LANGUAGE.fullmatch(language):
            raise Malformed("language: this is no language", remedy="write it like en or de-AT")
        if not 0 < len(line.messages) <= MAX_MESSAGES:
            raise Malformed("messages: none, or too many", remedy=f"write 1 to {MAX_MESSAGES} messages")
        level = self._level(line)
        opened_at = self._fields.time(line.opened_at)
        try:
            known = self._customer(line.customer)
        except Malformed as error:
            raise Malformed(f"customer: {error.problem}", remedy=error.remedy) from None
        return Archived(
            id=_id(line.id),
            intent=intent_of(line.messages),
            opened_at=opened_at,
            language=language,
            level=level,
            customer={"payouts": (), "language": language, **known},
            ticket={
                "channel": line.channel.value,
                "language": language,
                "tags": tuple(line.tags),
                "created_at": opened_at,
            },
            readings=tuple(
                [
                    reading_of_message(place, message, language, self._slots)
                    for place, message in enumerate(line.messages, 1)
                ]
            ),
            records={name: self._found(name, raw) for name, raw in line.records.items()},
            agents=self._agents(line.agents) if line.agents else None,
        )

    def _level(self, line: _Line) -> Level:
        """What the file says, else what the channel proves by the policy."""
        said = line.customer.pop("identity", None)
        if said is not None:
            try:
                return Level(said)
            except ValueError:
                raise Malformed(
                    "customer: identity is no level", remedy=f"there are: {', '.join(Level)}"
                ) from None
        if line.customer.get("email") is None:
            return Level.ANONYMOUS
        trusted = line.channel is Channel.EMAIL and self._policy.trust_email
        return Level.VERIFIED if trusted else Level.CLAIMED

    def _found(self, name: str, raw: list[Any]) -> tuple[RecordValue, ...]:
        read = self._records.get(name)
        if read is None:
            raise unknown_field(name, "records", self._records)
        try:
            found = [read(one) for one in raw]
        except Malformed as error:
            raise Malformed(f"{name}: {error.problem}", remedy=error.remedy) from None
        return tuple([one for one in found if isinstance(one, RecordValue)])

    def _agents(self, raw: _Agents) -> Agents:
        done: list[Done] = []
        for each in raw.done:
            if isinstance(each, str):
                done.append((each, None))
            else:
                done += [(action, self._paid(arguments)) for action, arguments in each.items()]
        return Agents(tuple(done), raw.disposition, raw.queue)

    def _paid(self, arguments: dict[str, Any] | None) -> Money | None:
        """The amount of `{shop.refund: {amount: 39.90 EUR}}`."""
        amount = self._amount(arguments).get("amount") if arguments else None
        return amount.money() if isinstance(amount, Amount) else None


def _with(declared: RecordType, without: Mapping[str, None]) -> RecordType:
    fields = {name: one for name, one in declared.fields.items() if name not in without}
    return RecordType(declared.name, declared.key, fields, declared.owner)


def _id(raw: str | int) -> str:
    text = str(raw).strip()
    if not 0 < len(text) <= 200:
        raise Malformed("id: a ticket needs one", remedy="write its number in the helpdesk")
    return text
