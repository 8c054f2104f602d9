"""A file of archived tickets through one or two versions of a playbook, in memory that does not grow with the file.

Called by the command line and by the benchmark. The same file and versions always give the same tally and hash.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from resolver.backtest.archive import Archive, lines_of
from resolver.backtest.paths import Paths
from resolver.backtest.playing import Version
from resolver.backtest.tally import BadLine, OneVersion, Tally
from resolver.backtest.ticket import Archived
from resolver.connector.manifest import Interfaces
from resolver.errors import Malformed
from resolver.playbook.plan import Plan, Start
from resolver.playbook.policy import Policy
from resolver.playbook.vocabulary import Vocabulary

_TOLD_EVERY = 256  # lines; a progress bar needs no more


def version(label: str, plan: Plan, others: Mapping[str, Plan], policy: Policy) -> Version:
    """A version with the playbooks that its `start` opens, all silent: nobody reads what they would have said.

    The kill switch of today is left out: it is no policy.

    Raises:
        Malformed: `start` names a playbook that is not among `others`.
    """
    plans = {**others, plan.playbook: plan}
    for steps in plan.outcomes.values():
        for step in steps:
            if isinstance(step, Start) and step.playbook not in plans:
                remedy = f"put {step.playbook}.yaml in the folder of playbooks, too, or hand off instead of 'start:'"
                raise Malformed(f"{label} starts {step.playbook!r}, which is not here.", remedy=remedy)
    silent = {name: replace(one, silent=True) for name, one in plans.items()}
    return Version(label, silent[plan.playbook], silent, replace(policy, stop=frozenset()))


def simulate(
    path: Path,
    versions: Sequence[Version],
    interfaces: Interfaces,
    *,
    since: datetime | None = None,
    told: Callable[[int], object] = lambda _: None,
) -> Tally:
    """Play every ticket of the file that is for these versions. `told` hears how many bytes were read since last time.

    Raises:
        Malformed: There is no such file, or nothing is in it.
    """
    tally = Tally(tuple(OneVersion() for _ in versions))
    whole = sha256()
    policy = versions[0].policy
    slots = frozenset(name for one in versions for plan in one.plans.values() for name in plan.slots)
    archive = Archive(path, Vocabulary.of(interfaces, policy), policy, slots)
    wanted = _Wanted(versions, since, tally)
    paths = [Paths(one) for one in versions]
    read = number = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(lines_of(file), 1):
                ticket = _read(archive, number, line, tally)
                if ticket is not None and wanted.takes(ticket):
                    played = tuple([one.play(ticket, whole.update) for one in paths])
                    tally.add(ticket, played, policy)
                read += len(line)
                if number % _TOLD_EVERY == 0:
                    told(read)
                    read = 0
    except OSError as error:
        raise Malformed(
            f"{path} cannot be read: {error.strerror}.", remedy="name a file of tickets, one JSON a line"
        ) from None
    told(read)
    if not number:
        raise Malformed(
            f"{path} is empty.", remedy="write one ticket a line: docs/playbooks/7-backtesting.md"
        )
    tally.hash = whole.hexdigest()
    return tally


def _read(archive: Archive, number: int, line: bytes, tally: Tally) -> Archived | None:
    try:
        return archive.ticket(number, line)
    except Malformed as error:
        tally.add_bad(BadLine(number, error.problem, error.remedy))
        return None


class _Wanted:
    """Which tickets are played: those about the playbook's intent, and not too old."""

    def __init__(self, versions: Sequence[Version], since: datetime | None, tally: Tally) -> None:
        self._intents = {one.plan.intent for one in versions}
        self._since = since
        self._tally = tally

    def takes(self, ticket: Archived) -> bool:
        """Whether it is played; if not, it is counted under the reason."""
        if ticket.intent is not None and None not in self._intents and ticket.intent not in self._intents:
            self._tally.other_intents += 1
            return False
        if self._since is not None and ticket.opened_at < self._since:
            self._tally.too_old += 1
            return False
        return True
