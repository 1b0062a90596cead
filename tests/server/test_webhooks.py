"""Webhooks arrive, in order, whatever receivers do meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from cordboard.calls.ports import Line
from cordboard.server import webhooks as module
from cordboard.server.keeping import CannotKeepError
from cordboard.server.webhooks import Lines, Shelf, Taken, WebhookLimits, Webhooks
from cordboard.uapi import outgoing
from cordboard.uapi.subscriptions import Message, Subscription

LIMITS = WebhookLimits(timeout_s=2.0, tries=4, pause_s=0.01, pause_max_s=0.02, queue_max=5, per_receiver_max=3)


class Receiver:
    """A server that notes what it gets and answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.ids: list[str] = []
        self.answers: list[int] = []
        self.hang = asyncio.Event()
        self.news = asyncio.Event()
        self.base = ""
        self.hangs = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        form = (await request.read()).decode()
        if request.path == "/hang":
            self.hangs.set()
            await self.hang.wait()
        self.got.append(f"{request.method} {request.raw_path} {form}".strip())
        self.ids.append(request.headers.get("Webhook-Id", ""))
        self.news.set()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(5):
            while len(self.got) < count:
                self.news.clear()
                await self.news.wait()
        return self.got


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    made.hang.set()
    await runner.cleanup()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
async def other() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


