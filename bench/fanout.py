"""Notifications to many clients: our Bayeux server and others from npm, in alternating rounds on the same core.

Each server runs in a process of its own with a publisher inside (``publishing``); clients are in this process, on
another core (``audience``). Each client has a channel of its own, as each user of the product has.
"""

from __future__ import annotations

import contextlib
import resource
import statistics
from collections.abc import Sequence

import msgspec
import uvloop

from bench import measuring, peers
from bench.crowd import Crowd, Row, Served, row
from bench.measuring import Machine
from bench.peers import Peer

MESSAGE_BYTES = 900
CPU_AIM, SPEED_AIM, KIB_AIM, P99_AIM_MS = 0.5, 3.0, 30.0, 20.0
"""Of the best other server's CPU time; of its full speed over long-polling; a client; at the given rate."""
_COLUMNS = ("messages/s", "p50 ms", "p99 ms", "CPU s per 1,000", "core busy", "load busy", "lost")


class Asked(msgspec.Struct, frozen=True):
    """What is to be measured; rate is in messages a second. ``crowd`` clients, ours only, come last; 0 is none."""

    clients: int = 1_000
    seconds: float = 2.0
    rounds: int = 3
    rate: float = 1_000.0
    transports: tuple[str, ...] = ("websocket", "long-polling")
    others: tuple[str, ...] = peers.NAMES
    crowd: int = 10_000


class Found(msgspec.Struct, frozen=True):
    """One server over one transport; ``full`` is missing where it was not measured."""

    server: str
    transport: str
    clients: int
    kib_per_client: float
    paced: Row
    full: Row | None


class Comparison(msgspec.Struct, frozen=True):
    """Ours to one other server over one transport: medians of the rounds' ratios, but for memory."""

    server: str
    transport: str
    cpu: float
    cpu_at_full_speed: float
    speed: float
    kib_per_client: float


class Aim(msgspec.Struct, frozen=True):
    """What was aimed at, and what was found."""

    what: str
    aim: str
    found: str
    met: bool


class Report(msgspec.Struct, frozen=True):
    """What ``fanout`` found."""

    machine: Machine
    asked: Asked
    found: tuple[Found, ...]
    comparisons: tuple[Comparison, ...]
    aims: tuple[Aim, ...]
    note: str

    def __str__(self) -> str:
        asked = self.asked
        lines = [
            f"fanout: {asked.clients} clients, each on its own channel, {MESSAGE_BYTES} bytes a message",
            f"median of {asked.rounds} rounds of {asked.seconds:g} s; full speed: one message under way a client",
            str(self.machine),
            *([self.note] if self.note else []),
        ]
        for title, rows in _tables(self.found, asked):
            lines += ["", title, " " * 36 + "".join(f"{column:>16}" for column in _COLUMNS)]
            lines += [_line(found, shown) for found, shown in rows]
        lines += ["", "KiB of memory for each client:"]
        lines += [f"    {_name(found):40}{found.kib_per_client:8.1f}" for found in self.found]
        if self.comparisons:
            lines += ["", f"{'ours to theirs':36}{'CPU':>16}{'CPU, full speed':>16}{'full speed':>16}{'memory':>16}"]
        lines += [
            f"{f'{ratio.server}, {ratio.transport}':36}{ratio.cpu:16.2f}{ratio.cpu_at_full_speed:16.2f}"
            f"{ratio.speed:16.2f}{ratio.kib_per_client:16.2f}"
            for ratio in self.comparisons
        ]
        lines += ["", *(f"{aim.what}: {aim.found} (aim: {aim.aim}; {_met(aim.met)})" for aim in self.aims)]
        return "\n".join(lines)


def _met(met: bool) -> str:
    return "met" if met else "NOT MET"


def _name(found: Found) -> str:
    return f"{found.server}, {found.transport}, {found.clients} clients"


def _tables(found: Sequence[Found], asked: Asked) -> list[tuple[str, list[tuple[Found, Row]]]]:
    full = [(one, one.full) for one in found if one.full is not None]
    return [
        (f"at {asked.rate:.0f} messages/s", [(one, one.paced) for one in found]),
        ("at full speed", full),
    ]


def _line(found: Found, shown: Row) -> str:
    name = f"{found.server}, {found.transport}"
    name += f", {found.clients}" if found.full is None else ""
    return (
        f"{name:36}{shown.per_s:16.0f}{shown.p50_ms:16.2f}{shown.p99_ms:16.2f}{shown.cpu_per_thousand_s:16.3f}"
        f"{shown.busy:16.0%}{shown.load_busy:16.0%}{shown.lost:16}"
    )


def run(asked: Asked) -> Report:
    """Measure everything that is asked."""
    server_core, load_core = measuring.two_cores()
    machine = measuring.machine()
    measuring.pin(0, load_core)
    _allow_files(asked)
    return uvloop.run(_run(asked, server_core, machine))


