"""The desks: order of effects, timers, and bugs that stop one input only."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.kit import people
from tests.kit.slow import SlowJournal

from cordboard.agents.commands import StartSession, TakeState
from cordboard.agents.events import DeviceChanged
from cordboard.agents.roster import Roster
from cordboard.calls.board import Board
from cordboard.calls.commands import Answer, AttachUserData, Hangup, Hold, Monitor, Retrieve
from cordboard.calls.model import CallState, Monitoring, MonitorKind, Refusal, RefusalKind
from cordboard.calls.orders import AnyOrder, DialLeg
from cordboard.calls.ports import Hear, Journal
from cordboard.calls.records import Rules
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegOffered,
    LegsTransferred,
    LegTransferred,
    OrderDone,
    OrderFailed,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.calls.segments import AnyRecord, Segment
from cordboard.server.book import Book
from cordboard.server.desk import AgentsDesk, CallDesk
from cordboard.server.lines import Heard


class Recorder:
    """Stands in for the switch and the post: notes what happens in which order."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, Any]] = []
        self.hear: Hear | None = None

    async def start(self, hear: Hear) -> None:
        self.hear = hear

    async def stop(self) -> None:
        self.notes.append(("stopped", None))

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        self.notes.append(("orders", list(orders)))

    def dealt_with(self, report: Any) -> None:
        self.notes.append(("dealt with", report))

    def later(self, events: Any) -> None:
        self.notes.append(("later", list(events)))

    def at_once(self, events: Any) -> None:
        self.notes.append(("at once", list(events)))

    def taken(self) -> list[tuple[str, Any]]:
        notes, self.notes = self.notes, []
        return notes


class Site:
    """A desk over a real board, with a clock that the test moves."""

    def __init__(self, rules: Rules | None = None, journal: Journal | None = None) -> None:
        self.instant = 50.0
        self.book = Book(journal)
        self.recorder = Recorder()
        directory = people.directory()
        self.board = Board(rules or Rules(), directory, "0" * 26, "0" * 8)
        post: Any = self.recorder
        roster = Roster(directory)
        self.witnessed: list[tuple[int, float]] = []
        self.recorded: list[AnyRecord] = []
        self.desk = CallDesk(
            self.board,
            self.recorder,
            post,
            lambda: self.instant,
            roster,
            [lambda events, now: self.witnessed.append((len(events), now))],
            self.book,
            self.recorded.extend,
        )
        self.agents = AgentsDesk(roster, post, lambda: self.instant, self.book)

    async def open(self) -> None:
        await self.desk.start()
        assert self.recorder.hear is not None
        self.recorder.hear(SwitchSnapshot())

    def ring(self) -> str:
        """5000 dials 5005; the id of the call."""
        self.desk.hear(LegOffered("x1", "5000", "5005"))
        return self.desk.calls_of("5000")[0].call.id

    def orders(self) -> list[DialLeg]:
        orders = [order for kind, value in self.recorder.taken() if kind == "orders" for order in value]
        return [order for order in orders if isinstance(order, DialLeg)]

    def dialled(self) -> DialLeg:
        return self.orders()[0]


@pytest.fixture
async def site() -> Site:
    made = Site()
    await made.open()
    return made


async def test_people_are_told_before_orders_that_follow_go_out(site: Site) -> None:
    call_id = site.ring()
    kinds = [kind for kind, _ in site.recorder.taken()]
    assert kinds == ["at once", "orders"]
    view = site.desk.call(call_id, "5000")
    assert view is not None
    assert view.call.state is CallState.DIALING
    assert site.desk.now() == 50.0
    await site.desk.stop()
    assert site.recorder.taken() == [("stopped", None)]


async def test_the_link_to_the_switch_is_there_once_it_has_said_so() -> None:
    made = Site()
    assert not made.desk.is_linked()
    await made.open()
    assert made.desk.is_linked()
    await made.desk.stop()


