"""What the imitated API does with tickets, seen over plain HTTP."""

import httpx
import pytest

from connectors.zendesk.sandbox import ZendeskSandbox, ZendeskSandboxSettings
from connectors.zendesk.tests.sandbox_callers import http_on


@pytest.fixture
def sandbox():
    with ZendeskSandbox() as running:
        yield running


@pytest.fixture
def api(sandbox):
    with http_on(sandbox) as client:
        yield client


@pytest.fixture
def number(sandbox):
    return sandbox.customer_writes("ann@example.com", "Ann Lee", "Broken mug", "The mug arrived broken.")


def put(api: httpx.Client, number: int, **ticket: object) -> httpx.Response:
    return api.put(f"/tickets/{number}", json={"ticket": ticket})


def test_the_suffix_json_changes_nothing(api, number):
    assert api.get(f"/tickets/{number}.json").json() == api.get(f"/tickets/{number}").json()


def test_an_idempotent_creation_is_answered_from_memory(api):
    body = {"ticket": {"subject": "Hi", "comment": {"body": "Hello"}}}
    key = {"Idempotency-Key": "k-1"}

    first = api.post("/tickets", json=body, headers=key)
    again = api.post("/tickets", json=body, headers=key)
    other = api.post("/tickets", json={"ticket": {"comment": {"body": "Other"}}}, headers=key)

    assert (first.status_code, first.headers["x-idempotency-lookup"]) == (201, "miss")
    assert (again.status_code, again.headers["x-idempotency-lookup"]) == (201, "hit")
    assert again.json() == first.json()
    assert other.status_code == 400
    assert api.get("/tickets").json()["count"] == 1


def test_an_idempotency_key_is_forgotten_after_two_hours(sandbox, api):
    body = {"ticket": {"comment": {"body": "Hello"}}}
    api.post("/tickets", json=body, headers={"Idempotency-Key": "k-1"})

    sandbox.advance(2 * 60 * 60 + 1)
    with http_on(sandbox) as later:
        again = later.post("/tickets", json=body, headers={"Idempotency-Key": "k-1"})

        assert again.headers["x-idempotency-lookup"] == "miss"
        assert later.get("/tickets").json()["count"] == 2


def test_a_new_ticket_can_be_made_for_a_new_person(api):
    ticket = {"comment": {"body": "On behalf"}, "requester": {"name": "Bo", "email": "bo@example.com"}}

    made = api.post("/tickets", json={"ticket": ticket}).json()["ticket"]

    assert made["via"]["channel"] == "api"
    assert made["requester_id"] != made["submitter_id"]
    assert api.get(f"/users/{made['requester_id']}").json()["user"]["email"] == "bo@example.com"


def test_tickets_are_found_by_external_id(api, number):
    put(api, number, external_id="op-7")

    assert [t["id"] for t in api.get("/tickets", params={"external_id": "op-7"}).json()["tickets"]] == [
        number
    ]
    assert api.get("/tickets", params={"external_id": "op-8"}).json()["tickets"] == []


def test_every_part_of_an_update_shows_in_ticket_and_audit(sandbox, api, number):
    group = next(g["id"] for g in api.get("/groups").json()["groups"] if g["name"] == "Refunds")
    field = api.get("/ticket_fields").json()["ticket_fields"][0]["id"]

    answer = put(
        api,
        number,
        status="pending",
        priority="high",
        type="question",
        group_id=group,
        assignee_id=sandbox.bot_id,
        custom_fields=[{"id": field, "value": "A-1001"}],
        additional_tags=["asked", "Two Words"],
        metadata={"resolver_run": "r1"},
        comment={"body": "Which order?", "public": False},
    ).json()

    ticket, audit = answer["ticket"], answer["audit"]
    assert (ticket["status"], ticket["priority"], ticket["type"]) == ("pending", "high", "question")
    assert (ticket["group_id"], ticket["assignee_id"]) == (group, sandbox.bot_id)
    assert ticket["custom_fields"] == ticket["fields"] == [{"id": field, "value": "A-1001"}]
    assert ticket["tags"] == ["asked", "two_words"]
    assert audit["metadata"]["custom"] == {"resolver_run": "r1"}
    assert audit["events"][0]["type"] == "Comment"
    assert audit["events"][0]["id"] == api.get(f"/tickets/{number}/comments").json()["comments"][1]["id"]
    changed = {event.get("field_name") for event in audit["events"][1:]}
    assert changed == {"status", "priority", "type", "group_id", "assignee_id", "tags", str(field)}


