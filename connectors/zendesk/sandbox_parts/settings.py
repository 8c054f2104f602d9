"""How one sandbox account behaves: its name, its limits, how fast it waits. Read by every part, changed by none."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_GROUPS = ("Support", "Orders", "Refunds", "Billing", "Retention")


@dataclass(frozen=True, slots=True)
class ZendeskSandboxSettings:
    """One imitated account.

    Attributes:
        subdomain: The account's name; links in answers read `https://SUBDOMAIN.zendesk.com/…`.
        state: The SQLite file everything is kept in; none keeps it in memory only.
        port: Of 127.0.0.1; 0 takes a free one.
        groups: The queues that exist from the start; the first is the default.
        ticket_fields: Titles of custom ticket fields that exist from the start.
        requests_per_minute: The account's limit over all endpoints.
        updates_per_minute: Ticket updates of the whole account (vendor: 100, trial 20).
        updates_per_ticket: Updates of one ticket by one user in ten minutes (vendor: 30).
        exports_per_minute: Incremental exports (vendor: 10).
        export_lag_s: How recent a change must not be to show in an incremental export (vendor: 60).
        token_life_s: Lifetime of an access token that asked for none (vendor: 1 800).
        solving_needs_assignee: Whether a ticket without assignee can be solved (believed so; not documented).
        delivery_timeout_s: How long a webhook may take to answer (vendor: 10 or 12, unconfirmed).
        deliveries_at_once: How many deliveries travel at the same time; their order is not promised.
        speed: Waits of the delivery (time-out, Retry-After, back-off) are divided by this.
    """

    subdomain: str = "acme"
    state: Path | None = None
    port: int = 0
    groups: tuple[str, ...] = DEFAULT_GROUPS
    ticket_fields: tuple[str, ...] = ("Order number",)
    requests_per_minute: int = 700
    updates_per_minute: int = 100
    updates_per_ticket: int = 30
    exports_per_minute: int = 10
    export_lag_s: int = 60
    token_life_s: int = 1800
    solving_needs_assignee: bool = True
    delivery_timeout_s: float = 12.0
    deliveries_at_once: int = 8
    speed: float = 1.0
