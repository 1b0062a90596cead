"""Tallies: plain numbers that are counted where things happen, and read when somebody asks for the metrics.

Whoever counts pays for an addition. Names that come from outside are only counted if they are known, all others
together, so that nobody can make the tally grow. Deliberately absent: what the metrics are called (``metrics``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import msgspec

from cordboard.gws.answers import StatusCode
from cordboard.gws.requests import CALL_BODIES
from cordboard.gws.routes import DEVICE_OPERATIONS, DIAL, SESSION_OPERATIONS
from cordboard.journal.figures import Durations
from cordboard.uapi.actions import ACTIONS
from cordboard.uapi.paths import CREATES

OTHER = "other"
"""Whatever is not known by name."""
LATENCY_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper bounds of what is told of durations."""

_OPERATIONS = frozenset({*CALL_BODIES, *DEVICE_OPERATIONS, *DIAL, *SESSION_OPERATIONS})
_BY_METHOD = {"GET": "read", "PUT": "change", "DELETE": "delete"}
_CODES = {b"%d" % code: str(code.value) for code in StatusCode}
_CODE_AT = len(b'{"statusCode":')
_CODE_END = _CODE_AT + 2


class _Named(msgspec.Struct, frozen=True, rename={"operation": "operationName"}):
    """The members of a body that say what is asked for."""

    operation: str = OTHER
    action: str = OTHER


_named = msgspec.json.Decoder(_Named).decode


class Answered(NamedTuple):
    """What requests are counted by. ``code`` is the statusCode of Web Services, "" elsewhere."""

    api: str
    operation: str
    status: int
    code: str


Counts: TypeAlias = "defaultdict[str, int]"
"""How often, by a name that is one of few."""


def counts() -> Counts:
    return defaultdict(int)


class Requests:
    """Requests that were answered, and how long each kind took from its last byte to its answer. ``states`` are the
    agent states that may be asked for by name."""

    def __init__(self, states: Iterable[str] = ()) -> None:
        self._operations = _OPERATIONS | frozenset(states)
        self._answered: defaultdict[Answered, int] = defaultdict(int)
        self._answered_gws: defaultdict[tuple[str, int, bytes], int] = defaultdict(int)
        """By operation, status, and what stands where an answer has its statusCode: that is looked at later."""
        self._took_gws: defaultdict[str, Durations] = defaultdict(_latency)
        self._took: defaultdict[tuple[str, str], Durations] = defaultdict(_latency)

    def gws(self, method: str, body: bytes, status: int, answer: bytes, seconds: float) -> None:
        """These are many, so it costs as little as possible."""
        if method == "POST":
            operation = _read(body).operation
            if operation not in self._operations:
                operation = OTHER
        else:
            operation = operation_of(method)
        self._answered_gws[operation, status, answer[_CODE_AT:_CODE_END]] += 1
        self._took_gws[operation].add(seconds)

    def uapi(self, method: str, path: str, body: bytes, status: int, seconds: float) -> None:
        self._count(Answered("uapi", uapi_operation(method, path, body), status, ""), seconds)

    def plain(self, api: str, operation: str, status: int, seconds: float) -> None:
        """Where nobody looks closer."""
        self._count(Answered(api, operation, status, ""), seconds)

    def denied(self, api: str, status: int, answer: bytes = b"") -> None:
        """Nobody knows who asks; what for is not looked at."""
        self._answered[Answered(api, OTHER, status, _code(answer[_CODE_AT:_CODE_END]))] += 1

    def _count(self, answered: Answered, seconds: float) -> None:
        self._answered[answered] += 1
        self._took[answered.api, answered.operation].add(seconds)

    def answered(self) -> dict[Answered, int]:
        """How many were answered how."""
        found = self._answered.copy()
        for (operation, status, digits), count in self._answered_gws.items():
            found[Answered("gws", operation, status, _code(digits))] += count
        return dict(found)

    def took(self) -> dict[tuple[str, str], Durations]:
        """How long that took, by API and operation."""
        return {**{("gws", operation): found for operation, found in self._took_gws.items()}, **self._took}


class Switching:
    """Orders to the switch, by their names, and the link to it."""

    def __init__(self) -> None:
        self.sent = counts()
        self.failed = 0
        self.lost = 0


def operation_of(method: str) -> str:
    """What can be told by the method alone."""
    return _BY_METHOD.get(method, OTHER)


def uapi_operation(method: str, path: str, body: bytes) -> str:
    """The operation of a request to the UnifiedAPI: an action, or the kind of call that is begun."""
    if method == "POST":
        kind = path.rstrip("/").rpartition("/")[2]
        return kind if kind in CREATES else "create"
    if method == "PUT":
        name = _read(body).action
        return name if name in ACTIONS else "change"
    return operation_of(method)


def _read(body: bytes) -> _Named:
    try:
        return _named(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Named()


def _latency() -> Durations:
    return Durations(LATENCY_S)


def _code(digits: bytes) -> str:
    """The statusCode, which every answer of Web Services begins with (gws-v2 §1.3); a file has none."""
    return _CODES.get(digits) or _CODES.get(digits[:1], "")