def _allow_files(asked: Asked) -> None:
    """Each connection is a file, here and in the servers, which inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(asked.clients * (1 + len(peers.OTHERS)), asked.crowd) + 500
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _run(asked: Asked, core: int | None, machine: Machine) -> Report:
    others, note = peers.available(asked.others)
    found: list[Found] = []
    comparisons: list[Comparison] = []
    for transport in asked.transports:
        some, ratios = await _compare(asked, transport, (peers.OURS, *others), core)
        found += some
        comparisons += ratios
    for transport in asked.transports if asked.crowd else ():
        found.append(await _crowd(asked, transport, core))
    return Report(machine, asked, tuple(found), tuple(comparisons), aims(found, comparisons), note)


async def _compare(
    asked: Asked, transport: str, servers: Sequence[Peer], core: int | None
) -> tuple[list[Found], list[Comparison]]:
    """All servers over one transport: they take turns, and only one of them has work at a time."""
    servers = [server for server in servers if transport in server.transports]
    rounds: dict[str, list[tuple[Served, Served]]] = {server.name: [] for server in servers}
    async with contextlib.AsyncExitStack() as stack:
        crowds: dict[str, Crowd] = {}
        for server in servers:
            running = await stack.enter_async_context(peers.started(server, MESSAGE_BYTES, core))
            crowd = crowds[server.name] = Crowd(running, asked.clients)
            await crowd.gather(transport)
        for _ in range(asked.rounds):
            for name, crowd in crowds.items():
                rounds[name].append((await crowd.round(asked.seconds, asked.rate), await crowd.round(asked.seconds, 0)))
        for crowd in crowds.values():
            crowd.close()
    found = [
        Found(
            name,
            transport,
            asked.clients,
            crowds[name].kib_per_client,
            row([paced for paced, _ in pairs]),
            row([full for _, full in pairs]),
        )
        for name, pairs in rounds.items()
    ]
    return found, [_ratios(found[0], other, rounds) for other in found[1:]]


def _ratios(ours: Found, theirs: Found, rounds: dict[str, list[tuple[Served, Served]]]) -> Comparison:
    """Each round against the one right beside it, so that a noisy minute spoils one pair only."""
    pairs = list(zip(rounds[ours.server], rounds[theirs.server], strict=True))
    median = statistics.median
    return Comparison(
        theirs.server,
        theirs.transport,
        cpu=median(_cpu(mine[0]) / _cpu(other[0]) for mine, other in pairs),
        cpu_at_full_speed=median(_cpu(mine[1]) / _cpu(other[1]) for mine, other in pairs),
        speed=median(_speed(mine[1]) / _speed(other[1]) for mine, other in pairs),
        kib_per_client=ours.kib_per_client / max(theirs.kib_per_client, 0.1),
    )


def _cpu(served: Served) -> float:
    return max(served.cpu_s, 0.01) / served.delivered


def _speed(served: Served) -> float:
    return served.delivered / served.wall_s


async def _crowd(asked: Asked, transport: str, core: int | None) -> Found:
    """Many more clients, of ours only."""
    async with peers.started(peers.OURS, MESSAGE_BYTES, core) as running:
        crowd = Crowd(running, asked.crowd)
        await crowd.gather(transport)
        rounds = [await crowd.round(asked.seconds, asked.rate) for _ in range(asked.rounds)]
        crowd.close()
    return Found(peers.OURS.name, transport, asked.crowd, crowd.kib_per_client, row(rounds), None)


def aims(found: Sequence[Found], comparisons: Sequence[Comparison]) -> tuple[Aim, ...]:
    """What the figures have to say to the aims."""
    judged = [
        Aim(
            f"CPU time to that of the best other server, {transport}",
            f"at most {CPU_AIM}",
            f"{worst:.2f}",
            worst <= CPU_AIM,
        )
        for transport, worst in _worst_cpu(comparisons).items()
    ]
    speeds = [ratio.speed for ratio in comparisons if ratio.transport == "long-polling"]
    if speeds:
        slowest = min(speeds)
        judged.append(
            Aim(
                "full speed over long-polling to that of the best other server",
                f"at least {SPEED_AIM}",
                f"{slowest:.2f}",
                slowest >= SPEED_AIM,
            )
        )
    ours = [one for one in found if one.server == peers.OURS.name]
    memory, p99, lost = (
        max(one.kib_per_client for one in ours),
        max(one.paced.p99_ms for one in ours),
        sum(shown.lost for one in ours for shown in (one.paced, one.full) if shown is not None),
    )
    return (
        *judged,
        Aim("KiB for each client, at most", f"below {KIB_AIM:.0f}", f"{memory:.1f}", memory < KIB_AIM),
        Aim("p99 at the given rate, at most", f"below {P99_AIM_MS:.0f} ms", f"{p99:.1f} ms", p99 < P99_AIM_MS),
        Aim("messages lost", "none", str(lost), lost == 0),
    )


def _worst_cpu(comparisons: Sequence[Comparison]) -> dict[str, float]:
    transports = dict.fromkeys(ratio.transport for ratio in comparisons)
    return {name: max(ratio.cpu for ratio in comparisons if ratio.transport == name) for name in transports}
