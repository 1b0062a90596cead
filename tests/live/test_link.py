"""The link to Asterisk is lost and comes back, at any moment, while people go on (call-semantics #84 to #87)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from tests.live.link import Link
from tests.live.phones import Phone, Phones, needed
from tests.live.scenes import consulting_by_api, talking
from tests.live.site import Site

from cordboard.switches.ari.client import HEARTBEAT_S
from tools.asterisk import Asterisk

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

NUMBERS = ("5000", "5001", "5002")
_SETTLED_S = 0.3
_BACK_S = 8.0
"""The pause between two tries grows up to 5 s."""


class Scene:
    """A site behind a link that can be cut."""

    def __init__(self, asterisk: Asterisk, link: Link, site: Site, phones: Phones) -> None:
        self.asterisk = asterisk
        self.link = link
        self.site = site
        self.phones = phones

    async def cut(self) -> None:
        self.link.cut()
        await self.site.until_linked(False)

    async def mend(self) -> None:
        await self.link.mend()
        await self.site.until_linked(within_s=_BACK_S)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everybody(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    needed()
    link = Link(asterisk.ari_url)
    await link.mend()
    site = Site(asterisk, tmp_path_factory.mktemp("site") / "log", ari_url=link.url)
    await site.start()
    async with Phones(f"{asterisk.address}:{asterisk.sip_port}") as phones:
        await phones.add(*NUMBERS)
        yield Scene(asterisk, link, site, phones)
    await site.end()
    await link.close()


@pytest_asyncio.fixture(loop_scope="module")
async def scene(everybody: Scene) -> AsyncIterator[Scene]:
    """Each story ends with nobody on the telephone and nothing left."""
    await everybody.site.enter(*NUMBERS)
    yield everybody
    phones = everybody.phones.phones.values()
    try:
        await asyncio.gather(*(phone.until_idle() for phone in phones))
        await everybody.site.nothing_left()
    finally:
        everybody.link.watch_request = everybody.link.watch_event = lambda _: False
        everybody.link.forge = lambda request: request
        await everybody.link.mend()
        await asyncio.gather(*(phone.hang_up_all() for phone in phones))
        await everybody.site.leave()


@pytest.fixture
def site(scene: Scene) -> Site:
    return scene.site


@pytest.fixture
def desks(everybody: Scene) -> list[Phone]:
    return list(everybody.phones.phones.values())


async def hang_up(site: Site, phone: Phone, *lines: tuple[str, str]) -> None:
    """The end of a story."""
    await phone.hang_up()
    for number, line in lines:
        await site.agents[number].until_told(line)


async def test_what_is_asked_meanwhile_is_refused_and_not_done_later(
    scene: Scene, site: Site, desks: list[Phone]
) -> None:
    """#87. The voices go on."""
    alice, bob, _ = desks
    await talking(site, alice, bob)
    mark = time.monotonic()

    await scene.cut()
    for operation in ("Hold", "SendDtmf", "InitiateTransfer"):
        parameters: dict[str, Any] = {"destination": {"phoneNumber": "5002"}, "digits": "1"}
        assert await site.agents["5001"].ask("A", operation, **parameters) == (503, 4)
    await scene.mend()

    await site.agents["5001"].told_no_more()
    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))
    await scene.phones.never_silent_since(mark)
    await hang_up(site, alice, ("5000", "A Released [5001]"), ("5001", "A Released [5000]"))


async def test_a_caller_who_hangs_up_meanwhile(scene: Scene, site: Site, desks: list[Phone]) -> None:
    alice, bob, _ = desks
    await talking(site, alice, bob)

    await scene.cut()
    await alice.hang_up()
    await alice.until_idle()
    await site.until_gone("5000")
    await scene.mend()

    await site.agents["5000"].until_told("A Released [5001] SwitchLost")
    await site.agents["5001"].until_told("A Released [5000] SwitchLost")
    await bob.until_idle()


