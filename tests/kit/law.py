"""The invariants of call-semantics §2 as checks on a scene. Used by the state machine and by the explorer.

``check_always`` holds after every single input; ``check_at_rest`` once every report has been delivered and no order is
on its way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from tests.kit.accounts import Accounts
from tests.kit.asterisk_scene import AsteriskScene
from tests.kit.keeping import due
from tests.kit.scene import Scene

from cordboard.calls import timers
from cordboard.calls.events import AnyEvent, CallChanged, CallFailed, MonitoringChanged
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, CallKey, CallState, MonitorKind, MonitorScope, Operation, Recording
from cordboard.calls.orders import DialLeg
from cordboard.calls.placing import wanted
from cordboard.calls.procedures import Procedure, Taping
from cordboard.calls.user_data import size

LIVE = frozenset({CallState.ESTABLISHED, CallState.HELD, CallState.DIALING})
BY_CONSULT = frozenset(
    {Operation.RETRIEVE, Operation.SWAP_CALLS, Operation.COMPLETE_TRANSFER, Operation.COMPLETE_CONFERENCE}
)
ANSWERED = frozenset({CallState.ESTABLISHED, CallState.HELD})

Memory: TypeAlias = "tuple[frozenset[CallKey], frozenset[CallKey], int]"


class Law:
    """Remembers what was told of which call, to see that the end is the end."""

    def __init__(self, scene: Scene | AsteriskScene) -> None:
        self.scene = scene
        self.released: set[CallKey] = set()
        self.known: set[CallKey] = set()
        self._orders_seen = 0
        self.accounts = Accounts(scene)

    def memory(self) -> Memory:
        """What it remembers, to be given back to ``remember``."""
        return frozenset(self.released), frozenset(self.known), self.accounts.memory()

    def remember(self, memory: Memory) -> None:
        self.released, self.known = set(memory[0]), set(memory[1])
        self.accounts.remember(memory[2])
        self._orders_seen = len(self.scene.orders)

    def check_events(self, events: Iterable[AnyEvent]) -> None:
        """I1, I6: one Released, last, permitting nothing; and nothing is told of a call before it appears."""
        for event in events:
            match event:
                case CallChanged(_, call, permits):
                    assert call.key not in self.released, f"{call.key} was released already: {event}"
                    assert call.state is not CallState.OFFERED, f"nobody is told of an unannounced call: {event}"
                    self.known.add(call.key)
                    assert bool(permits) is (call.state is not CallState.RELEASED), event
                    if call.state is CallState.RELEASED:
                        self.released.add(call.key)
                case MonitoringChanged(supervisor, monitoring):
                    assert monitoring is None or monitoring.supervisor == supervisor, event
                case CallFailed(owner, call_id):
                    assert (call_id, owner) in self.known, event
                    assert (call_id, owner) not in self.released, event

    def check_told(self, events: Iterable[AnyEvent]) -> None:
        """I7: what one input told last of a call is what is permitted after it. Only what depends on a consult may have
        changed meanwhile: a parent's Held comes before its consult's Dialing (call-semantics decision 2)."""
        ledger, permissions = self.scene.board.ledger, self.scene.board._permissions
        told = {event.call.key: event.permits for event in events if isinstance(event, CallChanged)}
        for key, permits in told.items():
            call = ledger.calls.get(key)
            if call is not None:
                apart = BY_CONSULT if key in ledger.consults else frozenset[Operation]()
                wrong = (permissions.of(call) ^ permits) - apart
                assert not wrong, f"{call}: {sorted(operation.value for operation in wrong)} were told wrong"

    def check_orders(self) -> None:
        """Nobody's telephone is made to ring against their will (decision 0007). To be called before that changes."""
        roster = self.scene.roster
        for order in self.scene.orders[self._orders_seen :]:
            if isinstance(order, DialLeg) and not order.auto_answer:
                assert not roster.do_not_disturb(order.number), f"{order.number} is not to be disturbed"
                assert not roster.forward_to(order.number), f"{order.number} has forwarded its calls"
        self._orders_seen = len(self.scene.orders)

    def check_always(self) -> None:
        self.check_orders()
        ledger = self.scene.board.ledger
        _check_tables(ledger)
        most = self.scene.board._rules.user_data_bytes_max
        assert all(size(call.user_data) <= most for call in ledger.calls.values()), "user data grow without end"
        _check_legs(ledger)
        _check_procedures(ledger)
        self._check_tapes()
        _check_monitoring(ledger)
        _check_lots(ledger)
        _check_sources(ledger)
        _check_rooms(ledger)
        _check_messages(ledger)
        self.accounts.check_always()
        gone = self.known - self.released - set(ledger.calls)
        assert not gone, f"these calls vanished without a Released: {gone}"

    def check_kept(self) -> None:
        """Whoever is restored from what was written down is the same, but does not know whether the link is up."""
        here, there = self.scene.board.ledger, self.scene.twin().ledger
        assert self.scene.kept.have_not_changed(), "what was to be written down was changed in place"
        kept, restored = copy_of(here), copy_of(there)
        assert kept | {"switch": {}} == restored, "the ledger is not as it was written down"
        assert due(here) == due(there), "something else is due"
        assert here.numbers == there.numbers

    def check_at_rest(self) -> None:
        """I2, I3, I9: nobody alone, nobody in silence, and the switch is as the board believes."""
        self.check_always()
        ledger = self.scene.board.ledger
        _check_company(ledger)
        seen = {leg.leg: leg for leg in self.scene.exchange.snapshot().legs}
        known = {leg_id for leg_id, leg in ledger.legs.items() if leg.dialled}
        assert set(seen) == known, f"at the switch only: {set(seen) - known}; in the ledger only: {known - set(seen)}"
        assert not ledger.waiting, f"nobody will answer these orders: {ledger.waiting}"
        for leg_id in known:
            leg = ledger.legs[leg_id]
            assert not leg.pending, f"{leg} waits for nothing"
            assert leg.place == wanted(ledger, leg), f"{leg} belongs to {wanted(ledger, leg)!r}"
            assert seen[leg_id].place == leg.place, f"{leg} is in {seen[leg_id].place!r} at the switch"
            assert self.scene.exchange.is_muted(leg_id) == leg.muted, f"{leg} is otherwise at the switch"
            if leg.outgoing:
                assert seen[leg_id].answered == leg.answered, leg
        for key in (key for keys in ledger.supervisors.values() for key in keys):
            self._check_who_hears(ledger, ledger.calls[key])
        self._check_recordings()
        self.accounts.check_at_rest()
        self.scene.check_switch()

    def _check_who_hears(self, ledger: Ledger, own: Call) -> None:
        """A supervisor is heard by those who may hear it, and never by the others."""
        monitor = ledger.monitor_of(own.owner)
        assert monitor is not None
        for key in ledger.conversations[own.conversation].members:
            member = ledger.calls[key]
            place = ledger.legs[member.leg].place
            if place in ledger.conversations and place != own.conversation:
                continue  # heard in another conversation, where the supervisor may be a party on another line
            heard = own.owner in self.scene.exchange.hears(member.leg)
            may = own.monitors is MonitorKind.BARGE_IN or (
                own.monitors in (MonitorKind.COACH, MonitorKind.PROMPT) and member.owner == monitor.monitoring.target
            )
            assert may or not heard, f"{member} hears {own}"
            deaf = own.monitors is MonitorKind.PROMPT and ledger.legs[own.leg].place == own.conversation
            assert not (deaf and member.owner in self.scene.exchange.hears(own.leg)), f"{own} hears {member}"
            together = ledger.legs[own.leg].place == ledger.legs[member.leg].place == own.conversation
            if may and together and self.scene.may_speak(own.leg) and self.scene.may_listen(member.leg):
                assert heard, f"{member} does not hear {own}"

    def _check_tapes(self) -> None:
        """Nothing is recorded that is over, or that nobody is in who may see it; and all who may see the same."""
        ledger, may_record = self.scene.board.ledger, self.scene.directory.may_record
        for conversation_id, recording in ledger.taped.items():
            tape = ledger.tapes[recording]
            assert not tape.ending, tape
            assert tape.conversation == conversation_id, tape
            assert any(may_record(owner) for _, owner in ledger.conversations[conversation_id].members), tape
        for tape in ledger.tapes.values():
            going_on = (ledger.taped.get(tape.conversation), ledger.messages.get(tape.conversation))
            assert tape.ending or tape.id in going_on, tape
            waiting = ledger.waiting.get(tape.order)
            assert not tape.order or isinstance(waiting, Taping), f"{tape} waits for nothing"
        for call in ledger.calls.values():
            recording = ledger.taped.get(call.conversation, "")
            state = ledger.tapes[recording].state if recording else Recording.STOPPED
            records = may_record(call.owner) and call.monitors is None
            assert call.recording is (state if records else None), call

    def _check_recordings(self) -> None:
        """I9 for recordings: no more of them at the switch than in the ledger, and each as clients see it."""
        at_switch = {one.recording: one.paused for one in self.scene.exchange.snapshot().recordings}
        tapes = self.scene.board.ledger.tapes.values()
        assert at_switch == {tape.id: tape.state is Recording.PAUSED for tape in tapes}
        assert not any(tape.order or tape.ending for tape in tapes), tapes

    def check_over(self) -> None:
        """I2: every phone is on hook, so nothing is left of any call, in the ledger or at the switch."""
        self.check_at_rest()
        ledger = self.scene.board.ledger
        stays = ("switch", "monitors", "monitored_by")
        left = {name: rows for name, rows in copy_of(ledger).items() if rows and name not in stays}
        assert not left, f"everybody has hung up, but this is left: {left}"


