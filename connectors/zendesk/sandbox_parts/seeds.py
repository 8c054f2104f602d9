"""What an account starts with: credentials, the bot, two agents, the groups, custom ticket fields.

`ZendeskSandbox` calls it once on an empty state; end users appear with their first message.
"""

import secrets
from datetime import datetime

from connectors.zendesk.sandbox_parts.records import Field, Group, Identity, User
from connectors.zendesk.sandbox_parts.settings import ZendeskSandboxSettings
from connectors.zendesk.sandbox_parts.state import Account, State

AGENTS = (("Mara Lind", "mara.lind"), ("Tom Okafor", "tom.okafor"))


def seed(state: State, settings: ZendeskSandboxSettings) -> None:
    """Fill an account that was never used; one that was is left as it is."""
    if state.account.client_id:
        return
    now = state.stamp()
    state.account = Account(client_id="resolver_sandbox", client_secret=secrets.token_hex(32))
    groups = [
        Group(id=state.new_id("group"), name=name, created_at=now, default=index == 0)
        for index, name in enumerate(settings.groups)
    ]
    bot = _staff(state, "Resolver", f"resolver@{settings.subdomain}.example", "admin", groups, now)
    state.account.bot_id = bot.id
    agents = [
        _staff(state, name, f"{mailbox}@{settings.subdomain}.example", "agent", groups, now)
        for name, mailbox in AGENTS
    ]
    fields = [new_field(state, "ticket", title, now) for title in settings.ticket_fields]
    state.save(*groups, bot, *agents, *fields)


def new_field(state: State, of: str, title: str, now: datetime, kind: str = "text") -> Field:
    """A custom field that is not saved yet; its key is made of the title."""
    key = "".join(letter if letter.isalnum() else "_" for letter in title.lower())
    return Field(id=state.new_id("field"), of=of, key=key, title=title, kind=kind, created_at=now)


def new_user(state: State, name: str, email: str | None, *, verified: bool, locale: str = "en-US") -> User:
    """An end user that is not saved yet, with the address as first identity."""
    now = state.stamp()
    user = User(
        id=state.new_id("user"),
        name=name or nameless(email),
        email=email,
        role="end-user",
        created_at=now,
        updated_at=now,
        verified=verified,
        locale=locale,
    )
    if email:
        user.identities = [new_identity(state, "email", email, verified=verified, primary=True)]
    return user


def nameless(email: str | None) -> str:
    """What somebody is called of whom only the address is known."""
    return (email or "Unknown").split("@")[0]


def new_identity(state: State, kind: str, value: str, *, verified: bool, primary: bool) -> Identity:
    """An address or number that is not attached to a user yet."""
    return Identity(
        id=state.new_id("identity"),
        kind=kind,
        value=value,
        verified=verified,
        primary=primary,
        created_at=state.stamp(),
    )


def _staff(state: State, name: str, email: str, role: str, groups: list[Group], now: datetime) -> User:
    user = new_user(state, name, email, verified=True)
    user.role = role
    user.created_at = now
    user.group_ids = [group.id for group in groups]
    user.default_group_id = groups[0].id if groups else None
    return user
