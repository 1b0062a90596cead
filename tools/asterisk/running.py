"""Starts an Asterisk in a folder and ends it; plain and synchronous, for fixtures and for the command line.

What it is asked over ARI is not here: whoever drives it has a client of their own.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tools.asterisk.ports import Ports, Slot
from tools.asterisk.ports import taken as find_taken

from tools.asterisk import bringing, configuring, music

_START_S = 20.0
_STOP_S = 10.0
_PAUSE_S = 0.05


class CannotStartError(Exception):
    """It ended, or did not answer, or its command line did not."""


class Asterisk:
    """One Asterisk: where to reach it, and how to treat it badly.

    ``user`` and ``password`` are those for ARI; AMI's are the same words, phones have the password, too.
    """

    user = "cordboard"
    password = "cordboard"

    def __init__(self, program: bringing.Program, base: Path, ports: Ports, asterisk_conf: Path) -> None:
        self.base = base
        self.ports = ports
        self.version = program.version
        self.address = "127.0.0.1"
        self.ari_url = f"http://127.0.0.1:{ports.http}/ari"
        self.sip_port = ports.sip
        self.ami_port = ports.ami
        self.log = base / "log" / "messages.log"
        self._command = [*program.command, "-C", str(asterisk_conf)]
        self._output = base / "log" / "output.log"
        self._slot: Slot | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        base: Path | None = None,
        *,
        ports: Ports | None = None,
        example: Path = configuring.EXAMPLE,
        address: str = "127.0.0.1",
        overlay: Mapping[str, str] | None = None,
    ) -> Asterisk:
        """One that answers, with a configuration like ``example`` and what ``overlay`` adds to its files.

        Without ``base`` it has a temporary folder, without ``ports`` some that are free. Raises CannotStartError.
        """
        program = bringing.bring()
        # A socket's path must be short, and temporary folders of test runners are not.
        temporary = None if base else tempfile.TemporaryDirectory(prefix="cordboard-asterisk-")
        folder = Path(temporary.name) if temporary else base or Path()
        slot = None if ports else Slot()
        own = slot.ports if slot else ports or Ports()
        taken = [] if slot else find_taken(address, own)
        if taken:
            raise CannotStartError(f"somebody uses port {' and '.join(map(str, taken))} already")
        outside = {"astmoddir": program.modules, "astdatadir": program.data}
        conf = configuring.write(folder, own, example=example, address=address, overlay=overlay, outside=outside)
        music.write_tone(folder / "moh" / "tone.wav")
        asterisk = cls(program, folder, own, conf)
        asterisk.address = address
        asterisk._slot, asterisk._temporary = slot, temporary
        try:
            asterisk._run()
        except BaseException:
            asterisk.stop()
            raise
        return asterisk

    # ------------------------------------------------------------------------------------------------ its life

    def _run(self) -> None:
        command = [*self._command, "-f", "-n"]
        # Whoever started it may be killed: then the kernel tells it to end.
        if shutil.which("setpriv"):
            command = ["setpriv", "--pdeathsig", "TERM", "--", *command]
        with self._output.open("ab") as output:
            # A session of its own: Ctrl-C is for the one who started it.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd=self.base
            )
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None:
                raise CannotStartError(
                    f"Asterisk ended with code {self._process.returncode}:\n{self.log_text()[-3000:]}"
                )
            if time.monotonic() > deadline:
                raise CannotStartError(f"ARI did not answer within {_START_S:.0f} s:\n{self.log_text()[-3000:]}")
            time.sleep(_PAUSE_S)

    def _answers(self) -> bool:
        """It says 404, then 503, before it is ready."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports.http, timeout=2)
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        try:
            connection.request("GET", "/ari/asterisk/info", headers={"Authorization": f"Basic {token}"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait(self, seconds: float | None = None) -> int:
        """Until it has ended; the exit code. Raises subprocess.TimeoutExpired."""
        assert self._process is not None
        return self._process.wait(seconds)

    def kill(self) -> None:
        """As if the machine had lost its power. `restart` brings it back."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_STOP_S)

    def restart(self) -> None:
        """End it, if it still runs, and start it again with the same folder and ports."""
        self._end()
        self._run()

    def stop(self) -> None:
        """End it for good; its ports are free again, a temporary folder is gone."""
        self._end()
        if self._slot:
            self._slot.release()
        if self._temporary:
            self._temporary.cleanup()

    def _end(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    # -------------------------------------------------------------------------------------------- looking inside

    def cli(self, command: str) -> str:
        """What its command line says, such as to `core show channels`. Raises CannotStartError if it is not there."""
        done = subprocess.run(
            [*self._command, "-rx", command], capture_output=True, text=True, timeout=_STOP_S, check=False
        )
        if done.returncode:
            raise CannotStartError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def log_text(self) -> str:
        """What it wrote: its log, and its output where that says more."""
        return "".join(file.read_text("utf-8", "replace") for file in (self._output, self.log) if file.exists())
