"""Watches all phones at the exchange itself, and writes down what changes."""

from __future__ import annotations

import threading

import httpx
from tests.chaos.notebook import Notebook
from tests.chaos.records import Phone

EVERY_S = 0.1


class Watcher:
    def __init__(self, client: httpx.Client, numbers: frozenset[str], notebook: Notebook) -> None:
        self._client = client
        self._numbers = numbers
        self._notebook = notebook
        self._last: dict[str, tuple[str, tuple[str, ...]]] = dict.fromkeys(numbers, ("idle", ()))
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def look(self) -> tuple[Phone, ...]:
        now = self._notebook.now()
        phones = self._client.get("/lab/v1/phones").json()
        return tuple(
            Phone(now, phone["number"], phone["state"], tuple(phone["hears"]))
            for phone in phones
            if phone["number"] in self._numbers
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_S):
            try:
                phones = self.look()
            except httpx.TransportError:
                continue  # it is being killed
            for phone in phones:
                seen = (phone.state, phone.hears)
                if self._last[phone.number] != seen:
                    self._last[phone.number] = seen
                    self._notebook.write(phone)
