"""Short answers as lists of phrases, one file a language; a message is matched from its first word to its last.

Called by `moves` and `understanding`. Never uses the classifier and never guesses at a word it does not know.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "de", "fr", "es", "pl")
KINDS = (
    "polite",
    "yes",
    "no",
    "unclear",
    "stops",
    "wants_person_alone",
    "courtesy",
    "joiner",
)  # the first list that has a phrase wins
LONGEST = 9  # words
SIGNS = {
    **dict.fromkeys("👍👌✅✔☑🆗💯", "yes"),
    **dict.fromkeys("👎❌🚫✖🙅", "no"),
    **dict.fromkeys("🙏❤💛💙💚🧡💜🖤😊🙂😀😃😄😁☺🥰😍🤗🎉💐🌹✨😉👋🌞☀🤝👏😘🥳", "courtesy"),
    **dict.fromkeys("🤔😡😠👿😤🤨😕🙁☹😞😢😭🤷🙄🤬😒", "unclear"),
}
SMILEY = re.compile(r"(?<!\w)(?:[:;=]-?[)D(pP]|<3|\^\^|xD)(?!\w)")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ł": "l"})
TOKEN = re.compile(r"[^\W_]+|[%€$£]|" + "|".join(SIGNS))
JOINER = re.compile(r"['’`´-]|(?<=\b\w)\.(?=\w\b)")
NAME = re.compile(r"(?:[^\W\d_a-z][\w.'-]{0,30} ?){1,3}\s*")
STRETCHED = re.compile(r"([a-z])\1{2,}")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """One language: each phrase's kind, the words before a name, and phrases that count anywhere in a message."""

    kinds: dict[Words, str]
    vocabulary: frozenset[str]
    sign_offs: frozenset[Words]
    wants_person: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A short answer in one language: the kinds of its phrases; `complete` if no word was left over."""

    kinds: frozenset[str]
    complete: bool


def words(text: str) -> Words:
    """Lower-case words and signs without punctuation, apostrophes, accents and stretched letters ("yesss")."""
    folded = JOINER.sub("", SMILEY.sub(" ", text.casefold())).translate(UMLAUTS)
    bare = "".join(
        char for char in unicodedata.normalize("NFD", folded) if unicodedata.category(char) != "Mn"
    )
    return tuple(TOKEN.findall(STRETCHED.sub(r"\1", bare)))


@cache
def book(language: str) -> PhraseBook:
    """The phrases of one of `LANGUAGES`, read once."""
    lists = tomllib.loads(
        files("resolver.understanding").joinpath(f"phrases/{language}.toml").read_text("utf-8")
    )
    kinds: dict[Words, str] = {}
    for kind in KINDS:
        for phrase in _phrases(lists[kind]):
            kinds.setdefault(phrase, kind)
    wanted = tuple(f" {' '.join(phrase)} " for phrase in _phrases(lists["wants_person"]))
    vocabulary = frozenset(word for phrase in kinds for word in phrase)
    return PhraseBook(kinds, vocabulary, frozenset(_phrases(lists["sign_off"])), wanted)


def read(text: str, languages: Sequence[str]) -> Reply:
    """The message as a short answer in the first of the languages that knows all its words; else incomplete."""
    said = words(text)
    for language in languages:
        phrases = book(language)
        kinds = list(_matched(said, phrases))
        if None in kinds and (shorter := without_name(text, phrases)) is not None:
            kinds = list(_matched(words(shorter), phrases))
        if kinds and None not in kinds and "joiner" not in (kinds[0], kinds[-1]):
            return Reply(frozenset(kind for kind in kinds if kind and kind != "joiner"), complete=True)
    return Reply(frozenset(kind for kind in _matched(said, book(languages[0])) if kind), complete=False)


def without_naming(text: str) -> str | None:
    """The words of an answer without those that say which of several numbered offers it is for; None if it has none."""
    said = words(text)
    rest = [word for word in said if not (word.isdigit() and len(word) < 3) and word not in naming()]
    names = any(word.isdigit() for word in said) or not set(said).isdisjoint(naming())
    return " ".join(rest) if names else None


@cache
def naming() -> frozenset[str]:
    """Words like `both`, `first` and `number`, of all languages."""
    lists = files("resolver.understanding").joinpath("phrases/naming.toml").read_text("utf-8")
    return frozenset(word for listed in tomllib.loads(lists).values() for word in words(listed))


def wants_person(text: str, languages: Sequence[str]) -> bool:
    """Whether a person is asked for anywhere in the message, in any of the languages."""
    said = f" {' '.join(words(text))} "
    return any(phrase in said for language in languages for phrase in book(language).wants_person)


def without_name(text: str, phrases: PhraseBook) -> str | None:
    """The text without a name after "Thanks," or "Best regards" at its end; None if there is none.

    A word that could be an answer is no name: "Thanks. Stop" keeps its last word.
    """
    for start in [word.start() for word in re.finditer(r"\S+", text)][-3:]:
        before, name = text[:start].rstrip(" "), text[start:]
        line = before.rstrip(" ,.!\n").rsplit("\n", 1)[-1]
        parted = before.endswith((",", ".", "!", "\n"))
        ending = words(re.split(r"[,.!?]", line)[-1] if parted else line)
        if (
            ending in phrases.sign_offs
            and NAME.fullmatch(name)
            and phrases.vocabulary.isdisjoint(words(name))
        ):
            return before
    return None


def _phrases(listed: str) -> Iterator[Words]:
    for phrase in listed.split(","):
        if found := words(phrase):
            yield found


def _matched(said: Words, phrases: PhraseBook) -> Iterator[str | None]:
    """The kind of each phrase, always the longest that fits; None for a word that no phrase has."""
    at = 0
    while at < len(said):
        if said[at] in SIGNS:
            yield SIGNS[said[at]]
            at += 1
            continue
        for size in range(min(LONGEST, len(said) - at), 0, -1):
            if kind := phrases.kinds.get(said[at : at + size]):
                yield kind
                at += size
                break
        else:
            yield None
            at += 1
