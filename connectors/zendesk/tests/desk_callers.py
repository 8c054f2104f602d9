"""How tests reach the connector: an account on a running sandbox, and what a ticket read from it looks like."""

from connectors.zendesk.sandbox import ZendeskSandbox
from resolver.connector.helpdesk import Helpdesk
from resolver.ticket import Author, Ticket, TicketId

ANN, BOB = "ann@example.com", "bob@example.com"


def settings_of(sandbox: ZendeskSandbox, **more: str) -> dict[str, str]:
    return {
        "subdomain": sandbox.subdomain,
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "signing_secret": "unused",
        "base_url": sandbox.url,
        **more,
    }


async def read(desk: Helpdesk, number: int) -> Ticket:
    return await desk.fetch(TicketId(str(number)))


def authors(ticket: Ticket) -> list[Author]:
    return [message.author for message in ticket.messages]