async def test_a_target_that_answers_meanwhile(scene: Scene, site: Site, desks: list[Phone]) -> None:
    alice, bob, carol = desks
    await talking(site, alice, bob)
    await consulting_by_api(site, bob, carol, answered=False)

    await scene.cut()
    await carol.answer()
    await scene.mend()

    await site.agents["5002"].until_told("B Established [5001]")
    await site.agents["5001"].until_told("B Established [5002]")
    await asyncio.gather(alice.until_hears({"music"}), bob.until_hears({"5002"}), carol.until_hears({"5001"}))
    await site.agents["5001"].do("B", "CompleteTransfer")
    await site.agents["5001"].until_told("A Released [5000]", "B Released [5002]")
    await site.agents["5002"].until_told("B Released [5001]", "A Established [5000]")
    await site.agents["5000"].until_told("A Established [5002] +")
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))
    await hang_up(site, alice, ("5000", "A Released [5002]"), ("5002", "A Released [5000]"))


async def test_a_target_that_hangs_up_meanwhile(scene: Scene, site: Site, desks: list[Phone]) -> None:
    alice, bob, carol = desks
    await talking(site, alice, bob)
    await consulting_by_api(site, bob, carol)

    await scene.cut()
    await carol.hang_up()
    await carol.until_idle()
    await site.until_gone("5002")
    await scene.mend()

    await site.agents["5002"].until_told("B Released [5001] SwitchLost")
    await site.agents["5001"].until_told("B Released [5002] SwitchLost", "A Held [5000]")
    await alice.until_hears({"music"})
    await site.agents["5001"].do("A", "Retrieve")
    await site.agents["5001"].until_told("A Established [5000]")
    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))
    await hang_up(site, alice, ("5000", "A Released [5001]"), ("5001", "A Released [5000]"))


async def test_an_agent_who_hangs_up_meanwhile(scene: Scene, site: Site, desks: list[Phone]) -> None:
    """#21, found out late: the others are connected."""
    alice, bob, carol = desks
    await talking(site, alice, bob)
    await consulting_by_api(site, bob, carol)

    await scene.cut()
    await bob.hang_up()
    await bob.until_idle()
    await site.until_gone("5001")
    await scene.mend()

    await site.agents["5001"].until_told("A Released [5000] AgentLost", "B Released [5002] AgentLost")
    await site.agents["5002"].until_told("B Released [5001]", "A Established [5000]")
    await site.agents["5000"].until_told("A Established [5002] +")
    await asyncio.gather(alice.until_hears({"5002"}), carol.until_hears({"5000"}))
    await hang_up(site, alice, ("5000", "A Released [5002]"), ("5002", "A Released [5000]"))


async def test_lost_as_somebody_answers(scene: Scene, site: Site, desks: list[Phone]) -> None:
    """It is told that they talk, and what brings them together may not have arrived."""
    alice, bob, _ = desks
    await alice.call("5001")
    await bob.until_ringing()
    mark = time.monotonic()
    await bob.answer()
    await site.agents["5000"].until_told("A Dialing [5001]", "A Established [5001]")
    await scene.cut()
    await scene.mend()

    await asyncio.gather(alice.until_hears({"5001"}, since=mark), bob.until_hears({"5000"}, since=mark))
    await site.agents["5001"].until_told("A Ringing [5000]", "A Established [5000]")
    await hang_up(site, alice, ("5000", "A Released [5001]"), ("5001", "A Released [5000]"))


async def test_a_hold_key_pressed_and_pressed_again_meanwhile(scene: Scene, site: Site, desks: list[Phone]) -> None:
    alice, bob, _ = desks
    await talking(site, alice, bob)

    await scene.cut()
    await bob.hold()
    await bob.until_line("held")
    await bob.unhold()
    await bob.until_line("talking")
    await scene.mend()

    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))
    await hang_up(site, alice, ("5000", "A Released [5001]"), ("5001", "A Released [5000]"))


