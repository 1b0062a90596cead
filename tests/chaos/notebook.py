"""The notebook of a run: everybody writes into it at the same time, in seconds since the run began."""

from __future__ import annotations

import threading
import time

from tests.chaos.records import AnyLine, Failed


class Notebook:
    def __init__(self) -> None:
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self.lines: list[AnyLine] = []

    def now(self) -> float:
        return round(time.monotonic() - self._began, 4)

    def write(self, line: AnyLine) -> None:
        with self._lock:
            self.lines.append(line)

    def fail(self, what: str) -> None:
        self.write(Failed(self.now(), what))
