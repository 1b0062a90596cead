"""The telephones themselves, no exchange between them: what the stories trust them with, and that they can fail.

Each telephone is called at its own address; sip:5002@127.0.0.1:PORT needs no registrar.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.live.phones import Deaf, Phone, Phones, needed

pytestmark = pytest.mark.live


@pytest_asyncio.fixture
async def phones() -> AsyncIterator[Phones]:
    needed()
    async with Phones() as phones:
        yield phones


async def talking(caller: Phone, called: Phone) -> None:
    await caller.call(called.sip_uri)
    await called.until_ringing()
    await called.answer()
    await caller.until_hears({called.number})
    await called.until_hears({caller.number})


async def test_two_telephones_talk_and_hang_up(phones: Phones) -> None:
    alice, bob = await phones.add("5001", "5002")

    await alice.call(bob.sip_uri)
    ringing = await bob.until_ringing()
    assert "sip:5001@" in ringing.peer
    await alice.until_hears({"ringback"})
    assert bob.hears() == frozenset()
    await bob.answer()
    await asyncio.gather(alice.until_hears({"5002"}), bob.until_hears({"5001"}))
    mark = time.monotonic()
    await alice.dtmf("1#")
    await bob.until_event("dtmf", digit="#")
    assert bob.digits() == "1#"
    await alice.never_silent_since(mark)
    await alice.hang_up()

    await asyncio.gather(alice.until_idle(), bob.until_idle())


async def test_a_muted_telephone_is_found_out(phones: Phones) -> None:
    alice, bob = await phones.add("5001", "5002")
    await talking(alice, bob)
    mark = time.monotonic()

    await bob.mute()

    await alice.until_hears(())
    with pytest.raises(Deaf, match=r"5001 did not hear 5002 within 0\.7 s"):
        await alice.until_hears({"5002"}, within_s=0.7)
    with pytest.raises(Deaf, match="5001 was in silence for"):
        await alice.never_silent_since(mark)
    await bob.never_silent_since(mark)
    await bob.mute(False)
    await alice.until_hears({"5002"})


async def test_who_is_overheard_is_found_out(phones: Phones) -> None:
    alice, bob = await phones.add("5001", "5002")
    mark = time.monotonic()
    await talking(alice, bob)
    await asyncio.sleep(0.3)

    with pytest.raises(Deaf, match="5001 heard 5002"):
        await alice.never_hears_since(mark, "5002", "5003")
    await alice.never_hears_since(mark, "5001", "music")


async def test_a_second_line_holds_the_first(phones: Phones) -> None:
    alice, bob, carol = await phones.add("5001", "5002", "5003")
    await talking(alice, bob)
    mark = time.monotonic()

    await carol.call(alice.sip_uri)
    second = await alice.until_ringing()
    await alice.answer()

    await asyncio.gather(alice.until_hears({"5003"}), carol.until_hears({"5001"}), bob.until_hears(()))
    assert (await alice.until_line("held")).line == 1
    with pytest.raises(Deaf, match="5002 was in silence"):
        await bob.never_silent_since(mark)
    await alice.unhold(1)
    await asyncio.gather(alice.until_hears({"5002"}), bob.until_hears({"5001"}), carol.until_hears(()))
    assert (await alice.until_line("held")).line == second.line


async def test_silence_is_nobodys_fault_on_hold_and_on_hook(phones: Phones) -> None:
    alice, bob = await phones.add("5001", "5002")
    mark = time.monotonic()
    await talking(alice, bob)
    await alice.hold()
    await asyncio.gather(alice.until_hears(()), bob.until_hears(()))
    await alice.unhold()
    await alice.until_hears({"5002"})
    await alice.hang_up()
    await alice.until_hears(())

    await alice.never_silent_since(mark)
    with pytest.raises(Deaf, match="5002 was in silence"):  # no music without an exchange
        await phones.never_silent_since(mark)


async def test_a_telephone_rejects_as_it_is_told(phones: Phones) -> None:
    alice, bob = await phones.add("5001", "5002")
    await bob.set(refuse=603)
    await alice.call(bob.sip_uri)
    assert (await alice.until_line("ended")).code == 603
    await bob.set(refuse=0)

    second = await alice.call(bob.sip_uri)
    await bob.until_ringing()
    await bob.reject(486)

    assert (await alice.until_line("ended", line=second)).code == 486


@pytest.mark.parametrize(
    "headers",
    [{"Call_Info": "<sip:x>;answer-after=0"}, {"Alert_Info": "<http://x>;info=alert-autoanswer"}],
    ids=["Call-Info", "Alert-Info"],
)
async def test_a_telephone_answers_itself_only_when_asked(phones: Phones, headers: dict[str, str]) -> None:
    [alice] = await phones.add("5001")
    [bob] = await phones.add("5002", auto_answer="headers")
    await alice.call(bob.sip_uri)
    assert "Call-Info" not in bob.invite((await bob.until_ringing()).line)
    await alice.hang_up()
    await bob.until_idle()

    await alice.call(bob.sip_uri, **headers)

    await bob.until_line("talking", within_s=1)
    await alice.until_hears({"5002"})


async def test_a_call_in_another_name(phones: Phones) -> None:
    alice, bob = await phones.add("5001", "5002")

    await alice.call(bob.sip_uri, caller='"Ann" <sip:4711@example.org>')

    assert (await bob.until_ringing()).peer == '"Ann" <sip:4711@example.org>'


async def test_both_hold_at_once(phones: Phones) -> None:
    alice, bob = await phones.add("5001", "5002")
    await talking(alice, bob)

    await asyncio.gather(alice.hold(), bob.hold())

    await asyncio.gather(alice.until_line("held"), bob.until_line("held"))
    await asyncio.gather(alice.until_hears(()), bob.until_hears(()))
    mark = time.monotonic()
    await asyncio.gather(alice.unhold(), bob.unhold())
    await asyncio.gather(alice.until_hears({"5002"}, since=mark), bob.until_hears({"5001"}, since=mark))


async def test_keys_in_quick_succession(phones: Phones) -> None:
    alice, bob = await phones.add("5001", "5002")
    await talking(alice, bob)

    for _ in range(3):
        await alice.hold(1)
        await alice.unhold(1)

    await bob.until_hears({"5001"}, since=time.monotonic() + 1)


async def test_a_telephone_that_crashed_says_so(phones: Phones) -> None:
    alice, bob = await phones.add("5001", "5002")
    await talking(alice, bob)

    await bob.crash()

    with pytest.raises(Deaf, match="5002's process has ended"):
        await bob.until_hears({"5001"})
    await alice.until_hears(())


async def test_a_key_that_cannot_be_pressed_is_an_error(phones: Phones) -> None:
    [alice] = await phones.add("5001")

    with pytest.raises(Deaf, match="5001 has no line that is ringing"):
        await alice.answer()
    line = await alice.call("sip:5009@127.0.0.1:9")
    with pytest.raises(Deaf, match="no such key: fly"):
        await alice.do("fly", line=line)
