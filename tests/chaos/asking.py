"""One user's requests. An answer is waited for as a good client waits: the request is repeated with its Idempotency-Key
until there is one."""

from __future__ import annotations

import time
from typing import Any

import httpx
import msgspec
from tests.chaos.notebook import Notebook
from tests.chaos.records import Asked

PAUSE_S = 0.1
ANSWER_S = 120.0
"""How long the server may be away."""
UNAVAILABLE = 4
"""statusCode: nothing has changed, and nobody could."""


class UnansweredError(Exception):
    """Nobody answered for so long that no trouble explains it."""


class Call(msgspec.Struct, frozen=True, rename="camel"):
    """What a client reads of a call."""

    id: str
    state: str
    capabilities: tuple[str, ...]
    call_type: str = ""
    parent_call_uri: str = ""

    @property
    def is_consult(self) -> bool:
        return bool(self.parent_call_uri)


class _Calls(msgspec.Struct):
    calls: tuple[Call, ...]


class _Answer(msgspec.Struct, rename="camel"):
    status_code: int


class User:
    """Asks and reads; ``asked`` is written down with its answer."""

    def __init__(self, number: str, client: httpx.Client, notebook: Notebook) -> None:
        self.number = number
        self._client = client
        self._notebook = notebook
        self._count = 0

    def calls(self) -> tuple[Call, ...]:
        answer, _ = self._answered("GET", "/api/v2/me/calls?fields=*")
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=_Calls).calls

    def ask(self, call: Call, operation: str, **parameters: Any) -> int:
        """The statusCode."""
        self._count += 1
        key = f"{self.number}-{self._count}"
        began = self._notebook.now()
        body = {"operationName": operation, **parameters}
        answer, tries = self._answered(
            "POST", f"/api/v2/me/calls/{call.id}", json=body, headers={"Idempotency-Key": key}
        )
        code = msgspec.json.decode(answer.content, type=_Answer).status_code
        now, status = self._notebook.now(), answer.status_code
        self._notebook.write(Asked(began, now, self.number, call.id, operation, key, status, code, tries))
        return code

    def _answered(self, method: str, path: str, **more: Any) -> tuple[httpx.Response, int]:
        deadline = time.monotonic() + ANSWER_S
        tries = 0
        while time.monotonic() < deadline:
            tries += 1
            try:
                answer = self._client.request(method, path, **more)
                if answer.headers.get("content-type") == "application/json":
                    return answer, tries
            except httpx.TransportError:
                pass
            time.sleep(PAUSE_S)
        raise UnansweredError(f"{self.number} got no answer to {method} {path} {more.get('json', '')}")

    def close(self) -> None:
        self._client.close()
