"""One playbook as a page of plain sentences (Markdown), for people who answer for money and law.

Called by `resolver docs`. Every sentence follows from the plan and the policy; nothing is evaluated or guessed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from resolver.condition.evaluate import Compiled
from resolver.condition.wording import Wording, plain_name
from resolver.money import Money
from resolver.playbook.payers import others_that_pay, paying_steps
from resolver.playbook.plan import (
    ANY,
    Answer,
    AnyStep,
    Approve,
    CheckIn,
    Confirm,
    Do,
    Go,
    HandOff,
    Identify,
    LookUp,
    Plan,
    Reply,
    SetTicket,
    Slot,
    Start,
    as_written,
)
from resolver.playbook.policy import SILENT, Policy
from resolver.ticket import Level

_LEVELS = {
    Level.ANONYMOUS: "Nobody has to prove who they are.",
    Level.CLAIMED: "The customer writes from an address that answers go to; nobody proves more than that.",
    Level.MATCHED: "The customer must have named details that fit exactly one account or record.",
    Level.VERIFIED: "The channel must have proven the customer's address.",
    Level.CODE: "The customer must have sent back a one-time code that went to the contact on the record.",
}
_MODES = {
    "off": "is switched off",
    "shadow": "only decides and keeps the trace; it sends and changes nothing",
    "suggest": "suggests reply and actions to people in a private note",
    "auto": "may act by itself where the helpdesk's own mode allows it",
}


def policy_page(plan: Plan, policy: Policy, plans: Iterable[Plan]) -> str:
    """The page. `plans` are all playbooks of the installation, to name those that can pay for the same record."""
    limits = {name: _amounts(amounts) for name, amounts in policy.limits.items()}
    page = _Page(plan, policy, Wording(limits, "**"), tuple(plans))
    parts = [
        page.head(),
        page.asked(),
        page.read(),
        page.words(),
        page.rules(),
        page.money(),
        page.outcomes(),
    ]
    return "\n\n".join("\n".join(part) for part in [*parts, page.stops(), page.texts()] if part) + "\n"


def _amounts(amounts: Mapping[str, Money]) -> str:
    return ", ".join(f"**{one}**" for one in amounts.values())


def _length(length: timedelta) -> str:
    days, rest = divmod(length, timedelta(days=1))
    count, unit = (rest // timedelta(minutes=1), "minute") if rest else (days, "day")
    return f"**{count} {unit}{'' if count == 1 else 's'}**"


@dataclass(frozen=True, slots=True)
class _Page:
    plan: Plan
    policy: Policy
    wording: Wording
    plans: Sequence[Plan]

    def head(self) -> list[str]:
        plan = self.plan
        wanted = f"for the request “{plain_name(plan.intent)}”" if plan.intent else "for every other request"
        found = [
            f"# {plan.title}",
            "",
            f"Playbook `{plan.playbook}`, {wanted}. It {_MODES[plan.mode.value]}"
            + (f", on **{plan.rollout * 100:f}%** of the tickets." if plan.rollout != 1 else "."),
            f"Owner: {plan.owner}. Answers in: {', '.join(plan.languages)}. {_LEVELS[plan.identify]}",
            "",
            f"Plan `{plan.id}`, policy `{self.policy.id}`.",
        ]
        for title, texts in (("Examples", plan.examples), ("Not for", plan.not_for)):
            found += ["", f"{title}: " + " · ".join(f"“{one}”" for one in texts)] if texts else []
        return found

    def asked(self) -> list[str]:
        slots = self.plan.slots.values()
        return ["## What we ask the customer", "", *map(self._slot, slots)] if slots else []

    def _slot(self, slot: Slot) -> str:
        said = [f"- **{plain_name(slot.name)}** ({slot.type}), with the text `{slot.ask}`"]
        said += [f"needed only if {self._say(slot.when)}"] if slot.when else []
        options = slot.each.options if slot.each else slot.options
        said += [f"one for each of {self._say(slot.each.list)}"] if slot.each else []
        said += [f"only what fits: {self._say(options.list)}"] if options else []
        said += [f"it must hold that {self._say(slot.check)}"] if slot.check else []
        said += [f"if nothing is named we take: {self._assumed(slot, slot.assume)}"] if slot.assume else []
        said += [] if slot.prefill else ["taken only from an answer to this question"]
        said.append(
            f"asked at most {slot.tries} time{'' if slot.tries == 1 else 's'}, then " + self._given_up(slot)
        )
        said += [f"if there is nothing to choose: {self._to(slot.if_none)}"] if options else []
        return "; ".join(said) + "."

    def _assumed(self, slot: Slot, assume: Compiled) -> str:
        everything = slot.options is not None and assume is slot.options.list
        return "all of these" if everything else self._say(assume)

    def _given_up(self, slot: Slot) -> str:
        return f"we take {self._say(slot.or_else)}" if slot.or_else else self._to(slot.if_given_up)

    def read(self) -> list[str]:
        found = self.plan.look_ups.values()
        return ["## What we look up", "", *map(self._look_up, found)] if found else []

    def _look_up(self, look_up: LookUp) -> str:
        by = ", ".join(f"{plain_name(name)} = {self._say(one)}" for name, one in look_up.arguments.items())
        owner = look_up.spec.gives.owner
        whose = " or belongs to somebody else" if owner and owner != "nobody" else ""
        return (
            f"- **{plain_name(look_up.name)}**: `{look_up.find}` by {by}. If there is none{whose}: "
            f"{self._to(look_up.if_missing)}. If it cannot be read: {self._to(look_up.if_fails)}."
        )

    def words(self) -> list[str]:
        found = self.plan.computed.values()
        lines = [f"- **{plain_name(one.name)}** means: {self._say(one.value)}" for one in found]
        return ["## Words used below", "", *lines] if lines else []

    def rules(self) -> list[str]:
        found = ["## The rules, in order", "", "The first rule that applies decides.", ""]
        for number, rule in enumerate(self.plan.rules, 1):
            when = f"If {self._say(rule.when)}" if rule.when else "In every other case"
            because = f" *{rule.because}*" if rule.because else ""
            found.append(f"{number}. `{rule.id}`: {when}: {self._to(rule.then)}.{because}")
        return found

    # -- money ----------------------------------------------------------------------------------------------------

    def money(self) -> list[str]:
        paying = {one.action: one for one in paying_steps(self.plan)}
        lines = [line for step in paying.values() for line in self._paid(step)]
        return ["## Money", "", *(lines or ["This playbook moves no money."])]

    def _paid(self, step: Do) -> list[str]:
        policy = self.policy.actions.get(step.action, SILENT)
        pays = self._say(step.spec.pays) if step.spec.pays else "nothing"
        with_ = "; ".join(f"{name} is {self._say(value)}" for name, value in step.arguments.items())
        found = [f"- **{step.spec.title}** (`{step.action}`) pays: {pays}, where {with_}."]
        found += [f"  - Done only if {self._say(one)}." for one in step.spec.requires]
        limit = policy.approval_above.get(self.plan.playbook, policy.approval_above.get("otherwise", ""))
        if limit == "never":
            found.append("  - The policy demands no approval.")
        elif limit:
            found.append(f"  - The policy demands an approval above {self._limit(limit)}.")
        found += [f"  - At most {name}: {_amounts(amounts)}." for name, amounts in policy.caps().items()]
        return [*found, self._others(step)]

    def _others(self, step: Do) -> str:
        others = [f"“{one.title}” (`{one.playbook}`)" for one in others_that_pay(self.plan, step, self.plans)]
        who = ", ".join(others) or "none"
        return f"  - Other playbooks that can pay for the same record: {who}."

    # -- outcomes -------------------------------------------------------------------------------------------------

    def outcomes(self) -> list[str]:
        found = ["## What then happens"]
        for name, steps in self.plan.outcomes.items():
            found += ["", f"### {plain_name(name)}", ""]
            found += [f"{number}. {self._step(step)}" for number, step in enumerate(steps, 1)]
            found += self._end(steps)
        return found

    def _end(self, steps: Sequence[AnyStep]) -> list[str]:
        if any(isinstance(step, HandOff | Go | Start) for step in steps):
            return []
        if any(isinstance(step, SetTicket) and step.status for step in steps):
            return []
        return ["", f"At the end the ticket becomes **{plain_name(self.policy.status_at_end.value)}**."]

    def _step(self, step: AnyStep) -> str:
        match step:
            case Identify(level=level, if_fails=fails):
                return f"{_LEVELS[level]} If that is not so: {self._to(fails)}."
            case Confirm():
                return self._confirm(step)
            case CheckIn():
                return self._check_in(step)
            case Approve():
                return self._approve(step)
            case Do():
                return self._do(step)
            case Answer():
                return self._answer(step)
            case Reply(reply=reply, ends=ends):
                ended = f" The request ends as {ends}." if ends else ""
                return f"We write `{reply}`: {self._quoted(reply)}{ended}"
            case SetTicket():
                return self._ticket(step)
            case HandOff():
                return self._hand_off(step)
            case Go(outcome=outcome):
                return f"We go on with {self._to(outcome)}."
            case Start(playbook=playbook):
                return f"The playbook `{playbook}` takes over."

    def _confirm(self, step: Confirm) -> str:
        within = _length(step.within or self.policy.patience)
        silent = step.if_silent or self.plan.if_silent
        quiet = self._to(silent) if silent else "nothing is sent and the ticket stays as it is"
        return (
            f"We ask for the customer's yes with `{step.reply}`: {self._quoted(step.reply)} If no: "
            f"{self._to(step.if_no)}. If the answer stays unclear: {self._to(step.if_unclear)}. "
            f"If no answer comes within {within}: {quiet}."
        )

    def _check_in(self, step: CheckIn) -> str:
        within = _length(step.within or self.policy.patience)
        quiet = self._to(step.if_silent) if step.if_silent else "we go on with the next step"
        return (
            f"We ask with `{step.reply}`: {self._quoted(step.reply)} If yes, we go on with the next step. If no: "
            f"{self._to(step.if_no)}. If the answer stays unclear: {self._to(None)}. "
            f"If no answer comes within {within}: {quiet}."
        )

    def _approve(self, step: Approve) -> str:
        team = self.policy.teams.get(step.team)
        who = f" ({', '.join(team.members)})" if team else ""
        eyes = ", but not the playbook's last author" if team and team.four_eyes else ""
        when = f"If {self._say(step.when)}, one" if step.when else "One"
        count = step.within_business_days or 1
        business = f"**{count} business day{'' if count == 1 else 's'}**"
        within = _length(step.within) if step.within else business
        tell = f" Meanwhile we write `{step.tell}`: {self._quoted(step.tell)}" if step.tell else ""
        return (
            f"{when} of {plain_name(step.team)}{who} must approve{eyes}.{tell} If denied: "
            f"{self._to(step.if_denied)}. If nobody answers within {within}: {self._to(step.if_late)}."
        )

    def _answer(self, step: Answer) -> str:
        first = (
            f" Above it stands `{step.say_first}`: {self._quoted(step.say_first)}" if step.say_first else ""
        )
        about = "any topic" if step.topic == ANY else f"the topic {plain_name(step.topic)}"
        return (
            f"We send what our reviewed articles about {about} say to the customer's question, with where it "
            f"stands.{first} If they say nothing that may be sent: {self._to(step.if_no_answer)}."
        )

    def _do(self, step: Do) -> str:
        with_ = "; ".join(f"{name}: {self._say(value)}" for name, value in step.arguments.items())
        refused = [
            f" If it is refused{'' if code == '*' else f' with “{plain_name(code)}”'}: {self._to(outcome)}."
            for code, outcome in step.if_refused.items()
        ]
        pending = f" If it is accepted but not final: {self._to(step.if_pending)}." if step.if_pending else ""
        fails = f" If it fails, or nobody can tell whether it happened: {self._to(step.if_fails)}."
        return f"**{step.spec.title}** (`{step.action}`; {with_}).{''.join(refused)}{pending}{fails}"

    def _ticket(self, step: SetTicket) -> str:
        said = [f"becomes **{plain_name(step.status.value)}**"] if step.status else []
        said += [f"gets the priority {step.priority}"] if step.priority else []
        said += [f"goes to the queue {self._queue(step.queue)}"] if step.queue else []
        said += [f"gets the tags {', '.join(step.add_tags)}"] if step.add_tags else []
        said += [f"loses the tags {', '.join(step.remove_tags)}"] if step.remove_tags else []
        said += [f"gets {name} = {value}" for name, value in step.fields.items()]
        return f"The ticket {', '.join(said)}."

    def _hand_off(self, step: HandOff) -> str:
        tell = f" The customer reads `{step.tell}`: {self._quoted(step.tell)}" if step.tell else ""
        priority = f" with priority {step.priority}" if step.priority else ""
        place = f"{self._queue(step.queue)}{priority}"
        return f"A person takes over: the ticket goes open to {place}, with the note “{as_written(step.summary)}”{tell}"

    def _queue(self, queue: str) -> str:
        return f"“{self.policy.queues.get(queue, queue)}”"

    def stops(self) -> list[str]:
        silent = (
            self._to(self.plan.if_silent)
            if self.plan.if_silent
            else "nothing is sent, the ticket stays as it is"
        )
        return [
            "## Doubt and silence",
            "",
            "- If something a rule needs is not known, or the customer asks for a person: "
            f"{self._to(self.plan.if_unsure)}.",
            "- If the customer answers one of our questions with one of their own, a reviewed article may answer it, "
            "at most three times; then ours is put once more.",
            f"- If the customer does not answer a question for {_length(self.policy.patience)}: {silent}.",
        ]

    def texts(self) -> list[str]:
        found = ["## Texts, word for word"] if self.plan.replies else []
        for name, texts in self.plan.replies.items():
            found += ["", f"### `{name}`", ""]
            plural = self.plan.plurals.get(name)
            for language, text in texts.items():
                forms = plural.forms[language] if plural else {"": text}
                found += [
                    f"- {language}{one and ', '}{one}: {as_written(each).strip()}"
                    for one, each in forms.items()
                ]
        return found

    # -- words ----------------------------------------------------------------------------------------------------

    def _say(self, compiled: Compiled) -> str:
        return self.wording.of(compiled.checked)

    def _limit(self, name: str) -> str:
        return f"the limit “{plain_name(name)}” ({self.wording.limits.get(name, 'no amount')})"

    def _quoted(self, reply: str) -> str:
        texts = self.plan.replies[reply]
        language = "en" if "en" in texts else next(iter(texts))
        return f"“{as_written(texts[language]).strip()}”"

    def _to(self, outcome: str | None) -> str:
        name = plain_name(outcome or self.plan.if_unsure)
        return f"[{name}](#{name.replace(' ', '-')})"
