"""The policy: what is read from it, and what is told about a wrong one."""

from datetime import date, timedelta

import pytest

from resolver.connector.manifest import Interfaces
from resolver.errors import Malformed
from resolver.money import Money
from resolver.playbook.policy import Way
from resolver.playbook.policy_reader import policy_from_document, read_policy
from resolver.source.load import load
from resolver.source.problem import render
from resolver.ticket import Level, Status

WHOLE = """\
policy: 1
time_zone: Europe/Berlin
business_days: [mon, tue, wed, thu]
holidays: [2026-12-25]
customer_fields: {vip: {type: yes/no, from: {zendesk: organisation.vip}}}
queues: {default: Support, money: Money desk}
teams:
  leads: {members: [Lea@acme.example], four_eyes: yes}
identity: {trust_email: yes, matched_may_see: yes, details: [[email], '2 of [number, email, address]']}
limits:
  small: {EUR: 50, JPY: 6000}
actions:
  store.pay: {approval_above: {pay_back: never, otherwise: small}, per_day: {EUR: 12.50}}
stop: ["action:store.pay"]
patience: 2 days
runs_per_case: 3
confirm: always
opt_out_tag: leave_me
status_at_end: pending
texts: {closing: {en: Bye}}
"""


def test_every_key_is_read(interfaces: Interfaces) -> None:
    policy, problems = read_policy(load(WHOLE, "policy.yaml"), interfaces)

    assert problems == ()
    assert policy is not None
    assert policy.calendar.holidays == {date(2026, 12, 25)}
    assert policy.calendar.business_days == {0, 1, 2, 3}
    assert policy.queues == {"default": "Support", "money": "Money desk"}
    assert policy.teams["leads"].members == ("lea@acme.example",)
    assert policy.teams["leads"].four_eyes
    assert policy.limits == {"small": {"EUR": Money(5000, "EUR"), "JPY": Money(6000, "JPY")}}
    assert policy.actions["store.pay"].approval_above == {"pay_back": "never", "otherwise": "small"}
    assert policy.actions["store.pay"].per_day == {"EUR": Money(1250, "EUR")}
    assert policy.customer_fields["vip"].sources == {"zendesk": "organisation.vip"}
    assert policy.stop == {"action:store.pay"}
    assert policy.trust_email
    assert policy.matched_may_see
    assert policy.patience == timedelta(days=2)
    assert policy.runs_per_case == 3
    assert policy.confirm_always
    assert policy.opt_out_tag == "leave_me"
    assert policy.details == (Way(1, ("email",)), Way(2, ("number", "email", "address")))
    assert policy.status_at_end is Status.PENDING
    assert policy.texts == {"closing": {"en": "Bye"}}


def test_a_stored_policy_is_the_same_again(interfaces: Interfaces) -> None:
    policy, _ = read_policy(load(WHOLE, "policy.yaml"), interfaces)

    assert policy is not None
    assert policy_from_document(policy.document) == policy


def test_the_id_of_a_policy_does_not_depend_on_layout(interfaces: Interfaces) -> None:
    policy, _ = read_policy(load(WHOLE, "policy.yaml"), interfaces)
    lines = WHOLE.replace("{EUR: 50, JPY: 6000}", "{JPY: 6000,    'EUR': 50}").splitlines()
    other, _ = read_policy(load("# ours\n" + "\n\n".join(lines), "policy.yaml"), interfaces)

    assert policy is not None
    assert other is not None
    assert other.id == policy.id


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"keys":3}', '{"keys":[["policy",1]]}'])
def test_a_stored_policy_that_is_none_is_refused(document: str) -> None:
    with pytest.raises(Malformed, match="A stored policy cannot be read"):
        policy_from_document(document)


