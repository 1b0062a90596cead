"""The keys of telephones are operations: the same ones, told in the same way, whoever began what."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.live.phones import Phone, Phones, needed
from tests.live.scenes import consulting_by_api, talking
from tests.live.site import Site

from tools.asterisk import Asterisk

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

NUMBERS = ("5000", "5001", "5002", "5003")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everybody(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Site, Phones]]:
    """Telephones take long to start: they are there for all stories of this file."""
    needed()
    site = Site(asterisk, tmp_path_factory.mktemp("site") / "log")
    await site.start()
    async with Phones(f"{asterisk.address}:{asterisk.sip_port}") as phones:
        await phones.add(*NUMBERS)
        yield site, phones
    await site.end()


@pytest_asyncio.fixture(loop_scope="module")
async def site(everybody: tuple[Site, Phones]) -> AsyncIterator[Site]:
    """Each story ends with nobody on the telephone and nothing left."""
    site, phones = everybody
    mark = time.monotonic()
    await site.enter(*NUMBERS)
    yield site
    try:
        await asyncio.gather(*(phone.until_idle() for phone in phones.phones.values()))
        await site.nothing_left()
        await phones.never_silent_since(mark, 1.0)
    finally:
        await asyncio.gather(*(phone.hang_up_all() for phone in phones.phones.values()))
        await site.leave()


@pytest.fixture
def desks(everybody: tuple[Site, Phones]) -> list[Phone]:
    return list(everybody[1].phones.values())


async def test_the_hold_key(site: Site, desks: list[Phone]) -> None:
    alice, bob, *_ = desks
    agent = site.agents["5001"]
    line = await talking(site, alice, bob)

    await bob.hold()
    await alice.until_hears({"music"}, 1.5)
    await agent.until_told("A Held [5000]")
    await bob.unhold()
    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))
    await agent.until_told("A Established [5000]")

    await bob.hang_up(line)
    await agent.until_told("A Released [5000]")
    await site.agents["5000"].until_told("A Released [5001]")


async def test_either_side_holds_and_both_do(site: Site, desks: list[Phone]) -> None:
    alice, bob, *_ = desks
    caller, agent = site.agents["5000"], site.agents["5001"]
    await talking(site, alice, bob)

    await alice.hold()
    await bob.until_hears({"music"}, 1.5)
    await caller.until_told("A Held [5001]")
    await bob.hold()
    await agent.until_told("A Held [5000]")
    await alice.unhold()
    await alice.until_hears({"music"}, 1.5)
    await caller.until_told("A Established [5001]")
    await bob.unhold()
    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))
    await agent.until_told("A Established [5000]")

    await alice.hang_up()
    await caller.until_told("A Released [5001]")
    await agent.until_told("A Released [5000]")


async def test_held_by_key_and_retrieved_by_api_and_the_other_way(site: Site, desks: list[Phone]) -> None:
    """Telephones obey "talk" (docs/asterisk.md), so a desktop can take back what the key holds."""
    alice, bob, *_ = desks
    agent = site.agents["5001"]
    await talking(site, alice, bob)

    await bob.hold()
    await agent.until_told("A Held [5000]")
    await alice.until_hears({"music"}, 1.5)
    await agent.do("A", "Retrieve")
    await agent.until_told("A Established [5000]")
    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))
    await bob.until_line("talking")

    await agent.do("A", "Hold")
    await agent.until_told("A Held [5000]")
    await alice.until_hears({"music"}, 1.5)
    await bob.hold()
    await bob.until_line("held")
    await bob.unhold()
    await agent.until_told("A Established [5000]")
    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))

    await agent.do("A", "Hangup")
    await agent.until_told("A Released [5000]")
    await site.agents["5000"].until_told("A Released [5001]")


async def blind(site: Site, desks: list[Phone], *, held: bool = False, headers: dict[str, str] | None = None) -> None:
    """5001 refers 5000 to 5002, who answers."""
    alice, bob, carol, *_ = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS[:3])
    line = await talking(site, alice, bob)
    if held:
        await bob.hold()
        await agent.until_told("A Held [5000]")
        await alice.until_hears({"music"}, 1.5)

    await bob.transfer("5002", line, headers)
    await agent.until_told("A Released [5000]")
    await target.until_told("A Ringing [5000]")
    await customer.until_told("A Established [5002] +")
    await alice.until_hears({"ringback"})
    final = await bob.until_event("transfer", line=line, final=True)
    assert final["code"] == 200
    await bob.until_idle()
    await carol.until_ringing()
    await carol.answer()
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))
    await target.until_told("A Established [5000]")
    await customer.until_told("A Established [5002]")

    await carol.hang_up()
    await target.until_told("A Released [5000]")
    await customer.until_told("A Released [5002]")


@pytest.mark.parametrize("held", [False, True], ids=["talking", "held"])
async def test_a_blind_transfer_by_key(site: Site, desks: list[Phone], held: bool) -> None:
    await blind(site, desks, held=held)


async def test_a_blind_transfer_that_is_refused(site: Site, desks: list[Phone]) -> None:
    """The telephone is told, and the call goes on."""
    alice, bob, *_ = desks
    line = await talking(site, alice, bob)

    await bob.transfer("12", line)
    final = await bob.until_event("transfer", line=line, final=True)
    assert final["code"] == 603
    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))

    await alice.hang_up()
    await site.agents["5000"].until_told("A Released [5001]")
    await site.agents["5001"].until_told("A Released [5000]")


async def consulting(site: Site, bob: Phone, carol: Phone, *, answered: bool = True) -> int:
    """5001 calls 5002 on its second line, call B, which holds the first. Returns that line."""
    agent, target = site.agents["5001"], site.agents["5002"]
    line = await bob.call("5002")
    await carol.until_ringing()
    await agent.until_told("A Held [5000]", "B Dialing [5002]")
    await target.until_told("B Ringing [5001]")
    if answered:
        await carol.answer()
        await asyncio.gather(bob.until_hears({"5002"}), carol.until_hears({"5001"}))
        await target.until_told("B Established [5001]")
        await agent.until_told("B Established [5002]")
    return line


@pytest.mark.parametrize("backwards", [False, True], ids=["first to second", "second to first"])
async def test_an_attended_transfer_by_key(site: Site, desks: list[Phone], backwards: bool) -> None:
    alice, bob, carol, *_ = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS[:3])
    first = await talking(site, alice, bob)
    second = await consulting(site, bob, carol)
    assert await alice.until_hears({"music"}, 1.5)

    line = second if backwards else first
    await bob.transfer_to_line(line, first if backwards else second)
    await agent.until_told("A Released [5000]", "B Released [5002]")
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))
    final = await bob.until_event("transfer", line=line, final=True)
    assert final["code"] == 200
    await bob.until_idle()
    await target.until_told("B Released [5001]", "A Established [5000]")
    await customer.until_told("A Established [5002] +")

    await carol.hang_up()
    await target.until_told("A Released [5000]")
    await customer.until_told("A Released [5002]")


async def test_a_consult_by_key_is_transferred_before_it_is_answered(site: Site, desks: list[Phone]) -> None:
    """Telephones do so by a blind transfer from the first line, and give up the second."""
    alice, bob, carol, *_ = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS[:3])
    first = await talking(site, alice, bob)
    second = await consulting(site, bob, carol, answered=False)
    await alice.until_hears({"music"}, 1.5)

    await bob.hang_up(second)
    await agent.until_told("B Released [5002]")
    await target.until_told("B Released [5001]")
    await bob.transfer("5002", first)
    await agent.until_told("A Released [5000]")
    await alice.until_hears({"ringback"})
    await carol.until_ringing()
    await carol.answer()
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))
    await target.until_told("A Ringing [5000]", "A Established [5000]")
    await customer.until_told("A Established [5002] +", "A Established [5002]")

    await alice.hang_up()
    await customer.until_told("A Released [5002]")
    await target.until_told("A Released [5000]")


async def test_two_lines_are_connected_while_the_second_rings(site: Site, desks: list[Phone]) -> None:
    """REFER with Replaces of a call that is not answered yet: the customer hears ringing, then the target."""
    alice, bob, carol, *_ = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS[:3])
    first = await talking(site, alice, bob)
    second = await consulting(site, bob, carol, answered=False)

    await bob.transfer_to_line(first, second)
    await agent.until_told("A Released [5000]", "B Released [5002]")
    await alice.until_hears({"ringback"})
    assert (await bob.until_event("transfer", line=first, final=True))["code"] == 200
    await bob.until_idle()
    await carol.answer()
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))
    await target.until_told("B Released [5001]", "A Ringing [5000]", "A Established [5000]")
    await customer.until_told("A Established [5002] +", "A Established [5002]")

    await alice.hang_up()
    await customer.until_told("A Released [5002]")
    await target.until_told("A Released [5000]")


async def test_a_consult_by_api_is_completed_by_key(site: Site, desks: list[Phone]) -> None:
    """#56"""
    alice, bob, carol, *_ = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS[:3])
    line = await talking(site, alice, bob)
    await consulting_by_api(site, bob, carol)
    await alice.until_hears({"music"}, 1.5)

    await bob.transfer("5002", line)
    await agent.until_told("A Released [5000]", "B Released [5002]")
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))
    assert (await bob.until_event("transfer", line=line, final=True))["code"] == 200
    await target.until_told("B Released [5001]", "A Established [5000]")
    await customer.until_told("A Established [5002] +")

    await carol.hang_up()
    await target.until_told("A Released [5000]")
    await customer.until_told("A Released [5002]")


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "ringing"])
async def test_hung_up_amid_a_consult_by_api(site: Site, desks: list[Phone], answered: bool) -> None:
    """#21, #22: the agent's telephone is gone, and the others are connected."""
    alice, bob, carol, *_ = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS[:3])
    await talking(site, alice, bob)
    await consulting_by_api(site, bob, carol, answered=answered)
    await alice.until_hears({"music"}, 1.5)

    await bob.hang_up()
    await agent.until_told("A Released [5000] AgentLost", "B Released [5002] AgentLost")
    if answered:
        await target.until_told("B Released [5001]", "A Established [5000]")
        await customer.until_told("A Established [5002] +")
    else:
        await alice.until_hears({"ringback"})
        await carol.answer()
        await target.until_told("B Released [5001]", "A Ringing [5000]", "A Established [5000]")
        await customer.until_told("A Established [5002] +", "A Established [5002]")
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))

    await carol.hang_up()
    await target.until_told("A Released [5000]")
    await customer.until_told("A Released [5002]")


