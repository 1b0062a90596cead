"""What becomes of commands: what stands against them, what waits, what is done at once."""

from __future__ import annotations

import pytest
from tests.calls.solo import CALL, CALLER_LEG, TARGET_LEG, Solo, kinds, news, recorded
from tests.kit.law import copy_of

from cordboard.calls.commands import (
    AttachUserData,
    CancelMonitoring,
    Dial,
    Hangup,
    Hold,
    Monitor,
    Park,
    SingleStepTransfer,
    StartRecording,
    StopRecording,
    SwapCalls,
    UnPark,
)
from cordboard.calls.events import MonitoringChanged
from cordboard.calls.model import MonitorKind, Refusal, RefusalKind
from cordboard.calls.orders import DialLeg
from cordboard.calls.reports import (
    LegAnswered,
    LegHeld,
    SwitchDown,
    SwitchSnapshot,
)


@pytest.fixture
def solo() -> Solo:
    return Solo()


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (Dial(asker="5005", to="9999"), RefusalKind.BAD_DESTINATION),
        (Dial(asker="5005", to="5005"), RefusalKind.BAD_DESTINATION),
    ],
)
def test_a_dial_that_leads_nowhere_is_refused(solo: Solo, command: Dial, kind: RefusalKind) -> None:
    before = copy_of(solo.ledger)
    outcome = solo.ask(command)
    assert outcome.refusal is not None
    assert outcome.refusal.kind is kind
    assert copy_of(solo.ledger) == before


def test_the_refusal_says_what_stands_against_it(solo: Solo) -> None:
    solo.talk()
    call = solo.call("5005").id
    before_hold = solo.ask(SwapCalls(asker="5005", call=call))
    assert before_hold.refusal == Refusal(
        RefusalKind.NOT_PERMITTED_NOW, "SwapCalls is not possible while the call is Established"
    )
    solo.accept(Hold(asker="5005", call=call))
    assert solo.ask(Hold(asker="5005", call=call)).refusal == Refusal(
        RefusalKind.NOT_PERMITTED_NOW, "Hold is not possible while another operation on it is under way"
    )


def test_a_second_call_that_is_not_there_is_unknown_before_anything_else_is_looked_at(solo: Solo) -> None:
    """#44: 6 and not 2."""
    solo.talk()
    for other, kind in (("C9", RefusalKind.UNKNOWN_CALL), (solo.call("5005").id, RefusalKind.NOT_PERMITTED_NOW)):
        refusal = solo.ask(SwapCalls(asker="5005", call=solo.call("5005").id, other=other)).refusal
        assert refusal is not None
        assert refusal.kind is kind


def test_before_the_switch_is_there_and_after_it_is_lost_it_is_not_asked() -> None:
    solo = Solo(up=False)
    outcome = solo.ask(Dial(asker="5005", to="5001"))
    assert outcome.refusal is not None
    assert outcome.refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
    solo.hear(SwitchSnapshot())
    solo.talk()
    solo.hear(SwitchDown())
    refusal = solo.ask(Hangup(asker="5005", call=solo.call("5005").id)).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
    attach = AttachUserData(asker="5005", call=solo.call("5005").id, user_data={"k": "v"})
    assert news(solo.accept(attach)) == ["5000 Established", "5005 Established"]


def test_a_dial_is_accepted_and_the_askers_own_phone_rung_first(solo: Solo) -> None:
    outcome = solo.accept(Dial(asker="5000", to="5005"))
    assert news(outcome) == ["5000 Dialing"]
    assert list(outcome.orders) == [DialLeg(1, TARGET_LEG, "5000", "5005", CALL, auto_answer=True)]


def test_an_operation_that_places_nobody_anew_is_done_at_once(solo: Solo) -> None:
    """5000 holds, and goes on hearing nothing while it is handed over."""
    solo.talk()
    solo.hear(LegHeld(CALLER_LEG))
    solo.obey()
    outcome = solo.accept(SingleStepTransfer(asker="5005", call=solo.call("5005").id, to="5001"))
    assert news(outcome)[0] == "5005 Released"
    assert solo.ledger.busy == {}


def test_who_asks_for_a_recording_waits_until_the_switch_makes_it(solo: Solo) -> None:
    recorded(solo)
    key = (solo.call("5002").id, "5002")
    assert not solo.board.is_busy(key)
    for kind in (StopRecording, StartRecording):
        solo.accept(kind(asker="5002", call=key[0]))
        assert solo.board.is_busy(key)
        solo.obey()
        assert not solo.board.is_busy(key)


def test_a_supervisor_is_called_told_and_refused() -> None:
    solo = Solo()
    solo.talk()
    monitor = Monitor(asker="5900", target="5005", kind=MonitorKind.LISTEN_IN)
    outcome = solo.accept(monitor)
    assert isinstance(outcome.events[0], MonitoringChanged)
    assert kinds(outcome) == ["DialLeg"]
    outcome = solo.hear(LegAnswered(solo.leg_id("5900")))
    assert kinds(outcome) == ["SpyLeg"]
    solo.hear(SwitchDown())
    refusal = solo.ask(monitor).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
    outcome = solo.accept(CancelMonitoring(asker="5900"))
    assert (kinds(outcome), solo.ledger.monitors) == (["DropLeg"], {})


def test_a_parked_party_is_got_out_and_only_once(solo: Solo) -> None:
    solo.talk()
    call = solo.call("5000")
    solo.accept(Park(asker="5005", call=call.id))
    assert solo.board.is_busy((call.id, "5005"))
    solo.obey()
    assert not solo.board.is_busy((call.id, "5005"))
    command = UnPark(asker="5900", whose="5000", call=call.id)
    assert kinds(solo.accept(command)) == ["DialLeg", "RingLeg"]
    refused = solo.ask(command).refusal
    assert refused is not None
    assert refused.kind is RefusalKind.NOT_PERMITTED_NOW
    solo.hear(SwitchDown())
    refused = solo.ask(command).refusal
    assert refused is not None
    assert refused.kind is RefusalKind.SWITCH_UNAVAILABLE


def test_a_call_that_is_not_there_is_unknown(solo: Solo) -> None:
    assert solo.ask(Hold(asker="5005", call="C9")).refusal == Refusal(RefusalKind.UNKNOWN_CALL, "there is no call C9")
