"""What every benchmark needs to be believed: CPU time of a process, cores, medians, and a word about the machine.

Deliberately absent: what is measured (``operations``, ``board``).
"""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

import msgspec

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Machine(msgspec.Struct, frozen=True):
    """Where the figures come from. ``cores`` are those that this process may use."""

    processor: str
    cores: int
    python: str
    kernel: str

    def __str__(self) -> str:
        return f"{self.processor}, {self.cores} cores, Linux {self.kernel}, Python {self.python}"


def machine() -> Machine:
    return Machine(_processor(), len(os.sched_getaffinity(0)), platform.python_version(), platform.release())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used, its own and the kernel's for it, all threads; steps of 10 ms."""
    return parse_stat(Path(f"/proc/{pid}/stat").read_text())


def parse_stat(stat: str) -> float:
    """The CPU seconds in the text of /proc/PID/stat; the name in it may contain spaces and parentheses."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def two_cores() -> tuple[int | None, int | None]:
    """A core for the server and another one for the load; None, None if there is only one."""
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[1]) if len(cores) > 1 else (None, None)


def pin(pid: int, core: int | None) -> None:
    """Let a process run on this core only; pid 0 is the own one."""
    if core is not None:
        os.sched_setaffinity(pid, {core})


class Window(msgspec.Struct, frozen=True):
    """What one server did in one round: whole transfers, wall seconds, CPU seconds, frames and payload bytes pushed."""

    transfers: int
    wall_s: float
    cpu_s: float
    frames: int
    pushed_bytes: int

    @property
    def cpu_per_thousand_s(self) -> float:
        return 1_000 * self.cpu_s / self.transfers

    @property
    def per_s(self) -> float:
        return self.transfers / self.wall_s

    @property
    def busy(self) -> float:
        """The share of its core that the server used."""
        return self.cpu_s / self.wall_s


class Summary(msgspec.Struct, frozen=True):
    """The medians of several rounds of one server. ``cpu_per_thousand_s`` are CPU seconds per 1,000 transfers."""

    cpu_per_thousand_s: float
    per_s: float
    busy: float
    frames_per_transfer: float
    bytes_per_transfer: float


def summary(windows: Sequence[Window]) -> Summary:
    median = statistics.median
    return Summary(
        cpu_per_thousand_s=median(window.cpu_per_thousand_s for window in windows),
        per_s=median(window.per_s for window in windows),
        busy=median(window.busy for window in windows),
        frames_per_transfer=median(window.frames / window.transfers for window in windows),
        bytes_per_transfer=median(window.pushed_bytes / window.transfers for window in windows),
    )


def median_ratio(products: Sequence[Window], floors: Sequence[Window]) -> float:
    """Each round against the floor measured right beside it, so that a noisy minute spoils one pair only."""
    pairs = zip(products, floors, strict=True)
    return statistics.median(product.cpu_per_thousand_s / floor.cpu_per_thousand_s for product, floor in pairs)