async def test_a_hold_key_pressed_meanwhile(scene: Scene, site: Site, desks: list[Phone]) -> None:
    alice, bob, _ = desks
    await talking(site, alice, bob)

    await scene.cut()
    await bob.hold()
    await alice.until_hears({"music"})
    await scene.mend()

    await site.agents["5001"].until_told("A Held [5000]")
    await alice.until_hears({"music"})
    await bob.unhold()
    await site.agents["5001"].until_told("A Established [5000]")
    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))
    await hang_up(site, alice, ("5000", "A Released [5001]"), ("5001", "A Released [5000]"))


async def test_a_transfer_key_pressed_meanwhile(scene: Scene, site: Site, desks: list[Phone]) -> None:
    """Nobody does it; the call goes on."""
    alice, bob, _ = desks
    line = await talking(site, alice, bob)

    await scene.cut()
    await bob.transfer("5002", line)
    await bob.until_event("response", method="REFER")
    await scene.mend()

    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))
    await hang_up(site, alice, ("5000", "A Released [5001]"), ("5001", "A Released [5000]"))


# -- refused amid an operation -----------------------------------------------------------------------------------------


def nobody(request: dict[str, Any]) -> dict[str, Any]:
    """A channel that is not there: 400."""
    return request | {"message_body": '{"channel":["nobody"]}'}


def nowhere(request: dict[str, Any]) -> dict[str, Any]:
    """A bridge that is not there: 404."""
    return request | {"uri": "bridges/nowhere/addChannel"}


@pytest.mark.parametrize("forged", [nobody, nowhere])
@pytest.mark.parametrize("operation", ["CompleteConference", "CompleteTransfer"])
async def test_asterisk_refuses_to_bring_them_together(
    operation: str, forged: Callable[[dict[str, Any]], dict[str, Any]], scene: Scene, site: Site, desks: list[Phone]
) -> None:
    """#72. It is told as an error; everything is as it was, and can be asked for once more."""
    alice, bob, carol = desks
    await talking(site, alice, bob)
    await consulting_by_api(site, bob, carol)
    mark = time.monotonic()

    def once(request: dict[str, Any]) -> dict[str, Any]:
        if not request["uri"].endswith("/addChannel"):
            return request
        scene.link.forge = lambda request: request
        return forged(request)

    scene.link.forge = once
    agent = site.agents["5001"]
    await agent.do("B", operation)
    await agent.until_told("! 4 B")
    assert sorted(await agent.calls()) == ["A Held [5000]", "B Established [5002]"]
    await asyncio.gather(alice.until_hears({"music"}), bob.until_hears({"5002"}), carol.until_hears({"5001"}))
    await asyncio.gather(*(phone.never_silent_since(mark) for phone in (bob, carol)))

    await agent.do("B", operation)
    if operation == "CompleteConference":
        heard = {alice: {"5001", "5002"}, bob: {"5000", "5002"}, carol: {"5000", "5001"}}
    else:
        heard = {alice: {"5002"}, carol: {"5000"}}
    await asyncio.gather(*(phone.until_hears(numbers) for phone, numbers in heard.items()))
    await over(site, desks)


# -- cut amid an operation ---------------------------------------------------------------------------------------------


class Cut:
    """Cuts the link once, at the frame ``number`` of those that go to Asterisk (``>``) or come from it (``<``) from the
    next request on, so that this one does not arrive."""

    def __init__(self, link: Link, direction: str, number: int) -> None:
        self._link = link
        self._left = number
        self.done = asyncio.Event()
        link.watch_request = self._watch if direction == ">" else self._begin

    def _begin(self, _: dict[str, Any]) -> bool:
        self._link.watch_event = self._watch
        return False

    def _watch(self, _: dict[str, Any]) -> bool:
        self._left -= 1
        if self._left == 0:
            self.done.set()
        return self._left == 0


