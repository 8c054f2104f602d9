"""OAuth by client credentials, as the sandbox enforces it."""

import httpx
import pytest

from connectors.zendesk.sandbox import ZendeskSandbox
from connectors.zendesk.tests.sandbox_callers import http_on, token_for


@pytest.fixture
def sandbox():
    with ZendeskSandbox() as running:
        yield running


def ask(sandbox: ZendeskSandbox, **body: object) -> httpx.Response:
    good = {
        "grant_type": "client_credentials",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
    }
    return httpx.post(f"{sandbox.url}/oauth/tokens", json=good | body)


def get(sandbox: ZendeskSandbox, path: str, authorization: str = "") -> httpx.Response:
    headers = {"Authorization": authorization} if authorization else {}
    return httpx.get(f"{sandbox.url}/api/v2{path}", headers=headers)


def test_a_token_acts_as_the_bot(sandbox):
    answer = ask(sandbox, scope="read write").json()

    assert (answer["token_type"], answer["scope"], answer["expires_in"]) == ("bearer", "read write", 1800)
    me = get(sandbox, "/users/me", f"Bearer {answer['access_token']}").json()["user"]
    assert (me["id"], me["role"], me["email"]) == (sandbox.bot_id, "admin", "resolver@acme.example")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer nonsense", "Basic Ym90L3Rva2VuOnNlY3JldA=="])
def test_without_a_valid_token_nothing_is_answered(sandbox, authorization):
    answer = get(sandbox, "/users/me", authorization)

    assert answer.status_code == 401
    assert isinstance(answer.json()["error"], str)


def test_a_token_ends_with_its_lifetime(sandbox):
    token = token_for(sandbox, expires_in=600)
    sandbox.advance(599)
    assert get(sandbox, "/users/me", f"Bearer {token}").status_code == 200

    sandbox.advance(1)

    assert get(sandbox, "/users/me", f"Bearer {token}").status_code == 401


@pytest.mark.parametrize("lifetime", [300, 172_800, 1])
def test_a_lifetime_out_of_bounds_is_refused(sandbox, lifetime):
    assert ask(sandbox, expires_in=lifetime).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"client_secret": "guess"}, 401),
        ({"client_id": "ä"}, 401),
        ({"grant_type": "password"}, 400),
        ({"expires_in": "soon"}, 400),
    ],
)
def test_wrong_credentials_or_grants_get_no_token(sandbox, wrong, status):
    answer = ask(sandbox, **wrong)

    assert answer.status_code == status
    assert "access_token" not in answer.text


def test_reading_scope_does_not_write(sandbox):
    number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello")
    with http_on(sandbox, "read") as api:
        assert api.get(f"/tickets/{number}").status_code == 200
        assert api.put(f"/tickets/{number}", json={"ticket": {"priority": "low"}}).status_code == 403


def test_audits_need_the_global_scope(sandbox):
    number = sandbox.customer_writes("ann@example.com", "Ann", "Mug", "Hello")
    with http_on(sandbox, "tickets:read auditlogs:read") as api:
        assert api.get(f"/tickets/{number}").status_code == 200
        assert api.get(f"/tickets/{number}/audits").status_code == 403
        assert api.get("/users/me").status_code == 403


@pytest.mark.parametrize("scope", ["everything", ["read", "write"]])
def test_an_invalid_scope_yields_a_token_that_is_forbidden_everywhere(sandbox, scope):
    token = ask(sandbox, scope=scope).json()["access_token"]

    assert get(sandbox, "/users/me", f"Bearer {token}").status_code == 403
