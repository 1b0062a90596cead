"""Two-step transfers per second of the product, against the floor, in alternating rounds on the same core.

The product is the real process, started with a configuration of its own; the load runs here, on another core. What
one transfer is says ``desks``; the floor is in ``floor``. CPU time is that of the server process alone.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import uvloop

from bench import measuring, servers
from bench.load import Load
from bench.measuring import Machine, Summary, Window

AIM = 2.5
"""The product may cost this much of the floor."""
AIM_KEPT = 1.15
"""With a journal the product may cost this much of what it costs without at the same pace."""


class Report(msgspec.Struct, frozen=True):
    """What ``operations`` found. A ratio is the median of the rounds' ratios of CPU time.

    ``floor_paced`` is the floor with as many transfers each second as the product had in the same round. ``kept`` is
    the product with a journal, ``product`` the one without, ``product_paced`` the same with as many transfers each
    second as the one with a journal had: who waits for a disk finds everything cold. So are ``ratio_kept`` and
    ``ratio_kept_paced``.
    """

    machine: Machine
    desks: int
    rounds: int
    requests: int
    notifications: int
    product: Summary
    floor: Summary
    floor_paced: Summary
    ratio: float
    ratio_paced: float
    kept: Summary
    ratio_kept: float
    product_paced: Summary
    ratio_kept_paced: float
    aim: float = AIM
    aim_kept: float = AIM_KEPT

    def __str__(self) -> str:
        met = "met" if self.ratio <= self.aim else "not met"
        met_kept = "met" if self.ratio_kept_paced <= self.aim_kept else "not met"
        paced, own = f"{self.ratio_kept_paced:.2f} of without at the same pace", f"{self.ratio_kept:.2f} at its own"
        columns = ("CPU s per 1,000", "transfers/s", "core busy", "frames each", "bytes each")
        return "\n".join(
            (
                "operations: two-step transfers by agents who each have two WebSocket subscribers",
                f"{self.desks} at once, median of {self.rounds} rounds",
                f"one transfer: {self.requests} requests, {self.notifications} notifications to either subscriber",
                str(self.machine),
                "",
                " " * 20 + "".join(f"{column:>16}" for column in columns),
                _row("product", self.product),
                _row("with a journal", self.kept),
                _row("without, as many", self.product_paced),
                _row("floor", self.floor),
                _row("floor, as many", self.floor_paced),
                "",
                f"ratio {self.ratio:.2f} (aim: at most {self.aim}; {met}), {self.ratio_paced:.2f} at the same pace",
                f"with a journal {paced} (aim: at most {self.aim_kept}; {met_kept}), {own}",
            )
        )


def _row(name: str, found: Summary) -> str:
    return (
        f"{name:20}{found.cpu_per_thousand_s:16.3f}{found.per_s:16.0f}{found.busy:16.0%}"
        f"{found.frames_per_transfer:16.2f}{found.bytes_per_transfer:16.0f}"
    )


def run(seconds: float, rounds: int, desk_count: int) -> Report:
    """Measure: so many rounds, each this many seconds of the product, of the floor, and of the floor at its pace."""
    server_core, load_core = measuring.two_cores()
    found = measuring.machine()
    measuring.pin(0, load_core)
    return uvloop.run(_run(seconds, rounds, desk_count, server_core, found))


async def _run(seconds: float, rounds: int, desk_count: int, core: int | None, machine: Machine) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        config, saved = Path(folder) / "bench.toml", Path(folder) / "recording.json"
        config.write_text(servers.configuration(desk_count))
        keeping = Path(folder) / "keeping.toml"
        keeping.write_text(servers.configuration(desk_count, "bench.db"))
        with (
            servers.process(["-m", "cordboard", "serve", "--config", str(config)], core) as (pid, port),
            servers.process(["-m", "cordboard", "serve", "--config", str(keeping)], core) as (kept_pid, kept_port),
        ):
            kept = Load(kept_pid, await servers.open_product(kept_port, desk_count))
            product = Load(pid, await servers.open_product(port, desk_count))
            recording = await servers.record(product)
            saved.write_bytes(msgspec.json.encode(recording))
            with servers.process(["-m", "bench.floor", str(saved)], core) as (floor_pid, floor_port):
                floor = Load(floor_pid, await servers.open_floor(floor_port, recording, product.desks))
                windows = [await _round(product, kept, floor, seconds) for _ in range(rounds)]
                floor.close()
            product.close()
            kept.close()
    products, keeping_ones, products_paced, floors, paced = zip(*windows, strict=True)
    return Report(
        machine=machine,
        desks=desk_count,
        rounds=rounds,
        requests=len(recording.steps),
        notifications=sum(step.messages for step in recording.steps),
        product=measuring.summary(products),
        floor=measuring.summary(floors),
        floor_paced=measuring.summary(paced),
        ratio=measuring.median_ratio(products, floors),
        ratio_paced=measuring.median_ratio(products, paced),
        kept=measuring.summary(keeping_ones),
        ratio_kept=measuring.median_ratio(keeping_ones, products),
        product_paced=measuring.summary(products_paced),
        ratio_kept_paced=measuring.median_ratio(keeping_ones, products_paced),
    )


async def _round(product: Load, kept: Load, floor: Load, seconds: float) -> tuple[Window, ...]:
    found = await product.round(seconds)
    keeping = await kept.round(seconds)
    as_many = await product.round(seconds, keeping.per_s)
    return found, keeping, as_many, await floor.round(seconds), await floor.round(seconds, found.per_s)
