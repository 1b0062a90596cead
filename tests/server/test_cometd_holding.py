"""When connects that are held are answered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.kit.connections import settle

from cordboard.server.cometd_holding import Holding


class Held:
    def __init__(self, released: list[str], name: str, *, fails: bool = False) -> None:
        self._released = released
        self._name = name
        self._fails = fails

    def release(self) -> None:
        self._released.append(self._name)
        if self._fails:
            raise ValueError("a bug")


async def until(released: list[str], count: int) -> None:
    while len(released) < count:
        await settle()


async def test_who_is_woken_is_released_once_and_when_the_turn_is_over() -> None:
    holding, released = Holding(60.0), list[str]()
    first, second, third = (Held(released, name) for name in "abc")
    for held in (first, second, third):
        holding.add(held, 60.0)
    for held in (third, first, third):
        holding.wake(held)
    assert released == []
    await settle()
    assert released == ["c", "a"]
    assert len(holding) == 1


async def test_one_timer_releases_all_whose_time_is_over() -> None:
    holding, released = Holding(0.002), list[str]()
    for name in "ab":
        holding.add(Held(released, name), 0.002)
    await until(released, 2)
    assert (released, len(holding)) == (["a", "b"], 0)
    holding.add(Held(released, "c"), 0.002)
    await until(released, 3)


async def test_the_timer_comes_back_for_those_who_came_later() -> None:
    holding, released = Holding(0.02), list[str]()
    early = Held(released, "early")
    holding.add(early, 0.02)
    await asyncio.sleep(0)
    holding.wake(early)
    await settle()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while loop.time() < begun + 0.005:
        await settle()
    holding.add(Held(released, "late"), 0.02)
    added = loop.time()
    await until(released, 2)
    assert released == ["early", "late"]
    assert loop.time() >= added + 0.019


async def test_others_are_held_for_their_own_time() -> None:
    holding, released = Holding(60.0), list[str]()
    short, woken = Held(released, "short"), Held(released, "woken")
    holding.add(short, 0.001)
    holding.add(woken, 50.0)
    assert len(holding) == 2
    await until(released, 1)
    holding.wake(woken)
    await settle()
    assert (released, len(holding)) == (["short", "woken"], 0)


async def test_a_bug_in_one_answer_is_logged_and_spares_the_others(capsys: pytest.CaptureFixture[Any]) -> None:
    holding, released = Holding(60.0), list[str]()
    for held in (Held(released, "a", fails=True), Held(released, "b")):
        holding.add(held, 60.0)
        holding.wake(held)
    await settle()
    assert released == ["a", "b"]
    assert "a bug" in capsys.readouterr().out
