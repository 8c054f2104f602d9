"""Calls to one Zendesk account: zenpy in worker threads for what it has, httpx for what it lacks.

The helpdesk uses it; it is imported only when a connection is made, because zenpy (GPL-3.0) is an extra. Reads
return frozen records or raise NotFound or Unavailable. An update is sent once and never again.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NoReturn

import anyio.to_thread
import httpx
import msgspec
import requests
from zenpy import Zenpy
from zenpy.lib.api_objects import Comment, Ticket
from zenpy.lib.exception import ZenpyException

from connectors.zendesk import limits, transport
from connectors.zendesk.oauth import BearerAuth, Tokens
from connectors.zendesk.payloads import (
    AuditRecord,
    AuditsPage,
    CommentRecord,
    CommentsPage,
    NamedRecord,
    OrganizationRecord,
    PageMeta,
    T,
    TicketRecord,
    UpdateAnswer,
    UserRecord,
    convert,
)
from connectors.zendesk.settings import ZendeskSettings
from connectors.zendesk.transport import Garbled, NoSuccess
from resolver.clock import Clock
from resolver.connector.http import Http
from resolver.errors import NotFound, Refused, Stale, Unavailable, Unknown

THREADS = 8
PAGE_SIZE = 100  # the vendor's most
MOST_PAGES = 60  # a ticket holds 5 000 comments at most
# What zenpy raises when a 2xx has an unexpected shape: it has no error of its own for that.
_TRIPPED: Final = (ZenpyException, AttributeError, KeyError, TypeError, ValueError)


class ZendeskClient:
    """One account. Used from one event loop, by several tasks at once."""

    def __init__(self, settings: ZendeskSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._limits = limits.of(settings, clock=clock)
        self._http = httpx.AsyncClient(
            base_url=settings.url,
            timeout=settings.timeout_s,
            trust_env=False,
            headers={"User-Agent": "helpdesk-resolver"},
            event_hooks={"response": [self._heard_httpx]},
        )
        self._tokens = Tokens(self._http, settings, clock)
        self._http.auth = BearerAuth(self._tokens)
        self._reads = Http(self._http, credential="client_secret")
        self._session = transport.open_session(
            public_url=settings.public_url,
            url=settings.url,
            token=lambda: self._tokens.latest,
            heard=partial(limits.heard, self._limits),
            connections=THREADS,
        )
        self._threads = anyio.CapacityLimiter(THREADS)
        self._own = threading.local()

    async def ticket(self, ticket_id: int) -> TicketRecord:
        """The ticket as it is now."""
        return await self._read(
            TicketRecord, f"tickets/{ticket_id}", lambda zenpy: zenpy.tickets(id=ticket_id)
        )

    async def me(self) -> UserRecord:
        """The user our token belongs to; its id is `None` when Zendesk takes us for nobody."""
        return await self._read(UserRecord, "users/me", lambda zenpy: zenpy.users.me())

    async def users(self, ids: Sequence[int]) -> list[UserRecord]:
        """Those of the users that exist; at most 100."""
        if not ids:
            return []
        return await self._read(list[UserRecord], "users", lambda zenpy: list(zenpy.users(ids=list(ids))))

    async def organization(self, organization_id: int) -> OrganizationRecord:
        """An organisation with its tags and fields."""
        path = f"organizations/{organization_id}"
        return await self._read(
            OrganizationRecord, path, lambda zenpy: zenpy.organizations(id=organization_id)
        )

    async def groups(self) -> list[NamedRecord]:
        """All groups of the account."""
        return await self._read(list[NamedRecord], "groups", lambda zenpy: list(zenpy.groups()))

    async def ticket_fields(self) -> list[NamedRecord]:
        """All custom and system ticket fields of the account."""
        return await self._read(list[NamedRecord], "ticket_fields", lambda zenpy: list(zenpy.ticket_fields()))

    async def comments(self, ticket_id: int) -> tuple[list[CommentRecord], list[UserRecord]]:
        """All comments, oldest first, and the users who wrote them (zenpy cannot ask for these)."""
        comments: list[CommentRecord] = []
        users: list[UserRecord] = []
        path = f"tickets/{ticket_id}/comments"
        cursor: str | None = ""
        for _ in range(MOST_PAGES):
            page = await self._page(CommentsPage, path, cursor, sort="created_at", include="users")
            comments += page.comments
            users += page.users
            cursor = _next(page.meta)
            if cursor is None:
                return sorted(comments, key=lambda comment: (comment.created_at, comment.id)), users
        _too_long(path)

    async def audits(self, ticket_id: int, *, until: Callable[[AuditRecord], bool]) -> list[AuditRecord]:
        """Audits newest first, down to the first for which `until` holds; all of them if it never does.

        The vendor documents no order for this list: where the answer is not newest first, all pages are read.
        """
        audits: list[AuditRecord] = []
        path = f"tickets/{ticket_id}/audits"
        cursor: str | None = ""
        for _ in range(MOST_PAGES):
            page = await self._page(AuditsPage, path, cursor, sort="-created_at")
            audits += page.audits
            cursor = _next(page.meta)
            newest_first = len(audits) > 1 and audits[0].id > audits[-1].id
            if cursor is None or (newest_first and any(until(audit) for audit in page.audits)):
                return sorted(audits, key=lambda audit: audit.id, reverse=True)
        _too_long(path)

    async def update(self, ticket_id: int, body: Mapping[str, object]) -> UpdateAnswer:
        """Send one update, once.

        Raises:
            Stale, Refused, NotFound: Zendesk said so; nothing was written.
            Unavailable: Surely not executed.
            Unknown: It may have been written.
        """
        try:
            answer = await self._in_thread(f"PUT tickets/{ticket_id}", partial(_send, ticket_id, body))
            return convert(answer.to_dict(), UpdateAnswer)
        except NoSuccess as error:
            raise _write_fate(ticket_id, error) from error
        except requests.RequestException as error:
            if transport.surely_not_sent(error):
                raise Unavailable(f"Zendesk could not be reached: {type(error).__name__}.") from error
            raise _unknown(ticket_id, type(error).__name__) from error
        except (Garbled, msgspec.ValidationError) as error:
            raise _unknown(ticket_id, str(error)) from error

    async def aclose(self) -> None:
        """Let all connections go."""
        await self._http.aclose()
        await anyio.to_thread.run_sync(self._session.close)

    async def _read(self, kind: type[T], path: str, call: Callable[[Any], Any]) -> T:
        """One read through zenpy, its objects turned into records at once; a dropped connection is tried again."""
        try:
            try:
                found = await self._in_thread(f"GET {path}", call)
            except requests.ConnectionError:
                found = await self._in_thread(f"GET {path}", call)
            return convert(_plain(found), kind)
        except NoSuccess as error:
            raise _read_fate(path, error) from error
        except (requests.RequestException, Garbled, msgspec.ValidationError) as error:
            raise Unavailable(f"Zendesk gave no usable answer to {path}: {type(error).__name__}.") from error

    async def _in_thread(self, what: str, call: Callable[[Any], Any]) -> Any:
        """Run one zenpy call when the limits let it go; after a 401, surely not executed, once more."""
        await self._limits.acquire(limits.endpoint_of(*what.split(" ")))
        token = await self._tokens.current()
        run = partial(self._run, call)
        try:
            return await anyio.to_thread.run_sync(run, limiter=self._threads)
        except NoSuccess as error:
            if error.status != 401:
                raise
        await self._tokens.renewed(token)
        return await anyio.to_thread.run_sync(run, limiter=self._threads)

    def _run(self, call: Callable[[Any], Any]) -> Any:
        """In a worker thread. Each has a Zenpy of its own: one shared by two threads may send an update half empty."""
        zenpy = getattr(self._own, "zenpy", None)
        if zenpy is None:
            zenpy = self._own.zenpy = Zenpy(
                subdomain=self._settings.subdomain,
                session=self._session,
                timeout=(transport.CONNECT_TIMEOUT_S, self._settings.timeout_s),
                disable_cache=True,
            )
        try:
            return call(zenpy)
        except requests.RequestException:
            raise  # some of them are ValueErrors, too
        except _TRIPPED as error:
            raise Garbled(f"an answer zenpy cannot read ({type(error).__name__})") from error

    async def _page(self, kind: type[T], path: str, cursor: str | None, **query: str) -> T:
        """One page of a list through httpx, in the vendor's cursor paging."""
        await self._limits.acquire(limits.endpoint_of("GET", path))
        after = {"page[after]": cursor} if cursor else {}
        parameters = {"page[size]": str(PAGE_SIZE), **query, **after}
        answer = await self._reads.read(self._http.build_request("GET", f"/api/v2/{path}", params=parameters))
        if answer.status == 404:
            raise NotFound(f"Zendesk has no {path}.")
        try:
            if not answer.ok:
                raise Unavailable(f"Zendesk refused to show {path} ({answer.status}).")
            return convert(answer.body, kind)
        except msgspec.ValidationError as error:
            raise Unavailable(f"Zendesk's answer to {path} is not what is documented: {error}.") from error

    async def _heard_httpx(self, response: httpx.Response) -> None:
        request = response.request
        limits.heard(self._limits, request.method, request.url.path, response.status_code, response.headers)


