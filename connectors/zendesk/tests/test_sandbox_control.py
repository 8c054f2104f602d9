"""The sandbox's outside world: customers, agents, faults, state, and the same over HTTP."""

import asyncio
import threading

import httpx
import pytest

from connectors.zendesk.sandbox import ZendeskSandbox, ZendeskSandboxSettings
from connectors.zendesk.tests.sandbox_callers import Receiver, http_on
from resolver.errors import Malformed, NotFound, Refused


@pytest.fixture
def sandbox():
    with ZendeskSandbox() as running:
        yield running


@pytest.fixture
def number(sandbox):
    return sandbox.customer_writes("ann@example.com", "Ann Lee", "Mug", "The mug arrived broken.")


def last_comment(sandbox: ZendeskSandbox, number: int) -> dict:
    return sandbox.ticket(number)["comments"][-1]


def test_mail_of_a_new_sender_makes_a_user_and_a_ticket_with_evidence(sandbox, number):
    ticket = sandbox.ticket(number)

    assert ticket["requester"]["verified"] is True
    assert (ticket["channel"], ticket["status"]) == ("email", "new")
    assert ticket["comments"][0]["author_id"] == ticket["requester"]["id"]
    assert ticket["comments"][0]["flags"] == []
    with http_on(sandbox) as api:
        assert "flags" not in api.get(f"/tickets/{number}/comments").json()["comments"][0]["metadata"]


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        ({"auto_submitted": True}, [4]),
        ({"channel": "form"}, [3]),
        ({"verified": False}, [22]),
        ({"flags": (21, 14)}, [14, 21]),
        ({"channel": "web", "verified": False}, []),
    ],
)
def test_what_the_helpdesk_doubts_stands_in_the_flags(sandbox, given, flags):
    number = sandbox.customer_writes("bo@example.com", "Bo", "Hi", "Hello", **given)

    assert last_comment(sandbox, number)["flags"] == flags
    with http_on(sandbox) as api:
        metadata = api.get(f"/tickets/{number}/comments").json()["comments"][0]["metadata"]
        assert metadata.get("flags", []) == flags


@pytest.mark.parametrize(
    ("channel", "shown"),
    [("email", "email"), ("web", "web"), ("api", "api"), ("messaging", "native_messaging")],
)
def test_every_channel_has_the_vendors_word(sandbox, channel, shown):
    number = sandbox.customer_writes("bo@example.com", "Bo", "Hi", "Hello", channel=channel)

    assert sandbox.ticket(number)["channel"] == shown


@pytest.mark.parametrize("status", ["pending", "hold", "solved"])
def test_an_answer_of_the_requester_reopens(sandbox, number, status):
    sandbox.set_status(number, status)

    sandbox.customer_writes("ann@example.com", text="Any news?", ticket=number)

    assert sandbox.ticket(number)["status"] == "open"
    assert last_comment(sandbox, number)["public"] is True


def test_an_answer_to_a_closed_ticket_starts_a_follow_up(sandbox, number):
    sandbox.close(number)

    other = sandbox.customer_writes("ann@example.com", text="Once more", ticket=number)

    assert other != number
    assert sandbox.ticket(other)["followup_of"] == number
    assert sandbox.ticket(number)["status"] == "closed"
    with http_on(sandbox) as api:
        assert api.get(f"/tickets/{number}").json()["ticket"]["followup_ids"] == [other]


def test_a_person_on_copy_answers_publicly_and_a_stranger_privately(sandbox):
    number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello", cc=["bo@example.com"])

    sandbox.customer_writes("bo@example.com", "Bo", text="yes", ticket=number)
    on_copy = last_comment(sandbox, number)
    sandbox.customer_writes("eve@example.com", "Eve", text="yes", ticket=number)
    stranger = last_comment(sandbox, number)

    assert (on_copy["public"], on_copy["flags"], on_copy["author"]) == (True, [], "Bo")
    assert (stranger["public"], stranger["flags"]) == (False, [2, 17])


def test_blank_lines_of_a_mail_stay(sandbox):
    number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello,\n\nit <broke>.\n\nAnn")

    comment = last_comment(sandbox, number)
    assert comment["body"] == "Hello,\n\nit <broke>.\n\nAnn"
    assert "<p>it &lt;broke&gt;.</p>" in comment["html_body"]


def test_agents_write_assign_tag_and_change_the_requester(sandbox, number):
    sandbox.assign(number, agent="tom.okafor@acme.example", group="Refunds")
    sandbox.agent_writes(number, "Looking into it.", agent="Tom Okafor", status="pending")
    sandbox.tag(number, add=["no_resolver"])
    sandbox.change_requester(number, "bo@example.com", "Bo")

    ticket = sandbox.ticket(number)
    assert (ticket["assignee"], ticket["group"], ticket["status"]) == ("Tom Okafor", "Refunds", "pending")
    assert ticket["tags"] == ["no_resolver"]
    assert ticket["requester"]["email"] == "bo@example.com"
    assert ticket["comments"][-1]["staff"] is True
    assert all(audit["author_id"] != sandbox.bot_id for audit in ticket["audits"])


