"""Webhooks: requests that tell others what happened to an extension, sent until they arrive (voipnow-uapi §3.1).

Messages of one call to one receiver keep their order: each has a lane, and a lane sends one at a time. A receiver that
hangs holds up its own lanes only. What is not delivered is tried again, ever more slowly, and kept in a file meanwhile,
so that it outlasts a restart. The queue is bounded: the oldest message that waits goes, and the log says so. What can't
be written into the file, such as on a full disk, is sent all the same, and lasts as long as the process.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import aiohttp
import msgspec
import structlog
from yarl import URL

from cordboard.calls.ports import Line
from cordboard.journal.failures import is_no_space
from cordboard.server.keeping import CannotKeepError
from cordboard.uapi import outgoing
from cordboard.uapi.subscriptions import Message, Subscription

_log = structlog.get_logger()

Lines: TypeAlias = "Callable[[int], Iterable[tuple[int, Line]]]"
"""Gives the lines of the journal behind a number."""
_ID = "Webhook-Id"
_FORM = "application/x-www-form-urlencoded"


class WebhookLimits(msgspec.Struct, frozen=True):
    """See ``config.Uapi``."""

    timeout_s: float = 5.0
    tries: int = 10
    pause_s: float = 1.0
    pause_max_s: float = 300.0
    queue_max: int = 10_000
    per_receiver_max: int = 8


class _Waiting(msgspec.Struct, eq=False):
    """A message in its lane. ``place`` counts messages in the order in which they came; ``row`` is that of the file, 0
    if it could not be written there."""

    message: Message
    place: int
    row: int
    tries: int = 0


class Taken(msgspec.Struct, frozen=True):
    """So many messages of the journal have been taken over; the last of them is this line."""

    count: int
    line: int


class Shelf:
    """The file: subscriptions and messages that wait. Without a path they last as long as the process."""

    def __init__(self, path: str) -> None:
        try:
            self._db = _connect(path, "NORMAL")
        except (sqlite3.Error, OSError) as error:
            if not (isinstance(error, sqlite3.Error) and is_no_space(Path(path), error)):
                raise _cannot_keep(path, error) from error
            try:
                # What several processes need to share a file takes space, too; alone it can be read without.
                self._db = _connect(path, "EXCLUSIVE")
            except sqlite3.Error as again:
                raise _cannot_keep(path, again) from again

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

    def put(self, messages: Sequence[Message], taken: Taken | None = None) -> list[int]:
        """Their rows; 0 for all if they can't be written. The journal's messages are here then up to ``taken``."""
        try:
            with self._db:
                self._db.execute("BEGIN")
                rows = [self._insert(message) for message in messages]
                if taken is not None:
                    self._db.execute("REPLACE INTO taken VALUES (0, ?, ?)", (taken.count, taken.line))
        except sqlite3.Error as error:
            for message in messages:
                _log.error("a webhook can't be kept", url=message.url, why=str(error))
            return [0] * len(messages)
        return rows

    def _insert(self, message: Message) -> int:
        found = self._db.execute("INSERT INTO messages (message) VALUES (?)", (msgspec.json.encode(message),))
        return int(found.lastrowid or 0)

    def taken(self) -> Taken | None:
        """None if this file is new."""
        found = self._db.execute("SELECT count, line FROM taken").fetchone()
        return Taken(*found) if found is not None else None

    def strike(self, row: int) -> None:
        """If that can't be written, the message is sent once more after a restart."""
        try:
            self._db.execute("DELETE FROM messages WHERE row = ?", (row,))
        except sqlite3.Error as error:
            _log.error("a webhook can't be struck off", row=row, why=str(error))

    def close(self) -> None:
        self._db.close()


def _connect(path: str, locking: str) -> sqlite3.Connection:
    db = sqlite3.connect(path or ":memory:", isolation_level=None)
    try:
        if path:
            Path(path).chmod(0o600)
        db.execute(f"PRAGMA locking_mode={locking}")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")  # the loop does not wait for the disk; a crash loses nothing
        db.execute("CREATE TABLE IF NOT EXISTS subscriptions (row BLOB NOT NULL)")
        db.execute("CREATE TABLE IF NOT EXISTS messages (row INTEGER PRIMARY KEY, message BLOB NOT NULL)")
        db.execute(
            "CREATE TABLE IF NOT EXISTS taken (one INTEGER PRIMARY KEY, count INTEGER NOT NULL, line INTEGER NOT NULL)"
        )
    except BaseException:
        db.close()
        raise
    return db


def _cannot_keep(path: str, error: Exception) -> CannotKeepError:
    return CannotKeepError(f"webhooks in {path}: {error}; change path in [uapi]")


class Figures(NamedTuple):
    """``queued`` wait now; the others count since the start, ``failed`` tries, not messages."""

    queued: int
    delivered: int
    failed: int
    given_up: int


