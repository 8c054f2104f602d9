"""Who a ticket's requester is to us: the key under which their data is sealed and their payments are counted."""

from resolver.ticket import Ticket


def requester_key(ticket: Ticket) -> str:
    """One per requester of a connection, whatever the ticket."""
    return f"{ticket.ref.connection}:{ticket.requester.id}"
