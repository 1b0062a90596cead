"""The publisher: as fast as it is told, client after client, each message numbered."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from bench.publishing import Publisher, template

from bench import publishing


class Said:
    def __init__(self) -> None:
        self.published: list[tuple[int, int]] = []
        self.lines: list[str] = []
        self.publisher = Publisher(self._publish, template(900), self.lines.append)

    def _publish(self, client: int, data: bytes) -> None:
        self.published.append((client, msgspec.json.decode(data)["n"]))

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.published) < count:  # noqa: ASYNC110  # turns of the loop, not time
                await asyncio.sleep(0)


def test_a_message_has_the_size_that_was_asked_for() -> None:
    assert len(msgspec.json.encode({**template(900), "n": 1_234_567, "t": 123_456_789_012})) == 900


async def test_no_more_is_published_than_credit_permits_and_clients_take_turns() -> None:
    said = Said()
    said.publisher.told("begin 0 3")
    said.publisher.told("credit 120")
    said.publisher.told("credit 5")
    await said.until(125)
    said.publisher.told("end")
    assert said.published == [(number % 3, number) for number in range(125)]
    assert said.lines == ["published 125"]


async def test_a_pace_is_kept_until_the_end() -> None:
    said = Said()
    said.publisher.told("begin 100000 1000")
    await said.until(300)
    said.publisher.told("end")
    count = len(said.published)
    await asyncio.sleep(publishing.TICK_S * 2)
    assert len(said.published) == count
    assert said.lines == [f"published {count}"]
    said.publisher.told("begin 0 1000")
    said.publisher.told("credit 1")
    await said.until(count + 1)
    assert said.published[-1] == (count % 1000, count)


async def test_nothing_is_published_after_the_end_with_credit_left() -> None:
    said = Said()
    said.publisher.told("begin 0 3")
    said.publisher.told("credit 10")
    said.publisher.told("end")
    await asyncio.sleep(0)
    assert said.published == []
    with pytest.raises(ValueError, match="nonsense"):
        said.publisher.told("nonsense")
