"""Health for whoever watches: alive, ready, and numbers without a name in them."""

from tests.web.conftest import Receiver


async def test_a_process_that_lives_says_so(receiver: Receiver) -> None:
    answer = await receiver.client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_process_that_is_not_ready_says_so(receiver: Receiver) -> None:
    assert (await receiver.client.get("/readyz")).status_code == 200

    receiver.ready = False

    assert (await receiver.client.get("/readyz")).status_code == 503


async def test_a_process_whose_store_is_gone_is_not_ready(receiver: Receiver) -> None:
    receiver.path.unlink()
    receiver.database.engine.dispose()

    answer = await receiver.client.get("/readyz")

    assert answer.status_code == 503


async def test_metrics_count_deliveries_and_events(receiver: Receiver) -> None:
    await receiver.gets(receiver.body())
    await receiver.gets(receiver.body(), secret="another")

    text = (await receiver.client.get("/metrics")).text

    assert 'resolver_deliveries_total{answer="202",connection="zendesk"}' in text
    assert 'resolver_deliveries_total{answer="401",connection="zendesk"}' in text
    assert 'resolver_events{state="queued"} 1.0' in text
    assert all(
        "48211" not in line.rpartition(" ")[0] for line in text.splitlines()
    )  # but for what is counted
