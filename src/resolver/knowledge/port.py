"""The port to a knowledge base: what a turn asks it, and nothing of how it finds an answer.

Implemented by `reviewed`; tests and other installations may hand over another. Whether an answer is sent is not its
business.
"""

from typing import Protocol

from resolver.decision.effects import Answered, NoAnswer


class Knowledge(Protocol):
    """Something that answers from articles."""

    @property
    def topics(self) -> frozenset[str]:
        """What the articles are about: the words that may stand behind `answer:`."""

    async def ask(self, question: str, *, topic: str, language: str, fallback: str) -> Answered | NoAnswer:
        """The best answer with the passages it rests on, each as its article really is.

        Args:
            question: The customer's own words.
            topic: One of `topics`, or `any`.
            language: The reply's language; articles in it are better than those in `fallback`.
            fallback: The playbook's first language.

        Raises:
            Unavailable: The knowledge base cannot be reached; the turn goes on without an answer.
        """
