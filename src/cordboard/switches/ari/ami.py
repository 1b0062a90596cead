"""AMI: the one thing that ARI has no request for, SIP NOTIFY to a telephone (asterisk §2).

A connection is made when it is first needed and kept. A notice is answered once, within ``TIMEOUT_S``. The grammar is
in plain functions (``written``, ``read``), the rest waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

TIMEOUT_S = 3.0
"""How long a connection, a login or an answer may take."""
_LINES_MAX = 200
_SUMMARY = "application/simple-message-summary"


class AmiSettings(msgspec.Struct, frozen=True):
    host: str
    port: int
    user: str
    password: str

    def __repr__(self) -> str:
        """Without the password: it ends up in log lines and tracebacks."""
        return f"AmiSettings({self.host!r}, {self.port}, {self.user!r})"


def written(fields: Mapping[str, str]) -> bytes:
    """An action. Line ends in values would begin fields of their own: they are left out."""
    lines = [f"{key}: {value.translate(_NO_LINE_ENDS)}\r\n" for key, value in fields.items()]
    return "".join(lines).encode() + b"\r\n"


_NO_LINE_ENDS = str.maketrans("", "", "\r\n")


def read(lines: list[bytes]) -> dict[str, str]:
    """The fields of one message."""
    pairs = (line.decode(errors="replace").partition(":") for line in lines)
    return {key.strip(): value.strip() for key, _, value in pairs}


class Ami:
    """Sends notices, one after the other."""

    def __init__(self, settings: AmiSettings | None) -> None:
        self._settings = settings
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()
        self._count = 0

    async def notify(self, channel: str, event: str) -> str:
        """Send a NOTIFY within the dialog of ``channel``. Returns why that was not possible, or ""."""
        return await self._send({"Action": "PJSIPNotify", "Channel": channel, "Variable": f"Event={event}"})

    async def message_waiting(self, endpoint: str, new: int, heard: int) -> str:
        """Tell a telephone how many messages wait (RFC 3842). Returns why that was not possible, or ""."""
        lines = (f"Messages-Waiting: {'yes' if new else 'no'}", f"Voice-Message: {new}/{heard}")
        variables = ("Event=message-summary", f"Content-type={_SUMMARY}", *(f"Content={line}" for line in lines))
        return await self._send({"Action": "PJSIPNotify", "Endpoint": endpoint, "Variable": ",".join(variables)})

    async def _send(self, fields: Mapping[str, str]) -> str:
        if self._settings is None:
            return "telephones can't be notified: the configuration names no manager (switch.asterisk.ami)"
        failure = ""
        async with self._turn:
            for _ in range(2):  # a connection that was kept may be stale
                try:
                    return await asyncio.wait_for(self._ask(self._settings, fields), TIMEOUT_S)
                except (OSError, EOFError, TimeoutError, ValueError) as error:
                    self.close()
                    failure = str(error) or "no answer"
        return f"the manager at {self._settings.host}:{self._settings.port}: {failure}"

    async def _ask(self, settings: AmiSettings, fields: Mapping[str, str]) -> str:
        if self._streams is None:
            self._streams = await asyncio.open_connection(settings.host, settings.port)
            await self._streams[0].readline()  # what it is and its version
            login = {"Action": "Login", "Username": settings.user, "Secret": settings.password, "Events": "off"}
            failure = await self._exchange(*self._streams, login)
            if failure:
                self.close()
                return f"the manager refuses the login of {settings.user!r}: {failure}"
        return await self._exchange(*self._streams, fields)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fields: Mapping[str, str]
    ) -> str:
        self._count += 1
        writer.write(written({**fields, "ActionID": str(self._count)}))
        while True:
            answer = read(await self._message(reader))
            if answer.get("ActionID") == str(self._count) and "Response" in answer:
                return "" if answer["Response"] == "Success" else answer.get("Message", "refused")

    async def _message(self, reader: asyncio.StreamReader) -> list[bytes]:
        lines: list[bytes] = []
        while (line := await reader.readline()) != b"\r\n":
            if not line or len(lines) == _LINES_MAX:
                raise EOFError("the connection was closed")
            lines.append(line)
        return lines

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
