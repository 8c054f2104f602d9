"""The demo billing system's HTTP interface: one method per address, each answer checked before anybody believes it.

Called by `actions.py` only. It sends every request once (reads are repeated by the port) and decides nothing but
which of a customer's subscriptions is meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from resolver.connector.http import Json
from resolver.connector.json_backend import JsonBackend
from resolver.errors import NotFound, Unavailable, Unknown


@dataclass(frozen=True, slots=True)
class Change:
    """Something the system did to a subscription; `reference` is the key it was asked with."""

    id: str
    kind: str
    subscription: str
    reference: str


@dataclass(frozen=True, slots=True)
class BillingClient:
    """One billing system."""

    backend: JsonBackend

    async def of_customer(self, email: str) -> Mapping[str, Json]:
        """The customer's one subscription that runs, else the one that ended last.

        Raises:
            NotFound: There is none, or several run and nobody can tell which one is meant.
            Unavailable: It could not be asked, or its answer could not be read.
        """
        listed = (await self.backend.read("/subscriptions", {"email": email})).get("subscriptions")
        found = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, Sequence) else []
        if not isinstance(listed, Sequence) or len(found) != len(listed):
            raise Unavailable("The billing system's list of subscriptions has no form we know.")
        running = [each for each in found if each.get("status") != "ended"]
        if len(running) == 1:
            return running[0]
        if running or not found:
            raise NotFound("The customer has no subscription, or several at once.")
        return max(found, key=lambda each: str(each.get("renews_on")))

    async def subscription(self, id_: str) -> Mapping[str, Json]:
        """A subscription by its key. Raises NotFound or Unavailable."""
        found = (await self.backend.read(_place(id_))).get("subscription")
        if not isinstance(found, Mapping):
            raise Unavailable("The billing system's answer has no subscription in it.")
        return found

    async def changes(self, id_: str) -> tuple[Change, ...]:
        """Everything that was done to a subscription. Raises NotFound or Unavailable."""
        listed = (await self.backend.read(f"{_place(id_)}/changes")).get("changes")
        found = [_change(each) for each in listed] if isinstance(listed, Sequence) else [None]
        changes = tuple(change for change in found if change is not None)
        if len(changes) != len(found):
            raise Unavailable("The billing system's list of changes has no form we know.")
        return changes

    async def change(self, id_: str, what: str, body: Mapping[str, object], key: str) -> str:
        """Ask for a change at its address, such as `discounts`; gives the system's id of it.

        Raises Refused, Unavailable or Unknown.
        """
        answer = await self.backend.write(
            "POST", f"{_place(id_)}/{what}", {**body, "reference": key}, key=key
        )
        made = _change(answer.get("change"))
        # An answer that belongs to another request proves nothing about ours.
        if made is None or (made.subscription, made.reference) != (id_, key):
            raise Unknown("The billing system's answer is not about what it was asked.")
        return made.id

    async def aclose(self) -> None:
        """Let connections go."""
        await self.backend.aclose()


def _place(id_: str) -> str:
    return f"/subscriptions/{quote(id_, safe='')}"


def _change(body: Json) -> Change | None:
    match body:
        case {"id": str(id_), "kind": str(kind), "subscription": str(of), "reference": str(reference)}:
            return Change(id_, kind, of, reference)
    return None