@pytest.mark.parametrize("hold_first", [False, True], ids=["talking", "held"])
async def test_a_telephone_that_hangs_up_right_after_its_refer(
    site: Site, desks: list[Phone], hold_first: bool
) -> None:
    """#55: before it was told how the transfer goes. That is not meant for the other party."""
    alice, bob, carol, *_ = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS[:3])
    line = await talking(site, alice, bob)
    if hold_first:
        await bob.hold()
        await agent.until_told("A Held [5000]")

    await asyncio.gather(bob.transfer("5002", line), bob.hang_up(line))
    await agent.until_told("A Released [5000]")
    await alice.until_hears({"ringback"})
    await carol.until_ringing()
    await carol.answer()
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))
    await target.until_told("A Ringing [5000]", "A Established [5000]")
    await customer.until_told("A Established [5002] +", "A Established [5002]")

    await carol.hang_up()
    await target.until_told("A Released [5000]")
    await customer.until_told("A Released [5002]")


@pytest.mark.parametrize("headers", [{}, {"Refer-Sub": "false"}], ids=["bare", "no subscription"])
async def test_a_refer_as_few_telephones_send_it(
    site: Site, desks: list[Phone], asterisk: Asterisk, headers: dict[str, str]
) -> None:
    """#57: without Referred-By; and without being told how it goes, by which Asterisk before 22.11 crashes."""
    if headers and tuple(map(int, re.findall(r"\d+", asterisk.version)[:2])) < (22, 11):
        pytest.skip(f"{asterisk.version} crashes by it")
    alice, bob, carol, *_ = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS[:3])
    line = await talking(site, alice, bob)

    refer = {"Refer-To": f"<{bob.uri('5002')}>", **headers}
    await bob.do("request", line=line, method="REFER", headers=refer)
    await bob.until_event("response", method="REFER", code=202)
    await agent.until_told("A Released [5000]")
    await carol.until_ringing()
    await carol.answer()
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))
    await bob.until_idle()
    await target.until_told("A Ringing [5000]", "A Established [5000]")
    await customer.until_told("A Established [5002] +", "A Established [5002]")

    await carol.hang_up()
    await target.until_told("A Released [5000]")
    await customer.until_told("A Released [5002]")


