"""Callback-polling: Bayeux messages in the query of a GET, replies as a script that calls a function (bayeux §1.4).

Hardly anything but old browsers needs it. A script may be embedded by any page on the web, and browsers send cookies
along with it, so a request must show that it does not come from a foreign page. Deliberately absent: what becomes of
the messages (``cometd``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import msgspec

Scope: TypeAlias = "MutableMapping[str, Any]"

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DEFAULT_NAME = "jsonpcallback"
_BRACKETS = re.compile(r"[^\[\]]*(\[[0-9A-Fa-f:.]+\](:[0-9]+)?([/?#][^\[\]]*)?)?")
_FIELDS_MAX = 16
_FIELD = re.compile(rb"(?:^|&)message=")


class Callback(msgspec.Struct, frozen=True):
    """One request: the batch of messages, and the function that is to be called with the replies."""

    name: bytes
    body: bytes

    def script(self, replies: bytes) -> bytes:
        """The text of the script. Two line ends that JSON allows within texts were none of JavaScript's for long."""
        safe = replies.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
        return self.name + b"(" + safe + b")"


def is_callback(scope: Scope) -> bool:
    """Whether a GET brings Bayeux messages."""
    return _FIELD.search(scope.get("query_string", b"")) is not None


def read_callback(query: bytes) -> Callback | None:
    """The request in a query; None if it is none, or if its function has no safe name."""
    try:
        fields = parse_qs(query.decode("ascii"), True, encoding="utf-8", errors="strict", max_num_fields=_FIELDS_MAX)
    except (UnicodeError, ValueError):
        return None
    name = fields.get("jsonp", [_DEFAULT_NAME])[0]
    messages = fields.get("message", [])
    if len(messages) != 1 or _NAME.fullmatch(name) is None:
        return None
    return Callback(name.encode(), messages[0].encode())


def comes_from_own_page(scope: Scope, allowed: Callable[[str], bool] | None) -> bool:
    """Whether a script is not asked for by a foreign page: cookies alone prove nothing about that.

    Browsers say where a request comes from in Sec-Fetch-Site, older ones in Referer only. Where neither is told, the
    request must bring credentials of its own, as programs do.
    """
    headers: dict[bytes, bytes] = dict(scope["headers"])
    referer = urlsplit(_printable(headers.get(b"referer", b"")))
    origin = f"{referer.scheme}://{referer.netloc}" if referer.netloc else ""
    if origin and allowed is not None and allowed(origin):
        return True
    site = headers.get(b"sec-fetch-site", b"")
    if site:
        return site in (b"same-origin", b"none")
    if origin:
        return referer.netloc == _printable(headers.get(b"host", b""))
    return b"authorization" in headers


def _printable(value: bytes) -> str:
    """A header as text; "" if it holds brackets that are not an address of IPv6, which ``urlsplit`` cannot bear."""
    text = value.decode("latin-1")
    return text if _BRACKETS.fullmatch(text) else ""
