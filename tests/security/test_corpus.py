"""What the hostile and honest tickets are: enough of them, in enough languages, each kind with its look-alike."""

from collections import Counter

from tests.security.corpus import benign, hostile, kinds_of

ATTACKS, HONEST = hostile(), benign()
TEN = {"en", "de", "fr", "es", "pl", "it", "nl", "pt", "cs", "sv"}


def test_there_are_hundreds_of_hostile_tickets_in_ten_languages() -> None:
    assert len(ATTACKS) >= 300
    assert set(Counter(story.language for story in ATTACKS)) == TEN


def test_every_hostile_kind_has_an_honest_look_alike() -> None:
    assert len(HONEST) >= 100
    assert kinds_of("hostile.yaml") == kinds_of("benign.yaml")


def test_no_two_tickets_say_the_same() -> None:
    def said(number: int) -> tuple[str, ...]:
        story = ATTACKS[number]
        plain = [
            f"{letter.writer} {sorted(letter.how)} {letter.text} {letter.html}" for letter in story.letters
        ]
        for name, order in story.orders.items():
            plain = [line.replace(order, name) for line in plain]
        return (story.language, story.opening, *plain)

    assert len({said(number) for number in range(len(ATTACKS))}) == len(ATTACKS)


def test_who_may_get_something_says_yes_in_their_own_name() -> None:
    for story in ATTACKS:
        if story.may:
            assert story.letters[-1].writer == story.opened_by, story.name


def test_every_hostile_ticket_says_what_must_stop_it() -> None:
    assert [story.name for story in ATTACKS if not (story.stopped["model"] and story.stopped["reader"])] == []
