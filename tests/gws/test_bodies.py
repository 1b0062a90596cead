"""Each operation's body and the command that it becomes (gws-v2 §3)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cordboard.agents import commands as agent_commands
from cordboard.calls import commands
from cordboard.calls.model import MonitorKind
from cordboard.gws import bodies
from cordboard.gws.requests import CALL_BODIES, read_call_body

TO = {"destination": {"phoneNumber": "5001"}}
DATA = {"userData": {"a": "1", "n": 2, "deep": {"b": [1]}}}
URI = "http://127.0.0.1:8080/api/v2/me/calls/C2"
ON = {"asker": "5005", "call": "C1"}
CALLED = {"to": "5001", **ON}
STARTED = {**CALLED, "user_data": DATA["userData"], "location": "L"}


@pytest.mark.parametrize(
    ("name", "parameters", "command"),
    [
        ("Answer", {}, commands.Answer(**ON)),
        ("Hangup", {}, commands.Hangup(**ON)),
        ("Hold", {}, commands.Hold(**ON)),
        ("Retrieve", {}, commands.Retrieve(**ON)),
        ("InitiateTransfer", TO, commands.InitiateTransfer(**CALLED)),
        ("InitiateTransfer", {**TO, **DATA, "location": "L"}, commands.InitiateTransfer(**STARTED)),
        ("InitiateConference", TO, commands.InitiateConference(**CALLED)),
        ("InitiateConference", {**TO, **DATA, "location": "L"}, commands.InitiateConference(**STARTED)),
        ("SingleStepTransfer", TO, commands.SingleStepTransfer(**CALLED)),
        ("SingleStepTransfer", {**TO, **DATA, "location": "L"}, commands.SingleStepTransfer(**STARTED)),
        ("SingleStepConference", TO, commands.SingleStepConference(**CALLED)),
        ("SingleStepConference", {**TO, **DATA, "location": "L"}, commands.SingleStepConference(**STARTED)),
        ("CompleteTransfer", {}, commands.CompleteTransfer(**ON)),
        ("CompleteTransfer", {"consultCallUri": URI}, commands.CompleteTransfer(**ON, consult="C2")),
        ("CompleteTransfer", {"consultCallUri": None}, commands.CompleteTransfer(**ON)),
        ("CompleteConference", {}, commands.CompleteConference(**ON)),
        ("CompleteConference", {"consultCallUri": "/calls/C2"}, commands.CompleteConference(**ON, consult="C2")),
        ("SwapCalls", {}, commands.SwapCalls(**ON)),
        ("SwapCalls", {"otherCallUri": "C2"}, commands.SwapCalls(**ON, other="C2")),
        (
            "RemoveParticipantFromConference",
            {"participant": "5001"},
            commands.RemoveParticipant(**ON, participant="5001"),
        ),
        ("ClearCall", {}, commands.ClearCall(**ON)),
        ("MuteCall", {}, commands.MuteCall(**ON)),
        ("UnmuteCall", {}, commands.UnmuteCall(**ON)),
        ("SendDtmf", {"digits": "12*#"}, commands.SendDtmf(**ON, digits="12*#")),
        ("AttachUserData", DATA, commands.AttachUserData(**ON, user_data=DATA["userData"])),
        ("UpdateUserData", DATA, commands.UpdateUserData(**ON, user_data=DATA["userData"])),
        ("DeleteUserData", {}, commands.DeleteUserData(**ON)),
        ("DeleteUserDataPair", {"key": "a"}, commands.DeleteUserDataPair(**ON, pair="a")),
        ("StartCallRecording", {}, commands.StartRecording(**ON)),
        ("PauseCallRecording", {}, commands.PauseRecording(**ON)),
        ("ResumeCallRecording", {}, commands.ResumeRecording(**ON)),
        ("StopCallRecording", {}, commands.StopRecording(**ON)),
    ],
)
def test_every_operation_on_a_call_becomes_its_command(name: str, parameters: Any, command: object) -> None:
    raw = msgspec.json.encode({"operationName": name, "unknown": [1], **parameters})
    body = read_call_body(raw)
    assert isinstance(body, bodies.CallBody)
    assert body.command("5005", "C1") == command


def test_every_body_of_a_call_is_known_by_the_name_of_an_operation() -> None:
    assert len(CALL_BODIES) == 24
    assert CALL_BODIES["RemoveParticipantFromConference"] is bodies.RemoveParticipant
    assert CALL_BODIES["Answer"] is bodies.Answer


def test_a_body_of_no_operation_has_no_command() -> None:
    with pytest.raises(NotImplementedError):
        bodies.CallBody().command("5005", "C1")


def test_dial() -> None:
    body = msgspec.convert({**TO, **DATA, "location": "L", "outboundCallerId": "7"}, bodies.Dial)
    expected = commands.Dial(asker="5005", to="5001", user_data=DATA["userData"], location="L", caller_id="7")
    assert body.command("5005") == expected
    assert msgspec.convert(TO, bodies.Dial).command("5005") == commands.Dial(asker="5005", to="5001")


def test_operations_on_devices() -> None:
    assert bodies.DoNotDisturbOn().command("1") == agent_commands.SetDoNotDisturb(asker="1", on=True)
    assert bodies.DoNotDisturbOff().command("1") == agent_commands.SetDoNotDisturb(asker="1", on=False)
    assert bodies.ForwardCallsOff().command("1") == agent_commands.StopForwarding(asker="1")


@pytest.mark.parametrize("parameters", [{"forwardTo": "5001"}, TO, {"forwardTo": "5001", **TO}])
def test_forwarding_takes_both_forms_of_a_number(parameters: dict[str, Any]) -> None:
    body = msgspec.convert(parameters, bodies.ForwardCallsOn)
    assert body.command("1") == agent_commands.ForwardCalls(asker="1", to="5001")


def test_forwarding_without_a_number_is_no_command() -> None:
    assert bodies.ForwardCallsOn().command("1") is None


@pytest.mark.parametrize("uri", ["http://h/api/v2/me/calls/C2", "/calls/C2", "C2", "/me/calls/C2/"])
def test_an_id_is_found_in_each_form_of_a_uri(uri: str) -> None:
    assert bodies.last_segment(uri) == "C2"


def test_a_target_that_is_not_named_is_left_to_whoever_asks() -> None:
    body = bodies.ListenIn()
    assert (body.target_device_uri, body.phone_number) == ("", "")
    assert body.command("5900", "5005") == commands.Monitor(asker="5900", target="5005", kind=MonitorKind.LISTEN_IN)
    assert bodies.Coach().command("5900", "5005").kind is MonitorKind.COACH
    assert bodies.BargeIn().command("5900", "5005").kind is MonitorKind.BARGE_IN
    assert bodies.CancelMonitoring().command("5900", "") == commands.CancelMonitoring(asker="5900")
    assert bodies.MuteMonitored().command("5900", "5005") == commands.MuteMonitored(asker="5900", target="5005")
    assert bodies.UnmuteMonitored().command("5900", "") == commands.UnmuteMonitored(asker="5900")
