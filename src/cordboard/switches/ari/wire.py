"""The wire: requests to ARI as values, how they are written and answered, and what causes mean. Dry.

Requests travel over the event websocket ("REST over WebSocket") or, where Asterisk is too old for that, over HTTP; both
are the same request here. All parameters go into the JSON body, which ARI accepts in place of a query.
"""

from __future__ import annotations

from typing import Any, TypeAlias
from urllib.parse import quote

import msgspec

from cordboard.calls.model import Reason
from cordboard.switches.ari.events import AnyMessage

Status: TypeAlias = int
_OK = 200
GONE = 404
"""What a request is about does not exist (any more)."""


class Request(msgspec.Struct, frozen=True, gc=False):
    """One request. ``fine`` are the statuses beside 2xx that mean that what was wanted is so."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    fine: frozenset[Status] = frozenset()

    def is_done_by(self, status: Status) -> bool:
        return 200 <= status < 300 or status in self.fine


class _RestRequest(msgspec.Struct, frozen=True, tag_field="type", tag="RESTRequest", omit_defaults=True):
    transaction_id: str
    request_id: str
    method: str
    uri: str
    content_type: str = ""
    message_body: str = ""


class _Typed(msgspec.Struct, frozen=True):
    type: str


class UnreadableError(Exception):
    """Asterisk sent what is no message of ARI."""


_encode = msgspec.json.Encoder().encode
_message: msgspec.json.Decoder[AnyMessage] = msgspec.json.Decoder(AnyMessage)
_typed = msgspec.json.Decoder(_Typed)


def written(request: Request, number: str) -> bytes:
    """The request as a text frame; the answer carries ``number``."""
    body = "" if request.body is None else _encode(request.body).decode()
    return _encode(
        _RestRequest(
            transaction_id="",
            request_id=number,
            method=request.method,
            uri=request.path,
            content_type="application/json" if body else "",
            message_body=body,
        )
    )


def body_of(request: Request) -> bytes:
    """The body alone, for HTTP."""
    return b"" if request.body is None else _encode(request.body)


def read(frame: bytes | str) -> AnyMessage | None:
    """The message in a frame; None if it is of a kind that is newer than this program. Raises UnreadableError."""
    try:
        return _message.decode(frame)
    except msgspec.ValidationError as error:
        problem = error
    except msgspec.DecodeError as error:
        raise UnreadableError(str(error)) from error
    try:
        kind = _typed.decode(frame).type
    except msgspec.MsgspecError as error:
        raise UnreadableError(str(error)) from error
    if kind in KINDS:
        raise UnreadableError(f"{kind}: {problem}")
    return None


KINDS = frozenset(kind.__name__ for kind in AnyMessage.__args__)
"""Every kind of message that is known."""


def explained(request: Request, status: Status, body: bytes | str | None) -> str:
    """Why a request failed, for people."""
    try:
        detail = msgspec.json.decode(body or b"{}", type=_Problem).text
    except msgspec.MsgspecError:
        detail = ""
    return f"{request.method} {request.path}: {status}{f' {detail}' if detail else ''}"


class _Problem(msgspec.Struct, frozen=True):
    message: str = ""
    error: str = ""

    @property
    def text(self) -> str:
        return self.message or self.error


# -- requests --------------------------------------------------------------------------------------------------------


def _channel(channel: str, rest: str = "") -> str:
    return f"channels/{quote(channel, safe='')}{rest}"


def _bridge(bridge: str, rest: str = "") -> str:
    return f"bridges/{quote(bridge, safe='')}{rest}"


def _recording(name: str, rest: str = "") -> str:
    return f"recordings/live/{quote(name, safe='')}{rest}"


def create_channel(endpoint: str, app: str, channel: str, variables: dict[str, str]) -> Request:
    """Make a channel; it is rung by ``dial`` after its StasisStart, at once it would be refused (409)."""
    return Request(
        "POST",
        "channels/create",
        {"endpoint": endpoint, "app": app, "channelId": channel, "variables": variables},
    )


def dial(channel: str) -> Request:
    return Request("POST", _channel(channel, "/dial"))


def answer(channel: str) -> Request:
    return Request("POST", _channel(channel, "/answer"))


def hang_up(channel: str, cause: int) -> Request:
    return Request("DELETE", _channel(channel), {"reason_code": str(cause)}, fine=frozenset({GONE}))


def play_music(channel: str, music: str) -> Request:
    return Request("POST", _channel(channel, "/moh"), {"mohClass": music})


def stop_music(channel: str) -> Request:
    return Request("DELETE", _channel(channel, "/moh"))


def ring(channel: str) -> Request:
    return Request("POST", _channel(channel, "/ring"))


def stop_ringing(channel: str) -> Request:
    return Request("DELETE", _channel(channel, "/ring"))


def mute(channel: str, muted: bool) -> Request:
    """``in`` is what the channel says."""
    return Request("POST" if muted else "DELETE", _channel(channel, "/mute"), {"direction": "in"})


def send_digits(channel: str, digits: str) -> Request:
    return Request("POST", _channel(channel, "/dtmf"), {"dtmf": digits})


def snoop(channel: str, snooper: str, app: str, *, hears: bool = True) -> Request:
    """Hear what a channel says and hears, or not, and whisper to it."""
    body = {"spy": "both" if hears else "none", "whisper": "out", "app": app, "snoopId": snooper}
    return Request("POST", _channel(channel, "/snoop"), body)


def tell_progress(channel: str, state: str) -> Request:
    """Tell a phone that asked for a transfer how it goes; a phone that has hung up meanwhile need not be told."""
    return Request(
        "POST", _channel(channel, "/transfer_progress"), {"states": state}, fine=frozenset({400, GONE, 409, 412})
    )


def create_bridge(bridge: str, name: str) -> Request:
    """A mix. ``proxy_media``, as the other party of a dialled phone that held was in silence without it. Now that we
    take both out of the bridge then, plain mixing was heard to do for hold keys, 16 of 16, and would cost Asterisk
    less; it stays until telephones' transfers have been heard without it as well."""
    return Request("POST", _bridge(bridge), {"type": "mixing,proxy_media", "name": name})


