"""A made-up archive of refund tickets, the same for the same seed: what `benchmarks.backtest` plays.

Orders, amounts, languages and endings are mixed as in a shop: most are paid back after a yes, the others are late, not
delivered yet, refunded before, unknown, final sale, or about some of the items.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FIRST_DAY = datetime(2026, 1, 2, 8, tzinfo=UTC)
_NAMES = (
    "Blue mug", "Tea towel", "Kettle", "Desk lamp", "Wool scarf", "Notebook", "Umbrella", "Cutting board", "Jacket",
    "Running shoes", "Bed linen", "Espresso cups",
)  # fmt: skip
_PRICES = (490, 790, 990, 1290, 1590, 1990, 2400, 2490, 2990, 3490, 3990, 4990, 5990, 8900)
_ASKS = {
    "en": "I want my money back for order {number}",
    "de": "Ich möchte mein Geld zurück für Bestellung {number}",
}
_SAYS = {
    "en": {"yes": "Yes please", "no": "No, leave it", "changed_mind": "I changed my mind", "broken": "It is broken"},
    "de": {"yes": "Ja bitte", "no": "Nein, lieber nicht", "changed_mind": "Gefällt mir nicht", "broken": "Kaputt"},
}  # fmt: skip
_KINDS = {
    "in_time": 60, "some_items": 5, "late": 10, "on_its_way": 6, "refunded": 5, "partly": 4, "unknown": 5, "final": 5,
}  # fmt: skip


def write_archive(path: Path, tickets: int, seed: int) -> None:
    """Write so many tickets, a line each."""
    with path.open("w", encoding="utf-8") as file:
        for ticket in archive(tickets, seed):
            file.write(json.dumps(ticket, ensure_ascii=False) + "\n")


def archive(tickets: int, seed: int) -> Iterator[dict[str, Any]]:
    """The tickets, as they stand on lines."""
    chance = random.Random(seed)
    kinds, weights = list(_KINDS), list(_KINDS.values())
    for place in range(tickets):
        opened_at = FIRST_DAY + timedelta(minutes=5 * (place % 100_000))
        yield _ticket(chance, place, chance.choices(kinds, weights)[0], opened_at)


def _ticket(chance: random.Random, place: int, kind: str, opened_at: datetime) -> dict[str, Any]:
    language = "de" if chance.random() < 0.3 else "en"
    number, email = str(100_000 + place), f"customer{place}@example.com"
    order = _order(chance, kind, number, email, opened_at)
    return {
        "id": place,
        "opened_at": f"{opened_at:%Y-%m-%d %H:%M}",
        "language": language,
        "channel": "email",
        "customer": {"email": email, "identity": "verified"},
        "messages": _messages(chance, kind, language, order),
        "records": {"shop.order": [] if kind == "unknown" else [order]},
        "agents": _agents(chance, kind, order),
    }


def _order(chance: random.Random, kind: str, number: str, email: str, opened_at: datetime) -> dict[str, Any]:
    here = kind != "on_its_way"
    days = chance.randint(31, 80) if kind == "late" else chance.randint(1, 29)
    prices = [chance.choice(_PRICES) for _ in range(_items(chance, kind))]
    total = sum(prices)
    refunded = {"refunded": total, "partly": prices[0] // 2}.get(kind, 0)
    order = {
        "id": f"o{number}",
        "number": number,
        "email": email,
        "status": "delivered" if here else "processing",
        "total": _euros(total),
        "refunded": _euros(refunded),
        "country": "DE",
        "address": f"Lindenweg {chance.randint(1, 200)}, 10115 Berlin, DE",
        "lines": [_line(chance, kind, place, price, refunded) for place, price in enumerate(prices, 1)],
    }
    if here:
        order["delivered_at"] = f"{opened_at - timedelta(days=days, hours=3):%Y-%m-%d %H:%M}"
    return order


def _items(chance: random.Random, kind: str) -> int:
    """Most orders have one item; only those of which some are sent back must have more."""
    return (
        chance.choices((2, 3), (3, 1))[0] if kind == "some_items" else chance.choices((1, 2, 3), (6, 3, 1))[0]
    )


def _line(chance: random.Random, kind: str, place: int, price: int, refunded: int) -> dict[str, Any]:
    return {
        "id": f"l{place}",
        "name": chance.choice(_NAMES),
        "quantity": 1,
        "refundable": _euros(0 if refunded else price),
        "final_sale": "yes" if kind == "final" else "no",
    }


def _messages(chance: random.Random, kind: str, language: str, order: dict[str, Any]) -> list[dict[str, Any]]:
    understood: dict[str, Any] = {"intent": "refund", "order_number": order["number"]}
    if kind == "some_items":
        understood["items"] = ["l1"]
    asks = _ASKS[language].format(number=order["number"])
    said = _SAYS[language]
    if kind == "late":
        reason = chance.choice(("changed_mind", "broken_or_wrong"))
        answer: dict[str, Any] = {
            "writes": said["changed_mind" if reason == "changed_mind" else "broken"],
            "understood": {"reason": reason},
        }
    else:
        answers = "no" if chance.random() < 0.08 else "yes"
        answer = {"writes": said[answers], "understood": answers}
    silent = kind != "late" and chance.random() < 0.2
    return [{"writes": asks, "understood": understood}, *([] if silent else [answer])]


def _agents(chance: random.Random, kind: str, order: dict[str, Any]) -> dict[str, Any]:
    if kind == "unknown":
        return {"disposition": "handed_off", "queue": "Orders"}
    if kind in ("refunded", "late") or chance.random() < 0.05:
        return {"disposition": "answered" if kind == "refunded" else "declined"}
    amount = order["lines"][0]["refundable"] if kind == "some_items" else order["total"]
    action = "shop.cancel_order" if kind == "on_its_way" else "shop.refund"
    return {"done": [{action: {"amount": amount}}], "disposition": "resolved"}


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02} EUR"
