"""What a test, the demo or another process may do to the account from outside the API.

Writing as a customer, acting as an agent, breaking calls, holding deliveries back. `ZendeskSandbox` has all of these as
methods and the control API offers them over HTTP; each may be called from any thread and raises `resolver.errors`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import msgspec
from msgspec import UNSET

from connectors.zendesk.sandbox_parts import mail, snapshot
from connectors.zendesk.sandbox_parts.changes import STATUSES, Actor, Applied
from connectors.zendesk.sandbox_parts.deliveries import Courier
from connectors.zendesk.sandbox_parts.desk import Desk
from connectors.zendesk.sandbox_parts.faults import Fault, FaultGate, Kind
from connectors.zendesk.sandbox_parts.inputs import CommentInput, MergeInput, RequesterInput, TicketInput
from connectors.zendesk.sandbox_parts.limits import Limits
from connectors.zendesk.sandbox_parts.problems import Problem
from connectors.zendesk.sandbox_parts.records import Field, JsonObject, Organization, User, Value, Via
from connectors.zendesk.sandbox_parts.seeds import new_field
from connectors.zendesk.sandbox_parts.state import State
from connectors.zendesk.sandbox_parts.webhooks_api import CONDITIONAL, check_endpoint, new_webhook
from resolver.errors import Malformed, NotFound, Refused

# What an account is usually subscribed to: enough to hear of every message and everything a person does.
SUBSCRIPTIONS = (
    "ticket.created",
    "ticket.comment_added",
    "ticket.status_changed",
    "ticket.agent_assignment_changed",
    "ticket.requester_changed",
    "ticket.merged",
    "ticket.soft_deleted",
    "messaging_ticket.message_added",
)


class Control:
    """The account's outside world."""

    def __init__(self, desk: Desk, courier: Courier, faults: FaultGate, limits: Limits) -> None:
        self._desk = desk
        self._courier = courier
        self._faults = faults
        self._limits = limits

    @property
    def _state(self) -> State:
        return self._desk.state

    def customer_writes(
        self,
        email: str,
        name: str = "",
        subject: str = "",
        text: str = "",
        *,
        html: str = "",
        ticket: int | None = None,
        cc: Sequence[str] = (),
        flags: Sequence[int] = (),
        auto_submitted: bool = False,
        channel: mail.Channel = "email",
        verified: bool = True,
        locale: str = "en-US",
    ) -> int:
        """Let a customer write; returns the ticket it went to, a follow-up when the one answered is closed.

        A message of nobody who is part of `ticket` becomes a private comment with flags 2 and 17; a form has
        flag 3, mail of an unverified sender flag 22, automatic mail flag 4, besides the `flags` named. `html` stands
        for `text` where it is given.
        """
        letter = mail.Letter(
            email=email,
            name=name,
            text=text,
            html=html,
            subject=subject,
            ticket=ticket,
            cc=tuple(cc),
            flags=tuple(flags),
            auto_submitted=auto_submitted,
            channel=channel,
            verified=verified,
            locale=locale,
        )
        with _plainly():
            return mail.receive(self._desk, letter).id

    def agent_writes(
        self,
        ticket: int,
        text: str,
        *,
        public: bool = True,
        agent: str | None = None,
        status: str | None = None,
    ) -> int:
        """Let an agent reply or leave a note; returns the comment's id."""
        change = TicketInput(comment=CommentInput(body=text, public=public), status=status or UNSET)
        comment = self._by_agent(ticket, change, agent).comment
        if comment is None:
            raise Malformed("An agent cannot write an empty comment.")
        return comment.id

    def assign(self, ticket: int, *, agent: str | None = None, group: str | None = None) -> None:
        """Give the ticket to an agent (name or address), to a group by name, or both; as that agent."""
        change = TicketInput()
        if group is not None:
            change.group_id = self._group_id(group)
        if agent is not None:
            change.assignee_id = self._agent(agent).id
        self._by_agent(ticket, change, agent)

    def unassign(self, ticket: int) -> None:
        """Take the ticket from its assignee."""
        self._by_agent(ticket, TicketInput(assignee_id=None), None)

    def set_status(self, ticket: int, status: str) -> None:
        """Let an agent set the status; solving assigns the ticket to the agent when nobody has it."""
        if status not in STATUSES:
            raise Malformed(f"There is no status {status!r}.", remedy=f"One of: {', '.join(STATUSES)}.")
        with self._state.lock, _plainly():
            change = TicketInput(status=status)
            if status == "solved" and self._desk.ticket(ticket).assignee_id is None:
                change.assignee_id = self._agent(None).id
            self._by_agent(ticket, change, None)

    def close(self, ticket: int) -> None:
        """Close the ticket for good, as the helpdesk does some days after it was solved."""
        self._by_agent(ticket, TicketInput(status="closed"), None, via=Via("rule", rel="automation"))

    def tag(self, ticket: int, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Let an agent add and remove tags."""
        self._by_agent(ticket, TicketInput(additional_tags=list(add), remove_tags=list(remove)), None)

    def change_requester(self, ticket: int, email: str, name: str = "") -> None:
        """Let an agent make somebody else the requester."""
        with self._state.lock, _plainly():
            person = self._desk.person(RequesterInput(email=email, name=name))
            self._by_agent(ticket, TicketInput(requester_id=person.id), None)

    def merge(self, sources: Sequence[int], *, into: int) -> None:
        """Let an agent merge tickets into another one, which closes them."""
        with _plainly():
            self._desk.merge(into, MergeInput(ids=list(sources)), self._as_agent(None))

    def delete(self, ticket: int) -> None:
        """Let an agent delete the ticket; it stays in the incremental export as deleted."""
        with _plainly():
            self._desk.delete(ticket, self._as_agent(None))

    def set_user(
        self,
        email: str,
        *,
        name: str = "",
        verified: bool | None = None,
        tags: Sequence[str] | None = None,
        user_fields: dict[str, Value] | None = None,
        organization: str | None = None,
        locale: str | None = None,
    ) -> int:
        """Make or change a user and, by name, their organisation; returns the user's id."""
        with self._state.lock:
            user = self._desk.person(RequesterInput(email=email, name=name))
            user.name = name or user.name
            user.locale = locale or user.locale
            user.user_fields = {**user.user_fields, **(user_fields or {})}
            if verified is not None:
                user.verified = verified
                for identity in user.identities:
                    identity.verified = verified
            if tags is not None:
                user.tags = list(tags)
            if organization is not None:
                user.organization_id = self.add_organization(organization)
            self._state.save(user)
            return user.id

    def add_agent(self, name: str, email: str, *, groups: Sequence[str] | None = None) -> int:
        """Hire an agent who serves these groups, or all of them; returns the user's id."""
        with self._state.lock:
            numbers = [self._group_id(group) for group in groups or [one.name for one in self._state.groups]]
            agent = self._desk.person(RequesterInput(email=email, name=name))
            agent.role = "agent"
            agent.group_ids = numbers
            agent.default_group_id = numbers[0] if numbers else None
            self._state.save(agent)
            return agent.id

    def add_organization(
        self, name: str, *, tags: Sequence[str] | None = None, fields: dict[str, Value] | None = None
    ) -> int:
        """Make or change an organisation; returns its id."""
        with self._state.lock:
            known = [one for one in self._state.organizations if one.name == name]
            now = self._state.stamp()
            one = known[0] if known else Organization(self._state.new_id("organization"), name, now, now)
            one.tags = list(tags) if tags is not None else one.tags
            one.organization_fields = {**one.organization_fields, **(fields or {})}
            self._state.save(one)
            return one.id

    def add_field(self, title: str, *, of: Literal["ticket", "user", "organization"] = "ticket") -> int:
        """Define a custom text field; returns its id."""
        with self._state.lock:
            field: Field = new_field(self._state, of, title, self._state.stamp())
            self._state.save(field)
            return field.id

    def register_webhook(
        self, endpoint: str, *, secret: str | None = None, subscriptions: Sequence[str] = SUBSCRIPTIONS
    ) -> tuple[str, str]:
        """Subscribe an address to ticket events; returns the webhook's id and its signing secret."""
        with self._state.lock, _plainly():
            check_endpoint(endpoint)
            kinds = [f"zen:event-type:{kind}" for kind in subscriptions]
            webhook = new_webhook(self._desk, "resolver events", endpoint, kinds, secret)
            self._state.save(webhook)
            return webhook.id, webhook.secret

    def register_trigger_webhook(self, endpoint: str, *, secret: str | None = None) -> tuple[str, str]:
        """Make a webhook that serves triggers; returns its id and its signing secret."""
        with self._state.lock, _plainly():
            check_endpoint(endpoint)
            webhook = new_webhook(self._desk, "resolver trigger", endpoint, [CONDITIONAL], secret)
            self._state.save(webhook)
            return webhook.id, webhook.secret

    def redeliver(self, ticket: int, times: int = 1) -> int:
        """Deliver the ticket's last delivery again, with the same event id; returns how many were sent."""
        with self._state.lock:
            of_ticket = [one for one in self._state.invocations if one.ticket_id == ticket]
            if not of_ticket:
                raise NotFound(f"Nothing about ticket {ticket} was ever delivered.")
            last = of_ticket[-1]
            webhook = self._state.webhooks.get(last.webhook_id)
            if webhook is None:
                raise NotFound(f"The webhook of ticket {ticket}'s last delivery was deleted.")
            for _ in range(times):
                self._courier.accept(webhook, event_type=last.event_type, body=last.body, ticket_id=ticket)
            return times

    def pause_deliveries(self) -> None:
        """Hold deliveries back from now on."""
        self._courier.pause()

    def resume_deliveries(self, *, shuffled_with: int | None = None) -> None:
        """Let the held deliveries go, in order or shuffled with this seed."""
        self._courier.resume(shuffled_with=shuffled_with)

    def idle(self, timeout_s: float = 10.0) -> bool:
        """Wait until every delivery is done; false when some are still held or on their way after that time."""
        return self._courier.idle(timeout_s)

    def deliveries(self, ticket: int | None = None) -> list[JsonObject]:
        """Every delivery, perhaps only those about one ticket, oldest first, with the codes it was answered with."""
        with self._state.lock:
            return [
                {
                    "id": one.id,
                    "webhook_id": one.webhook_id,
                    "event_type": one.event_type,
                    "ticket": one.ticket_id,
                    "status": one.status,
                    "codes": [attempt.status_code for attempt in one.attempts],
                    "body": one.body,
                }
                for one in self._state.invocations
                if ticket is None or one.ticket_id == ticket
            ]

    def fault(
        self,
        kind: Kind,
        *,
        method: str = "*",
        path: str = "/api/*",
        times: int = 1,
        milliseconds: int = 1000,
        retry_after_s: int = 30,
    ) -> None:
        """Spoil the next calls that match; see `faults.Fault` for the kinds."""
        self._faults.add(
            Fault(kind, method.upper(), path.removesuffix(".json"), times, milliseconds, retry_after_s)
        )

    def clear_faults(self) -> None:
        """Spoil nothing any more and start every rate limit anew."""
        self._faults.clear()
        self._limits.clear()

    def advance(self, seconds: float) -> None:
        """Move the account's clock: tokens expire, limits end, exports show what was too recent."""
        with self._state.lock:
            self._state.account.clock_moved_s += seconds
            self._state.save()

    def ticket(self, ticket: int) -> JsonObject:
        """The ticket with comments, audits, tags, status, names of group and assignee; deleted ones, too."""
        with self._state.lock:
            found = self._state.tickets.get(ticket)
            if found is None:
                raise NotFound(f"There is no ticket {ticket} in the sandbox.")
            return snapshot.whole(self._desk, found)

    def tickets(self) -> list[JsonObject]:
        """Every ticket without comments, oldest first."""
        with self._state.lock:
            return [snapshot.brief(self._desk, ticket) for ticket in self._state.tickets]

    def _by_agent(
        self, ticket: int, change: TicketInput, agent: str | None, via: Via | None = None
    ) -> Applied:
        with _plainly():
            return self._desk.update(ticket, change, self._as_agent(agent, via))

    def _as_agent(self, agent: str | None, via: Via | None = None) -> Actor:
        return Actor(self._agent(agent), via or Via("web"))

    def _agent(self, name: str | None) -> User:
        agents = self._state.agents()
        found = [one for one in agents if name is None or name in (one.name, one.email)]
        if not found:
            known = ", ".join(one.name for one in agents)
            raise NotFound(f"There is no agent {name!r} in the sandbox; there are {known}.")
        return found[0]

    def _group_id(self, name: str) -> int:
        for group in self._state.groups:
            if group.name == name:
                return group.id
        known = ", ".join(group.name for group in self._state.groups)
        raise NotFound(f"There is no group {name!r} in the sandbox; there are {known}.")


@contextmanager
def _plainly() -> Iterator[None]:
    """Turn the vendor's errors into ours."""
    try:
        yield
    except Problem as problem:
        text = msgspec.json.encode(problem.body).decode()
        if problem.status == 404:
            raise NotFound(f"The sandbox has no such record: {text}") from problem
        raise Refused(str(problem.body.get("error")), f"The sandbox refuses: {text}") from problem
