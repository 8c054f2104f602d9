"""Reads `policy.yaml`: limits, queues, teams, identity, calendar and kill switch, and reports all that is wrong.

Called by `library` at load, and again from the document a policy is stored as. It performs no I/O.
"""

import json
import re
from collections.abc import Collection, Mapping
from datetime import timedelta

from resolver.condition.calendar import WEEKDAYS, Calendar
from resolver.condition.declared import DeclaredNames, read_type
from resolver.condition.types import ListOf, Secret, Text, has_form
from resolver.connector.interface_reader import read_duration
from resolver.connector.manifest import Interfaces
from resolver.errors import Malformed
from resolver.money import Money
from resolver.playbook.policy import ActionPolicy, CustomerField, Policy, Team, Way
from resolver.playbook.policy_places import (
    ACTION,
    ALWAYS,
    CODE_LASTS,
    CUSTOMER_FIELD,
    END_STATUSES,
    IDENTITY,
    MOST_RUNS_PER_CASE,
    NEVER,
    OPT_OUT_TAG,
    PATIENCE,
    POLICY,
    RUNS_PER_CASE,
    STATUS_AT_END,
    TEAM,
)
from resolver.source.document import canonical, node_of, plain_of, sha256_of
from resolver.source.load import Loaded
from resolver.source.name import nearest, only_near, shown
from resolver.source.node import Entry, MappingNode, Node, ScalarNode, SequenceNode
from resolver.source.problem import Problem, has_errors
from resolver.source.reader import (
    Keys,
    read_date,
    read_decimal,
    read_prose,
    read_scalar,
    read_text,
    unknown_word,
    wrong_value,
)
from resolver.ticket import Level, Status

_CAPS = ("per_ticket", "per_customer_and_day", "per_day")
_SOME_OF = re.compile(r"([1-9][0-9]?) of \[([^\[\]]+)\]")
_FROM_USER = ("user.", "organisation.", "tag.")


def read_policy(loaded: Loaded, interfaces: Interfaces) -> tuple[Policy | None, tuple[Problem, ...]]:
    """The policy, or None and everything that is wrong with its file. Its actions must be offered by `interfaces`."""
    problems: list[Problem] = []
    found = draft_policy(loaded, interfaces, problems)
    return (None if has_errors(problems) else found), tuple(problems)


def draft_policy(loaded: Loaded, interfaces: Interfaces, problems: list[Problem]) -> Policy | None:
    """The policy as far as it could be read, so that playbooks can be checked against it; never for running."""
    problems += loaded.problems
    return _Reader(problems, interfaces).read(loaded.root) if loaded.root else None


def policy_from_document(document: str) -> Policy:
    """The policy stored as `document`; `Malformed` if it is none."""
    problems: list[Problem] = []
    try:
        root = node_of(json.loads(document), "policy")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"A stored policy cannot be read: {error}.", remedy="restore the backup") from None
    found = _Reader(problems, None).read(root)
    if has_errors(problems):
        raise Malformed(
            f"A stored policy cannot be read: {problems[0].message}.", remedy="restore the backup"
        )
    return found


