"""Reads a child process's output line by line without ever waiting for longer than a deadline."""

from __future__ import annotations

import queue
import threading
from typing import IO


class LineReader:
    """A thread that collects the lines of a pipe until its other end is closed."""

    def __init__(self, pipe: IO[str]) -> None:
        self._pipe = pipe
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def next(self, timeout_s: float) -> str | None:
        """The next line without its end; None once the pipe is closed. Raises TimeoutError."""
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError(f"nothing came within {timeout_s} s") from None
        if line is None:
            self._lines.put(None)
        return line

    def close(self) -> None:
        """Call it when the process has ended."""
        self._thread.join(5)
        self._pipe.close()

    def _read(self) -> None:
        for line in self._pipe:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)
