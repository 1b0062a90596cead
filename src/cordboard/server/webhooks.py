"""Webhooks: requests that tell others what happened to an extension, sent until they arrive (voipnow-uapi §3.1).

Messages of one call to one receiver keep their order: each has a lane, and a lane sends one at a time. A receiver that
hangs holds up its own lanes only. What is not delivered is tried again, ever more slowly, and kept in a file meanwhile,
so that it outlasts a restart. The queue is bounded: the oldest message that waits goes, and the log says so.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog

from cordboard.server.keeping import CannotKeepError
from cordboard.uapi.subscriptions import Message, Subscription

_log = structlog.get_logger()


class WebhookLimits(msgspec.Struct, frozen=True):
    """See ``config.Uapi``."""

    timeout_s: float = 5.0
    tries: int = 10
    pause_s: float = 1.0
    pause_max_s: float = 300.0
    queue_max: int = 10_000
    per_receiver_max: int = 8


class _Waiting(msgspec.Struct, eq=False):
    """A message in its lane. ``row`` is its place in the file."""

    message: Message
    row: int
    tries: int = 0


class Shelf:
    """The file: subscriptions and messages that wait. Without a path they last as long as the process."""

    def __init__(self, path: str) -> None:
        try:
            self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
            if path:
                Path(path).chmod(0o600)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")  # the loop does not wait for the disk; a crash loses nothing
            self._db.execute("CREATE TABLE IF NOT EXISTS subscriptions (row BLOB NOT NULL)")
            self._db.execute("CREATE TABLE IF NOT EXISTS messages (row INTEGER PRIMARY KEY, message BLOB NOT NULL)")
        except (sqlite3.Error, OSError) as error:
            raise CannotKeepError(f"webhooks in {path}: {error}; change path in [uapi]") from error

    def load(self) -> list[Subscription]:
        rows = self._db.execute("SELECT row FROM subscriptions ORDER BY rowid").fetchall()
        return [msgspec.json.decode(row, type=Subscription) for (row,) in rows]

    def save(self, subscriptions: Iterable[Subscription]) -> None:
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM subscriptions")
            self._db.executemany(
                "INSERT INTO subscriptions VALUES (?)", [(msgspec.json.encode(one),) for one in subscriptions]
            )

    def waiting(self) -> list[tuple[int, Message]]:
        rows = self._db.execute("SELECT row, message FROM messages ORDER BY row").fetchall()
        return [(row, msgspec.json.decode(message, type=Message)) for row, message in rows]

    def put(self, message: Message) -> int:
        found = self._db.execute("INSERT INTO messages (message) VALUES (?)", (msgspec.json.encode(message),))
        return int(found.lastrowid or 0)

    def strike(self, row: int) -> None:
        self._db.execute("DELETE FROM messages WHERE row = ?", (row,))

    def close(self) -> None:
        self._db.close()


class Webhooks:
    """Sends messages. ``is_wanted`` tells whether a subscription still exists."""

    def __init__(self, shelf: Shelf, limits: WebhookLimits) -> None:
        self._shelf = shelf
        self._limits = limits
        self._lanes: dict[str, deque[_Waiting]] = {}
        self._order: deque[_Waiting] = deque()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._rooms: dict[str, asyncio.Semaphore] = {}
        self._session: aiohttp.ClientSession | None = None
        self._count = 0

    async def start(self) -> None:
        """Begin to send, first what a former run left."""
        timeout = aiohttp.ClientTimeout(total=self._limits.timeout_s)
        connector = aiohttp.TCPConnector(limit=0)  # the limit is per receiver
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        for row, message in self._shelf.waiting():
            self._enter(_Waiting(message, row))

    async def stop(self) -> None:
        """What waits stays in the file."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        self._shelf.close()

    def send(self, messages: Iterable[Message]) -> None:
        """Take messages over; they are in the file when this returns."""
        for message in messages:
            if self._count >= self._limits.queue_max:
                self._drop_oldest()
            self._enter(_Waiting(message, self._shelf.put(message)))

    def forget(self, subscription: str) -> None:
        """It is no longer wanted: what waits for it goes."""
        for lane in self._lanes.values():
            for waiting in [one for one in lane if one.message.subscription == subscription]:
                lane.remove(waiting)
                self._strike(waiting)

    def _enter(self, waiting: _Waiting) -> None:
        lane = waiting.message.lane
        self._count += 1
        self._order.append(waiting)
        self._lanes.setdefault(lane, deque()).append(waiting)
        if lane not in self._tasks and self._session is not None:
            task = self._tasks[lane] = asyncio.create_task(self._empty(lane))
            task.add_done_callback(lambda _: self._tasks.pop(lane, None))

    def _drop_oldest(self) -> None:
        while self._order:
            oldest = self._order.popleft()
            lane = self._lanes.get(oldest.message.lane)
            if lane is not None and oldest in lane:
                _log.warning("a webhook was given up: too many wait", url=oldest.message.url)
                lane.remove(oldest)
                self._strike(oldest)
                return

    def _strike(self, waiting: _Waiting) -> None:
        self._count -= 1
        self._shelf.strike(waiting.row)
        while self._order and self._order[0].row == waiting.row:
            self._order.popleft()

    async def _empty(self, lane: str) -> None:
        """Send what is in a lane, one after the other."""
        waiting = self._lanes[lane]
        while waiting:
            first = waiting[0]
            if await self._deliver(first) or first.tries >= self._limits.tries:
                if waiting and waiting[0] is first:
                    waiting.popleft()
                    self._strike(first)
            else:
                await asyncio.sleep(min(self._limits.pause_s * 2 ** (first.tries - 1), self._limits.pause_max_s))
        del self._lanes[lane]

    def _room_at(self, url: str) -> asyncio.Semaphore:
        """So many requests a receiver gets at once."""
        host = urlsplit(url).netloc
        if host not in self._rooms:
            self._rooms[host] = asyncio.Semaphore(self._limits.per_receiver_max)
        return self._rooms[host]

    async def _deliver(self, waiting: _Waiting) -> bool:
        assert self._session is not None  # started
        message = waiting.message
        waiting.tries += 1
        try:
            async with (
                self._room_at(message.url),
                self._session.request(
                    message.method,
                    message.url,
                    data=message.form.encode() or None,
                    headers={"Content-Type": "application/x-www-form-urlencoded"} if message.form else None,
                    allow_redirects=False,  # a receiver can't send us into networks that only we can reach
                ) as response,
            ):
                why = "" if response.status < 300 else f"it answers {response.status}"
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            why = str(error) or "no answer"
        if why:
            given_up = waiting.tries >= self._limits.tries
            _log.info("a webhook failed", url=message.url, why=why, tries=waiting.tries, given_up=given_up)
        return not why
