"""A program that uses the UnifiedAPI, and the place where it is told of events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
from tests.acceptance.server_process import ServerProcess
from tests.acceptance.stage import Lab

_WITHIN_S = 10.0


class App:
    """A program with a token."""

    def __init__(self, server: ServerProcess, lab: Any = None) -> None:
        self.http = httpx.Client(base_url=server.url, follow_redirects=False)
        self.lab: Any = lab or Lab(self.http)
        answer = self.http.post(
            "/oauth/token.php",
            data={
                "grant_type": "client_credentials",
                "client_id": "demo",
                "client_secret": "cordboard",
                "type": "unifiedapi",
                "redirect_uri": f"{server.url}/ouath/token.php",
                "state": "0",
            },
        )
        assert answer.status_code == 200, answer.text
        self.token: str = answer.json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        self.http.headers["Content-type"] = "application/json"

    def call(self, method: str, path: str, body: object = None) -> Any:
        answer = self.http.request(method, path, json=body)
        assert answer.status_code == 200, (method, path, answer.status_code, answer.text)
        return answer.json()

    def views(self, path: str) -> list[dict[str, Any]]:
        """Those of the first phone call in a list; none if it is empty."""
        entries = self.call("GET", path)["entry"]
        return entries[0]["phoneCallView"] if entries else []

    def until_idle(self, number: str) -> None:
        self._wait(lambda: self.lab.phone(number)["state"] == "idle", f"{number} is not idle")

    def until_hears(self, number: str, names: list[str]) -> None:
        self._wait(lambda: self.lab.phone(number)["hears"] == names, f"{number} does not hear {names}")

    def until_true(self, condition: Callable[[], bool], what: str) -> None:
        self._wait(condition, f"{what} is not there")

    def _wait(self, condition: Callable[[], bool], why: str) -> None:
        deadline = time.monotonic() + _WITHIN_S
        while not condition():
            assert time.monotonic() < deadline, why
            time.sleep(0.02)

    def until(self, path: str, statuses: list[str]) -> list[dict[str, Any]]:
        """Poll, as clients do."""
        deadline = time.monotonic() + _WITHIN_S
        while True:
            views = self.views(path)
            if [view["status"] for view in views] == statuses:
                return views
            assert time.monotonic() < deadline, views
            time.sleep(0.02)


class Told(msgspec.Struct, frozen=True):
    """A webhook that has arrived."""

    method: str
    path: str
    content_type: str
    said: dict[str, str]


class Receiver:
    """Where webhooks arrive. ``answers`` are the next ones it gives, then 200; what is below ``/hang`` is answered when
    somebody sets ``hang``."""

    def __init__(self, port: int = 0) -> None:
        self.told: list[Told] = []
        self.answers: list[int] = []
        self.hang = Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                form = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
                parts = urlsplit(self.path)
                said = dict(parse_qsl(form if self.command == "POST" else parts.query, keep_blank_values=True))
                if parts.path.startswith("/hang"):
                    receiver.hang.wait(60)
                receiver.told.append(Told(self.command, parts.path, self.headers.get("Content-Type", ""), said))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.end_headers()

            do_GET = do_POST = _answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def until(self, count: int) -> list[Told]:
        deadline = time.monotonic() + _WITHIN_S
        while len(self.told) < count:
            assert time.monotonic() < deadline, self.told
            time.sleep(0.02)
        return self.told


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    receiver = Receiver(port)
    Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield receiver
    finally:
        receiver.hang.set()
        receiver.server.shutdown()
        receiver.server.server_close()
