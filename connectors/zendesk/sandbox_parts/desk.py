"""The desk: every change of a ticket goes through here, is stored, announced to webhooks and shown to the triggers.

The API, the control methods and the pages call it. It holds the state's lock for one change at a time and never
answers in the vendor's JSON.
"""

from collections.abc import Iterable

import msgspec

from connectors.zendesk.sandbox_parts import changes, events, placeholders, triggers
from connectors.zendesk.sandbox_parts.changes import Actor, Applied
from connectors.zendesk.sandbox_parts.deliveries import Courier
from connectors.zendesk.sandbox_parts.events import Event
from connectors.zendesk.sandbox_parts.inputs import CommentInput, MergeInput, RequesterInput, TicketInput
from connectors.zendesk.sandbox_parts.problems import invalid, not_found
from connectors.zendesk.sandbox_parts.records import JsonObject, Ticket, Trigger, User, Via
from connectors.zendesk.sandbox_parts.seeds import nameless, new_user
from connectors.zendesk.sandbox_parts.settings import ZendeskSandboxSettings
from connectors.zendesk.sandbox_parts.shapes import Shapes
from connectors.zendesk.sandbox_parts.state import State


class Desk:
    """One account at work."""

    def __init__(self, state: State, settings: ZendeskSandboxSettings, courier: Courier) -> None:
        self.state = state
        self.settings = settings
        self.courier = courier
        self.shapes = Shapes(state, settings.subdomain)

    def ticket(self, ticket_id: int) -> Ticket:
        """The ticket of this id.

        Raises:
            Problem: 404 when there is none or it was deleted.
        """
        ticket = self.state.tickets.get(ticket_id)
        if ticket is None or ticket.deleted:
            raise not_found()
        return ticket

    def update(self, ticket_id: int, wanted: TicketInput, actor: Actor) -> Applied:
        """Change a ticket, with its audit, its events and whatever the triggers make of it."""
        with self.state.lock:
            applied = self._change(self.ticket(ticket_id), wanted, actor)
            self._publish(applied, skip=frozenset())
            return applied

    def _change(self, ticket: Ticket, wanted: TicketInput, actor: Actor) -> Applied:
        applied = changes.update(
            self.state, ticket, wanted, actor, needs_assignee=self.settings.solving_needs_assignee
        )
        self._store(applied)
        return applied

    def create(self, wanted: TicketInput, actor: Actor) -> Applied:
        """Make a ticket; without a requester the actor is it."""
        with self.state.lock:
            requester = self._requester(wanted, actor)
            source = self._followed(wanted.via_followup_source_id)
            submitter = self.state.user(wanted.submitter_id) or actor.user
            new = self._blank(wanted, actor, requester, submitter)
            applied = changes.create(
                self.state, new, wanted, actor, needs_assignee=self.settings.solving_needs_assignee
            )
            if source is not None:
                self._follow(applied, source)
            self._store(applied)
            self._publish(applied, skip=frozenset())
            return applied

    def _blank(self, wanted: TicketInput, actor: Actor, requester: User, submitter: User) -> Ticket:
        now = self.state.stamp()
        subject = wanted.subject if isinstance(wanted.subject, str) else ""
        return Ticket(
            id=self.state.new_id("ticket"),
            subject=subject,
            description="",
            status="new",
            requester_id=requester.id,
            submitter_id=submitter.id,
            organization_id=requester.organization_id,
            recipient=wanted.recipient,
            via=actor.via,
            created_at=now,
            updated_at=now,
            generated_at=now,
        )

    def _requester(self, wanted: TicketInput, actor: Actor) -> User:
        if isinstance(wanted.requester_id, int):
            known = self.state.user(wanted.requester_id)
            if known is None:
                raise invalid("requester", "is not a user")
            return known
        if wanted.requester is not None:
            return self.person(wanted.requester)
        return actor.user

    def person(self, wanted: RequesterInput, *, verified: bool = True, locale: str = "en-US") -> User:
        """The user with this address, made now when nobody has it."""
        known = self.state.user_by_email(wanted.email) if wanted.email else None
        if known is not None and wanted.name and known.name == nameless(wanted.email):
            known.name = wanted.name  # known only from a copy line until now
            self.state.save(known)
        if known is None:
            known = new_user(self.state, wanted.name, wanted.email, verified=verified, locale=locale)
            self.state.save(known)
        return known

    def _followed(self, source_id: int | None) -> Ticket | None:
        if source_id is None:
            return None
        source = self.ticket(source_id)
        return source if source.status == "closed" else None

    def _follow(self, applied: Applied, source: Ticket) -> None:
        origin = {"ticket_id": source.id, "subject": source.subject}
        applied.ticket.via = msgspec.structs.replace(applied.ticket.via, rel="follow_up", source_from=origin)
        applied.ticket.followup_of = source.id
        source.followup_ids = [*source.followup_ids, applied.ticket.id]
        self.state.save(source)

    def merge(self, into_id: int, wanted: MergeInput, actor: Actor) -> None:
        """Close tickets into another one, with a comment on each side.

        Raises:
            Problem: 404 for an unknown ticket, 422 for a closed one or one merged into itself.
        """
        with self.state.lock:
            target = self.ticket(into_id)
            sources = [self.ticket(source_id) for source_id in wanted.ids]
            if any(source.id == target.id for source in sources) or not sources:
                raise invalid("ids", "name other tickets than the target")
            if any(ticket.status == "closed" for ticket in (target, *sources)):
                raise invalid("status", "closed prevents ticket update")
            by_merge = Actor(actor.user, Via("web", rel="merge"))
            for source in sources:
                self._close_into(source, target, wanted, by_merge)
            numbers = ", ".join(f"#{source.id}" for source in sources)
            text = wanted.target_comment or f"Requests {numbers} were closed and merged into this request."
            self.update(target.id, _note(text, wanted.target_comment_is_public), by_merge)

    def _close_into(self, source: Ticket, target: Ticket, wanted: MergeInput, actor: Actor) -> None:
        text = wanted.source_comment or f"This request was closed and merged into request #{target.id}."
        change = _note(text, wanted.source_comment_is_public)
        change.additional_tags = ["closed_by_merge"]
        change.status = "closed"
        applied = self._change(source, change, actor)
        applied.ticket.merged_into = target.id
        self.state.save(applied.ticket)
        self._publish(applied, skip=frozenset())
        where: JsonObject = {"target_ticket_id": str(target.id)}
        merged = ("ticket.merged", where)
        self._send(events.announce(self.state, applied.ticket, actor.user.id, [merged]))

    def delete(self, ticket_id: int, actor: Actor) -> None:
        """Delete a ticket softly: it is gone from the API and shows as deleted in the incremental export."""
        with self.state.lock:
            ticket = self.ticket(ticket_id)
            ticket.deleted = True
            ticket.updated_at = self.state.stamp()
            ticket.generated_at = self.state.now()
            self.state.save(ticket)
            nothing: JsonObject = {}
            deleted = ("ticket.soft_deleted", nothing)
            self._send(events.announce(self.state, ticket, actor.user.id, [deleted]))

    def _store(self, applied: Applied) -> None:
        comment = [] if applied.comment is None else [applied.comment]
        self.state.save(applied.ticket, applied.audit, *comment)

    def _publish(self, applied: Applied, skip: frozenset[int]) -> None:
        self._send(events.events_of(self.state, applied))
        for trigger in self.state.triggers:
            if trigger.id not in skip and triggers.fires(trigger, applied):
                self._run(trigger, applied, skip | {trigger.id})

    def _send(self, announced: Iterable[Event]) -> None:
        for event in announced:
            for webhook in self.state.webhooks:
                if webhook.status == "active" and f"zen:event-type:{event.type}" in webhook.subscriptions:
                    self.courier.accept(
                        webhook, event_type=event.type, body=event.body, ticket_id=event.ticket_id
                    )

    def _run(self, trigger: Trigger, applied: Applied, skip: frozenset[int]) -> None:
        via = Via("rule", rel="trigger", source_from={"id": trigger.id, "title": trigger.title})
        for action in trigger.actions:
            if action.field == triggers.NOTIFY and isinstance(action.value, list):
                webhook = self.state.webhooks.get(action.value[0])
                if webhook is not None and webhook.status == "active":
                    body = placeholders.expand_json(
                        action.value[1], self.state, applied.ticket, applied.actor.user
                    )
                    self.courier.accept(webhook, event_type="trigger", body=body, ticket_id=applied.ticket.id)
        change = triggers.as_change(trigger.actions)
        if change is not None:
            by_rule = Actor(applied.actor.user, via)
            self._publish(self._change(self.ticket(applied.ticket.id), change, by_rule), skip)


def _note(text: str, public: bool) -> TicketInput:
    return TicketInput(comment=CommentInput(body=text, public=public))
