"""What clients count: every message of theirs, in order, and nothing else."""

from __future__ import annotations

import time

import pytest
from bench.audience import Client, Tally


def body(*numbers: int, ago_us: int = 0, then: str = '{"channel":"/meta/connect","successful":true}') -> bytes:
    stamp = time.monotonic_ns() // 1_000 - ago_us
    messages = [f'{{"channel":"/client/1","data":{{"text":"x","n":{number},"t":{stamp}}}}}' for number in numbers]
    return f"[{','.join([*messages, then] if then else messages)}]".encode()


def test_each_message_is_counted_and_timed() -> None:
    told: list[int] = []
    tally = Tally(lambda: told.append(1))
    client = Client(1, 10, tally)
    assert client.hear(body(1, 11, ago_us=5_000))
    assert not client.hear(body(21, then=""))
    assert (tally.delivered, tally.wrong, len(told)) == (3, 0, 3)
    assert min(tally.latencies_us[:2]) >= 5_000
    assert tally.latencies_us[2] < tally.latencies_us[0]


@pytest.mark.parametrize("numbers", [(1, 21, 31), (1, 1, 11), (2, 11, 21), (1, 21, 31, 41)])
def test_a_gap_a_double_and_somebody_elses_message_are_wrong(numbers: tuple[int, ...]) -> None:
    tally = Tally()
    Client(1, 10, tally).hear(body(*numbers))
    assert tally.wrong >= 1
    assert tally.delivered == len(numbers)


def test_a_refusal_is_a_failure_and_no_reason_to_connect_again() -> None:
    tally = Tally()
    assert not Client(1, 10, tally).hear(body(then='{"channel":"/meta/connect","successful":false}'))
    assert "refused" in str(tally.failures[0])


def test_many_clients_do_not_share_one_address() -> None:
    tally = Tally()
    assert Client(4_999, 10_000, tally).address() == ("127.0.0.1", 0)
    assert Client(5_000, 10_000, tally).address() == ("127.0.0.2", 0)
