"""A desktop in a real browser: Debian's Chromium without a window, on a page that this process serves (browser.html).

The page asks for commands and tells events over HTTP, so nothing but the browser itself is needed to drive it.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

from tests.acceptance import npm_packages
from tests.acceptance.desktops import Lines

_ASK_S = 20
_STOP_S = 10
_HERE = npm_packages.HERE
_COMETD = _HERE / "node_modules" / "cometd"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage")
_TYPES = {".js": "text/javascript", ".html": "text/html"}


def program() -> str:
    """The path of a browser, or what the variable CHROMIUM names; skips where there is none."""
    named = os.environ.get("CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else _PROGRAMS)), None)
    if found is None:
        npm_packages.cannot_run("Chromium is needed to try a browser (apt-get install chromium, or CHROMIUM=its path)")
    return found


class _Page:
    """What a page is to do, and what it has told."""

    def __init__(self) -> None:
        self.events: queue.Queue[str] = queue.Queue()
        self.commands: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def next(self, timeout_s: float) -> str | None:
        try:
            return self.events.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError(f"the browser told nothing within {timeout_s} s") from None

    def command(self) -> tuple[int, bytes, str]:
        """The answer to a page that asks what to do: the next command, or nothing after a while."""
        try:
            command = self.commands.get(timeout=_ASK_S)
        except queue.Empty:
            command = None
        if command is None:
            return 204, b"", "text/plain"
        return 200, json.dumps(command).encode(), "application/json"


class Site:
    """Serves the pages, one for each browser, and carries commands and events."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def page(self) -> tuple[str, _Page]:
        """The address of a new page, and how to speak with it."""
        name = str(len(self._pages))
        self._pages[name] = _Page()
        return f"{self.origin}/{name}/", self._pages[name]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        pages = self._pages

        class Handler(http.server.BaseHTTPRequestHandler):
            """``/PAGE/``, its commands and events; scripts."""

            def do_GET(self) -> None:
                _, first, *rest = self.path.split("/")
                if rest == ["command"]:
                    self._answer(*pages[first].command())
                elif rest == [""]:
                    self._file(_HERE / "browser.html")
                else:
                    self._file((_COMETD if first == "cometd" else _HERE) / self.path.rpartition("/")[2])

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                pages[self.path.split("/")[1]].events.put(body.decode())
                self._answer(204, b"", "text/plain")

            def _file(self, file: Path) -> None:
                self._answer(200, file.read_bytes(), _TYPES[file.suffix])

            def _answer(self, status: int, body: bytes, kind: str) -> None:
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # as in the standard library
                """Nothing is logged."""

        return Handler


class BrowserDriver:
    """A browser with one page. Has what ``desktops.Driver`` asks for."""

    def __init__(self, path: str, site: Site) -> None:
        address, self._page = site.page()
        self.lines: Lines = self._page
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [path, *FLAGS, f"--user-data-dir={self._folder.name}", address],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def tell(self, **command: Any) -> None:
        self._page.commands.put(command)

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        finally:
            self._process.kill()
            self._process.wait()
            self._page.commands.put(None)
            self._folder.cleanup()