Start = Callable[[Shelf], Awaitable[Webhooks]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    started: list[Webhooks] = []

    async def make(shelf: Shelf) -> Webhooks:
        webhooks = Webhooks(shelf, LIMITS)
        await webhooks.start()
        started.append(webhooks)
        return webhooks

    yield make
    for webhooks in started:
        await webhooks.stop()


def posted(receiver: Receiver, form: str, lane: str = "a", path: str = "/", subscription: str = "s") -> Message:
    return Message(subscription, lane, receiver.base + path, form)


@pytest.mark.uapi("3.1 tries", "3.1 order of a call", "3.1 redirects")
async def test_what_fails_is_tried_again_before_what_follows_it(receiver: Receiver, start: Start) -> None:
    receiver.answers = [500, 302, 204]
    webhooks = await start(Shelf(""))
    webhooks.send([posted(receiver, "n=1"), posted(receiver, "n=2"), Message("s", "a", f"{receiver.base}/?n=3")])
    assert await receiver.until(5) == ["POST / n=1"] * 3 + ["POST / n=2", "GET /?n=3"]


@pytest.mark.uapi("3.1 tries")
async def test_one_that_is_never_taken_is_given_up(receiver: Receiver, start: Start) -> None:
    receiver.answers = [500] * LIMITS.tries
    webhooks = await start(Shelf(""))
    webhooks.send([posted(receiver, "n=1"), posted(receiver, "n=2")])
    assert (await receiver.until(LIMITS.tries + 1))[-1] == "POST / n=2"
    await asyncio.gather(*webhooks._tasks.values())
    assert webhooks.figures() == (0, 1, LIMITS.tries, 1)


@pytest.mark.uapi("3.1 a receiver that hangs")
async def test_a_receiver_that_hangs_delays_nobody_else(receiver: Receiver, start: Start) -> None:
    webhooks = await start(Shelf(""))
    webhooks.send([posted(receiver, "n=1", lane="a", path="/hang"), posted(receiver, "n=2", lane="b")])
    assert await receiver.until(1) == ["POST / n=2"]


async def test_nobody_there(start: Start, receiver: Receiver) -> None:
    webhooks = await start(Shelf(""))
    webhooks.send([Message("s", "a", "http://127.0.0.1:1/", "n=1"), posted(receiver, "n=2")])
    assert await receiver.until(1) == ["POST / n=2"]


@pytest.mark.uapi("3.1 by GET")
async def test_an_address_is_sent_as_it_was_registered(receiver: Receiver, start: Start) -> None:
    webhooks = await start(Shelf(""))
    webhooks.send([Message("s", "a", f"{receiver.base}/a%2Fb%2A?sign=x%2By%2F%3D&n=a+b#top")])
    assert await receiver.until(1) == ["GET /a%2Fb%2A?sign=x%2By%2F%3D&n=a+b"]


@pytest.mark.uapi("3.1 restart")
async def test_what_waits_outlasts_a_restart(receiver: Receiver, start: Start, tmp_path: Path) -> None:
    file = tmp_path / "uapi.db"
    shelf = Shelf(str(file))
    subscription = Subscription("s", "210", "0", receiver.base)
    shelf.save([subscription])
    first = Webhooks(shelf, LIMITS)
    await first.start()
    first.send([posted(receiver, "n=1", path="/hang"), posted(receiver, "n=2")])
    await asyncio.sleep(0)
    await first.stop()
    assert file.stat().st_mode & 0o077 == 0
    receiver.hang.set()
    again = Shelf(str(file))
    assert again.load() == [subscription]
    await start(again)
    assert (await receiver.until(2))[-2:] == ["POST /hang n=1", "POST / n=2"]


def journal(*messages: Message) -> Lines:
    """These are the second line and those behind it."""
    lines = [Line("ask", 0.0, b""), *outgoing.lines(messages, 0, 1.0)]
    return lambda after: list(enumerate(lines, 1))[after:]


def everybody(_message: Message) -> bool:
    return True


@pytest.mark.uapi("3.1 restart")
async def test_what_a_former_run_left_in_the_journal_is_sent(receiver: Receiver, start: Start, tmp_path: Path) -> None:
    file = str(tmp_path / "uapi.db")
    one, two, unwanted, three = (
        msgspec.structs.replace(posted(receiver, f"n={number}", subscription=subscription), id=f"id{number}")
        for number, subscription in ((1, "s"), (2, "s"), (3, "gone"), (4, "s"))
    )
    first = Webhooks(Shelf(file), LIMITS)
    assert first.catch_up(0, journal(), everybody) == 0
    first.send([one], Taken(1, 2))
    first._shelf.put([two])  # which could not be noted as taken over
    await first.stop()
    shelf = Shelf(file)
    second = Webhooks(shelf, LIMITS)
    lines = journal(one, two, unwanted, three)
    assert second.catch_up(4, lines, lambda message: message.subscription == "s") == 4
    assert shelf.taken() == Taken(4, 2)
    await second.start()
    assert await receiver.until(3) == ["POST / n=1", "POST / n=2", "POST / n=4"]
    assert receiver.ids == ["id1", "id2", "id4"]
    await second.stop()
    third = Webhooks(Shelf(file), LIMITS)
    assert third.catch_up(4, lines, everybody) == 4
    assert third.catch_up(2, lines, everybody) == 4, "the journal is an older copy"
    await third.stop()


async def test_a_new_file_has_nothing_to_catch_up_with(receiver: Receiver) -> None:
    shelf = Shelf("")
    webhooks = Webhooks(shelf, LIMITS)
    assert webhooks.catch_up(1, journal(posted(receiver, "n=1")), everybody) == 1
    assert (shelf.taken(), shelf.waiting()) == (Taken(1, 0), [])
    await webhooks.stop()


async def test_what_is_found_and_can_t_be_kept_is_sent_all_the_same(
    receiver: Receiver, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf("")
    webhooks = Webhooks(shelf, LIMITS)
    webhooks.send([], Taken(0, 0))
    put = shelf.put
    monkeypatch.setattr(shelf, "put", lambda messages, taken=None: [0] * len(messages))
    webhooks.catch_up(1, journal(posted(receiver, "n=1")), everybody)
    await webhooks.start()
    monkeypatch.setattr(shelf, "put", put)
    webhooks.send([posted(receiver, "n=2")], Taken(2, 3))
    assert shelf.taken() == Taken(0, 0), "the first is still nowhere"
    assert await receiver.until(2) == ["POST / n=1", "POST / n=2"]
    await asyncio.gather(*webhooks._tasks.values())
    webhooks.send([posted(receiver, "n=3")], Taken(3, 4))
    assert shelf.taken() == Taken(3, 4)
    await receiver.until(3)
    await webhooks.stop()


@pytest.mark.uapi("3.1 bounded queue")
async def test_too_many_are_bounded_and_forgotten_ones_go(receiver: Receiver, start: Start) -> None:
    webhooks = await start(Shelf(""))
    webhooks.send([posted(receiver, "n=0", path="/hang", lane="h")])
    await asyncio.sleep(0)
    webhooks.send([posted(receiver, f"n={number}", path="/hang", lane="h") for number in range(1, 8)])
    webhooks.send([posted(receiver, "gone", path="/hang", lane="h", subscription="gone")])
    webhooks.forget(["gone"])
    receiver.hang.set()
    # The one that was being sent arrives; of those that waited the oldest went.
    assert await receiver.until(5) == [f"POST /hang n={number}" for number in (0, 4, 5, 6, 7)]


async def test_one_that_hangs_does_not_crowd_out_those_that_were_delivered(receiver: Receiver, start: Start) -> None:
    webhooks = await start(Shelf(""))
    webhooks.send([posted(receiver, "first", path="/hang", lane="h")])
    for number in range(3 * LIMITS.queue_max):  # a lane that is done is begun again by who comes next
        webhooks.send([posted(receiver, f"n={number}", lane="x")])
        await receiver.until(number + 1)
    receiver.hang.set()
    assert (await receiver.until(3 * LIMITS.queue_max + 1))[-1] == "POST /hang first"


@pytest.mark.uapi("3.1 a receiver that hangs")
async def test_one_receiver_gets_so_many_at_once_and_others_don_t_wait_for_it(
    receiver: Receiver, start: Start, other: Receiver
) -> None:
    webhooks = await start(Shelf(""))
    webhooks.send([posted(receiver, "", lane=f"h{number}", path="/hang") for number in range(LIMITS.per_receiver_max)])
    webhooks.send([posted(receiver, "late", lane="l"), posted(other, "n=1", lane="o")])
    assert await other.until(1) == ["POST / n=1"]
    assert receiver.got == []
    receiver.hang.set()
    assert "POST / late" in await receiver.until(LIMITS.per_receiver_max + 1)


async def test_what_is_no_longer_wanted_is_not_tried_again(receiver: Receiver, start: Start) -> None:
    webhooks = await start(Shelf(""))
    webhooks.send([posted(receiver, "gone", path="/hang", subscription="gone"), posted(receiver, "n=2")])
    await asyncio.wait_for(receiver.hangs.wait(), 5)
    webhooks.forget(["gone"])
    receiver.answers = [500]
    receiver.hang.set()
    assert await receiver.until(2) == ["POST /hang gone", "POST / n=2"]


async def test_a_disk_that_is_full_keeps_nothing_from_anybody(receiver: Receiver, start: Start) -> None:
    shelf = Shelf("")
    webhooks = await start(shelf)
    shelf.close()
    with capture_logs() as logs:
        webhooks.send([posted(receiver, "n=1"), posted(receiver, "n=2")])
        assert await receiver.until(2) == ["POST / n=1", "POST / n=2"]
    assert {log["event"] for log in logs} == {"a webhook can't be kept"}


async def test_one_that_can_t_be_struck_off_is_delivered_once_by_this_process(receiver: Receiver, start: Start) -> None:
    shelf = Shelf("")
    webhooks = await start(shelf)
    webhooks.send([posted(receiver, "n=1", path="/hang")])
    await asyncio.wait_for(receiver.hangs.wait(), 5)
    shelf.close()
    with capture_logs() as logs:
        receiver.hang.set()
        await receiver.until(1)
        await asyncio.gather(*webhooks._tasks.values())
    assert [log["event"] for log in logs] == ["a webhook can't be struck off"]


async def test_whatever_goes_wrong_ends_no_lane(receiver: Receiver, start: Start) -> None:
    webhooks = await start(Shelf(""))
    webhooks.send([Message("s", "a", "http://[::1", "n=1"), posted(receiver, "n=2")])
    assert await receiver.until(1) == ["POST / n=2"]


@pytest.mark.parametrize("is_room_for_one", [True, False])
async def test_a_start_on_a_full_disk_reads_what_is_there(
    is_room_for_one: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "x.db")
    shelf = Shelf(path)
    shelf.put([Message("s", "a", "http://there", "n=1")])
    shelf.close()
    connect, tried = module._connect, []

    def full(path: str, locking: str) -> sqlite3.Connection:
        tried.append(locking)
        if locking == "NORMAL" or not is_room_for_one:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
            raise error
        return connect(path, locking)

    monkeypatch.setattr(module, "_connect", full)
    if is_room_for_one:
        shelf = Shelf(path)
        assert [message.form for _, message in shelf.waiting()] == ["n=1"]
        shelf.close()
    else:
        with pytest.raises(CannotKeepError, match="disk I/O error"):
            Shelf(path)
    assert tried == ["NORMAL", "EXCLUSIVE"]


def test_a_file_that_can_t_be_had(tmp_path: Path) -> None:
    with pytest.raises(CannotKeepError, match="nowhere"):
        Shelf(str(tmp_path / "nowhere" / "x.db"))
    (tmp_path / "x.db").write_bytes(b"nonsense" * 100)
    with pytest.raises(CannotKeepError, match="not a database"):
        Shelf(str(tmp_path / "x.db"))


async def test_one_that_never_started_can_be_stopped() -> None:
    await Webhooks(Shelf(""), LIMITS).stop()
