"""What new messages open, and in which mode: pure, from readings, playbooks and the ceiling of the connection."""

from dataclasses import replace
from decimal import Decimal

import pytest
from msgspec import structs

from resolver.app import read_blueprint
from resolver.config import Config
from resolver.connector.registry import read_shelf
from resolver.playbook.library import Library
from resolver.playbook.plan import Mode, Plan
from resolver.reading import IntentScore, MoveKind, Reading, SlotReading, Span
from resolver.resolution.opening import ForPeople, Leave, Opened, Opens, opening
from resolver.sandboxed import Sandboxed
from resolver.ticket import MessageId


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The starters without the one that takes whatever no other does."""
    config = Config(data=tmp_path_factory.mktemp("data"))
    found = read_blueprint(Sandboxed(config.data, config=config).connected(read_shelf(()))).library
    return replace(found, anything_else=None)


def said(*intents: str, moves: tuple[MoveKind, ...] = ()) -> Reading:
    """A message with these intents, beyond doubt."""
    return Reading(
        message=MessageId("m1"),
        text="…",
        language="en",
        intents=tuple(IntentScore(intent, 0.9) for intent in intents),
        moves=moves,
    )


def sentences(*intents: str) -> Reading:
    """A message with a sentence for each of these intents."""
    text, scores = "", []
    for intent in intents:
        scores.append(IntentScore(intent, 0.9, Span(len(text), len(text) + len(intent) + 1, f"{intent}.")))
        text += f"{intent}. "
    return structs.replace(said(), text=text, intents=tuple(reversed(scores)))


def opened(
    library: Library,
    *readings: Reading,
    ceiling: Mode = Mode.AUTO,
    sandboxed: bool = True,
    ticket: str = "desk:7",
) -> Opens | Opened | ForPeople | Leave:
    """What the messages open; of one request its run alone."""
    found = opening(readings, library, ceiling=ceiling, sandboxed=sandboxed, ticket=ticket, salt="salt")
    alone = isinstance(found, Opened) and len(found.runs) == 1 and not found.for_people
    return found.runs[0] if isinstance(found, Opened) and alone else found


def with_refund(library: Library, **changes: object) -> Library:
    """The library with another refund playbook."""
    plan: Plan = replace(library.by_intent["refund"], **changes)
    return replace(library, by_intent={**library.by_intent, "refund": plan})


def test_an_intent_opens_its_playbook(library: Library) -> None:
    found = opened(library, said("refund"))

    assert isinstance(found, Opens)
    assert (found.plan.playbook, found.mode, found.why_lower) == ("refund_order", Mode.AUTO, None)


def test_the_same_intent_in_two_messages_is_one_request(library: Library) -> None:
    assert isinstance(opened(library, said("refund"), said("refund")), Opens)


def test_two_requests_open_two_runs_in_the_order_of_the_message(library: Library) -> None:
    found = opened(library, sentences("cancel_order", "refund"))

    assert isinstance(found, Opened)
    assert [run.plan.playbook for run in found.runs] == ["cancel_order", "refund_order"]
    assert [run.readings[0].text.split() for run in found.runs] == [["cancel_order."], ["refund."]]


def test_of_two_requests_one_that_nobody_handles_goes_to_people_beside_the_other(library: Library) -> None:
    found = opened(library, sentences("buy_a_boat", "refund"))

    assert isinstance(found, Opened)
    assert [run.plan.playbook for run in found.runs] == ["refund_order"]
    assert [one.reason for one in found.for_people] == ["no_playbook"]


def test_of_two_requests_one_that_is_only_watched_goes_to_people(library: Library) -> None:
    found = opened(with_refund(library, mode=Mode.SHADOW), sentences("cancel_order", "refund"))

    assert isinstance(found, Opened)
    assert [run.plan.playbook for run in found.runs] == ["cancel_order"]
    assert [one.reason for one in found.for_people] == ["not_auto"]


def test_two_requests_that_nobody_handles_are_one_handoff_that_names_both(library: Library) -> None:
    found = opened(library, sentences("buy_a_boat", "sell_a_boat"))

    assert isinstance(found, ForPeople)
    assert "buy_a_boat" in found.summary
    assert "sell_a_boat" in found.summary


def test_a_message_without_a_request_of_its_own_is_heard_by_every_run(library: Library) -> None:
    found = opened(library, sentences("cancel_order", "refund"), said(), ceiling=Mode.AUTO)

    assert isinstance(found, Opened)
    assert [len(run.readings) for run in found.runs] == [2, 2]


def test_one_request_for_two_orders_is_two_runs(library: Library) -> None:
    text = "Refund 10231 and 10232"
    numbers = tuple(
        SlotReading("order_number", n, Span(text.index(n), text.index(n) + 5, n)) for n in ("10231", "10232")
    )
    found = opened(library, structs.replace(said("refund"), text=text, slots=numbers))

    assert isinstance(found, Opened)
    assert [[one.value for one in run.readings[0].slots] for run in found.runs] == [["10231"], ["10232"]]


def test_an_intent_nobody_handles_goes_to_people(library: Library) -> None:
    found = opened(library, said("buy_a_boat"))

    assert isinstance(found, ForPeople)
    assert found.reason == "no_playbook"


@pytest.mark.parametrize("move", ["nothing", "yes", "no"])
def test_a_word_without_a_request_is_left(library: Library, move: MoveKind) -> None:
    assert isinstance(opened(library, said(moves=(move,))), Leave)


def test_a_text_without_anything_known_goes_to_people(library: Library) -> None:
    found = opened(library, said())

    assert isinstance(found, ForPeople)
    assert found.reason == "not_understood"


@pytest.mark.parametrize("intents", [(), ("buy_a_boat",)], ids=["none", "one nobody handles"])
def test_a_playbook_for_anything_else_takes_what_no_other_does(
    library: Library, intents: tuple[str, ...]
) -> None:
    catch_all = replace(library.by_intent["refund"], playbook="catch_all", intent=None, anything_else=True)

    found = opened(replace(library, anything_else=catch_all), said(*intents))

    assert isinstance(found, Opens)
    assert found.plan is catch_all


def test_a_wish_for_a_person_outranks_every_request(library: Library) -> None:
    found = opened(library, said("refund", moves=("wants_person",)))

    assert isinstance(found, ForPeople)
    assert found.reason == "wants_person"


# -- modes ------------------------------------------------------------------------------------------------------------


def test_the_connections_ceiling_lowers_the_mode_and_says_so(library: Library) -> None:
    found = opened(library, said("refund"), ceiling=Mode.SHADOW)

    assert isinstance(found, Opens)
    assert (found.mode, found.why_lower) == (Mode.SHADOW, "the connection's mode is shadow")


def test_auto_without_a_certificate_is_shadow_outside_a_sandbox(library: Library) -> None:
    found = opened(replace(library, proven=frozenset()), said("refund"), sandboxed=False)

    assert isinstance(found, Opens)
    assert found.mode is Mode.SHADOW
    assert "certificate" in (found.why_lower or "")


def test_auto_with_a_certificate_acts_outside_a_sandbox(library: Library) -> None:
    found = opened(library, said("refund"), sandboxed=False)

    assert isinstance(found, Opens)
    assert (found.mode, found.why_lower) == (Mode.AUTO, None)


def test_the_certificate_of_another_text_does_not_count(library: Library) -> None:
    changed = with_refund(library, id="0" * 64)

    found = opened(changed, said("refund"), sandboxed=False)

    assert isinstance(found, Opens)
    assert found.mode is Mode.SHADOW


def test_a_playbook_that_is_off_sends_its_intent_to_people(library: Library) -> None:
    found = opened(with_refund(library, mode=Mode.OFF), said("refund"))

    assert isinstance(found, ForPeople)
    assert found.reason == "off"


def test_a_connection_that_only_suggests_lowers_the_mode_and_needs_no_certificate(library: Library) -> None:
    unproven = replace(library, proven=frozenset())

    found = opened(unproven, said("refund"), ceiling=Mode.SUGGEST, sandboxed=False)

    assert isinstance(found, Opens)
    assert (found.mode, found.why_lower) == (Mode.SUGGEST, "the connection's mode is suggest")


def test_of_two_requests_one_of_which_is_only_suggested_both_are(library: Library) -> None:
    found = opened(with_refund(library, mode=Mode.SUGGEST), sentences("cancel_order", "refund"))

    assert isinstance(found, Opened)
    assert [run.mode for run in found.runs] == [Mode.SUGGEST, Mode.SUGGEST]
    assert found.runs[0].why_lower == "another request of the ticket may only be suggested"


def test_a_plan_that_was_withdrawn_opens_nothing(library: Library) -> None:
    plan = library.by_intent["refund"]

    found = opening(
        [said("refund")], library, ceiling=Mode.AUTO, sandboxed=True, ticket="desk:7", salt="salt",
        withdrawn=[plan.id],
    )  # fmt: skip

    assert isinstance(found, ForPeople)
    assert found.reason == "withdrawn"


@pytest.mark.parametrize(
    ("mode", "rest"),
    [(Mode.AUTO, Mode.SUGGEST), (Mode.SUGGEST, Mode.SHADOW), (Mode.SHADOW, None), (Mode.OFF, None)],
)
def test_who_is_outside_the_rollout_gets_one_mode_less(
    library: Library, mode: Mode, rest: Mode | None
) -> None:
    found = opened(with_refund(library, mode=mode, rollout=Decimal("0")), said("refund"))

    assert (found.mode if isinstance(found, Opens) else None) is rest


# -- rollout ----------------------------------------------------------------------------------------------------------


def in_auto(library: Library, share: str, tickets: range) -> list[int]:
    """The tickets that this rollout runs in the playbook's own mode."""
    rolled_out = with_refund(library, rollout=Decimal(share))
    found = ((n, opened(rolled_out, said("refund"), ticket=f"desk:{n}")) for n in tickets)
    return [n for n, one in found if isinstance(one, Opens) and one.mode is Mode.AUTO]


def test_a_ticket_stays_on_its_side_of_the_rollout(library: Library) -> None:
    tickets = range(200)

    assert in_auto(library, "0.25", tickets) == in_auto(library, "0.25", tickets)


def test_a_larger_share_keeps_the_tickets_of_the_smaller(library: Library) -> None:
    tickets = range(400)
    small, large = in_auto(library, "0.1", tickets), in_auto(library, "0.5", tickets)

    assert set(small) < set(large)


def test_a_share_is_about_that_share(library: Library) -> None:
    assert 210 <= len(in_auto(library, "0.25", range(1000))) <= 290


def test_no_share_is_nobody_and_the_whole_is_everybody(library: Library) -> None:
    assert in_auto(library, "0", range(100)) == []
    assert in_auto(library, "1", range(100)) == list(range(100))
