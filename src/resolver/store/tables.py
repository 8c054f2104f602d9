"""The tables of DESIGN "What is stored", neutral between SQLite and PostgreSQL.

Columns ending in `_sealed` hold ciphertext under the requester's key. Times are text, ISO 8601 in UTC.
Read by the queries of this package and by migrations; nobody else sees them.
"""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Sequence = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite numbers rows only in INTEGER columns

event = sa.Table(
    "event",
    metadata,
    sa.Column("seq", Sequence, primary_key=True, autoincrement=True),
    sa.Column("connection", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("ticket", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text),
    sa.Column("received_at", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # queued, done, dead
    sa.Column("ending", sa.Text),  # why it ended as it did, in one word
    sa.Column("ended_at", sa.Text),
    sa.UniqueConstraint("connection", "event_id"),
    sa.Index("ix_event_state", "state", "seq"),
    sa.Index("ix_event_ticket", "connection", "ticket"),
)

case = sa.Table(
    "case",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # connection:ticket
    sa.Column("connection", sa.Text, nullable=False),
    sa.Column("ticket", sa.Text, nullable=False),
    sa.Column("requester", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),  # canonical JSON without personal data
    sa.Column("run", sa.Text),  # the run that waits, if any
    sa.Column("opened_at", sa.Text, nullable=False),
    sa.Column("changed_at", sa.Text, nullable=False),
)

turn = sa.Table(
    "turn",
    metadata,
    sa.Column("seq", Sequence, primary_key=True, autoincrement=False),  # the event's
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("run", sa.Text),
    sa.Column("document", sa.Text, nullable=False),  # what it set out to do, before its first step
    sa.Column("draft_sealed", sa.LargeBinary),  # what it is going to say, while effects are under way
    sa.Column("state", sa.Text, nullable=False),  # running, closing, done
    sa.Column("began_at", sa.Text, nullable=False),
    sa.Index("ix_turn_case", "case", "state"),
)

reading = sa.Table(
    "reading",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("turn", Sequence, nullable=False, unique=True),
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("document_sealed", sa.LargeBinary, nullable=False),
)

run = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("playbook", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("disposition", sa.Text),
    sa.Column("facts_sealed", sa.LargeBinary, nullable=False),
    sa.Column("opened_at", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Text),
    sa.Index("ix_run_case", "case"),
)

UNSETTLED = ("open", "sent", "pending", "unknown")

effect = sa.Table(
    "effect",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("turn", Sequence, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("playbook", sa.Text, nullable=False),
    sa.Column("requester", sa.Text, nullable=False),
    sa.Column("connection", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("effect_class", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("record", sa.Text, nullable=False),  # connection|type|key of the action's record
    sa.Column("document_sealed", sa.LargeBinary, nullable=False),  # arguments and the checks they passed
    sa.Column("offer", sa.Text),
    sa.Column("pays_minor", sa.BigInteger),
    sa.Column("pays_currency", sa.Text),
    sa.Column("state", sa.Text, nullable=False),  # open, sent, done, refused, pending, unknown
    sa.Column("code", sa.Text),
    sa.Column("stopped_by", sa.Text),
    sa.Column("external_id", sa.Text),
    sa.Column("settled_how", sa.Text),  # answer, read_back, person
    sa.Column("gives_sealed", sa.LargeBinary),  # what a playbook names by `as`
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("intended_at", sa.Text, nullable=False),
    sa.Column(
        "sending", sa.Integer, nullable=False
    ),  # how often sending was begun: only the newest may undo it
    sa.Column("sent_at", sa.Text),  # when it may have left us first
    sa.Column("settled_at", sa.Text),
    sa.UniqueConstraint("turn", "n"),
    sa.UniqueConstraint("run", "step", "generation"),
    sa.Index("ix_effect_record", "record", "state"),
    sa.Index("ix_effect_action_day", "action", "day"),
    sa.Index("ix_effect_requester", "requester", "intended_at"),
)
sa.Index(
    "uq_effect_one_open_money_intent",
    effect.c.record,
    unique=True,
    sqlite_where=sa.and_(effect.c.effect_class == "money", effect.c.state.in_(UNSETTLED)),
    postgresql_where=sa.and_(effect.c.effect_class == "money", effect.c.state.in_(UNSETTLED)),
)

writeback = sa.Table(
    "writeback",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # writeback-TURN-N
    sa.Column("turn", Sequence, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("run", sa.Text),
    sa.Column("requester", sa.Text, nullable=False),
    sa.Column("document_sealed", sa.LargeBinary, nullable=False),
    sa.Column("public", sa.Boolean, nullable=False),
    sa.Column("progress", sa.Boolean, nullable=False),
    sa.Column("offer", sa.Text),
    sa.Column("state", sa.Text, nullable=False),  # open, sent, done, dropped, refused
    sa.Column("reason", sa.Text),
    sa.Column("message_id", sa.Text),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("intended_at", sa.Text, nullable=False),
    sa.Column("settled_at", sa.Text),
    sa.UniqueConstraint("turn", "n"),
    sa.Index("ix_writeback_case", "case", "intended_at"),
)

approval = sa.Table(
    "approval",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("offer", sa.Text, nullable=False),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("sheet_sealed", sa.LargeBinary, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default="approval"),  # or suggestion
    # waiting, approved, denied, void; suggestions: accepted, carried_out, rejected
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", sa.Text),
    sa.Column("asked_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
    sa.Index("ix_approval_state", "state"),
    sa.Index("ix_approval_run", "run"),
)

code = sa.Table(
    "code",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # code-TURN-N
    sa.Column("turn", Sequence, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("requester", sa.Text, nullable=False),
    sa.Column("contact", sa.Text),  # a digest under the installation's own key; none where nothing is sent
    sa.Column(
        "document_sealed", sa.LargeBinary, nullable=False
    ),  # whom it proves, and until it is sent where to
    sa.Column("salt", sa.Text, nullable=False),
    sa.Column("hash", sa.Text),  # of the code, salted and keyed; none where nothing is sent
    sa.Column("state", sa.Text, nullable=False),  # open, sent, done, failed, void
    sa.Column("reason", sa.Text),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("sent_at", sa.Text),  # when sending was begun last: its half hour counts from there
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Column("used_at", sa.Text),
    sa.UniqueConstraint("turn", "n"),
    sa.Index("ix_code_case", "case", "requester"),
    sa.Index("ix_code_contact_day", "contact", "day"),
)

code_answer = sa.Table(
    "code_answer",
    metadata,
    sa.Column("case", sa.Text, primary_key=True),
    sa.Column("message", sa.Text, primary_key=True),
    sa.Column("verdict", sa.Text, nullable=False),  # right, wrong, late
)

details_try = sa.Table(
    "details_try",
    metadata,
    sa.Column("case", sa.Text, primary_key=True),
    sa.Column("message", sa.Text, primary_key=True),
    sa.Column("record", sa.Text, primary_key=True),  # a digest under the installation's own key
    sa.Column("day", sa.Text, nullable=False),
    sa.Index("ix_details_try_record_day", "record", "day"),
)

identity = sa.Table(
    "identity",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # what proved it: a code's row, or a run's details
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("requester", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("proven_at", sa.Text, nullable=False),
    sa.Column("document_sealed", sa.LargeBinary, nullable=False),  # who it is: the record's owner
    sa.Index("ix_identity_case", "case", "requester"),
)

plan = sa.Table(
    "plan",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("playbook", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("stored_at", sa.Text, nullable=False),
)

policy = sa.Table(
    "policy",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("stored_at", sa.Text, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", Sequence, primary_key=True, autoincrement=True),
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("run", sa.Text),
    sa.Column("turn", Sequence),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("ix_audit_run", "run"),
    sa.Index("ix_audit_case", "case"),
)

turn_input = sa.Table(
    "turn_input",
    metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("turn", Sequence, primary_key=True, autoincrement=False),
    sa.Column("requester", sa.Text, nullable=False),  # whose key opens it
    sa.Column("document_sealed", sa.LargeBinary, nullable=False),  # facts, events and answers, for replay
)

measure = sa.Table(
    "measure",
    metadata,
    sa.Column("seq", Sequence, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("connection", sa.Text, nullable=False),
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("run", sa.Text),
    sa.Column("playbook", sa.Text),
    sa.Column("plan", sa.Text),
    sa.Column("channel", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("amount_minor", sa.BigInteger),
    sa.Column("currency", sa.Text),
    sa.Column("value", sa.Float),
    sa.Index("ix_measure_kind", "kind", "at"),
)

requester = sa.Table(
    "requester",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # connection:external id
    sa.Column("key_sealed", sa.LargeBinary),  # NULL after erasure: nothing of theirs can be read again
)

switch = sa.Table(
    "switch",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),  # all, playbook:ID, action:NAME
    sa.Column("thrown_by", sa.Text, nullable=False),
    sa.Column("thrown_at", sa.Text, nullable=False),
)

executor = sa.Table(
    "executor",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("beat_at", sa.Text, nullable=False),
)

installation = sa.Table(
    "installation",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
