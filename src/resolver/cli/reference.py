"""The reference for people who write playbooks: every key, form, step, word and bound, as one Markdown page.

Made by `resolver docs --reference` from the tables that readers and checks themselves use; a test keeps the page in the
repository equal. What is written here by hand is headings and the sentences between the tables.
"""

from collections.abc import Iterable, Iterator

from resolver.cli.bounds import bounds_of_files, bounds_of_runs
from resolver.cli.specimen import PLAYBOOK, specimen, test_file
from resolver.cli.type_tables import ALONE, PAIRS, TYPES, compared_with, taken_alone
from resolver.cli.value_samples import LANGUAGES, samples
from resolver.condition.declared import FIELD_WORDS
from resolver.connector import interface_places
from resolver.decision import testplaces
from resolver.decision.effects import ENDINGS
from resolver.decision.texts import BUILT_IN
from resolver.knowledge.article import HEAD
from resolver.playbook import places, policy_places
from resolver.playbook.plan import Mode
from resolver.playbook.step_places import TICKET, VERBS
from resolver.playbook.vocabulary import OWN_NAMES, own_records
from resolver.playbook.wordlist import OPERATORS, shown_field
from resolver.source.name import RESERVED
from resolver.source.place import FIRST, Place
from resolver.ticket import Channel, Level

_HEAD = f"""\
# Reference

<!-- Written by `resolver docs --reference --out docs/playbooks`; change the tables in the code, never this page. -->
Every key, step, condition, word and bound, to look things up in; the [guide](README.md) explains them. This page is
made from the tables that check your files, and a test keeps the two equal. The examples of a chapter are one file,
which is checked too. What no line says otherwise is there since {FIRST}.

*without it* says what holds where a key is left out.
"""


def reference() -> str:
    """The whole page."""
    chapters: tuple[Iterable[str], ...] = (
        (_HEAD,), _playbook(), _steps(), _conditions(), _names(), _texts(), _words(), _policy(), _interface(),
        _tests(), _articles(), _bounds(),
    )  # fmt: skip
    return "\n".join(line for chapter in chapters for line in chapter).rstrip("\n") + "\n"


# -- places -------------------------------------------------------------------------------------------------------


def _place(place: Place, level: str = "###") -> Iterator[str]:
    yield f"{level} {place.title}"
    yield ""
    if place.stands:
        yield f"Stands {place.stands}."
        yield ""
    yield from _table(
        ("key", "takes", "means", "without it"),
        (
            (f"`{key.name}`", key.takes, _means(key.means, key.since), _without(key.without))
            for key in place.keys
        ),
    )
    if place.free:
        yield f"Beside them: {place.free[0].lower()}{place.free[1:]}"
        yield ""
    yield from _example(place.example)


def _without(words: str | None) -> str:
    return "required" if words is None else words


def _means(sentence: str, since: str) -> str:
    return sentence if since == FIRST else f"{sentence} Since {since}."


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
    yield ""


def _example(text: str) -> Iterator[str]:
    if text:
        yield f"```yaml\n{text}```"
        yield ""


# -- chapters -----------------------------------------------------------------------------------------------------


def _playbook() -> Iterator[str]:
    yield "## Keys of a playbook"
    yield ""
    for place in places.PLACES:
        yield from _place(place)


def _steps() -> Iterator[str]:
    yield "## Steps"
    yield ""
    yield "An outcome is a line of steps; each begins with one of these verbs."
    yield f"All examples are outcomes of `{PLAYBOOK}`."
    yield ""
    for verb in VERBS.values():
        yield from _place(verb.place)
    yield from _place(TICKET)


