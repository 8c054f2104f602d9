"""What the knowledge base says in a test case: `given: {answers: {TOPIC: TEXT or none}}` (LANGUAGE 15).

Called by `testfile`. Only what a case says is given; whether it may be sent is judged as in production.
"""

from datetime import date

from resolver.decision.effects import Answered, NoAnswer, Passage
from resolver.decision.testplaces import ANSWER
from resolver.playbook.plan import ANY
from resolver.source.name import is_name
from resolver.source.node import MappingNode, Node, ScalarNode
from resolver.source.problem import Problem
from resolver.source.reader import Keys, read_entries, unknown_word, wrong_value

NONE = "none"
_LEAST = 50


def read_answers(
    node: Node, *, today: date, language: str, problems: list[Problem]
) -> dict[str, Answered | NoAnswer]:
    """By topic; a plain text is an answer that may be sent, from an article reviewed `today`."""
    found: dict[str, Answered | NoAnswer] = {}
    for entry in read_entries(node, problems):
        if entry.key.text != ANY and not is_name(entry.key.text):
            problems.append(unknown_word(entry.key, (ANY,)))
        elif isinstance(entry.value, MappingNode):
            found[entry.key.text] = _whole(entry.key, entry.value, today, language, problems)
        elif isinstance(entry.value, ScalarNode):
            text = entry.value.text.strip()
            nothing = NoAnswer("no_article")
            found[entry.key.text] = nothing if text == NONE else _plain(entry.key.text, text, today, language)
        else:
            problems.append(wrong_value(entry.key, "a text, 'none', or 'text:' with what is known of it"))
    return found


def _plain(topic: str, text: str, today: date, language: str) -> Answered:
    passage = Passage(
        topic.replace("_", " "), f"https://help.example/{topic}", "1", language, text, today, 365
    )
    return Answered(text, 100, _LEAST, (passage,))


def _whole(
    topic: ScalarNode, node: MappingNode, today: date, language: str, problems: list[Problem]
) -> Answered:
    keys = Keys(node, problems, required=ANSWER.required, optional=ANSWER.optional, lines=ANSWER.lines)
    text = keys.prose("text")
    plain = _plain(topic.text, text, today, language).passages[0]
    passage = Passage(
        title=keys.text("title", plain.title),
        link=keys.text("link", plain.link),
        version=keys.text("version", plain.version),
        language=keys.text("language", plain.language),
        text=keys.prose("cited") if "cited" in keys else text,
        reviewed_at=keys.day("reviewed_at") or today,
        valid_for=keys.whole("valid_for", plain.valid_for, least=1, most=3650),
        published=keys.yes_no("published", default=True),
        public=keys.yes_no("public", default=True),
    )
    return Answered(text, keys.whole("score", 100, least=0, most=100), _LEAST, (passage,))
