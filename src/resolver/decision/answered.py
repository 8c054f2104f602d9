"""What the knowledge base said, as JSON and back: an input like a record that was read, so replay needs no articles.

Used by `stored` and `record`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from resolver.decision.effects import Answered, NoAnswer, Passage


def answer_as_json(answer: Answered | NoAnswer) -> dict[str, Any]:
    """Plain JSON data; `read_answer` gives the same back."""
    if isinstance(answer, NoAnswer):
        return {"why": answer.why}
    passages = [{**asdict(one), "reviewed_at": one.reviewed_at.isoformat()} for one in answer.passages]
    return {"text": answer.text, "score": answer.score, "least": answer.least, "passages": passages}


def read_answer(raw: Mapping[str, Any]) -> Answered | NoAnswer:
    """Read `answer_as_json` back. ValueError, KeyError or TypeError if it is no such document."""
    if "why" in raw:
        return NoAnswer(raw["why"])
    passages = (
        Passage(**{**one, "reviewed_at": date.fromisoformat(one["reviewed_at"])}) for one in raw["passages"]
    )
    return Answered(raw["text"], raw["score"], raw["least"], tuple(passages))