async def test_a_command_is_answered_before_its_events(site: Site) -> None:
    call_id = site.ring()
    site.recorder.taken()
    assert site.desk.ask(AttachUserData(asker="5000", call=call_id, user_data={"k": "v"})) is None
    ((kind, events),) = site.recorder.taken()
    assert kind == "later"
    assert len(events) == 1
    await site.desk.stop()


async def test_a_command_goes_to_the_switch_before_anybody_is_told(site: Site) -> None:
    call_id = site.ring()
    site.recorder.taken()
    assert site.desk.ask(Hangup(asker="5000", call=call_id)) is None
    assert [kind for kind, _ in site.recorder.taken()] == ["orders", "later"]
    await site.desk.stop()


async def test_a_refusal_has_no_effects(site: Site) -> None:
    call_id = site.ring()
    site.recorder.taken()
    refusal = site.desk.ask(Answer(asker="5000", call=call_id))
    assert refusal is not None
    assert refusal.kind is RefusalKind.NOT_PERMITTED_NOW
    assert site.recorder.taken() == []
    await site.desk.stop()


async def test_a_report_that_changes_nothing_is_not_posted(site: Site) -> None:
    site.desk.hear(LegAnswered("nobody's"))
    assert [kind for kind, _ in site.recorder.taken()] == ["orders"]  # the stray leg is dropped
    site.desk.hear(OrderDone(99))
    assert site.recorder.taken() == []
    await site.desk.stop()


async def test_the_board_is_woken_when_something_is_due() -> None:
    site = Site(Rules(order_timeout_s=0.01, no_answer_timeout_s=0.02))
    await site.open()
    call_id = site.ring()
    site.desk.hear(OrderDone(site.dialled().order))
    while site.desk.call(call_id, "5000") is not None:
        site.instant += 0.01
        await asyncio.sleep(0)
    kinds = [kind for kind, _ in site.recorder.taken()]
    assert "at once" in kinds
    await site.desk.stop()


