"""Reads a playbook's tree into its syntax: keys, words and texts, each problem with its place.

Called by `compile` and `library`. It knows which keys exist and what may stand behind them, not what a name means.
"""

import re
from itertools import pairwise

from msgspec.structs import replace

from resolver.playbook.misplaced import with_places
from resolver.playbook.missing import with_own_names
from resolver.playbook.places import (
    FORMS,
    HANDLES,
    IDENTIFY,
    LOOK_UP,
    MODE,
    MOST_TRIES,
    OTHERWISE,
    ROLLOUT,
    RULE,
    SLOT,
    TEXT_LENGTH,
    TITLE_LENGTH,
    TOP,
    TRIES,
    WHEN,
)
from resolver.playbook.plan import Mode
from resolver.playbook.read_step import name_of, read_arguments, read_outcome
from resolver.playbook.syntax import (
    ComputedSyntax,
    ForEachSyntax,
    Handles,
    LookUpSyntax,
    OutcomeSyntax,
    PlaybookSyntax,
    ReplySyntax,
    RuleSyntax,
    SlotSyntax,
    Texts,
)
from resolver.source.name import shown
from resolver.source.node import Entry, MappingNode, Node, ScalarNode, SequenceNode, scalar
from resolver.source.problem import Problem
from resolver.source.reader import (
    Keys,
    missing_word,
    read_entries,
    read_name,
    read_prose,
    read_scalar,
    read_yes_no,
    unknown_word,
    wrong_kind,
    wrong_value,
)
from resolver.ticket import Level

_FOR_EACH = re.compile(r"\s*(?P<list>[a-z][a-z0-9_.]*)\s+as\s+(?P<alias>\S+)\s*")


def read_playbook(root: Node, problems: list[Problem]) -> PlaybookSyntax:
    """The file as syntax, as far as it could be read; what could not is in `problems`."""
    keys = Keys(root, problems, required=TOP.required, optional=TOP.optional, lines=TOP.lines)
    _read_version(keys, problems)
    found = PlaybookSyntax(
        where=root.where,
        playbook=name_of(keys, "playbook") or scalar("", root.where.path),
        title=_limited(keys, "title"),
        owner=_read_owner(keys, problems),
        mode=keys.one_of("mode", [mode.value for mode in Mode], MODE),
        rollout=keys.percentage("rollout", ROLLOUT),
        languages=_read_languages(keys, problems),
        handles=_read_handles(keys, problems),
        identify=keys.one_of("identify", [*Level], IDENTIFY),
        slots=tuple(_read_slot(entry.key, entry.value, problems) for entry in keys.named("needs")),
        look_ups=tuple(found for node in keys.items("look_up") if (found := _read_look_up(node, problems))),
        computed=_read_computed(keys, problems),
        rules=tuple(rule for node in keys.items("decide") if (rule := _read_rule(node, problems))),
        outcomes=_read_outcomes(keys, problems),
        if_unsure=name_of(keys, "if_unsure"),
        if_silent=name_of(keys, "if_silent"),
        replies=_read_replies(keys, problems),
    )
    with_own_names(problems, found)
    with_places(problems, root)
    return found


def _read_version(keys: Keys, problems: list[Problem]) -> None:
    version = keys.scalar("language")
    if version and version.text != "1":
        message = f"language {shown(version.text)} cannot be read by this release"
        problems.append(
            Problem("wrong-type", message, version.where, version.length, help="write 'language: 1'")
        )


def _read_owner(keys: Keys, problems: list[Problem]) -> str:
    owner = keys.scalar("owner")
    if owner and ("@" not in owner.text.strip("@") or " " in owner.text):
        problems.append(wrong_value(owner, "an e-mail address"))
    return owner.text if owner else ""


def _limited(keys: Keys, key: str) -> str:
    node = keys.get(key)
    text = keys.prose(key)
    if isinstance(node, ScalarNode) and len(text) > TITLE_LENGTH:
        keys.problems.append(_too_long(node, TITLE_LENGTH))
    return text


def _read_languages(keys: Keys, problems: list[Problem]) -> tuple[ScalarNode, ...]:
    found = [item for node in keys.items("languages") if (item := read_scalar(node, problems))]
    for word in found:
        if not _is_language(word.text):
            problems.append(wrong_value(word, "a language such as en, de or pt-BR"))
    for first, word in enumerate(found):
        if word.text in {other.text for other in found[:first]}:
            message = f"{shown(word.text)} is written twice here"
            problems.append(Problem("written-twice", message, word.where, word.length, help="remove one"))
    node = keys.get("languages")
    if isinstance(node, SequenceNode) and not node.items:
        problems.append(
            Problem(
                "missing-word",
                "a language is missing here",
                node.where,
                node.length,
                help="write 'languages: [en]', with each language you answer in",
            )
        )
    return tuple(word for word in found if _is_language(word.text))


