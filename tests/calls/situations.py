"""Situations that a call can be in: short scripts in the words of the transcripts, each played on a scene of its own.

Where a script ends with "hold reports" and a command, the operation is under way: its calls are busy.
"""

from __future__ import annotations

from tests.calls.play import COMPLETED_EARLY, CONFERENCE, CONSULTING, RECORDABLE, RECORDED, TALKING, TARGET_RINGS

OUTSIDE = "3235742879"
_FOR_CONFERENCE = (*TALKING, "5005 InitiateConference A to=5001")
_SWAPPED = (*CONSULTING, "5005 SwapCalls B")
_RECORDED_CONSULT = (*RECORDED, "5002 InitiateTransfer A to=5003", "phone 5003 answer")
_LATE = "hold reports"
_SECOND_TALKING = ("phone 5000 dial to=5005", "5005 Answer B")

SITUATIONS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "dialling by API, own phone rings": (_LATE, "5000 Dial to=5005"),
    "dialled by API": ("5000 behaves answer", "5000 Dial to=5005"),
    "ringing": TALKING[:1],
    "talking": TALKING,
    "from outside, ringing": (f"phone {OUTSIDE} dial to=5005",),
    "from outside, talking": (f"phone {OUTSIDE} dial to=5005", "5005 Answer A"),
    "to outside": (f"phone 5005 dial to={OUTSIDE}", f"phone {OUTSIDE} answer"),
    "held": (*TALKING, "5005 Hold A"),
    "both hold": (*TALKING, "5005 Hold A", "5000 Hold A"),
    "second call rings": (*TALKING, "phone 5001 dial to=5005"),
    "second call answered": (*TALKING, "phone 5001 dial to=5005", "5005 Answer B"),
    "target rings": TARGET_RINGS,
    "target rings, swapped": (*TARGET_RINGS, "5005 SwapCalls B"),
    "target rings for a conference": _FOR_CONFERENCE,
    "target rings for a conference, swapped": (*_FOR_CONFERENCE, "5005 SwapCalls B"),
    "consulting": CONSULTING,
    "consulting, swapped": _SWAPPED,
    "consulting, both held": (*CONSULTING, "5005 Hold B"),
    "consulting for a conference": (*_FOR_CONFERENCE, "phone 5001 answer"),
    "consulting, caller gone": (*CONSULTING, "phone 5000 hangup"),
    "target rings, caller gone": (*TARGET_RINGS, "phone 5000 hangup"),
    "target gone": (*CONSULTING, "phone 5001 hangup"),
    "consult hung up": (*TARGET_RINGS, "5005 Hangup B"),
    "two consults, both ring": (*TARGET_RINGS, "5005 InitiateTransfer A to=5900"),
    "two consults, one answered": (*CONSULTING, "5005 InitiateConference A to=5900"),
    "two consults answered": (*CONSULTING, "5005 InitiateTransfer A to=5900", "phone 5900 answer"),
    "target consults in turn": (*CONSULTING, "5001 InitiateTransfer B to=5900"),
    "conference": CONFERENCE,
    "conference on hold": (*CONFERENCE, "5005 Hold A"),
    "conference muted": (*CONFERENCE, "5005 MuteCall A", "5000 MuteCall A"),
    "conference of two, muted": (*CONFERENCE, "5005 MuteCall A", "phone 5001 hangup"),
    "conference without its owner": (*CONFERENCE, "5005 Hangup A"),
    "conference asks one more": (*CONFERENCE, "5005 SingleStepConference A to=5900"),
    "conference consults one more": (*CONFERENCE, "5005 InitiateConference A to=5900"),
    "third party rings": (*TALKING, "5005 SingleStepConference A to=5001"),
    "completed while ringing": COMPLETED_EARLY,
    "blind transfer": (*TALKING, "5005 SingleStepTransfer A to=5001"),
    "recalled": ("5001 behaves busy", *TALKING, "5005 SingleStepTransfer A to=5001"),
    "recalled while consulting": (
        "5001 behaves busy",
        *TALKING,
        "5005 SingleStepTransfer A to=5001",
        "5000 InitiateTransfer A to=15000",
    ),
    "waits for a recall": ("5001 behaves busy", *TALKING, "5005 behaves busy", "5005 SingleStepTransfer A to=5001"),
    "parked": (*TALKING, "5005 Park A"),
    "parked and on hold": (*TALKING, "5005 Park A", "5000 Hold A"),
    "parked, somebody is called": (*TALKING, "5005 Park A", _LATE, "5900 UnPark 5000 A"),
    "parked while consulting": (*TALKING, "5005 Park A", "5000 InitiateTransfer A to=15000"),
    "parked, monitored": (*TALKING, "5900 Coach 5005", "5005 Park A"),
    "parking under way": (*TALKING, _LATE, "5005 Park A"),
    "just picked up": (*TALKING[:1], _LATE, "5900 PickUp 5005 A"),
    "could be recorded": RECORDABLE,
    "recording begins": (*RECORDABLE, _LATE, "5002 StartRecording A"),
    "recorded": RECORDED,
    "recorded, handed over": (*_RECORDED_CONSULT, "5002 CompleteTransfer B"),
    "recorded conference": (*_RECORDED_CONSULT, "5002 CompleteConference B"),
    "recording paused": (*RECORDED, "5002 PauseRecording A"),
    "recorded, held": (*RECORDED, "5002 Hold A"),
    "recorded, consulting": (*_RECORDED_CONSULT, "5003 StartRecording B"),
    "recording pauses": (*RECORDED, _LATE, "5002 PauseRecording A"),
    "recorded once": (*RECORDED, "5002 StopRecording A"),
    "monitored": (*TALKING, "5900 ListenIn 5005"),
    "monitored and muted": (*TALKING, "5900 Coach 5005", "5900 MuteMonitored"),
    "monitored and held": (*TALKING, "5900 BargeIn 5005", "5005 Hold A"),
    "supervisor rings": ("phone 5900 dial to=15000", "phone 15000 answer", "5900 ListenIn 5005", *_SECOND_TALKING),
    "supervisor is called": (*TALKING, _LATE, "5900 ListenIn 5005"),
    "supervisor holds": (*TALKING, "5900 ListenIn 5005", "phone 5900 hold"),
    "monitored conference": (*CONFERENCE, "5900 BargeIn 5005"),
    "monitored, target rings": (*TARGET_RINGS, "5005 SwapCalls B", "5900 BargeIn 5005"),
    "transferred, supervisor stays": (*TALKING, "5900 Coach 5005", "5005 SingleStepTransfer A to=5001"),
    "answer under way": (*TALKING[:1], _LATE, "5005 Answer A"),
    "hold under way": (*TALKING, _LATE, "5005 Hold A"),
    "retrieve under way": (*TALKING, "5005 Hold A", _LATE, "5005 Retrieve A"),
    "initiation under way": (*TALKING, _LATE, "5005 InitiateTransfer A to=5001"),
    "swap under way": (*TARGET_RINGS, _LATE, "5005 SwapCalls B"),
    "completion under way": (*CONSULTING, _LATE, "5005 CompleteTransfer B"),
    "blind transfer under way": (*TALKING, _LATE, "5005 SingleStepTransfer A to=5001"),
}
