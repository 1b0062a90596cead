"""The floor that live stories are told on: a server on an Asterisk, and telephones, which stay for a whole file.

Telephones wait in an event loop of their own, in a thread, so that stories can be plain functions like those of
tests/acceptance, and be the very same.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from tests.acceptance.server_process import ROOT, ServerProcess, serving
from tests.live.phones import Phone, Phones

from tools.asterisk import Asterisk

EXAMPLE = ROOT / "examples" / "asterisk.toml"
OUTSIDE = "3235742879"
"""Somebody in the public network, who is reached by the trunk; so is everybody else there."""
AUTO, NAILED = "15003", "15004"
"""Whose telephones are made to answer in the other two ways."""
CONSULT_RINGS_S = 4.0

_T = TypeVar("_T")


def configuration(folder: Path) -> Path:
    """The example's, with telephones that answer in each of the three ways."""
    text = EXAMPLE.read_text("utf-8")
    for number, answer in ((AUTO, "auto"), (NAILED, "nailed_up")):
        text, count = re.subn(rf'^number = "{number}"$', rf'\g<0>\nanswer = "{answer}"', text, flags=re.MULTILINE)
        assert count == 1
    config = folder / "asterisk.toml"
    config.write_text(text, "utf-8")
    return config


def settings(asterisk: Asterisk) -> dict[str, str]:
    """Where this Asterisk is, as variables of the environment."""
    return {
        "CORDBOARD_SWITCH__ASTERISK__URL": asterisk.ari_url,
        "CORDBOARD_SWITCH__ASTERISK__AMI": f"127.0.0.1:{asterisk.ami_port}",
    }


class Handset:
    """A telephone (``phones.Phone``) for stories that wait by standing still: the same names, plain functions."""

    def __init__(self, phone: Phone, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self.phone = phone
        self._run = run

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.phone, name)
        if not asyncio.iscoroutinefunction(found):
            return found
        return lambda *args, **kwargs: self._run(found(*args, **kwargs))


class Floor:
    """``server`` serves on ``asterisk``; telephones come when they are asked for."""

    def __init__(self, asterisk: Asterisk, server: ServerProcess) -> None:
        self.asterisk = asterisk
        self.server = server
        self.phones = Phones(f"{asterisk.address}:{asterisk.sip_port}")
        self.ari = httpx.Client(base_url=asterisk.ari_url, auth=(asterisk.user, asterisk.password), trust_env=False)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.run(self.phones.__aenter__())

    def beside(self) -> Floor:
        """The same server, and room for more telephones, which know of those here as little as these of them."""
        return Floor(self.asterisk, self.server)

    def run(self, what: Coroutine[Any, Any, _T]) -> _T:
        """Let the telephones do something, and wait for it."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()

    def bring(self, *numbers: str, **settings: Any) -> None:
        """Telephones with these numbers, which answer by themselves when a header says so, as desk telephones do."""
        missing = [number for number in numbers if number not in self.phones.phones]
        if OUTSIDE in missing:
            missing.remove(OUTSIDE)
            self.run(self.phones.add_outside(OUTSIDE, self.asterisk.ports.trunk))
        if missing:
            self.run(self.phones.add(*missing, **{"auto_answer": "headers", **settings}))

    def phone(self, number: str) -> Handset:
        self.bring(number)
        return Handset(self.phones.phones[number], self.run)

    def without_crashed(self) -> list[str]:
        """Telephones whose process has ended are taken away, and new ones come when they are asked for. Whoever is
        still on the line with others hangs up."""
        crashed = [phone for phone in self.phones.phones.values() if phone.crashed]
        for phone in crashed:
            del self.phones.phones[phone.number]
            self.run(phone.close())
        for phone in self.phones.phones.values() if crashed else ():
            self.run(phone.hang_up_all())
            self.run(phone.until_idle())
        return [phone.number for phone in crashed]

    def channels(self) -> list[str]:
        """The channels there are, by the endpoints that they belong to."""
        return [channel["name"].rpartition("-")[0] for channel in self.ari.get("/channels").json()]

    def left(self) -> list[str]:
        """What is still there at Asterisk, once nobody is on the telephone: channels, and bridges."""
        return self.channels() + [f"bridge {bridge['id']}" for bridge in self.ari.get("/bridges").json()]

    def close(self) -> None:
        self.run(self.phones.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.ari.close()


@contextmanager
def floor(asterisk: Asterisk, folder: Path, more: Mapping[str, str] | None = None) -> Iterator[Floor]:
    """One in a folder of its own; ``more`` are further settings of the server's."""
    patience = {"CORDBOARD_CALLS__CONSULT_NO_ANSWER_TIMEOUT_S": str(CONSULT_RINGS_S)}
    with serving(folder / "log", {**settings(asterisk), **patience, **(more or {})}, configuration(folder)) as server:
        floor = Floor(asterisk, server)
        try:
            yield floor
        finally:
            floor.close()
