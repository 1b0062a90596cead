"""A telephone on baresip, as a second make: answers, calls, holds, hangs up, sends and takes DTMF, transfers.

It keeps to the words of pjsua_telephone.py, and leaves out what baresip's binding does not give: ``NOTIFY`` with
``Event: talk``, other refusals than 486 and 603, headers of one's own in REFER. It hears one line at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from baresip.call import Call
from baresip.config import Account, Config
from baresip.errors import AudioNotActive, AudioRestarted, BaresipError, RegistrationError, split_status
from baresip.events import Event, StackEvent
from baresip.runtime import Runtime
from baresip.ua import UserAgent
from tests.live import ears
from tests.live.phone_settings import Settings, answers_itself

_LOOPBACK = "127.0.0.1"
_TURN_S = 0.02
_AHEAD_S = 0.1
_SPEAKS_AT = 4000
_SAMPLE = 2  # bytes

_STATES = {
    Event.CALL_RINGING: "ringing_there",
    Event.CALL_PROGRESS: "ringing_there",
    Event.CALL_ESTABLISHED: "talking",
    Event.CALL_CLOSED: "ended",
}

Tell = Callable[..., None]


class Telephone:
    def __init__(self, settings: Settings, tell: Tell) -> None:
        self.settings = settings
        self.tell = tell
        self.lines: dict[int, Line] = {}
        self.muted = False
        self.second_of_voice = _second_of(settings.tone_hz)
        self._made = 0
        self._runtime = Runtime()
        self._account: UserAgent | None = None
        self._ear = ears.Ear()
        self._heard = b""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        config = Config(
            net_interface=_LOOPBACK,
            expose_headers=("Call-Info", "Alert-Info"),
            max_concurrent_calls=16,
            extra_config_text=f"sip_listen {_LOOPBACK}:{self.settings.sip_port}\n",
        )
        await self._runtime.start(config)
        account = Account(
            user=self.settings.number,
            domain=self.settings.registrar or _LOOPBACK,
            password=self.settings.password,
            reg_interval=300 if self.settings.registers and self.settings.registrar else 0,
            audio_codecs=tuple(codec.lower() for codec in self.settings.codecs),
        )
        self._account = await UserAgent.create(self._runtime, account)
        self._account.on_incoming(self._rings)

    async def register(self) -> None:
        assert self._account is not None
        try:
            await self._account.register()
        except RegistrationError as error:
            self.tell("registered", code=error.status or 0, reason=str(error), active=False)
        else:
            self.tell("registered", code=200, reason="OK", active=True)

    async def close(self) -> None:
        for line in self.lines.values():
            with contextlib.suppress(BaresipError):
                await line.call.hangup()
        if self._account is not None:
            with contextlib.suppress(BaresipError):
                await self._account.unregister()
        await self._runtime.close()

    async def do(self, what: str, asked: dict[str, Any]) -> Any:
        match what:
            case "call":
                return await self._call(**asked)
            case "mute":
                self.muted = bool(asked["on"])
            case "set":
                self.settings = msgspec.convert({**msgspec.structs.asdict(self.settings), **asked}, Settings)
            case "lines":
                return [line.told() for line in self.lines.values()]
            case _:
                await self._press(self.lines[asked.pop("line")], what, asked)
        return None

    async def _press(self, line: Line, what: str, asked: dict[str, Any]) -> None:
        match what:
            case "answer":
                await line.take()
            case "hang_up" if asked.get("code") == 486:
                await line.call.reject()
            case "hang_up":
                await line.call.hangup()
            case "hold":
                await line.hold()
            case "unhold":
                await line.unhold()
            case "dtmf":
                await line.call.send_dtmf(asked["digits"])
            case "transfer":
                self.soon(line.transfer(line.call.transfer(self.uri(asked["to"]))))
            case "transfer_to_line":
                self.soon(line.transfer(line.call.attended_transfer(self.lines[asked["other"]].call)))
            case _:
                raise ValueError(f"no such key: {what}")

    def soon(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --------------------------------------------------------------------------------------------------- lines

    def uri(self, to: str) -> str:
        return to if to.startswith("sip:") else f"sip:{to}@{self.settings.registrar or _LOOPBACK}"

    async def _call(self, to: str, headers: dict[str, str] | None = None) -> int:
        assert self._account is not None
        await self.hold_others(None)
        call = await self._account.dial(self.uri(to), headers)
        return self._line(call, "calling").number

    def _rings(self, call: Call) -> None:
        line = self._line(call, "ringing")
        message = "\r\n".join(f"{name}: {value}" for name, value in call.headers.items())
        self.tell("invite", line=line.number, message=message)
        if self.settings.refuse:
            self.soon(call.reject() if self.settings.refuse == 486 else call.hangup())
        elif answers_itself(self.settings.auto_answer, message):
            self.soon(line.take())

    def _line(self, call: Call, state: str) -> Line:
        self._made += 1
        line = self.lines[self._made] = Line(self, call, self._made, state)
        self.line_changed(line)
        return line

    def line_changed(self, line: Line) -> None:
        self.tell("line", **line.told())
        if line.state == "ended":
            del self.lines[line.number]

    async def hold_others(self, line: Line | None) -> None:
        if self.settings.holds_others:
            for other in [*self.lines.values()]:
                if other is not line and other.state == "talking":
                    await other.hold()

    # --------------------------------------------------------------------------------------------------- sound

    async def speak_and_listen(self) -> None:
        """The sound clock: what is heard in each 100 ms is told, also when nothing came at all."""
        begun, frames = time.monotonic(), 0
        size = _SAMPLE * ears.FRAME_SAMPLES
        while True:
            await asyncio.sleep(_TURN_S)
            for line in self.lines.values():
                self._heard += line.speak_and_listen()
            now = time.monotonic()
            while now >= begun + (frames + 1) * ears.FRAME_S:
                frames += 1
                sound, self._heard = self._heard[:size], self._heard[size:][-2 * size :]
                for frame in self._ear.feed((sound or self._ringing()).ljust(size, b"\0"), now):
                    self.tell("heard", at=frame.at, tones=frame.tones, level=frame.level)

    def _ringing(self) -> bytes:
        """Nobody sends sound to a telephone that is told to ring: it makes the ringing itself."""
        rings = any(line.state == "ringing_there" for line in self.lines.values())
        return _RINGBACK[: _SAMPLE * ears.FRAME_SAMPLES] if rings else b""


class Line:
    """One call on a telephone, from the first ring on."""

    def __init__(self, phone: Telephone, call: Call, number: int, state: str) -> None:
        self.call = call
        self.number = number
        self.state = state
        self._phone = phone
        self._spoken = 0
        self._code, self._reason = 0, ""
        call.on(self._happens)
        call.on_dtmf(lambda pressed: phone.tell("dtmf", line=number, digit=pressed.digit))

    def told(self) -> dict[str, Any]:
        return {
            "line": self.number,
            "state": self.state,
            "peer": self.call.peer or "",
            "code": self._code,
            "reason": self._reason,
        }

    def _happens(self, event: StackEvent) -> None:
        state = _STATES.get(event.event)
        if state is None or (self.state == "held" and state != "ended"):
            return
        self.state = state
        if state == "ended":
            status, reason = split_status(event.text or "")
            self._code, self._reason = status or 0, reason or event.text or ""
        self._phone.line_changed(self)

    async def take(self) -> None:
        await self._phone.hold_others(self)
        await self.call.answer()

    async def hold(self) -> None:
        await self.call.hold()
        self._become("held")

    async def unhold(self) -> None:
        await self._phone.hold_others(self)
        await self.call.resume()
        self._become("talking")

    def _become(self, state: str) -> None:
        self.state = state
        self._phone.line_changed(self)

    async def transfer(self, outcome: Any) -> None:
        """baresip tells the outcome only, not the progress."""
        try:
            await outcome
        except BaresipError as error:
            self._phone.tell(
                "transfer", line=self.number, code=getattr(error, "status", 0) or 0, reason=str(error), final=True
            )
        else:
            self._phone.tell("transfer", line=self.number, code=200, reason="OK", final=True)

    def speak_and_listen(self) -> bytes:
        """Keeps the voice going, and returns what has come meanwhile; nothing on hold or before there is sound."""
        if self.state in ("held", "ended"):
            return b""
        with contextlib.suppress(AudioNotActive, AudioRestarted):
            sound = self.call.audio
            info = sound.info()
            if info.tx_ready and not self._phone.muted:
                missing = int(_AHEAD_S * ears.RATE) * _SAMPLE - info.tx_buffered
                if missing > 0:
                    self._spoken += sound.write(_piece(self._phone.second_of_voice, self._spoken, missing))
            return sound.read(info.rx_capacity) if info.rx_ready else b""
        return b""


def _second_of(*tones: int) -> bytes:
    """All tones in use go into a second a whole number of times, so it can be repeated without a click."""
    at = np.arange(ears.RATE) / ears.RATE
    wave = sum((np.sin(2 * np.pi * hz * at) for hz in tones), np.zeros(ears.RATE))
    return bytes((wave * _SPEAKS_AT).astype("<i2").tobytes())


_RINGBACK = _second_of(440, 480)


def _piece(second: bytes, start: int, size: int) -> bytes:
    begin = start % len(second)
    return (second + second)[begin : begin + size]
