"""As much of SIP as telephones on the loopback interface need: messages read and written (RFC 3261). Dry.

Deliberately absent: retransmissions (nothing is lost here, and what is would be a failed call), registration, codecs.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

_SHORT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "o": "event"}
SDP_TYPE = "application/sdp"


class Message(msgspec.Struct, frozen=True):
    """A request or a response: the first line's three words, and its headers in their order, names in lower case."""

    first: tuple[str, str, str]
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @property
    def status(self) -> int:
        """The status of a response; 0 of a request."""
        return int(self.first[1]) if self.first[0] == "SIP/2.0" else 0

    @property
    def method(self) -> str:
        """What is asked, or what was asked for in that to which this is the response."""
        return self.header("cseq").partition(" ")[2].strip()

    def header(self, name: str) -> str:
        """The first header of this name, or nothing."""
        return next((value for own, value in self.headers if own == name), "")

    @property
    def user(self) -> str:
        """Whom a request is for."""
        return user_of(self.first[1])


def read(data: bytes) -> Message | None:
    """The message in a datagram; None for what is none, such as a ping."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    words = first.split(" ", 2)
    if len(words) != 3:
        return None
    return Message((words[0], words[1], words[2]), tuple(_header(line) for line in lines if ":" in line), body)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    name = name.strip().lower()
    return _SHORT.get(name, name), value.strip()


def user_of(uri: str) -> str:
    """The user part of a URI."""
    return uri.partition("sip:")[2].partition("@")[0]


def uri_of(contact: str) -> str:
    """The URI in a Contact, From or To header."""
    return contact.partition("<")[2].partition(">")[0] or contact.partition(";")[0]


def written(first: str, headers: Sequence[tuple[str, str]], body: str = "") -> bytes:
    """A message as a datagram."""
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append(f"Content-Type: {SDP_TYPE}")
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


def response(request: Message, status: str, tag: str, contact: str = "", body: str = "") -> bytes:
    """The response to a request; ``tag`` is for its To if it has none yet."""
    headers = [(name, value) for name, value in request.headers if name in ("via", "record-route")]
    to = request.header("to")
    headers += [
        ("From", request.header("from")),
        ("To", to if ";tag=" in to else f"{to};tag={tag}"),
        ("Call-ID", request.header("call-id")),
        ("CSeq", request.header("cseq")),
    ]
    if contact:
        headers.append(("Contact", contact))
    return written(f"SIP/2.0 {status}", headers, body)


def sound(host: str, port: int) -> str:
    """A description of G.711 at this address (SDP), offered and answered alike."""
    lines = [
        "v=0",
        f"o=- 1 1 IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0 101",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000",
    ]
    return "\r\n".join(lines) + "\r\n"
