"""The product on Asterisk: how long a transfer takes beside the same requests by a bare script, and how many calls go.

One run, one Asterisk (``tools.asterisk``), telephones without sound. Product and script take turns, transfer by
transfer, so that whatever else the machine does is shared between them. Nothing is pinned: Asterisk wants all cores.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import uvloop

from bench import measuring
from bench.asterisk import load, timing
from bench.asterisk.load import Held, NotHeldError
from bench.asterisk.raw import Script
from bench.asterisk.site import MEMORY, open_site, people
from bench.asterisk.station import Station
from bench.asterisk.timing import Row
from bench.measuring import Machine
from tools.asterisk import CannotBringError

AIM = 1.5
"""A transfer over our API may take so much of what the script's takes (the medians)."""
COST_AIM = 1.0
"""We may cost so much of what Asterisk costs."""
_WARM_UP = 10
_TRIAL_S = 6.0
_RATES = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0)
_LESS = 0.8


class Asked(msgspec.Struct, frozen=True):
    """``per_s`` is the rate of calls to be held; 0 looks for one. ``hold_s``: how long; 0 leaves that part out."""

    transfers: int = 300
    hold_s: float = 60.0
    per_s: float = 0.0


class Tried(msgspec.Struct, frozen=True):
    """A rate that could not be held."""

    per_s: float
    why: str


class Report(msgspec.Struct, frozen=True):
    """What was found. ``absent`` says why there is nothing; ``held`` is the rate that was held."""

    machine: Machine
    absent: str = ""
    transfers: int = 0
    rows: tuple[Row, ...] = ()
    held: Held | None = None
    tried: tuple[Tried, ...] = ()
    aim: float = AIM
    cost_aim: float = COST_AIM

    def __str__(self) -> str:
        head = f"asterisk: two-step transfers over our API, beside the same requests by a bare script\n{self.machine}"
        if self.absent:
            return f"{head}\n\nnot measured: {self.absent}"
        return "\n".join((head, "", *self._latency(), "", *self._load()))

    def _latency(self) -> list[str]:
        columns = ("p50 ms", "p99 ms", "script p50", "script p99", "ratio p50")
        lines = [f"{self.transfers} transfers of each, in turns", " " * 60 + "".join(f"{one:>12}" for one in columns)]
        for row in self.rows:
            figures = (row.product.p50_ms, row.product.p99_ms, row.raw.p50_ms, row.raw.p99_ms, row.ratio)
            lines.append(f"{row.name:60}" + "".join(f"{one:12.2f}" for one in figures))
        ratio = self.rows[0].ratio
        return [*lines, f"ratio {ratio:.2f} (aim: at most {self.aim}; {_word(ratio <= self.aim)})"]

    def _load(self) -> list[str]:
        lines = [f"{one.per_s:.0f} calls/s: not held: {one.why}" for one in self.tried]
        held = self.held
        if held is None:
            return [*lines, "no rate of calls was held"]
        cost = held.product_s / held.asterisk_s
        return [
            *lines,
            f"{held.per_s:.1f} calls/s for {held.seconds:.0f} s: {held.calls} answered, held, transferred and hung up,",
            "none failed",
            f"CPU s: product {held.product_s:.1f}, Asterisk {held.asterisk_s:.1f}, desks and phones {held.load_s:.1f}",
            f"product to Asterisk {cost:.2f} (aim: below {self.cost_aim}; {_word(cost < self.cost_aim)})",
        ]


def _word(met: bool) -> str:
    return "met" if met else "not met"


def run(asked: Asked) -> Report:
    machine = measuring.machine()
    try:
        return uvloop.run(_run(asked, machine))
    except CannotBringError as error:
        return Report(machine, str(error))


async def _run(asked: Asked, machine: Machine) -> Report:
    rows = await _compare(asked.transfers)
    durable, *_ = await _compare(max(1, asked.transfers // 3), "bench.db")
    rows = (*rows, msgspec.structs.replace(durable, name=timing.DURABLE))
    held, tried = None, [Tried(asked.per_s, "it was not asked for")]
    if asked.hold_s and not load.is_possible():
        tried = [Tried(asked.per_s, "SIPp is not installed (Debian: sip-tester)")]
    elif asked.hold_s:
        held, tried = await _search(asked.per_s, asked.hold_s)
    return Report(machine, transfers=asked.transfers, rows=rows, held=held, tried=tuple(tried))


async def _compare(transfers: int, journal: str = MEMORY) -> tuple[Row, ...]:
    async with open_site(1, journal=journal) as running:
        station, script = Station(running, people(0)), Script(running, people(0))
        try:
            await station.open()
            await script.open()
            turns = [
                (await station.transfer(), await script.transfer(), await script.transfer(anew=True))
                for _ in range(_WARM_UP + transfers)
            ]
        finally:
            station.close()
            await script.close()
    products, raws, anew = zip(*turns[_WARM_UP:], strict=True)
    return timing.rows(products, raws, anew)


async def _search(per_s: float, seconds: float) -> tuple[Held | None, list[Tried]]:
    """A rate that is held for so long: the one asked for, or the highest that short trials promise, or less."""
    tried: list[Tried] = []
    rate = per_s or await _promising(_RATES, tried)
    while rate >= 1:
        try:
            return await load.hold(rate, seconds), tried
        except NotHeldError as error:
            tried.append(Tried(rate, str(error)))
            rate = 0.0 if per_s else rate * _LESS
    return None, tried


async def _promising(rates: Sequence[float], tried: list[Tried]) -> float:
    best = 0.0
    for rate in rates:
        try:
            await load.hold(rate, _TRIAL_S)
        except NotHeldError as error:
            tried.append(Tried(rate, str(error)))
            break
        best = rate
    return best or rates[0] * _LESS