def _is_language(text: str) -> bool:
    first, *region = text.split("-")
    return (
        first.isascii() and first.islower() and first.isalpha() and len(first) in (2, 3) and len(region) <= 1
    )


def _read_handles(keys: Keys, problems: list[Problem]) -> Handles:
    node = keys.get("handles")
    if node is None:
        return Handles(None, False, (), ())
    handles = Keys(node, problems, optional=HANDLES.names)
    intent, anything = name_of(handles, "intent"), handles.yes_no("anything_else", default=False)
    if isinstance(node, MappingNode) and "intent" not in handles and not anything:
        intent_line = keys.scalar("playbook")
        problems.append(missing_word(node, "intent", f"intent: {intent_line.text if intent_line else '…'}"))
    for key in ("examples", "not_for"):
        _warn_of_commas(handles.get(key), problems)
    return Handles(intent, anything, handles.texts("examples"), handles.texts("not_for"))


def _warn_of_commas(node: Node | None, problems: list[Problem]) -> None:
    """In a one-line list a comma inside a text makes two of it."""
    items = node.items if isinstance(node, SequenceNode) else ()
    for before, item in pairwise(items):
        if (
            not isinstance(item, ScalarNode)
            or not isinstance(before, ScalarNode)
            or item.quoted
            or before.quoted
        ):
            continue
        if item.where.line == before.where.line and item.text[:1].islower():
            message = f"the comma before {shown(item.text)} makes these two examples"
            problems.append(
                Problem(
                    "two-examples",
                    message,
                    item.where,
                    item.length,
                    help="quote the text",
                    severity="warning",
                )
            )


def _read_slot(name: ScalarNode, node: Node, problems: list[Problem]) -> SlotSyntax:
    keys = Keys(node, problems, required=SLOT.required, optional=SLOT.optional, lines=SLOT.lines)
    if "ask" not in keys and isinstance(node, MappingNode):
        problems.append(
            Problem(
                "no-question",
                f"slot '{name.text}' has no question",
                name.where,
                name.length,
                help=f"write 'ask: which_{name.text}', and the question under 'replies:' by that name",
            )
        )
    return SlotSyntax(
        name=name,
        type=keys.scalar("type"),
        ask=name_of(keys, "ask"),
        when=keys.scalar("when"),
        check=keys.scalar("check"),
        assume=keys.scalar("assume"),
        or_else=keys.scalar("or_else"),
        if_given_up=name_of(keys, "if_given_up"),
        if_none=name_of(keys, "if_none"),
        prefill=keys.yes_no("prefill", default=True),
        tries=keys.whole("tries", TRIES, least=1, most=MOST_TRIES),
        labels={entry.key: _read_label(entry, problems) for entry in keys.entries("labels")},
        for_each=_read_for_each(keys.scalar("for_each") if "for_each" in keys else None, problems),
    )


def _read_for_each(node: ScalarNode | None, problems: list[Problem]) -> ForEachSyntax | None:
    """`LIST as NAME`, both with their places."""
    if node is None:
        return None
    found = _FOR_EACH.fullmatch(node.text)
    if found is None:
        problems.append(wrong_value(node, "a list and a name for its elements, such as 'items as item'"))
        return None
    listed, alias = (
        ScalarNode(found[part], node.place(found.start(part)), len(found[part]), raw=found[part])
        for part in ("list", "alias")
    )
    return ForEachSyntax(listed, alias) if read_name(alias, problems) else None


def _read_look_up(node: Node, problems: list[Problem]) -> LookUpSyntax | None:
    keys = Keys(node, problems, required=LOOK_UP.required, optional=LOOK_UP.optional, lines=LOOK_UP.lines)
    find, name = keys.scalar("find"), name_of(keys, "as")
    if find is None or name is None:
        return None
    return LookUpSyntax(
        name=name,
        find=find,
        arguments=read_arguments(keys, problems),
        if_missing=name_of(keys, "if_missing"),
        if_fails=name_of(keys, "if_fails"),
    )


