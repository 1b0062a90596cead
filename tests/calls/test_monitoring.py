"""Supervisors beside conversations: when they are called, whom they follow, when they leave."""

from __future__ import annotations

import pytest
from tests.calls.play import CONSULTING, TALKING, Play

from cordboard.calls import monitoring
from cordboard.calls.model import CallState, MonitorKind, MonitorScope

LISTENING = (*TALKING, "5900 ListenIn 5005")


def short(lines: list[str]) -> list[str]:
    return [" ".join(line.split()[:4]) for line in lines]


def row(play: Play) -> monitoring.Monitor:
    monitor = play.ledger.monitor_of("5900")
    assert monitor is not None
    return monitor


# -- called -------------------------------------------------------------------------------------------------------


def test_a_supervisor_is_called_for_the_call_that_is_there() -> None:
    play = Play(*TALKING)
    told = play.told("5900 ListenIn 5005")
    assert short(told) == [
        "5900 device ListenIn 5005",
        "5900 A StatusChange Dialing",
        "5900 A StatusChange Established",
        "5900 device ListenIn 5005",
        "5005 A StatusChange Established",
    ]
    own = play.call("5900")
    assert (own.monitors, own.participants) == (MonitorKind.LISTEN_IN, ("5005", "5000"))
    assert play.call("5005").monitored == row(play).monitoring
    assert row(play).monitoring.on_call


def test_a_supervisor_is_none_of_the_members() -> None:
    play = Play(*LISTENING)
    assert [owner for _, owner in play.conversation("5005").members] == ["5000", "5005"]
    assert play.call("5000").participants == ("5005",)


def test_a_supervisor_waits_for_the_next_call_and_is_called_when_it_is_answered() -> None:
    play = Play("5900 ListenIn 5005", "phone 5000 dial to=5005")
    assert play.states("5900") == []
    play.do("5005 Answer A")
    assert play.states("5900") == ["Established"]


def test_the_own_consult_of_the_target_is_not_monitored() -> None:
    play = Play("5900 ListenIn 5005", *CONSULTING)
    assert len(play.scene.calls("5900")) == 1
    play.do("5900 Hangup A")
    play.do("5005 SwapCalls B")
    play.do("5005 SwapCalls B")
    assert play.states("5900") == []


def test_what_the_target_monitors_itself_is_not_monitored() -> None:
    play = Play(*LISTENING)
    assert monitoring.current_call(play.ledger, "5900") is None
    play.do("15000 ListenIn 5900")
    assert play.states("15000") == []


def test_a_supervisor_who_talks_is_not_torn_out_of_it() -> None:
    play = Play("5900 ListenIn 5005", "phone 5900 dial to=15000", "phone 15000 answer", "phone 5000 dial to=5005")
    ordered = play.ordered("5005 Answer B")
    assert "DialLeg 5900 for 5005" in ordered
    assert play.states("5900") == ["Established", "Ringing"]


@pytest.mark.parametrize("setting", ["do-not-disturb on", "forwards to=15001"])
def test_a_phone_that_is_not_to_ring_does_not_ring_beside_a_call_but_is_used_when_free(setting: str) -> None:
    busy = ("phone 5900 dial to=15000", "phone 15000 answer")
    play = Play(f"5900 {setting}", "5900 ListenIn 5005", *busy, "phone 5000 dial to=5005", "5005 Answer B")
    assert play.states("5900") == ["Established"]
    play.do("5900 Hangup A")
    play.do("5005 AttachUserData B data=k:v")
    assert play.states("5900") == ["Established"]
    assert play.call("5900").monitors is MonitorKind.LISTEN_IN


def test_nobody_is_called_while_the_link_is_down_but_afterwards() -> None:
    busy = ("phone 5900 dial to=15000", "phone 15000 answer")
    play = Play("5900 ListenIn 5005", *busy, "phone 5000 dial to=5005", "5005 Answer B", "phone 5001 dial to=5005")
    play.do("5005 Answer C")
    assert play.states("5900") == ["Established", "Ringing"]
    play.do("switch down")
    play.do("wait 61")
    assert play.states("5900") == ["Established"]
    play.do("switch up")
    assert play.call("5900").conversation == play.call("5001").conversation


def test_an_answer_that_the_board_hears_of_later_is_not_missed() -> None:
    play = Play("phone 5000 dial to=5005", "5900 ListenIn 5005", "switch down", "phone 5005 answer")
    play.do("switch up")
    assert play.states("5900") == ["Established"]


def test_a_party_of_a_call_is_not_called_for_it() -> None:
    play = Play("5900 ListenIn 5005", "phone 5900 dial to=5005", "5005 Answer A")
    assert len(play.scene.calls("5900")) == 1
    call = play.call("5005")
    assert monitoring.takes_part(play.ledger, call, "5900")
    assert not monitoring.takes_part(play.ledger, call, "5001")


# -- leaving ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["phone 5000 hangup", "5005 Hangup A", "phone 5005 unplug"])
def test_a_supervisor_goes_in_the_input_that_ends_the_conversation(line: str) -> None:
    play = Play(*LISTENING)
    told = play.told(line)
    assert any(said.startswith("5900 A StatusChange Released") for said in told)
    assert play.ledger.supervisors == {}
    assert row(play).call is None


