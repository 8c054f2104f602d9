"""The internal note with which a ticket goes to a person: written for an agent in a hurry.

Made from facts that a helpdesk's agents may read; secrets are no values and cannot stand in it. English, plain text.
"""

from collections.abc import Iterator

from resolver.condition.values import Unknown
from resolver.decision.approval_sheet import facts_named
from resolver.decision.effects import Found, HandOff, LookUpFailed, Missing, Performed
from resolver.decision.facts import Facts, StepResult
from resolver.decision.grounding import WORDS
from resolver.decision.offer import arguments_of
from resolver.decision.outline import outline_of
from resolver.decision.prepare import environment
from resolver.decision.reply import Voice, one_line, show, show_record, voice_of
from resolver.playbook.plan import Do, Plan

_STATES = {
    "done": "done",
    "pending": "started, not final yet",
    "refused": "refused, nothing happened",
    "unknown": "MAY HAVE HAPPENED: look it up before doing it again",
    "stopped": "not sent",
}
_REASONS = {
    "unknown": "I cannot know {0}, and the playbook does not guess.",
    "stopped": "The safety check '{0}' did not allow the next action.",
    "identity": "The customer is not proven to be who they say; '{0}' is needed.",
    "if_missing": "The {0} asked for was not found for this customer.",
    "if_fails": "{0} could not be read.",
    "uncertain": "Nobody can tell whether {0} happened.",
    "if_refused": "The shop refused: {0}.",
    "no_answer": "No reviewed article answers the question: {0}.",
    "would_refuse": "The shop would refuse: {0}. That was found out before anybody was asked.",
    "if_pending": "{0} is accepted but not final yet.",
    "if_given_up": "The customer was asked for '{0}' and did not say it.",
    "if_none": "There is nothing left to choose from for '{0}'.",
    "undo_failed": "{0} could not be taken back after a later action did not happen.",
    "settled_badly": "{0} was started and did not end well.",
    "corrections": "The customer changed '{0}' too often.",
    "wants_person": "The customer asked for a person.",
    "no_rule": "No rule of the playbook fits.",
    "decisions": "The facts kept changing while we talked to the customer.",
    "if_no": "The customer said no to the offer.",
    "if_unclear": "The customer's answer stayed unclear.",
    "if_silent": "The customer did not answer.",
    "if_denied": "The team denied the approval.",
    "conflict": "Two requests exclude each other, and the customer did not say which one counts.",
    "withdrawn": "This playbook was withdrawn as it stands, so it decides nothing more.",
    "if_late": "Nobody answered the request for approval in time.",
}


def handoff_note(plan: Plan, facts: Facts, effect: HandOff) -> str:
    """Summary first, then why, what was done, what is known, what the customer was asked and gave."""
    voice = voice_of(plan, facts, "en" if "en" in plan.languages else plan.languages[0])
    sections = [
        effect.summary,
        _why(plan, facts, effect),
        _section("Actions", _actions(plan, facts, voice)),
        _section("Facts", _facts(plan, facts, voice)),
        _section("From the customer", _customer(plan, facts, voice)),
        _section("Asked", _asked(facts)),
        f"Playbook {plan.playbook} ({plan.title}), run {facts.run}",
    ]
    return "\n\n".join(section for section in sections if section)


def reason_text(reason: str) -> str:
    """A reason of the engine (`unknown:order.status`) as a sentence; a rule says it by its `because`."""
    kind, _, name = reason.partition(":")
    if kind == "no_answer":
        name = WORDS.get(name, name)
    return _REASONS.get(kind, "").format(one_line(name))


def _why(plan: Plan, facts: Facts, effect: HandOff) -> str:
    said = [_settled_badly(plan, facts, effect.reason) or reason_text(effect.reason)]
    if effect.because:
        said.append(f"Rule {facts.rule}: {effect.because}")
    elif facts.rule and effect.reason.startswith("rule:"):
        said.append(f"Rule {facts.rule} applies.")
    return "Why: " + " ".join(part for part in said if part) if any(said) else ""


def _settled_badly(plan: Plan, facts: Facts, reason: str) -> str:
    """An action that was told to the customer as started, and did not end well: since when, and how."""
    kind, _, action = reason.partition(":")
    if kind != "settled_badly":
        return ""
    for step, result in facts.results.items():
        if outline_of(plan).actions[step].action == action and result.settled_at is not None:
            began, ended = f"{result.at:%Y-%m-%d}", f"{result.settled_at:%Y-%m-%d}"
            if result.performed.state == "unknown":
                return (
                    f"{action} was started on {began}, and on {ended} nobody could tell whether it happened."
                )
            return f"{action} was started on {began} and failed on {ended}."
    return reason_text(reason)


def _section(title: str, lines: Iterator[str]) -> str:
    listed = [f"- {line}" for line in lines]
    return "\n".join([f"{title}:", *listed]) if listed else ""


def _actions(plan: Plan, facts: Facts, voice: Voice) -> Iterator[str]:
    env = environment(plan, facts)
    for steps in plan.outcomes.values():
        for step in steps:
            if not isinstance(step, Do) or step.id not in facts.results:
                continue
            result = facts.results[step.id]
            arguments = arguments_of(step, env)
            values = {} if isinstance(arguments, Unknown) else arguments
            listed = [f"{name} {show(values[name], voice)}" for name in step.spec.takes if name in values]
            yield f"{step.spec.title} ({', '.join(listed)}): {_state(result)}"
            if step.id in facts.undone:
                yield f"Taking that back: {_state(facts.undone[step.id])}"


def _state(result: StepResult) -> str:
    performed: Performed = result.performed
    words = [_STATES[performed.state]]
    if performed.code:
        words.append(f"code {one_line(performed.code)}")
    if performed.external_id:
        words.append(f"reference {one_line(performed.external_id)}")
    if performed.state != "stopped":
        words.append(f"sent {result.at:%Y-%m-%d %H:%M} UTC")
    if result.settled_at is not None:
        words.append(f"settled {result.settled_at:%Y-%m-%d %H:%M} UTC")
    return ", ".join(words)


def _facts(plan: Plan, facts: Facts, voice: Voice) -> Iterator[str]:
    env = environment(plan, facts)
    names = [name for rule in plan.rules if rule.when for name in rule.when.names]
    for look_up, fact in facts.records.items():
        match fact:
            case Found(record=record):
                yield f"{look_up}: {show_record(record, voice)}"
                own = [name for name in names if name.startswith(f"{look_up}.")]
                for name, text in facts_named(own, env, voice).items():
                    yield f"{name.replace('_', ' ').replace('.', ' ')}: {text}"
            case Missing():
                yield f"{look_up}: not found for this customer"
            case LookUpFailed():
                yield f"{look_up}: could not be read"
    for name, text in facts_named(list(plan.computed), env, voice).items():
        yield f"{name.replace('_', ' ')}: {text}"


def _customer(plan: Plan, facts: Facts, voice: Voice) -> Iterator[str]:
    for name, fact in facts.slots.items():
        if fact.value is not None and fact.source != "assumed":
            yield f"{name.replace('_', ' ')}: {show(fact.value, voice, name)}"
    if facts.confirmation is not None:
        yield f"said yes to the offer on {facts.confirmation.at:%Y-%m-%d %H:%M} UTC"
    if facts.approval is not None:
        yield f"approved by {one_line(facts.approval.approver)}"


def _asked(facts: Facts) -> Iterator[str]:
    if facts.last_asked:
        yield one_line(facts.last_asked)
