"""A desk telephone with several lines on PJSIP: lines, keys, a tone for a voice, and an ear.

It does what desk telephones do of themselves: a call taken or made puts the one before on hold, ``NOTIFY`` with
``Event: talk`` or ``hold`` presses the key, a transfer that went well ends the call it was pressed in.

Runs in a process of its own only (pjsua_process.py): PJSIP has one endpoint to a process and takes it along when it
fails. ``poll`` must be called often; nothing here waits.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
import pjsua2 as pj
from tests.live import ears
from tests.live.phone_settings import Settings, answers_itself, header
from tests.live.pjsua_sound import EarPort, ringback, sine

_UNHOLD = 1  # PJSUA_CALL_UNHOLD, which the binding does not carry
_LOOPBACK = "127.0.0.1"
_POLL_MS = 10
_SIGN_OFF_S = 1.0
_ASK_AGAIN_S = 0.2
_ASK_TIMES = 10

Tell = Callable[..., None]


class Telephone:
    def __init__(self, settings: Settings, tell: Tell) -> None:
        self.settings = settings
        self.tell = tell
        self.lines: dict[int, Line] = {}
        self.muted = False
        self._made = 0
        self._endpoint = _endpoint(settings)
        self.sip_port = self._listen(settings.sip_port)
        self._endpoint.audDevManager().setNullDev()
        self._endpoint.libStart()
        for codec in self._endpoint.codecEnum2():
            name = codec.codecId.partition("/")[0]
            wanted = settings.codecs.index(name) if name in settings.codecs else None
            self._endpoint.codecSetPriority(codec.codecId, 0 if wanted is None else 200 - wanted)
        self.ear = EarPort()
        self.voice = sine(settings.tone_hz)
        self._ringback = ringback()
        self._account = _Account(self)
        self._account.create(_account(settings, self.sip_port))

    def _listen(self, port: int) -> int:
        config = pj.TransportConfig()
        config.port, config.boundAddress = port, _LOOPBACK
        transport = self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, config)
        return int(self._endpoint.transportGetInfo(transport).localAddress.rpartition(":")[2])

    # ------------------------------------------------------------------------------------------ for the process

    def poll(self) -> None:
        """Handles what came from the network, for at most 10 ms; tells what was heard."""
        self._endpoint.libHandleEvents(_POLL_MS)
        for frame in self.ear.frames():
            self.tell("heard", at=frame.at, tones=frame.tones, level=frame.level)
        for line in [*self.lines.values()]:
            try:
                line.press_waiting_keys()
            except pj.Error as error:
                self.tell("failed", line=line.number, why=error.info())

    def close(self) -> None:
        """Hangs up and signs off; waits until the other side knows, but not for long."""
        self._endpoint.hangupAllCalls()
        if self._account.active:
            self._account.setRegistration(False)
        until = time.monotonic() + _SIGN_OFF_S
        while (self.lines or self._account.active) and time.monotonic() < until:
            self.poll()

    def do(self, what: str, asked: dict[str, Any]) -> Any:
        """Presses a key; the names are the commands of the pipe."""
        match what:
            case "call":
                return self._call(**asked)
            case "mute":
                self._mute(bool(asked["on"]))
            case "set":
                self.settings = msgspec.convert({**msgspec.structs.asdict(self.settings), **asked}, Settings)
            case "lines":
                return [line.told() for line in self.lines.values()]
            case "unregister":
                self._account.setRegistration(False)
            case _:
                return self._press(self.lines[asked.pop("line")], what, asked)
        return None

    def _press(self, line: Line, what: str, asked: dict[str, Any]) -> None:
        match what:
            case "answer":
                line.take(int(asked.get("code", 200)))
            case "hang_up":
                line.hang_up(int(asked.get("code", 0)))
            case "hold":
                line.hold()
            case "unhold":
                line.unhold()
            case "dtmf":
                line.dialDtmf(asked["digits"])
            case "transfer":
                line.transfer(self.uri(asked["to"]), asked.get("headers", {}))
            case "transfer_to_line":
                line.transfer_to(self.lines[asked["other"]], asked.get("headers", {}))
            case "request":
                line.request(asked["method"], asked.get("headers", {}))
            case _:
                raise ValueError(f"no such key: {what}")

    # --------------------------------------------------------------------------------------------------- lines

    def uri(self, to: str) -> str:
        return to if to.startswith("sip:") else f"sip:{to}@{self.settings.registrar or _LOOPBACK}"

    def _call(self, to: str, headers: dict[str, str] | None = None, caller: str = "") -> int:
        line = self.new_line()
        self.hold_others(line)
        operation = _operation(headers=headers)
        operation.txOption.localUri = caller
        line.makeCall(self.uri(to), operation)
        return line.number

    def new_line(self, call_id: int = pj.PJSUA_INVALID_ID) -> Line:
        self._made += 1
        line = self.lines[self._made] = Line(self, self._account, self._made, call_id)
        return line

    def hold_others(self, line: Line) -> None:
        if self.settings.holds_others:
            for other in self.lines.values():
                if other is not line and other.state == "talking":
                    other.hold()

    def line_changed(self, line: Line) -> None:
        self.tell("line", **line.told())
        if line.state == "ended":
            del self.lines[line.number]
        # Nobody sends sound to a telephone that is told to ring: it makes the ringing itself.
        rings = any(line.state == "ringing_there" for line in self.lines.values())
        if rings and not any(line.hears for line in self.lines.values()):
            self._ringback.startTransmit(self.ear)
        else:
            self._ringback.stopTransmit(self.ear)

    def _mute(self, on: bool) -> None:
        self.muted = on
        for line in self.lines.values():
            line.connect_sound()


class Line(pj.Call):  # type: ignore[misc]
    """One call on a telephone, from the first ring on."""

    def __init__(self, phone: Telephone, account: _Account, number: int, call_id: int) -> None:
        super().__init__(account, call_id)
        self.number = number
        self.state = "new"
        self.hears = False
        self._phone = phone
        self._held = False
        self._code, self._reason, self._peer = 0, "", ""
        self._keys: deque[str] = deque()
        self._ask_again_at, self._asked_again = 0.0, 0

    def told(self) -> dict[str, Any]:
        return {
            "line": self.number, "state": self.state, "peer": self._peer, "code": self._code, "reason": self._reason,
        }  # fmt: skip

    # ------------------------------------------------------------------------------------------------ its keys

    def take(self, code: int = 200) -> None:
        if code == 200:
            self._phone.hold_others(self)
        self.answer(_operation(code))

    def hang_up(self, code: int = 0) -> None:
        self.hangup(_operation(code))

    def hold(self) -> None:
        self._held, self._asked_again = True, 0
        self._ask()

    def unhold(self) -> None:
        self._phone.hold_others(self)
        self._held, self._asked_again = False, 0
        self._ask()

    def _ask(self) -> None:
        """Asks the other side to hold or to go on; once more later, if one of the two is just asking something else."""
        self._ask_again_at = 0.0
        try:
            if self._held:
                self.setHold(_operation())
            else:
                operation = _operation()
                operation.opt.flag = _UNHOLD
                self.reinvite(operation)
        except pj.Error:
            if self.state not in ("talking", "held") or not self._ask_later():
                raise

    def _ask_later(self) -> bool:
        self._asked_again += 1
        self._ask_again_at = time.monotonic() + _ASK_AGAIN_S
        return self._asked_again < _ASK_TIMES

    def transfer(self, to: str, headers: dict[str, str]) -> None:
        self.xfer(to, _operation(headers=headers))

    def transfer_to(self, other: Line, headers: dict[str, str]) -> None:
        self.xferReplaces(other, _operation(headers=headers))

    def request(self, method: str, headers: dict[str, str]) -> None:
        """A request of the caller's own making in this dialog, for what PJSIP would not send of itself."""
        parameters = pj.CallSendRequestParam()
        parameters.method = method
        parameters.txOption.headers = _headers(headers)
        self.sendRequest(parameters)

    def press_waiting_keys(self) -> None:
        """What is not to be done in PJSIP's callbacks, which run inside a transaction: keys that NOTIFY has pressed."""
        if self._ask_again_at and time.monotonic() >= self._ask_again_at:
            self._ask()
        while self._keys:
            match self._keys.popleft():
                case "talk" if self.state == "ringing":
                    self.take()
                case "talk" if self._held:
                    self.unhold()
                case "hold" if self.state == "talking":
                    self.hold()

    # ------------------------------------------------------------------------------------- told by PJSIP, its names

    def onCallState(self, prm: Any) -> None:  # noqa: N802
        info = self.getInfo()
        self._code, self._reason, self._peer = info.lastStatusCode, info.lastReason, info.remoteUri
        match info.state:
            case pj.PJSIP_INV_STATE_CALLING:
                self.state = "calling"
            case pj.PJSIP_INV_STATE_INCOMING:
                self.state = "ringing"
            case pj.PJSIP_INV_STATE_EARLY:
                self.state = "ringing" if info.role == pj.PJSIP_ROLE_UAS else "ringing_there"
            case pj.PJSIP_INV_STATE_CONFIRMED:
                self.state = "held" if self._held else "talking"
            case pj.PJSIP_INV_STATE_DISCONNECTED:
                self.state, self.hears = "ended", False
            case _:
                return
        self._phone.line_changed(self)

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802
        self.connect_sound()
        if self.state in ("talking", "held"):
            self.state = "held" if self._held else "talking"
        self._phone.line_changed(self)

    def connect_sound(self) -> None:
        """The ear is on every line that is not on hold here; PJSIP may have made a new port of it."""
        self.hears = False
        info = self.getInfo()  # kept: its members do not keep it alive
        for media in info.media:
            if media.type != pj.PJMEDIA_TYPE_AUDIO or media.status not in (
                pj.PJSUA_CALL_MEDIA_ACTIVE,
                pj.PJSUA_CALL_MEDIA_REMOTE_HOLD,
            ):
                continue
            sound = self.getAudioMedia(media.index)
            sound.startTransmit(self._phone.ear)
            self.hears = True
            if self._phone.muted:
                self._phone.voice.stopTransmit(sound)
            else:
                self._phone.voice.startTransmit(sound)

    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802
        self._phone.tell("dtmf", line=self.number, digit=prm.digit)

    def onCallTransferStatus(self, prm: Any) -> None:  # noqa: N802
        self._phone.tell(
            "transfer", line=self.number, code=prm.statusCode, reason=prm.reason, final=bool(prm.finalNotify)
        )
        if prm.finalNotify and prm.statusCode // 100 == 2 and self.state != "ended":
            self.hang_up()

    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802
        event = prm.e.body.tsxState
        if event.type != pj.PJSIP_EVENT_RX_MSG:
            return
        if event.tsx.method == "NOTIFY" and event.tsx.role == pj.PJSIP_ROLE_UAS:
            name = header(event.src.rdata.wholeMsg, "Event").partition(";")[0]
            if name in ("talk", "hold") and event.tsx.state == pj.PJSIP_TSX_STATE_TRYING:
                self._phone.tell("notify", line=self.number, name=name)
                self._keys.append(name)
        elif (
            event.tsx.method in ("INVITE", "UPDATE")
            and event.tsx.statusCode == 491
            and event.tsx.role == pj.PJSIP_ROLE_UAC
        ):
            self._ask_later()  # both sides asked at once (RFC 3261 §14.1, RFC 3311 §5.2)
        elif event.tsx.method not in ("INVITE", "ACK") and event.tsx.role == pj.PJSIP_ROLE_UAC:
            self._phone.tell("response", line=self.number, method=event.tsx.method, code=event.tsx.statusCode)


