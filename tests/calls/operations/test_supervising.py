"""What supervisors ask: begun, changed, cancelled, refused (gws-v2 §3, call-semantics #73)."""

from __future__ import annotations

import pytest
from tests.calls.operations.test_table import ask_in_vain
from tests.calls.play import TALKING, Play

from cordboard.calls import commands
from cordboard.calls.model import MonitorKind, MonitorMode, MonitorScope, RefusalKind, Supervision
from cordboard.calls.operations.supervising import BEGIN, operation_of

HELD = (*TALKING, "5005 Hold A")


def monitor(target: str = "5005", asker: str = "5900", kind: MonitorKind = MonitorKind.COACH) -> commands.Monitor:
    return commands.Monitor(asker=asker, target=target, kind=kind)


@pytest.mark.parametrize(
    ("command", "operation"),
    [
        *((monitor(kind=kind), operation) for kind, operation in BEGIN.items()),
        (commands.CancelMonitoring(asker="5900"), Supervision.CANCEL),
        (commands.MuteMonitored(asker="5900"), Supervision.MUTE),
        (commands.UnmuteMonitored(asker="5900"), Supervision.UNMUTE),
    ],
)
def test_each_command_is_an_operation(command: commands.AnySupervisorCommand, operation: Supervision) -> None:
    assert operation_of(command) is operation


def test_the_kinds_have_the_names_of_their_operations() -> None:
    own = [(kind, operation) for kind, operation in BEGIN.items() if kind is not MonitorKind.PROMPT]
    assert all(kind.value == operation.value for kind, operation in own)
    assert BEGIN[MonitorKind.PROMPT] is Supervision.COACH


# -- beginning, going on, ending ----------------------------------------------------------------------------------


def test_the_way_can_be_changed_on_the_call() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005")
    assert play.scene.hears("5005") == ["5000"]
    own = play.call("5900")
    play.do("5900 Coach 5005 scope=Agent mode=NextCall")
    assert (play.scene.hears("5005"), play.scene.hears("5000")) == (["5000", "5900"], ["5005"])
    play.do("5900 BargeIn 5005")
    assert play.scene.hears("5000") == ["5005", "5900"]
    assert play.call("5900").key == own.key
    row = play.ledger.monitor_of("5900")
    assert row is not None
    assert (row.monitoring.scope, row.monitoring.mode) == (MonitorScope.CALL, MonitorMode.ALL_CALLS)


def test_whoever_prompts_is_heard_by_the_agent_hears_nobody_and_leaves_with_it() -> None:
    """voipnow-uapi §2.4.3, private"""
    play = Play(*TALKING, "5900 Coach 5005", "5900 Prompt 5005")
    assert (play.scene.hears("5005"), play.scene.hears("5000")) == (["5000", "5900"], ["5005"])
    assert play.scene.hears("5900") == ["silence"]
    row = play.ledger.monitor_of("5900")
    assert row is not None
    assert row.monitoring.scope is MonitorScope.AGENT
    play.do("5005 SingleStepTransfer A to=5001")
    assert play.states("5900") == []


def test_how_the_supervisor_is_called_can_be_said() -> None:
    play = Play(*TALKING)
    assert play.ordered("5900 Coach 5005 caller_id=4711 ring_s=7")[0] == "DialLeg 5900 for 4711 auto-answer"
    play = Play(*TALKING, "5900 behaves unreachable 99000")
    play.do("5900 Coach 5005 ring_s=7")
    assert play.do("wait 6") == []
    assert "5900 A StatusChange Released" in " ".join(play.told("wait 1"))


def test_asked_again_after_hanging_up_the_supervisor_is_called_again() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005", "5900 Hangup A", "5900 ListenIn 5005")
    assert play.states("5900") == ["Established"]


