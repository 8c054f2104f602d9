"""One call of the imitated API: what came in, what goes out, and the endpoints that turn one into the other.

The API parts list their endpoints as `Endpoint`; `api` serves them. Handlers are plain functions that run under
the state's lock and return an answer or raise a Problem; what one only awaits is waited for without the lock.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from connectors.zendesk.sandbox_parts.changes import Actor
from connectors.zendesk.sandbox_parts.desk import Desk
from connectors.zendesk.sandbox_parts.paging import page
from connectors.zendesk.sandbox_parts.problems import not_found
from connectors.zendesk.sandbox_parts.records import JsonObject, User, Via

R = TypeVar("R")
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Limit = Literal["", "tickets-update", "incremental-exports", "users-update"]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in: its caller is known and its limits are not used up."""

    method: str
    path: str
    parameters: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    body: JsonObject
    caller: User

    def id(self, name: str = "id") -> int:
        """A numeric id of the path.

        Raises:
            Problem: 404 for anything that is not a number; nothing has such an id.
        """
        text = self.parameters[name]
        if not (text.isascii() and text.isdigit()) or len(text) > 18:
            raise not_found()
        return int(text)

    @property
    def actor(self) -> Actor:
        """The caller as the one who changes a ticket through the API."""
        return Actor(self.caller, Via("api"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back; no body means a 204 or another empty answer."""

    body: JsonObject | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method on one path, without `.json`, with the scope it needs and the limit it counts against.

    Attributes:
        resource: Scope family, as in `tickets:read`; "" where only the global scope will do.
        limit: The endpoint's own limit; that of ticket updates counts per ticket, too.
    """

    method: Method
    path: str
    handle: Callable[[Desk, Call], Answer | Awaitable[Answer]]
    resource: str = "tickets"
    limit: Limit = ""


def listed(
    desk: Desk,
    call: Call,
    name: str,
    records: Sequence[R],
    shape: Callable[[R], JsonObject],
    key: Callable[[R], object],
) -> JsonObject:
    """The page of these records that the call asks for, with links to the others."""
    url = f"{desk.shapes.root}{call.path}"
    return page(records, call.query, name=name, url=url, key=key, shape=shape)
