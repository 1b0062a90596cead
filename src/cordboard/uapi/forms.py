"""What a webhook says of something that happened, by the names that its receivers know (voipnow-uapi §3.1)."""

from __future__ import annotations

from cordboard.calls.model import Reason
from cordboard.people.directory import Directory
from cordboard.uapi.chronicle import Happening, Kind

_STATUSES = {
    Kind.DIAL_IN: "CALLING",
    Kind.DIAL_OUT: "CALLING",
    Kind.ANSWERED: "ANSWER",
    Kind.ANSWERED_THERE: "ANSWER",
}
_REASONS = {
    Reason.NORMAL: "CANCEL",
    Reason.BUSY: "BUSY",
    Reason.REJECTED: "BUSY",
    Reason.NO_ANSWER: "NOANSWER",
    Reason.UNREACHABLE: "CHANUNAVAIL",
    Reason.INVALID_NUMBER: "CHANUNAVAIL",
    Reason.LOOP_DETECTED: "CONGESTION",
    Reason.SWITCH_ERROR: "CONGESTION",
    Reason.SWITCH_LOST: "CONGESTION",
}
"""Words that receivers in the field know besides those that are documented."""


class Forms:
    """Writes them. ``reasons``: a call that ends unanswered says why, instead of UNKNOWN."""

    def __init__(self, directory: Directory, *, reasons: bool = False) -> None:
        self._directory = directory
        self._reasons = reasons

    def describe(self, happening: Happening) -> dict[str, str]:
        """The parameters of the request."""
        caller, called = self._directory.owner_of(happening.caller), self._directory.owner_of(happening.called)
        name = f"{caller.first_name} {caller.last_name}".strip() if caller is not None else ""
        return {
            "CallID": happening.phone_call,
            "CallAPIID": happening.phone_call,
            "CallerIDNum": happening.caller,
            "CallerIDName": name or self._directory.name_of(happening.caller) or happening.caller,
            "CallerExtension": happening.caller if caller is not None else "",
            "CalledExtension": happening.called if called is not None else "",
            "CalledNumber": happening.dnis or happening.called,
            "CalledDID": self._public_number(happening) if called is not None else happening.called,
            "CallStatus": _STATUSES.get(happening.kind) or self._ended(happening),
            "CallFlow": "OUT" if happening.outgoing else "IN",
        }

    def _public_number(self, happening: Happening) -> str:
        """What was dialled, if it was no number of ours: the extension was reached by a public one."""
        dialled = happening.dnis
        return dialled if self._directory.find(dialled, happening.called) is None else ""

    def _ended(self, happening: Happening) -> str:
        if happening.answered:
            return "ANSWER"
        return _REASONS.get(happening.reason, "UNKNOWN") if self._reasons else "UNKNOWN"
