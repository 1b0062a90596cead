"""What one telephone has heard and what has happened on it, and questions about it: no process, nothing that waits.

Times are those of the machine's monotonic clock.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from tests.live import ears

# The network, the jitter buffer, and the frame that a change falls into.
EDGE_S = 0.2
STEADY_S = 0.5
_STEADY_PART = 0.7
_STEADY_FRAMES = round(STEADY_S / ears.FRAME_S)

# Of a line: there is somebody, music or ringing to be heard on it.
_HEARD_STATES = frozenset({"talking", "ringing_there"})


class Hearing:
    def __init__(self, names: Mapping[int, str], started: float) -> None:
        self.frames: list[ears.Frame] = []
        self.events: list[dict[str, Any]] = []
        self._names = names
        self._started = started

    @property
    def until(self) -> float:
        """Up to when it has been told what was heard."""
        return self.frames[-1].at if self.frames else self._started

    def now(self) -> frozenset[str]:
        """Who and what is heard steadily: in most of the last half second."""
        return self._steady(self.frames[-_STEADY_FRAMES:])

    def begun(self, names: frozenset[str], since: float = 0.0) -> float | None:
        """When it began to hear these and nobody else, if that is what most of the last half second was.

        With ``since``, what came before it does not count, nor what was on its way then.
        """
        last = self.frames[-_STEADY_FRAMES:]
        if len(last) < _STEADY_FRAMES or (since and last[0].at - ears.FRAME_S < since + EDGE_S):
            return None
        just_so = [frame for frame in last if ears.names(frame, self._names) == names]
        return just_so[0].at - ears.FRAME_S if len(just_so) >= _STEADY_PART * len(last) else None

    def first(self, names: frozenset[str], mark: float) -> float | None:
        """When it heard these and nobody else for the first time since a mark, for two frames on end."""
        frames = [frame for frame in self.frames if frame.at - ears.FRAME_S >= mark]
        for one, next_one in itertools.pairwise(frames):
            if ears.names(one, self._names) == ears.names(next_one, self._names) == names:
                return one.at - ears.FRAME_S
        return None

    def since(self, mark: float) -> list[ears.Frame]:
        """The frames after a mark, less what was on its way then."""
        return [frame for frame in self.frames if frame.at - ears.FRAME_S >= mark + EDGE_S]

    def steadily_since(self, mark: float, part: float) -> frozenset[str]:
        """What was heard in this part of the time since a mark."""
        return ears.steady([ears.names(frame, self._names) for frame in self.since(mark)], part)

    def overheard_since(self, mark: float, unwanted: Iterable[str]) -> frozenset[str]:
        """Which of these were heard in two frames on end."""
        frames = [ears.names(frame, self._names) for frame in self.since(mark)]
        unwelcome = frozenset(unwanted)
        return frozenset().union(*(first & second & unwelcome for first, second in itertools.pairwise(frames)))

    def silence_since(self, mark: float) -> float:
        """Seconds of the longest silence in which there should have been something to hear.

        Whoever has hung up, holds all lines or is rung is in silence by right: such times do not count.
        """
        return ears.longest_silence(frame for frame in self.since(mark) if self._listened(frame))

    def _listened(self, frame: ears.Frame) -> bool:
        """Whether one and the same line was there to be heard in all of a frame and for the time to get here."""
        states: dict[int, str] = {}
        begin = frame.at - ears.FRAME_S - EDGE_S
        listening: set[int] = set()
        for event in self.events:
            if event["event"] != "line" or event["at"] > frame.at:
                continue
            states[event["line"]] = event["state"]
            there = {line for line, state in states.items() if state in _HEARD_STATES}
            listening = there if event["at"] <= begin else listening & there
        return bool(listening)

    def _steady(self, frames: list[ears.Frame]) -> frozenset[str]:
        return ears.steady([ears.names(frame, self._names) for frame in frames], _STEADY_PART)

    def told(self, since: float | None = None) -> str:
        """What it heard and what happened, for people; times are seconds since it was started."""
        start = self._started if since is None else since - 1
        frames = [frame for frame in self.frames if frame.at >= start]
        happened = [
            f"{event['at'] - self._started:8.1f} s  {_happening(event)}"
            for event in self.events
            if event["at"] >= start
        ]
        heard = ears.told(frames, self._names, self._started)
        return "\n".join(["  it heard", heard, "  what happened", *happened])


def _happening(event: dict[str, Any]) -> str:
    fields = {name: value for name, value in event.items() if name not in ("event", "at", "message")}
    return " ".join([event["event"], *(f"{name}={value}" for name, value in fields.items())])


def either(names: Iterable[str]) -> str:
    """A set of names as words."""
    return " + ".join(sorted(names)) or "silence"
