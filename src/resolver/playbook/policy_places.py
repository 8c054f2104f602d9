"""Every key of `policy.yaml`, with what it takes and means, and the bounds and defaults that hold there.

The one home of these words: `policy_reader` reads by them, the reference page prints them. The examples are one policy,
which a test checks whole.
"""

from datetime import timedelta

from resolver.source.place import Key, Place, one_of
from resolver.ticket import Level, Status

PATIENCE = timedelta(days=3)
CODE_LASTS = timedelta(hours=24)
RUNS_PER_CASE, MOST_RUNS_PER_CASE = 4, 10
OPT_OUT_TAG = "no_resolver"
STATUS_AT_END = Status.SOLVED
END_STATUSES = (Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.SOLVED)
NEVER, ALWAYS = "never", "always"

_AMOUNTS = "an amount for each currency, such as `{EUR: 50, USD: 55}`"
_TEXTS = "for each sentence a text in every language"

POLICY = Place(
    "The policy",
    "at the left margin of `policy.yaml` in the folder of playbooks",
    (
        Key("policy", "`1`", "The version of the policy's language."),
        Key(
            "time_zone",
            "a time zone such as `Europe/Berlin`",
            "Where days begin and clock times are read.",
        ),
        Key(
            "business_days",
            "a list of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`",
            "The days that count as business days.",
            "`[mon, tue, wed, thu, fri]`",
        ),
        Key("holidays", "a list of days such as `2026-12-25`", "Days that are no business days.", "none"),
        Key(
            "queues",
            "our name for each queue, with the helpdesk's group",
            "Where tickets are handed to; `default` takes what no playbook handles and must be there.",
        ),
        Key("teams", "a name for each team", "Who may approve.", "none"),
        Key("identity", "keys of its own", "How customers are known.", "only by what a channel proves"),
        Key(
            "limits",
            f"a name for each limit, with {_AMOUNTS}",
            "Amounts that playbooks compare with as `limits.NAME`.",
            "none",
        ),
        Key(
            "actions",
            "an action each, with keys of its own",
            "What may leave the shop by an action; an action that moves money must stand here.",
            "no action that moves money may be used",
        ),
        Key(
            "customer_fields",
            "a name for each field",
            "What the helpdesk knows of customers, as `customer.NAME`.",
            "none",
        ),
        Key(
            "stop",
            "a list of `all`, `action:NAME` and `playbook:NAME`",
            "The kill switch that stands in the file; `resolver pause` is the one at hand.",
            "`[]`",
        ),
        Key(
            "patience",
            "a length of time such as `3 days`",
            "How long a customer's answer is waited for.",
            f"`{PATIENCE.days} days`",
        ),
        Key(
            "code_lasts",
            "a length of time such as `24 hours`",
            "How long somebody who sent the right code counts as proven.",
            f"`{CODE_LASTS // timedelta(hours=1)} hours`",
        ),
        Key(
            "runs_per_case",
            f"a whole number from 1 to {MOST_RUNS_PER_CASE}",
            "How many requests of one ticket are served; more go to people.",
            f"`{RUNS_PER_CASE}`",
        ),
        Key(
            "confirm",
            f"`{ALWAYS}`",
            "Every action needs the customer's yes, not only those that demand it.",
            "as the interfaces demand",
        ),
        Key(
            "opt_out_tag",
            "a tag",
            "Tickets, customers and organisations that carry it are left to people.",
            f"`{OPT_OUT_TAG}`",
        ),
        Key(
            "status_at_end",
            one_of(END_STATUSES),
            "The ticket's status after a run that ends without a handoff.",
            f"`{STATUS_AT_END}`",
        ),
        Key(
            "texts",
            _TEXTS,
            "Our own sentences in your words; which there are stands under [sentences](#our-own-sentences).",
            "our own words",
        ),
    ),
    """\
policy: 1
time_zone: Europe/Berlin
business_days: [mon, tue, wed, thu, fri, sat]
holidays: [2026-12-25, 2027-01-01]
queues:
  default: Support
  orders: Orders
  refunds: Refunds
limits:
  refund_without_approval: {EUR: 50, USD: 55}
  cancel_without_approval: {EUR: 150, USD: 160}
  valuable_order: {EUR: 300, USD: 320}
stop: ["action:shop.cancel_order"]
patience: 4 days
code_lasts: 12 hours
runs_per_case: 3
confirm: always
opt_out_tag: people_only
status_at_end: solved
texts:
  handed_off: {en: "Thank you. One of us writes to you here.", de: "Danke. Jemand von uns schreibt Ihnen hier."}
""",
)

