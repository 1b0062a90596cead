"""The site of a run: an exchange, a server that can be killed, and networks that can be cut before and behind it."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
from tests.acceptance.network import Network
from tests.acceptance.server_process import (
    DEMO,
    PASSWORD,
    ROOT,
    ExchangeProcess,
    ServerProcess,
    command,
    environment,
)
from tests.chaos.disk import Disk

START_S = 60.0
"""How long a start may take while everybody else is busy, too."""
EXPECTED = frozenset({"the journal can't be written: commands are refused, and nothing leaves"})
"""What is logged as an error, and is one, when a disk is full."""

SETTINGS = {
    # Sessions live through any trouble, and nobody gives a consult up because of one.
    "CORDBOARD_COMETD__MAX_INTERVAL_S": "60",
    "CORDBOARD_COMETD__REPLAY_MESSAGES_MAX": "100000",
    "CORDBOARD_COMETD__TIMEOUT_S": "5",
    "CORDBOARD_CALLS__CONSULT_NO_ANSWER_TIMEOUT_S": "60",
    "CORDBOARD_LOG__FORMAT": "json",
}


class Site:
    """``folder`` keeps logs and what is durable."""

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        self._folder = folder
        self._log = folder / "server.log"
        self.disk = Disk(folder / "disk")
        self.exchange = ExchangeProcess(folder / "exchange.log")
        self.link = Network(self.exchange.url)
        self._count = 0
        self._settings = {
            **SETTINGS,
            "CORDBOARD_SERVER__LISTEN": f"127.0.0.1:{_free_port()}",
            "CORDBOARD_SWITCH__VIRTUAL__EXCHANGE": self.link.url.removeprefix("http://"),
            "CORDBOARD_JOURNAL__PATH": str(self.disk.journal),
            **(settings or {}),
        }
        self.server = ServerProcess(self._log, self._settings)
        self.clients = Network(self.server.url)

    def start_again(self) -> None:
        """A server after the one that was killed."""
        self.server = ServerProcess(self._log, self._settings)

    def kill_exchange(self) -> None:
        """Its calls are gone; the next one is where it was."""
        self.exchange.kill()
        self.exchange = ExchangeProcess(self._folder / "exchange.log", self.exchange.address)

    def refused(self) -> tuple[int, str]:
        """Start a server that is to refuse: its exit code and what it said. One that does not end is killed: -9."""
        environ = environment(self._settings)
        try:
            done = subprocess.run(
                command("serve", "--config", str(DEMO)),
                cwd=ROOT,
                env=environ,
                capture_output=True,
                text=True,
                timeout=START_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            return -9, f"it did not end; {error.stdout!r}"
        return done.returncode, done.stderr

    def folder_for(self, name: str) -> Path:
        """One of its own, which is not there yet."""
        self._count += 1
        return self._folder / f"{name}-{self._count}"

    def client(self, number: str) -> httpx.Client:
        """To the API, through the network."""
        auth = httpx.BasicAuth(number, PASSWORD)
        return httpx.Client(base_url=self.clients.url, auth=auth, timeout=5, trust_env=False)

    def complaints(self) -> list[str]:
        """What the server and the exchange logged that nobody should see, whatever was done to them."""
        found = []
        for log in (self._log, self._log.with_name("exchange.log")):
            for line in log.read_text("utf-8").splitlines():
                try:
                    said = json.loads(line)
                except ValueError:
                    said = {"level": "no line of a log", "event": line}
                if said["level"] not in ("debug", "info", "warning") and said["event"] not in EXPECTED:
                    found.append(f"{log.name}: {line[:2_000]}")
        return found

    def close(self, fail: Callable[[str], None]) -> None:
        """``fail`` is told what does not end as it should; what the logs say is for ``complaints``."""
        self.clients.close()
        for name, process in (("server", self.server), ("exchange", self.exchange)):
            try:
                code = process.end()
            except subprocess.TimeoutExpired:
                process.kill()
                code = -9
            if code:
                fail(f"the {name} ended with {code}")
        self.link.close()
        self.disk.close()

    def kill(self) -> None:
        """After something went wrong."""
        for network in (self.clients, self.link):
            network.close()
        for process in (self.server, self.exchange):
            process.kill()
        self.disk.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