def _check_tables(ledger: Ledger) -> None:
    for key, call in ledger.calls.items():
        assert call.key == key
        assert call.state is not CallState.RELEASED, call
        if call.monitors is None:
            assert key in ledger.conversations[call.conversation].members, call
        else:
            assert key in ledger.supervisors[call.conversation], call
        assert key in ledger.legs[call.leg].calls, call
        assert key in ledger.owners[call.owner], call
        if call.parent_key is not None and call.parent_key in ledger.calls:
            assert key in ledger.consults[call.parent_key], call
    for conversation in ledger.conversations.values():
        assert conversation.members, conversation
        assert len({owner for _, owner in conversation.members}) == len(conversation.members), conversation
        assert all(ledger.calls[key].conversation == conversation.id for key in conversation.members), conversation
    for owner, keys in ledger.owners.items():
        assert keys, owner
        assert all(ledger.calls[key].owner == owner for key in keys), owner
    for parent, keys in ledger.consults.items():
        assert parent in ledger.calls, parent
        assert keys, parent
        assert all(ledger.calls[key].parent_key == parent for key in keys), parent


def _check_monitoring(ledger: Ledger) -> None:
    """Each supervisor is beside one conversation at most, with those it monitors, and they see it."""
    assert ledger.monitored_by == {row.monitoring.supervisor: target for target, row in ledger.monitors.items()}
    beside = {key for keys in ledger.supervisors.values() for key in keys}
    assert beside == {row.call for row in ledger.monitors.values() if row.call is not None}
    for conversation_id, keys in ledger.supervisors.items():
        members = [ledger.calls[key] for key in ledger.conversations[conversation_id].members]
        assert keys, conversation_id
        for key in keys:
            own, monitor = ledger.calls[key], ledger.monitor_of(key[1])
            assert monitor is not None, own
            assert (own.conversation, own.monitors) == (conversation_id, monitor.monitoring.kind), own
            assert own.owner not in {call.owner for call in members}, f"{own} is beside a conversation it takes part in"
            target = next((call for call in members if call.owner == monitor.monitoring.target), None)
            there = target is not None and target.state in ANSWERED
            assert there or monitor.monitoring.scope is MonitorScope.CALL or (target and target.state in LIVE), own
            assert monitor.monitoring.on_call is (there and own.state in ANSWERED), own
            assert target is None or target.monitored == (monitor.monitoring if monitor.monitoring.on_call else None)
    for target, row in ledger.monitors.items():
        now = row.monitoring
        assert (now.target, now.supervisor != target) == (target, True), now
        assert row.call is not None or not now.on_call, now
        assert now.on_call or not now.muted, now
    shown = [call for call in ledger.calls.values() if call.monitored is not None]
    assert len(shown) == sum(row.monitoring.on_call for row in ledger.monitors.values()), shown


