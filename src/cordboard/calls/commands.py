"""Commands: what a client asks of the board, always imperative, always on behalf of one number.

``asker`` is the number that asks; ``call`` is the id of the asker's own call. Texts that name a destination are
passed as dialled; the board's routes make numbers of them.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cordboard.calls.model import CallId, Errand, MonitorKind, MonitorMode, MonitorScope, Number, UserData


class Command(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag=True):
    """What every command carries."""

    asker: Number


class Dial(Command, frozen=True, gc=False, kw_only=True):
    """The asker's telephone goes off hook and the destination rings, shown ``caller_id``.

    With ``also`` all these telephones ring, as does one outside or one that merely ``rings``, and the first that is
    answered is connected. They show ``announced_as`` and ring for ``ring_s`` seconds (0: as long as any). The call
    ends after ``lasts_s`` seconds (0: as long as it likes). ``pinned``: a destination outside may not be handed on.
    ``errand`` goes with the call.
    """

    to: str
    user_data: UserData = {}
    location: str = ""
    caller_id: str = ""
    announced_as: str = ""
    also: tuple[Number, ...] = ()
    rings: bool = False
    ring_s: float = 0.0
    lasts_s: float = 0.0
    pinned: bool = False
    errand: Errand | None = None


class Invite(Command, frozen=True, gc=False, kw_only=True):
    """``to`` is called into the room ``room`` of the asker, which is no telephone: there people hear each other, and
    who is alone hears music. Its telephone rings for ``ring_s`` seconds (0: as long as any) and shows ``caller_id``, or
    the asker."""

    room: str
    to: str
    ring_s: float = 0.0
    caller_id: str = ""
    errand: Errand | None = None


class SupervisorCommand(Command, frozen=True, gc=False, kw_only=True):
    """A command about the calls of somebody else; ``target`` is the number that is monitored."""

    target: Number


class Monitor(SupervisorCommand, frozen=True, gc=False, kw_only=True):
    """ListenIn, Coach or BargeIn: begin, or go on in another way. The asker's telephone is called for ``ring_s``
    seconds (0: as long as any) and shows ``caller_id``, or who is monitored."""

    kind: MonitorKind
    scope: MonitorScope = MonitorScope.CALL
    mode: MonitorMode = MonitorMode.ALL_CALLS
    ring_s: float = 0.0
    caller_id: str = ""


class CancelMonitoring(SupervisorCommand, frozen=True, gc=False, kw_only=True):
    """``target`` may be left out, here and below: everybody monitors one number at most."""

    target: Number = ""


class MuteMonitored(SupervisorCommand, frozen=True, gc=False, kw_only=True):
    """Nobody hears the monitored agent any more."""

    target: Number = ""


class UnmuteMonitored(SupervisorCommand, frozen=True, gc=False, kw_only=True):
    target: Number = ""


class TakingCommand(Command, frozen=True, gc=False, kw_only=True):
    """A command on the call ``call`` of ``whose``: the asker wants it. The asker's telephone rings for ``ring_s``
    seconds (0: as long as any) and shows ``caller_id``, or who it is."""

    whose: Number
    call: CallId
    ring_s: float = 0.0
    caller_id: str = ""


class UnPark(TakingCommand, frozen=True, gc=False, kw_only=True):
    """Get a parked party out of its slot."""


class PickUp(TakingCommand, frozen=True, gc=False, kw_only=True):
    """Take a call that rings at another telephone, which stops ringing."""


class CallCommand(Command, frozen=True, gc=False, kw_only=True):
    """A command on one call of the asker."""

    call: CallId


class Answer(CallCommand, frozen=True, gc=False, kw_only=True): ...


class Hangup(CallCommand, frozen=True, gc=False, kw_only=True): ...


class Decline(CallCommand, frozen=True, gc=False, kw_only=True):
    """A call that rings is not wanted."""


class Hold(CallCommand, frozen=True, gc=False, kw_only=True): ...


class Retrieve(CallCommand, frozen=True, gc=False, kw_only=True): ...


class InitiateTransfer(CallCommand, frozen=True, gc=False, kw_only=True):
    to: str
    user_data: UserData = {}
    location: str = ""


class InitiateConference(CallCommand, frozen=True, gc=False, kw_only=True):
    to: str
    user_data: UserData = {}
    location: str = ""


class SingleStepTransfer(CallCommand, frozen=True, gc=False, kw_only=True):
    to: str
    user_data: UserData = {}
    location: str = ""


class SingleStepConference(CallCommand, frozen=True, gc=False, kw_only=True):
    to: str
    user_data: UserData = {}
    location: str = ""


class Park(CallCommand, frozen=True, gc=False, kw_only=True):
    """Leave the other party in a free slot of the lot ``lot``, for ``for_s`` seconds (0: as long as anybody). Of a
    conference ``whom`` is put there, and the rest goes on."""

    lot: str = ""
    for_s: float = 0.0
    whom: Number = ""


class TransferToVoicemail(CallCommand, frozen=True, gc=False, kw_only=True):
    """Leave the other party with the mailbox of this number."""

    mailbox: str


class CompleteTransfer(CallCommand, frozen=True, gc=False, kw_only=True):
    """``consult`` names the consult call when ``call`` is the parent and has several."""

    consult: CallId | None = None


class CompleteConference(CallCommand, frozen=True, gc=False, kw_only=True):
    consult: CallId | None = None


class SwapCalls(CallCommand, frozen=True, gc=False, kw_only=True):
    other: CallId | None = None


class RemoveParticipant(CallCommand, frozen=True, gc=False, kw_only=True):
    participant: str


class ClearCall(CallCommand, frozen=True, gc=False, kw_only=True): ...


class MuteCall(CallCommand, frozen=True, gc=False, kw_only=True): ...


class UnmuteCall(CallCommand, frozen=True, gc=False, kw_only=True): ...


class SendDtmf(CallCommand, frozen=True, gc=False, kw_only=True):
    digits: str


class AttachUserData(CallCommand, frozen=True, gc=False, kw_only=True):
    user_data: UserData


class UpdateUserData(CallCommand, frozen=True, gc=False, kw_only=True):
    user_data: UserData


class DeleteUserData(CallCommand, frozen=True, gc=False, kw_only=True): ...


class DeleteUserDataPair(CallCommand, frozen=True, gc=False, kw_only=True):
    pair: str


class StartRecording(CallCommand, frozen=True, gc=False, kw_only=True): ...


class PauseRecording(CallCommand, frozen=True, gc=False, kw_only=True): ...


class ResumeRecording(CallCommand, frozen=True, gc=False, kw_only=True): ...


class StopRecording(CallCommand, frozen=True, gc=False, kw_only=True): ...


AnyCallCommand: TypeAlias = (
    Answer
    | Hangup
    | Decline
    | Hold
    | Retrieve
    | InitiateTransfer
    | InitiateConference
    | SingleStepTransfer
    | SingleStepConference
    | Park
    | TransferToVoicemail
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
AnySupervisorCommand: TypeAlias = Monitor | CancelMonitoring | MuteMonitored | UnmuteMonitored
AnyTakingCommand: TypeAlias = UnPark | PickUp
AnyFreeCommand: TypeAlias = Dial | Invite | AnySupervisorCommand | AnyTakingCommand
"""Those that are asked of no call of the asker's."""
AnyCommand: TypeAlias = AnyFreeCommand | AnyCallCommand
