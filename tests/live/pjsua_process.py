"""A telephone on PJSIP as a process: what arrives in the pipe is done, what happens is told.

python -m tests.live.pjsua_process '{"number": "5001", "tone_hz": 1000}'
"""

from __future__ import annotations

import contextlib
import os
import sys

import msgspec
from tests.live.phone_settings import Settings
from tests.live.pipe import Pipe
from tests.live.pjsua_telephone import Telephone


def _obey(phone: Telephone, pipe: Pipe) -> None:
    for number, what, asked in pipe.arrived():
        try:
            pipe.answer(number, phone.do(what, asked))
        except Exception as error:  # noqa: BLE001 - PJSIP's errors and wrong commands alike are the test's to see
            pipe.refuse(number, f"{what}: {_words(error)}")


def _words(error: Exception) -> str:
    """PJSIP's errors have no text of their own."""
    info = getattr(error, "info", None)
    return str(info()) if callable(info) else f"{type(error).__name__}: {error}"


def main() -> None:
    pipe = Pipe()
    phone = Telephone(msgspec.json.decode(sys.argv[1], type=Settings), pipe.tell)
    pipe.tell("ready", sip_port=phone.sip_port)
    with contextlib.suppress(KeyboardInterrupt):
        while pipe.open:
            _obey(phone, pipe)
            phone.poll()
    phone.close()
    # PJSIP would take a second to end in good order, and its objects do not agree with Python's last garbage
    # collection on who goes first. All that others are to know (BYE, signing off) is done.
    os._exit(0)


if __name__ == "__main__":
    main()
