"""Telephones on the example's Asterisk, a plain dialplan instead of cordboard: a story that fails is not theirs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from tests.kit.outside import cannot_run
from tests.live.phones import Phones, needed

from tools.asterisk import Asterisk, CannotBringError

pytestmark = pytest.mark.live

PLAIN = {
    "extensions.conf": "[cordboard](+)\nexten => _to5XXX,1,Dial(PJSIP/${EXTEN:2},30)",
    # A native bridge passes on what a telephone sends although it holds: such packets come in between those of the
    # music, with numbers of their own, and whoever is held hears shreds or nothing.
    "modules.conf": "noload = bridge_native_rtp.so",
}


@pytest.fixture(scope="module")
def plain() -> Iterator[Asterisk]:
    try:
        asterisk = Asterisk.start(overlay=PLAIN)
    except CannotBringError as error:
        cannot_run(f"an Asterisk is needed for live tests: {error}")
    yield asterisk
    asterisk.stop()


@pytest_asyncio.fixture
async def phones(plain: Asterisk) -> AsyncIterator[Phones]:
    needed()
    async with Phones(f"{plain.address}:{plain.sip_port}") as phones:
        yield phones


async def until_empty(asterisk: Asterisk) -> None:
    """A channel is taken down a moment after its telephone has been told."""
    async with asyncio.timeout(2):
        while "0 active channels" not in await asyncio.to_thread(asterisk.cli, "core show channels"):
            pass


async def test_two_telephones_talk_and_hold_brings_music(phones: Phones, plain: Asterisk) -> None:
    alice, bob = await phones.add("5001", "5002")

    await alice.call("to5002")
    await bob.until_ringing()
    await alice.until_hears({"ringback"})
    await bob.answer()
    await asyncio.gather(alice.until_hears({"5002"}), bob.until_hears({"5001"}))
    await alice.dtmf("42")
    await bob.until_event("dtmf", digit="2")
    assert bob.digits() == "42"

    mark = time.monotonic()
    await bob.hold()
    assert await alice.until_hears({"music"}) < mark + 1
    await bob.unhold()
    await asyncio.gather(alice.until_hears({"5002"}), bob.until_hears({"5001"}))
    await alice.never_silent_since(mark)

    await bob.hang_up()
    await asyncio.gather(alice.until_idle(), bob.until_idle())
    await until_empty(plain)
