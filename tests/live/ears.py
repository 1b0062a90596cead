"""What a telephone hears, told by its tones: pure functions and values over sound, no telephones and no clock.

Every test telephone speaks a sine of its own (``VOICES``), so who is heard can be read from the spectrum. Sound is
looked at in frames of 100 ms: at 8000 Hz this gives a spectrum with lines 10 Hz apart, and every tone in use lies on
such a line exactly.

Deliberately absent: who speaks which tone (telephones.py keeps that table) and when a wait is over (waiting.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME_S = 0.1
FRAME_SAMPLES = int(RATE * FRAME_S)
_LINE_HZ = RATE // FRAME_SAMPLES

# Clear of each other, of music (700) and its harmonics, and of call-progress tones; 30 Hz is enough for the spectrum.
VOICES = (1000, 1130, 1270, 1460, 1580, 1720, 1870, 2030, 2230, 2370, 2530, 2690, 2890, 3010, 3130, 3250)
MUSIC_HZ = 700

# indications.conf of Asterisk, zone us. Dial tone shares 440 Hz with ringback, so only the pairs mean something.
PROGRESS: Mapping[str, frozenset[int]] = {
    "ringback": frozenset({440, 480}),
    "dialtone": frozenset({350, 440}),
    "busy": frozenset({480, 620}),
}

# Of 32768. Telephones speak at 4000; the noise that G.711 makes of a few tones at once stays below 100 a line.
_HEARD_AMPLITUDE = 300
_HEARD_PART_OF_LOUDEST = 0.05
_SILENT_LEVEL = 50

_WINDOW = np.hanning(FRAME_SAMPLES + 1)[:-1]  # periodic: a tone on a line touches its two neighbours only
_TO_AMPLITUDE = 4 / FRAME_SAMPLES


class Frame(msgspec.Struct, frozen=True):
    """100 ms of hearing: when they ended, the tones in Hz, and how loud it was altogether (RMS, of 32768)."""

    at: float
    tones: tuple[int, ...]
    level: int

    @property
    def silent(self) -> bool:
        return self.level < _SILENT_LEVEL


def listen(sound: NDArray[np.int16], at: float) -> Frame:
    """The frame that these 100 ms of sound make."""
    samples = sound.astype(np.float64)
    lines = np.abs(np.fft.rfft(samples * _WINDOW)) * _TO_AMPLITUDE
    floor = max(_HEARD_AMPLITUDE, _HEARD_PART_OF_LOUDEST * float(lines.max()))
    inner = lines[1:-1]
    peaks = np.flatnonzero((inner >= floor) & (inner > lines[:-2]) & (inner >= lines[2:])) + 1
    level = round(float(np.sqrt(np.mean(samples**2))))
    return Frame(at, tuple(int(peak) * _LINE_HZ for peak in peaks), level)


class Ear:
    """Sound comes in pieces of any size; whole frames come out."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, pcm: bytes, at: float) -> list[Frame]:
        """``pcm``: signed 16 bits, one channel, ``RATE``; ``at``: when its last sample was heard."""
        self._rest += pcm
        size = 2 * FRAME_SAMPLES
        whole = len(self._rest) // size
        if not whole:
            return []
        after_s = (len(self._rest) - whole * size) / 2 / RATE
        sound, self._rest = self._rest[: whole * size], self._rest[whole * size :]
        ends = [at - after_s - FRAME_S * left for left in range(whole - 1, -1, -1)]
        frames = np.frombuffer(sound, "<i2").reshape(whole, FRAME_SAMPLES)
        return [listen(frame, end) for frame, end in zip(frames, ends, strict=True)]


def names(frame: Frame, table: Mapping[int, str]) -> frozenset[str]:
    """Who and what is in a frame: names of the table, progress tones, and the bare figure for what nobody claims.

    A frame with sound but no tone (a click, a file with speech) is a "noise", one without sound is the empty set.
    """
    left = set(frame.tones)
    found: set[str] = set()
    for name, tones in PROGRESS.items():
        if tones <= left:
            found.add(name)
            left -= tones
    found.update(table.get(tone, f"{tone} Hz") for tone in left)
    return frozenset(found) if found or frame.silent else frozenset({"noise"})


def steady(frames: Sequence[frozenset[str]], part: float) -> frozenset[str]:
    """What is in at least this part of the frames: clicks and the edges of a tone are not."""
    counted = {name: sum(name in frame for frame in frames) for name in frozenset().union(*frames)}
    return frozenset(name for name, count in counted.items() if count >= part * len(frames))


def longest_silence(frames: Iterable[Frame]) -> float:
    """Seconds of the longest run of silent frames; a frame that is missing ends a run."""
    longest = run = 0
    last = 0.0
    for frame in frames:
        follows = frame.at - last < 1.5 * FRAME_S
        run = (run + 1 if follows else 1) if frame.silent else 0
        longest, last = max(longest, run), frame.at
    return round(longest * FRAME_S, 1)  # 3 frames are not longer than 0.3 s


def told(frames: Sequence[Frame], table: Mapping[int, str], start: float) -> str:
    """The timeline for people: one line for each stretch in which the same was heard, in seconds since ``start``."""
    lines: list[str] = []
    last: frozenset[str] | None = None
    for frame in frames:
        heard = names(frame, table)
        if heard != last:
            lines.append(f"{frame.at - FRAME_S - start:8.1f} s  {' + '.join(sorted(heard)) or '(silence)'}")
            last = heard
    return "\n".join(lines) or "          (nothing was recorded)"