_DETAILS = "[[email], '2 of [number, email, address]']"
WRONG = [
    ("policy: 1", "policy: 2", "1:9: error: policy '2' cannot be read by this release [wrong-type]"),
    ("Europe/Berlin", "Berlin", "2:12: error: 'Berlin' is no time zone [wrong-type]"),
    ("wed, thu]", "wednesday]", "3:27: error: 'wednesday' is not a word known here [unknown-word]"),
    (
        "[2026-12-25]",
        "[2026-02-30]",
        "4:12: error: this needs a day such as 2026-12-25, but it is '2026-02-30' [wrong-type]",
    ),
    ("type: yes/no", "type: maybe", "5:31: error: 'maybe' is not a word known here [unknown-word]"),
    ("type: yes/no", "type: secret", "5:31: error: a field of the customer cannot be secret [wrong-type]"),
    (
        "organisation.vip",
        "vip",
        "5:55: error: this needs user.KEY, organisation.KEY or tag.NAME, but it is 'vip' [wrong-type]",
    ),
    ("default: Support, ", "", "6:9: error: 'default' is missing here [missing-word]"),
    (
        "[Lea@acme.example]",
        "[lea]",
        "8:21: error: this needs an e-mail address, but it is 'lea' [wrong-type]",
    ),
    ("[Lea@acme.example]", "[]", "8:3: error: team 'leads' has no members [missing-word]"),
    (
        "trust_email: yes",
        "trust_email: maybe",
        "9:25: error: this needs yes or no, but it is 'maybe' [wrong-type]",
    ),
    (
        "trust_email: yes",
        "account: store.oder",
        "9:21: error: 'store.oder' is not a word known here [unknown-word]",
    ),
    (
        _DETAILS,
        "[[email], [emial]]",
        "9:71: error: no record of a customer has the text 'emial' [unknown-name]",
    ),
    (
        _DETAILS,
        "[[email, total]]",
        "9:62: error: no record of a customer has the text 'total' [unknown-name]",
    ),
    (_DETAILS, "[email]", "9:62: error: this is no way to be known [wrong-type]"),
    (_DETAILS, "[[]]", "9:62: error: this is no way to be known [wrong-type]"),
    (
        _DETAILS,
        "['3 of [email, address]']",
        "9:62: error: this is no way to be known [wrong-type]",
    ),
    (
        _DETAILS,
        "[[email, email]]",
        "9:62: error: this is no way to be known [wrong-type]",
    ),
    ("EUR: 50", "EURO: 50", "11:11: error: 'EURO' is no currency [wrong-type]"),
    ("JPY: 6000", "JPY: 0.5", "11:20: error: 0.5 JPY has more decimals than JPY knows [wrong-type]"),
    (
        "JPY: 6000",
        "JPY: much",
        "11:25: error: this needs a number such as 12 or 12.50, but it is 'much' [wrong-type]",
    ),
    (
        "store.pay: {appr",
        "store.pey: {appr",
        "13:3: error: no interface has 'store.pey', or the connector bound to it does not offer it "
        "[unknown-action]",
    ),
    ("otherwise: small", "otherwise: smal", "13:60: error: policy.yaml has no limit 'smal' [unknown-limit]"),
    (
        "approval_above: {pay_back: never, otherwise: small}, ",
        "",
        "13:3: error: policy.yaml does not say above what store.pay needs approval [no-approval-policy]",
    ),
    (", otherwise: small", "", "13:31: error: 'otherwise' is missing here [missing-word]"),
    (
        "action:store.pay",
        "store.pay",
        "14:8: error: this needs all, action:NAME or playbook:NAME, but it is 'store.pay' [wrong-type]",
    ),
    (
        "action:store.pay",
        "action:store.pey",
        "14:8: error: no interface has 'store.pey', or the connector bound to it does not offer it "
        "[unknown-action]",
    ),
    (
        "patience: 2 days",
        "patience: 2 business days",
        "15:11: error: business days cannot be counted here [wrong-type]",
    ),
    (
        "runs_per_case: 3",
        "runs_per_case: 11",
        "16:16: error: this needs a whole number from 1 to 10, but it is '11' [wrong-type]",
    ),
    (
        "confirm: always",
        "confirm: sometimes",
        "17:10: error: 'sometimes' is not a word known here [unknown-word]",
    ),
    (
        "per_day: {EUR: 12.50}}",
        "identity: certain}",
        "13:78: error: 'certain' is not a word known here [unknown-word]",
    ),
    ("opt_out_tag", "opt_out_tags", "18:1: error: 'opt_out_tags' is not a word known here [unknown-word]"),
]


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_a_wrong_policy_is_told_at_its_place(interfaces: Interfaces, old: str, new: str, told: str) -> None:
    text = WHOLE.replace(old, new)

    policy, problems = read_policy(load(text, "policy.yaml"), interfaces)

    assert text != WHOLE
    assert policy is None
    assert [render(problem, None).split("\n")[0] for problem in problems] == [f"policy.yaml:{told}"]
    assert all(problem.help for problem in problems)


def test_what_it_says_of_an_interface_that_nobody_serves_yet_holds_for_nothing(
    interfaces: Interfaces,
) -> None:
    text = WHOLE.replace("store.pay: {appr", "post.send: {appr")

    policy, problems = read_policy(load(text, "policy.yaml"), interfaces)

    assert policy is not None
    assert [(one.code, one.severity, one.where.line) for one in problems] == [("not-bound", "note", 13)]


@pytest.mark.parametrize(
    ("interface", "needed"),
    [(Level.VERIFIED, Level.CODE), (Level.CODE, Level.CODE), (Level.ANONYMOUS, Level.CODE)],
)
def test_the_policy_raises_the_level_of_an_action(
    interfaces: Interfaces, interface: Level, needed: Level
) -> None:
    text = WHOLE.replace("per_day: {EUR: 12.50}", "identity: code")

    policy, problems = read_policy(load(text, "policy.yaml"), interfaces)

    assert policy is not None, problems
    assert policy.actions["store.pay"].demands(interface) is needed


def test_the_policy_never_lowers_the_level_of_an_action(interfaces: Interfaces) -> None:
    text = WHOLE.replace("per_day: {EUR: 12.50}", "identity: claimed")

    policy, problems = read_policy(load(text, "policy.yaml"), interfaces)

    assert policy is not None, problems
    assert policy.actions["store.pay"].demands(Level.VERIFIED) is Level.VERIFIED
