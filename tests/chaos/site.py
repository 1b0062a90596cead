"""The site of a run: an exchange, a server that can be killed, and networks that can be cut before and behind it."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import httpx
from tests.acceptance.network import Network
from tests.acceptance.server_process import PASSWORD, ExchangeProcess, ServerProcess

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
        self._log = folder / "server.log"
        self.exchange = ExchangeProcess(folder / "exchange.log")
        self.link = Network(self.exchange.url)
        self._settings = {
            **SETTINGS,
            "CORDBOARD_SERVER__LISTEN": f"127.0.0.1:{_free_port()}",
            "CORDBOARD_SWITCH__VIRTUAL__EXCHANGE": self.link.url.removeprefix("http://"),
            **(settings or {}),
        }
        self.server = ServerProcess(self._log, self._settings)
        self.clients = Network(self.server.url)

    def start_again(self) -> None:
        """A server after the one that was killed."""
        self.server = ServerProcess(self._log, self._settings)

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
                    level = json.loads(line)["level"]
                except (ValueError, KeyError):
                    level = "no line of a log"
                if level not in ("debug", "info", "warning"):
                    found.append(f"{log.name}: {line[:2_000]}")
        return found

    def close(self) -> None:
        self.clients.close()
        try:
            self.server.close()
        finally:
            self.link.close()
            self.exchange.close()

    def kill(self) -> None:
        """After something went wrong."""
        for network in (self.clients, self.link):
            network.close()
        for process in (self.server, self.exchange):
            process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
