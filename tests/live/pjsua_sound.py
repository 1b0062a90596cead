"""Sound for a telephone on PJSIP: its ear, and the tones that it speaks and rings with."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import pjsua2 as pj
from tests.live import ears

_SPEAKS_AT = 4000  # amplitude, of 32767: eight of them can be mixed
_ON_MS = 10_000  # and again; all tones in use go into it a whole number of times, so there is no click


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
    return _tone(hz, 0)


def ringback() -> Any:
    """The tones of Asterisk's zone us, without the pauses: whoever listens at any time knows that it rings."""
    return _tone(440, 480)


def _tone(hz: int, second_hz: int) -> Any:
    generator = pj.ToneGenerator()
    generator.createToneGenerator(ears.RATE, 1)
    tone = pj.ToneDesc()
    tone.freq1, tone.freq2, tone.on_msec, tone.off_msec, tone.volume = hz, second_hz, _ON_MS, 0, _SPEAKS_AT
    tones = pj.ToneDescVector()
    tones.append(tone)
    generator.play(tones, True)
    return generator
