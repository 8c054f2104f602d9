"""The gate in front of the server: open it is not there, closed it sends everybody away politely."""

import httpx

from resolver.cli.gate import Gate


async def application(scope, receive, send):
    await send({"type": "http.response.start", "status": 202, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def asked(gate, path):
    transport = httpx.ASGITransport(app=gate)
    async with httpx.AsyncClient(transport=transport, base_url="http://gate") as http:
        return await http.post(path)


async def test_an_open_gate_passes_everything_on():
    gate = Gate(application)

    answered = await asked(gate, "/hooks/zendesk")

    assert answered.status_code == 202


async def test_a_closed_gate_lets_helpdesks_deliver_again_and_stays_healthy():
    gate = Gate(application)

    gate.close("draining")

    hook, ready, health = [await asked(gate, path) for path in ("/hooks/zendesk", "/readyz", "/healthz")]
    assert (hook.status_code, hook.headers["retry-after"]) == (503, "5")
    assert ready.json() == {"status": "draining"}
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
