"""The unmodified zenpy works against the sandbox."""

import pytest
from zenpy.lib.api_objects import Comment, Ticket, Trigger, User, Webhook
from zenpy.lib.exception import APIException, RecordNotFoundException

from connectors.zendesk.sandbox import ZendeskSandbox, ZendeskSandboxSettings
from connectors.zendesk.tests.sandbox_callers import Receiver, TooManyCalls, zenpy_on


@pytest.fixture
def sandbox():
    with ZendeskSandbox() as running:
        yield running


@pytest.fixture
def zenpy(sandbox):
    with zenpy_on(sandbox) as client:
        yield client


def test_a_ticket_is_read_with_its_requester(sandbox, zenpy):
    number = sandbox.customer_writes("ann@example.com", "Ann Lee", "Broken mug", "The mug arrived broken.")

    ticket = zenpy.tickets(id=number)

    assert (ticket.id, ticket.subject, ticket.status) == (number, "Broken mug", "new")
    assert ticket.via.channel == "email"
    assert ticket.requester.email == "ann@example.com"
    assert ticket.requester.verified is True


def test_an_unknown_ticket_is_not_found(zenpy):
    with pytest.raises(RecordNotFoundException):
        zenpy.tickets(id=999)


def test_comments_come_as_comments_page_by_page(sandbox, zenpy):
    number = sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "first")
    for index in range(104):
        sandbox.customer_writes("ann@example.com", text=f"more {index}", ticket=number)

    comments = list(zenpy.tickets.comments(number))

    assert len(comments) == 105
    assert (comments[0].body, comments[-1].body) == ("first", "more 103")
    assert all(comment.public for comment in comments)


def test_one_update_replies_solves_tags_and_carries_a_marker(sandbox, zenpy):
    number = sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "The mug arrived broken.")
    seen = zenpy.tickets(id=number)

    change = Ticket(id=number)
    change.comment = Comment(html_body="<p>Refunded.</p>", public=True)
    change.status = "solved"
    change.assignee_id = sandbox.bot_id
    change.additional_tags = ["refunded"]
    change.metadata = {"resolver_op": "op-1"}
    change.safe_update = True
    change.updated_stamp = seen.to_dict()["updated_at"]
    answer = zenpy.tickets.update(change)

    assert answer.ticket.status == "solved"
    assert answer.audit.metadata.custom == {"resolver_op": "op-1"}
    kept = sandbox.ticket(number)
    assert (kept["status"], kept["tags"]) == ("solved", ["refunded"])
    assert [comment["body"] for comment in kept["comments"]] == ["The mug arrived broken.", "Refunded."]
    assert [audit.to_dict()["metadata"]["custom"] for audit in zenpy.tickets.audits(ticket=number)] == [
        {},
        {"resolver_op": "op-1"},
    ]


def test_a_stale_safe_update_is_a_conflict_and_changes_nothing(sandbox, zenpy):
    number = sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "The mug arrived broken.")
    seen = zenpy.tickets(id=number).to_dict()["updated_at"]
    sandbox.advance(2)
    sandbox.agent_writes(number, "I take this one.", public=False)

    change = Ticket(id=number, safe_update=True, updated_stamp=seen)
    change.comment = Comment(body="Too late", public=True)
    with pytest.raises(APIException) as refused:
        zenpy.tickets.update(change)

    assert refused.value.response.status_code == 409
    assert len(sandbox.ticket(number)["comments"]) == 2


def test_the_hook_turns_a_429_into_an_exception_at_once():
    with ZendeskSandbox(ZendeskSandboxSettings(updates_per_minute=1)) as sandbox, zenpy_on(sandbox) as zenpy:
        number = sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "The mug arrived broken.")
        zenpy.tickets.update(Ticket(id=number, priority="high"))

        with pytest.raises(TooManyCalls) as refused:
            zenpy.tickets.update(Ticket(id=number, priority="low"))

        assert 0 < int(str(refused.value)) <= 60
        assert sandbox.ticket(number)["priority"] == "high"


def test_users_are_found_by_their_address(sandbox, zenpy):
    sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "Hello")

    found = list(zenpy.users.search(query="email:ANN@example.com"))

    assert [user.name for user in found] == ["Ann Lee"]
    assert isinstance(found[0], User)
    assert zenpy.users.me().id == sandbox.bot_id


def test_groups_fields_and_organizations_are_listed(sandbox, zenpy):
    sandbox.add_organization("Ceramics Ltd", tags=["vip"])

    assert [group.name for group in zenpy.groups()] == [
        "Support",
        "Orders",
        "Refunds",
        "Billing",
        "Retention",
    ]
    assert [field.title for field in zenpy.ticket_fields()] == ["Order number"]
    assert [organization.tags for organization in zenpy.organizations()] == [["vip"]]


def test_a_webhook_is_made_shown_changed_and_its_secret_read_and_reset(zenpy):
    wanted = Webhook(
        name="resolver",
        endpoint="http://127.0.0.1:9/hook",
        http_method="POST",
        request_format="json",
        status="active",
        subscriptions=["zen:event-type:ticket.created"],
    )

    made = zenpy.webhooks.create(wanted)
    first = zenpy.webhooks.show_secret(made).secret
    second = zenpy.webhooks.reset_secret(made).secret
    changed = zenpy.webhooks.update(made.id, Webhook(name="renamed"))

    assert len(made.id) == 26
    assert first != second
    assert zenpy.webhooks.show_secret(made).secret == second
    assert changed.status_code == 204
    assert [webhook.name for webhook in zenpy.webhooks.list()] == ["renamed"]


def test_a_delivery_can_be_looked_up_in_the_invocation_log(sandbox, zenpy):
    with Receiver() as receiver:
        webhook, _ = sandbox.register_webhook(receiver.url, subscriptions=["ticket.created"])
        sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "Hello")
        assert sandbox.idle()

        invocation = next(iter(zenpy.webhooks.invocations(webhook)))

        assert (invocation.status, invocation.status_code) == ("success", 200)
        attempts = zenpy.webhooks.invocation_attempts(webhook, invocation.id)
        assert len(list(attempts)) == 1


def test_a_trigger_is_made_and_deleted(sandbox, zenpy):
    webhook, _ = sandbox.register_trigger_webhook("http://127.0.0.1:9/hook")
    wanted = Trigger(
        title="Tell the resolver",
        conditions={"all": [{"field": "update_type", "operator": "is", "value": "Create"}], "any": []},
        actions=[{"field": "notification_webhook", "value": [webhook, '{"ticket":"{{ticket.id}}"}']}],
    )

    made = zenpy.triggers.create(wanted)
    assert [trigger.title for trigger in zenpy.triggers()] == ["Tell the resolver"]

    zenpy.triggers.delete(made)
    assert list(zenpy.triggers()) == []


def test_changed_tickets_are_exported_without_the_last_minute(sandbox, zenpy):
    number = sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "Hello")
    assert list(zenpy.tickets.incremental(start_time=1, paginate_by_time=False)) == []

    sandbox.advance(61)

    assert [t.id for t in zenpy.tickets.incremental(start_time=1, paginate_by_time=False)] == [number]


def test_tags_are_added_set_and_removed(sandbox, zenpy):
    number = sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "Hello")

    zenpy.tickets.add_tags(number, ["one", "two"])
    zenpy.tickets.delete_tags(number, ["one"])

    assert sandbox.ticket(number)["tags"] == ["two"]