def test_a_supervisor_who_hangs_up_is_not_called_for_the_same_call_again() -> None:
    play = Play(*LISTENING, "5900 Hangup A", "5005 Hold A", "5005 Retrieve A")
    assert play.states("5900") == []
    assert play.call("5005").monitored is None
    play.do("phone 5000 hangup")
    play.do("phone 5000 dial to=5005")
    play.do("5005 Answer B")
    assert play.states("5900") == ["Established"]


def test_calls_that_are_over_are_forgotten() -> None:
    play = Play(*LISTENING, "phone 5000 hangup", "phone 5000 dial to=5005", "5005 Answer B")
    assert row(play).past == {play.call("5005").key}


def test_for_one_call_only_the_monitoring_ends_with_it() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005 mode=NextCall")
    assert play.told("5900 Hangup A")[-1] == "5900 device monitors nobody: BargeIn Coach ListenIn"
    assert (play.ledger.monitors, play.ledger.monitored_by) == ({}, {})


def test_a_supervisor_comes_to_the_other_call_when_the_first_is_over() -> None:
    play = Play(*LISTENING, "phone 5001 dial to=5005", "5005 Answer B", "phone 5000 hangup")
    assert play.call("5900").conversation == play.call("5005").conversation == play.call("5001").conversation


def test_a_supervisor_who_barged_in_is_no_longer_a_participant_when_it_left() -> None:
    play = Play(*TALKING, "5900 BargeIn 5005")
    assert play.call("5000").participants == ("5900", "5005")
    play.do("5900 Hangup A")
    assert play.call("5000").participants == ("5005",)


def test_a_supervisor_who_becomes_a_party_is_no_longer_beside_the_call() -> None:
    play = Play(*LISTENING, "5005 SingleStepConference A to=5900")
    assert play.states("5900") == ["Ringing"]
    assert play.call("5900").monitors is None
    assert row(play).call is None


@pytest.mark.parametrize(("scope", "states"), [(MonitorScope.AGENT, []), (MonitorScope.CALL, ["Established"])])
def test_whether_a_supervisor_stays_without_the_agent(scope: MonitorScope, states: list[str]) -> None:
    """#74, #75"""
    play = Play(*TALKING, f"5900 Coach 5005 scope={scope.value}", *CONSULTING[2:])
    play.do("5005 CompleteTransfer B")
    assert play.states("5900") == states
    assert not row(play).monitoring.on_call
    assert play.scene.hears("5000") == ["5001"]


def test_an_agent_who_is_called_back_was_away() -> None:
    """Scope Agent: the agent handed the call over, whatever became of that."""
    play = Play("5001 behaves busy", *TALKING, "5900 ListenIn 5005 scope=Agent", "5005 SingleStepTransfer A to=5001")
    assert play.states("5900") == []


def test_a_phone_that_is_unplugged_needs_not_be_dropped() -> None:
    play = Play(*LISTENING)
    assert play.ordered("phone 5900 unplug") == []
    assert row(play).call is None


@pytest.mark.parametrize("lines", [(), TALKING], ids=["waiting", "on a call"])
def test_what_is_cancelled_is_over(lines: tuple[str, ...]) -> None:
    play = Play(*lines, "5900 ListenIn 5005")
    play.do("5900 CancelMonitoring")
    assert (play.ledger.monitors, play.ledger.supervisors, play.states("5900")) == ({}, {}, [])


# -- following ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("completion", ["CompleteTransfer", "CompleteConference"])
def test_a_supervisor_of_the_one_who_is_consulted_comes_along(completion: str) -> None:
    play = Play("5900 ListenIn 5001 scope=Agent", *CONSULTING)
    assert [view.call.id for view in play.scene.calls("5900")] == [play.call("5001").id]
    told = short(play.told(f"5005 {completion} B"))
    assert told.index("5900 B StatusChange Released") < told.index("5900 A StatusChange Established")
    assert play.call("5900").conversation == play.call("5001").conversation
    assert play.call("5001").monitored == row(play).monitoring


# -- muting -------------------------------------------------------------------------------------------------------


def test_muting_ends_with_the_supervisors_call() -> None:
    play = Play(*LISTENING, "5900 MuteMonitored")
    assert play.scene.hears("5000") == ["silence"]
    play.do("5900 Hangup A")
    assert play.scene.hears("5000") == ["5005"]
    assert not row(play).monitoring.muted


def test_an_agent_who_could_not_be_muted_is_shown_as_it_is() -> None:
    play = Play(*LISTENING, "fault fail MuteLeg")
    told = play.told("5900 MuteMonitored")
    assert told[-1].startswith("5900 A MuteMonitoredUser failed, switch unavailable")
    assert row(play).monitoring == play.call("5005").monitored
    assert not row(play).monitoring.muted


def test_an_agent_who_leaves_is_not_muted_when_it_is_called_back() -> None:
    play = Play("5001 behaves busy", *LISTENING, "5900 MuteMonitored", "5005 SingleStepTransfer A to=5001")
    assert not row(play).monitoring.on_call
    play.do("5005 Answer B")
    assert (row(play).monitoring.on_call, row(play).monitoring.muted) == (True, False)
    assert play.call("5005").state is CallState.ESTABLISHED
