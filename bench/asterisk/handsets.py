"""Telephones without a sound: any number of them on one UDP port, which answer, are answered and hang up.

They cost next to nothing, so that what is measured is not them. A telephone that ``picks_up`` answers as soon as it
is called; any other rings until ``NOTIFY`` with the event ``talk`` tells it to answer. Voices sent to them go to a port
that nobody reads. Deliberately absent: whoever wants to know what is heard (tests/live has such telephones).
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import Callable
from typing import Any, cast

import msgspec

from bench.asterisk import sip
from bench.asterisk.sip import Message

HOST = "127.0.0.1"
_BUFFER = 1 << 22
_Address = tuple[str, int]


class Handset(msgspec.Struct, eq=False):
    """One call at one telephone. ``ours`` and ``theirs`` are the From and To of requests that we send."""

    number: str
    call_id: str
    ours: str = ""
    theirs: str = ""
    contact: str = ""
    address: _Address = (HOST, 0)
    invite: Message | None = None
    """The INVITE that rings and waits for its answer."""
    sequence: int = 1
    is_up: bool = False


class Handsets(asyncio.DatagramProtocol):
    """All telephones behind one port. ``failures`` tells of calls that were not taken."""

    def __init__(self) -> None:
        self.picks_up: Callable[[str], bool] = lambda _number: False
        self.calls: dict[str, Handset] = {}
        self.failures: list[str] = []
        self._watched: dict[str, asyncio.Future[float]] = {}
        self._transport: asyncio.DatagramTransport
        self._sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._ids = itertools.count(1)
        self._port = 0

    async def open(self, port: int) -> None:
        self._sink.bind((HOST, 0))
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, (HOST, port))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        opened: Any = transport.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._port = opened.getsockname()[1]

    def close(self) -> None:
        self._transport.close()
        self._sink.close()

    # -- what people do ------------------------------------------------------------------------------------------------

    def call(self, number: str, to: str, exchange: int) -> Handset:
        """Dial. ``exchange`` is the port that takes calls."""
        mark = f"{next(self._ids)}-{self._port}"
        theirs = f"<sip:{to}@{HOST}:{exchange}>"
        call = Handset(number, f"{mark}@{HOST}", f"<sip:{number}@{HOST}:{self._port}>;tag={mark}", theirs)
        call.address, call.contact = (HOST, exchange), f"sip:{to}@{HOST}:{exchange}"
        self.calls[call.call_id] = call
        self._send(call, "INVITE", self._sound())
        return call

    def answer(self, number: str) -> None:
        """Lift the receiver of a telephone that rings."""
        self._pick_up(next(call for call in self.calls.values() if call.number == number and call.invite is not None))

    def hang_up(self, call: Handset) -> None:
        del self.calls[call.call_id]
        call.sequence += 1
        self._send(call, "BYE")

    def watch(self, number: str) -> asyncio.Future[float]:
        """Done, with the instant, when the other side hangs up on this number."""
        self._watched[number] = asyncio.get_running_loop().create_future()
        return self._watched[number]

    def at(self, number: str) -> Handset:
        """The call of a number that is up."""
        return next(call for call in self.calls.values() if call.number == number and call.is_up)

    # -- what comes over the network -----------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: _Address) -> None:
        message = sip.read(data)
        if message is None:
            return
        call = self.calls.get(message.header("call-id"))
        if message.status:
            if call is not None:
                self._answered(call, message)
        else:
            self._asked(call, message, addr)

    def _asked(self, call: Handset | None, request: Message, address: _Address) -> None:
        match request.first[0]:
            case "INVITE":
                self._invited(call, request, address)
            case "NOTIFY":
                self._reply(request, "200 OK", address)
                if call is not None and call.invite is not None and request.header("event").startswith("talk"):
                    self._pick_up(call)
            case "BYE":
                self._reply(request, "200 OK", address)
                self._end(call)
            case "CANCEL":
                self._reply(request, "200 OK", address)
                if call is not None and call.invite is not None:
                    self._reply(call.invite, "487 Request Terminated", address)
                    self._end(call)
            case "ACK":
                pass
            case _:
                self._reply(request, "200 OK", address, self._sound() if request.body else "")

    def _invited(self, call: Handset | None, request: Message, address: _Address) -> None:
        if call is not None:  # of a call that is up: the name of whom one talks with has changed, for instance
            self._reply(request, "200 OK", address, self._sound())
            return
        number = request.user
        call = Handset(number, request.header("call-id"), contact=sip.uri_of(request.header("contact")))
        call.address, call.invite = address, request
        call.ours, call.theirs = f"{request.header('to')};tag={_tag_of(call.call_id)}", request.header("from")
        self.calls[call.call_id] = call
        self._reply(request, "180 Ringing", address)
        if self.picks_up(number):
            self._pick_up(call)

    def _pick_up(self, call: Handset) -> None:
        assert call.invite is not None
        invite, call.invite, call.is_up = call.invite, None, True
        self._reply(invite, "200 OK", call.address, self._sound())

    def _end(self, call: Handset | None) -> None:
        if call is not None:
            del self.calls[call.call_id]
            watched = self._watched.pop(call.number, None)
            if watched is not None and not watched.done():
                watched.set_result(time.perf_counter())

    def _answered(self, call: Handset, response: Message) -> None:
        if response.method != "INVITE" or response.status < 200:
            return
        call.theirs = response.header("to")
        if response.status < 300:
            call.contact, call.is_up = sip.uri_of(response.header("contact")) or call.contact, True
        else:
            self.failures.append(f"{call.number} was answered {' '.join(response.first[1:])}")
            self._end(call)
        self._send(call, "ACK")

    # -- what goes over the network ------------------------------------------------------------------------------------

    def _send(self, call: Handset, method: str, body: str = "") -> None:
        headers = [
            ("Via", f"SIP/2.0/UDP {HOST}:{self._port};branch=z9hG4bK{next(self._ids)}-{self._port};rport"),
            ("Max-Forwards", "70"),
            ("From", call.ours),
            ("To", call.theirs),
            ("Call-ID", call.call_id),
            ("CSeq", f"{call.sequence} {method}"),
            ("Contact", self._contact(call.number)),
        ]
        self._transport.sendto(sip.written(f"{method} {call.contact} SIP/2.0", headers, body), call.address)

    def _reply(self, request: Message, status: str, address: _Address, body: str = "") -> None:
        contact = self._contact(sip.user_of(request.header("to")))
        tag = _tag_of(request.header("call-id"))
        self._transport.sendto(sip.response(request, status, tag, contact, body), address)

    def _contact(self, number: str) -> str:
        return f"<sip:{number}@{HOST}:{self._port}>"

    def _sound(self) -> str:
        return sip.sound(HOST, self._sink.getsockname()[1])


def _tag_of(call_id: str) -> str:
    return call_id.partition("@")[0]
