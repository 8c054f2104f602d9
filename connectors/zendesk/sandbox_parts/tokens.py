"""OAuth by client credentials: gives out access tokens, and says which call may do what with one.

`calls` asks for the user behind a token; the API's token endpoint gives new ones. API tokens (Basic) are not
accepted: the vendor ends them on 30 April 2027.
Source: developer.zendesk.com, "OAuth Tokens for Grant Types" (read 2026-11-23).
"""

import hmac
import secrets
from datetime import timedelta

from connectors.zendesk.sandbox_parts.inputs import TokenInput
from connectors.zendesk.sandbox_parts.problems import Problem, forbidden, token_refused, unauthenticated
from connectors.zendesk.sandbox_parts.records import JsonObject, Token, User
from connectors.zendesk.sandbox_parts.settings import ZendeskSandboxSettings
from connectors.zendesk.sandbox_parts.state import State

SHORTEST_S, LONGEST_S = 300, 172_800
RESOURCES = ("tickets", "users", "auditlogs", "organizations", "hc", "apps", "triggers", "automations")
KNOWN = frozenset(
    {"read", "write", "impersonate"}
    | {f"{name}:{mode}" for name in (*RESOURCES, "targets", "webhooks") for mode in ("read", "write")}
)


def grant(state: State, settings: ZendeskSandboxSettings, wanted: TokenInput) -> JsonObject:
    """A new token for the bot.

    An invalid scope still yields a token, which is then forbidden everything, as the vendor documents.

    Raises:
        Problem: 401 for wrong credentials, 400 for another grant type or a lifetime out of bounds.
    """
    account = state.account
    known = hmac.compare_digest(wanted.client_id.encode(), account.client_id.encode())
    if not known or not hmac.compare_digest(wanted.client_secret.encode(), account.client_secret.encode()):
        raise Problem(401, "invalid_client", "Client authentication failed")
    if wanted.grant_type != "client_credentials":
        raise Problem(400, "unsupported_grant_type", "The sandbox knows client_credentials only")
    life_s = settings.token_life_s if wanted.expires_in is None else wanted.expires_in
    if wanted.expires_in is not None and not SHORTEST_S < life_s < LONGEST_S:
        raise Problem(400, "invalid_request", f"expires_in must lie between {SHORTEST_S} and {LONGEST_S}")
    scope = wanted.scope if isinstance(wanted.scope, str) else ""
    token = Token(
        token=secrets.token_hex(32),
        user_id=account.bot_id,
        scope=scope,
        expires_at=state.now() + timedelta(seconds=life_s),
    )
    state.save(token)
    return {"access_token": token.token, "token_type": "bearer", "scope": scope, "expires_in": life_s}


def caller(state: State, authorization: str, resource: str, *, writes: bool) -> User:
    """The user a call is made as.

    `resource` names the scope family; "" means that only the global scope will do (ticket audits).

    Raises:
        Problem: 401 without a valid token, 403 when its scope does not cover the call.
    """
    kind, _, value = authorization.partition(" ")
    if kind.lower() != "bearer" or not value:
        raise unauthenticated()
    token = state.tokens.get(value.strip())
    if token is None or state.now() >= token.expires_at:
        raise token_refused()
    mode = "write" if writes else "read"
    scopes = set(token.scope.split())
    if not scopes <= KNOWN or not scopes & {mode, f"{resource}:{mode}"}:
        raise forbidden()
    return state.users.rows[token.user_id]