class _Reader:
    def __init__(self, problems: list[Problem], interfaces: Interfaces | None) -> None:
        self.problems = problems
        self.interfaces = interfaces

    def read(self, root: Node) -> Policy:
        keys = Keys(
            root, self.problems, required=POLICY.required, optional=POLICY.optional, lines=POLICY.lines
        )
        version = keys.scalar("policy")
        if version and version.text != "1":
            message = f"policy {shown(version.text)} cannot be read by this release"
            self.report("wrong-type", message, version, "write 'policy: 1'")
        identity = self._identity(keys)
        limits = {entry.key.text: self._amounts(entry.value) for entry in keys.named("limits")}
        document = canonical(plain_of(root, lines=False))
        return Policy(
            id=sha256_of(document),
            document=document,
            calendar=self._calendar(keys),
            queues=self._queues(keys),
            teams={entry.key.text: self._team(entry) for entry in keys.named("teams")},
            limits=limits,
            actions={entry.key.text: self._action(entry, limits) for entry in keys.entries("actions")},
            customer_fields=self._customer_fields(keys),
            stop=self._stop(keys),
            trust_email=identity.yes_no("trust_email", default=False) if identity else False,
            matched_may_see=identity.yes_no("matched_may_see", default=False) if identity else False,
            details=self._details(identity) if identity else (),
            account=self._account(identity) if identity else "",
            details_tries=identity.whole("details_tries", 6, least=2, most=20) if identity else 6,
            patience=self._length(keys, "patience", PATIENCE),
            code_lasts=self._length(keys, "code_lasts", CODE_LASTS),
            runs_per_case=keys.whole("runs_per_case", RUNS_PER_CASE, least=1, most=MOST_RUNS_PER_CASE),
            confirm_always=keys.one_of("confirm", [ALWAYS], "") == ALWAYS,
            opt_out_tag=keys.text("opt_out_tag", OPT_OUT_TAG),
            status_at_end=Status(keys.one_of("status_at_end", END_STATUSES, STATUS_AT_END)),
            texts={entry.key.text: self._texts(entry) for entry in keys.named("texts")},
        )

    def report(self, code: str, message: str, node: Node, remedy: str, instead: str = "") -> None:
        self.problems.append(Problem(code, message, node.where, node.length, help=remedy, instead=instead))

    def _identity(self, keys: Keys) -> Keys | None:
        node = keys.get("identity")
        if node is None:
            return None
        return Keys(node, self.problems, optional=IDENTITY.names)

    def _account(self, keys: Keys) -> str:
        """The look-up that finds the customer by what they say; its record must belong to an address."""
        node = keys.scalar("account")
        if node is None or self.interfaces is None:
            return node.text if node else ""
        spec = self.interfaces.look_up(node.text)
        if spec is None:
            self.problems.append(unknown_word(node, self.interfaces.offered_look_ups()))
            return ""
        owner = spec.gives.fields.get(spec.gives.owner)
        if owner is None or owner.type != Text("email"):
            message = f"the record of {node.text} belongs to no address"
            self.report("wrong-type", message, node, "name a look-up whose record has 'owner:' of type email")
        if not keys.items("details"):
            message = "the account look-up is asked for by nothing"
            self.report("missing-word", message, node, "say by what: 'details: [[email]]'")
        return node.text

    def _details(self, keys: Keys) -> tuple[Way, ...]:
        """`[[email], [name, postcode], "3 of [postcode, phone, pin]"]`."""
        account = keys.scalar("account")
        named = account.text if account else None
        return tuple(way for node in keys.items("details") if (way := self._way(node, named)))

    def _way(self, node: Node, account: str | None) -> Way | None:
        needed: int | None = None
        if isinstance(node, SequenceNode):
            words = [word.text for item in node.items if (word := read_scalar(item, self.problems))]
        else:
            found = _SOME_OF.fullmatch(node.text.strip()) if isinstance(node, ScalarNode) else None
            words = [word.strip() for word in found[2].split(",")] if found else []
            needed = int(found[1]) if found else None
        if not words or len(set(words)) < len(words) or (needed is not None and needed > len(words)):
            message = "this is no way to be known"
            self.report(
                "wrong-type", message, node, "write [email], [name, postcode] or '2 of [name, phone, pin]'"
            )
            return None
        fits = self._finds(node, words, account) if account is not None else self._is_known(node, words)
        return Way(needed or len(words), tuple(words)) if fits else None

    def _finds(self, node: Node, words: Collection[str], account: str) -> bool:
        """Whether the account look-up takes all these as arguments that can be told from a message by their form."""
        spec = self.interfaces.look_up(account) if self.interfaces is not None else None
        if spec is None:
            return True  # told where the look-up is named
        told = [name for name, one in spec.takes.items() if has_form(one.type)]
        stray = next((word for word in words if word not in told), None)
        if stray is None:
            return True
        message = f"{account} is not found by {shown(stray)} of a message"
        remedy = f"it can be by: {', '.join(told) or 'nothing'}"
        self.report("unknown-name", message, node, remedy)
        return False

    def _is_known(self, node: Node, words: Collection[str]) -> bool:
        """Whether some record that belongs to somebody has all these fields, as texts."""
        if self.interfaces is None:
            return True
        owned = [one for one in self.interfaces.records.values() if one.owner not in ("", "nobody")]
        fields = [{name for name, one in each.fields.items() if isinstance(one.type, Text)} for each in owned]
        if any(set(words) <= each for each in fields):
            return True
        all_fields = sorted(set().union(*fields))
        stray = next((word for word in words if word not in all_fields), None)
        message = (
            f"no record of a customer has the text {shown(stray)}"
            if stray is not None
            else "no record of a customer has all of these fields"
        )
        self.report("unknown-name", message, node, f"there are: {', '.join(all_fields)}")
        return False

    def _calendar(self, keys: Keys) -> Calendar:
        zone, days = (
            keys.scalar("time_zone"),
            [read_scalar(node, self.problems) for node in keys.items("business_days")],
        )
        words = []
        for day in days:
            if day and day.text in WEEKDAYS:
                words.append(day.text)
            elif day:
                self.problems.append(unknown_word(day, WEEKDAYS))
        holidays = [found for node in keys.items("holidays") if (found := read_date(node, self.problems))]
        try:
            return Calendar.of(zone.text if zone else "UTC", words or WEEKDAYS[:5], holidays)
        except Malformed as error:
            if zone:
                self.report("wrong-type", f"{shown(zone.text)} is no time zone", zone, error.remedy)
            return Calendar.of("UTC")

    def _queues(self, keys: Keys) -> dict[str, str]:
        queues = {
            entry.key.text: read_text(entry.value, self.problems) or "" for entry in keys.named("queues")
        }
        node = keys.get("queues")
        if isinstance(node, MappingNode) and "default" not in queues:
            remedy = "add it: it takes the tickets that no playbook handles"
            self.report("missing-word", "'default' is missing here", node, remedy)
        return queues

    def _team(self, entry: Entry) -> Team:
        keys = Keys(
            entry.value, self.problems, required=TEAM.required, optional=TEAM.optional, lines=TEAM.lines
        )
        members = []
        for node in keys.items("members"):
            member = read_scalar(node, self.problems)
            if member and ("@" not in member.text.strip("@") or " " in member.text):
                self.problems.append(wrong_value(member, "an e-mail address"))
            elif member:
                members.append(member.text.strip().lower())
        if not keys.items("members") and "members" in keys:
            self.report(
                "missing-word",
                f"team '{entry.key.text}' has no members",
                entry.key,
                "name at least one person",
            )
        return Team(tuple(members), keys.yes_no("four_eyes", default=False))

    def _amounts(self, node: Node) -> dict[str, Money]:
        """`{EUR: 50, USD: 55}`."""
        if not isinstance(node, MappingNode):
            self.report(
                "wrong-type",
                "this needs an amount for each currency",
                node,
                "write it like {EUR: 50, USD: 55}",
            )
            return {}
        found = {}
        for entry in node.entries:
            number = read_decimal(entry.value, self.problems)
            if number is None:
                continue
            try:
                found[entry.key.text] = Money.of(number, entry.key.text)
            except Malformed as error:
                self.report("wrong-type", error.problem.rstrip("."), entry.key, error.remedy)
        return found

    # -- actions --------------------------------------------------------------------------------------------------

    def _action(self, entry: Entry, limits: Collection[str]) -> ActionPolicy:
        keys = Keys(entry.value, self.problems, optional=ACTION.names)
        self._offered(entry.key, entry.key.text)
        spec = self.interfaces.action(entry.key.text) if self.interfaces else None
        if spec and spec.effect == "money" and "approval_above" not in keys:
            message = f"policy.yaml does not say above what {entry.key.text} needs approval"
            self.report(
                "no-approval-policy", message, entry.key, "add 'approval_above:' with a limit, or 'never'"
            )
        caps = {key: self._amounts(node) for key in _CAPS if (node := keys.get(key))}
        identity = Level(keys.one_of("identity", [*Level], Level.ANONYMOUS))
        return ActionPolicy(self._approval_above(keys, limits), identity=identity, **caps)

    def _offered(self, place: Node, action: str) -> None:
        if self.interfaces is None or self.interfaces.action(action):
            return
        interface = action.partition(".")[0]
        if interface in self.interfaces.known and interface not in self.interfaces.bound:
            message = f"interface '{interface}' is bound to no connection, so this holds for nothing yet"
            remedy = "add it under 'interfaces:' in the configuration"
            self.problems.append(
                Problem("not-bound", message, place.where, place.length, help=remedy, severity="note")
            )
            return
        near = nearest(action, self.interfaces.offered_actions())
        remedy = (
            f"did you mean '{near}'?"
            if near
            else f"offered here: {', '.join(self.interfaces.offered_actions())}"
        )
        message = f"no interface has {shown(action)}, or the connector bound to it does not offer it"
        only = only_near(action, self.interfaces.offered_actions())
        self.report("unknown-action", message, place, remedy, only)

    def _approval_above(self, keys: Keys, limits: Collection[str]) -> dict[str, str]:
        node = keys.get("approval_above")
        if isinstance(node, MappingNode):
            if node.get("otherwise") is None:
                self.report(
                    "missing-word",
                    "'otherwise' is missing here",
                    node,
                    "say what holds for the other playbooks",
                )
            return {entry.key.text: self._limit(entry.value, limits) for entry in node.entries}
        return {"otherwise": self._limit(node, limits)} if node is not None else {}

    def _limit(self, node: Node, limits: Collection[str]) -> str:
        scalar = read_scalar(node, self.problems)
        if scalar is None:
            return NEVER
        if scalar.text != NEVER and scalar.text not in limits:
            near = nearest(scalar.text, [*limits, NEVER])
            remedy = f"did you mean '{near}'?" if near else "add it under 'limits:', or write 'never'"
            only = only_near(scalar.text, [*limits, NEVER])
            self.report(
                "unknown-limit", f"policy.yaml has no limit {shown(scalar.text)}", scalar, remedy, only
            )
        return scalar.text

    # -- the rest -------------------------------------------------------------------------------------------------

    def _customer_fields(self, keys: Keys) -> dict[str, CustomerField]:
        found = {}
        for entry in keys.named("customer_fields"):
            inner = Keys(
                entry.value, self.problems, required=CUSTOMER_FIELD.required, lines=CUSTOMER_FIELD.lines
            )
            scalar = inner.scalar("type")
            type_ = read_type(scalar, DeclaredNames(), self.problems) if scalar else None
            if scalar and isinstance(type_, Secret | ListOf):
                self.report(
                    "wrong-type", f"a field of the customer cannot be {type_}", scalar, "use a plain type"
                )
            sources = {one.key.text: self._source(one.value) for one in inner.entries("from")}
            if type_:
                found[entry.key.text] = CustomerField(type_, sources)
        return found

    def _source(self, node: Node) -> str:
        scalar = read_scalar(node, self.problems)
        if scalar and not scalar.text.startswith(_FROM_USER):
            self.problems.append(wrong_value(scalar, "user.KEY, organisation.KEY or tag.NAME"))
        return scalar.text if scalar else ""

    def _stop(self, keys: Keys) -> frozenset[str]:
        found = set()
        for node in keys.items("stop"):
            word = read_scalar(node, self.problems)
            if word is None:
                continue
            kind, _, name = word.text.partition(":")
            if word.text != "all" and (kind not in ("action", "playbook") or not name):
                self.problems.append(wrong_value(word, "all, action:NAME or playbook:NAME"))
            elif kind == "action":
                self._offered(word, name)
            found.add(word.text)
        return frozenset(found)

    def _length(self, keys: Keys, name: str, default: timedelta) -> timedelta:
        scalar = keys.scalar(name) if name in keys else None
        return (read_duration(scalar, self.problems) if scalar else None) or default

    def _texts(self, entry: Entry) -> Mapping[str, str]:
        if not isinstance(entry.value, MappingNode):
            self.report("wrong-type", "this needs a text for each language", entry.value, "write 'en: TEXT'")
            return {}
        return {one.key.text: read_prose(one.value, self.problems) or "" for one in entry.value.entries}
