"""`resolver replay`: the turns of stored runs decided again, offline; 2 if a byte differs or one was erased."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.explaining import ticket_named
from resolver.cli.installation import opened, stored, vault_of
from resolver.cli.screen import print_json, say, working
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.resolution.replaying import Ending, Replay, Replayed
    from resolver.store.database import Connection

DIFFERS = 2
Named = tuple[str, "Replayed"]


def replay(named: str, config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Replay a run, the runs of a ticket, or the turns a file of trace lines is about.

    Raises:
        Malformed: There is no such run, ticket or file, or the file has no turn in it.
    """
    from resolver.resolution.replaying import Replay

    config = stored(config_path, data)
    file = Path(named)
    with opened(config) as database:
        vault = vault_of(config)

        def job(connection: "Connection") -> list[Named]:
            found = Replay(connection, vault)
            if file.is_file():
                return list(_lines(found, file))
            return [(one.run, one) for one in _named(found, connection, named)]

        return _told(database.read_now(job), whole=False, broken=None, as_json=as_json)


def replay_all(config_path: Path | None, data: Path | None, *, as_json: bool) -> int:
    """Replay every run there is and look whether the chain of all lines holds."""
    from resolver.audit.verify import first_break
    from resolver.resolution.replaying import Replay
    from resolver.store import trail

    config = stored(config_path, data)
    with opened(config) as database, working("Deciding again"):
        vault = vault_of(config)
        found = database.read_now(lambda c: [(one.run, one) for one in Replay(c, vault).every()])
        broken = database.read_now(lambda c: first_break(trail.after(c, 0)))
    return _told(found, whole=True, broken=broken, as_json=as_json)


def _named(replay: "Replay", connection: "Connection", named: str) -> "Sequence[Replayed]":
    run = replay.of_run(named)
    if run is not None:
        return [run]
    ticket = ticket_named(connection, named)
    if ticket is None:
        raise Malformed(
            f"There is no run, no ticket and no file {named!r} here.",
            remedy="list runs: resolver runs list; a ticket is CONNECTION:NUMBER",
        )
    found = replay.of_ticket(ticket)
    if not found:
        raise Malformed(f"No playbook ever ran on {ticket}.", remedy="see why: resolver explain")
    return found


def _lines(replay: "Replay", file: Path) -> Iterator[Named]:
    """The turns of a file, each named by its line; lines about anything else are passed over."""
    none = True
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            found = replay.of_line(line.rstrip(b"\r\n")) if line.strip() else None
            if found is not None:
                none = False
                yield f"{file}:{number}", found
    if none:
        raise Malformed(f"{file} has no turn in it.", remedy="name a file of trace lines, one JSON a line")


# -- telling ----------------------------------------------------------------------------------------------------------


def _told(found: Sequence[Named], *, whole: bool, broken: int | None, as_json: bool) -> int:
    endings: Counter[Ending] = Counter(one.ending for _, one in found)
    fine = endings["identical"] == len(found) and broken is None
    if as_json:
        print_json(_json(found, endings, broken, fine=fine))
    else:
        say(*_text(found, endings, broken, whole=whole))
    return 0 if fine else DIFFERS


def _text(
    found: Sequence[Named], endings: "Mapping[Ending, int]", broken: int | None, *, whole: bool
) -> Iterator[str]:
    for name, one in found:
        if not whole or one.ending != "identical":
            yield f"{name}: {_count(one.turns, 'turn')}, {one.ending}"
        for difference in one.differences:
            turn = f"turn {difference.turn}, " if difference.turn is not None else ""
            yield f"  {turn}{difference.place}: {difference.problem}"
        if one.ending == "not recorded":
            yield "  decided by a release that did not record what replay needs, or not stored here"
    if broken is not None:
        yield f"The chain of the trail breaks at line {broken}: it, or the one before, was changed or taken away."
    if whole:
        turns = sum(one.turns for _, one in found)
        counts = ", ".join(_counted(endings)) or "nothing to replay"
        yield f"{_count(len(found), 'run')}, {_count(turns, 'turn')}: {counts}"


def _counted(endings: "Mapping[Ending, int]") -> Iterable[str]:
    return (f"{count:,} {ending}" for ending, count in sorted(endings.items()))


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _json(
    found: Sequence[Named], endings: "Mapping[Ending, int]", broken: int | None, *, fine: bool
) -> dict[str, Any]:
    runs = [
        {
            "name": name,
            "run": one.run,
            "turns": one.turns,
            "ending": one.ending,
            "differences": [asdict(difference) for difference in one.differences],
        }
        for name, one in found
    ]
    return {"runs": runs, "endings": dict(endings), "chain_breaks_at": broken, "identical": fine}
