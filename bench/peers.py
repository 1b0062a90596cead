"""The servers of ``fanout`` as processes with a publisher inside: ours and, where node is there, others from npm.

Deliberately absent: what a publisher does (``publishing``), figures (``fanout``).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from bench import measuring, npm
from bench.audience import LONG_POLLING, TRANSPORTS
from bench.lines import LineError

PEERS = Path(__file__).parent / "peers"
_ROOT = Path(__file__).resolve().parent.parent
_LISTENING = re.compile(rb"listening on http://127\.0\.0\.1:(\d+)/")
_ANSWER_S = 10


class Peer(msgspec.Struct, frozen=True):
    """A server: its name, the transports it has, the command that starts it."""

    name: str
    transports: tuple[str, ...]
    command: tuple[str, ...]


OURS = Peer("cordboard", TRANSPORTS, (sys.executable, "-m", "bench.fanout_server"))
OTHERS = (
    Peer("faye", TRANSPORTS, ("node", str(PEERS / "faye.js"))),
    Peer("cometd-nodejs-server", (LONG_POLLING,), ("node", str(PEERS / "cometd-nodejs-server.js"))),
)
NAMES = tuple(peer.name for peer in OTHERS)


def available(names: Sequence[str]) -> tuple[tuple[Peer, ...], str]:
    """Those of the others that can be started, and why not all of them can, or nothing."""
    wanted = tuple(peer for peer in OTHERS if peer.name in names)
    if wanted:
        try:
            npm.node()
            npm.install(PEERS)
        except npm.CannotInstallError as error:
            return (), f"no other server was measured: {error}"
    return wanted, ""


class Running:
    """A server process that is told to publish."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.port = port

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")

    async def end(self) -> int:
        """Stop publishing; how many messages it has published in all."""
        self.tell("end")
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), _ANSWER_S)
        if not line.startswith(b"published "):
            raise LineError(f"the publisher said {line!r}")
        return int(line.split()[1])


@contextlib.asynccontextmanager
async def started(peer: Peer, size: int, core: int | None) -> AsyncIterator[Running]:
    """The server on a core of its own; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        *peer.command,
        str(size),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"},
    )
    try:
        measuring.pin(process.pid, core)
        assert process.stdout is not None
        found = _LISTENING.search(await asyncio.wait_for(process.stdout.readline(), _ANSWER_S))
        if found is None:
            raise LineError(f"{peer.name} does not listen")
        yield Running(process, int(found[1]))
    finally:
        process.kill()
        await process.wait()