def destroy_bridge(bridge: str) -> Request:
    return Request("DELETE", _bridge(bridge), fine=frozenset({GONE}))


def look_into(bridge: str) -> Request:
    return Request("GET", _bridge(bridge))


def members(status: Status, body: str) -> frozenset[str] | None:
    """Whose channels are in a bridge, by the answer to ``look_into``; None if that did not say."""
    return frozenset(msgspec.json.decode(body, type=_Members).channels) if status == _OK else None


class _Members(msgspec.Struct, frozen=True):
    channels: tuple[str, ...] = ()


def add(bridge: str, channels: tuple[str, ...], *, mute: bool = False) -> Request:
    """Put channels into a bridge; from another they are moved."""
    body = {"channel": list(channels)} | ({"mute": True} if mute else {})
    return Request("POST", _bridge(bridge, "/addChannel"), body)


def remove(bridge: str, channel: str) -> Request:
    """Take a channel out; 422 says that it is not in this bridge, 404 that there is no such bridge."""
    return Request("POST", _bridge(bridge, "/removeChannel"), {"channel": channel}, fine=frozenset({GONE, 422}))


def record(bridge: str, name: str) -> Request:
    return Request("POST", _bridge(bridge, "/record"), {"name": name, "format": "wav", "ifExists": "fail"})


def beep(bridge: str) -> Request:
    """A tone for all in a bridge; without Asterisk's sound files there is none, which is no failure of anything."""
    return Request("POST", _bridge(bridge, "/play"), {"media": "sound:beep"}, fine=frozenset({GONE}))


def pause_recording(name: str, paused: bool) -> Request:
    return Request("POST" if paused else "DELETE", _recording(name, "/pause"))


def stop_recording(name: str) -> Request:
    return Request("POST", _recording(name, "/stop"), fine=frozenset({GONE}))


def info() -> Request:
    return Request("GET", "asterisk/info")


def application(app: str) -> Request:
    return Request("GET", f"applications/{quote(app, safe='')}")


def hold_state(channel: str) -> Request:
    """Whether the phone holds: no event tells it again after the link was lost, but the media knows."""
    return Request("GET", _channel(channel, f"/variable?variable={quote('CHANNEL(rtp,hold)', safe='')}"))


def is_held(status: Status, body: str) -> bool:
    """What the answer to ``hold_state`` means; a channel that is gone is not held."""
    return status == _OK and msgspec.json.decode(body, type=_Variable).value == "1"


class _Variable(msgspec.Struct, frozen=True):
    value: str = ""


def list_channels() -> Request:
    return Request("GET", "channels")


def list_bridges() -> Request:
    return Request("GET", "bridges")


def live_recording(name: str) -> Request:
    return Request("GET", _recording(name))


def stored_recording(name: str, rest: str = "", method: str = "GET") -> Request:
    return Request(method, f"recordings/stored/{quote(name, safe='')}{rest}", fine=frozenset({GONE}))


def leave_out(app: str, kinds: tuple[str, ...]) -> Request:
    """Do not tell these events: most of all events set variables (asterisk §2). A list of what is allowed would
    swallow the answers to requests."""
    return Request(
        "PUT",
        f"applications/{quote(app, safe='')}/eventFilter",
        {"disallowed": [{"type": kind} for kind in kinds]},
    )


# -- causes ----------------------------------------------------------------------------------------------------------

_REASONS = {
    1: Reason.INVALID_NUMBER,  # unallocated; SIP 404
    2: Reason.INVALID_NUMBER,  # no route to transit network
    3: Reason.UNREACHABLE,  # no route to destination
    17: Reason.BUSY,  # SIP 486, 600
    18: Reason.NO_ANSWER,  # SIP 408
    19: Reason.NO_ANSWER,  # SIP 480
    20: Reason.UNREACHABLE,  # subscriber absent
    21: Reason.REJECTED,  # SIP 401, 403, 603
    22: Reason.INVALID_NUMBER,  # number changed
    27: Reason.UNREACHABLE,  # out of order; SIP 502
    28: Reason.INVALID_NUMBER,  # address incomplete; SIP 484
    34: Reason.UNREACHABLE,  # no circuit; SIP 503
    38: Reason.UNREACHABLE,  # network out of order; SIP 500
    41: Reason.UNREACHABLE,
    42: Reason.UNREACHABLE,
    58: Reason.UNREACHABLE,  # bearer not available; SIP 488
}
_CAUSES = {
    Reason.BUSY: 17,
    Reason.NO_ANSWER: 19,
    Reason.REJECTED: 21,
    Reason.INVALID_NUMBER: 1,
    Reason.UNREACHABLE: 27,
    Reason.LOOP_DETECTED: 25,
    Reason.SWITCH_ERROR: 41,
}


def reason_of(cause: int, *, answered: bool) -> Reason:
    """Why a channel ended, by its ISDN cause. Once answered it was hung up, whatever the cause says."""
    return Reason.NORMAL if answered else _REASONS.get(cause, Reason.NORMAL)


def cause_of(reason: Reason) -> int:
    """The cause to hang up with: 16 is normal clearing. An unanswered caller's phone shows it."""
    return _CAUSES.get(reason, 16)
