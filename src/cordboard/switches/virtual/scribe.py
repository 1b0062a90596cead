"""The scribe: writes recordings of the imitation exchange to the shelf, by threads, so that nobody waits for a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from cordboard.calls.ports import Shelf
from cordboard.calls.recordings import Recorded
from cordboard.switches.virtual.wav import write


class Scribe:
    """Without a ``shelf`` recordings are not kept."""

    def __init__(self, shelf: Shelf | None) -> None:
        self._shelf = shelf
        self._writing: set[asyncio.Future[None]] = set()

    def save(self, recorded: Recorded, then: Callable[[], None] | None = None) -> None:
        """Write it; ``then`` is called when it is kept, or lost for good, which the shelf has been told."""
        then = then or _nothing
        shelf = self._shelf
        if shelf is None:
            then()
            return
        try:
            path = shelf.place(recorded.id)
        except OSError as error:
            shelf.lose(recorded, str(error))
            then()
            return
        writing = asyncio.get_running_loop().run_in_executor(None, write, path, recorded)
        self._writing.add(writing)
        writing.add_done_callback(partial(self._written, shelf, recorded, then))

    def _written(
        self, shelf: Shelf, recorded: Recorded, then: Callable[[], None], writing: asyncio.Future[None]
    ) -> None:
        self._writing.discard(writing)
        error = writing.exception()
        if error is None:
            shelf.keep(recorded)
        else:
            shelf.lose(recorded, str(error))
        then()

    async def finish(self) -> None:
        """Until all that was to be written is."""
        if self._writing:
            await asyncio.wait(self._writing)


def _nothing() -> None:
    """Nobody wants to know."""
