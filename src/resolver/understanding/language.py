"""Which language a message is written in, among the few that matter here.

Called by `understanding`. Never guesses on two words.
"""

import re
from collections.abc import Sequence

from py3langid.langid import MODEL_FILE, LanguageIdentifier

FREQUENT = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")
FEWEST_WORDS = 3
SURE = 0.5
WORD = re.compile(r"[^\W\d_]{2,}")
NOT_LANGUAGE = re.compile(r"\S+@\S+|https?://\S+|\S*\d\S*")


class Languages:
    """Recognises the installation's languages and the most frequent others; made once, shared by threads."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        known = set(self._identifier.labels)
        self._identifier.set_languages([name for name in {*languages, *FREQUENT} if name in known])
        self._default = languages[0] if languages else "en"

    def of(self, text: str, hint: str | None = None) -> str:
        """The language as ISO 639 code; `hint` or the first configured language if the text is too short."""
        spoken = NOT_LANGUAGE.sub(" ", text)
        fallback = hint.lower().split("-")[0].split("_")[0] if hint else self._default
        if len(WORD.findall(spoken)) < FEWEST_WORDS:
            return fallback
        language, sure = self._identifier.classify(spoken)
        return str(language) if sure >= SURE else fallback
