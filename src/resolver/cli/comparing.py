"""`resolver diff`: what a changed playbook decides otherwise for all tickets there can be, with an example of each."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.cli.difference_told import told_changes
from resolver.cli.folder import configured_folder, interfaces_of
from resolver.cli.installation import configuration
from resolver.cli.proving import require_prover
from resolver.cli.screen import print_json, say, working
from resolver.errors import Malformed

if TYPE_CHECKING:
    from resolver.connector.manifest import Interfaces
    from resolver.playbook.plan import Plan
    from resolver.playbook.policy import Policy
    from resolver.proof.compare import Change

DIFFERENT = 1


def diff(before: Path, after: Path, config_path: Path | None, *, as_json: bool) -> int:
    """Print how the decisions of two files part; 1 if they do."""
    from resolver.proof.compare import changes

    require_prover()
    config = configuration(config_path)
    with working("Comparing"):
        interfaces = interfaces_of(config)
        policy = _policy(before.parent, configured_folder(config), interfaces)
        old, new = _plan(before, interfaces, policy), _plan(after, interfaces, policy)
        found = list(changes(old, new, policy.limits))
    if as_json:
        rewritten = [{"rule": rule, "before": was, "after": now} for rule, was, now in _rewritten(old, new)]
        print_json(
            {"before": old.id, "after": new.id, "rules": rewritten, "changes": [_json(one) for one in found],
             "identical": not found}
        )  # fmt: skip
    else:
        _print(old, new, found)
    return DIFFERENT if found else 0


def _policy(beside: Path, configured: Path, interfaces: "Interfaces") -> "Policy":
    """The policy beside the first file, else the configured one."""
    from resolver.playbook.library import POLICY
    from resolver.playbook.policy_reader import read_policy
    from resolver.source.load import load
    from resolver.source.problem import render

    path = beside / POLICY if (beside / POLICY).is_file() else configured / POLICY
    if not path.is_file():
        raise Malformed(
            f"There is no {POLICY} beside the playbook.", remedy="add it, or name a folder that has one"
        )
    text = path.read_text("utf-8")
    policy, problems = read_policy(load(text, str(path)), interfaces)
    if policy is None:
        raise Malformed("\n".join(render(one, text) for one in problems))
    return policy


def _plan(path: Path, interfaces: "Interfaces", policy: "Policy") -> "Plan":
    from resolver.playbook.compile import compile_playbook
    from resolver.source.load import load
    from resolver.source.problem import has_errors, render

    if not path.is_file():
        raise Malformed(f"There is no {path}.", remedy="name two files of playbooks")
    data = path.read_bytes()
    plan, problems = compile_playbook(load(data, str(path)), interfaces, policy)
    if plan is None:
        text = data.decode("utf-8", errors="replace")
        told = [render(one, text) for one in problems if has_errors([one])]
        raise Malformed("\n".join([*told, f"{path} cannot be compiled, so there is nothing to compare."]))
    return plan


def _rewritten(old: "Plan", new: "Plan") -> list[tuple[str, str | None, str | None]]:
    """Rules whose condition reads otherwise, are new or are gone: rule, before, after."""
    before = {rule.id: rule.when.source if rule.when else "otherwise" for rule in old.rules}
    after = {rule.id: rule.when.source if rule.when else "otherwise" for rule in new.rules}
    names = dict.fromkeys((*before, *after))
    return [
        (name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


def _print(old: "Plan", new: "Plan", found: "list[Change]") -> None:
    for rule, was, now in _rewritten(old, new):
        say(*_both(f"rule {rule}", was, now))
    for name in dict.fromkeys((*old.computed, *new.computed)):
        was, now = (
            plan.computed[name].value.source if name in plan.computed else None for plan in (old, new)
        )
        if was != now:
            say(*_both(name, was, now))
    for one in told_changes(old, new, found):
        say("", one.sentence, f"  {one.example_told}")
    if not found:
        say(_alike(old, new) if old.id != new.id else "Both are the same.")


def _alike(old: "Plan", new: "Plan") -> str:
    limits = any("limits." in plan.document for plan in (old, new))
    given = ", as long as the policy's limits stay as they are" if limits else ""
    return f"Both decide alike for every ticket{given}; only words differ."


def _both(name: str, was: str | None, now: str | None) -> tuple[str, str, str]:
    return name, f"  before: {was or '(not there)'}", f"  after:  {now or '(gone)'}"


def _json(one: "Change") -> dict[str, Any]:
    return {
        "what": one.what,
        "before": {"rule": one.before.rule, "outcome": one.before.outcome, "pays": one.pays[0]},
        "after": {"rule": one.after.rule, "outcome": one.after.outcome, "pays": one.pays[1]},
        "example": dict(one.example.values) if one.example else None,
    }