class Webhooks:
    """Sends messages."""

    def __init__(self, shelf: Shelf, limits: WebhookLimits) -> None:
        self._shelf = shelf
        self._limits = limits
        self._lanes: dict[str, deque[_Waiting]] = {}
        self._waiting: dict[int, _Waiting] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._rooms: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._session: aiohttp.ClientSession | None = None
        self._places = self._unkept = 0
        self._left: list[Message] = []
        """Found in the journal, and not yet to be written here."""
        self._delivered = self._failed = self._given_up = 0

    def figures(self) -> Figures:
        """How it is going, in numbers."""
        return Figures(len(self._waiting), self._delivered, self._failed, self._given_up)

    async def start(self) -> None:
        """Begin to send, first what a former run left."""
        timeout = aiohttp.ClientTimeout(total=self._limits.timeout_s)
        connector = aiohttp.TCPConnector(limit=0)  # the limit is per receiver
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        for row, message in self._shelf.waiting():
            self._enter(message, row)
        self._unkept += len(self._left)
        for message in self._left:
            self._enter(message, 0)
        self._left = []

    async def stop(self) -> None:
        """What waits stays in the file."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        self._shelf.close()

    def catch_up(self, count: int, lines: Lines, wanted: Callable[[Message], bool]) -> int:
        """Before the start: the journal has so many messages, and a former run may not have come to take the last of
        them over. Returns how many there have been."""
        taken = self._shelf.taken()
        if taken is None:
            taken = Taken(count, 0)
            self._shelf.put((), taken)
        if taken.count < count:
            here = {message.id for _, message in self._shelf.waiting()}
            rest = outgoing.after(taken.count, lines(taken.line))
            missing = [message for message in rest if message.id not in here and wanted(message)]
            _log.info("webhooks that a former run has left in the journal are sent", count=len(missing))
            kept = self._shelf.put(missing, Taken(count, taken.line))
            self._left = [message for message, row in zip(missing, kept, strict=True) if not row]
        return max(count, taken.count)

    def send(self, messages: Sequence[Message], taken: Taken | None = None) -> None:
        """Take messages over; they are in the file when this returns. As long as one is not, because that could not be
        written, the journal's are not noted as taken over."""
        rows = self._shelf.put(messages, None if self._unkept else taken)
        self._unkept += rows.count(0)
        for message, row in zip(messages, rows, strict=True):
            if len(self._waiting) >= self._limits.queue_max:
                oldest = next(iter(self._waiting.values()))
                _log.warning("a webhook was given up: too many wait", url=oldest.message.url)
                self._remove(oldest)
                self._given_up += 1
            self._enter(message, row)

    def forget(self, subscriptions: Iterable[str]) -> None:
        """They are no longer wanted: what waits for them goes."""
        gone = frozenset(subscriptions)
        for waiting in [one for one in self._waiting.values() if one.message.subscription in gone]:
            self._remove(waiting)

    def _enter(self, message: Message, row: int) -> None:
        self._places += 1
        waiting = self._waiting[self._places] = _Waiting(message, self._places, row)
        lane = message.lane
        self._lanes.setdefault(lane, deque()).append(waiting)
        if lane not in self._tasks and self._session is not None:
            self._tasks[lane] = asyncio.create_task(self._empty(lane))

    def _remove(self, waiting: _Waiting) -> None:
        self._lanes[waiting.message.lane].remove(waiting)
        self._strike(waiting)

    def _strike(self, waiting: _Waiting) -> None:
        del self._waiting[waiting.place]
        if waiting.row:
            self._shelf.strike(waiting.row)
        else:
            self._unkept -= 1

    async def _empty(self, lane: str) -> None:
        """Send what is in a lane, one after the other."""
        waiting = self._lanes[lane]
        while waiting:
            first = waiting[0]
            delivered = await self._deliver(first)
            if first.place not in self._waiting:
                continue  # it was given up meanwhile, or is no longer wanted
            if delivered or first.tries >= self._limits.tries:
                self._remove(first)
                self._given_up += not delivered
            else:
                await asyncio.sleep(min(self._limits.pause_s * 2 ** (first.tries - 1), self._limits.pause_max_s))
        # Both at once: whoever comes next must find the lane with its task, or neither.
        del self._lanes[lane], self._tasks[lane]

    def _room_at(self, url: str) -> asyncio.Semaphore:
        """So many requests a receiver gets at once."""
        host = urlsplit(url).netloc
        return self._rooms.setdefault(host, asyncio.Semaphore(self._limits.per_receiver_max))

    async def _deliver(self, waiting: _Waiting) -> bool:
        assert self._session is not None  # started
        message = waiting.message
        waiting.tries += 1
        try:
            async with (
                self._room_at(message.url),
                self._session.request(
                    message.method,
                    URL(message.url, encoded=True),
                    data=message.form.encode() or None,
                    headers=_headers(message),
                    allow_redirects=False,  # a receiver can't send us into networks that only we can reach
                ) as response,
            ):
                why = "" if response.status < 300 else f"it answers {response.status}"
        except Exception as error:  # noqa: BLE001  # whatever it is must not end the lane
            why = str(error) or type(error).__name__
        self._failed += bool(why)
        self._delivered += not why
        if why:
            given_up = waiting.tries >= self._limits.tries
            _log.info("a webhook failed", url=message.url, why=why, tries=waiting.tries, given_up=given_up)
        return not why


def _headers(message: Message) -> dict[str, str]:
    """The same message has the same id, however often it comes."""
    headers = {_ID: message.id} if message.id else {}
    return {"Content-Type": _FORM, **headers} if message.form else headers
