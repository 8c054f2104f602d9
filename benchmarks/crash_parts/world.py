"""What outlives every worker: the shop in a process of its own, the helpdesk, the customers and their orders.

Driven by the parent. The shop's ledger file is the judge; nothing here knows what the resolver stored.
"""

import json
import random
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from connectors.demo_shop.sandbox_ledger import Movement, movements_in
from connectors.zendesk.sandbox import ZendeskSandbox, ZendeskSandboxSettings

Provider = Literal["native", "none", "stale"]
IDEMPOTENCY = {"native": "native", "none": "none", "stale": "none_stale"}
RINGS_FOR = ("ticket.created", "ticket.comment_added")
ASKS = ("I can refund", "Shall I cancel order")
ENDS = {
    "Done.": "done",
    "is cancelled. You get": "cancelled",
    "has already been refunded": "already_refunded",
    "already left us": "left",
    "is cancelled already": "was_cancelled",
    "A colleague will take care": "handed_off",
}
"""Every last word the playbooks have for a customer, by a piece of its text."""
CHECKED = "A colleague takes a quick look"
CHANGES = {
    "refund": ("part", "whole", "price", "shipped", "final_sale"),
    "cancel": ("part", "whole", "shipped"),
}
SHOP_FAULTS = tuple(
    "timeout_after_executing reset_after reset_before http_500_after truncated http_429".split()
)
_FAST = 99_999


@dataclass(slots=True)
class Story:
    """One customer, one order, one ticket. `change` is what other people did to the order while nobody looked."""

    number: str
    kind: Literal["refund", "cancel"]
    paid: str
    ticket: int
    races: bool = False
    change: str | None = None
    ended: bool = False

    @property
    def order(self) -> str:
        """The shop's own id of the order."""
        return f"o-{self.number}"

    @property
    def email(self) -> str:
        """Whose order it is."""
        return f"c{self.number}@example.com"


