"""The UnifiedAPI, put together: what happens is noted, told and recorded, and stops nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from cordboard.calls.events import CallChanged, Change
from cordboard.calls.model import Call, CallState, CallType
from cordboard.people.model import Account
from cordboard.server.clock import Clock
from cordboard.server.config import Config, read
from cordboard.server.config_reading import Mistakes
from cordboard.server.keeping import CannotKeepError
from cordboard.server.uapi_front import UapiFront
from cordboard.server.webhooks import Shelf

EVENTS = "/uapi/extensions/@me/5000/phoneCallEvents"
RINGS = Call("C1", "5000", "V1", "leg", CallState.RINGING, CallType.INTERNAL, "00aa00bb00000001", "5000", 1.0)
OVER = msgspec.structs.replace(RINGS, state=CallState.RELEASED)


def config(path: Path) -> Config:
    users = [{"name": name, "password": "x", "number": name} for name in ("5000", "5005")]
    made = read({"server": {"listen": "127.0.0.1:0"}, "users": users, "uapi": {"path": str(path)}}, {}, "test")
    assert not isinstance(made, Mistakes), made
    return made


class Site:
    """A front and its door; stands in for the desk and for tokens."""

    def __init__(self, path: Path) -> None:
        wanted = config(path)
        self._account = Account(wanted.directory.users[0])
        self.front = UapiFront(wanted, Clock(0.0), self, lambda: True)  # type: ignore[arg-type]
        self._door = self.front.door(self, self)  # type: ignore[arg-type]

    def account_of(self, _headers: Any, _query_string: bytes) -> Account:
        return self._account

    async def carry_out(self, _command: Any) -> None:
        raise AssertionError

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"" if body is None else msgspec.json.encode(body)}

        async def send(event: Any) -> None:
            sent.append(event)

        await self._door({"method": method, "path": path, "query_string": b"", "headers": []}, receive, send)
        return msgspec.json.decode(sent[1]["body"])

    def happens(self, *calls: Call) -> None:
        self.front.witness([CallChanged(Change.STATUS, call, frozenset()) for call in calls], 5.0)


async def test_what_happens_is_told_and_recorded_until_nobody_wants_to_know(tmp_path: Path) -> None:
    path = tmp_path / "uapi.db"
    site = Site(path)
    (made,) = await site.ask("POST", EVENTS, {"type": 0, "url": "http://127.0.0.1:1/"})
    site.happens(RINGS)
    assert [message.subscription for _, message in Shelf(str(path)).waiting()] == [made["id"]]
    assert (await site.ask("GET", "/uapi/phoneCalls/@me/@self"))["totalResults"] == 1
    site.happens(OVER)
    assert list((await site.ask("GET", "/uapi/cdr"))["entry"]) == ["00aa00bb000000000001"]
    await site.ask("DELETE", EVENTS)
    assert Shelf(str(path)).waiting() == []
    await site.front.start()
    await site.front.stop()


async def test_a_bug_here_stops_no_call(tmp_path: Path) -> None:
    site = Site(tmp_path / "uapi.db")
    with capture_logs() as logs:
        site.front.witness([CallChanged(Change.STATUS, None, frozenset())], 1.0)  # type: ignore[arg-type]
    assert [log["event"] for log in logs] == ["what happened could not be told"]


def test_a_file_that_can_t_be_had_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(CannotKeepError):
        UapiFront(config(tmp_path / "nowhere" / "uapi.db"), Clock(), None, bool)  # type: ignore[arg-type]