def _conditions() -> Iterator[str]:
    yield "## Conditions and formulas"
    yield ""
    yield from _table(
        ("write", "for", "for example"),
        ((f"`{name}`", form.means, f"`{form.example}`") for name, form in OPERATORS.items()),
    )
    yield f"These words mean something in conditions, so nothing can be called so: {_words_of(sorted(RESERVED))}."
    yield ""
    yield "### Types"
    yield ""
    yield from _table(("type", "what it is"), ((f"{name}", said) for name, (_, said) in TYPES.items()))
    yield "What may stand right of a form, for each type that stands left of it:"
    yield ""
    rows = (
        (name, *(", ".join(compared_with(form, name)) or "–" for form in PAIRS.values())) for name in TYPES
    )
    yield from _table(("left", *PAIRS), rows)
    yield "Of which types a form with one side may be asked:"
    yield ""
    yield from _table(
        ("form", "types"), ((form, ", ".join(taken_alone(tried))) for form, tried in ALONE.items())
    )


def _words_of(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _names() -> Iterator[str]:
    yield "## Names that every playbook has"
    yield ""
    yield f"Besides its own: {_words_of(OWN_NAMES)}. `now` is the moment of the decision, `today` its day."
    yield ""
    found = own_records()
    for name in ("customer", "ticket", "payout"):
        yield from _table(
            (f"field of `{name}`", "type"),
            ((f"`{field}`", shown_field(one)) for field, one in found[name].fields.items()),
        )
    yield "`limits` has a field for each limit of the policy, `customer` also one for each of its `customer_fields`."
    yield "A `payout` is an entry of `customer.payouts`; `id` is a word that the product itself keeps,"
    yield "such as the name of a playbook. What the records of your shop have, `resolver words` lists."
    yield ""


def _texts() -> Iterator[str]:
    yield "## Values in texts"
    yield ""
    yield "A name in braces, such as `{order.total}`, is written as the customer's language and country do:"
    yield ""
    yield from _table(("value", *LANGUAGES), samples(specimen()))
    yield "A list that is alone on its line becomes one line for each element."
    yield ""
    yield "### Our own sentences"
    yield ""
    yield "Said where no playbook has a text; `texts:` of the policy changes them."
    yield ""
    rows = ((f"`{name}`", " ".join(said["en"].split())) for name, said in BUILT_IN.items())
    yield from _table(("name", "in English"), rows)


def _words() -> Iterator[str]:
    yield "## Modes"
    yield ""
    yield from _table(("mode", "what happens"), ((f"`{mode}`", mode.means) for mode in Mode))
    yield "## Identity"
    yield ""
    yield from _table(("level", "means"), ((f"`{level}`", level.means) for level in Level))
    yield f"`ticket.channel` is one of {_words_of(Channel)}."
    yield ""
    yield "## How a run ends"
    yield ""
    rows = ((f"`{name}`", because, ticket) for name, (because, ticket) in ENDINGS.items())
    yield from _table(("disposition", "because", "the ticket"), rows)


def _policy() -> Iterator[str]:
    yield "## Keys of policy.yaml"
    yield ""
    for place in policy_places.PLACES:
        yield from _place(place)


def _interface() -> Iterator[str]:
    yield "## Keys of an interface"
    yield ""
    yield "Interfaces are written by developers; this is what you can ask them for."
    yield ""
    for place in interface_places.PLACES:
        yield from _place(place)
    yield "### Words behind a type"
    yield ""
    yield 'Parted by commas and then in quotes: `"money, may be missing"`.'
    yield ""
    yield from _table(("word", "means"), ((f"`{word}`", means) for word, means in FIELD_WORDS.items()))


def _tests() -> Iterator[str]:
    yield "## Keys of a test file"
    yield ""
    for place in testplaces.PLACES:
        yield from _place(place)
    yield f"A whole file, for `{PLAYBOOK}`:"
    yield ""
    yield from _example(test_file())


def _articles() -> Iterator[str]:
    yield "## Keys of an article"
    yield ""
    yield from _place(HEAD)


def _bounds() -> Iterator[str]:
    yield "## Bounds"
    yield ""
    yield from _table(("in files", "at most"), bounds_of_files())
    yield from _table(("in a run", "at most"), bounds_of_runs())