def test_sending_only_the_id_changes_only_the_time(sandbox, api, number):
    before = api.get(f"/tickets/{number}").json()["ticket"]
    sandbox.advance(5)

    after = put(api, number, id=number).json()["ticket"]

    moved = {key for key in after if after[key] != before[key]}
    assert moved <= {"updated_at", "generated_timestamp"}


def test_a_closed_ticket_takes_no_update(sandbox, api, number):
    sandbox.close(number)

    refused = put(api, number, priority="low")

    assert refused.status_code == 422
    assert refused.json()["error"] == "RecordInvalid"
    assert "closed" in refused.json()["details"]["status"][0]["description"]


@pytest.mark.parametrize("safe", [True, False])
def test_a_safe_update_with_the_right_stamp_goes_through_whatever_its_value(api, number, safe):
    seen = api.get(f"/tickets/{number}").json()["ticket"]["updated_at"]

    assert put(api, number, priority="low", safe_update=safe, updated_stamp=seen).status_code == 200


@pytest.mark.parametrize("safe", [True, False])
def test_a_safe_update_with_an_old_stamp_is_a_conflict_even_when_false(sandbox, api, number, safe):
    old = "2020-01-01T00:00:00Z"

    refused = put(api, number, priority="low", safe_update=safe, updated_stamp=old)

    assert refused.status_code == 409
    assert sandbox.ticket(number)["priority"] is None


def test_a_change_within_the_same_second_is_not_noticed(api, number):
    """The vendor's stamps are whole seconds; tried again in the rare case that a second ends in between."""
    for _ in range(5):
        seen = api.get(f"/tickets/{number}").json()["ticket"]["updated_at"]
        between = put(api, number, additional_tags=["x"]).json()["ticket"]["updated_at"]
        if between == seen:
            break

    assert put(api, number, priority="low", safe_update=True, updated_stamp=seen).status_code == 200
    assert len(seen) == len("2026-11-23T08:00:00Z")


def test_solving_needs_an_assignee(sandbox, api, number):
    refused = put(api, number, status="solved")

    assert refused.status_code == 422
    assert (
        put(api, number, status="solved", assignee_id=sandbox.bot_id).json()["ticket"]["status"] == "solved"
    )


def test_solving_may_need_no_assignee_where_the_account_says_so():
    with (
        ZendeskSandbox(ZendeskSandboxSettings(solving_needs_assignee=False)) as sandbox,
        http_on(sandbox) as api,
    ):
        number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello")

        assert put(api, number, status="solved").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "done"},
        {"priority": "asap"},
        {"assignee_id": 1},
        {"group_id": 1},
        {"comment": {"body": "x", "author_id": 1}},
        {"updated_stamp": "yesterday", "safe_update": True},
    ],
)
def test_a_value_that_cannot_be_stored_is_refused_and_nothing_changes(sandbox, api, number, wrong):
    before = sandbox.ticket(number)

    refused = put(api, number, **wrong, additional_tags=["half"])

    assert refused.status_code == 422
    assert sandbox.ticket(number) == before


@pytest.mark.parametrize("body", ['{"ticket": ', '"text"', '{"ticket": 1}', "{}", '{"ticket": {"tags": 7}}'])
def test_a_body_that_is_no_ticket_is_a_400(api, number, body):
    assert api.put(f"/tickets/{number}", content=body).status_code == 400


def test_unknown_attributes_are_ignored(api, number):
    assert put(api, number, colour="green", priority="low").json()["ticket"]["priority"] == "low"


def test_placeholders_in_an_agents_text_are_expanded_and_unknown_ones_vanish(api, number):
    text = "<p>Hi {{ticket.requester.first_name}}{{nonsense}}, about #{{ticket.id}}: <code>{{ticket.id}}</code></p>"

    put(api, number, comment={"html_body": text, "public": True})

    last = api.get(f"/tickets/{number}/comments").json()["comments"][-1]
    assert last["body"] == "Hi Ann, about #1: {{ticket.id}}"


