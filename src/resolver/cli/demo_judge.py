"""Whether a ticket of the demo ended as it has to: what was found against what stands in `demo_tickets`. Pure."""

from collections.abc import Iterator, Sequence

from resolver.cli.demo_findings import Findings
from resolver.cli.demo_tickets import DemoTicket, Expected, Writes


def problems(ticket: DemoTicket, found: Findings) -> list[str]:
    """Everything that is otherwise than expected, a sentence each; none means the ticket is ok."""
    expected = ticket.expected
    return [
        *_ending(expected, found),
        *_on_the_ticket(expected, found),
        *_texts(expected, found),
        *_handling(ticket, found),
    ]


def _ending(expected: Expected, found: Findings) -> Iterator[str]:
    if found.disposition != expected.disposition:
        yield f"It ended {found.disposition}, not {expected.disposition}."
    if found.playbook != expected.playbook:
        yield f"The playbook was {found.playbook}, not {expected.playbook}."
    if found.why != expected.why:
        yield f"What led to the end was {found.why!r}, not {expected.why!r}."
    if found.movements != expected.movements:
        yield f"The shop's ledger shows {_listed(found.movements)}, not {_listed(expected.movements)}."
    wrong = [f"{one.action} is {one.state}" for one in found.actions if one.state != "done"]
    if wrong or len(found.actions) != len(expected.movements):
        told = wrong or [one.action for one in found.actions]
        yield f"The resolver's own ledger does not agree with the shop's: {_listed(told)}."


def _on_the_ticket(expected: Expected, found: Findings) -> Iterator[str]:
    if found.status != expected.status:
        yield f"The ticket is {found.status}, not {expected.status}."
    if set(found.tags) != set(expected.tags):
        yield f"The ticket has the tags {_listed(found.tags)}, not {_listed(expected.tags)}."
    if expected.queue is not None and (found.queue, found.assignee) != (expected.queue, None):
        yield (
            f"The ticket lies in {found.queue} with {found.assignee or 'nobody'}, not in {expected.queue} with nobody."
        )


def _texts(expected: Expected, found: Findings) -> Iterator[str]:
    if len(found.replies) != len(expected.replies):
        yield f"The customer got {len(found.replies)} replies, not {len(expected.replies)}."
    for place, (reply, parts) in enumerate(zip(found.replies, expected.replies, strict=False), start=1):
        for missing in (part for part in parts if part not in reply):
            yield f"Reply {place} does not contain {missing!r}: {reply!r}."
    if len(found.notes) != bool(expected.note):
        yield f"The ticket has {len(found.notes)} internal notes, not {int(bool(expected.note))}."
    for missing in (part for part in expected.note if not any(part in note for note in found.notes)):
        yield f"The note does not contain {missing!r}."
    for leaked in (
        part for part in expected.never if any(part in text for text in (*found.replies, *found.notes))
    ):
        yield f"{leaked!r} was written on the ticket."


def _handling(ticket: DemoTicket, found: Findings) -> Iterator[str]:
    written = sum(isinstance(step, Writes) for step in ticket.steps)
    if found.handled != (1,) * written:
        times = _listed([str(times) for times in found.handled])
        yield f"{written} messages were handled {times} times, not once each."
    if found.dead:
        yield f"{found.dead} events failed for good; `resolver runs list` would show them."
    if found.refused:
        yield f"{found.refused} deliveries of webhooks were not taken in."
    if found.delivered != ticket.expected.delivered:
        yield f"The same webhook was taken in {found.delivered} times, not {ticket.expected.delivered}."


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or "nothing"
