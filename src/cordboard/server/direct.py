"""HTTP without the detour over ASGI: requests that can be answered where their heads were parsed (decision 0013).

Most of what a short request costs is spent on the way between uvicorn and an application: tasks, queues, dictionaries.
So a POST by somebody known, to a path that a ``Door`` answers for, is handed to it as a ``Visit``, which is to uvicorn
the cycle of this request like any other. Everything else goes on to the application as ever: strangers, other methods
and protocols, bodies without a length or larger than is accepted, requests that come before the answer to the last one.

A client may send the same head with each of its requests. One that a visit has remembered is known by its bytes, and is
not parsed again while it stays the same; whom it speaks for is asked each time.

Deliberately absent: what is answered (``cometd_direct``, ``gws_direct``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeAlias

import structlog

from cordboard.server.auth_types import Authentication
from cordboard.server.cometd_wire import ImpatientHttp

_log = structlog.get_logger()

Headers: TypeAlias = "Sequence[tuple[bytes, bytes]]"
Permission: TypeAlias = "Callable[[bytes], Headers | None]"

_HEAD_END = b"\r\n\r\n"
_PLAIN = re.compile(rb"[^%#\x80-\xff]*")
"""What needs not be taken apart any further."""


class Door(Protocol):
    """Answers requests to ``prefix`` and below."""

    @property
    def prefix(self) -> bytes: ...

    @property
    def bytes_max(self) -> int:
        """The longest body."""

    @property
    def closed(self) -> bool:
        """The server stops: whoever asks now is answered by the application."""

    def visit(self, http: DirectHttp, head: Head) -> Visit | None:
        """A request, whose body follows; None leaves it to the application, as those of strangers are."""


class Head:
    """The head of a request, as far as answers need to know it."""

    __slots__ = ("door", "headers", "length", "notes", "path", "query", "raw", "scope", "size")

    def __init__(self, door: Door, path: bytes, query: bytes, scope: Any, length: int, headers: bytes) -> None:
        self.door = door
        self.path = path.decode()
        self.query = query.decode("latin-1")
        self.scope = scope
        self.length = length
        self.headers = headers
        """What each answer to it carries, written out."""
        self.notes: Any = None
        """What the door has found out about it."""
        self.raw = b""
        self.size = 0


class Visit:
    """One request until it is answered. To uvicorn it is the cycle of this request, and the event of that cycle."""

    __slots__ = ("_head", "_http", "_who", "body", "disconnected", "keep_alive", "more_body", "response_complete")

    def __init__(self, http: DirectHttp, head: Head, who: Authentication) -> None:
        self._http = http
        self._head = head
        self._who = who
        self.body = bytearray()
        self.more_body = True
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False

    @property
    def message_event(self) -> Visit:
        return self

    def set(self) -> None:
        """Something came: a part of the body, its end, or the end of the connection."""
        if self.response_complete:
            return
        if self.disconnected:
            self.wake()
        elif self.more_body:
            self._http.flow.resume_reading()
        else:
            self.complete()
            self.serve(bytes(self.body))

    def serve(self, body: bytes) -> None:
        """Answer the body, now or later."""
        try:
            self._serve(body)
        except Exception:  # noqa: BLE001  # uvicorn would say that the request is invalid
            _log.exception("a request failed", user=self._who.identity)
            self._http.transport.close()

    def _serve(self, body: bytes) -> None:
        raise NotImplementedError

    def complete(self) -> None:
        """All of the request has come, its head was parsed."""

    def wake(self) -> None:
        """The connection has ended."""

    @property
    def _gone(self) -> bool:
        return self.disconnected or self._http.transport.is_closing()

    def _respond(self, status: bytes, body: bytes, headers: bytes) -> None:
        """One whole answer; ``status`` is its first line."""
        http = self._http
        if not self.keep_alive:
            headers += b"connection: close\r\n"
        head = b"%bcontent-length: %d\r\n%b%b\r\n" % (status, len(body), self._head.headers, headers)
        http.transport.write(head + body)
        self.response_complete = True
        if not self.keep_alive:
            http.transport.close()
        http.on_response_complete()


class DirectHttp(ImpatientHttp):
    """uvicorn's HTTP connection, which has some requests answered by itself."""

    doors: tuple[Door, ...]
    permission: Permission

    _known: Head | None = None
    """A head that was served, with its bytes."""
    _chunk = b""
    """What is being parsed, if a request began with it."""
    _rested_at = 0.0
    """When the last request was answered here; 0 if uvicorn looks after the connection."""

    @property
    def _at_rest(self) -> bool:
        """Whether the next byte begins a request that may be answered at once."""
        return self._waiting_since is None and self._answered

    @property
    def _answered(self) -> bool:
        """Whether no request waits for its answer."""
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete

    def data_received(self, data: bytes) -> None:
        at_rest = self._at_rest
        known = self._known
        if known is not None and at_rest and len(data) == known.size and data.startswith(known.raw):
            door = known.door
            visit = door.visit(self, known) if not self.flow.write_paused and not door.closed else None
            if visit is not None:
                self._unset_keepalive_if_required()
                self.cycle = visit  # type: ignore[assignment]  # as good as one of uvicorn's
                visit.more_body = False
                visit.serve(data[len(known.raw) :])
                return
        self._chunk = data if at_rest else b""
        super().data_received(data)

    def on_headers_complete(self) -> None:
        head = self._direct_head()
        visit = head.door.visit(self, head) if head is not None else None
        if visit is None:
            super().on_headers_complete()
            return
        self._in_head = False
        self.cycle = visit  # type: ignore[assignment]  # as good as one of uvicorn's

    def _direct_head(self) -> Head | None:
        """The head that has come, if its request is to be answered here."""
        parser = self.parser
        if (
            parser.get_method() != b"POST"
            or parser.get_http_version() != "1.1"
            or not parser.should_keep_alive()
            or parser.should_upgrade()
            or self.expect_100_continue
            or self.flow.write_paused
            or not self._answered
        ):
            return None
        path, _, query = self.url.partition(b"?")
        door = self._door(path)
        if door is None or door.closed or not _PLAIN.fullmatch(self.url):
            return None
        length, origin = -1, None
        for name, value in self.headers:
            if name == b"content-length":
                length = int(value)
            elif name == b"origin":
                origin = value
        if not 0 <= length <= door.bytes_max:
            return None
        allowed = self.permission(origin) if origin is not None else None
        headers = written(self.server_state.default_headers) + written(allowed or ())
        return Head(door, path, query, self.scope, length, headers)

    def _door(self, path: bytes) -> Door | None:
        for door in self.doors:
            if path.startswith(door.prefix) and path[len(door.prefix) :][:1] in (b"", b"/"):
                return door
        return None

    def run(self, later: Coroutine[Any, Any, None]) -> None:
        """Answer later; a server that stops waits for that."""
        task = self.loop.create_task(later)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def remember(self, head: Head) -> None:
        """If the request came as a whole, the next one that begins with the same bytes need not be parsed."""
        raw, end, _ = self._chunk.partition(_HEAD_END)
        self._chunk = b""
        if end:
            head.raw = raw + end
            head.size = len(head.raw) + head.length
            self._known = head

    def on_response_complete(self) -> None:
        if self.pipeline or not isinstance(self.cycle, Visit):
            self._rested_at = 0.0
            super().on_response_complete()
        else:
            self.server_state.total_requests += 1
            self._rested_at = self.loop.time()

    def _look(self) -> None:
        """An idle connection is closed in time; for that there is no timer of its own after each answer."""
        if self._rested_at and self._at_rest and self.loop.time() - self._rested_at >= self.timeout_keep_alive:
            self.transport.close()
        super()._look()


def direct_http(
    own_doors: Sequence[Door], own_permission: Permission, timeout_s: float, bytes_max: int
) -> type[DirectHttp]:
    """``DirectHttp`` with these doors, the first of which that a path belongs to is asked; the permission tells what
    answers to an origin carry."""

    class Configured(DirectHttp):
        request_timeout_s = timeout_s
        head_bytes_max = bytes_max

    Configured.doors = tuple(own_doors)
    Configured.permission = staticmethod(own_permission)
    return Configured


def written(headers: Headers) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)
