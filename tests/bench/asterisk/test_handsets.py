"""Telephones without a sound, which call one another over the loopback interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from bench.asterisk.handsets import HOST, Handset, Handsets

from bench.asterisk import sip


class Pair:
    """Telephones of two sides; what either was sent is kept."""

    def __init__(self) -> None:
        self.here, self.there = Handsets(), Handsets()
        self.news = asyncio.Event()
        self.seen: list[str] = []

    async def open(self) -> None:
        for side in (self.here, self.there):
            await side.open(0)
            taken = side.datagram_received

            def taking(data: bytes, addr: tuple[str, int], taken=taken) -> None:  # type: ignore[no-untyped-def]
                taken(data, addr)
                self.seen.append(data.decode().partition("\r\n")[0].removesuffix(" SIP/2.0"))
                self.news.set()

            side.datagram_received = taking  # type: ignore[method-assign]

    async def until(self, *, there: int, here: int, up: bool = False) -> None:
        """Until either side has so many calls, which are up if they should be."""
        async with asyncio.timeout(5):
            while True:
                self.news.clear()
                calls = (*self.there.calls.values(), *self.here.calls.values())
                if (len(self.there.calls), len(self.here.calls)) == (there, here) and all(c.is_up >= up for c in calls):
                    return
                await self.news.wait()

    def call(self) -> Handset:
        return self.here.call("100", "5000", self.there._port)

    def close(self) -> None:
        self.here.close()
        self.there.close()


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    await made.open()
    yield made
    made.close()


async def test_a_telephone_that_picks_up_is_talked_with_until_one_hangs_up(pair: Pair) -> None:
    pair.there.picks_up = lambda number: number == "5000"
    call = pair.call()
    await pair.until(there=1, here=1, up=True)
    ended = pair.there.watch("5000")
    pair.here.hang_up(call)
    assert await asyncio.wait_for(ended, 5) > 0
    assert pair.seen[:2] == ["INVITE sip:5000@127.0.0.1:" + str(pair.there._port), "SIP/2.0 180 Ringing"]
    assert (pair.here.calls, pair.there.calls, pair.here.failures) == ({}, {}, [])


async def test_whoever_was_called_can_hang_up_too(pair: Pair) -> None:
    pair.there.picks_up = lambda _number: True
    pair.call()
    await pair.until(there=1, here=1, up=True)
    ended = pair.here.watch("100")
    pair.there.hang_up(pair.there.at("5000"))
    assert await asyncio.wait_for(ended, 5) > 0


async def test_a_ringing_telephone_is_answered_by_hand_or_by_notify(pair: Pair) -> None:
    for by_hand in (True, False):
        call = pair.call()
        await pair.until(there=1, here=1)
        [ringing] = pair.there.calls.values()
        assert not ringing.is_up
        if by_hand:
            pair.there.answer("5000")
        else:
            _ask(pair, call, "NOTIFY", ("Event", "talk"))
        await pair.until(there=1, here=1, up=True)
        pair.here.hang_up(call)
        await pair.until(there=0, here=0)


async def test_other_requests_of_a_call_are_answered(pair: Pair) -> None:
    pair.there.picks_up = lambda _number: True
    call = pair.call()
    await pair.until(there=1, here=1, up=True)
    for method in ("UPDATE", "INVITE", "OPTIONS", "NOTIFY"):
        before = len(pair.seen)
        _ask(pair, call, method)
        async with asyncio.timeout(5):
            while "SIP/2.0 200 OK" not in pair.seen[before:]:
                pair.news.clear()
                await pair.news.wait()
    assert len(pair.there.calls) == 1


async def test_a_caller_may_give_up(pair: Pair) -> None:
    call = pair.call()
    await pair.until(there=1, here=1)
    _ask(pair, call, "CANCEL")
    await pair.until(there=0, here=0)
    assert pair.here.failures == ["100 was answered 487 Request Terminated"]


def _ask(pair: Pair, call: Handset, method: str, *more: tuple[str, str]) -> None:
    headers = [
        ("Via", f"SIP/2.0/UDP {HOST};branch=z9hG4bKx"),
        ("From", call.ours),
        ("To", call.theirs),
        ("Call-ID", call.call_id),
        ("CSeq", f"9 {method}"),
        *more,
    ]
    body = sip.sound(HOST, 9) if method == "UPDATE" else ""
    pair.here._transport.sendto(sip.written(f"{method} {call.contact} SIP/2.0", headers, body), call.address)