def _send(ticket_id: int, body: Mapping[str, object], zenpy: Any) -> Any:
    """A fresh Ticket for every send: zenpy strips one that was sent before down to its id, `safe_update` included."""
    ticket = Ticket(id=ticket_id)
    for name, value in body.items():
        setattr(ticket, name, Comment(**value) if name == "comment" and isinstance(value, dict) else value)
    return zenpy.tickets.update(ticket)


def _plain(found: Any) -> object:
    return [each.to_dict() for each in found] if isinstance(found, list) else found.to_dict()


def _next(meta: PageMeta) -> str | None:
    return (meta.after_cursor or None) if meta.has_more else None


def _too_long(path: str) -> NoReturn:
    raise Unavailable(f"Zendesk's list {path} does not end after {MOST_PAGES} pages.")


def _read_fate(path: str, error: NoSuccess) -> Exception:
    if error.status == 404:
        return NotFound(f"Zendesk has no {path}.")
    return _declined(error) or Unavailable(f"Zendesk gave no usable answer to {path} ({error.status}).")


def _write_fate(ticket_id: int, error: NoSuccess) -> Exception:
    status, said = error.status, error.problem
    if status == 409:
        return Stale(f"Ticket {ticket_id} was changed since it was read.", remedy="it is read again")
    if status == 404:
        return NotFound(f"Zendesk has no ticket {ticket_id}.")
    if status == 403:
        return Refused("forbidden", f"Zendesk forbids the resolver to change ticket {ticket_id}: {said}")
    declined = _declined(error)
    if declined is not None:
        return declined
    if 400 <= status < 500 and status != 408:
        code = "closed" if "closed" in said.lower() else "invalid"
        return Refused(code, f"Zendesk refused the update of ticket {ticket_id} ({status}): {said}")
    return _unknown(ticket_id, f"status {status}")


def _declined(error: NoSuccess) -> Unavailable | None:
    """Answers that surely executed nothing, of reads and writes alike."""
    if error.status == 429:
        return Unavailable("Zendesk's rate limit is used up.", retry_after_s=error.retry_after_s)
    if error.status in (401, 403):
        return Unavailable(
            f"Zendesk does not let the resolver in ({error.status}): {error.problem}",
            remedy="give the OAuth client the scope 'read write' and its user the rights of an agent on all tickets",
        )
    if 300 <= error.status < 400:
        problem = f"Zendesk sends us elsewhere ({error.status})."
        return Unavailable(problem, remedy="check the setting subdomain; it may have been renamed")
    return None


def _unknown(ticket_id: int, why: str) -> Unknown:
    return Unknown(
        f"The update of ticket {ticket_id} was sent and gave no usable answer: {why}.",
        remedy="the ticket's audits are read back before anything else happens",
    )
