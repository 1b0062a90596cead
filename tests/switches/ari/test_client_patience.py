"""How long a client waits for an Asterisk that takes a connection and says nothing."""

from __future__ import annotations

import asyncio

import pytest

from cordboard.switches.ari import client
from cordboard.switches.ari.client import AriSettings, Client, LinkError


async def test_a_connection_that_is_taken_and_not_answered_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CONNECT_S", 0.05)
    taken: list[asyncio.StreamWriter] = []
    async with await asyncio.start_server(lambda _, writer: taken.append(writer), "127.0.0.1", 0) as frozen:
        port = frozen.sockets[0].getsockname()[1]
        link = Client(AriSettings(f"http://127.0.0.1:{port}/ari", "user", "password", "app"), lambda *_: None)
        with pytest.raises(LinkError, match="no answer"):
            await link.connect()
        await link.close()
        for writer in taken:
            writer.close()
    assert taken
