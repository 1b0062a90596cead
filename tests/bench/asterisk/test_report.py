"""What is said of a run, and which rate of calls is looked for."""

from __future__ import annotations

import pytest
from bench.asterisk.load import Held, NotHeldError
from bench.asterisk.timing import Quantiles, Row
from bench.measuring import Machine

from bench import asterisk
from bench.asterisk import Asked, Report, Tried, load, timing
from tools.asterisk import CannotBringError

MACHINE = Machine("a processor", 2, "3.11", "6")
HELD = Held(20.0, 60.0, 1_200, 6.0, 12.0, 3.0)


def report(ratio: float = 1.5, held: Held | None = HELD) -> Report:
    rows = (Row("CompleteTransfer", Quantiles(2.0 * ratio, 9.0), Quantiles(2.0, 8.0)),)
    return Report(MACHINE, transfers=3, rows=rows, held=held, tried=(Tried(30.0, "SIPp: 1"),))


@pytest.mark.parametrize(("ratio", "word"), [(1.5, "met"), (1.51, "not met")])
def test_it_says_whether_a_transfer_is_quick_enough(ratio: float, word: str) -> None:
    assert f"(aim: at most 1.5; {word})" in str(report(ratio))


@pytest.mark.parametrize(("asterisk_s", "word"), [(12.0, "met"), (6.0, "not met")])
def test_it_says_whether_we_cost_less_than_asterisk(asterisk_s: float, word: str) -> None:
    held = Held(20.0, 60.0, 1_200, 6.0, asterisk_s, 3.0)
    assert f"(aim: below 1.0; {word})" in str(report(held=held))


def test_it_says_what_was_not_held() -> None:
    text = str(report(held=None))
    assert "30 calls/s: not held: SIPp: 1" in text
    assert "no rate of calls was held" in text


def test_without_an_asterisk_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: object) -> None:
        raise CannotBringError("no apt here")

    monkeypatch.setattr(asterisk, "_run", cannot)
    assert "not measured: no apt here" in str(asterisk.run(Asked()))


@pytest.fixture
def holding(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """A machine that holds 25 calls a second in short trials, and 17 for longer."""
    trials: list[tuple[float, float]] = []

    async def hold(per_s: float, seconds: float) -> Held:
        trials.append((round(per_s, 2), seconds))
        if per_s > (25 if seconds < 10 else 17):
            raise NotHeldError("too many")
        return HELD

    monkeypatch.setattr(load, "hold", hold)
    return trials


async def test_the_highest_rate_that_trials_promise_is_held_or_less(holding: list[tuple[float, float]]) -> None:
    held, tried = await asterisk._search(0.0, 60.0)
    assert held == HELD
    assert holding == [(10.0, 6.0), (20.0, 6.0), (30.0, 6.0), (20.0, 60.0), (16.0, 60.0)]
    assert [one.per_s for one in tried] == [30.0, 20.0]


async def test_a_rate_that_is_asked_for_is_tried_alone(holding: list[tuple[float, float]]) -> None:
    assert (await asterisk._search(30.0, 60.0))[0] is None
    assert holding == [(30.0, 60.0)]


async def test_a_machine_that_can_hardly_do_anything_is_asked_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hold(_per_s: float, _seconds: float) -> Held:
        raise NotHeldError("too many")

    monkeypatch.setattr(load, "hold", hold)
    held, tried = await asterisk._search(0.0, 60.0)
    assert held is None
    assert min(one.per_s for one in tried) >= 1


@pytest.mark.parametrize(("possible", "hold_s", "why"), [(False, 60.0, "SIPp"), (True, 0.0, "not asked")])
async def test_what_is_left_out_is_said(
    monkeypatch: pytest.MonkeyPatch, possible: bool, hold_s: float, why: str
) -> None:
    async def compare(_transfers: int, _journal: str = "") -> tuple[Row, ...]:
        return report().rows

    monkeypatch.setattr(asterisk, "_compare", compare)
    monkeypatch.setattr(load, "is_possible", lambda: possible)
    found = await asterisk._run(Asked(hold_s=hold_s), MACHINE)
    assert found.held is None
    assert [row.name for row in found.rows] == ["CompleteTransfer", timing.DURABLE]
    assert why in found.tried[0].why