def test_a_customers_placeholders_and_escaped_ones_stay(sandbox, api):
    number = sandbox.customer_writes("ann@example.com", "Ann", "Hi", "{{ticket.id}} please")
    put(api, number, comment={"html_body": "<p>You wrote &#123;&#123;ticket.id}}</p>"})
    put(api, number, comment={"body": r"You wrote \{{ticket.id}}"})

    bodies = [comment["body"] for comment in api.get(f"/tickets/{number}/comments").json()["comments"]]
    assert bodies == ["{{ticket.id}} please", "You wrote {{ticket.id}}", "You wrote {{ticket.id}}"]


def test_a_plain_body_loses_its_tags_and_blank_lines(api, number):
    put(api, number, comment={"body": "Dear  Ann,\n\n\n<b>bye</b>"})

    assert api.get(f"/tickets/{number}/comments").json()["comments"][-1]["body"] == "Dear Ann,\nbye"


def test_texts_beyond_64_kb_are_cut_silently(api, number):
    answer = put(api, number, comment={"body": "ä" * 70_000})

    assert answer.status_code == 200
    assert len(answer.json()["audit"]["events"][0]["body"].encode()) == 65_536


def test_users_come_with_comments_only_when_asked_for(sandbox, api, number):
    sandbox.agent_writes(number, "Hello")

    assert "users" not in api.get(f"/tickets/{number}/comments", params={"include": "None"}).json()
    users = api.get(f"/tickets/{number}/comments", params={"include": "users"}).json()["users"]
    assert [(user["name"], user["role"]) for user in users] == [
        ("Ann Lee", "end-user"),
        ("Mara Lind", "agent"),
    ]


def test_cursor_pages_link_to_the_accounts_public_name(sandbox, api, number):
    for index in range(4):
        sandbox.agent_writes(number, f"note {index}", public=False)

    first = api.get(f"/tickets/{number}/comments.json", params={"page[size]": 2}).json()
    assert first["meta"]["has_more"] is True
    assert first["links"]["next"].startswith(f"https://acme.zendesk.com/api/v2/tickets/{number}/comments")

    seen, query = list(first["comments"]), httpx.URL(first["links"]["next"]).query.decode()
    second = api.get(f"/tickets/{number}/comments?{query}").json()
    seen += second["comments"]
    last = api.get(
        f"/tickets/{number}/comments", params={"page[size]": 2, "page[after]": second["meta"]["after_cursor"]}
    )
    seen += last.json()["comments"]

    assert len({comment["id"] for comment in seen}) == 5
    assert last.json()["meta"]["has_more"] is False
    assert last.json()["links"]["next"] is None


@pytest.mark.parametrize(
    "query", [{"page[size]": "101"}, {"page": "101"}, {"page[after]": "§", "page[size]": "2"}, {"page": "x"}]
)
def test_pages_out_of_bounds_are_a_400(api, number, query):
    assert api.get(f"/tickets/{number}/comments", params=query).status_code == 400


def test_tags_are_set_added_and_removed_safely(api, number):
    assert api.post(f"/tickets/{number}/tags", json={"tags": ["a", "b"]}).json() == {"tags": ["a", "b"]}
    assert api.put(f"/tickets/{number}/tags", json={"tags": ["c"]}).json() == {"tags": ["a", "b", "c"]}
    stale = {"tags": ["d"], "updated_stamp": "2020-01-01T00:00:00Z", "safe_update": "true"}
    assert api.put(f"/tickets/{number}/tags", json=stale).status_code == 409
    assert api.request("DELETE", f"/tickets/{number}/tags", json={"tags": ["a"]}).status_code == 204
    assert api.get(f"/tickets/{number}/tags").json() == {"tags": ["b", "c"]}


def test_a_deleted_ticket_is_gone_but_shows_in_the_export(sandbox, api, number):
    api.delete(f"/tickets/{number}")

    assert api.get(f"/tickets/{number}").status_code == 404
    assert put(api, number, priority="low").status_code == 404
    sandbox.advance(61)
    exported = api.get("/incremental/tickets/cursor", params={"start_time": 1}).json()
    assert [ticket["status"] for ticket in exported["tickets"]] == ["deleted"]
    only_living = {"start_time": 1, "exclude_deleted": "true"}
    assert api.get("/incremental/tickets/cursor", params=only_living).json()["tickets"] == []


