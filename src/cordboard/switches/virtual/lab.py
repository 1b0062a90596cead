"""The lab: HTTP requests that move the phones and let the switch misbehave (docs/lab.md).

A plain function from method, path and body to status and body; who may call it and how it is served is the server's
business. Bad input is answered with what would be accepted, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeAlias, TypeVar
from urllib.parse import unquote

import msgspec

from cordboard.calls.model import Number
from cordboard.calls.reports import AnyReport
from cordboard.switches.virtual.faults import COUNT_MAX, FAULTS_MAX, ORDER_NAMES, Fault, Link, Misdeed
from cordboard.switches.virtual.persons import ACTIONS, AnyAction, Cannot
from cordboard.switches.virtual.phones import DELAY_MAX_MS, Behaviour, OnRing

PREFIX = "/lab/v1"

Answer: TypeAlias = tuple[int, bytes]
"""HTTP status and JSON body."""


class Owner(Protocol):
    """Who owns the link and passes reports on to the board (``VirtualSwitch``)."""

    @property
    def link(self) -> Link: ...

    def tell(self, reports: Sequence[AnyReport]) -> None: ...


class _SwitchFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    switch: Literal["down", "up"]


class _Problem(msgspec.Struct, frozen=True):
    error: str


class _Faults(msgspec.Struct, frozen=True):
    switch: str
    faults: tuple[Fault, ...]


_ACTION_ACCEPTED = (
    f'{{"do": one of {", ".join(ACTIONS)}, "line": number of a line (optional)}}; '
    'dial and transfer need "to", dtmf needs "digits" (0-9 A-D * #, up to 64)'
)
_BEHAVIOUR_ACCEPTED = (
    f'{{"on_ring": one of {", ".join(way.value for way in OnRing)}, "after_ms": 0 to {DELAY_MAX_MS}}}, both optional'
)
_FAULT_ACCEPTED = (
    f'{{"orders": one of {", ".join(misdeed.value for misdeed in Misdeed)}, '
    f'"match": one of {", ".join(ORDER_NAMES)} (optional), "count": 1 to {COUNT_MAX} (optional), '
    f'"delay_ms": 0 to {DELAY_MAX_MS} (optional)}} or {{"switch": "down" or "up"}}'
)

_T = TypeVar("_T")
_Handler: TypeAlias = Callable[[bytes], Answer]
_encode = msgspec.json.Encoder().encode
_action = msgspec.json.Decoder(AnyAction)
_behaviour = msgspec.json.Decoder(Behaviour)
_fault = msgspec.json.Decoder(Fault)
_switch_fault = msgspec.json.Decoder(_SwitchFault)
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Lab:
    """The lab of one virtual switch. The board hears of what was done after the answer: it is told by ``owner``."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._link = owner.link
        self._exchange = owner.link.exchange

    def handle(self, method: str, path: str, body: bytes, now: float) -> Answer:
        """Answer one request. ``path`` begins with PREFIX, percent-encoded or not; ``now`` is the switch's clock."""
        # What was due before this request has happened before it, even if the loop has not come to it yet.
        self._owner.tell(self._link.tick(now))
        handlers = self._route([unquote(part) for part in path.removeprefix(PREFIX).strip("/").split("/")])
        if isinstance(handlers, str):
            return _error(404, handlers)
        handler = handlers.get(method)
        if handler is None:
            return _error(405, f"{method} is not accepted here; accepted: {', '.join(handlers)}")
        return handler(body)

    def _route(self, parts: list[str]) -> dict[str, _Handler] | str:
        """What can be done with the resource, by method; or why there is none."""
        match parts:
            case ["phones"]:
                return {"GET": self._phones}
            case ["phones", number]:
                return self._known(
                    number, {"GET": lambda _: self._phone(number), "POST": lambda body: self._act(number, body)}
                )
            case ["phones", number, "behaviour"]:
                return self._known(
                    number,
                    {
                        "GET": lambda _: _ok(self._exchange.behaviour(number)),
                        "PUT": lambda body: self._behave(number, body),
                    },
                )
            case ["faults"]:
                return {"GET": lambda _: self._faults(), "POST": self._add_fault}
            case ["reset"]:
                return {"POST": lambda _: self._reset()}
            case _:
                return f"there is nothing here; the lab has {PREFIX}/phones, {PREFIX}/faults and {PREFIX}/reset"

    def _known(self, number: Number, handlers: dict[str, _Handler]) -> dict[str, _Handler] | str:
        return handlers if self._exchange.has_phone(number) else f"there is no phone {number}"

    # -- phones ----------------------------------------------------------------------------------------------------

    def _phones(self, _: bytes) -> Answer:
        return _ok([self._exchange.phone(number) for number in self._exchange.numbers])

    def _phone(self, number: Number) -> Answer:
        return _ok(self._exchange.phone(number))

    def _act(self, number: Number, body: bytes) -> Answer:
        action = _decode(_action, body, _ACTION_ACCEPTED)
        if isinstance(action, _Problem):
            return 400, _encode(action)
        done = self._link.act(number, action)
        if isinstance(done, Cannot):
            return _error(409, done.reason)
        self._owner.tell(done)
        return self._phone(number)

    def _behave(self, number: Number, body: bytes) -> Answer:
        behaviour = _decode(_behaviour, body, _BEHAVIOUR_ACCEPTED)
        if isinstance(behaviour, _Problem):
            return 400, _encode(behaviour)
        self._exchange.set_behaviour(number, behaviour)
        return _ok(behaviour)

    # -- faults ----------------------------------------------------------------------------------------------------

    def _faults(self) -> Answer:
        return _ok(_Faults("down" if self._link.down else "up", self._link.faults))

    def _add_fault(self, body: bytes) -> Answer:
        fields = _decode(_object, body, _FAULT_ACCEPTED)
        if isinstance(fields, dict) and "switch" in fields:
            return self._turn_switch(body)
        fault = _decode(_fault, body, _FAULT_ACCEPTED)
        if isinstance(fault, _Problem):
            return 400, _encode(fault)
        if fault.match is not None and fault.match not in ORDER_NAMES:
            return _error(400, f"there is no order {fault.match!r}; accepted: {_FAULT_ACCEPTED}")
        if not self._link.add(fault):
            return _error(409, f"{FAULTS_MAX} faults are pending already")
        return self._faults()

    def _turn_switch(self, body: bytes) -> Answer:
        asked = _decode(_switch_fault, body, _FAULT_ACCEPTED)
        if isinstance(asked, _Problem):
            return 400, _encode(asked)
        self._owner.tell(self._link.cut() if asked.switch == "down" else self._link.mend())
        return self._faults()

    def _reset(self) -> Answer:
        self._owner.tell(self._link.reset())
        return self._faults()


def _decode(decoder: msgspec.json.Decoder[_T], body: bytes, accepted: str) -> _T | _Problem:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _Problem(f"{error}; accepted: {accepted}")


def _ok(value: object) -> Answer:
    return 200, _encode(value)


def _error(status: int, reason: str) -> Answer:
    # A path can hold what is not text; it is echoed as far as it is.
    return status, _encode(_Problem(reason.encode(errors="replace").decode()))
