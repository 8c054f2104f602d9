"""The bounds that readers and the engine enforce, each by the constant that enforces it.

Printed by the reference page only.
"""

from collections.abc import Iterator

from resolver.condition import constant, parser, storage
from resolver.condition.declared import MAX_OPTIONS as MAX_WORDS_OF_A_CHOICE
from resolver.decision import choice, details, engine, guard, moves, referred, reply
from resolver.gateway import codes
from resolver.playbook import check, paths, places, policy_places
from resolver.source import load
from resolver.source.name import NAME_LENGTH


def bounds_of_files() -> Iterator[tuple[str, str]]:
    """What a file may hold; beyond that `lint` says so."""
    yield "size of a file", f"{load.MAX_BYTES // 1024} KiB"
    yield "values in a file", f"{load.MAX_EVENTS:,}"
    yield "nesting in a file", f"{load.MAX_DEPTH}"
    yield "letters of a name", f"{NAME_LENGTH}"
    for what, most in check.MOST.items():
        yield f"{what} of a playbook", f"{most}"
    yield "steps of an outcome", f"{check.MOST_STEPS}"
    yield "actions on one way", f"{paths.MAX_ACTIONS}"
    yield "ways through a playbook", f"{paths.MAX_PATHS:,}"
    yield "characters of a title", f"{places.TITLE_LENGTH}"
    yield "characters of a text", f"{places.TEXT_LENGTH:,}"
    yield "words of a choice", f"{MAX_WORDS_OF_A_CHOICE}"
    yield "characters of a condition", f"{parser.MAX_LENGTH}"
    yield "parts of a condition", f"{parser.MAX_NODES}"
    yield "nesting of a condition", f"{parser.MAX_DEPTH}"
    yield "a length of time", f"{constant.MAX_DAYS:,} days"


def bounds_of_runs() -> Iterator[tuple[str, str]]:
    """What a run may do; beyond that it goes to people."""
    yield "elements of a list", f"{storage.MAX_ELEMENTS}"
    yield "records in records", f"{storage.MAX_RECORDS_DEEP} deep"
    yield "options shown with a question", f"{reply.MAX_OPTIONS}"
    yield "elements taken at once", f"{choice.MAX_CHOSEN}"
    yield "records behind references in a turn", f"{referred.MAX_READ}"
    yield "characters of a value in a text", f"{reply.MAX_TEXT}"
    yield "corrections of a slot", f"{moves.MAX_CORRECTIONS}"
    yield "own questions of the customer that are answered", f"{moves.MAX_ASIDES}"
    yield "decisions of a run; the last of them goes to `if_unsure`", f"{engine.MAX_DECISIONS}"
    yield "replies in a row that bring nothing new", f"{guard.REPLIES_IN_A_ROW}"
    yield "replies on a ticket in a day", f"{guard.REPLIES_A_DAY}"
    yield "runs of a ticket", f"{policy_places.RUNS_PER_CASE}, at most {policy_places.MOST_RUNS_PER_CASE}"
    yield "wrong codes", f"{codes.MAX_WRONG}"
    yield "codes of a ticket in a day", f"{codes.PER_TICKET_AND_DAY}"
    yield "codes to a contact in a day", f"{codes.PER_CONTACT_AND_DAY}"
    yield "words of a message that names details", f"{details.MAX_WORDS}"
