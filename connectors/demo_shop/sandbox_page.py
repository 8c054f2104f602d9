"""The sandbox's page for a person: every order and everything that happened, newest first.

Called by the control side. It only reads, runs no script, and escapes whatever customers wrote.
"""

from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from connectors.demo_shop.sandbox_ledger import Movement
from connectors.demo_shop.sandbox_order import Order
from resolver.money import Money

_template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
    Path(__file__).with_name("sandbox_page.html").read_text(encoding="utf-8")
)


def page(orders: Iterable[Order], movements: Iterable[Movement]) -> str:
    """The page as HTML."""
    return _template.render(orders=list(orders), movements=list(movements)[::-1], money=_money)


def _money(minor: int, currency: str) -> str:
    return str(Money(minor, currency))
