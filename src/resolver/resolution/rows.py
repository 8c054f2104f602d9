"""An update of the ticket as the row that is written before it is sent.

Made by `closing` for what a turn decided and by `endings` for what people must know; sent by `writeback`.
"""

from datetime import datetime

from resolver.playbook.policy import Policy
from resolver.resolution.under_way import Sealed
from resolver.store.cases import Case, Turn
from resolver.store.times import stored
from resolver.store.vault import SubjectKey
from resolver.store.writebacks import Row


def update_row(
    turn: Turn,
    n: int,
    case: Case,
    sealed: Sealed,
    key: SubjectKey,
    policy: Policy,
    *,
    now: datetime,
    run: str | None = None,
    progress: bool = False,
    offer: str | None = None,
    state: str = "sent",
) -> Row:
    """Row `n` of a turn. It is `sent` as far as anybody knows who has not seen that it is not; `open` surely is not."""
    return Row(
        id=f"writeback-{turn.seq}-{n}",
        turn=turn.seq,
        n=n,
        case=case.id,
        run=run,
        requester=case.requester,
        document_sealed=key.seal(sealed.to_json()),
        public=sealed.update.public is not None,
        progress=progress,
        offer=offer,
        day=policy.calendar.day_of(now).isoformat(),
        intended_at=stored(now),
        state=state,
    )
