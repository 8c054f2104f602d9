"""Token buckets hold calls back, per account and per endpoint, and never longer than they may."""

from datetime import UTC, datetime, timedelta

import anyio
import pytest

from resolver.connector.bucket import Allowance, Buckets
from resolver.errors import Malformed, Unavailable


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        await anyio.lowlevel.checkpoint()

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def buckets(time: Time, account: Allowance, longest_wait_s: float = 10.0, **endpoints: Allowance) -> Buckets:
    return Buckets(account, endpoints, clock=time, sleep=time.sleep, longest_wait_s=longest_wait_s)


async def test_as_many_calls_as_allowed_go_out_at_once() -> None:
    time = Time()
    limits = buckets(time, Allowance(3, seconds=60))

    for _ in range(3):
        await limits.acquire()

    assert time.slept == []


async def test_the_next_call_waits_until_one_has_trickled_back() -> None:
    time = Time()
    limits = buckets(time, Allowance(60, seconds=60))
    for _ in range(60):
        await limits.acquire()

    await limits.acquire()

    assert time.slept == pytest.approx([1.0])


async def test_an_endpoint_with_its_own_limit_waits_although_the_account_has_room() -> None:
    time = Time()
    limits = buckets(time, Allowance(100), update=Allowance(1, seconds=5))
    await limits.acquire("update")

    await limits.acquire("read")
    assert time.slept == []

    await limits.acquire("update")
    assert time.slept == pytest.approx([5.0])


async def test_every_endpoint_also_counts_on_the_account() -> None:
    time = Time()
    limits = buckets(time, Allowance(2, seconds=4), update=Allowance(100))
    await limits.acquire("update")
    await limits.acquire("read")

    await limits.acquire("update")

    assert time.slept == pytest.approx([2.0])


async def test_a_wait_that_would_be_too_long_is_refused_and_uses_nothing_up() -> None:
    time = Time()
    limits = buckets(time, Allowance(1, seconds=60), longest_wait_s=10)
    await limits.acquire()

    with pytest.raises(Unavailable) as refused:
        await limits.acquire("update")

    assert refused.value.retry_after_s == pytest.approx(60.0)
    time.passes(60)
    await limits.acquire()
    assert time.slept == []


async def test_waiting_callers_are_served_one_after_the_other() -> None:
    time = Time()
    limits = buckets(time, Allowance(1, seconds=1))
    await limits.acquire()

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(limits.acquire)

    assert time.slept == pytest.approx([1.0, 1.0, 1.0])  # each starts when the one before has moved the clock


async def test_told_to_wait_holds_everything_back_for_so_long() -> None:
    time = Time()
    limits = buckets(time, Allowance(100), longest_wait_s=10)
    limits.told_to_wait(7)

    await limits.acquire()

    assert time.slept == pytest.approx([7.0])


async def test_told_to_wait_at_one_endpoint_leaves_the_others_alone() -> None:
    time = Time()
    limits = buckets(time, Allowance(100), update=Allowance(100))
    limits.told_to_wait(30, "update")

    await limits.acquire("read")
    with pytest.raises(Unavailable) as refused:
        await limits.acquire("update")

    assert time.slept == []
    assert refused.value.retry_after_s == pytest.approx(30.0)


async def test_a_shorter_wait_never_shortens_a_longer_one() -> None:
    time = Time()
    limits = buckets(time, Allowance(100), longest_wait_s=60)
    limits.told_to_wait(20)
    limits.told_to_wait(2)

    await limits.acquire()

    assert time.slept == pytest.approx([20.0])


async def test_a_caller_told_to_wait_while_waiting_gives_up_when_it_gets_too_long() -> None:
    time = Time()

    async def sleep_and_be_told(seconds: float) -> None:
        await time.sleep(seconds)
        limits.told_to_wait(60)

    limits = Buckets(Allowance(1, seconds=5), {}, clock=time, sleep=sleep_and_be_told, longest_wait_s=10)
    await limits.acquire()

    with pytest.raises(Unavailable) as refused:
        await limits.acquire()

    assert refused.value.retry_after_s == pytest.approx(60.0)


async def test_what_the_vendor_says_is_left_is_believed() -> None:
    time = Time()
    limits = buckets(time, Allowance(60, seconds=60))
    limits.told_what_is_left(0)

    await limits.acquire()

    assert time.slept == pytest.approx([1.0])


async def test_the_vendor_cannot_raise_a_limit_by_saying_more_is_left() -> None:
    time = Time()
    limits = buckets(time, Allowance(1, seconds=1))
    limits.told_what_is_left(500)
    await limits.acquire()

    await limits.acquire()

    assert time.slept == pytest.approx([1.0])


async def test_a_clock_that_is_set_back_gives_no_calls() -> None:
    time = Time()
    limits = buckets(time, Allowance(1, seconds=5))
    await limits.acquire()
    time.passes(-3600)

    await limits.acquire()

    assert time.slept == pytest.approx([5.0])


@pytest.mark.parametrize(("calls", "seconds"), [(0, 60.0), (-1, 60.0), (5, 0.0)])
def test_an_allowance_of_nothing_is_refused(calls: int, seconds: float) -> None:
    with pytest.raises(Malformed):
        Allowance(calls, seconds)
