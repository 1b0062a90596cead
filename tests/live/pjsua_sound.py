"""Sound for a telephone on PJSIP: its ear, and the tones that it speaks and rings with."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import pjsua2 as pj
from tests.live import ears

_SPEAKS_AT = 4000  # amplitude, of 32767: eight of them can be mixed


class EarPort(pj.AudioMediaPort):  # type: ignore[misc]
    """Keeps what PJSIP's sound clock brings until the process asks: that clock runs in a thread of its own."""

    def __init__(self) -> None:
        super().__init__()
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, ears.RATE, 1, 20_000, 16)
        self.createPort("ear", form)
        self._ear = ears.Ear()
        self._new: deque[tuple[float, bytes]] = deque()

    def onFrameReceived(self, frame: Any) -> None:  # noqa: N802
        self._new.append((time.monotonic(), bytes(frame.buf) or bytes(320)))

    def frames(self) -> list[ears.Frame]:
        frames: list[ears.Frame] = []
        while self._new:
            at, pcm = self._new.popleft()
            frames += self._ear.feed(pcm, at)
        return frames


def sine(hz: int) -> Any:
    return _tone(hz, 0, on_ms=10_000, off_ms=0)


def ringback() -> Any:
    """The tones of Asterisk's zone us; the pause is shorter than what a test may take for silence."""
    return _tone(440, 480, on_ms=1_000, off_ms=200)


def _tone(hz: int, second_hz: int, on_ms: int, off_ms: int) -> Any:
    generator = pj.ToneGenerator()
    generator.createToneGenerator(ears.RATE, 1)
    tone = pj.ToneDesc()
    tone.freq1, tone.freq2, tone.on_msec, tone.off_msec, tone.volume = hz, second_hz, on_ms, off_ms, _SPEAKS_AT
    tones = pj.ToneDescVector()
    tones.append(tone)
    generator.play(tones, True)
    return generator
