"""A telephone as a process: commands are lines of JSON on standard input, what happens are lines on standard output.

    {"id": 1, "do": "call", "to": "5001"}          →   {"answers": 1, "result": 1}
                                                       {"event": "line", "at": 81.25, "line": 1, "state": "calling", …}

``at`` is the machine's monotonic clock, so that what several telephones tell can be put in order. The process ends
when its standard input does, so it never outlives the test that started it.

    python -m tests.live.pjsua_process '{"number": "5001", "tone_hz": 1000}'
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from collections.abc import Iterator
from typing import Any

import msgspec
from tests.live.phone_settings import Settings
from tests.live.pjsua_telephone import Telephone

# PJSIP writes where it likes before it can be told not to: standard output is kept for us alone.
_out = os.fdopen(os.dup(1), "wb", buffering=0)
os.dup2(2, 1)


def _tell(event: str, at: float | None = None, **fields: Any) -> None:
    _write({"event": event, "at": time.monotonic() if at is None else at, **fields})


def _write(line: dict[str, Any]) -> None:
    _out.write(msgspec.json.encode(line) + b"\n")


class _Commands:
    """Lines that have arrived, without ever waiting for one."""

    def __init__(self) -> None:
        self.open = True
        self._rest = b""

    def arrived(self) -> Iterator[dict[str, Any]]:
        while select.select([0], [], [], 0)[0]:
            new = os.read(0, 65536)
            if not new:
                self.open = False
                return
            *lines, self._rest = (self._rest + new).split(b"\n")
            for line in lines:
                yield msgspec.json.decode(line)


def _obey(phone: Telephone, command: dict[str, Any]) -> None:
    answers, what = command.pop("id"), command.pop("do")
    try:
        _write({"answers": answers, "result": phone.do(what, command)})
    except Exception as error:  # noqa: BLE001 - PJSIP's errors and wrong commands alike are the test's to see
        _write({"answers": answers, "error": f"{what}: {_words(error)}"})


def _words(error: Exception) -> str:
    """PJSIP's errors have no text of their own."""
    info = getattr(error, "info", None)
    return str(info()) if callable(info) else f"{type(error).__name__}: {error}"


def main() -> None:
    phone = Telephone(msgspec.json.decode(sys.argv[1], type=Settings), _tell)
    _tell("ready", sip_port=phone.sip_port)
    commands = _Commands()
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        while commands.open:
            for command in commands.arrived():
                _obey(phone, command)
            phone.poll()
    phone.tell = lambda *_, **__: None
    phone.close()
    # PJSIP would take a second to end in good order, and its objects do not agree with Python's last garbage
    # collection on who goes first. All that others are to know (BYE, signing off) is done.
    os._exit(0)


if __name__ == "__main__":
    main()
