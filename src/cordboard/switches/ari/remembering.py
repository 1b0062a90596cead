"""Remembering: what an earlier process had ordered, as far as Asterisk does not tell of it. Dry.

Asterisk lists channels and bridges. Which call a nailed-up line carries, which conversation a bridge is, and what a
channel outside of bridges hears follows from what the board had ordered last (its rows), as one process after the other
makes the same of it (docs/decisions/0024). It is needed until the link is there for the first time.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from cordboard.calls.model import ConversationId, LegId, Number, OrderId, RecordingId
from cordboard.calls.records import NOWHERE, WORDS, Leg, Place, Remembered


class Remembering:
    def __init__(self) -> None:
        self._remembered = Remembered()
        self._legs: dict[LegId, Leg] = {}
        self._numbers: dict[Number, list[Leg]] = {}
        self._recorded: dict[RecordingId, ConversationId] = {}

    def fill(self, remembered: Remembered) -> None:
        self._remembered = remembered
        self._legs = {leg.id: leg for leg in remembered.legs}
        self._recorded = {tape.id: tape.conversation for tape in remembered.tapes}
        for leg in remembered.legs:
            if leg.outgoing and leg.dialled and leg.id not in remembered.dialing:
                self._numbers.setdefault(leg.number, []).append(leg)

    def forget(self) -> None:
        """From now on the tracker knows better."""
        self._remembered = Remembered()
        self._legs.clear()
        self._numbers.clear()
        self._recorded.clear()

    def knows(self, leg: LegId) -> bool:
        return leg in self._legs

    def is_to_be_dialled(self, leg: LegId) -> bool:
        """Whether it was ordered to ring, and nobody has said that it does."""
        return leg in self._remembered.dialing

    def on_line(self, number: Number, present: Container[LegId]) -> Leg | None:
        """The call on a telephone's nailed-up line: it is the one that has no channel of its own. One that was just
        going to ring is not on it yet: its order is given again."""
        legs = (leg for leg in self._numbers.get(number, ()) if leg.id not in present)
        return next(legs, None)

    def mix_recorded(self, part: str) -> Place:
        """The mix of which this part of a recording is made; "" if that is not known."""
        return self._recorded.get(part) or self._recorded.get(part.rpartition(".")[0], NOWHERE)

    def place_of(self, leg: LegId) -> Place:
        """Where it was ordered to be last."""
        known = self._legs.get(leg)
        return known.place if known is not None else NOWHERE

    def order_of(self, leg: LegId) -> OrderId:
        known = self._legs.get(leg)
        return known.order if known is not None else 0

    def spies(self, leg: LegId) -> bool:
        """Whether it is a supervisor's, of whom Asterisk does not tell who hears it."""
        known = self._legs.get(leg)
        return known is not None and known.spying is not None

    def place_for_sure(self, leg: LegId) -> Place:
        """Where it was ordered to be last, if it is sure that this was done; otherwise ""."""
        return self.place_of(leg) if self.order_of(leg) not in self._remembered.unanswered else NOWHERE

    def mix_of(self, legs: Iterable[LegId]) -> Place:
        """The mix in which these are meant to be together; "" if it is none, or not the same for all."""
        mixes = {self.place_of(leg) for leg in legs} - WORDS
        return mixes.pop() if len(mixes) == 1 else NOWHERE
