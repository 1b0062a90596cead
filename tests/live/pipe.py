"""How a telephone's process talks with the test: commands are lines of JSON on standard input, what happens are lines
on standard output.

    {"id": 1, "do": "call", "to": "5001"}          →   {"answers": 1, "result": 1}
                                                       {"event": "line", "at": 81.25, "line": 1, "state": "calling", …}

``at`` is the machine's monotonic clock, so that what several telephones tell can be put in order. A process ends when
its standard input does, so it never outlives the test that started it.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterator
from typing import Any

import msgspec

STDIN = 0
_STDOUT, _STDERR = 1, 2


class Pipe:
    def __init__(self) -> None:
        # Libraries write where they like: standard output is kept for us alone.
        self._out = os.fdopen(os.dup(_STDOUT), "wb", buffering=0)
        os.dup2(_STDERR, _STDOUT)
        self.open = True
        self._rest = b""

    def tell(self, event: str, at: float | None = None, **fields: Any) -> None:
        self._write({"event": event, "at": time.monotonic() if at is None else at, **fields})

    def answer(self, command: int, result: Any) -> None:
        self._write({"answers": command, "result": result})

    def refuse(self, command: int, why: str) -> None:
        self._write({"answers": command, "error": why})

    def _write(self, line: dict[str, Any]) -> None:
        try:
            self._out.write(msgspec.json.encode(line) + b"\n")
        except BrokenPipeError:
            self.open = False

    def arrived(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Commands that are there, without ever waiting for one: their number, what to do, and the rest."""
        while self.open and select.select([STDIN], [], [], 0)[0]:
            new = os.read(STDIN, 65536)
            if not new:
                self.open = False
            *lines, self._rest = (self._rest + new).split(b"\n")
            for line in lines:
                command: dict[str, Any] = msgspec.json.decode(line)
                yield command.pop("id"), command.pop("do"), command
