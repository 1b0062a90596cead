"""What a recording of the imitation exchange sounds like: nobody speaks there, so each party is a soft tone.

8 kHz, 16 bits, mono. The length is the recorded time to the sample; the sound is the same throughout, a chord of as
many tones as there were parties. Writing takes its time for long recordings: not to be called on the event loop.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from pathlib import Path

from cordboard.calls.recordings import Recorded

RATE = 8_000
"""Samples in a second."""
TONES_HZ = (220, 277, 330, 415, 494, 554, 659, 831)
"""Whole numbers, so that every second sounds like the first; party number nine sounds like the first, too."""
LOUDNESS = 2_000
"""Of one tone, where 32767 would be as loud as can be."""


def write(path: Path, recorded: Recorded) -> None:
    """Write the file whole: under another name until it is complete."""
    second = _second(len(recorded.parties))
    seconds, rest = divmod(round(recorded.seconds * RATE), RATE)
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as opened, wave.open(opened, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.setnframes(seconds * RATE + rest)
            for _ in range(seconds):
                file.writeframesraw(second)
            file.writeframesraw(second[: rest * 2])
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _second(parties: int) -> bytes:
    tones = TONES_HZ[:parties]
    loudness = min(LOUDNESS, 32_767 // max(1, len(tones)))
    step = math.tau / RATE
    samples = array("h", (round(loudness * sum(math.sin(step * hz * at) for hz in tones)) for at in range(RATE)))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()
