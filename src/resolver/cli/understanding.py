"""`resolver understand`: what is read from one sentence, and what would come of it, before a customer writes it.

It reads and opens as a turn does (`understanding`, `resolution.opening`) and stores nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from resolver.cli.folder import configured_folder, interfaces_of, read_folder
from resolver.cli.installation import configuration
from resolver.cli.screen import print_json, say, working
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.clock import Clock
    from resolver.config import Config
    from resolver.playbook.library import Library
    from resolver.playbook.plan import Plan, Slot
    from resolver.reading import Reading, SlotReading
    from resolver.resolution.opening import ForPeople, Leave, Opened

_MOVES = {
    "gives": "answers what was asked",
    "yes": "says yes",
    "no": "says no",
    "unclear": "neither yes nor no, so it is asked once more",
    "question": "asks something back",
    "wants_person": "wants a person",
    "stops": "takes the request back",
    "nothing": "thanks or greets only",
}


def understand(
    sentence: str,
    folder: Path | None,
    config_path: Path | None,
    *,
    language: str | None,
    asked: Sequence[str],
    on: str | None,
    clock: "Clock",
    as_json: bool,
) -> int:
    """Print what was read and what would happen; `Malformed` if the playbooks have errors."""
    from resolver.app import train_reader
    from resolver.ticket import MessageId

    config = configuration(config_path)
    interfaces = interfaces_of(config)
    place = folder or configured_folder(config)
    library = read_folder(place, interfaces).result.library
    if library is None:
        raise Malformed(
            f"The playbooks in {place} have errors.", remedy=f"mend them first: resolver lint {place}"
        )
    zone = library.policy.calendar.zone
    moment = datetime.combine(_day(on), time(), tzinfo=zone) if on else clock().astimezone(zone)
    _check_types(asked, library)
    with working("Learning the playbooks' examples"), _kept(config) as kept:
        reader = train_reader(kept, library, interfaces)
    reading = reader.read(
        MessageId("sentence"), sentence, language_hint=language, asked=tuple(asked), written_at=moment
    )
    least = config.understanding.threshold or _threshold()
    opened = None if asked else _opened(reading, library, knows=config.knowledge is not None)
    if as_json:
        print_json(_as_data(reading, moment.date(), least, opened))
    else:
        say(
            *_told(reading, moment.date(), least),
            *([] if opened is None else ["", *_outlook(reading, library, opened)]),
        )
    return 0


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Malformed(f"{written!r} is no day.", remedy="write it like 2026-11-23") from None


def _threshold() -> float:
    from resolver.understanding.intents import THRESHOLD

    return THRESHOLD


def _check_types(asked: Sequence[str], library: "Library") -> None:
    """`yes_no` stands for a confirmation; everything else is a type that slots can have."""
    from resolver.condition.declared import PLAIN
    from resolver.understanding.moves import YES_NO

    own = {str(slot.type) for plan in library.plans.values() for slot in plan.slots.values()}
    known = sorted({YES_NO, *PLAIN, *own} - {"secret", "days", "duration"})
    for one in asked:
        if one not in known:
            raise Malformed(f"There is no type {one!r}.", remedy=f"there are: {', '.join(known)}")


@contextmanager
def _kept(config: "Config") -> Iterator["Config"]:
    """What was learned is kept where the installation keeps it, if there is one; else nowhere."""
    if config.data.is_dir():
        yield config
        return
    with TemporaryDirectory(prefix="resolver-understand-") as folder:
        yield replace(config, data=Path(folder))


def _opened(reading: "Reading", library: "Library", *, knows: bool) -> "Opened | ForPeople | Leave":
    """As a turn opens it, where nothing keeps playbooks from acting."""
    from resolver.playbook.plan import Mode
    from resolver.resolution.opening import opening

    return opening([reading], library, ceiling=Mode.AUTO, sandboxed=True, ticket="", salt="", knows=knows)


# -- for people -------------------------------------------------------------------------------------------------------


def _told(reading: "Reading", day: date, least: float) -> Iterator[str]:
    yield f"Language: {reading.language}. Days count from {day:%Y-%m-%d}, {day:%A}, as if it were written then."
    yield ""
    yield f"Requests (from {least:.2f} on one counts):"
    counted = {one.intent for one in reading.intents}
    for one in reading.scores or reading.intents:
        words = f"  in {_quoted(one.evidence.text)}" if one.evidence and one.intent in counted else ""
        yield f"  {'*' if one.intent in counted else ' '} {one.intent} {one.score:.2f}{words}"
    if not reading.scores and not reading.intents:
        yield "    none"
    yield ""
    yield "Values:"
    for slot in reading.slots:
        yield f"    {slot.slot_type} = {slot.value}  in {_quoted(slot.span.text)} [{slot.span.start}:{slot.span.end}]"
    if not reading.slots:
        yield "    none"
    if reading.moves:
        yield ""
        yield f"The customer {'; '.join(_MOVES.get(move, move) for move in reading.moves)}."


def _quoted(text: str) -> str:
    return f'"{" ".join(text.split())}"'


def _outlook(reading: "Reading", library: "Library", opened: "Opened | ForPeople | Leave") -> Iterator[str]:
    from resolver.resolution.opening import ForPeople, Leave

    yield "As the first message of a ticket:"
    if isinstance(opened, Leave):
        yield "  Nothing is begun and nothing written; there is no request in it."
        return
    if isinstance(opened, ForPeople):
        yield f"  It goes to people, queue {library.policy.queues['default']}. {opened.summary}"
        yield from _why_none(reading)
        return
    for run in opened.runs:
        intent = "what no other playbook handles" if run.plan.intent is None else run.plan.intent
        mode = "" if str(run.mode) == "auto" else f" in mode {run.mode}"
        yield f"  {run.plan.playbook} begins{mode}: {run.plan.title} ({intent})."
        for slot in run.plan.slots.values():
            yield f"    {slot.name}: {_filled(run.plan, slot, [value for one in run.readings for value in one.slots])}"
    for people in opened.for_people:
        yield f"  Besides, people get a note: {people.summary}"
    if not reading.intents:
        yield from _why_none(reading)


def _why_none(reading: "Reading") -> Iterator[str]:
    if reading.intents or "wants_person" in reading.moves:
        return
    if reading.scores:
        nearest = reading.scores[0]
        yield f"  The nearest request is {nearest.intent} with {nearest.score:.2f}, which is too little."
        yield "  If it is meant, add sentences like this one to its examples; if not, all is well."
    else:
        yield "  Nothing in it is like any example of a playbook."


def _filled(plan: "Plan", slot: "Slot", read: "Sequence[SlotReading]") -> str:
    """What its part of the sentence says for a slot, as `decision.given` takes it."""
    kind = str(slot.type)
    alike = [one for one in plan.slots.values() if one.options is None and str(one.type) == kind]
    values = list(dict.fromkeys(one.value for one in read if one.slot_type == kind))
    if not slot.prefill:
        return "asked, because it is only taken from an answer"
    if slot.options is not None:
        return "chosen from a list, once that was read"
    if values and len(values) == len(alike):
        return values[alike.index(slot)]
    if values:
        return f"asked, because {', '.join(values)} could be meant"
    return "asked, if it is needed"


# -- for programs -----------------------------------------------------------------------------------------------------


def _as_data(
    reading: "Reading", day: date, least: float, opened: "Opened | ForPeople | Leave | None"
) -> dict[str, Any]:
    return {
        "text": reading.text,
        "language": reading.language,
        "written_on": day.isoformat(),
        "threshold": least,
        "intents": [one.intent for one in reading.intents],
        "scores": [{"intent": one.intent, "score": round(one.score, 4)} for one in reading.scores],
        "slots": [
            {
                "type": one.slot_type,
                "value": one.value,
                "span": [one.span.start, one.span.end],
                "text": one.span.text,
            }
            for one in reading.slots
        ],
        "moves": list(reading.moves),
        "opens": None if opened is None else _opens_as_data(opened),
    }


def _opens_as_data(opened: "Opened | ForPeople | Leave") -> dict[str, Any]:
    from resolver.resolution.opening import ForPeople, Leave

    if isinstance(opened, Leave):
        return {"playbooks": [], "for_people": []}
    if isinstance(opened, ForPeople):
        return {"playbooks": [], "for_people": [{"reason": opened.reason, "summary": opened.summary}]}
    people = [{"reason": one.reason, "summary": one.summary} for one in opened.for_people]
    return {"playbooks": [run.plan.playbook for run in opened.runs], "for_people": people}