def _check_lots(ledger: Ledger) -> None:
    """Whoever is parked has a slot of its own, is alone but for telephones that ring, and waits for a recall."""
    parked = {key: call.parked for key, call in ledger.calls.items() if call.parked is not None}
    assert ledger.slots == {(one.lot, one.slot): key for key, one in parked.items()}
    for key, one in parked.items():
        conversation = ledger.conversations[ledger.calls[key].conversation]
        present = [other for other in conversation.members if ledger.calls[other].state in LIVE]
        assert present == [key], f"{key} is parked in company"
        assert conversation.recall is not None, f"{key} is parked for ever"
        assert conversation.recall.until in (one.until, 0.0), f"{key} is parked until another time"


def _check_sources(ledger: Ledger) -> None:
    """Those who are to be connected ring, all of them, with nobody else; and a call that is to end ends."""
    for conversation in ledger.conversations.values():
        members = [ledger.calls[key] for key in conversation.members]
        for call in members:
            assert call.connects_to == conversation.awaits, call
            assert not call.connects_to or call.state is CallState.RINGING, call
        due = any(timer[2:] == (timers.LIMIT, conversation.id) for timer in ledger._timers)
        assert due or not conversation.until, f"{conversation} does not end"


def _check_rooms(ledger: Ledger) -> None:
    rooms = {row.room: row.id for row in ledger.conversations.values() if row.room}
    assert rooms == ledger.rooms, (rooms, ledger.rooms)


