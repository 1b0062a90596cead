"""The ear on synthetic sound: it can tell voices apart, and it can fail."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.live import ears

SPEAKS_AT = 4000
TABLE = {1000: "5001", 1270: "5002", 700: "music"}


def sound(*tones: int, seconds: float = 0.1, amplitude: int = SPEAKS_AT) -> NDArray[np.int16]:
    time = np.arange(round(seconds * ears.RATE)) / ears.RATE
    return sum((amplitude * np.sin(2 * np.pi * hz * time + hz) for hz in tones), np.zeros_like(time)).astype(np.int16)


def through_g711(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """µ-law and back, as formula: the noise that comes of the line."""
    part = samples / 32768
    packed = np.round(np.sign(part) * np.log1p(255 * np.abs(part)) / np.log1p(255) * 127) / 127
    return (np.sign(packed) * np.expm1(np.abs(packed) * np.log1p(255)) / 255 * 32768).astype(np.int16)


def heard(samples: NDArray[np.int16]) -> list[ears.Frame]:
    return ears.Ear().feed(samples.tobytes(), at=100.0)


@pytest.mark.parametrize("hz", [*ears.VOICES, ears.MUSIC_HZ])
def test_every_voice_is_told_by_its_tone(hz: int) -> None:
    assert ears.listen(through_g711(sound(hz)), 1.0).tones == (hz,)


def test_a_mixture_is_taken_apart() -> None:
    tones = (ears.MUSIC_HZ, *ears.VOICES[:6])

    assert ears.listen(through_g711(sound(*tones)), 1.0).tones == tones


def test_neighbours_among_the_voices_are_told_apart_when_one_is_much_louder() -> None:
    for one, other in zip(ears.VOICES, ears.VOICES[1:], strict=False):
        mixed = sound(one, amplitude=12000) + sound(other, amplitude=1000)
        assert ears.listen(through_g711(mixed), 1.0).tones == (one, other)


def test_silence_is_no_tone_and_silent() -> None:
    frame = ears.listen(sound(), 1.0)

    assert (frame.tones, frame.level, frame.silent) == ((), 0, True)


def test_the_hiss_of_a_line_is_silence_and_no_voice() -> None:
    hiss = np.random.default_rng(1).normal(0, 20, ears.FRAME_SAMPLES).astype(np.int16)

    frame = ears.listen(hiss, 1.0)

    assert frame.silent
    assert ears.names(frame, TABLE) == frozenset()


def test_a_tone_that_is_too_faint_is_not_heard() -> None:
    assert ears.listen(sound(1000, amplitude=200), 1.0).tones == ()


def test_sound_without_a_tone_is_a_noise() -> None:
    noise = np.random.default_rng(1).normal(0, 400, ears.FRAME_SAMPLES).astype(np.int16)

    assert ears.names(ears.listen(noise, 1.0), TABLE) == {"noise"}


@pytest.mark.parametrize(
    ("tones", "expected"),
    [
        ((1000,), {"5001"}),
        ((700, 1270), {"music", "5002"}),
        ((440, 480), {"ringback"}),
        ((480, 620, 1000), {"busy", "5001"}),
        ((350, 440), {"dialtone"}),
        ((440,), {"440 Hz"}),
        ((1720,), {"1720 Hz"}),
    ],
)
def test_tones_have_names(tones: tuple[int, ...], expected: set[str]) -> None:
    assert ears.names(ears.listen(sound(*tones), 1.0), TABLE) == expected


def test_an_ear_makes_frames_of_pieces_of_any_size() -> None:
    pcm = sound(1000, seconds=0.25).tobytes()
    ear = ears.Ear()

    frames = [frame for start in range(0, len(pcm), 320) for frame in ear.feed(pcm[start : start + 320], start / 16000)]

    assert [frame.tones for frame in frames] == [(1000,), (1000,)]


def test_frames_end_when_they_were_heard() -> None:
    frames = heard(sound(1000, seconds=0.35))

    assert [round(frame.at, 3) for frame in frames] == [99.75, 99.85, 99.95]


def test_what_is_steady_is_in_most_of_the_frames() -> None:
    voice, both, none = frozenset({"5001"}), frozenset({"5001", "click"}), frozenset[str]()

    assert ears.steady([voice, both, voice, none, voice], 0.8) == {"5001"}
    assert ears.steady([voice, both, voice, none, voice], 0.9) == frozenset()
    assert ears.steady([], 0.7) == frozenset()


def test_the_longest_silence_is_the_longest_run_of_silent_frames() -> None:
    samples = [sound(1000, seconds=0.5), sound(seconds=0.2), sound(1000), sound(seconds=0.4), sound(1000)]

    assert ears.longest_silence(heard(np.concatenate(samples))) == pytest.approx(0.4)
    assert ears.longest_silence(heard(sound(1000, seconds=1))) == 0


def test_a_missing_frame_ends_a_silence() -> None:
    frames = heard(sound(seconds=0.7))
    del frames[3]

    assert ears.longest_silence(frames) == pytest.approx(0.3)


def test_the_timeline_is_told_in_stretches() -> None:
    samples = [sound(1000, seconds=0.2), sound(700, 1270, seconds=0.2), sound(seconds=0.1)]

    assert ears.told(heard(np.concatenate(samples)), TABLE, start=99.5) == (
        "     0.0 s  5001\n     0.2 s  5002 + music\n     0.4 s  (silence)"
    )
    assert ears.told([], TABLE, start=0) == "          (nothing was recorded)"
