"""One server of ``fanout`` with all of its clients: rounds of messages, and what the server did in each.

Deliberately absent: what clients are (``audience``), where servers come from (``peers``), comparing (``fanout``).
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench import audience, measuring
from bench.audience import Tally
from bench.lines import LineError
from bench.peers import Running

WARM_UP_S = 0.5
SETTLE_S = 0.5
_DRAIN_S = 5.0
_CREDIT = 50
_KIB_PER_PAGE = 4


class Served(msgspec.Struct, frozen=True):
    """What one server did in one round. ``lost`` are messages that never came, or came in a wrong order or place.

    ``load_cpu_s`` is what the load itself needed: near ``wall_s``, it was the limit.
    """

    delivered: int
    wall_s: float
    cpu_s: float
    load_cpu_s: float
    p50_ms: float
    p99_ms: float
    lost: int


class Row(msgspec.Struct, frozen=True):
    """The medians of several rounds; ``lost`` is the sum."""

    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_per_thousand_s: float
    busy: float
    load_busy: float
    lost: int


def row(rounds: Sequence[Served]) -> Row:
    median = statistics.median
    return Row(
        per_s=median(served.delivered / served.wall_s for served in rounds),
        p50_ms=median(served.p50_ms for served in rounds),
        p99_ms=median(served.p99_ms for served in rounds),
        cpu_per_thousand_s=median(1_000 * served.cpu_s / served.delivered for served in rounds),
        busy=median(served.cpu_s / served.wall_s for served in rounds),
        load_busy=median(served.load_cpu_s / served.wall_s for served in rounds),
        lost=sum(served.lost for served in rounds),
    )


def quantile_ms(latencies_us: Sequence[int], share: float) -> float:
    """The latency that this share of the messages did not exceed."""
    ordered = sorted(latencies_us)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1_000


class Crowd:
    """All clients of one server, subscribed and waiting. ``kib_per_client`` is what each added to its memory."""

    def __init__(self, server: Running, clients: int) -> None:
        self.kib_per_client = 0.0
        self._server = server
        self._clients = clients
        self._tally = Tally()
        self._opened: list[audience.Poller | audience.Listener] = []
        self._granted = 0
        self._grant_of = min(_CREDIT, clients)

    async def gather(self, transport: str) -> None:
        """Open them. The first tenth is not measured: until then a server fills what it needs only once."""
        first = max(1, self._clients // 10)
        await self._open(transport, range(first))
        before = resident_kib(self._server.pid)
        await self._open(transport, range(first, self._clients))
        added = max(1, self._clients - first)
        self.kib_per_client = (resident_kib(self._server.pid) - before) / added

    async def _open(self, transport: str, numbers: range) -> None:
        self._opened += await audience.gather(self._server.port, transport, numbers, self._clients, self._tally)
        await asyncio.sleep(SETTLE_S)
        self._check()

    async def round(self, seconds: float, rate: float) -> Served:
        """So many messages a second for so long; 0 is as fast as they are taken, with one under way for each client."""
        tally = self._tally
        tally.told = self._grant if not rate else _nothing
        wrong = tally.wrong
        gc.collect()
        gc.disable()
        try:
            self._server.tell(f"begin {rate} {self._clients}")
            if not rate:
                self._granted = 0
                self._server.tell(f"credit {self._clients}")
            await asyncio.sleep(WARM_UP_S)
            tally.latencies_us.clear()
            count, cpu, own, began = tally.delivered, self._cpu_s(), time.process_time(), time.perf_counter()
            await asyncio.sleep(seconds)
            wall, own = time.perf_counter() - began, time.process_time() - own
            cpu, count, latencies = self._cpu_s() - cpu, tally.delivered - count, tally.latencies_us.copy()
            missing = await self._drain()
        finally:
            gc.enable()
        self._check()
        if not count:
            raise LineError("not one message was delivered")
        lost = missing + tally.wrong - wrong
        return Served(count, wall, cpu, own, quantile_ms(latencies, 0.5), quantile_ms(latencies, 0.99), lost)

    async def _drain(self) -> int:
        """Stop, wait for what is still under way, and tell how many messages never came."""
        self._tally.told = _nothing
        published = await self._server.end()
        deadline = time.perf_counter() + _DRAIN_S
        while self._tally.delivered < published and time.perf_counter() < deadline:  # noqa: ASYNC110  # not measured
            await asyncio.sleep(0.02)
        return published - self._tally.delivered

    def _grant(self) -> None:
        self._granted += 1
        if self._granted == self._grant_of:
            self._granted = 0
            self._server.tell(f"credit {self._grant_of}")

    def _cpu_s(self) -> float:
        return measuring.cpu_s(self._server.pid)

    def _check(self) -> None:
        if self._tally.failures:
            raise self._tally.failures[0]

    def close(self) -> None:
        for client in self._opened:
            client.close()


def _nothing() -> None:
    pass


def resident_kib(pid: int) -> int:
    """Memory of a process that is in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _KIB_PER_PAGE