def test_the_export_continues_where_its_cursor_stands(sandbox, api, number):
    second = sandbox.customer_writes("bo@example.com", "Bo", "Late", "Where is it?")
    sandbox.advance(61)

    first_page = api.get("/incremental/tickets/cursor", params={"start_time": 1, "per_page": 1}).json()
    cursor = first_page["after_cursor"]
    second_page = api.get("/incremental/tickets/cursor", params={"cursor": cursor}).json()
    sandbox.agent_writes(number, "New", public=False)
    sandbox.advance(61)
    third_page = api.get("/incremental/tickets/cursor", params={"cursor": second_page["after_cursor"]}).json()

    assert (first_page["end_of_stream"], second_page["end_of_stream"]) == (False, True)
    pages = (first_page, second_page, third_page)
    assert [[ticket["id"] for ticket in page["tickets"]] for page in pages] == [[number], [second], [number]]


def test_updates_are_limited_per_account_per_ticket_and_by_the_minute():
    settings = ZendeskSandboxSettings(updates_per_minute=5, updates_per_ticket=2)
    with ZendeskSandbox(settings) as sandbox, http_on(sandbox) as api:
        numbers = [sandbox.customer_writes("ann@example.com", "Ann", "Mug", str(index)) for index in range(4)]

        codes = [put(api, number, priority="low").status_code for number in (1, 1, 1, 2, 3, 4)]
        refused = put(api, numbers[3], priority="low")

        assert codes == [200, 200, 429, 200, 200, 429]
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        assert refused.headers["Zendesk-RateLimit-tickets-update"].startswith("total=5; remaining=0; resets=")
        sandbox.advance(61)
        assert put(api, 4, priority="low").status_code == 200
        assert put(api, 1, priority="low").status_code == 429


def test_every_answer_tells_how_much_is_left(api, number):
    answer = api.get(f"/tickets/{number}")

    assert answer.headers["X-Rate-Limit"] == answer.headers["ratelimit-limit"] == "700"
    assert int(answer.headers["X-Rate-Limit-Remaining"]) < 700


def test_exports_have_a_limit_of_their_own(api):
    codes = [api.get("/incremental/tickets/cursor", params={"start_time": 1}).status_code for _ in range(11)]

    assert codes == [200] * 10 + [429]


def test_merging_closes_the_source_and_tells_both(api, sandbox, number):
    other = sandbox.customer_writes("ann@example.com", "Ann", "Again", "Same mug")

    job = api.post(f"/tickets/{number}/merge", json={"ids": [other]}).json()["job_status"]

    assert job["status"] == "completed"
    source = sandbox.ticket(other)
    assert (source["status"], source["merged_into"], source["tags"]) == (
        "closed",
        number,
        ["closed_by_merge"],
    )
    assert f"#{number}" in source["comments"][-1]["body"]
    assert f"#{other}" in sandbox.ticket(number)["comments"][-1]["body"]
    assert sandbox.ticket(number)["comments"][-1]["public"] is False


def test_assigning_opens_a_new_ticket(sandbox, number):
    sandbox.assign(number, agent="Tom Okafor", group="Orders")

    kept = sandbox.ticket(number)
    assert (kept["status"], kept["group"], kept["assignee"]) == ("open", "Orders", "Tom Okafor")


def test_another_group_takes_the_ticket_from_an_agent_who_is_not_in_it(sandbox, api, number):
    agent = sandbox.add_agent("Ida Moen", "ida.moen@acme.example", groups=["Orders"])
    refunds = next(g["id"] for g in api.get("/groups").json()["groups"] if g["name"] == "Refunds")
    sandbox.assign(number, agent="Ida Moen", group="Orders")

    refused = put(api, number, group_id=refunds, assignee_id=agent)
    moved = put(api, number, group_id=refunds).json()["ticket"]

    assert refused.status_code == 422
    assert (moved["group_id"], moved["assignee_id"]) == (refunds, None)


def test_a_handoff_unassigns(sandbox, api, number):
    sandbox.assign(number, agent="Tom Okafor")

    assert put(api, number, assignee_id=None, status="open").json()["ticket"]["assignee_id"] is None


def test_unknown_endpoints_and_ids_are_404(api):
    assert api.get("/nothing/here").json()["error"] == "InvalidEndpoint"
    assert api.get("/tickets/abc").json()["error"] == "RecordNotFound"
    assert api.get("/tickets/" + "9" * 40).status_code == 404
    assert api.get("/users/1").status_code == 404