IDENTITY = Place(
    "How customers are known",
    "below `identity:` of the policy",
    (
        Key(
            "trust_email",
            "`yes` or `no`",
            "An e-mail that the helpdesk has verified proves who wrote.",
            "`no`",
        ),
        Key(
            "matched_may_see",
            "`yes` or `no`",
            f"What is private may be shown from `{Level.MATCHED}` on.",
            f"`no`: from `{Level.VERIFIED}` on",
        ),
        Key(
            "details",
            "a list of ways, such as `[email]`, `[name, postcode]` or `2 of [name, phone, pin]`",
            f"Fields of a record by which a customer is known as `{Level.MATCHED}`.",
            "nobody is known by details",
        ),
        Key(
            "account",
            "a look-up, such as `billing.subscription`",
            "Finds the customer by `details`, which are then its arguments, where no record is named.",
            "`details` are fields of the records that playbooks look up",
        ),
        Key(
            "details_tries",
            "a whole number from 2 to 20",
            "How often a day the details of one record may be named wrongly, from whatever ticket; then none fit.",
            "6",
        ),
    ),
    """\
identity:
  trust_email: yes
  matched_may_see: no
  account: billing.subscription
  details: [[email]]
  details_tries: 4
""",
)

TEAM = Place(
    "A team",
    "below `teams: NAME:` of the policy",
    (
        Key("members", "a list of e-mail addresses", "Who may say yes, by the address they sign in with."),
        Key("four_eyes", "`yes` or `no`", "Whoever wrote the playbook may not approve what it does.", "`no`"),
    ),
    """\
teams:
  team_leads:
    members: [lea@acme.example, sam@acme.example]
    four_eyes: yes
""",
)

ACTION = Place(
    "What an action may do",
    "below `actions: ACTION:` of the policy",
    (
        Key(
            "approval_above",
            f"the name of a limit, `{NEVER}`, or `{{PLAYBOOK: LIMIT, otherwise: LIMIT}}`",
            "Above this amount a playbook must ask a team.",
            "required where the action moves money",
        ),
        Key(
            "identity",
            one_of(Level),
            "How far the customer must be proven; it never lowers what the interface demands.",
            "as the interface demands",
        ),
        Key("per_ticket", _AMOUNTS, "The most that leaves for one ticket.", "no cap"),
        Key("per_customer_and_day", _AMOUNTS, "The most that leaves for one customer a day.", "no cap"),
        Key("per_day", _AMOUNTS, "The most that leaves a day.", "no cap"),
    ),
    """\
actions:
  shop.refund:
    approval_above: {send_back: refund_without_approval, otherwise: never}
    identity: verified
    per_ticket: {EUR: 200, USD: 220}
    per_customer_and_day: {EUR: 200, USD: 220}
    per_day: {EUR: 5000, USD: 5500}
  shop.cancel_order:
    approval_above: cancel_without_approval
""",
)

CUSTOMER_FIELD = Place(
    "A field of the customer",
    "below `customer_fields: NAME:` of the policy",
    (
        Key("type", "a [type](#types), but no list and no secret", "What it holds."),
        Key(
            "from",
            "for each helpdesk connection `user.KEY`, `organisation.KEY` or `tag.NAME`",
            "Where the helpdesk keeps it; a field that customers can edit themselves is refused.",
        ),
    ),
    """\
customer_fields:
  vip:
    type: yes/no
    from: {zendesk: organisation.vip}
""",
)

PLACES = (POLICY, IDENTITY, TEAM, ACTION, CUSTOMER_FIELD)
