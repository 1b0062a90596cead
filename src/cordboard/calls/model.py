"""The values that the law of calls speaks of: calls, conversations, legs.

Everything here is frozen. Deliberately absent: how a value is written for a client (``gws``), who owns a number
(``people``), how a leg is known to a switch (``switches``).

Shapes: numbers and ids are opaque strings; instants are seconds as floats on one monotone clock that the caller
chooses (``server.clock``); user data is a JSON object that is replaced, never changed in place.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Protocol, TypeAlias

import msgspec

CallId: TypeAlias = str
ConversationId: TypeAlias = str
LegId: TypeAlias = str
Number: TypeAlias = str
OrderId: TypeAlias = int
RecordingId: TypeAlias = str
UserData: TypeAlias = dict[str, Any]
CallKey: TypeAlias = tuple[CallId, Number]
"""A call is one number's view of a conversation, so its key names the id and the number that sees it."""


class Word(Enum):
    """An enumeration whose members are hashed by what they are: Enum's own way costs a call of Python each time."""

    __hash__ = object.__hash__


class CallState(Word):
    """States of a call as its owner sees it. OFFERED is ours: a leg is being dialled but has not begun to ring."""

    OFFERED = "Offered"
    DIALING = "Dialing"
    RINGING = "Ringing"
    ESTABLISHED = "Established"
    HELD = "Held"
    RELEASED = "Released"


class CallType(Word):
    """How the conversation began, seen from its owner."""

    INTERNAL = "Internal"
    INBOUND = "Inbound"
    OUTBOUND = "Outbound"
    CONSULT = "Consult"


class Purpose(Word):
    """What a consult was begun for; it decides which completion is offered before the answer."""

    TRANSFER = "transfer"
    CONFERENCE = "conference"


class Recording(Word):
    """Whether a conversation is being recorded, as those see it who may record (gws-v2 §2.3)."""

    STOPPED = "Stopped"
    RECORDING = "Recording"
    PAUSED = "Paused"


class Reason(Word):
    """Why a call or leg ended, or why it came. NORMAL is not told to anybody."""

    NORMAL = ""
    BUSY = "Busy"
    NO_ANSWER = "NoAnswer"
    REJECTED = "Rejected"
    INVALID_NUMBER = "InvalidNumber"
    UNREACHABLE = "Unreachable"
    TRANSFER_RECALL = "TransferRecall"
    AGENT_LOST = "AgentLost"
    LOOP_DETECTED = "LoopDetected"
    SWITCH_ERROR = "SwitchError"
    SWITCH_LOST = "SwitchLost"


class Operation(Word):
    """What may be asked of a call. The values are the names that the field's APIs use."""

    DIAL = "Dial"
    ANSWER = "Answer"
    HANGUP = "Hangup"
    HOLD = "Hold"
    RETRIEVE = "Retrieve"
    INITIATE_TRANSFER = "InitiateTransfer"
    COMPLETE_TRANSFER = "CompleteTransfer"
    SINGLE_STEP_TRANSFER = "SingleStepTransfer"
    INITIATE_CONFERENCE = "InitiateConference"
    COMPLETE_CONFERENCE = "CompleteConference"
    SINGLE_STEP_CONFERENCE = "SingleStepConference"
    SWAP_CALLS = "SwapCalls"
    REMOVE_PARTICIPANT = "RemoveParticipantFromConference"
    CLEAR_CALL = "ClearCall"
    MUTE_CALL = "MuteCall"
    UNMUTE_CALL = "UnmuteCall"
    SEND_DTMF = "SendDtmf"
    ATTACH_USER_DATA = "AttachUserData"
    UPDATE_USER_DATA = "UpdateUserData"
    DELETE_USER_DATA = "DeleteUserData"
    DELETE_USER_DATA_PAIR = "DeleteUserDataPair"
    START_RECORDING = "StartCallRecording"
    STOP_RECORDING = "StopCallRecording"
    PAUSE_RECORDING = "PauseCallRecording"
    RESUME_RECORDING = "ResumeCallRecording"
    PARK = "Park"
    TO_VOICEMAIL = "TransferToVoicemail"
    DECLINE = "Decline"


Permits: TypeAlias = "frozenset[Operation]"


class Taking(Word):
    """What may be asked of somebody else's call: to have it at one's own telephone."""

    UN_PARK = "UnPark"
    PICK_UP = "PickUp"