class _Account(pj.Account):  # type: ignore[misc]
    def __init__(self, phone: Telephone) -> None:
        super().__init__()
        self.active = False
        self._phone = phone

    def onRegState(self, prm: Any) -> None:  # noqa: N802
        self.active = prm.code == 200 and prm.expiration > 0
        self._phone.tell("registered", code=prm.code, reason=prm.reason, active=self.active)

    def onMwiInfo(self, prm: Any) -> None:  # noqa: N802
        self._phone.tell("messages", body=prm.rdata.wholeMsg.replace("\r", "").partition("\n\n")[2])

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802
        line = self._phone.new_line(prm.callId)
        message = prm.rdata.wholeMsg
        self._phone.tell("invite", line=line.number, message=message)
        if self._phone.settings.refuse:
            line.hang_up(self._phone.settings.refuse)
            return
        line.answer(_operation(180))
        if answers_itself(self._phone.settings.auto_answer, message):
            line.take()


def _endpoint(settings: Settings) -> Any:
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 0
    if settings.log:
        config.logConfig.level, config.logConfig.filename = 5, settings.log
    config.uaConfig.threadCnt = 0  # events are handled in `poll` and nowhere else
    config.uaConfig.maxCalls = 16
    config.uaConfig.userAgent = "telephone for tests"
    config.medConfig.clockRate = config.medConfig.sndClockRate = ears.RATE
    config.medConfig.channelCount = 1
    config.medConfig.noVad = True
    config.medConfig.ecTailLen = 0
    config.medConfig.sndAutoCloseTime = -1
    endpoint.libInit(config)
    return endpoint