def test_users_and_organizations_carry_fields_and_tags(sandbox, number):
    sandbox.add_field("VIP level", of="user")
    sandbox.add_organization("Ceramics Ltd", tags=["no_resolver"], fields={"contract": "gold"})
    user = sandbox.set_user(
        "ann@example.com",
        tags=["vip"],
        user_fields={"vip_level": "2"},
        organization="Ceramics Ltd",
        verified=False,
    )

    with http_on(sandbox) as api:
        shown = api.get(f"/users/{user}").json()["user"]
        organization = api.get(f"/organizations/{shown['organization_id']}").json()["organization"]
        identities = api.get(f"/users/{user}/identities").json()["identities"]

    assert (shown["verified"], shown["tags"], shown["user_fields"]) == (False, ["vip"], {"vip_level": "2"})
    assert (organization["tags"], organization["organization_fields"]) == (
        ["no_resolver"],
        {"contract": "gold"},
    )
    assert [(identity["value"], identity["verified"]) for identity in identities] == [
        ("ann@example.com", False)
    ]


def test_merging_and_deleting_from_outside(sandbox, number):
    other = sandbox.customer_writes("ann@example.com", "Ann", "Again", "Same")

    sandbox.merge([other], into=number)
    sandbox.delete(number)

    assert sandbox.ticket(other)["merged_into"] == number
    assert sandbox.ticket(number)["deleted"] is True


def test_what_cannot_be_done_is_said_in_our_errors(sandbox, number):
    with pytest.raises(NotFound, match="no ticket 77"):
        sandbox.ticket(77)
    with pytest.raises(NotFound, match="there are Mara Lind"):
        sandbox.assign(number, agent="Nobody")
    with pytest.raises(NotFound, match="there are Support"):
        sandbox.assign(number, group="Nowhere")
    with pytest.raises(Malformed, match="no fault"):
        sandbox.fault("explode")
    with pytest.raises(Malformed, match="no status"):
        sandbox.set_status(number, "done")
    with pytest.raises(NotFound, match="ever delivered"):
        sandbox.redeliver(number)
    sandbox.close(number)
    with pytest.raises(Refused, match="closed"):
        sandbox.agent_writes(number, "Too late")


def test_a_dropped_connection_hides_that_the_update_was_done(sandbox, number):
    sandbox.fault("drop", method="PUT", path="/api/v2/tickets/*.json")

    with http_on(sandbox) as api:
        with pytest.raises(httpx.TransportError):
            api.put(f"/tickets/{number}", json={"ticket": {"comment": {"body": "Refunded."}}})
        assert last_comment(sandbox, number)["body"] == "Refunded."

        assert api.put(f"/tickets/{number}", json={"ticket": {"priority": "low"}}).status_code == 200


def test_a_connection_dropped_before_executes_nothing(sandbox, number):
    sandbox.fault("drop_before", method="PUT")

    with http_on(sandbox) as api, pytest.raises(httpx.TransportError):
        api.put(f"/tickets/{number}", json={"ticket": {"priority": "low"}})

    assert sandbox.ticket(number)["priority"] is None


@pytest.mark.parametrize(
    ("kind", "status", "executed"),
    [
        ("error_before", 500, False),
        ("error_after", 500, True),
        ("throttle", 429, False),
        ("malformed", 200, True),
    ],
)
def test_spoiled_answers(sandbox, number, kind, status, executed):
    sandbox.fault(kind, method="PUT", times=1)

    with http_on(sandbox) as api:
        answer = api.put(f"/tickets/{number}", json={"ticket": {"priority": "low"}})

    assert answer.status_code == status
    assert (sandbox.ticket(number)["priority"] == "low") is executed
    if kind == "malformed":
        with pytest.raises(ValueError, match="Unterminated"):
            answer.json()
    if kind == "throttle":
        assert answer.headers["Retry-After"] == "30"


def test_a_slow_answer_runs_into_the_callers_time_out(sandbox, number):
    sandbox.fault("slow", milliseconds=400)

    with http_on(sandbox) as api:
        with pytest.raises(httpx.ReadTimeout):
            api.get(f"/tickets/{number}", timeout=0.1)
        sandbox.clear_faults()
        assert api.get(f"/tickets/{number}").status_code == 200


def test_everything_is_still_there_after_a_restart(tmp_path):
    settings = ZendeskSandboxSettings(state=tmp_path / "deep" / "zendesk.sqlite")
    with ZendeskSandbox(settings) as first:
        number = first.customer_writes("ann@example.com", "Ann", "Mug", "Hello", cc=["bo@example.com"])
        first.agent_writes(number, "Hi")
        webhook = first.register_webhook("http://127.0.0.1:1/hook")
        before, credentials = first.ticket(number), (first.client_id, first.client_secret)

    with ZendeskSandbox(settings) as second:
        assert second.ticket(number) == before
        assert (second.client_id, second.client_secret) == credentials
        assert [(w["id"], w["secret"]) for w in second.describe()["webhooks"]] == [webhook]
        assert second.customer_writes("ann@example.com", text="More", ticket=number) == number
        assert second.customer_writes("ann@example.com", "Ann", "Other", "More") == number + 1


