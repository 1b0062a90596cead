"""Operations of Web Services without the detour over ASGI: visits of ``direct`` to the same door (decision 0013).

What somebody known asks for by POST below ``/me`` comes this way; ``web`` has what is done and what it is answered.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from cordboard.gws.answers import Response
from cordboard.gws.requests import Request
from cordboard.people.model import User
from cordboard.server.auth_types import Authentication
from cordboard.server.direct import DirectHttp, Head, Visit
from cordboard.server.web import API, Done, GwsDoor

_JSON = b"content-type: application/json\r\n"
_BELOW_API = len(API)


class GwsDirect:
    """The ``direct.Door`` of Web Services."""

    prefix = f"{API}/me".encode()
    closed = False

    def __init__(self, door: GwsDoor) -> None:
        self.door = door

    @property
    def bytes_max(self) -> int:
        return self.door.body_bytes_max

    def visit(self, http: DirectHttp, head: Head) -> Visit | None:
        who, user = self.door.known(head.scope)
        return _Visit(self.door, http, head, who, user) if who is not None and user is not None else None


class _Visit(Visit):
    __slots__ = ("_door", "_user")

    def __init__(self, door: GwsDoor, http: DirectHttp, head: Head, who: Authentication, user: User) -> None:
        super().__init__(http, head, who)
        self._door = door
        self._user = user

    def _serve(self, body: bytes) -> None:
        head, door = self._head, self._door
        request = Request(self._user, "POST", head.path[_BELOW_API:], head.query, body)
        done = door.do(request, self._who, head.scope["headers"])
        if door.is_safe:
            self._answer(door.over(done))
        else:
            self._http.run(self._wait(done))

    async def _wait(self, done: Done) -> None:
        self._answer(await self._door.wait(done))

    def _answer(self, response: Response) -> None:
        if self._gone:
            return
        cookie = self._who.set_cookie
        headers = _JSON if cookie is None else _JSON + b"set-cookie: %b\r\n" % cookie
        self._respond(STATUS_LINE[response.status], response.body, headers)
