"""The chronicle: what the events of calls tell about who is in which phone call, and since when.

The UnifiedAPI speaks of a phone call and its views, one for each party, with the dates on which things happened
(voipnow-uapi §2.1, §2.2). The law of calls knows no dates; they are noted here, event by event. Dry; the same events
give the same chronicle. Deliberately absent: JSON (``views``), who may see what (``routes``).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cordboard.calls.events import AnyEvent, CallChanged
from cordboard.calls.model import Call, CallState, ConversationId, Number, Recording

_TALKING = (CallState.ESTABLISHED, CallState.HELD)


class Party(msgspec.Struct, eq=False):
    """One party of a phone call. ``seat`` counts parties in the order in which they came; instants are those of the
    board's clock, 0 if it has not happened. ``call`` is its latest state."""

    call: Call
    seat: int
    came: float
    answered: float = 0.0
    held: float = 0.0
    recording: float = 0.0

    @property
    def number(self) -> Number:
        return self.call.owner


class PhoneCall(msgspec.Struct, eq=False):
    """One conversation, as long as somebody is in it. ``parties`` by number, in the order in which they came."""

    id: str
    conversation: ConversationId
    published: float
    parties: dict[Number, Party] = {}
    seats: int = 0
    answered: float = 0.0


class Chronicle:
    """All phone calls that go on."""

    def __init__(self) -> None:
        self._calls: dict[str, PhoneCall] = {}
        self._by_conversation: dict[ConversationId, PhoneCall] = {}
        self._by_number: dict[Number, dict[str, PhoneCall]] = {}

    def heed(self, events: Iterable[AnyEvent], now: float) -> None:
        for event in events:
            if isinstance(event, CallChanged):
                self._note(event.call, now)

    def _note(self, call: Call, now: float) -> None:
        if call.state is CallState.RELEASED:
            self._leave(call)
            return
        phone_call = self._by_conversation.get(call.conversation) or self._begin(call, now)
        party = phone_call.parties.get(call.owner)
        if party is None:
            party = Party(call, phone_call.seats, now)
            phone_call.parties[call.owner] = party
            phone_call.seats += 1
            self._by_number.setdefault(call.owner, {})[phone_call.id] = phone_call
        party.call = call
        if call.state in _TALKING and not party.answered:
            party.answered = now
            phone_call.answered = phone_call.answered or now
        party.held = (party.held or now) if call.state is CallState.HELD else 0.0
        recorded = call.recording in (Recording.RECORDING, Recording.PAUSED)
        party.recording = (party.recording or now) if recorded else 0.0

    def _begin(self, call: Call, now: float) -> PhoneCall:
        phone_call = PhoneCall(phone_call_id(call.conn_id), call.conversation, now)
        self._calls[phone_call.id] = phone_call
        self._by_conversation[call.conversation] = phone_call
        return phone_call

    def _leave(self, call: Call) -> None:
        phone_call = self._by_conversation.get(call.conversation)
        party = phone_call.parties.get(call.owner) if phone_call is not None else None
        if phone_call is None or party is None or party.call.id != call.id:
            return
        del phone_call.parties[call.owner]
        calls = self._by_number[call.owner]
        del calls[phone_call.id]
        if not calls:
            del self._by_number[call.owner]
        if not phone_call.parties:
            del self._calls[phone_call.id]
            del self._by_conversation[phone_call.conversation]

    # -- looking ---------------------------------------------------------------------------------------------------

    def find(self, phone_call_id: str) -> PhoneCall | None:
        return self._calls.get(phone_call_id)

    def of(self, number: Number) -> list[PhoneCall]:
        """Those that a number is in, the oldest first."""
        return list(self._by_number.get(number, {}).values())


def phone_call_id(conn_id: str) -> str:
    """The id of a phone call: twenty hexadecimal digits in lower case, as all samples have them (§1.2)."""
    return conn_id[:8] + conn_id[8:].rjust(12, "0")