class Parked(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """That a call waits in ``slot`` of the lot of an organisation, where ``by`` has left it, until ``until``."""

    lot: str
    slot: int
    by: Number
    until: float


class MonitorKind(Word):
    """How a supervisor is in somebody else's call: heard by nobody, by the monitored agent alone, or by everybody.
    Whoever prompts is heard as a coach is, and hears nobody."""

    LISTEN_IN = "ListenIn"
    COACH = "Coach"
    PROMPT = "Prompt"
    BARGE_IN = "BargeIn"


class MonitorScope(Word):
    """Whether the supervisor leaves with the monitored agent or stays with the call (call-semantics #74, #75)."""

    AGENT = "Agent"
    CALL = "Call"


class MonitorMode(Word):
    """Whether the monitoring ends with the first call or goes on with each that the agent has."""

    NEXT_CALL = "NextCall"
    ALL_CALLS = "AllCalls"


class Supervision(Word):
    """What a supervisor may ask, of the own device. The values are the names that the field's APIs use."""

    LISTEN_IN = "ListenIn"
    COACH = "Coach"
    BARGE_IN = "BargeIn"
    CANCEL = "CancelSupervisorMonitoring"
    MUTE = "MuteMonitoredUser"
    UNMUTE = "UnmuteMonitoredUser"


class Errand(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What whoever had a call begun said of it: ``charged`` is the number that it is for, which need not be a party;
    ``nonce`` is a word of their own, by which they know it again."""

    charged: Number = ""
    nonce: str = ""


class Monitoring(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """That ``supervisor`` monitors ``target``, and how; it begins with a command and waits for calls.

    ``on_call`` while the supervisor is in a call with the target; only then can the target be ``muted`` by it.
    """

    supervisor: Number
    target: Number
    kind: MonitorKind
    scope: MonitorScope = MonitorScope.CALL
    mode: MonitorMode = MonitorMode.ALL_CALLS
    on_call: bool = False
    muted: bool = False


class Call(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One number's view of a conversation: what an API client calls a call.

    ``participants`` are the other parties, most recently added first. ``began`` is when this view appeared.
    ``parent`` and ``purpose`` are set on a consult, at its originator only; the parent has the same owner.
    ``recording`` is None if the owner may not record; ``recorded_as`` is the conversation's latest recording, if any.
    ``monitors`` is set on a supervisor's call beside a conversation: how it is there; ``monitored`` on the call of
    the agent whom a supervisor monitors in it. ``parked`` while its owner waits alone, with music, in a parking lot;
    ``mailbox`` is the number for which it leaves a message, alone, "" if it does not. ``connects_to`` while it rings to
    be connected with that number, which is called once it is answered. ``errand`` is the conversation's, if it has one.
    """

    id: CallId
    owner: Number
    conversation: ConversationId
    leg: LegId
    state: CallState
    type: CallType
    conn_id: str
    dnis: str
    began: float
    participants: tuple[Number, ...] = ()
    user_data: UserData = {}
    ani: str = ""
    parent: CallId | None = None
    purpose: Purpose | None = None
    muted: bool = False
    reason: Reason = Reason.NORMAL
    location: str = ""
    recording: Recording | None = None
    recorded_as: RecordingId = ""
    monitors: MonitorKind | None = None
    monitored: Monitoring | None = None
    parked: Parked | None = None
    mailbox: Number = ""
    connects_to: Number = ""
    errand: Errand | None = None

    @property
    def key(self) -> CallKey:
        return (self.id, self.owner)

    @property
    def parent_key(self) -> CallKey | None:
        return (self.parent, self.owner) if self.parent is not None else None

    @property
    def inaudible(self) -> bool:
        """Whether nobody is to hear its owner: muted by itself or by the supervisor who monitors it."""
        return self.muted or (self.monitored is not None and self.monitored.muted)


class CallView(msgspec.Struct, frozen=True, gc=False):
    """A call together with what may be asked of it now."""

    call: Call
    permits: Permits


class Route(Protocol):
    """Where a dialled text leads: the canonical number, and whether it lies beyond a trunk."""

    @property
    def number(self) -> Number: ...

    @property
    def external(self) -> bool: ...


class Routes(Protocol):
    """Numbering plan that the board is built with."""

    def find(self, dialled: str, caller: Number) -> Route | None:
        """The route for what ``caller`` dialled, or None if the numbering plan does not know it."""


class Diversions(Protocol):
    """What people have set for calls that would ring at their telephones. Asked each time that one is going to."""

    def do_not_disturb(self, number: Number) -> bool:
        """Whether this telephone is not to ring."""

    def forward_to(self, number: Number) -> Number:
        """The canonical number that calls for this one go to; "" if they are not forwarded."""


class NoDiversions:
    """Everybody takes all calls themselves."""

    def do_not_disturb(self, _number: Number) -> bool:
        return False

    def forward_to(self, _number: Number) -> Number:
        return ""


class Recorders(Protocol):
    """Who may record, as the board is told."""

    def may_record(self, number: Number) -> bool:
        """Whether the owner of this number may record the conversations that it takes part in (decision 11)."""


class NoRecorders:
    """Nobody may record."""

    def may_record(self, _number: Number) -> bool:
        return False


class RefusalKind(Word):
    """Why a command was refused. A front end turns each into its own code."""

    UNKNOWN_CALL = "unknown call"
    NOT_PERMITTED_NOW = "not permitted now"
    FORBIDDEN = "forbidden"
    BAD_DESTINATION = "bad destination"
    BAD_VALUE = "bad value"
    UNKNOWN_PARTICIPANT = "unknown participant"
    LIMIT_REACHED = "limit reached"
    IN_USE = "in use"
    SWITCH_UNAVAILABLE = "switch unavailable"


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """The answer to a command that was not accepted. Nothing has changed (call-semantics I4)."""

    kind: RefusalKind
    detail: str
