"""The recorder of the imitation exchange: which mixes are being recorded, for how long, and who was in them.

Dry, and without sound: time arrives with the orders, and what is recorded is a length and the parties' numbers.
Deliberately absent: files (``wav``, ``switch``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cordboard.calls.model import ConversationId, Number, RecordingId
from cordboard.calls.orders import PauseRecording, ResumeRecording, StartRecording, StopRecording
from cordboard.calls.recordings import Recorded, is_message
from cordboard.calls.reports import RecordingSeen


@dataclass(slots=True, eq=False)
class Reel:
    """A recording that is being made. ``seconds`` is what was recorded before ``since``, which is None in a pause."""

    order: StartRecording
    began: float
    parties: dict[Number, None]
    since: float | None
    seconds: float = 0.0

    def length(self, now: float) -> float:
        return self.seconds + (max(0.0, now - self.since) if self.since is not None else 0.0)


class Recorder:
    """All recordings of one exchange. What is complete waits in ``complete`` until it is taken."""

    def __init__(self) -> None:
        self.reels: dict[RecordingId, Reel] = {}
        self._by_mix: dict[ConversationId, list[Reel]] = {}
        self._complete: list[Recorded] = []

    def start(self, order: StartRecording, present: Iterable[Number], now: float) -> str | None:
        """Why it can't be, if it can't. ``present`` are the numbers in the mix; the starter counts as a party."""
        if not order.recording or order.recording in self.reels:
            return f"recording {order.recording!r} exists already" if order.recording else "a recording needs a name"
        reel = Reel(order, now, dict.fromkeys((order.starter, *present)), now)
        self.reels[order.recording] = reel
        self._by_mix.setdefault(order.mix, []).append(reel)
        return None

    def pause(self, order: PauseRecording, now: float) -> str | None:
        reel = self.reels.get(order.recording)
        if reel is None:
            return _unknown(order.recording)
        reel.seconds, reel.since = reel.length(now), None
        return None

    def resume(self, order: ResumeRecording, now: float) -> str | None:
        reel = self.reels.get(order.recording)
        if reel is None:
            return _unknown(order.recording)
        reel.seconds, reel.since = reel.length(now), now
        return None

    def stop(self, order: StopRecording, now: float) -> bool:
        """Whether there was such a recording."""
        reel = self.reels.pop(order.recording, None)
        if reel is None:
            return False
        self._finish(reel, now)
        return True

    def stop_all(self, now: float) -> None:
        for reel in list(self.reels.values()):
            self._finish(reel, now)
        self.reels.clear()

    def joined(self, mix: ConversationId, number: Number) -> None:
        """Somebody is in this mix from now on."""
        for reel in self._by_mix.get(mix, ()):
            reel.parties[number] = None

    def takes_message(self, mix: ConversationId) -> bool:
        """Whether it is a mailbox that records this mix: then there is a tone."""
        return any(is_message(reel.order.recording) for reel in self._by_mix.get(mix, ()))

    def seen(self) -> tuple[RecordingSeen, ...]:
        return tuple(RecordingSeen(recording, reel.since is None) for recording, reel in self.reels.items())

    def take(self) -> list[Recorded]:
        """What is complete since the last time, which becomes the caller's."""
        complete, self._complete = self._complete, []
        return complete

    def _finish(self, reel: Reel, now: float) -> None:
        order = reel.order
        reels = self._by_mix[order.mix]
        reels.remove(reel)
        if not reels:
            del self._by_mix[order.mix]
        parties = tuple(reel.parties)
        length = reel.length(now)
        self._complete.append(
            Recorded(order.recording, order.mix, order.call, order.starter, parties, reel.began, length)
        )


def _unknown(recording: RecordingId) -> str:
    return f"there is no recording {recording!r}"
