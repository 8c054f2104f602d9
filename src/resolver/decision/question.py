"""Questions: everything a run still has to ask, in one message (LANGUAGE 4, 5.1, 9).

Called by the engine. Lists are numbered through the whole message, so that a number says which list is meant.
"""

from resolver.condition.chosen import whole
from resolver.condition.types import Choice
from resolver.condition.values import RecordValue, Unknown
from resolver.decision import effects
from resolver.decision.facts import Facts, OpenQuestion
from resolver.decision.pairs import Place, places_of, to_type
from resolver.decision.reply import (
    MAX_OPTIONS,
    Voice,
    choice_label,
    number_options,
    say,
    show_record,
    values_in,
    voice_of,
)
from resolver.decision.texts import built_in
from resolver.decision.wave import Wave
from resolver.playbook.plan import Plan, Slot


def ask(plan: Plan, facts: Facts, wave: Wave) -> tuple[effects.Ask, tuple[OpenQuestion, ...]] | Unknown:
    """The message that asks for all missing slots, and what is open then; unknown if a text shows an unknown value.

    It is empty where other runs of the ticket ask all of it.
    """
    voice = voice_of(plan, facts)
    paragraphs: list[str] = []
    questions: list[OpenQuestion] = []
    values: list[str] | None = []
    asked, first = (facts.beside.asked, facts.beside.numbers + 1) if facts.beside else ((), 1)
    for question in wave.questions:
        slot = plan.slots[question.slot]
        if (slot.name, str(slot.type)) in asked and slot.options is None and slot.each is None:
            questions.append(OpenQuestion(slot.name))  # another run of the ticket asks it in the same message
            continue
        place = _place(slot, question.element, wave)
        text = say(plan, slot.ask, place.env if place else wave.env, voice)
        if isinstance(text, Unknown):
            return text
        options = _options_for(slot, place, voice) if place else _options(slot, wave, voice)
        shown_values = values_in(plan, slot.ask, place.env if place else wave.env, voice)
        if options:
            listed = number_options([shown for _, shown in options], first)
            text = f"{text}\n{listed}"
            shown_values = None if shown_values is None else (*shown_values, *listed.split("\n"))
        values = None if values is None or shown_values is None else [*values, *shown_values]
        paragraphs.append(text)
        questions.append(OpenQuestion(slot.name, options, first, question.element))
        first += min(len(options), MAX_OPTIONS)
    names = tuple(dict.fromkeys(question.slot for question in questions))
    if (
        paragraphs
        and not facts.repeats
        and any(facts.slots[name].tries for name in names if name in facts.slots)
    ):
        paragraphs.insert(0, built_in("ask_again", voice.language, facts.policy))
    kept = tuple(dict.fromkeys(values)) if values is not None and paragraphs else None
    return effects.Ask(names, "\n\n".join(paragraphs), voice.language, kept), tuple(questions)


def _place(slot: Slot, element: str, wave: Wave) -> Place | None:
    """The list element a question is about."""
    places = places_of(slot, slot.each, wave.env) if slot.each else None
    return next((one for one in places or () if one.element.key == element), None)


def _options_for(slot: Slot, place: Place, voice: Voice) -> tuple[tuple[str, str], ...]:
    type_ = to_type(slot)
    if isinstance(type_, Choice):
        return tuple((word, choice_label(word, slot.labels, voice)) for word in type_.options)
    return tuple((one.key, show_record(one, voice)) for one in place.options)


def _options(slot: Slot, wave: Wave, voice: Voice) -> tuple[tuple[str, str], ...]:
    if slot.options is not None:
        listed = slot.options.list.call(wave.env)
        elements = (
            [] if isinstance(listed, Unknown) else [one for one in listed if isinstance(one, RecordValue)]
        )
        if slot.options.several:
            elements = [whole(one, voice.plan.records) or one for one in elements]
        return tuple((one.key, show_record(one, voice)) for one in elements)
    if isinstance(slot.type, Choice):
        return tuple((word, choice_label(word, slot.labels, voice)) for word in slot.type.options)
    return ()
