"""A person at a real browser who has a keyboard and no mouse, and who knows of a page what a screen reader would say.

Pages run no script of their own here. The browser is driven over its DevTools protocol.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from tests.acceptance import browser, npm_packages
from websockets.sync.client import ClientConnection, connect

DEADLINE_S = 20.0
_STOP_S = 10
_PORT_FILE = "DevToolsActivePort"
_KEYS = {"Tab": (9, ""), "Enter": (13, "\r")}
_AXE = npm_packages.HERE / "node_modules" / "axe-core" / "axe.min.js"
_JUDGE = """axe.run(document, {preload: false}).then(({passes, violations, incomplete}) => ({
  passes: passes.length,
  faults: [...violations, ...incomplete].map(({id, nodes}) => id + ": " + nodes.map(node => node.html).join(" ")),
}))"""
_SAID = frozenset(("heading", "textbox", "button", "alert", "link"))


class Person:
    """Opens pages, presses keys, types, and reads."""

    def __init__(self, socket: ClientConnection) -> None:
        self.complaints: list[str] = []
        self._socket = socket
        self._last = 0
        self._loads = 0
        for domain in ("Page", "Log", "Accessibility"):
            self._ask(f"{domain}.enable")
        self._ask("Emulation.setScriptExecutionDisabled", value=True)

    def open(self, address: str) -> None:
        self._loading(lambda: self._ask("Page.navigate", url=address))

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self._press(key)

    def enter(self) -> None:
        """Press Enter, and wait for the page that follows."""
        self._loading(lambda: self._press("Enter"))

    def type(self, text: str) -> None:
        self._ask("Input.insertText", text=text)

    @property
    def hears(self) -> list[tuple[str, str]]:
        """What is on the page, in order: roles and names."""
        nodes = self._ask("Accessibility.getFullAXTree")["nodes"]
        said = [(_value(node, "role"), _value(node, "name")) for node in nodes if not node["ignored"]]
        return [(role, name) for role, name in said if role in _SAID]

    @property
    def focus(self) -> tuple[str, str, str]:
        """Where the keyboard is: role, name, and what else is said of it."""
        for node in self._ask("Accessibility.getFullAXTree")["nodes"]:
            focused = [part for part in node.get("properties", ()) if part["name"] == "focused"]
            if focused and focused[0]["value"]["value"] and _value(node, "role") in _SAID:
                return _value(node, "role"), _value(node, "name"), _value(node, "description")
        return "", "", ""

    def faults(self, width: int = 1_280) -> list[str]:
        """What axe finds wrong with the page in a window that is so wide, and whether one must scroll sideways."""
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        self._ask("Emulation.setScriptExecutionDisabled", value=False)
        try:
            self._evaluate(_AXE.read_text("utf-8"))
            found = self._evaluate(_JUDGE)
            wide = self._evaluate("document.documentElement.scrollWidth")
        finally:
            self._ask("Emulation.setScriptExecutionDisabled", value=True)
            self._ask("Emulation.clearDeviceMetricsOverride")
        assert found["passes"] > 10, found
        return [*found["faults"], *([f"{wide} pixels wide"] if wide > width else [])]

    def _evaluate(self, script: str) -> Any:
        answer = self._ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    @property
    def address(self) -> str:
        history = self._ask("Page.getNavigationHistory")
        return str(history["entries"][history["currentIndex"]]["url"])

    def _press(self, key: str) -> None:
        code, text = _KEYS[key]
        known = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self._ask("Input.dispatchKeyEvent", type="keyDown", **known, **({"text": text} if text else {}))
        self._ask("Input.dispatchKeyEvent", type="keyUp", **known)

    def _loading(self, act: Callable[[], object]) -> None:
        before = self._loads
        act()
        deadline = time.monotonic() + DEADLINE_S
        while self._loads == before:
            self._hear(deadline)

    def _ask(self, method: str, **parameters: object) -> Any:
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": parameters}))
        deadline = time.monotonic() + DEADLINE_S
        while True:
            heard = self._hear(deadline)
            if heard.get("id") == self._last:
                assert "error" not in heard, heard
                return heard["result"]

    def _hear(self, deadline: float) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(self._socket.recv(timeout=max(0.0, deadline - time.monotonic())))
        if heard.get("method") == "Page.loadEventFired":
            self._loads += 1
        elif heard.get("method") == "Log.entryAdded":
            self.complaints.append(str(heard["params"]["entry"]["text"]))
        return heard


def _value(node: dict[str, Any], name: str) -> str:
    return str(node.get(name, {}).get("value", ""))


@contextlib.contextmanager
def at_a_browser() -> Iterator[Person]:
    """A browser of their own, without a window."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [browser.program(), *browser.FLAGS, "--remote-debugging-port=0", f"--user-data-dir={folder}"]
        process = subprocess.Popen([*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with connect(_page(process, Path(folder) / _PORT_FILE), max_size=None, proxy=None) as socket:
                yield Person(socket)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            finally:
                process.kill()
                process.wait()


def _page(process: subprocess.Popen[bytes], file: Path) -> str:
    """The address at which the browser's only page can be driven; the browser writes its port into a file."""
    deadline = time.monotonic() + DEADLINE_S
    while not (file.exists() and file.read_text().count("\n")):
        assert process.poll() is None, "the browser ended"
        assert time.monotonic() < deadline, "the browser did not start"
        time.sleep(0.05)
    port = file.read_text().split("\n")[0]
    pages = httpx.get(f"http://127.0.0.1:{port}/json/list", trust_env=False).json()
    (address,) = [page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page"]
    return str(address)
