"""Calls at a steady rate: each is answered, held, handed over and hung up over our API, at many desks.

SIPp calls, and counts which of its calls went as they should; the desks are ours. A rate is held if every call was
handed over and none is left waiting at the end. Deliberately absent: which rates are tried (``run`` in __init__).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
import time
from pathlib import Path

import msgspec

from bench import measuring
from bench.asterisk.handsets import HOST
from bench.asterisk.site import Site, open_site, people
from bench.asterisk.station import Station
from bench.lines import LineError

SCENARIO = Path(__file__).with_name("caller.xml")
_TAIL_S = 3.0
"""How much longer than planned a run may last: the last calls take their time."""
_CALL_S = 3.0
"""How long a desk has for each call."""


class Held(msgspec.Struct, frozen=True):
    """What a rate of calls cost: CPU seconds of the product, of Asterisk, and of the load but for SIPp."""

    per_s: float
    seconds: float
    calls: int
    product_s: float
    asterisk_s: float
    load_s: float


class NotHeldError(Exception):
    """Some call did not go as it should have; the message says which."""


def is_possible() -> bool:
    """Whether SIPp (Debian: sip-tester) is installed."""
    return shutil.which("sipp") is not None


async def hold(per_s: float, seconds: float) -> Held:
    """Let so many calls a second come for so long, each at the next desk. Raises NotHeldError."""
    desk_count = max(2, round(per_s * _CALL_S))
    port = _free_port()
    async with open_site(desk_count, loader=port) as running:
        stations = [Station(running, people(desk)) for desk in range(desk_count)]
        for station in stations:
            await station.open()
        serving = asyncio.gather(*(station.serve() for station in stations))
        try:
            return await _drive(running, stations, serving, port, per_s, seconds)
        finally:
            for station in stations:
                station.close()
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError, LineError):
                await serving


async def _drive(
    running: Site, stations: list[Station], serving: asyncio.Future[list[None]], port: int, per_s: float, seconds: float
) -> Held:
    calls = round(per_s * seconds)
    pids = (running.product_pid, running.asterisk.pid, os.getpid())
    before, began = [measuring.cpu_s(pid) for pid in pids], time.perf_counter()
    calling = asyncio.create_task(_call(running.asterisk.ports.sip, port, len(stations), per_s, calls))
    await asyncio.wait({calling, serving}, timeout=seconds + _TAIL_S, return_when=asyncio.FIRST_COMPLETED)
    took = time.perf_counter() - began
    spent = [measuring.cpu_s(pid) - early for pid, early in zip(pids, before, strict=True)]
    done = sum(station.transfers for station in stations)
    if serving.done():
        calling.cancel()
        raise NotHeldError(str(serving.exception()))
    if not calling.done():
        calling.cancel()
        raise NotHeldError(f"{calls - done} of {calls} calls were still going on after {took:.1f} s")
    failure = calling.result()
    if failure or done != calls:
        raise NotHeldError(failure or f"{done} of {calls} calls were handed over")
    return Held(calls / took, took, calls, *spent)


async def _call(exchange: int, port: int, desk_count: int, per_s: float, calls: int) -> str:
    """Let SIPp make the calls. Returns what it complains of, "" if all went well."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = Path(folder) / "numbers.csv"
        lines = [f"{desk.caller};{desk.agent}" for desk in map(people, range(desk_count))]
        numbers.write_text("\n".join(["SEQUENTIAL", *lines, ""]))
        arguments = ["-sf", SCENARIO, "-inf", numbers, "-r", per_s, "-m", calls, "-i", HOST, "-p", port, "-nostdin"]
        sipp = await asyncio.create_subprocess_exec(
            "sipp",
            *map(str, arguments),
            f"{HOST}:{exchange}",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
        )
        try:
            _, complaint = await sipp.communicate()
        finally:
            if sipp.returncode is None:
                sipp.kill()
                await sipp.wait()
    return "" if sipp.returncode == 0 else f"SIPp: {complaint.decode()[-500:].strip() or sipp.returncode}"


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
