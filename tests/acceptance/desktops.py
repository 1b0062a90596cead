"""Desktops: one client each, in a process of its own: npm's CometD client (desktop.js) or another one.

Starting node costs more than a whole test, so processes are kept for the next test; clients are not.
"""

from __future__ import annotations

import collections
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from tests.acceptance.line_reader import LineReader
from tests.acceptance.npm_packages import HERE

Event = dict[str, Any]
DEADLINE_S = 8.0
"""How long anything may take that is expected to happen at once."""


class Lines(Protocol):
    """Where the events come from."""

    def next(self, timeout_s: float) -> str | None:
        """The next event as JSON; None if there will be no more. Raises TimeoutError."""


class Driver(Protocol):
    """What runs one client after the other: takes commands and tells events, as desktop.js does."""

    lines: Lines

    def tell(self, **command: Any) -> None: ...

    def close(self) -> None: ...


class ProcessDriver:
    """A process that runs desktop.js, or another program with the same commands and events."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._stdin = self.process.stdin
        self._reader = LineReader(self.process.stdout)
        self.lines: Lines = self._reader

    def tell(self, **command: Any) -> None:
        self._stdin.write(json.dumps(command) + "\n")
        self._stdin.flush()

    def close(self) -> None:
        """Standard input ends, and with it the process."""
        self.process.send_signal(signal.SIGCONT)
        try:
            self._stdin.close()
            self.process.wait(DEADLINE_S)
        finally:
            self.process.kill()
            self.process.wait()
            self._reader.close()


class Drivers:
    """Those that run, and those of them that have nothing to do."""

    def __init__(self, start: Callable[[], Driver]) -> None:
        self._start = start
        self._all: list[Driver] = []
        self._idle: list[Driver] = []
        self._lock = threading.Lock()

    def take(self) -> Driver:
        with self._lock:  # several stories may be told at once
            if not self._idle:
                self._all.append(self._start())
                return self._all[-1]
            return self._idle.pop()

    def give_back(self, driver: Driver) -> None:
        self._idle.append(driver)

    def drop(self, driver: Driver) -> None:
        self._all.remove(driver)
        driver.close()

    def close(self) -> None:
        for driver in self._all:
            driver.close()


class Desktop:
    """One CometD client, connected and subscribed. Notifications come in order; other events are looked at by name.

    ``start`` are the options of desktop.js: ``url``, ``transport``, ``headers`` or ``cookie``, ``channels``.
    """

    def __init__(self, drivers: Drivers, start: Mapping[str, Any]) -> None:
        self._drivers = drivers
        self._driver = drivers.take()
        self._messages: collections.deque[Event] = collections.deque()
        self._events: collections.deque[Event] = collections.deque()
        self._running = True
        self._options = start
        self.client_id = ""
        self._driver.tell(do="start", **start)

    @classmethod
    def connected(cls, drivers: Drivers, **start: Any) -> Desktop:
        """A desktop whose handshake and subscriptions have succeeded."""
        desktop = cls(drivers, start)
        handshake = desktop.event("handshake")
        assert handshake["successful"], handshake
        assert handshake["transport"] == start["transport"], handshake
        desktop.client_id = handshake["clientId"]
        for channel in start["channels"]:
            assert desktop.event("subscribed") == _subscribed(channel)
        return desktop

    def message(self) -> Event:
        """The next notification, as the client handed it to its subscriber."""
        while not self._messages:
            self._read()
        return self._messages.popleft()["message"]  # type: ignore[no-any-return]

    def event(self, name: str, wanted: Callable[[Event], bool] = lambda _: True) -> Event:
        """The next event with this name that is wanted; what came before it is forgotten, but not notifications."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            while self._events:
                event = self._events.popleft()
                if event["event"] == name and wanted(event):
                    return event
            assert time.monotonic() < deadline, f"no {name}"
            self._read()

    def was_told(self, name: str) -> bool:
        """Whether there was an event with this name since the last that was looked at."""
        return any(event["event"] == name for event in self._events)

    def any_event(self) -> Event:
        """The next event, whatever it is, but not a notification."""
        while not self._events:
            self._read()
        return self._events.popleft()

    def seen(self, name: str) -> list[Event]:
        """Events with this name that came along while something else was awaited."""
        return [event for event in self._events if event["event"] == name]

    def forget_messages(self) -> int:
        """Forget the notifications that came before the last event; how many there were."""
        count = len(self._messages)
        self._messages.clear()
        return count

    def subscribe(self, channel: str) -> Event:
        self._driver.tell(do="subscribe", channel=channel)
        return self.event("subscribed")

    def unsubscribe(self, channel: str) -> Event:
        self._driver.tell(do="unsubscribe", channel=channel)
        return self.event("unsubscribed")

    def publish(self, channel: str, data: Event) -> Event:
        self._driver.tell(do="publish", channel=channel, data=data)
        return self.event("published")

    def reload(self) -> None:
        """The page is loaded anew, and starts its client as it did before; for browsers."""
        self._driver.tell(do="reload")
        self.event("loaded")
        self._driver.tell(do="start", **self._options)

    def suspend(self) -> None:
        """Close the lid of the laptop: the process stops where it is."""
        assert isinstance(self._driver, ProcessDriver)
        self._driver.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert isinstance(self._driver, ProcessDriver)
        self._driver.process.send_signal(signal.SIGCONT)

    def disconnect(self) -> None:
        """Say goodbye as a client does; the desktop is of no more use afterwards."""
        if self._running:
            self._running = False
            self._driver.tell(do="stop")
            self.event("stopped")
            self._drivers.give_back(self._driver)

    def abandon(self) -> None:
        """For a client that can't say goodbye because its server is gone."""
        self._running = False
        self._drivers.drop(self._driver)

    def _read(self) -> None:
        line = self._driver.lines.next(DEADLINE_S)
        assert line is not None, "the desktop's process ended"
        event: Event = json.loads(line)
        (self._messages if event["event"] == "message" else self._events).append(event)


def _subscribed(channel: str) -> Event:
    return {"event": "subscribed", "channel": channel, "successful": True, "error": None}
