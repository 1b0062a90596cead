"""What ends without saying so: telephones, Asterisk, cordboard (call-semantics #21 to #27, #85, #86).

An Asterisk of their own, which is killed now and then; each story has a server of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from tests.kit.outside import cannot_run
from tests.live.phones import Phone, Phones, needed
from tests.live.scenes import consulting_by_api, talking
from tests.live.site import Site

from tools.asterisk import Asterisk, CannotBringError

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("asterisk")]

NUMBERS = ("5000", "5001", "5002")
_RTP_TIMEOUT_S = 3
_NOTICED_S = _RTP_TIMEOUT_S + 3
"""Asterisk looks once a second."""
IMPATIENT = {
    "pjsip_wizard.conf": "\n".join(
        f"[{number}](+)\nendpoint/rtp_timeout = {_RTP_TIMEOUT_S}\naor/qualify_frequency = 1\naor/qualify_timeout = 0.5"
        for number in NUMBERS
    )
}
"""The example's values but sooner."""


class House:
    """An Asterisk with its telephones, and servers for it."""

    def __init__(self, asterisk: Asterisk, phones: Phones, folder: Path) -> None:
        self.asterisk = asterisk
        self.phones = phones
        self._folder = folder
        self._sites: list[Site] = []

    async def serve(self) -> Site:
        """A server, and agents who are there."""
        site = Site(self.asterisk, self._folder / f"log-{len(self._sites)}")
        self._sites.append(site)
        await site.start()
        await site.enter(*NUMBERS)
        return site

    async def replace(self, number: str) -> None:
        """The plug of a telephone is pulled; another one takes its place."""
        await self.phones.phones[number].crash()
        await self.phones.add(number)

    async def clear(self) -> None:
        """All hang up, servers end."""
        await asyncio.gather(*(phone.hang_up_all() for phone in self.phones.phones.values()))
        for site in self._sites:
            await site.leave()
            await asyncio.to_thread(site.server.kill)
        self._sites.clear()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    needed()
    try:
        asterisk = await asyncio.to_thread(Asterisk.start, overlay=IMPATIENT)
    except CannotBringError as error:
        cannot_run(f"an Asterisk is needed for live tests: {error}")
    async with Phones(f"{asterisk.address}:{asterisk.sip_port}") as phones:
        await phones.add(*NUMBERS)
        yield House(asterisk, phones, tmp_path_factory.mktemp("sites"))
    asterisk.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def house(built: House) -> AsyncIterator[House]:
    yield built
    await built.clear()


@pytest.fixture
def desks(house: House) -> list[Phone]:
    return [house.phones.phones[number] for number in NUMBERS]


async def a_new_call_works(site: Site, desks: list[Phone]) -> None:
    alice, bob, _ = desks
    for agent in site.agents.values():
        agent.forget()
    site.letters.clear()
    await talking(site, alice, bob)
    await alice.hang_up()
    await site.agents["5000"].until_told("A Released [5001]")
    await site.agents["5001"].until_told("A Released [5000]")
    await asyncio.gather(*(phone.until_idle() for phone in desks))
    await site.nothing_left()


# -- Asterisk -------------------------------------------------------------------------------------------------------


async def test_asterisk_dies_and_comes_back(house: House, desks: list[Phone]) -> None:
    """#86: its calls are over, which is told once; new ones work."""
    site = await house.serve()
    alice, bob, carol = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS)
    await talking(site, alice, bob)
    await consulting_by_api(site, bob, carol)

    await asyncio.to_thread(house.asterisk.kill)
    await site.until_linked(False)
    assert await agent.ask("A", "Hangup") == (503, 4)
    await asyncio.to_thread(house.asterisk.restart)
    await site.until_linked(within_s=8)

    await customer.until_told("A Released [5001] SwitchLost")
    await agent.until_told("A Released [5000] SwitchLost", "B Released [5002] SwitchLost")
    await target.until_told("B Released [5001] SwitchLost")
    await asyncio.gather(*(phone.hang_up_all() for phone in desks))
    await a_new_call_works(site, desks)


# -- cordboard ------------------------------------------------------------------------------------------------------