async def consistent(site: Site, alice: Phone, bob: Phone, carol: Phone) -> None:
    """Whatever became of the operation: who hears whom is what the calls say, once they no longer change."""
    calls: dict[str, list[str]] = {}
    while calls != (calls := {number: sorted(await site.agents[number].calls()) for number in NUMBERS}):  # noqa: ASYNC110  # there is no news of what a GET shows
        await asyncio.sleep(_SETTLED_S)
    match calls["5001"]:
        case ["A Held [5000]", "B Established [5002]"]:
            expected = {alice: {"music"}, bob: {"5002"}, carol: {"5001"}}
        case ["A Held [5000]", "B Dialing [5002]"]:
            expected = {alice: {"music"}, bob: {"ringback"}}
        case ["A Held [5000]"]:
            expected = {alice: {"music"}}
        case ["A Established [5000]"]:
            expected = {alice: {"5001"}, bob: {"5000"}}
        case ["B Ringing [5000]"]:  # the target was lost with the link: who transferred is called back
            expected = {alice: {"ringback"}}
        case []:
            assert calls["5000"] == ["A Established [5002]"], calls
            rings = calls["5002"] == ["A Ringing [5000]"]
            expected = {alice: {"ringback"}} if rings else {alice: {"5002"}, carol: {"5000"}}
        case _:
            raise AssertionError(calls)
    await asyncio.gather(*(phone.until_hears(heard) for phone, heard in expected.items()))


@pytest.mark.parametrize(("direction", "number"), [(">", 1), ("<", 1), ("<", 3), ("<", 5)])
@pytest.mark.parametrize("operation", ["InitiateTransfer", "CompleteTransfer", "SingleStepTransfer"])
async def test_cut_at_a_step_of(
    operation: str, direction: str, number: int, scene: Scene, site: Site, desks: list[Phone]
) -> None:
    alice, bob, carol = desks
    await talking(site, alice, bob)
    if operation == "CompleteTransfer":
        await consulting_by_api(site, bob, carol)

    cut = Cut(scene.link, direction, number)
    letter = "B" if operation == "CompleteTransfer" else "A"
    parameters = {} if operation == "CompleteTransfer" else {"destination": {"phoneNumber": "5002"}}
    await site.agents["5001"].do(letter, operation, **parameters)
    await asyncio.wait_for(cut.done.wait(), 5)
    await site.until_linked(False)
    await scene.mend()

    await consistent(site, alice, bob, carol)
    await over(site, desks)


async def over(site: Site, desks: list[Phone]) -> None:
    """All hang up; each call that somebody was told of was released once, and last."""
    await asyncio.gather(*(phone.hang_up_all() for phone in desks))
    await asyncio.gather(*(phone.until_idle() for phone in desks))
    for agent in site.agents.values():
        await agent.until_no_calls()
        told = [line.split()[:2] for line in agent.told if not line.startswith("!")]
        ended = [call for call, state in told if state == "Released"]
        assert sorted(ended) == sorted({call for call, _ in told}), agent.told
        assert all([call, "Released"] == [one for one in told if one[0] == call][-1] for call, _ in told), agent.told
        agent.forget()


async def test_a_frozen_link_is_found_out_and_made_anew(scene: Scene, site: Site, desks: list[Phone]) -> None:
    """Nobody says that anything is wrong: no answer comes."""
    alice, bob, _ = desks
    await talking(site, alice, bob)

    scene.link.freeze()
    await site.until_linked(False, within_s=HEARTBEAT_S * 1.5 + 1)
    assert await site.agents["5001"].ask("A", "Hold") == (503, 4)
    await scene.link.mend()
    await site.until_linked(within_s=_BACK_S)

    await asyncio.gather(alice.until_hears({"5001"}), bob.until_hears({"5000"}))
    await hang_up(site, alice, ("5000", "A Released [5001]"), ("5001", "A Released [5000]"))
