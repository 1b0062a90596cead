"""How a listening server of a test stops listening."""

from __future__ import annotations

import asyncio


def shut(server: asyncio.Server) -> None:
    """Take no new connections, from the next turn of the loop. ``Server.close`` alone forgets whoever was taken in on
    this very turn: their transport finds no server to belong to, and their socket is left open without an owner."""
    loop = server.get_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    loop.call_soon(server.close)