async def test_a_bug_stops_one_input_only(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    call_id = site.ring()
    site.recorder.taken()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch, capture_logs() as logs:
        for name in ("asking.ask", "hearing.hear", "wake"):
            patch.setattr(f"cordboard.calls.board.{name}", broken)
        refusal = site.desk.ask(Hangup(asker="5000", call=call_id))
        site.desk.hear(LegAnswered("x1"))
        site.instant += 5.5  # the orders' time is over
        site.desk._wake()
    assert isinstance(refusal, Refusal)
    assert refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
    assert [line["event"] for line in logs] == ["the board failed"] * 4
    assert site.recorder.taken() == []
    assert site.desk.ask(Hangup(asker="5000", call=call_id)) is None
    await site.desk.stop()


async def test_agents_are_posted_later_and_refusals_not_at_all(site: Site) -> None:
    refusal = site.agents.ask(TakeState(asker="5005", operation="Ready"))
    assert isinstance(refusal, Refusal)
    assert site.recorder.taken() == []
    assert site.agents.ask(StartSession(asker="5005")) is None
    ((kind, events),) = site.recorder.taken()
    assert kind == "later"
    assert len(events) == 2
    assert site.agents.device("5005").logged_in
    await site.desk.stop()


async def test_whom_a_supervisor_monitors_is_told_with_its_device(site: Site) -> None:
    """At once for what the switch reports, later for what is asked; always in the order of events."""
    assert site.desk.ask(Monitor(asker="5900", target="5005", kind=MonitorKind.COACH)) is None
    ((kind, (event,)),) = site.recorder.taken()
    assert (kind, event) == ("later", DeviceChanged(site.agents.device("5900")))
    assert site.agents.device("5900").monitoring == Monitoring("5900", "5005", MonitorKind.COACH)
    site.ring()
    site.desk.hear(LegAnswered(site.dialled().leg))
    own = next(order for order in site.orders() if order.number == "5900")
    site.desk.hear(LegAnswered(own.leg))
    told = [type(event).__name__ for kind, events in site.recorder.taken() if kind == "at once" for event in events]
    assert told == ["CallChanged", "DeviceChanged", "CallChanged"]
    await site.desk.stop()


async def talking(site: Site) -> str:
    """5000 talks with 5005; the id of the call."""
    call_id = site.ring()
    leg = site.dialled().leg
    site.desk.hear(LegAnswered(leg))
    site.recorder.taken()
    return call_id


def last_order(site: Site) -> AnyOrder:
    orders = [order for kind, value in site.recorder.taken() if kind == "orders" for order in value]
    return orders[-1]


async def test_what_is_carried_out_is_done_when_the_switch_has_done_it(site: Site) -> None:
    call_id = await talking(site)
    doing = asyncio.ensure_future(site.desk.carry_out(Hold(asker="5005", call=call_id)))
    await asyncio.sleep(0)
    assert not doing.done()
    site.desk.hear(OrderDone(last_order(site).order))
    assert await doing is None
    assert site.desk.calls_of("5005")[0].call.state is CallState.HELD
    await site.desk.stop()


async def test_what_the_switch_refuses_or_can_t_do_is_told(site: Site) -> None:
    call_id = await talking(site)
    doing = asyncio.ensure_future(site.desk.carry_out(Hold(asker="5005", call=call_id)))
    await asyncio.sleep(0)
    site.desk.hear(OrderFailed(last_order(site).order, "no"))
    refusal = await doing
    assert refusal is not None
    assert refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
    refused = await site.desk.carry_out(Retrieve(asker="5005", call=call_id))
    assert refused is not None
    assert refused.kind is RefusalKind.NOT_PERMITTED_NOW
    assert await site.desk.carry_out(Hangup(asker="5005", call=call_id)) is None
    await site.desk.stop()


async def test_who_no_longer_waits_is_not_told(site: Site) -> None:
    call_id = await talking(site)
    doing = asyncio.ensure_future(site.desk.carry_out(Hold(asker="5005", call=call_id)))
    await asyncio.sleep(0)
    doing.cancel()
    await asyncio.gather(doing, return_exceptions=True)
    site.desk.hear(OrderDone(last_order(site).order))
    await site.desk.stop()


async def test_those_who_look_on_know_before_anybody_can_ask(site: Site) -> None:
    site.ring()
    assert site.witnessed == [(1, 50.0)]
    await site.desk.stop()


async def test_what_is_recorded_is_handed_over_when_it_is_complete(site: Site) -> None:
    await talking(site)
    assert site.recorded == []
    site.desk.hear(LegEnded(site.board.ledger.calls[site.board.ledger.owners["5005"][0]].leg))
    assert [record.number for record in site.recorded if isinstance(record, Segment)] == ["5005", "5000"]
    site.recorded.clear()
    site.ring()
    assert site.recorded == []
    await site.desk.stop()


# -- with a journal ----------------------------------------------------------------------------------------------------


async def kept() -> tuple[Site, SlowJournal]:
    journal = SlowJournal()
    made = Site(journal=journal)
    await made.open()
    journal.reach()
    made.recorder.taken()
    return made, journal


def kinds(journal: SlowJournal) -> list[list[str]]:
    found = [[line.kind for line in lines] for lines, _ in journal.entries]
    journal.entries.clear()
    return found


async def test_whoever_pressed_the_transfer_key_learns_what_comes_of_it_after_the_orders() -> None:
    """The switch tells the telephone that nothing does, unless its leg is being dropped by then."""
    site, journal = await kept()
    site.ring()
    report = LegTransferred("x1", "5001")
    site.desk.hear(report)
    assert "dealt with" not in [kind for kind, _ in site.recorder.taken()]
    journal.reach()
    (kind, _), answer = site.recorder.taken()
    assert (kind, answer) == ("orders", ("dealt with", report))
    await site.desk.stop()


async def test_a_transfer_key_that_the_board_fails_at_is_answered_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(site.board, "hear", fail)
    report = LegsTransferred("x1", "x2")
    with capture_logs():
        site.desk.hear(report)
    assert site.recorder.taken() == [("dealt with", report)]


async def test_orders_leave_when_what_led_to_them_is_durable() -> None:
    site, journal = await kept()
    call_id = site.ring()
    assert site.desk.call(call_id, "5000") is not None
    assert kinds(journal) == [["hear", "hear"]]  # the snapshot that led to nothing goes with it
    assert [kind for kind, _ in site.recorder.taken()] == ["at once"]  # the post waits by itself
    journal.reach()
    assert [kind for kind, _ in site.recorder.taken()] == ["orders"]
    await site.desk.stop()


@pytest.mark.parametrize("reports", [(SwitchDown(),), (SwitchDown(), SwitchSnapshot())], ids=["down", "up again"])
async def test_orders_from_before_the_link_broke_do_not_leave_after_it(reports: tuple[AnyReport, ...]) -> None:
    """The board has given them up, and the snapshot can't tell of what comes of them (call-semantics I9)."""
    site, journal = await kept()
    site.ring()
    for report in reports:
        site.desk.hear(report)
    journal.reach()
    assert site.orders() == [], "no telephone is made to ring by what was given up"
    journal.entries.clear()
    await asyncio.sleep(0)
    site.book.flush()
    heard = [msgspec.msgpack.decode(line.body, type=Heard).report for lines, _ in journal.entries for line in lines]
    failed = [report for report in heard if isinstance(report, OrderFailed)]
    assert failed == [OrderFailed(order, "the link to the switch broke") for order in (1, 2)]
    await site.desk.stop()


async def test_commands_are_written_down_unless_they_are_refused() -> None:
    site, journal = await kept()
    call_id = site.ring()
    kinds(journal)
    assert site.desk.ask(Answer(asker="5000", call=call_id)) is not None
    assert kinds(journal) == []
    assert site.desk.ask(AttachUserData(asker="5000", call=call_id, user_data={"k": "v"})) is None
    assert kinds(journal) == [["ask"]]
    assert site.agents.ask(StartSession(asker="5005")) is None
    assert kinds(journal) == [["agent"]]
    assert list(journal.rows("devices"))
    await site.desk.stop()


async def test_answers_of_the_switch_that_lead_to_nothing_wait_for_something_that_does() -> None:
    site, journal = await kept()
    site.ring()
    journal.reach()
    kinds(journal)
    site.desk.hear(OrderDone(site.dialled().order))
    assert kinds(journal) == []
    site.desk.hear(LegAnswered("nobody's"))
    assert kinds(journal) == [["hear", "hear"]]
    await site.desk.stop()


async def test_what_is_due_is_written_down() -> None:
    site, journal = await kept()
    site.ring()
    kinds(journal)
    site.instant += 5.0
    site.desk._wake()
    assert kinds(journal)[0] == ["tick"]
    await site.desk.stop()


async def test_whom_somebody_monitors_is_kept_with_the_device() -> None:
    site, journal = await kept()
    assert site.desk.ask(Monitor(asker="5900", target="5005", kind=MonitorKind.COACH)) is None
    assert len(list(journal.rows("devices"))) == 1
    await site.desk.stop()


async def test_while_the_journal_is_in_trouble_commands_are_refused_and_nothing_is_due() -> None:
    site, journal = await kept()
    call_id = site.ring()
    journal.why = "no space"
    refusal = site.desk.ask(AttachUserData(asker="5000", call=call_id, user_data={"k": "v"}))
    assert refusal is not None
    assert refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
    assert site.agents.ask(StartSession(asker="5005")) == refusal
    site.instant += 100.0
    site.desk._wake()
    assert site.desk.call(call_id, "5000") is not None
    journal.why = ""
    with capture_logs():
        site.book.in_trouble("no space")
        site.book.in_trouble("")
    site.desk._wake()
    assert site.desk.call(call_id, "5000") is not None  # its order has left just now
    site.instant += 5.0
    site.desk._wake()
    assert site.desk.call(call_id, "5000") is None
    await site.desk.stop()