@dataclass(slots=True)
class World:
    """Start it as a context manager. `chance` decides everything that is not the machine's."""

    folder: Path
    provider: Provider
    chance: random.Random
    stories: list[Story] = field(default_factory=list)
    shop: dict[str, str] = field(default_factory=dict)
    desk: ZendeskSandbox = field(init=False)
    _shop_process: "subprocess.Popen[str] | None" = None
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=10))
    _rung_again: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """The helpdesk, as fast as it can be: its limits are not what is tested here."""
        settings = ZendeskSandboxSettings(requests_per_minute=_FAST, updates_per_minute=_FAST)
        self.desk = ZendeskSandbox(settings)

    @property
    def ledger(self) -> Path:
        """The judge."""
        return self.folder / "ledger"

    def __enter__(self) -> Self:
        """Start shop and helpdesk."""
        command = [sys.executable, "-m", "connectors.demo_shop.sandbox", "--state", str(self.folder / "shop")]
        command += ["--ledger", str(self.ledger), "--idempotency", IDEMPOTENCY[self.provider], "--no-guards"]
        with (self.folder / "shop.log").open("w") as log:
            self._shop_process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self._shop_process.stdout.readline() if self._shop_process.stdout else ""
        self.shop = json.loads(line)
        self.desk.start()
        self.desk.pause_deliveries()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop them."""
        self.desk.stop()
        self._http.close()
        if self._shop_process is not None:
            self._shop_process.terminate()
            self._shop_process.communicate()

    def shop_settings(self) -> dict[str, str]:
        """What the connection to the shop is told; a shop that honours no keys says so."""
        idempotency = "native" if self.provider == "native" else "none"
        return {
            "url": self.shop["url"],
            "token": self.shop["token"],
            "idempotency": idempotency,
            "timeout_s": "2",
        }

    def desk_settings(self) -> dict[str, str]:
        """What the connection to the helpdesk is told."""
        fast = {"requests_per_minute": str(_FAST), "updates_per_minute": str(_FAST), "timeout_s": "5"}
        return {**self.desk.connection(), **fast}

    def rings(self, endpoint: str) -> None:
        """Deliver to the worker from now on."""
        secret = self.desk.connection()["signing_secret"]
        self.desk.register_webhook(endpoint, secret=secret, subscriptions=RINGS_FOR)

    def wakes(self) -> None:
        """The worker lives: deliver what was held back, and again what met a dead process."""
        self.desk.resume_deliveries()
        lost = [one for one in self.desk.deliveries() if one["status"] not in ("success", "accepted")]
        for one in lost:
            if str(one["id"]) not in self._rung_again:
                self._rung_again.add(str(one["id"]))
                self.desk.redeliver(int(str(one["ticket"])))

    # -- customers ------------------------------------------------------------------------------------------------

    @property
    def under_way(self) -> list[Story]:
        """Everybody who asked for money and has not heard the end of it."""
        return [story for story in self.stories if not story.ended]

    def fill(self, wanted: int) -> None:
        """Let new customers write until so many are under way."""
        while len(self.under_way) < wanted:
            self._writes()

    def answer(self) -> None:
        """Every customer reads their ticket; who is asked says yes."""
        for story in self.under_way:
            comments = self.comments(story)
            story.ended = any(one["bot"] and (not one["public"] or ending(one["body"])) for one in comments)
            spoken = [one for one in comments if one["public"]]
            if not story.ended and spoken[-1]["bot"] and is_question(spoken[-1]["body"]):
                self.desk.customer_writes(story.email, text="Yes, please.", ticket=story.ticket)

    def comments(self, story: Story) -> list[dict[str, Any]]:
        """The ticket's comments, oldest first."""
        found: Any = self.desk.ticket(story.ticket)["comments"]
        return list(found)

    def movements(self, story: Story) -> list[Movement]:
        """What the ledger says about the order."""
        return [one for one in movements_in(self.ledger) if one.number == story.number]

    def orders(self) -> dict[str, dict[str, Any]]:
        """Every order as it truly is now, by number."""
        found = self._http.get(f"{self.shop['url']}/sandbox/orders").json()
        return {one["number"]: one for one in found}

    def _writes(self) -> None:
        number = str(10_001 + len(self.stories))
        draw = self.chance.random()
        kind: Literal["refund", "cancel"] = "cancel" if draw < 0.2 else "refund"
        paid = f"{self.chance.randint(101, 599) / 100:.2f} EUR"
        if draw > 0.92:  # above what may be refunded without a team lead
            paid = f"{self.chance.randint(4601, 4899) / 100:.2f} GBP"
        story = Story(number, kind, paid, 0, races=kind == "cancel" and self.chance.random() < 0.3)
        order = {"number": number, "id": story.order, "email": story.email, "paid": paid}
        order |= {"status": "delivered" if kind == "refund" else "processing"}
        self._http.post(f"{self.shop['url']}/sandbox/orders", json=order).raise_for_status()
        text = f"Please {kind} order {number}."
        story.ticket = self.desk.customer_writes(story.email, "Ann", "My order", text)
        self.stories.append(story)

    # -- other people and bad luck --------------------------------------------------------------------------------

    def meddle(self) -> None:
        """While the worker is dead other people change an order or two; every second time nobody does."""
        if self.chance.random() < 0.5:
            return
        unchanged = [story for story in self.under_way if story.change is None and not story.races]
        present = self.orders()
        for story in self.chance.sample(unchanged, min(2, len(unchanged))):
            change = self.chance.choice(CHANGES[story.kind])
            if not self.movements(story) and self._change(story, present[story.number], change):
                story.change = change

    def _change(self, story: Story, order: dict[str, Any], change: str) -> bool:
        total, currency = order["total"], order["currency"]
        part = f"{total // 3 / 100:.2f} {currency}"
        changes: dict[str, dict[str, Any]] = {
            "part": {"refunded": part},
            "whole": {"refunded": story.paid},
            "price": {"lines": [{"id": "l1", "refundable": part}]},
            "shipped": {"status": "shipped"},
            "final_sale": {"lines": [{"id": "l1", "final_sale": True}]},
        }
        address = f"{self.shop['url']}/sandbox/orders/{story.number}"
        return self._http.patch(address, json=changes[change]).is_success

    def misfortune(self) -> None:
        """Now and then the shop or the helpdesk answers badly, whether or not it did what it was asked."""
        if self.chance.random() < 0.4:
            operation = self.chance.choice(("refund", "refund", "cancel_order", "order"))
            fault = {"operation": operation, "kind": self.chance.choice(SHOP_FAULTS)}
            self._http.post(f"{self.shop['url']}/sandbox/faults", json=fault).raise_for_status()
        if self.chance.random() < 0.4:
            kind = self.chance.choice(("drop", "drop_before", "error_after", "error_before"))
            self.desk.fault(kind, method=self.chance.choice(("PUT", "PUT", "GET")), path="/api/v2/tickets/*")


def is_question(text: str) -> bool:
    """Whether the customer is asked to agree."""
    return any(words in text for words in ASKS)


def ending(text: str) -> str | None:
    """Which last word a reply is, if it is one."""
    return next((word for words, word in ENDS.items() if words in text), None)


def amount_in(text: str) -> str:
    """The amount a text names, as `12.34`."""
    found = re.search(r"\d+\.\d\d", text)
    return found[0] if found else ""
