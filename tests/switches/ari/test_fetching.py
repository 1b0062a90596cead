"""Recordings that are complete come home, whatever becomes of links and processes meanwhile."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from cordboard.calls.recordings import Recorded
from cordboard.switches.ari import fetching
from cordboard.switches.ari.fetching import Fetching
from cordboard.switches.ari.taping import Complete
from cordboard.switches.ari.wire import GONE, Request

RECORDED = Recorded("rec", "mix", "call", "5000", ("5000",), 2.0, 0.0)
COMPLETE = Complete(RECORDED, ("rec", "rec.2"))


def a_wav(seconds: float) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * int(8000 * seconds))
    return content.getvalue()


class Site:
    """Asterisk and the shelf; stands in for the connection, too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, bytes] = {"rec": a_wav(1.0), "rec.2": a_wav(0.5)}
        self.writing: list[str] = []
        self.failure: Exception | None = None
        self.linked = True
        self.kept: list[Recorded] = []
        self.lost: list[str] = []
        self.noted: dict[str, tuple[Recorded, tuple[str, ...]]] = {}
        self.errands: list[Coroutine[None, None, None]] = []
        self.fetching = self.made()

    def made(self, *, shelf: bool = True) -> Fetching:
        return Fetching(self if shelf else None, self._client, self.errands.append)

    def _client(self) -> Any:
        return self if self.linked else None

    async def run(self) -> None:
        errands, self.errands[:] = list(self.errands), []
        await asyncio.gather(*errands)

    # -- a connection ------------------------------------------------------------------------------------------------

    async def fetch(self, request: Request) -> tuple[int, bytes]:
        if self.failure is not None:
            raise self.failure
        _, where, part, *_ = request.path.split("/")
        if where == "live":
            return (200, b"{}") if self.writing and self.writing.pop() == part else (GONE, b"")
        return (200, self.files[part]) if part in self.files else (GONE, b"")

    def send(self, request: Request, _number: str) -> None:
        assert request.method == "DELETE"
        del self.files[request.path.rpartition("/")[2]]

    # -- a shelf -----------------------------------------------------------------------------------------------------

    def place(self, recording: str) -> Path:
        return self.folder / f"{recording}.wav"

    def keep(self, recorded: Recorded) -> None:
        del self.noted[recorded.id]
        self.kept.append(recorded)

    def lose(self, recorded: Recorded, why: str) -> None:
        del self.noted[recorded.id]
        self.lost.append(why)

    def expect(self, recorded: Recorded, parts: tuple[str, ...]) -> None:
        self.noted[recorded.id] = (recorded, parts)

    def expected(self) -> list[tuple[Recorded, tuple[str, ...]]]:
        return list(self.noted.values())


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


async def test_parts_are_put_together_and_cleared_away(site: Site) -> None:
    site.fetching.take(COMPLETE)
    assert list(site.noted) == ["rec"]
    await site.run()
    assert [(one.id, one.seconds) for one in site.kept] == [("rec", 1.5)]
    with wave.open(str(site.place("rec"))) as file:
        assert file.getnframes() == 12_000
    assert (site.files, site.noted) == ({}, {})


async def test_one_that_asterisk_still_writes_is_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_CLOSING_PAUSE_S", 0)
    site.writing = ["rec", "rec"]
    site.fetching.take(COMPLETE)
    await site.run()
    assert (site.writing, len(site.kept)) == ([], 1)


async def test_one_that_is_written_for_ever_is_taken_as_it_is(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_CLOSING_TRIES", 2)
    monkeypatch.setattr(fetching, "_CLOSING_PAUSE_S", 0)
    site.writing = ["rec"] * 9
    site.fetching.take(Complete(RECORDED, ("rec",)))
    await site.run()
    assert (len(site.writing), len(site.kept)) == (7, 1)


async def test_one_that_can_t_be_read_is_lost_and_left_at_asterisk(site: Site) -> None:
    site.files["rec.2"] = b"no sound"
    site.fetching.take(COMPLETE)
    await site.run()
    assert (site.kept, len(site.lost), sorted(site.files)) == ([], 1, ["rec", "rec.2"])


@pytest.mark.parametrize("failure", [aiohttp.ClientConnectionError("broken"), OSError("disk full"), None])
async def test_what_can_t_be_fetched_now_is_fetched_with_the_next_link(site: Site, failure: Exception | None) -> None:
    site.failure, site.linked = failure, failure is not None
    with capture_logs() as logs:
        site.fetching.take(COMPLETE)
        await site.run()
    assert [log["event"] for log in logs] == ["a recording can't be fetched yet"]
    site.failure, site.linked = None, True
    site.fetching.linked()
    site.fetching.linked()
    await site.run()
    assert (len(site.kept), site.files) == (1, {})


async def test_the_next_process_fetches_what_this_one_could_not(site: Site) -> None:
    site.fetching.take(COMPLETE)
    for errand in site.errands:
        errand.close()
    site.errands.clear()
    site.made().linked()
    await site.run()
    assert len(site.kept) == 1


async def test_one_that_was_fetched_and_cleared_away_is_not_written_over(site: Site) -> None:
    site.place("rec").write_bytes(b"what was fetched")
    site.files.clear()
    site.fetching.take(Complete(RECORDED, ()))
    await site.run()
    assert (site.place("rec").read_bytes(), site.kept) == (b"what was fetched", [])


async def test_without_a_shelf_they_are_cleared_away_only(site: Site) -> None:
    made = site.made(shelf=False)
    made.take(COMPLETE)
    made.linked()
    await site.run()
    assert (site.files, site.kept) == ({}, [])
