"""Telephones on the example's Asterisk, a plain dialplan instead of cordboard: a story that fails is not theirs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from tests.kit.outside import cannot_run
from tests.live.phones import Phone, Phones, needed

from tools.asterisk import Asterisk, CannotBringError

pytestmark = pytest.mark.live

PLAIN = {
    "extensions.conf": """
[cordboard](+)
exten => _to5XXX,1,Dial(PJSIP/${EXTEN:2},30)
exten => _out.,1,Dial(PJSIP/${EXTEN:3}@trunk,30)
[trunk](+)
exten => _to5XXX,1,Dial(PJSIP/${EXTEN:2},30)
""",
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


async def notify(asterisk: Asterisk, number: str, event: str) -> None:
    """Presses a key of the telephone's from afar, as AMI can and ARI can't."""
    shown = await asyncio.to_thread(asterisk.cli, "core show channels concise")
    channel = next(line.partition("!")[0] for line in shown.splitlines() if f"/{number}-" in line)
    reader, writer = await asyncio.open_connection("127.0.0.1", asterisk.ami_port)
    writer.write(f"Action: Login\r\nUsername: {asterisk.user}\r\nSecret: {asterisk.password}\r\n\r\n".encode())
    writer.write(f"Action: PJSIPNotify\r\nChannel: {channel}\r\nVariable: Event={event}\r\n\r\n".encode())
    writer.write(b"Action: Logoff\r\n\r\n")
    said = await reader.read()
    writer.close()
    assert b"NOTIFY sent" in said


async def connected(caller: Phone, called: Phone) -> None:
    await caller.call(f"to{called.number}")
    await called.until_ringing()
    await called.answer()
    await asyncio.gather(caller.until_hears({called.number}), called.until_hears({caller.number}))


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


async def test_keys_are_pressed_from_afar(phones: Phones, plain: Asterisk) -> None:
    alice, bob = await phones.add("5001", "5002")
    await alice.call("to5002")
    await bob.until_ringing()

    await notify(plain, "5002", "talk")
    await alice.until_hears({"5002"})
    await notify(plain, "5002", "hold")
    await alice.until_hears({"music"})
    assert (await bob.until_line("held")).line == 1
    await notify(plain, "5002", "talk")
    await alice.until_hears({"5002"})

    assert [event["name"] for event in bob.events if event["event"] == "notify"] == ["talk", "hold", "talk"]


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [({}, 202), ({"Refer-Sub": "false"}, 200)],
    ids=["with progress", "without progress"],  # RFC 4488
)
async def test_a_blind_transfer(phones: Phones, headers: dict[str, str], accepted: int) -> None:
    alice, bob, carol = await phones.add("5001", "5002", "5003")
    await connected(alice, bob)

    await bob.transfer("to5003", headers=headers)

    await bob.until_event("response", method="REFER", code=accepted)
    await bob.until_event("transfer", final=True, code=200)
    await bob.until_idle()
    await carol.until_ringing()
    await carol.answer()
    await asyncio.gather(alice.until_hears({"5003"}), carol.until_hears({"5001"}))


async def test_a_refer_of_ones_own_making(phones: Phones) -> None:
    alice, bob, carol = await phones.add("5001", "5002", "5003")
    await connected(alice, bob)

    await bob.do("request", line=1, method="REFER", headers={"Refer-To": f"<{bob.uri('to5003')}>"})

    await bob.until_event("response", method="REFER", code=202)
    await carol.until_ringing()


async def test_an_attended_transfer(phones: Phones) -> None:
    alice, bob, carol = await phones.add("5001", "5002", "5003")
    await connected(alice, bob)
    await connected(bob, carol)
    await alice.until_hears({"music"})

    await bob.transfer_to_line(1, 2)

    await bob.until_event("transfer", final=True, code=200)
    await asyncio.gather(alice.until_hears({"5003"}), carol.until_hears({"5001"}), bob.until_idle())


async def test_the_trunk_brings_a_call_and_takes_one(phones: Phones, plain: Asterisk) -> None:
    [alice] = await phones.add("5001")
    outside = await phones.add_outside("0301234567", plain.ports.trunk)
    await connected(outside, alice)
    assert "sip:0301234567@" in next(iter(alice.lines.values())).peer
    await outside.hang_up()
    await alice.until_idle()

    await alice.call("out0301234567")
    await outside.until_ringing()
    await outside.answer()

    await asyncio.gather(alice.until_hears({"0301234567"}), outside.until_hears({"5001"}))


async def test_a_telephone_of_another_make(phones: Phones) -> None:
    needed("baresip")
    alice, bob = await phones.add("5001", "5002")
    [carol] = await phones.add("5003", make="baresip")
    await connected(alice, carol)
    mark = time.monotonic()
    await carol.hold()
    assert await alice.until_hears({"music"}) < mark + 1
    await carol.unhold()
    await asyncio.gather(alice.until_hears({"5003"}), carol.until_hears({"5001"}))
    await alice.hold()
    await carol.until_hears({"music"})
    await alice.unhold()
    await carol.until_hears({"5001"})
    await alice.never_silent_since(mark)

    await alice.dtmf("12")
    await carol.until_event("dtmf", digit="2")
    await carol.dtmf("34")
    await alice.until_event("dtmf", digit="4")
    assert (carol.digits(), alice.digits()) == ("12", "34")

    second = await carol.call("to5002")
    await carol.until_hears({"ringback"})
    await bob.answer()
    await carol.until_hears({"5002"})
    await carol.transfer_to_line(1, second)
    await asyncio.gather(alice.until_hears({"5002"}), bob.until_hears({"5001"}), carol.until_idle())


async def test_a_telephone_of_another_make_that_is_muted_is_found_out(phones: Phones) -> None:
    needed("baresip")
    [alice] = await phones.add("5001")
    [carol] = await phones.add("5003", make="baresip")
    await connected(alice, carol)

    await carol.mute()
    await alice.until_hears(())
    await carol.mute(False)
    await alice.until_hears({"5003"})
    await alice.mute()
    await carol.until_hears(())
    await carol.hang_up()
    await alice.until_idle()
