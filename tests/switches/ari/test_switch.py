"""The switch on the event loop, with a likeness of Asterisk on a socket."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.kit.asterisk_server import APP, PASSWORD, USER, LikenessServer, Manager
from tests.kit.asterisk_things import Recording

from cordboard.calls.model import RecordingId
from cordboard.calls.orders import (
    AnswerLeg,
    AnyOrder,
    DialLeg,
    DropLeg,
    HoldLeg,
    JoinLegs,
    MuteLeg,
    StartRecording,
    StopRecording,
)
from cordboard.calls.recordings import Recorded
from cordboard.calls.records import Remembered, Tape
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegHeld,
    LegOffered,
    LegRinging,
    LegTransferred,
    OrderDone,
    OrderFailed,
    RecordingEnded,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.switches.ari import keys, switch
from cordboard.switches.ari.ami import AmiSettings
from cordboard.switches.ari.client import AriSettings, Client
from cordboard.switches.ari.driver import DriverSettings
from cordboard.switches.ari.switch import AriSwitch
from cordboard.switches.ari.tracker import Setup
from cordboard.switches.ari.wire import Request

PHONES = {"5000": "PJSIP/5000", "5001": "PJSIP/5001"}
DIAL = DialLeg(1, "a", "5000", "0123", "call")


class FakeShelf:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[Recorded] = []
        self.lost: list[str] = []
        self.waiting: list[tuple[Recorded, tuple[str, ...]]] = []
        self.news = asyncio.Event()

    def place(self, recording: RecordingId) -> Path:
        return self.folder / f"{recording}.wav"

    def keep(self, recorded: Recorded) -> None:
        self.kept.append(recorded)
        self.news.set()

    def lose(self, recorded: Recorded, why: str) -> None:
        self.lost.append(why)
        self.news.set()

    def expect(self, recorded: Recorded, parts: tuple[str, ...]) -> None:
        """The files are there at once."""

    def expected(self) -> list[tuple[Recorded, tuple[str, ...]]]:
        return self.waiting


class Site:
    """A switch, the server it speaks to, and what it reported."""

    def __init__(self, tmp_path: Path, *, shelf: bool = True) -> None:
        self.unhurried = False
        self.server = LikenessServer(PHONES)
        self.manager = Manager(self.server.likeness)
        self.shelf = FakeShelf(tmp_path)
        self.has_shelf = shelf
        self.heard: list[AnyReport] = []
        self.react: Callable[[AnyReport], None] = lambda _: None
        self._news = asyncio.Event()

    def make(self) -> AriSwitch:
        self.switch = AriSwitch(
            AriSettings(self.server.url, USER, PASSWORD, APP),
            DriverSettings(phones=tuple(Setup(number, endpoint) for number, endpoint in PHONES.items())),
            asyncio.get_running_loop().time,
            AmiSettings("127.0.0.1", self.manager.port, USER, PASSWORD),
            self.shelf if self.has_shelf else None,
            unhurried=self.unhurried,
        )
        return self.switch

    def hear(self, report: AnyReport) -> None:
        self.heard.append(report)
        self._news.set()
        self.react(report)

    async def until(self, report: AnyReport | type) -> None:
        """This, or one of this kind, is heard."""
        async with asyncio.timeout(5):
            while not any(one == report or type(one) is report for one in self.heard):
                self._news.clear()
                await self._news.wait()

    async def do(self, *orders: AnyOrder) -> None:
        """Until each of them is answered with done."""
        before = len(self.heard)
        self.switch.submit(orders)
        assert len(self.heard) == before, "hear was called from inside submit"
        for order in orders:
            await self.until(OrderDone(order.order))

    async def talking(self) -> None:
        """One leg that is answered and in a mix."""
        await self.do(DIAL)
        await self.act(lambda: self.server.likeness.pick_up(self.server.likeness.channels["a"]))
        await self.until(LegAnswered("a"))
        await self.do(JoinLegs(2, "mix", mixed=("a",)))

    async def act(self, deed: Callable[[], Any]) -> None:
        deed()
        await self.server.tell()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switch, "_PAUSE_MIN_S", 0.01)
    monkeypatch.setattr(switch, "_PAUSE_MAX_S", 0.05)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(tmp_path)
    await made.server.start()
    await made.manager.start()
    await made.make().start(made.hear)
    yield made
    await made.switch.stop()
    await made.manager.stop()
    await made.server.stop()


async def test_it_starts_with_what_there_is(site: Site) -> None:
    assert site.heard == [SwitchSnapshot()]


async def test_orders_are_carried_out_and_what_comes_of_them_is_told(site: Site) -> None:
    await site.do(DIAL)
    await site.until(LegRinging("a"))
    await site.do(DropLeg(2, "a"))
    await site.until(LegEnded("a"))


async def test_a_telephone_is_notified_by_the_manager(site: Site) -> None:
    await site.do(DIAL)
    await site.until(LegRinging("a"))
    await site.do(AnswerLeg(2, "a"))
    assert site.manager.actions[-1]["Variable"] == "Event=talk"
    await site.server.tell()
    await site.until(LegAnswered("a"))


async def test_what_the_board_orders_while_it_hears_is_sent_when_people_were_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    send = Client.send

    def noted(client: Client, request: Request, number: str) -> None:
        done.append(f"{request.method} {request.path}")
        send(client, request, number)

    def react(report: AnyReport) -> None:
        if report == LegRinging("a"):
            monkeypatch.setattr(Client, "send", noted)
            asyncio.get_running_loop().call_soon(done.append, "people are told")
            site.switch.submit([DropLeg(2, "a")])
            site.switch.submit([msgspec.structs.replace(DIAL, order=3, leg="b")])

    site.react = react
    await site.do(DIAL)
    await site.until(OrderDone(2))
    await site.until(LegEnded("a"))
    await site.until(OrderDone(3))
    assert done[:3] == ["people are told", "DELETE channels/a", "POST channels/create"]


async def test_what_was_written_down_first_is_sent_when_people_were_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    await site.switch.stop()
    site.unhurried = True
    await site.make().start(site.hear)
    monkeypatch.setattr(Client, "send", lambda _client, request, _number: done.append(request.path))
    site.switch.submit([DIAL])
    asyncio.get_running_loop().call_soon(done.append, "an answer")
    assert done == []
    await asyncio.sleep(0)
    assert done == ["channels/create", "an answer"]


async def test_the_answer_to_a_transfer_key_is_sent_when_the_board_has_dealt_with_it(site: Site) -> None:
    """Its orders may come long after it has heard of it: they wait until that is durable."""
    await site.talking()
    channel = site.server.likeness.channels["a"]
    await site.act(lambda: site.server.likeness.refer(channel, "5001"))
    await site.until(LegTransferred("a", "5001"))
    assert channel.progress == []
    site.switch.dealt_with(LegTransferred("a", "5001"))
    await site.server.until(lambda: any("transfer_progress" in asked for asked in site.server.asked))
    assert channel.progress == ["channel_declined"]


async def test_a_telephone_that_keeps_a_call_on_hold_is_waited_for_in_vain(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "RESUME_TIMEOUT_S", 0.05)
    await site.talking()
    await site.act(lambda: site.server.likeness.hold(site.server.likeness.channels["a"]))
    await site.until(LegHeld("a"))
    site.manager.likeness = None  # the telephone is deaf
    site.switch.submit([JoinLegs(3, "other", mixed=("a",))])
    await site.until(OrderFailed(3, "the telephone of 5000 keeps the call on hold"))


async def test_an_event_that_meets_a_bug_stops_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    await site.talking()
    hear = site.switch._driver.hear
    monkeypatch.setattr(site.switch._driver, "hear", lambda *_: 1 / 0)
    with capture_logs() as logs:
        await site.act(lambda: site.server.likeness.dial("5001", "5000"))
        await site.do(MuteLeg(8, "a", True))  # whatever was said before has been heard by now
    monkeypatch.setattr(site.switch._driver, "hear", hear)
    assert logs[0]["event"] == "an event of Asterisk's was not understood"
    await site.do(DropLeg(9, "a"))
    await site.until(LegEnded("a"))


async def test_until_it_is_started_and_after_it_was_stopped_nothing_happens(site: Site) -> None:
    await site.switch.stop()
    site.heard.clear()
    site.switch.submit([DIAL])
    await asyncio.sleep(0.02)
    assert (site.heard, site.server.likeness.channels) == ([], {})


async def test_it_can_be_let_go_of_and_taken_up_again(site: Site) -> None:
    await site.talking()
    for _ in range(2):
        await site.switch.stop()
        site.heard.clear()
        await site.switch.start(site.hear)
        await site.until(SwitchSnapshot)
        (snapshot,) = site.heard
        assert isinstance(snapshot, SwitchSnapshot)
        assert [(leg.leg, leg.place) for leg in snapshot.legs] == [("a", "mix")]
    await site.do(HoldLeg(3, music=("a",)))


# -- the link --------------------------------------------------------------------------------------------------------


async def test_a_link_that_is_lost_is_made_again(site: Site) -> None:
    await site.talking()
    site.heard.clear()
    await site.server.cut()
    await site.until(SwitchSnapshot)
    assert site.heard[0] == SwitchDown()
    snapshot = site.heard[1]
    assert isinstance(snapshot, SwitchSnapshot)
    assert [(leg.leg, leg.place) for leg in snapshot.legs] == [("a", "mix")]


async def test_what_a_telephone_holds_is_found(site: Site) -> None:
    await site.talking()
    site.server.likeness.hold(site.server.likeness.channels["a"])
    site.server.likeness.take()
    await site.server.cut()
    await site.until(LegHeld("a"))


async def test_recordings_that_go_on_are_found(site: Site) -> None:
    await site.talking()
    await site.do(StartRecording(3, "rec", "mix", "call", "5000"))
    site.heard.clear()
    await site.server.cut()
    await site.until(SwitchSnapshot)
    (snapshot,) = [report for report in site.heard if isinstance(report, SwitchSnapshot)]
    assert [one.recording for one in snapshot.recordings] == ["rec"]
    await site.server.cut()
    site.server.likeness.recordings.clear()
    await site.server.until(lambda: "rec.2" in site.server.likeness.recordings)


async def test_recordings_of_an_earlier_process_are_found(site: Site) -> None:
    await site.talking()
    await site.do(StartRecording(3, "rec", "mix", "call", "5000"))
    await site.switch.stop()
    likeness = site.server.likeness
    likeness.recordings["rec.2"] = Recording("rec.2", likeness.recordings.pop("rec").bridge)
    likeness.stored.add("rec")
    site.heard.clear()
    made = site.make()
    made.resume(Remembered(tuple(Tape(name, "mix", call="call", starter="5000") for name in ("rec", "other"))))
    await made.start(site.hear)
    await site.until(SwitchSnapshot)
    (snapshot,) = [report for report in site.heard if isinstance(report, SwitchSnapshot)]
    assert [one.recording for one in snapshot.recordings] == ["rec"]
    assert made._driver._taping._tapes["rec"].parts == ["rec", "rec.2"]


async def test_who_dials_while_it_is_being_found_is_offered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    probe = Client.probe

    async def late(client: Client) -> None:
        await site.act(lambda: site.server.likeness.dial("5001", "5000"))
        await probe(client)

    monkeypatch.setattr(Client, "probe", late)
    site.heard.clear()
    await site.server.cut()
    await site.until(LegOffered)
    assert [type(report) for report in site.heard] == [SwitchDown, SwitchSnapshot, LegOffered]
    assert site.heard[1] == SwitchSnapshot()


async def test_without_a_link_orders_fail_and_it_is_said_once_why(tmp_path: Path) -> None:
    site = Site(tmp_path)
    await site.server.start()
    await site.server.stop()
    await site.manager.start()
    with capture_logs() as logs:
        await site.make().start(site.hear)
        site.switch.submit([DIAL])
        await site.until(OrderFailed(1, "the link to Asterisk is down"))
        await asyncio.sleep(0.05)
    told = [log for log in logs if log["log_level"] == "warning"]
    assert [log["event"] for log in told] == ["no link to Asterisk; trying again"]
    await site.server.start(site.server.port)
    await site.until(SwitchSnapshot)
    await site.switch.stop()
    await site.manager.stop()
    await site.server.stop()


async def test_an_asterisk_that_refuses_the_filter_is_no_link(site: Site) -> None:
    site.heard.clear()
    site.server.likeness.failing = [0, 500]
    with capture_logs() as logs:
        await site.server.cut()
        await site.until(SwitchSnapshot)
    assert any("eventFilter: 500" in log.get("why", "") for log in logs)


async def test_a_bug_while_finding_is_noted_and_tried_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    probe = Client.probe
    tries: list[int] = []

    async def buggy(client: Client) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("a bug")
        await probe(client)

    monkeypatch.setattr(Client, "probe", buggy)
    site.heard.clear()
    with capture_logs() as logs:
        await site.server.cut()
        await site.until(SwitchSnapshot)
    assert "the link to Asterisk failed" in [log["event"] for log in logs]


async def test_when_another_program_takes_over_not_one_order_more_is_given(site: Site) -> None:
    with capture_logs() as logs:
        await site.server.say('{"type":"ApplicationReplaced","application":"cordboard"}')
        await site.until(SwitchDown())
    assert [log["log_level"] for log in logs] == ["error"]
    asked = len(site.server.asked)
    site.switch.submit([DIAL])
    await site.until(OrderFailed(1, "the link to Asterisk is down"))
    await asyncio.sleep(0.05)
    assert len(site.server.asked) == asked
    assert site.switch._running is not None
    assert site.switch._running.done()


async def test_other_programs_channels_are_not_ours(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    await site.talking()
    shown = site.server.likeness.channels["a"].shown
    theirs = {"exten": "", "app_name": "Dial", "app_data": ""}
    monkeypatch.setattr(site.server.likeness.channels["a"], "shown", lambda: {**shown(), "dialplan": theirs})
    monkeypatch.setattr(site.server.likeness, "_of_applications", lambda *_: (200, {"channel_ids": []}))
    site.heard.clear()
    await site.server.cut()
    await site.until(SwitchSnapshot())


# -- recordings ------------------------------------------------------------------------------------------------------


def a_wav(seconds: float) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * int(8000 * seconds))
    return content.getvalue()


async def recorded(site: Site, files: dict[str, bytes]) -> None:
    await site.talking()
    await site.do(StartRecording(3, "rec", "mix", "call", "5000"))
    site.server.files = files
    await site.do(StopRecording(4, "rec"))
    await site.until(RecordingEnded("rec"))


async def test_a_recording_is_brought_home_and_cleared_away_there(site: Site) -> None:
    await recorded(site, {"rec": a_wav(1.5)})
    await site.shelf.news.wait()
    (kept,) = site.shelf.kept
    assert (kept.id, kept.seconds, kept.parties) == ("rec", 1.5, ("5000",))
    with wave.open(str(site.shelf.place("rec"))) as file:
        assert file.getnframes() == 12_000
    await site.server.until(lambda: "DELETE recordings/stored/rec" in site.server.asked)


async def test_one_that_asterisk_still_writes_is_waited_for(site: Site) -> None:
    """A part ends with its last voice, without a word; its file is closed a moment later."""
    await site.talking()
    await site.do(StartRecording(3, "rec", "mix", "call", "5000"))
    writing = site.server.likeness.recordings["rec"]
    site.server.files = {"rec": b"RIFF\0\0\0\0WAVE"}
    await site.do(StopRecording(4, "rec"))
    site.server.likeness.recordings["rec"] = writing
    await site.server.until(lambda: "GET recordings/live/rec" in site.server.asked)
    site.server.files = {"rec": a_wav(1.5)}
    del site.server.likeness.recordings["rec"]
    await site.shelf.news.wait()
    assert (len(site.shelf.kept), site.shelf.lost) == (1, [])


async def test_one_that_can_t_be_read_is_lost(site: Site) -> None:
    await recorded(site, {"rec": b"no sound"})
    await site.shelf.news.wait()
    assert (site.shelf.kept, len(site.shelf.lost)) == ([], 1)


async def test_what_an_earlier_process_could_not_fetch_is_fetched(site: Site) -> None:
    await site.server.cut()
    await site.until(SwitchDown)
    site.server.files = {"old": a_wav(0.5)}
    site.shelf.waiting.append((Recorded("old", "mix", "call", "5000", ("5000", "5001"), 7.0, 0.0), ("old",)))
    await site.shelf.news.wait()
    (kept,) = site.shelf.kept
    assert (kept.id, kept.began, kept.seconds, kept.parties) == ("old", 7.0, 0.5, ("5000", "5001"))


async def test_without_a_shelf_recordings_are_cleared_away_only(tmp_path: Path) -> None:
    site = Site(tmp_path, shelf=False)
    await site.server.start()
    await site.manager.start()
    await site.make().start(site.hear)
    await recorded(site, {"rec": a_wav(1)})
    await site.server.until(lambda: "DELETE recordings/stored/rec" in site.server.asked)
    await site.switch.stop()
    await site.manager.stop()
    await site.server.stop()


async def test_it_waits_for_what_it_was_doing_when_it_is_stopped(site: Site) -> None:
    await site.do(DIAL)
    await site.until(LegRinging("a"))
    site.manager.mute = True
    site.switch.submit([AnswerLeg(2, "a"), MuteLeg(3, "gone", True)])
    await site.switch.stop()
    assert OrderDone(2) not in site.heard


async def test_it_can_be_stopped_before_it_was_started(tmp_path: Path) -> None:
    site = Site(tmp_path)
    await site.manager.start()
    switch_ = site.make()
    switch_.submit([DIAL])
    await switch_.stop()
    assert site.heard == []
    await site.manager.stop()


async def test_a_link_that_is_lost_while_it_is_being_found_out_about_is_made_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Client.probe
    tries: list[int] = []

    async def cut(client: Client) -> None:
        tries.append(1)
        if len(tries) == 1:
            await site.server.cut()
            await asyncio.Event().wait()
        await probe(client)

    monkeypatch.setattr(Client, "probe", cut)
    site.heard.clear()
    await site.server.cut()
    await site.until(SwitchSnapshot)
    assert [type(report) for report in site.heard] == [SwitchDown, SwitchSnapshot]
