"""The chronicle: what the events of calls tell about who is in which phone call, and since when.

The UnifiedAPI speaks of a phone call and its views, one for each party, with the dates on which things happened
(voipnow-uapi §2.1, §2.2). The law of calls knows no dates; they are noted here, event by event. Dry; the same events
give the same chronicle. Deliberately absent: JSON (``views``), who may see what (``routes``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

import msgspec

from cordboard.calls.events import AnyEvent, CallChanged
from cordboard.calls.model import Call, CallState, ConversationId, Number, Reason, Recording

_TALKING = (CallState.ESTABLISHED, CallState.HELD)


class Party(msgspec.Struct, eq=False):
    """One party of a phone call. ``seat`` counts parties in the order in which they came; instants are those of the
    board's clock, 0 if it has not happened. ``call`` is its latest state. ``outgoing`` is whether it called, None as
    long as there is nothing to tell of it."""

    call: Call
    seat: int
    came: float
    answered: float = 0.0
    held: float = 0.0
    recording: float = 0.0
    parked: float = 0.0
    outgoing: bool | None = None

    @property
    def number(self) -> Number:
        return self.call.owner


class PhoneCall(msgspec.Struct, eq=False):
    """One conversation, as long as somebody is in it. ``parties`` by number, in the order in which they came;
    ``connection`` is who called whom last, also when one of them has left. It is a call of those in it, of ``charged``,
    for whom it was begun ("" for whoever has been in it longest), and of ``parked_by``, who parked the one that is
    left. ``nonce`` is the word by which whoever began it knows it again, "" if there is none."""

    id: str
    conversation: ConversationId
    published: float
    parties: dict[Number, Party] = {}
    seats: int = 0
    answered: float = 0.0
    connection: tuple[Number, Number] | None = None
    past: list[Party] = []
    parked_by: Number = ""
    charged: Number = ""
    nonce: str = ""

    def concerns(self, number: Number) -> bool:
        return number in self.parties or number in (self.parked_by, self.charged)


class Ended(msgspec.Struct, frozen=True):
    """A phone call that is over, and all who were in it."""

    id: str
    published: float
    answered: float
    connection: tuple[Number, Number]
    parties: tuple[Party, ...]
    charged: Number = ""


class Kind(Enum):
    """What happened to an extension, by the numbers of the contract (§3.1)."""

    DIAL_IN = 0
    DIAL_OUT = 1
    HANGUP = 2
    ANSWERED = 3
    ANSWERED_THERE = 4


class Happening(msgspec.Struct, frozen=True):
    """Something that a party's owner may want to be told. ``caller`` and ``called`` are the ends of the connection,
    ``dnis`` is what was dialled, ``reason`` why it ended; ``outgoing`` is whether the party called."""

    kind: Kind
    number: Number
    phone_call: str
    caller: Number
    called: Number
    dnis: str
    answered: bool
    reason: Reason = Reason.NORMAL
    outgoing: bool = False


class Chronicle:
    """All phone calls that go on. What happens to numbers that are not ``wanted`` is noted and not told."""

    def __init__(self, wanted: Callable[[Number], bool] = lambda _: True) -> None:
        self._wanted = wanted
        self._calls: dict[str, PhoneCall] = {}
        self._by_conversation: dict[ConversationId, PhoneCall] = {}
        self._by_number: dict[Number, dict[str, PhoneCall]] = {}
        self._changed: dict[str, None] = {}
        self.ended: list[Ended] = []

    def heed(self, events: Iterable[AnyEvent], now: float) -> list[Happening]:
        """Note what the events tell; what happened to whom by that."""
        return [
            happening for event in events if isinstance(event, CallChanged) for happening in self._note(event.call, now)
        ]

    def _note(self, call: Call, now: float) -> list[Happening]:
        if call.state is CallState.RELEASED:
            return self._leave(call)
        phone_call = self._by_conversation.get(call.conversation) or self._begin(call, now)
        self._changed[phone_call.id] = None
        party = phone_call.parties.get(call.owner)
        if party is None:
            party = Party(call, phone_call.seats, now)
            phone_call.parties[call.owner] = party
            phone_call.seats += 1
            self._list(call.owner, phone_call)
        party.call = call
        is_answer = call.state in _TALKING and not party.answered
        if is_answer:
            party.answered = now
            phone_call.answered = phone_call.answered or now
        party.held = (party.held or now) if call.state is CallState.HELD else 0.0
        recorded = call.recording in (Recording.RECORDING, Recording.PAUSED)
        party.recording = (party.recording or now) if recorded else 0.0
        self._park(phone_call, party, now)
        if len(phone_call.parties) > 1:
            phone_call.connection = _connected(phone_call)
        kinds = _kinds(party, is_answer)
        return [_happening(kind, phone_call, party) for kind in kinds] if kinds and self._wanted(call.owner) else []

    def _park(self, phone_call: PhoneCall, party: Party, now: float) -> None:
        parked = party.call.parked
        if (parked is not None) is bool(party.parked):
            return
        self._un_park(phone_call)
        party.parked = now if parked is not None else 0.0
        if parked is not None:
            phone_call.parked_by = parked.by
            self._list(parked.by, phone_call)

    def _un_park(self, phone_call: PhoneCall) -> None:
        """It is no longer a call of whoever parked it, unless that one is in it."""
        before, phone_call.parked_by = phone_call.parked_by, ""
        if before:
            self._forget(before, phone_call)

    def _list(self, number: Number, phone_call: PhoneCall) -> None:
        self._by_number.setdefault(number, {})[phone_call.id] = phone_call

    def _forget(self, number: Number, phone_call: PhoneCall) -> None:
        """It is no longer a call of this number, unless it concerns it in another way."""
        if phone_call.concerns(number):
            return
        calls = self._by_number[number]
        del calls[phone_call.id]
        if not calls:
            del self._by_number[number]

    def _begin(self, call: Call, now: float) -> PhoneCall:
        phone_call = PhoneCall(phone_call_id(call.conn_id), call.conversation, now)
        if call.errand is not None:
            phone_call.charged, phone_call.nonce = call.errand.charged, call.errand.nonce
        if phone_call.charged:
            self._list(phone_call.charged, phone_call)
        self._calls[phone_call.id] = phone_call
        self._by_conversation[call.conversation] = phone_call
        return phone_call

    def _leave(self, call: Call) -> list[Happening]:
        phone_call = self._by_conversation.get(call.conversation)
        party = phone_call.parties.get(call.owner) if phone_call is not None else None
        if phone_call is None or party is None or party.call.id != call.id:
            return []
        told: list[Happening] = []
        if party.outgoing is not None and self._wanted(call.owner):
            told.append(_happening(Kind.HANGUP, phone_call, party, call.reason))
        self._changed[phone_call.id] = None
        del phone_call.parties[call.owner]
        party.call = call
        phone_call.past.append(party)
        self._forget(call.owner, phone_call)
        if party.parked:
            self._un_park(phone_call)
        if not phone_call.parties:
            del self._calls[phone_call.id]
            del self._by_conversation[phone_call.conversation]
            self._end(phone_call)
            charged, phone_call.charged = phone_call.charged, ""
            if charged:
                self._forget(charged, phone_call)
        return told

    def _end(self, phone_call: PhoneCall) -> None:
        first = phone_call.past[0].number
        connection = phone_call.connection or (first, phone_call.past[0].call.dnis)
        parties = tuple(sorted(phone_call.past, key=lambda party: party.seat))
        answered, charged = phone_call.answered, phone_call.charged
        self.ended.append(Ended(phone_call.id, phone_call.published, answered, connection, parties, charged))

    def take_ended(self) -> list[Ended]:
        """Those that are over since the last time."""
        ended, self.ended = self.ended, []
        return ended

    def take_changed(self) -> list[tuple[str, PhoneCall | None]]:
        """The phone calls that are otherwise than when this was called last, by their ids; None if one is over."""
        changed, self._changed = self._changed, {}
        return [(phone_call_id, self._calls.get(phone_call_id)) for phone_call_id in changed]

    def restore(self, phone_calls: Iterable[PhoneCall]) -> None:
        """Go on with those that another chronicle knew."""
        for phone_call in sorted(phone_calls, key=lambda one: (one.published, one.id)):
            self._calls[phone_call.id] = self._by_conversation[phone_call.conversation] = phone_call
            for number in (*phone_call.parties, phone_call.parked_by, phone_call.charged):
                if number:
                    self._list(number, phone_call)

    # -- looking ---------------------------------------------------------------------------------------------------

    def find(self, phone_call_id: str) -> PhoneCall | None:
        return self._calls.get(phone_call_id)

    def of(self, number: Number) -> list[PhoneCall]:
        """Those that a number is in, has parked or is charged for, the oldest first."""
        return list(self._by_number.get(number, {}).values())


def _kinds(party: Party, is_answer: bool) -> list[Kind]:
    """What a party's first or next state tells. Whoever is joined to a call at once has got and answered it: a hang-up
    without a beginning would tell nothing to those who look calls up by their ids."""
    call = party.call
    kinds: list[Kind] = []
    if party.outgoing is None and call.state is not CallState.OFFERED:
        # A telephone that rings first, and is connected to somebody when it is answered, calls.
        party.outgoing = call.state is CallState.DIALING or bool(call.connects_to)
        kinds.append(Kind.DIAL_OUT if party.outgoing else Kind.DIAL_IN)
    if is_answer:
        kinds.append(Kind.ANSWERED_THERE if party.outgoing else Kind.ANSWERED)
    return kinds


def _happening(kind: Kind, phone_call: PhoneCall, party: Party, reason: Reason = Reason.NORMAL) -> Happening:
    """Whoever has been there longest is the caller. Of a call that begins only one end may be known yet."""
    connection = phone_call.connection
    if connection is None:
        caller, called = ends(phone_call)
        connection = (caller[0], called[-1] if called else "")
    dnis = party.call.dnis or connection[1]
    return Happening(
        kind, party.number, phone_call.id, *connection, dnis, bool(party.answered), reason, bool(party.outgoing)
    )


def ends(call: PhoneCall) -> tuple[list[Number], list[Number]]:
    """Who called and who was called, in the connection as it is now."""
    parties = list(call.parties.values())
    if parties[0].call.connects_to:  # several may ring, and the first that is answered will be the source
        return [party.number for party in parties], [parties[0].call.connects_to]
    if waits_in_room(call, parties[0]):
        return [call.charged], [parties[0].number]
    others = [party.number for party in parties[1:]]
    # Whoever is alone waits for somebody who does not ring yet.
    return [parties[0].number], others or list(parties[0].call.participants)


def _connected(call: PhoneCall) -> tuple[Number, Number]:
    """Whoever has been there longest, and whom it is connected with, or is going to be, or who came last."""
    first, last = next(iter(call.parties.values())), next(reversed(call.parties.values()))
    return first.number, first.call.connects_to or last.number


def waits_in_room(call: PhoneCall, party: Party) -> bool:
    """Whether a party is alone with the conference extension that it was called for."""
    return len(call.parties) == 1 and call.charged in party.call.participants


def phone_call_id(conn_id: str) -> str:
    """The id of a phone call: twenty hexadecimal digits in lower case, as all samples have them (§1.2)."""
    return conn_id[:8] + conn_id[8:].rjust(12, "0")
