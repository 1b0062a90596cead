"""The real process, as an operator starts and ends it: command line, environment, signals, log."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx
from tests.acceptance.line_reader import LineReader

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "demo.toml"
PASSWORD = "cordboard"


class _Ending(Protocol):
    def kill(self) -> None: ...
    def close(self) -> None: ...


_Server = TypeVar("_Server", bound=_Ending)

_START_S = 60.0
_STOP_S = 10.0


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """That of this process without settings of cordboard, plus ``settings``; the sources are found uninstalled, too."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CORDBOARD_")}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), **(settings or {})}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cordboard", *arguments]


class CordboardProcess:
    """A command that listens; ``url`` is where. ``log`` is the file that standard error is added to,
    ``settings`` are environment variables."""

    def __init__(self, log: Path, arguments: Sequence[str], settings: Mapping[str, str], says: str) -> None:
        self._log = log
        self._says = says
        # What an earlier process has logged is that one's.
        self._checked = len(log.read_text("utf-8")) if log.exists() else 0
        with log.open("a", encoding="utf-8") as stderr:
            self._process = subprocess.Popen(
                command(*arguments),
                cwd=ROOT,
                env=environment(settings),
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert self._process.stdout is not None
        self._lines = LineReader(self._process.stdout)
        self.url = self._wait_until_it_listens()

    def _wait_until_it_listens(self) -> str:
        try:
            line = self._lines.next(_START_S)
        except TimeoutError:
            line = None
        if line is None or not line.startswith(self._says):
            self.kill()
            raise AssertionError(f"the process printed {line!r} and logged:\n{self.log_text()}")
        return line.removeprefix(self._says)

    def log_text(self) -> str:
        return self._log.read_text("utf-8")

    def check_log(self) -> list[dict[str, Any]]:
        """What was logged since the last look: lines of JSON, none of them an error, no traceback. Returns them."""
        text = self.log_text()
        new, self._checked = text[self._checked :], len(text)
        assert "Traceback" not in new, new
        # A path in a log line may hold what else ends lines for str.splitlines.
        lines: list[dict[str, Any]] = [json.loads(line) for line in new.split("\n") if line]
        for line in lines:
            assert line["level"] not in ("error", "critical"), line
        return lines

    def end(self) -> int:
        """SIGTERM; the exit code. Raises subprocess.TimeoutExpired if it does not end within seconds."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(_STOP_S)
        self._lines.close()
        return code

    def kill(self) -> None:
        """SIGKILL: nothing that it could do about it."""
        self._process.kill()
        self._process.wait(_STOP_S)
        self._lines.close()

    def pause(self) -> None:
        """SIGSTOP: it does nothing more, and its connections stay open."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it as an operator would, and be strict about how it goes."""
        try:
            code = self.end()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the process did not end on SIGTERM; it logged:\n{self.log_text()}") from None
        assert code == 0, self.log_text()
        self.check_log()


class ServerProcess(CordboardProcess):
    """``cordboard serve`` with examples/demo.toml on a free port of its own; ``config`` is another configuration."""

    def __init__(self, log: Path, settings: Mapping[str, str] | None = None, config: Path = DEMO) -> None:
        own = {
            "CORDBOARD_SERVER__LISTEN": "127.0.0.1:0",
            "CORDBOARD_SERVER__EXTERNAL_URL": "",
            "CORDBOARD_JOURNAL__PATH": str(log.with_suffix(".db").resolve()),
            **(settings or {}),
        }
        super().__init__(log, ["serve", "--config", str(config)], own, "cordboard listening on ")

    def client(self, number: str | None = None) -> httpx.Client:
        """An HTTP client for the API and the lab, wherever that is; with Basic credentials of the user with this
        number, if given."""
        auth = None if number is None else httpx.BasicAuth(number, PASSWORD)
        return httpx.Client(base_url=self.url, auth=auth, timeout=10, trust_env=False, follow_redirects=True)


class ExchangeProcess(CordboardProcess):
    """``cordboard exchange`` on a free port, or on one that was free before."""

    def __init__(self, log: Path, address: str = "127.0.0.1:0") -> None:
        super().__init__(log, ["exchange", "--listen", address], {}, "cordboard exchange listening on ")

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return self.url.removeprefix("http://")

    def client(self) -> httpx.Client:
        """For the lab."""
        return httpx.Client(base_url=self.url, timeout=10, trust_env=False)


@contextlib.contextmanager
def minded(server: _Server) -> Iterator[_Server]:
    """A server that must end well if the test did; if not, it is only made sure that it is gone."""
    try:
        yield server
    except BaseException:
        server.kill()
        raise
    server.close()


@contextlib.contextmanager
def serving(log: Path, settings: Mapping[str, str] | None = None, config: Path = DEMO) -> Iterator[ServerProcess]:
    """A new one, ``minded``."""
    with minded(ServerProcess(log, settings, config)) as server:
        yield server
