"""What people at telephones do in the lab, without the detour over ASGI: visits of ``direct`` (decision 0013).

``web.LabDoor`` has what is done; everything but POST goes over ASGI.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from cordboard.server.auth_types import Authentication
from cordboard.server.direct import DirectHttp, Head, Visit
from cordboard.server.web import LAB, LabDoor

_JSON = b"content-type: application/json\r\n"
_ANYBODY = Authentication("the lab", None)
"""Who asks is not looked at."""


class LabDirect:
    """The ``direct.Door`` of the lab."""

    prefix = LAB.encode()
    closed = False

    def __init__(self, door: LabDoor) -> None:
        self.door = door

    @property
    def bytes_max(self) -> int:
        return self.door.body_bytes_max

    def visit(self, http: DirectHttp, head: Head) -> Visit | None:
        return _Visit(self.door, http, head) if self.door.lets_in(head.scope) else None


class _Visit(Visit):
    __slots__ = ("_door",)

    def __init__(self, door: LabDoor, http: DirectHttp, head: Head) -> None:
        super().__init__(http, head, _ANYBODY)
        self._door = door

    def complete(self) -> None:
        self._http.remember(self._head)  # somebody who has no cookies says the same again and again

    def _serve(self, body: bytes) -> None:
        door, head = self._door, self._head
        if door.waits(head.scope["headers"]):
            self._http.run(self._wait(body))
        else:
            self._answer(*door.act("POST", head.path, body))

    async def _wait(self, body: bytes) -> None:
        self._answer(*await self._door.act_and_wait("POST", self._head.path, body))

    def _answer(self, status: int, body: bytes) -> None:
        if not self._gone:
            self._respond(STATUS_LINE[status], body, _JSON)