def test_what_was_not_delivered_is_delivered_after_a_restart(tmp_path):
    settings = ZendeskSandboxSettings(state=tmp_path / "zendesk.sqlite")
    with Receiver() as receiver:
        with ZendeskSandbox(settings) as first:
            first.register_webhook(receiver.url, subscriptions=["ticket.created"])
            first.pause_deliveries()
            first.customer_writes("ann@example.com", "Ann", "Mug", "Hello")

        with ZendeskSandbox(settings) as second:
            assert second.idle()

        assert receiver.kinds == ["ticket.created"]


def test_a_damaged_state_file_is_named(tmp_path):
    path = tmp_path / "zendesk.sqlite"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 40)

    with pytest.raises(Malformed, match=r"zendesk\.sqlite"):
        ZendeskSandbox(ZendeskSandboxSettings(state=path))


def test_a_port_in_use_is_named(sandbox):
    port = int(sandbox.url.rsplit(":", 1)[1])

    second = ZendeskSandbox(ZendeskSandboxSettings(port=port))
    with pytest.raises(Malformed, match=str(port)):
        second.start()
    second.stop()


async def test_many_instances_live_in_one_process():
    async with ZendeskSandbox(ZendeskSandboxSettings(subdomain="one")) as one, ZendeskSandbox() as two:
        number = await asyncio.to_thread(one.customer_writes, "ann@example.com", "Ann", "Mug", "Hello")

        assert one.url != two.url
        assert one.ticket(number)["subject"] == "Mug"
        assert two.tickets() == []


def test_many_threads_write_at_once_and_nothing_is_lost(sandbox, number):
    def write(index: int) -> None:
        sandbox.customer_writes("ann@example.com", text=f"{index}", ticket=number)

    threads = [threading.Thread(target=write, args=(index,)) for index in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    bodies = {comment["body"] for comment in sandbox.ticket(number)["comments"][1:]}
    assert bodies == {str(index) for index in range(20)}


def control(sandbox: ZendeskSandbox, what: str, **arguments: object) -> httpx.Response:
    return httpx.post(f"{sandbox.url}/sandbox/{what}", json=arguments)


def test_another_process_does_the_same_over_http(sandbox):
    number = control(
        sandbox,
        "customer_writes",
        email="ann@example.com",
        name="Ann",
        subject="Mug",
        text="Hello",
        flags=[14],
    ).json()["result"]
    control(sandbox, "assign", ticket=number, group="Refunds")
    control(sandbox, "fault", kind="error_before", path="/api/v2/tickets/*")

    ticket = control(sandbox, "ticket", ticket=number).json()["result"]
    assert (ticket["group"], ticket["comments"][0]["flags"]) == ("Refunds", [14])
    assert control(sandbox, "idle", timeout_s=1).json() == {"result": True}
    with http_on(sandbox) as api:
        assert api.get(f"/tickets/{number}").status_code == 500
    assert "customer_writes" in httpx.get(f"{sandbox.url}/sandbox").json()["methods"]


@pytest.mark.parametrize(
    ("what", "arguments", "status"),
    [
        ("explode", {}, 404),
        ("ticket", {"ticket": 77}, 404),
        ("ticket", {"ticket": "x"}, 400),
        ("ticket", {}, 400),
        ("customer_writes", {"email": "a@example.com", "colour": "red"}, 400),
        ("customer_writes", {"email": "a@example.com", "channel": "pigeon"}, 400),
        ("customer_writes", {"email": "a@example.com", "text": ""}, 422),
    ],
)
def test_wrong_control_calls_say_what_is_wrong(sandbox, what, arguments, status):
    answer = control(sandbox, what, **arguments)

    assert answer.status_code == status
    assert set(answer.json()) == {"error", "remedy"}


def test_a_form_of_another_page_cannot_control_the_sandbox(sandbox):
    answer = httpx.post(
        f"{sandbox.url}/sandbox/tickets", content="{}", headers={"Content-Type": "text/plain"}
    )

    assert answer.status_code == 415


def test_another_host_name_is_not_served(sandbox):
    assert httpx.get(f"{sandbox.url}/", headers={"Host": "evil.example"}).status_code == 400


def test_describe_says_all_that_is_needed_to_connect(sandbox):
    described = sandbox.describe()

    assert described["url"] == sandbox.url
    assert described["bot"] == {"id": sandbox.bot_id, "email": "resolver@acme.example"}
    assert [group["name"] for group in described["groups"]][:2] == ["Support", "Orders"]
    assert len(described["agents"]) == 2
