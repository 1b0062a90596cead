"""Where a process listens: a socket for HOST:PORT, and how its address is written."""

from __future__ import annotations

import contextlib
import socket


class CannotListenError(Exception):
    """The address can't be had."""


def address_of(host: str, port: int) -> str:
    """The URL of a listening socket."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound, not yet listening. Raises CannotListenError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with contextlib.ExitStack() as undo:
            listener = undo.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            undo.pop_all()
    except OSError as error:
        raise CannotListenError(f"{host}:{port}: {error.strerror or error}") from error
    return listener
