"""Details by which a customer is known: what a message must name of a record so that it is theirs (LANGUAGE 8). Pure.

Called where a message is judged, live and in test files, with the record whoever owns it; that one never enters facts.
"""

import re
import unicodedata
from collections.abc import Sequence

from resolver.condition.values import RecordValue, Value
from resolver.connector.interface import LookUpSpec
from resolver.decision import effects, proving
from resolver.decision.answer import of_form
from resolver.decision.facts import Facts
from resolver.decision.prepare import environment, look_up_effect
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Way
from resolver.ticket import Level

MAX_WORDS = 60
"""A longer message names nothing: whoever lists what there could be has not named what is."""
MIN_LENGTH = 3
"""A detail of fewer letters and digits is found in any message, so it says nothing."""
_AROUND = ".,;:!?()<>\"'“”„«»"
_WORD = re.compile(r"[^\W_]+")


def asked_for(plan: Plan, facts: Facts) -> effects.LookUp | None:
    """The look-up of the record whose details the run waits for; None if it waits for none."""
    open_ = facts.proving
    if open_ is None or not open_.open or not open_.details:
        return None
    account = proving.account_of(facts.policy)
    if facts.policy.account and proving.target_of(account, details=True) == open_.target:
        return account
    env = environment(plan, facts)
    for one in proving.owned(plan, facts.policy, Level.MATCHED):
        look_up = look_up_effect(one, env)
        if look_up is not None and proving.target_of(look_up, details=True) == open_.target:
            return look_up
    return None


def named_in(text: str, record: RecordValue, ways: Sequence[Way]) -> bool:
    """Whether the message names enough of the record, each detail word for word, but for case, marks and spaces."""
    words = [_folded(word) for word in _WORD.findall(text)]
    if len(words) > MAX_WORDS:
        return False
    return any(sum(_names(words, record, field) for field in way.fields) >= way.needed for way in ways)


def arguments_in(text: str, spec: LookUpSpec, ways: Sequence[Way]) -> dict[str, Value] | None:
    """What a message says of an account, as arguments of its look-up; None if it says too little, or two things."""
    words = [word.strip(_AROUND) for word in text.split()]
    if len(words) > MAX_WORDS:
        return None
    said: dict[str, Value] = {}
    for name, argument in spec.takes.items():
        found = {str(value): value for word in words if (value := of_form(argument.type, word)) is not None}
        if len(found) == 1:
            said |= {name: next(iter(found.values()))}
    fits = (way for way in ways if sum(name in said for name in way.fields) >= way.needed)
    way = next(fits, None)
    return None if way is None else {name: said[name] for name in way.fields if name in said}


def owner_in(text: str, record: RecordValue, plan: Plan, look_up: effects.LookUp, facts: Facts) -> str | None:
    """Whose record it is, if the message names its details; else None."""
    declared = plan.look_ups[look_up.name].spec.gives
    owner = record.fields.get(declared.owner)
    ways = proving.ways_for(declared, facts.policy)
    return owner if isinstance(owner, str) and owner and named_in(text, record, ways) else None


def _names(words: Sequence[str], record: RecordValue, field: str) -> bool:
    value = record.fields.get(field)
    if not isinstance(value, str):
        return False
    wanted = "".join(_folded(word) for word in _WORD.findall(value))
    if len(wanted) < MIN_LENGTH:
        return False
    return any(_begins(words[place:], wanted) for place in range(len(words)))


def _begins(words: Sequence[str], wanted: str) -> bool:
    """Whether whole words from the first on are just what is wanted, however it is divided."""
    so_far = ""
    for word in words:
        so_far += word
        if len(so_far) >= len(wanted):
            break
    return so_far == wanted


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(mark for mark in plain if not unicodedata.combining(mark))