def _account(settings: Settings, sip_port: int) -> Any:
    config = pj.AccountConfig()
    host = settings.registrar or f"{_LOOPBACK}:{sip_port}"
    config.idUri = f'"{settings.number}" <sip:{settings.number}@{host}>'
    if settings.registrar and settings.registers:
        config.regConfig.registrarUri = f"sip:{settings.registrar}"
        config.regConfig.timeoutSec = 300
    credentials = pj.AuthCredInfo("digest", "*", settings.number, 0, settings.password)
    config.sipConfig.authCreds.append(credentials)
    config.mediaConfig.transportConfig.boundAddress = _LOOPBACK
    config.mediaConfig.transportConfig.port = settings.rtp_port
    config.natConfig.contactRewriteUse = config.natConfig.viaRewriteUse = config.natConfig.sdpNatRewriteUse = 0
    config.natConfig.sipOutboundUse = 0
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
    config.mwiConfig.enabled = False
    return config


def _operation(code: int = 0, headers: dict[str, str] | None = None) -> Any:
    operation = pj.CallOpParam(True)
    operation.statusCode = code
    operation.opt.audioCount, operation.opt.videoCount = 1, 0
    operation.txOption.headers = _headers(headers or {})
    return operation


def _headers(values: dict[str, str]) -> Any:
    headers = pj.SipHeaderVector()
    for name, value in values.items():
        one = pj.SipHeader()
        one.hName, one.hValue = name, value
        headers.append(one)
    return headers
