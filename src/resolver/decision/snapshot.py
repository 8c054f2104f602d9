"""Every text a playbook can send, rendered in every language: what a changed word is compared with (LANGUAGE 15).

Made by `resolver test --snapshot` from the cases of a playbook, played once in each of its languages. A text that no
case sends stands there as it is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from resolver.decision.coverage import Coverage
from resolver.decision.rehearsal import Rehearsal
from resolver.decision.testcase import Case
from resolver.playbook.plan import Plan, Template, as_written
from resolver.playbook.policy import Policy

_HEAD = """\
# What {playbook} says, text by text, as its tests render it. Written by: resolver test {playbook} --snapshot --accept
"""


def snapshot(playbook: str, cases: Iterable[Case], plans: Mapping[str, Plan], policy: Policy) -> str:
    """The texts as one document; the same plan and cases give the same one."""
    plan = plans[playbook]
    said: dict[tuple[str, str], dict[str, None]] = {}
    for case in cases:
        for language in plan.languages:
            for one in _played(_in(case, language), playbook, plans, policy).texts:
                said.setdefault((one.reply, one.language), {})[one.text] = None
    parts = [_HEAD.format(playbook=playbook)]
    for name, texts in plan.replies.items():
        for language in texts:
            found = said.pop((name, language), None)
            parts += _section(
                name,
                language,
                list(found) if found else [_as_written(plan, name, language)],
                sent=bool(found),
            )
    for (name, language), more in sorted(said.items()):
        parts += _section(name, language, list(more), sent=True)
    return "\n".join(parts).rstrip("\n") + "\n"


def _in(case: Case, language: str) -> Case:
    """The case with a customer of that language."""
    customer = {**case.given.customer, "language": language}
    return replace(case, given=replace(case.given, language=language, customer=customer))


def _played(case: Case, playbook: str, plans: Mapping[str, Plan], policy: Policy) -> Rehearsal:
    rehearsal = Rehearsal(case, plans, playbook, policy, Coverage(plans[playbook]))
    for happening in case.happenings:
        rehearsal.plays(happening)
    return rehearsal


def _section(name: str, language: str, texts: list[str], *, sent: bool) -> list[str]:
    head = f"== {name} ({language})" + ("" if sent else ", sent by no test: as written")
    found = [head, ""]
    for text in texts:
        found += [text.strip(), ""]
    return found


def _as_written(plan: Plan, name: str, language: str) -> str:
    plural = plan.plurals.get(name)
    forms: Mapping[str, Template] = plural.forms[language] if plural else {"": plan.replies[name][language]}
    return "\n".join(
        (f"{form}: " if form else "") + as_written(template).strip() for form, template in forms.items()
    )
