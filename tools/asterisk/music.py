"""Music on hold whose presence can be heard beyond doubt: one clean tone, made anew instead of kept as a file."""

from __future__ import annotations

import array
import math
import wave
from pathlib import Path

MUSIC_HZ = 700
_RATE = 8_000
_LOUDNESS = 0.25


def write_tone(path: Path, hz: int = MUSIC_HZ, seconds: int = 10) -> None:
    """A WAV file with whole waves only, so that it can go round without a click."""
    samples = array.array(
        "h", (round(32_767 * _LOUDNESS * math.sin(2 * math.pi * hz * at / _RATE)) for at in range(_RATE * seconds))
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples.tobytes())