def _read_computed(keys: Keys, problems: list[Problem]) -> tuple[ComputedSyntax, ...]:
    found = [(entry.key, read_scalar(entry.value, problems)) for entry in keys.named("compute")]
    return tuple(ComputedSyntax(name, value) for name, value in found if value)


def _read_rule(node: Node, problems: list[Problem]) -> RuleSyntax | None:
    otherwise = isinstance(node, MappingNode) and node.get("otherwise") is not None
    keys = Keys(
        node, problems, required=OTHERWISE if otherwise else WHEN, optional=("because",), lines=RULE.lines
    )
    rule = name_of(keys, "rule")
    if rule is None:
        return None
    because = keys.get("because")
    if because and read_prose(because, problems) is None:
        because = None
    return RuleSyntax(
        id=rule,
        when=keys.scalar("when"),
        then=name_of(keys, "otherwise" if otherwise else "then"),
        because=because if isinstance(because, ScalarNode) else None,
    )


def _read_outcomes(keys: Keys, problems: list[Problem]) -> dict[str, OutcomeSyntax]:
    return {
        entry.key.text: read_outcome(entry.key, entry.value, problems) for entry in keys.named("outcomes")
    }


def _read_replies(keys: Keys, problems: list[Problem]) -> dict[str, ReplySyntax]:
    return {entry.key.text: _read_reply(entry.key, entry.value, problems) for entry in keys.named("replies")}


def _read_reply(name: ScalarNode, node: Node, problems: list[Problem]) -> ReplySyntax:
    if not isinstance(node, MappingNode):
        return ReplySyntax(name, _read_texts(node, problems))
    texts, always_true, polish, count = [], False, False, None
    for entry in node.entries:
        if entry.key.text == "count":
            count = read_scalar(entry.value, problems)
        elif entry.key.text == "polish":
            polish = read_yes_no(entry.value, problems) or False
        elif entry.key.text == "always_true":
            always_true = read_yes_no(entry.value, problems) or False
        else:
            texts.append(entry)
    if count is not None:
        forms = {entry.key.text: _read_forms(entry, problems) for entry in texts}
        found = {language: tuple(each.values())[-1] for language, each in forms.items() if each}
        kept = {language: forms[language] for language in found}
        return ReplySyntax(name, found, always_true, polish, count, kept)
    return ReplySyntax(name, _read_texts(replace(node, entries=tuple(texts)), problems), always_true, polish)


def _read_forms(entry: Entry, problems: list[Problem]) -> Texts:
    """One language's forms of a text that depends on a count."""
    if not _is_language(entry.key.text):
        problems.append(wrong_value(entry.key, "a language such as en, de or pt-BR"))
    if not isinstance(entry.value, MappingNode):
        problems.append(wrong_kind(entry.value, "a text for each form: {one: …, other: …}"))
        return {}
    found = {}
    for form in entry.value.entries:
        text = read_prose(form.value, problems)
        if form.key.text not in FORMS:
            problems.append(unknown_word(form.key, FORMS))
        elif text and isinstance(form.value, ScalarNode):
            found[form.key.text] = form.value
            if len(text) > TEXT_LENGTH:
                problems.append(_too_long(form.value, TEXT_LENGTH))
    return found


def _read_label(entry: Entry, problems: list[Problem]) -> Texts:
    """What customers read for a word of a choice, in each language."""
    if isinstance(entry.value, ScalarNode):
        word, text = entry.key.text, entry.value.text
        message = f"the label '{word}' needs a text for each language"
        remedy = f"write '{word}: {{en: {text}, …}}', with a language of 'languages:' before each text"
        problems.append(Problem("missing-language", message, entry.key.where, entry.key.length, help=remedy))
        return {}
    return _read_texts(entry.value, problems)


def _read_texts(node: Node, problems: list[Problem]) -> Texts:
    texts = {}
    for entry in read_entries(node, problems):
        text = read_prose(entry.value, problems)
        if not _is_language(entry.key.text):
            problems.append(wrong_value(entry.key, "a language such as en, de or pt-BR"))
        elif text and isinstance(entry.value, ScalarNode):
            texts[entry.key.text] = entry.value
            if len(text) > TEXT_LENGTH:
                problems.append(_too_long(entry.value, TEXT_LENGTH))
    return texts


def _too_long(node: ScalarNode, most: int) -> Problem:
    return Problem(
        "too-big", f"this text is longer than {most} characters", node.where, node.length, help="shorten it"
    )
