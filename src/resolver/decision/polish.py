"""Rephrased texts: whether one may go out instead of the plain one (LANGUAGE 9). Pure.

Called by the engine, which never trusts who rephrased: in any doubt the plain text is what was said.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from resolver.decision.claims import claims
from resolver.decision.effects import Approve, Ask, CheckIn, Confirm, Effect, HandOff, Reply, Result, Sent

LEAST_PERCENT, MOST_PERCENT = 50, 200
"""How long a rephrased text may be, measured by the plain one."""

_Spoken = TypeVar("_Spoken", bound=Effect)


def plain_text(effect: Effect) -> str | None:
    """What an effect says to the customer, None if that is nothing."""
    if isinstance(effect, Ask | Confirm | CheckIn | Reply):
        return effect.text
    return effect.tell if isinstance(effect, Approve | HandOff) else None


def kept(plain: str, rephrased: str, values: Sequence[str]) -> bool:
    """Whether a rephrased text keeps all that the plain one says for certain.

    Every value stands in it word for word and equally often; no number, amount, date, link or address is new; it is
    about as long, and nothing in it is hidden.
    """
    if not LEAST_PERCENT * len(plain) <= 100 * len(rephrased) <= MOST_PERCENT * len(plain):
        return False
    if not rephrased.strip() or not all(char.isprintable() or char in "\n\u00a0\u202f" for char in rephrased):
        return False
    if any(value and plain.count(value) != rephrased.count(value) for value in values):
        return False
    return not Counter(claims(rephrased)) - Counter(claims(plain))


def as_said(effect: _Spoken, result: Result | None) -> _Spoken:
    """The effect with the text that went out: the rephrased one where it is allowed and keeps everything."""
    if not isinstance(result, Sent) or result.text is None:
        return effect
    values, plain = getattr(effect, "rephrase", None), plain_text(effect)
    if values is None or plain is None or not kept(plain, result.text, values):
        return effect
    if isinstance(effect, Ask | Confirm | CheckIn | Reply):
        return replace(effect, text=result.text)
    return replace(effect, tell=result.text) if isinstance(effect, Approve | HandOff) else effect