async def test_a_telephone_mixes_two_lines_by_itself(site: Site, desks: list[Phone]) -> None:
    """The conference key of many telephones: it is nobody's business but its own, and nothing breaks."""
    alice, bob, carol, *_ = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS[:3])
    first = await talking(site, alice, bob)
    await bob.set(holds_others=False)
    second = await bob.call("5002")
    await carol.until_ringing()
    await carol.answer()
    await asyncio.gather(carol.until_hears({"5001"}), bob.until_hears({"5000", "5002"}), alice.until_hears({"5001"}))
    await bob.set(holds_others=True)
    await agent.until_told("B Dialing [5002]", "B Established [5002]")
    await target.until_told("B Ringing [5001]", "B Established [5001]")
    assert sorted(await agent.calls()) == ["A Established [5000]", "B Established [5002]"]

    await bob.hang_up(first)
    await agent.until_told("A Released [5000]")
    await customer.until_told("A Released [5001]")
    await bob.until_hears({"5002"})
    await bob.hang_up(second)
    await agent.until_told("B Released [5002]")
    await target.until_told("B Released [5001]")


@pytest.mark.parametrize("command", ["bridge kick {bridge} {channel}", "bridge destroy {bridge}"])
async def test_somebody_is_taken_out_at_asterisk_s_console(
    command: str, site: Site, desks: list[Phone], asterisk: Asterisk
) -> None:
    """That is no key, but nobody stays in silence for it."""
    alice, bob, *_ = desks
    await talking(site, alice, bob)
    channel = await site.channel("5000")
    shown = await asyncio.to_thread(asterisk.cli, "bridge show all")
    bridge = shown.splitlines()[1].split()[0]

    done = time.monotonic()
    await asyncio.to_thread(asterisk.cli, command.format(bridge=bridge, channel=channel))
    await asyncio.gather(
        *(phone.until_hears(heard, 2, since=done) for phone, heard in ((alice, {"5001"}), (bob, {"5000"})))
    )

    await alice.hang_up()
    await site.agents["5000"].until_told("A Released [5001]")
    await site.agents["5001"].until_told("A Released [5000]")
