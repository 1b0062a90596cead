"""Fetching: recordings that are complete are brought home from Asterisk, put together, and cleared away there.

That they are to be fetched is noted first, so that a process that is killed, or a link that breaks, loses none: what is
noted is fetched when there is a link again.
"""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable, Coroutine
from io import BytesIO
from pathlib import Path

import aiohttp
import msgspec
import structlog

from cordboard.calls.model import RecordingId
from cordboard.calls.ports import Shelf
from cordboard.switches.ari import wire
from cordboard.switches.ari.client import Client
from cordboard.switches.ari.taping import Complete

_log = structlog.get_logger()
_CLOSING_TRIES, _CLOSING_PAUSE_S = 100, 0.05
_SAMPLES_PER_S, _SAMPLE_BYTES = 8_000, 2


class Fetching:
    """``client`` gives the connection, if there is one; ``run`` runs an errand beside everything else. Without a
    ``shelf`` recordings are only cleared away."""

    def __init__(
        self,
        shelf: Shelf | None,
        client: Callable[[], Client | None],
        run: Callable[[Coroutine[None, None, None]], None],
    ) -> None:
        self._shelf = shelf
        self._client = client
        self._run = run
        self._in_hand: set[RecordingId] = set()
        """Those that this process is fetching, or has fetched."""

    def take(self, complete: Complete) -> None:
        """It is complete. The board hears that later, so either this is noted or it is found to be complete again."""
        if self._shelf is not None:
            self._shelf.expect(complete.recorded, complete.parts)
        self._begin(complete)

    def linked(self) -> None:
        """There is a link: what could not be fetched, perhaps by an earlier process, is fetched now."""
        if self._shelf is not None:
            for recorded, parts in self._shelf.expected():
                self._begin(Complete(recorded, parts))

    def _begin(self, complete: Complete) -> None:
        if complete.recorded.id not in self._in_hand:
            self._in_hand.add(complete.recorded.id)
            self._run(self._fetch(complete))

    async def _fetch(self, complete: Complete) -> None:
        client, recorded = self._client(), complete.recorded
        try:
            if client is None:
                raise OSError("there is no link to Asterisk")
            brought = self._shelf is None or await _bring(client, self._shelf, complete)
        except (aiohttp.ClientError, OSError) as error:
            _log.warning("a recording can't be fetched yet", recording=recorded.id, why=str(error))
            self._in_hand.discard(recorded.id)
            return
        for part in complete.parts if brought else ():
            client.send(wire.stored_recording(part, method="DELETE"), "")


async def _bring(client: Client, shelf: Shelf, complete: Complete) -> bool:
    """Whether Asterisk need not have it any longer."""
    recorded = complete.recorded
    parts = [await _closed(client, part) for part in complete.parts]
    path = shelf.place(recorded.id)
    bodies = [body for status, body in parts if status == 200]
    if not bodies and path.exists():
        return True  # an earlier process has fetched it, and could not write that down any more
    try:
        seconds = await asyncio.to_thread(_join, path, bodies)
    except (EOFError, wave.Error) as error:
        shelf.lose(recorded, str(error))
        return False
    shelf.keep(msgspec.structs.replace(recorded, seconds=seconds))
    return True


async def _closed(client: Client, part: str) -> tuple[int, bytes]:
    """A part that Asterisk no longer writes to. It ends one when the last voice has left, says nothing, and closes the
    file a moment later: what is read until then is no WAV."""
    for _ in range(_CLOSING_TRIES):
        status, _body = await client.fetch(wire.live_recording(part))
        if status == wire.GONE:
            break
        await asyncio.sleep(_CLOSING_PAUSE_S)
    return await client.fetch(wire.stored_recording(part, "/file"))


def _join(path: Path, parts: list[bytes]) -> float:
    """Write the parts of a recording as one WAV; how many seconds it has."""
    samples = 0
    with wave.open(str(path), "wb") as whole:
        whole.setparams((1, _SAMPLE_BYTES, _SAMPLES_PER_S, 0, "NONE", ""))
        for part in parts:
            with wave.open(BytesIO(part)) as one:
                samples += one.getnframes()
                whole.writeframes(one.readframes(one.getnframes()))
    return samples / _SAMPLES_PER_S