async def test_another_server_takes_over(house: House, desks: list[Phone]) -> None:
    """#85: the first gives not one more order."""
    first = await house.serve()
    alice, bob, _ = desks
    await talking(first, alice, bob)

    second = await house.serve()
    await first.until_linked(False)
    assert await first.agents["5001"].ask("A", "Hold") == (503, 4)
    assert [line["application"] for line in first.log_lines() if line["level"] == "error"] == ["cordboard"]
    await asyncio.gather(*(phone.until_idle() for phone in desks))
    await second.nothing_left()
    await a_new_call_works(second, desks)
    assert await first.agents["5001"].ask("A", "Hold") == (503, 4)
    await first.agents["5001"].told_no_more()


@pytest.mark.parametrize("end", [lambda site: site.server.kill(), lambda site: site.server.end()], ids=["kill", "term"])
async def test_what_a_former_server_left_is_swept(
    end: Callable[[Site], object], house: House, desks: list[Phone]
) -> None:
    """People go on as they are until there is a server again; nobody is left in silence, or for ever with music."""
    site = await house.serve()
    alice, bob, carol = desks
    await talking(site, alice, bob)
    await consulting_by_api(site, bob, carol)
    await site.leave()

    await asyncio.to_thread(end, site)
    await asyncio.gather(alice.until_hears({"music"}), bob.until_hears({"5002"}), carol.until_hears({"5001"}))
    again = await house.serve()
    await asyncio.gather(*(phone.until_idle() for phone in desks))
    await again.nothing_left()
    await a_new_call_works(again, desks)


# -- telephones -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "ringing"])
async def test_an_agent_s_telephone_dies_amid_a_consult(answered: bool, house: House, desks: list[Phone]) -> None:
    """#21, #22: no BYE comes, but no voice either. The others are connected."""
    site = await house.serve()
    alice, bob, carol = desks
    customer, agent, target = (site.agents[number] for number in NUMBERS)
    await talking(site, alice, bob)
    await consulting_by_api(site, bob, carol, answered=answered)

    await house.replace("5001")
    await agent.until_told("A Released [5000] AgentLost", "B Released [5002] AgentLost", within_s=_NOTICED_S)
    if not answered:
        await carol.answer()
    rung = [] if answered else ["A Ringing [5000]"]
    await target.until_told("B Released [5001]", *rung, "A Established [5000]")
    await customer.until_told("A Established [5002] +", *([] if answered else ["A Established [5002]"]))
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))

    await alice.hang_up()
    await customer.until_told("A Released [5002]")
    await target.until_told("A Released [5000]")
    await carol.until_idle()
    await site.nothing_left()


@pytest.mark.parametrize("dead", ["5000", "5001"], ids=["customer", "agent"])
async def test_a_telephone_dies_during_a_hold(dead: str, house: House, desks: list[Phone]) -> None:
    """#27: nobody stays with music for ever, and nobody holds a call that is over."""
    site = await house.serve()
    alice, bob, _ = desks
    customer, agent = site.agents["5000"], site.agents["5001"]
    await talking(site, alice, bob)
    await agent.do("A", "Hold")
    await agent.until_told("A Held [5000]")
    await alice.until_hears({"music"})

    await house.replace(dead)
    await agent.until_told("A Released [5000]", within_s=_NOTICED_S)
    await customer.until_told("A Released [5001]")
    await (alice if dead == "5001" else bob).until_idle()
    await site.nothing_left()


async def test_a_telephone_that_is_gone_is_not_rung(house: House, desks: list[Phone]) -> None:
    """Asterisk has noticed by asking; the caller need not wait until nobody answers."""
    site = await house.serve()
    alice, _, carol = desks
    await carol.crash()
    async with asyncio.timeout(_NOTICED_S):
        while "Unavail" not in await asyncio.to_thread(house.asterisk.cli, "pjsip show aor 5002"):
            pass

    await alice.call("5002")
    await site.agents["5000"].until_told("A Dialing [5002]", "A Released [5002] Unreachable")
    await house.phones.add("5002")
    await site.nothing_left()
