"""Bodies: what a POST may contain, one Struct per operation, and the command that each becomes.

JSON keys are camel case and the tag is ``operationName`` (gws-v2 §3). Members that an operation does not know are
ignored. Deliberately absent: reading bytes (``requests``), whether an operation is possible now (``calls.permits``).
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from cordboard.agents import commands as agent_commands
from cordboard.calls import commands
from cordboard.calls.model import CallId, MonitorKind, MonitorMode, MonitorScope, Number, UserData

Hint = Annotated[str, Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
"""A text that goes on to the switch."""


class Destination(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    phone_number: str


class CallBody(msgspec.Struct, frozen=True, gc=False, rename="camel", tag_field="operationName", tag=True):
    """An operation on a call."""

    def command(self, asker: Number, call: CallId) -> commands.AnyCallCommand:
        raise NotImplementedError


class DestinationBody(CallBody, frozen=True, gc=False, rename="camel", kw_only=True):
    """What the operations that call somebody have in common (gws-v2 §3)."""

    destination: Destination
    user_data: UserData = {}
    location: Hint = ""


class UserDataBody(CallBody, frozen=True, gc=False, rename="camel", kw_only=True):
    user_data: UserData


class CompletionBody(CallBody, frozen=True, gc=False, rename="camel", kw_only=True):
    consult_call_uri: str | None = None


class RecordingBody(CallBody, frozen=True, gc=False):
    """What needs the feature to record."""


class Answer(CallBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.Answer:
        return commands.Answer(asker=asker, call=call)


class Hangup(CallBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.Hangup:
        return commands.Hangup(asker=asker, call=call)


class Hold(CallBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.Hold:
        return commands.Hold(asker=asker, call=call)


class Retrieve(CallBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.Retrieve:
        return commands.Retrieve(asker=asker, call=call)


class InitiateTransfer(DestinationBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.InitiateTransfer:
        to = self.destination.phone_number
        return commands.InitiateTransfer(
            asker=asker, call=call, to=to, user_data=self.user_data, location=self.location
        )


class InitiateConference(DestinationBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.InitiateConference:
        to = self.destination.phone_number
        return commands.InitiateConference(
            asker=asker, call=call, to=to, user_data=self.user_data, location=self.location
        )


class SingleStepTransfer(DestinationBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.SingleStepTransfer:
        to = self.destination.phone_number
        return commands.SingleStepTransfer(
            asker=asker, call=call, to=to, user_data=self.user_data, location=self.location
        )


class SingleStepConference(DestinationBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.SingleStepConference:
        to = self.destination.phone_number
        return commands.SingleStepConference(
            asker=asker, call=call, to=to, user_data=self.user_data, location=self.location
        )


class CompleteTransfer(CompletionBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.CompleteTransfer:
        return commands.CompleteTransfer(asker=asker, call=call, consult=_call_id(self.consult_call_uri))


class CompleteConference(CompletionBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.CompleteConference:
        return commands.CompleteConference(asker=asker, call=call, consult=_call_id(self.consult_call_uri))


class SwapCalls(CallBody, frozen=True, gc=False, rename="camel"):
    """``otherCallUri`` may be left out: with two calls there is no doubt (call-semantics #44)."""

    other_call_uri: str | None = None

    def command(self, asker: Number, call: CallId) -> commands.SwapCalls:
        return commands.SwapCalls(asker=asker, call=call, other=_call_id(self.other_call_uri))


class RemoveParticipant(CallBody, frozen=True, gc=False, tag="RemoveParticipantFromConference"):
    """The participant is a bare number, not an object (gws-v2 §7.2, 6)."""

    participant: str

    def command(self, asker: Number, call: CallId) -> commands.RemoveParticipant:
        return commands.RemoveParticipant(asker=asker, call=call, participant=self.participant)


class ClearCall(CallBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.ClearCall:
        return commands.ClearCall(asker=asker, call=call)


class MuteCall(CallBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.MuteCall:
        return commands.MuteCall(asker=asker, call=call)


class UnmuteCall(CallBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.UnmuteCall:
        return commands.UnmuteCall(asker=asker, call=call)


class SendDtmf(CallBody, frozen=True, gc=False):
    digits: str

    def command(self, asker: Number, call: CallId) -> commands.SendDtmf:
        return commands.SendDtmf(asker=asker, call=call, digits=self.digits)


class AttachUserData(UserDataBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.AttachUserData:
        return commands.AttachUserData(asker=asker, call=call, user_data=self.user_data)


class UpdateUserData(UserDataBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.UpdateUserData:
        return commands.UpdateUserData(asker=asker, call=call, user_data=self.user_data)


class DeleteUserData(CallBody, frozen=True, gc=False):
    def command(self, asker: Number, call: CallId) -> commands.DeleteUserData:
        return commands.DeleteUserData(asker=asker, call=call)


class DeleteUserDataPair(CallBody, frozen=True, gc=False):
    key: str

    def command(self, asker: Number, call: CallId) -> commands.DeleteUserDataPair:
        return commands.DeleteUserDataPair(asker=asker, call=call, pair=self.key)


class StartRecording(RecordingBody, frozen=True, gc=False, tag="StartCallRecording"):
    def command(self, asker: Number, call: CallId) -> commands.StartRecording:
        return commands.StartRecording(asker=asker, call=call)


class PauseRecording(RecordingBody, frozen=True, gc=False, tag="PauseCallRecording"):
    def command(self, asker: Number, call: CallId) -> commands.PauseRecording:
        return commands.PauseRecording(asker=asker, call=call)


class ResumeRecording(RecordingBody, frozen=True, gc=False, tag="ResumeCallRecording"):
    def command(self, asker: Number, call: CallId) -> commands.ResumeRecording:
        return commands.ResumeRecording(asker=asker, call=call)


class StopRecording(RecordingBody, frozen=True, gc=False, tag="StopCallRecording"):
    def command(self, asker: Number, call: CallId) -> commands.StopRecording:
        return commands.StopRecording(asker=asker, call=call)


AnyCallBody: TypeAlias = (
    Answer
    | Hangup
    | Hold
    | Retrieve
    | InitiateTransfer
    | InitiateConference
    | SingleStepTransfer
    | SingleStepConference
    | CompleteTransfer
    | CompleteConference
    | SwapCalls
    | RemoveParticipant
    | ClearCall
    | MuteCall
    | UnmuteCall
    | SendDtmf
    | AttachUserData
    | UpdateUserData
    | DeleteUserData
    | DeleteUserDataPair
    | StartRecording
    | PauseRecording
    | ResumeRecording
    | StopRecording
)


class Dial(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    destination: Destination
    user_data: UserData = {}
    location: Hint = ""
    outbound_caller_id: Hint = ""

    def command(self, asker: Number) -> commands.Dial:
        return commands.Dial(
            asker=asker,
            to=self.destination.phone_number,
            user_data=self.user_data,
            location=self.location,
            caller_id=self.outbound_caller_id,
        )


class StartSession(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Start of a contact-centre session (gws-v2 §3)."""

    channels: tuple[str, ...]
    place: str | None = None
    login_code: str | int | None = None
    queue: str | None = None
    device_path: str | None = None


class Bare(msgspec.Struct, frozen=True, gc=False):
    """An operation without parameters."""


class DoNotDisturbOn(Bare, frozen=True, gc=False):
    def command(self, asker: Number) -> agent_commands.SetDoNotDisturb:
        return agent_commands.SetDoNotDisturb(asker=asker, on=True)


class DoNotDisturbOff(Bare, frozen=True, gc=False):
    def command(self, asker: Number) -> agent_commands.SetDoNotDisturb:
        return agent_commands.SetDoNotDisturb(asker=asker, on=False)


class ForwardCallsOn(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The number comes as ``forwardTo`` or as a destination (gws-v2 §3)."""

    forward_to: str = ""
    destination: Destination | None = None

    def command(self, asker: Number) -> agent_commands.ForwardCalls | None:
        """The command, or None if neither form names a number."""
        to = self.forward_to or (self.destination.phone_number if self.destination else "")
        return agent_commands.ForwardCalls(asker=asker, to=to) if to else None


class ForwardCallsOff(Bare, frozen=True, gc=False):
    def command(self, asker: Number) -> agent_commands.StopForwarding:
        return agent_commands.StopForwarding(asker=asker)


class TargetBody(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """What supervisors' operations have in common: the monitored device, by its uri or its number (gws-v2 §3)."""

    target_device_uri: str = ""
    phone_number: str = ""


class MonitorBody(TargetBody, frozen=True, gc=False, rename="camel", kw_only=True):
    supervisor_monitoring_scope: MonitorScope = MonitorScope.CALL
    supervisor_monitoring_mode: MonitorMode = MonitorMode.ALL_CALLS

    def begin(self, asker: Number, target: Number, kind: MonitorKind) -> commands.Monitor:
        scope, mode = self.supervisor_monitoring_scope, self.supervisor_monitoring_mode
        return commands.Monitor(asker=asker, target=target, kind=kind, scope=scope, mode=mode)


class ListenIn(MonitorBody, frozen=True, gc=False):
    def command(self, asker: Number, target: Number) -> commands.Monitor:
        return self.begin(asker, target, MonitorKind.LISTEN_IN)


class Coach(MonitorBody, frozen=True, gc=False):
    def command(self, asker: Number, target: Number) -> commands.Monitor:
        return self.begin(asker, target, MonitorKind.COACH)


class BargeIn(MonitorBody, frozen=True, gc=False):
    def command(self, asker: Number, target: Number) -> commands.Monitor:
        return self.begin(asker, target, MonitorKind.BARGE_IN)


class CancelMonitoring(TargetBody, frozen=True, gc=False):
    """Here and below the target may be left out."""

    def command(self, asker: Number, target: Number) -> commands.CancelMonitoring:
        return commands.CancelMonitoring(asker=asker, target=target)


class MuteMonitored(TargetBody, frozen=True, gc=False):
    def command(self, asker: Number, target: Number) -> commands.MuteMonitored:
        return commands.MuteMonitored(asker=asker, target=target)


class UnmuteMonitored(TargetBody, frozen=True, gc=False):
    def command(self, asker: Number, target: Number) -> commands.UnmuteMonitored:
        return commands.UnmuteMonitored(asker=asker, target=target)


def last_segment(uri: str) -> str:
    """The id in an absolute uri, in a path, or alone (gws-v2 §7.2, 6)."""
    return uri.rstrip("/").rpartition("/")[2]


def _call_id(uri: str | None) -> CallId | None:
    return None if uri is None else last_segment(uri)


def tag_of(body: type[Any]) -> str:
    """The operationName that a body type is chosen by."""
    tag = body.__struct_config__.tag
    return tag if isinstance(tag, str) else body.__name__