def _check_messages(ledger: Ledger) -> None:
    """Whoever leaves a message is alone but for telephones that ring, and is recorded."""
    leaving = {call.conversation: call for call in ledger.calls.values() if call.mailbox}
    assert set(leaving) == set(ledger.messages), (leaving, ledger.messages)
    for conversation_id, recording in ledger.messages.items():
        members = [ledger.calls[key] for key in ledger.conversations[conversation_id].members]
        assert [call for call in members if call.state in LIVE] == [leaving[conversation_id]], members
        tape = ledger.tapes.get(recording)
        assert tape is not None, f"{leaving[conversation_id]} talks to nobody"
        assert not tape.ending, tape


def _check_legs(ledger: Ledger) -> None:
    for leg in ledger.legs.values():
        assert leg.calls, f"{leg} carries nothing"
        assert all(ledger.calls[key].leg == leg.id for key in leg.calls), leg
        heard = [key for key in leg.calls if ledger.calls[key].state is CallState.ESTABLISHED]
        assert len(heard) <= 1, f"{leg} is heard in several calls"
        assert leg.id not in ledger.dropping, leg


def _check_procedures(ledger: Ledger) -> None:
    for order, waiting in ledger.waiting.items():
        if isinstance(waiting, Procedure):
            assert waiting.call in ledger.calls, f"{waiting} outlived its call"
            assert all(ledger.busy.get(key) == order for key in waiting.busy), waiting
    for key, order in ledger.busy.items():
        assert key in ledger.calls, f"{key} is busy and gone"
        assert isinstance(ledger.waiting.get(order), Procedure), f"{key} is busy with nothing"
    assert set(ledger.shown_busy) <= set(ledger.busy)


def _check_company(ledger: Ledger) -> None:
    for conversation in ledger.conversations.values():
        members = [ledger.calls[key] for key in conversation.members]
        present = [call for call in members if call.state in LIVE]
        handed_over = conversation.recall is not None and len(members) > 1
        assert present or handed_over or conversation.awaits or conversation.room, f"{members} only ring"
        if len(members) == 1 and not (members[0].mailbox or conversation.awaits or conversation.room):
            assert conversation.recall is not None, f"{members} is alone"
            assert conversation.recall.until > 0, f"{members} waits for nothing"


def copy_of(ledger: Ledger) -> dict[str, Any]:
    """All tables as they are, to see that nothing has changed (I4)."""
    names = (
        "calls",
        "conversations",
        "legs",
        "owners",
        "consults",
        "busy",
        "shown_busy",
        "waiting",
        "dropping",
        "tapes",
        "taped",
        "monitors",
        "monitored_by",
        "supervisors",
        "slots",
        "messages",
        "rooms",
        "segments",
        "threads",
        "switch",
    )
    return {name: dict(getattr(ledger, name)) for name in names}
