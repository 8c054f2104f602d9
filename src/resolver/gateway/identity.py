"""How far a ticket's requester is proven, from the helpdesk's evidence and the policy's trust (LANGUAGE 8)."""

from resolver.playbook.policy import Policy
from resolver.ticket import Channel, Level, Ticket


def level_of(ticket: Ticket, policy: Policy) -> Level:
    """The level this ticket starts at. E-mail counts as verified only where the policy trusts e-mail."""
    level = ticket.requester.level
    if ticket.channel is Channel.EMAIL and not policy.trust_email:
        return min(level, Level.CLAIMED, key=lambda found: found.rank)
    return level
