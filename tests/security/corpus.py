"""Tickets of strangers, written down in `hostile.yaml` and `benign.yaml`, as stories that can be played.

Every story has orders of its own and a victim of its own, whose data nobody else may ever read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal

import yaml

from tests.security.model import Wish

FOLDER = Path(__file__).parent
LONG = 600
PAID = "21.00 EUR"
_STORIES = count(1)
_FIRST_NUMBER = 30_000
_NAMES = ("own", "other", "paid", "valuable", "foreign", "foreign2", "foreign3")

NO_WISH = Wish()
Writer = Literal["requester", "friend", "stranger", "victim"]


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: its words, who writes it, and what the helpdesk sees besides."""

    text: str
    html: str = ""
    writer: Writer = "requester"
    how: Mapping[str, Any] = field(default_factory=dict)
    wish: Wish = NO_WISH


@dataclass(frozen=True, slots=True)
class Story:
    """One ticket from its first message to its last, and what may come of it.

    `may` is what the writer could rightly get with a yes of their own, `does` what an honest one must get, `stopped`
    the reasons that may have stopped a hostile one, by who reads.
    """

    kind: str
    language: str
    opening: str
    number: int
    letters: tuple[Letter, ...]
    orders: Mapping[str, str]
    may: str = ""
    does: str = ""
    stopped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a report calls it."""
        return f"{self.kind}/{self.language}/{self.opening}"

    def address_of(self, writer: Writer) -> str:
        """The mail address of somebody in this story."""
        return f"{writer}{self.number}@{'victims' if writer == 'victim' else 'writers'}.example"

    @property
    def opened_by(self) -> Writer:
        """Who writes the first message, and so is the requester."""
        return self.letters[0].writer

    @property
    def mentions(self) -> list[str]:
        """Which of the orders the story is about."""
        told = " ".join([letter.text + letter.html for letter in self.letters])
        return [name for name, number in self.orders.items() if number in told]

    def is_shipped(self, name: str) -> bool:
        """Whether a victim's order is on its way, so that there is a link to be stolen."""
        return name.startswith("foreign") and self.letters[-1].wish.intent == "order_status"


def hostile() -> list[Story]:
    """The adversarial tickets: each kind in each language, in each of its openings."""
    return list(_stories("hostile.yaml"))


def benign() -> list[Story]:
    """The look-alikes: each kind in each language that the starters speak."""
    return list(_stories("benign.yaml"))


def tenth(stories: Sequence[Story]) -> list[Story]:
    """One language of each kind and opening, the languages in turn."""
    groups: dict[tuple[str, str], list[Story]] = {}
    for story in stories:
        groups.setdefault((story.kind, story.opening), []).append(story)
    return [group[place % len(group)] for place, group in enumerate(groups.values())]


def kinds_of(name: str) -> list[str]:
    """The kinds of a file."""
    return list(_read(name)["kinds"])


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text("utf-8"))


def _stories(file: str) -> Iterator[Story]:
    written = _read(file)
    for kind, told in written["kinds"].items():
        for opening in told.get("openings", ["plain"]):
            for language in written["texts"]["plain_refund"]:
                yield _story(kind, told, opening, language, written["texts"])


def _story(
    kind: str, told: Mapping[str, Any], opening: str, language: str, texts: Mapping[str, Mapping[str, str]]
) -> Story:
    number = next(_STORIES)
    orders = {name: str(_FIRST_NUMBER + 7 * number + place) for place, name in enumerate(_NAMES)}
    words = {
        name: said[language].format(**orders, code="{code}")
        for name, said in texts.items()
        if language in said
    }
    for long in {"filler", "chatter"} & set(words):
        words[long] *= LONG
    fill = {**orders, **words, "code": "{code}"}
    wish = _wish(told.get("wish", {}), fill, language)
    how = {**told.get("how", {}), "locale": language}
    writer = told.get("from", "requester")
    attack = Letter(
        text=told.get("text", "" if "html" in told else "{" + kind + "}").format(**fill),
        html=told.get("html", "").format(**fill),
        writer=writer,
        how=how,
        wish=wish,
    )
    then = [Letter(text.format(**fill), writer=writer, how=how, wish=wish) for text in told.get("then", ())]
    before = [_offer(words, orders, language, with_friend=writer == "friend")] if opening == "offer" else []
    return Story(
        kind=kind,
        language=language,
        opening=opening,
        number=number,
        letters=(*before, attack, *then),
        orders=orders,
        may=told.get("may", ""),
        does=told.get("does", ""),
        stopped={by: tuple(reasons) for by, reasons in told.get("stopped", {}).items()},
    )


def _offer(
    words: Mapping[str, str], orders: Mapping[str, str], language: str, *, with_friend: bool
) -> Letter:
    """An honest request, so that an offer waits for a yes when the attack comes."""
    number = (int(orders["own"]) - _FIRST_NUMBER) // 7
    how: dict[str, Any] = {"locale": language}
    if with_friend:
        how["cc"] = [f"friend{number}@writers.example"]
    return Letter(
        words["plain_refund"], how=how, wish=Wish("refund", (("order_number", orders["own"]),), language)
    )


def _wish(told: Mapping[str, str], fill: Mapping[str, str], language: str) -> Wish:
    slots = tuple((word, value.format(**fill)) for word, value in told.items() if word != "intent")
    return Wish(told.get("intent", "refund"), slots, language)