def test_a_supervisor_monitors_one_at_a_time() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005")
    told = play.told("5900 ListenIn 5001")
    assert "5900 device monitors nobody: BargeIn Coach ListenIn" in told
    assert list(play.ledger.monitors) == ["5001"]
    assert play.states("5900") == []


def test_cancelling_ends_the_call_too() -> None:
    play = Play(*TALKING, "5900 BargeIn 5005", "5900 CancelMonitoring target=5005")
    assert play.states("5900") == []
    assert play.ledger.monitors == {}


def test_cancelling_while_there_is_no_call() -> None:
    play = Play("5900 BargeIn 5005")
    assert play.do("5900 CancelMonitoring") == [
        "answer accepted",
        "told 5900 device monitors nobody: BargeIn Coach ListenIn",
    ]


def test_the_agent_is_muted_for_everybody_until_it_is_unmuted() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005", "5900 MuteMonitored")
    assert (play.scene.hears("5000"), play.scene.hears("5900")) == (["silence"], ["5000"])
    play.do("5900 UnmuteMonitored")
    assert (play.scene.hears("5000"), play.scene.hears("5900")) == (["5005"], ["5000", "5005"])


def test_an_agent_cannot_unmute_itself() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005", "5900 MuteMonitored")
    assert play.do("5005 UnmuteCall A")[0].startswith("answer refused")
    assert not play.call("5005").muted


# -- refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "command", "kind", "detail"),
    [
        ((), monitor("5900"), RefusalKind.NOT_PERMITTED_NOW, "nobody monitors the own device"),
        (HELD, monitor(), RefusalKind.NOT_PERMITTED_NOW, "the call of 5005 is Held"),
        (
            ("5001 Coach 5005",),
            monitor(),
            RefusalKind.IN_USE,
            "5005 is monitored by another supervisor",
        ),
        (
            ("phone 5900 dial to=5005", "5005 Answer A"),
            monitor(),
            RefusalKind.NOT_PERMITTED_NOW,
            "the supervisor takes part in that call already",
        ),
        (
            ("5900 Coach 5005",),
            commands.CancelMonitoring(asker="5900", target="5001"),
            RefusalKind.NOT_PERMITTED_NOW,
            "5001 is not monitored",
        ),
        (
            (),
            commands.CancelMonitoring(asker="5900"),
            RefusalKind.NOT_PERMITTED_NOW,
            "CancelSupervisorMonitoring is not possible while nobody is monitored",
        ),
        (
            ("5900 Coach 5005",),
            commands.MuteMonitored(asker="5900"),
            RefusalKind.NOT_PERMITTED_NOW,
            "MuteMonitoredUser is not possible while the monitored agent is in no call with the supervisor",
        ),
        (
            (*TALKING, "5900 Coach 5005"),
            commands.UnmuteMonitored(asker="5900"),
            RefusalKind.NOT_PERMITTED_NOW,
            "UnmuteMonitoredUser is not possible while the monitored agent is not muted",
        ),
        (
            (*TALKING, "5900 Coach 5005", "5900 MuteMonitored"),
            commands.MuteMonitored(asker="5900"),
            RefusalKind.NOT_PERMITTED_NOW,
            "MuteMonitoredUser is not possible while the monitored agent is muted",
        ),
    ],
)
def test_what_is_refused_changes_nothing(
    lines: tuple[str, ...], command: commands.AnySupervisorCommand, kind: RefusalKind, detail: str
) -> None:
    refusal = ask_in_vain(Play(*lines).scene, command)
    assert (refusal.kind, refusal.detail) == (kind, detail)


def test_whoever_is_beside_a_held_call_may_go_on_in_another_way() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005", "5005 Hold A")
    assert play.do("5900 BargeIn 5005")[0] == "answer accepted"


def test_nothing_is_monitored_while_the_link_is_down() -> None:
    play = Play(*TALKING, "switch down")
    assert ask_in_vain(play.scene, monitor()).kind is RefusalKind.SWITCH_UNAVAILABLE
