"""The audience: two of npm's CometD clients for each user, one on each transport, that write down what they hear."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Sequence
from typing import Any

import msgspec
from tests.acceptance.desktops import ProcessDriver
from tests.acceptance.server_process import PASSWORD
from tests.chaos.notebook import Notebook
from tests.chaos.records import Handshook, Heard

CHANNEL = "/v2/me/calls"
TRANSPORTS = ("websocket", "long-polling")
PAUSE_MS = 200
START_S = 30.0
QUIET_S = 1.0
END_S = 20.0


class _Call(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    state: str
    call_type: str = ""


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    replay_id: int = 0


class _Data(msgspec.Struct, frozen=True, rename="camel"):
    message_type: str
    event: _Event = _Event()
    notification_type: str = ""
    call: _Call | None = None
    error_message: str = ""
    call_path: str = ""


class Listener:
    """One client of one user."""

    def __init__(self, node: str, url: str, user: str, transport: str, notebook: Notebook) -> None:
        self.user, self.name = user, f"{user}/{transport}"
        self.is_subscribed = threading.Event()
        self.count = 0
        self.last_at = time.monotonic()
        self._notebook = notebook
        self._driver = ProcessDriver([node, "desktop.js"])
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        headers = {}
        if transport == "websocket":
            # A WebSocket client has no other place for credentials than its address.
            url = url.replace("://", f"://{user}:{PASSWORD}@")
        else:
            headers = {"Authorization": "Basic " + base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()}
        self._driver.tell(
            do="start",
            url=f"{url}/api/v2/notifications",
            transport=transport,
            headers=headers,
            channels=[CHANNEL],
            extensions=["ack", "replay"],
            pause=PAUSE_MS,
        )

    def _listen(self) -> None:
        while True:
            try:
                line = self._driver.lines.next(60.0)
            except TimeoutError:
                continue
            if line is None:
                return
            self._understand(msgspec.json.decode(line))

    def _understand(self, event: dict[str, Any]) -> None:
        now = self._notebook.now()
        match event["event"]:
            case "handshake" if event["successful"]:
                self._notebook.write(Handshook(now, self.user, self.name, event["clientId"]))
            case "subscribed" if event["successful"]:
                self.is_subscribed.set()
            case "subscribed":
                self._notebook.fail(f"{self.name} could not subscribe: {event['error']}")
            case "message":
                self._notebook.write(self._heard(now, event["message"]["data"]))
                self.count += 1
                self.last_at = time.monotonic()
            case _:
                pass

    def _heard(self, now: float, data: dict[str, Any]) -> Heard:
        read = msgspec.convert(data, _Data)
        call = read.call
        return Heard(
            now,
            self.user,
            self.name,
            read.event.replay_id,
            call.id if call is not None else read.call_path.rpartition("/")[2],
            call.state if call is not None else "",
            read.notification_type,
            call.call_type if call is not None else read.message_type,
            read.error_message,
            msgspec.Raw(msgspec.json.encode(data)),
        )

    def close(self) -> None:
        self._driver.close()
        self._thread.join(5)


class Audience:
    """All clients of all users."""

    def __init__(self, node: str, url: str, users: Sequence[str], notebook: Notebook) -> None:
        self._listeners = [Listener(node, url, user, way, notebook) for user in users for way in TRANSPORTS]

    def wait_until_they_listen(self) -> None:
        for listener in self._listeners:
            assert listener.is_subscribed.wait(START_S), f"{listener.name} can't subscribe"

    def wait_until_all_is_heard(self) -> None:
        """Until the clients of each user have heard the same number, and nothing more comes; or for long enough."""
        deadline = time.monotonic() + END_S
        while time.monotonic() < deadline:
            counts: dict[str, set[int]] = {}
            for listener in self._listeners:
                counts.setdefault(listener.user, set()).add(listener.count)
            quiet = time.monotonic() - max(listener.last_at for listener in self._listeners)
            if quiet > QUIET_S and all(len(numbers) == 1 for numbers in counts.values()):
                return
            time.sleep(0.05)

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()
