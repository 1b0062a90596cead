"""Telephones are told of messages: at each change, and again as long as messages wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs
from tests.kit.asterisk_server import PASSWORD, Manager

from cordboard.switches.ari.ami import AmiSettings
from cordboard.switches.ari.lamps import Lamps

NAMES = {"5000": "5000", "5001": "desk-7"}


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    made = Manager()
    await made.start()
    yield made
    await made.stop()


def lamps(manager: Manager, refresh_s: float = 600.0) -> Lamps:
    return Lamps(AmiSettings("127.0.0.1", manager.port, "us", PASSWORD), NAMES, refresh_s)


async def told(manager: Manager, count: int) -> list[str]:
    """The endpoint and the numbers of the first notices."""
    async with asyncio.timeout(5):
        while len(manager.actions) < count + 1:  # noqa: ASYNC110  # the first one logs in
            await asyncio.sleep(0)
    notices = manager.actions[1 : count + 1]
    return [f"{one['Endpoint']} {one['Variable'].rpartition(' ')[2]}" for one in notices]


async def test_each_change_is_told_and_only_the_latest(manager: Manager) -> None:
    made = lamps(manager)
    made.show("5001", 1, 0)
    made.show("5001", 2, 0)
    made.show("9999", 1, 0)
    await made.start()
    assert await told(manager, 1) == ["desk-7 2/0"]
    made.show("5000", 0, 1)
    assert await told(manager, 2) == ["desk-7 2/0", "5000 0/1"]
    await made.stop()


async def test_those_for_whom_messages_wait_are_told_again(manager: Manager) -> None:
    made = lamps(manager, refresh_s=0.01)
    made.show("5000", 0, 1)
    made.show("5001", 1, 0)
    await made.start()
    assert await told(manager, 4) == ["5000 0/1", "desk-7 1/0", "desk-7 1/0", "desk-7 1/0"]
    await made.stop()


async def test_why_one_is_not_told_is_logged_and_others_are(manager: Manager) -> None:
    manager.failing = ["No such endpoint"]
    made = lamps(manager)
    with capture_logs() as logs:
        await made.start()
        made.show("5000", 1, 0)
        made.show("5001", 1, 0)
        assert await told(manager, 2) == ["5000 1/0", "desk-7 1/0"]
    assert [(log["event"], log["number"], log["why"]) for log in logs] == [
        ("a telephone was not told of messages", "5000", "No such endpoint")
    ]
    await made.stop()


async def test_one_that_never_started_can_be_stopped(manager: Manager) -> None:
    await lamps(manager).stop()
