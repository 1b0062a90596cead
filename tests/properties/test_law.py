"""Random commands, phones, reports, timers and faults of eight parties: the law holds after every one of them."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.kit.law import Law, copy_of
from tests.kit.people import PUBLIC
from tests.kit.scene import Scene

from cordboard.agents.commands import ForwardCalls, SetDoNotDisturb, StopForwarding
from cordboard.calls import commands
from cordboard.calls.events import AnyEvent
from cordboard.calls.model import CallView, MonitorKind, MonitorMode, MonitorScope
from cordboard.calls.operations.supervising import operation_of
from cordboard.calls.operations.table import HANDLERS
from cordboard.calls.operations.taking import TAKINGS
from cordboard.calls.permits import USER_DATA, supervision, takings
from cordboard.calls.records import Rules
from cordboard.calls.step import replace
from cordboard.switches.virtual import persons
from cordboard.switches.virtual.exchange import LineView
from cordboard.switches.virtual.faults import ORDER_NAMES, Fault, Misdeed
from cordboard.switches.virtual.phones import LineState

NUMBERS = ("5005", "5000", "5001", "5900", "15000", "5002", "5003", PUBLIC)
"""Two of them may record."""
_TALK = ["5000 dial 5005", "5005 answer -"]
_RINGING = [*_TALK, "5005 InitiateTransfer 5001"]
_CONSULT = [*_RINGING, "5001 answer -"]
_RECORDED = ["5000 dial 5002", "5002 answer -", "5002 StartRecording -"]
STORIES = {
    "nothing": [],
    "talking": _TALK,
    "held": [*_TALK, "5005 Hold -"],
    "target rings": _RINGING,
    "consulting": _CONSULT,
    "consulting for a conference": [*_TALK, "5005 InitiateConference 5001", "5001 answer -"],
    "two consults": [*_RINGING, "5005 InitiateTransfer 5900", "5001 answer -"],
    "conference": [*_CONSULT, "5005 CompleteConference -"],
    "completed early": [*_RINGING, "5005 CompleteTransfer -"],
    "blind": [*_TALK, "5005 SingleStepTransfer 5001"],
    "recorded": [*_RECORDED],
    "recorded for another": [*_RECORDED, "5002 InitiateTransfer 5003", "5003 answer -"],
    "recorded consult": [*_RECORDED, "5002 InitiateTransfer 5001", "5001 answer -", "5002 StartRecording -"],
    "monitored": [*_TALK, "5900 Coach 5005"],
    "monitored, target rings": [*_TALK, "5900 BargeIn 5005", "5005 InitiateTransfer 5001"],
    "monitored consult": [*_RINGING, "5900 ListenIn 5001", "5001 answer -"],
    "monitored conference": [*_CONSULT, "5900 BargeIn 5001", "5005 CompleteConference -"],
    "parked out of a conference": [*_CONSULT, "5005 CompleteConference -", "5005 Park 5001"],
    "parked": [*_TALK, "5005 Park -"],
    "parked, called for": [*_TALK, "5005 Park -", "5900 UnPark 5000"],
    "voicemail": [*_TALK, "5005 TransferToVoicemail 5001"],
    "several sources": ["5000 Sources 5001"],
    "several sources, one has answered": ["5000 Sources 5001", "5005 answer -"],
    "pinned": [f"5000 Sources {PUBLIC}", "5005 answer -", f"{PUBLIC} answer -"],
    "room": ["500 Invite 5000", "5000 answer -", "500 Invite 5001"],
    "from outside": [f"{PUBLIC} dial 5005", "5005 answer -"],
}
OPERATIONS = sorted(HANDLERS, key=lambda command: command.__name__)
SUPERVISING = (commands.CancelMonitoring, commands.MuteMonitored, commands.UnmuteMonitored)
DATA = {kind for kind in OPERATIONS if HANDLERS[kind].operation in USER_DATA}
numbers = st.sampled_from(NUMBERS)
destinations = st.sampled_from((*NUMBERS, "9999"))
then = st.sampled_from((99, 99, 1, 0, 2))
"""How many reports are delivered after an input: mostly all, so that something comes of it."""
_OFF_HOOK = (
    persons.Hangup(),
    persons.Hold(),
    persons.Retrieve(),
    persons.Dtmf(digits="1"),
    persons.Transfer(to="5001"),
)
PRESSES: dict[LineState, tuple[persons.AnyAction, ...]] = {
    LineState.IDLE: (),
    LineState.RINGING: (persons.Answer(), persons.Answer(), persons.Reject()),
    LineState.DIALING: _OFF_HOOK,
    LineState.TALKING: _OFF_HOOK,
    LineState.HELD: (persons.Retrieve(), persons.Hangup(), persons.Transfer(to="5900")),
}


def play(scene: Any, line: str) -> None:
    """Somebody does what a line of a story says; nothing is delivered."""
    number, what, to = line.split()
    match what:
        case "dial":
            scene.act(number, persons.Dial(to=to))
        case "Sources":
            command = commands.Dial(asker=number, to=to, also=("5005",), lasts_s=200.0, pinned=True)
            assert scene.ask(command) is None, line
        case "Invite":
            assert scene.ask(commands.Invite(asker=number, to=to, room=number)) is None, line
        case "ListenIn" | "Coach" | "BargeIn":
            assert scene.ask(commands.Monitor(asker=number, target=to, kind=MonitorKind(what))) is None, line
        case "UnPark":
            call = scene.calls(to)[0].call
            assert scene.ask(commands.UnPark(asker=number, whose=to, call=call.id)) is None, line
        case "answer":
            scene.act(number, persons.Answer())
        case _:
            calls = scene.calls(number)
            kind = getattr(commands, what)
            view = next(view for view in reversed(calls) if HANDLERS[kind].operation in scene.offered(view))
            names = ("to", "mailbox", *(["whom"] if to != "-" else []))
            fields = {name: to for name in names if name in kind.__struct_fields__}
            assert scene.ask(kind(asker=number, call=view.call.id, **fields)) is None, line


class Switchboard(RuleBasedStateMachine):
    """One site."""

    def __init__(self) -> None:
        super().__init__()
        self.scene: Any = self.make_scene(Rules())
        self.law = Law(self.scene)

    def make_scene(self, rules: Rules) -> Any:
        """The site; those with another switch have their own."""
        return Scene(rules)

    @initialize(
        consult=st.booleans(),
        tries=st.integers(0, 2),
        clear=st.booleans(),
        retrieve=st.booleans(),
        story=st.sampled_from(sorted(STORIES)),
    )
    def begin(self, consult: bool, tries: int, clear: bool, retrieve: bool, story: str) -> None:
        """Most stories begin in the middle, so that random steps meet what is worth meeting."""
        rules = Rules(
            consults_max=2 if consult else 4,
            conference_max=4,
            hops_max=3,
            park_slots=2,
            voicemail_max_s=20.0,
            recall_tries=tries,
            clear_from_ringing=clear,
            retrieve_on_consult_failure=retrieve,
            transfer_fallback="5900" if clear else "",
            user_data_bytes_max=40,
        )
        self.scene = self.make_scene(rules)
        self.law = Law(self.scene)
        for line in STORIES[story]:
            play(self.scene, line)
            self.scene.run()

    # -- clients ---------------------------------------------------------------------------------------------------

    def _calls(self) -> list[CallView]:
        return [view for number in NUMBERS for view in self.scene.calls(number)]

    @precondition(lambda self: self._calls())
    @rule(data=st.data(), to=numbers, count=then)
    def command(self, data: st.DataObject, to: str, count: int) -> None:
        """Something that is offered, to somebody who is not there yet."""
        view = data.draw(st.sampled_from(self._calls()))
        permitted = [kind for kind in OPERATIONS if HANDLERS[kind].operation in self.scene.offered(view)]
        kinds = [kind for kind in permitted if kind not in DATA] or permitted
        if kinds:
            self._ask(data.draw(st.sampled_from(kinds)), view, to, data)
            self.deliver(count)

    @precondition(lambda self: self._calls())
    @rule(data=st.data(), to=numbers, count=then)
    def another_command(self, data: st.DataObject, to: str, count: int) -> None:
        """The same, so that it is chosen more often."""
        self.command(data, to, count)

    @precondition(lambda self: self._calls())
    @rule(data=st.data(), kind=st.sampled_from(OPERATIONS), to=destinations)
    def any_command(self, data: st.DataObject, kind: type[commands.CallCommand], to: str) -> None:
        """Whatever comes to mind, often in vain."""
        self._ask(kind, data.draw(st.sampled_from(self._calls())), to, data)

    def _ask(self, kind: type[commands.CallCommand], view: CallView, to: str, data: st.DataObject) -> None:
        known = set(kind.__struct_fields__)
        own = [other.call.id for other in self.scene.calls(view.call.owner)]
        fields: dict[str, Any] = {"asker": view.call.owner, "call": view.call.id}
        fields |= {"to": to} if "to" in known else {}
        fields |= (
            {"participant": data.draw(st.sampled_from((*view.call.participants, to)))} if "participant" in known else {}
        )
        fields |= {name: data.draw(st.none() | st.sampled_from(own)) for name in ("consult", "other") if name in known}
        fields |= {"mailbox": to} if "mailbox" in known else {}
        fields |= {"digits": "12"} if "digits" in known else {}
        fields |= {"pair": "k"} if "pair" in known else {}
        fields |= {"user_data": {data.draw(st.sampled_from("klm")): to}} if "user_data" in known else {}
        fields |= {"whom": data.draw(st.sampled_from(("", *view.call.participants)))} if "whom" in known else {}
        fields |= {"lot": to[:2], "for_s": data.draw(st.sampled_from((0.0, 15.0)))} if "lot" in known else {}
        self._told(kind(**fields), permitted=HANDLERS[kind].operation in self.scene.offered(view))

    @precondition(lambda self: self._calls())
    @rule(data=st.data(), number=numbers, kind=st.sampled_from((commands.UnPark, commands.PickUp)), count=then)
    def take(self, data: st.DataObject, number: str, kind: type[commands.AnyTakingCommand], count: int) -> None:
        """Somebody wants somebody's call."""
        views = self._calls()
        wanted = [view for view in views if takings(self.scene.board.ledger, view.call)]
        call = data.draw(st.sampled_from(wanted or views)).call
        permitted = TAKINGS[kind] in takings(self.scene.board.ledger, call)
        self._told(kind(asker=number, whose=call.owner, call=call.id, ring_s=15.0), permitted)
        self.deliver(count)

    @rule(
        number=st.sampled_from(("5900", "5900", "5001", "15000")),
        whom=numbers,
        kind=st.sampled_from(MonitorKind),
        scope=st.sampled_from(MonitorScope),
        mode=st.sampled_from(MonitorMode),
    )
    def monitor(self, number: str, whom: str, kind: MonitorKind, scope: MonitorScope, mode: MonitorMode) -> None:
        self._told(commands.Monitor(asker=number, target=whom, kind=kind, scope=scope, mode=mode), permitted=True)

    @precondition(lambda self: self.scene.board.ledger.monitors)
    @rule(data=st.data(), kind=st.sampled_from(SUPERVISING))
    def supervise(self, data: st.DataObject, kind: type[Any]) -> None:
        row = data.draw(st.sampled_from(list(self.scene.board.ledger.monitors.values())))
        command = kind(asker=row.monitoring.supervisor)
        permitted = operation_of(command) in supervision(row.monitoring)
        self._told(command, permitted)

    def _told(self, command: commands.AnyCommand, permitted: bool) -> None:
        before = copy_of(self.scene.board.ledger)
        refusal = self.scene.ask(command)
        if refusal is not None:
            assert copy_of(self.scene.board.ledger) == before, f"{command} was refused, but something changed"
        else:
            assert permitted, f"{command} is accepted though it is not permitted"
        self._check()

    @rule(
        number=numbers,
        to=destinations,
        by_hand=st.booleans(),
        also=st.lists(numbers, max_size=2),
        lasts_s=st.sampled_from((0.0, 0.0, 30.0)),
        count=then,
    )
    def begin_a_call(self, number: str, to: str, by_hand: bool, also: list[str], lasts_s: float, count: int) -> None:
        if by_hand:
            self.scene.act(number, persons.Dial(to=to))
        else:
            command = commands.Dial(asker=number, to=to, also=tuple(also), lasts_s=lasts_s, pinned=bool(also))
            self._told(command, permitted=True)
        self.deliver(count)

    @rule(to=destinations, room=st.sampled_from(("500", "500#77")), count=then)
    def invite(self, to: str, room: str, count: int) -> None:
        self._told(commands.Invite(asker="500", to=to, room=room, ring_s=20.0), permitted=True)
        self.deliver(count)

    # -- people and the switch -------------------------------------------------------------------------------------

    def _lines(self) -> list[tuple[str, LineView]]:
        phones = [self.scene.exchange.phone(number) for number in NUMBERS]
        return [(phone.number, line) for phone in phones for line in phone.lines if PRESSES[line.state]]

    @precondition(lambda self: self._lines())
    @rule(data=st.data(), count=then)
    def press(self, data: st.DataObject, count: int) -> None:
        """A key that makes sense on a line that is in use."""
        number, line = data.draw(st.sampled_from(self._lines()))
        action = data.draw(st.sampled_from(PRESSES[line.state]))
        self.scene.act(number, replace(action, line=line.line))
        self.deliver(count)

    @precondition(lambda self: any(line.state is LineState.RINGING for _, line in self._lines()))
    @rule(data=st.data(), count=then)
    def answer(self, data: st.DataObject, count: int) -> None:
        rings = [number for number, line in self._lines() if line.state is LineState.RINGING]
        self.scene.act(data.draw(st.sampled_from(rings)), persons.Answer())
        self.deliver(count)

    @rule(number=numbers, data=st.data())
    def change_a_phone(self, number: str, data: st.DataObject) -> None:
        """It is unplugged, reacts otherwise, is not to be disturbed, or forwards (in rings, too; again ends it)."""
        scene = self.scene
        match data.draw(st.sampled_from(("behave", "behave", "plug", "disturb", "forward"))):
            case "behave":
                on_ring = data.draw(st.sampled_from(["ring", "answer", "busy", "reject"]))
                scene.behave(number, on_ring, data.draw(st.sampled_from([0, 50])))
            case "plug":
                scene.act(number, persons.Plug() if data.draw(st.booleans()) else persons.Unplug())
            case "disturb":
                scene.set_device(SetDoNotDisturb(asker=number, on=data.draw(st.booleans())))
            case _:
                if not scene.set_device(ForwardCalls(asker=number, to=data.draw(destinations))):
                    scene.set_device(StopForwarding(asker=number))

    @rule(misdeed=st.sampled_from(Misdeed), order=st.sampled_from(sorted(ORDER_NAMES)), count=st.integers(1, 6))
    def misbehave(self, misdeed: Misdeed, order: str, count: int) -> None:
        self.scene.link.add(Fault(misdeed, order, count, delay_ms=300))

    @rule(down=st.booleans())
    def cut_or_mend(self, down: bool) -> None:
        if down:
            self.scene.cut()
        else:
            self.scene.mend()

    @rule(at_once=st.booleans(), count=then)
    def die(self, at_once: bool, count: int) -> None:
        """The process is killed and started anew: now, or when something was written down but not ordered yet."""
        if at_once:
            self.scene.die()
            self.deliver(count)
        else:
            self.scene.die_before_ordering()

    @rule(is_slow=st.sampled_from((True, True, False)), count=st.integers(0, 3))
    def write_late(self, is_slow: bool, count: int) -> None:
        """Orders wait until what led to them is durable, and reports overtake them."""
        self.scene.be_slow(is_slow)
        while self.scene.unwritten and count > 0:
            count -= 1
            self.scene.write_down()

    # -- time ------------------------------------------------------------------------------------------------------

    @rule(count=then)
    def deliver(self, count: int) -> None:
        while count > 0 and self.scene.deliver():
            count -= 1
            self._check()

    def _check(self) -> None:
        """After a single input."""
        told = self.scene.news()
        self.law.check_events(told)
        self.check_told(told)
        self.law.check_always()
        self.law.check_kept()

    def check_told(self, told: list[AnyEvent]) -> None:
        self.law.check_told(told)

    @rule(seconds=st.sampled_from([0.1, 1.0, 15.0, 60.0]))
    def wait(self, seconds: float) -> None:
        self.scene.wait(seconds)

    @rule()
    def come_to_rest(self) -> None:
        """No more faults, the link is up, and every order has been answered or given up."""
        self.scene.end_faults()
        self.scene.run()
        self.scene.wait(self.scene.board._rules.order_timeout_s + 3)
        self.law.check_events(self.scene.news())
        self.law.check_at_rest()

    @invariant()
    def the_law_holds(self) -> None:
        self.law.check_events(self.scene.news())
        self.law.check_always()
        self.law.check_kept()

    def teardown(self) -> None:
        self.come_to_rest()


TestSwitchboard = Switchboard.TestCase
TestSwitchboard.settings = settings(
    max_examples=int(os.environ.get("CORDBOARD_LAW_EXAMPLES", "150")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
