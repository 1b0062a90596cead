import msgspec
import pytest

from cordboard.calls.model import Reason
from cordboard.switches.ari import wire
from cordboard.switches.ari.events import ApplicationReplaced, RESTResponse
from cordboard.switches.ari.wire import Request, UnreadableError


def test_a_request_is_written_as_a_frame_whose_answer_carries_its_number() -> None:
    frame = msgspec.json.decode(wire.written(wire.play_music("a/b", "default"), "7"))
    assert frame == {
        "type": "RESTRequest",
        "transaction_id": "",
        "request_id": "7",
        "method": "POST",
        "uri": "channels/a%2Fb/moh",
        "content_type": "application/json",
        "message_body": '{"mohClass":"default"}',
    }


def test_without_parameters_there_is_no_body() -> None:
    frame = msgspec.json.decode(wire.written(wire.dial("a"), "7"))
    assert {"content_type", "message_body"}.isdisjoint(frame)
    assert wire.body_of(wire.dial("a")) == b""
    assert wire.body_of(wire.hang_up("a", 16)) == b'{"reason_code":"16"}'


def test_messages_are_read() -> None:
    assert isinstance(wire.read(b'{"type":"ApplicationReplaced","application":"x"}'), ApplicationReplaced)
    answer = wire.read('{"type":"RESTResponse","request_id":"7","status_code":204,"something":"new"}')
    assert isinstance(answer, RESTResponse)
    assert (answer.request_id, answer.status_code) == ("7", 204)


def test_a_message_of_a_kind_that_is_newer_than_this_is_left_alone() -> None:
    assert wire.read(b'{"type":"ChannelLevitated"}') is None


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (b"{", "truncated"),
        (b"[]", "Expected"),
        (b"{}", "type"),
        (b'{"type":"Dial","dialstatus":"RINGING"}', "Dial: Object missing required field `peer`"),
    ],
)
def test_what_is_no_message_is_said_to_be_none(frame: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        wire.read(frame)


@pytest.mark.parametrize(
    ("request_", "status", "done"),
    [
        (wire.dial("a"), 200, True),
        (wire.dial("a"), 204, True),
        (wire.dial("a"), 302, False),
        (wire.dial("a"), 404, False),
        (wire.hang_up("a", 16), 404, True),
        (wire.remove("m", "a"), 422, True),
        (wire.destroy_bridge("m"), 404, True),
        (wire.stop_recording("r"), 404, True),
        (wire.stored_recording("r"), 404, True),
        (wire.tell_progress("a", "channel_answered"), 412, True),
    ],
)
def test_what_was_wanted_may_be_so_already(request_: Request, status: int, done: bool) -> None:
    assert request_.is_done_by(status) is done


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"message":"Channel not found"}', " Channel not found"),
        ('{"error":"no"}', " no"),
        (b"<html>", ""),
        (b"[]", ""),
        (b"", ""),
        (None, ""),
    ],
)
def test_why_a_request_failed_is_told(body: bytes | str | None, detail: str) -> None:
    assert wire.explained(wire.dial("a"), 404, body) == f"POST channels/a/dial: 404{detail}"


@pytest.mark.parametrize(
    ("request_", "line", "body"),
    [
        (wire.answer("a"), "POST channels/a/answer", None),
        (wire.stop_music("a"), "DELETE channels/a/moh", None),
        (wire.ring("a"), "POST channels/a/ring", None),
        (wire.stop_ringing("a"), "DELETE channels/a/ring", None),
        (wire.mute("a", True), "POST channels/a/mute", {"direction": "in"}),
        (wire.mute("a", False), "DELETE channels/a/mute", {"direction": "in"}),
        (wire.send_digits("a", "12"), "POST channels/a/dtmf", {"dtmf": "12"}),
        (wire.tell_progress("a", "x"), "POST channels/a/transfer_progress", {"states": "x"}),
        (wire.create_bridge("m", "us"), "POST bridges/m", {"type": "mixing,proxy_media", "name": "us"}),
        (wire.destroy_bridge("m"), "DELETE bridges/m", None),
        (wire.add("m", ("a", "b")), "POST bridges/m/addChannel", {"channel": ["a", "b"]}),
        (wire.add("m", ("a",), mute=True), "POST bridges/m/addChannel", {"channel": ["a"], "mute": True}),
        (wire.remove("m", "a"), "POST bridges/m/removeChannel", {"channel": "a"}),
        (wire.beep("m"), "POST bridges/m/play", {"media": "sound:beep"}),
        (wire.record("m", "r"), "POST bridges/m/record", {"name": "r", "format": "wav", "ifExists": "fail"}),
        (wire.pause_recording("r", True), "POST recordings/live/r/pause", None),
        (wire.pause_recording("r", False), "DELETE recordings/live/r/pause", None),
        (wire.stop_recording("r"), "POST recordings/live/r/stop", None),
        (wire.live_recording("r"), "GET recordings/live/r", None),
        (wire.stored_recording("r", "/file"), "GET recordings/stored/r/file", None),
        (wire.stored_recording("r", method="DELETE"), "DELETE recordings/stored/r", None),
        (wire.info(), "GET asterisk/info", None),
        (wire.hold_state("a"), "GET channels/a/variable?variable=CHANNEL%28rtp%2Chold%29", None),
        (wire.application("us"), "GET applications/us", None),
        (wire.list_channels(), "GET channels", None),
        (wire.list_bridges(), "GET bridges", None),
        (wire.leave_out("us", ("A",)), "PUT applications/us/eventFilter", {"disallowed": [{"type": "A"}]}),
        (
            wire.snoop("a", "s", "us", hears=False),
            "POST channels/a/snoop",
            {"spy": "none", "whisper": "out", "app": "us", "snoopId": "s"},
        ),
        (
            wire.snoop("a", "s", "us"),
            "POST channels/a/snoop",
            {"spy": "both", "whisper": "out", "app": "us", "snoopId": "s"},
        ),
        (
            wire.create_channel("PJSIP/1", "us", "a", {"k": "v"}),
            "POST channels/create",
            {"endpoint": "PJSIP/1", "app": "us", "channelId": "a", "variables": {"k": "v"}},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_requests(request_: Request, line: str, body: object) -> None:
    assert (f"{request_.method} {request_.path}", request_.body) == (line, body)


def test_once_answered_a_channel_was_hung_up_whatever_the_cause_says() -> None:
    assert wire.reason_of(17, answered=False) is Reason.BUSY
    assert wire.reason_of(17, answered=True) is Reason.NORMAL
    assert wire.reason_of(16, answered=False) is Reason.NORMAL
    assert wire.reason_of(999, answered=False) is Reason.NORMAL


def test_a_reason_becomes_a_cause_that_becomes_the_reason() -> None:
    told = {reason: wire.reason_of(wire.cause_of(reason), answered=False) for reason in Reason}
    kept = {Reason.BUSY, Reason.NO_ANSWER, Reason.REJECTED, Reason.INVALID_NUMBER, Reason.UNREACHABLE}
    assert {reason for reason, back in told.items() if back is reason} == kept | {Reason.NORMAL}
    assert wire.cause_of(Reason.SWITCH_ERROR) == 41


@pytest.mark.parametrize(
    ("status", "body", "held"),
    [(200, '{"value":"1"}', True), (200, '{"value":"0"}', False), (404, "", False)],
)
def test_whether_a_telephone_holds(status: int, body: str, held: bool) -> None:
    assert wire.is_held(status, body) is held


@pytest.mark.parametrize(
    ("status", "body", "found"), [(200, '{"id":"mix~1","channels":["a","b"]}', frozenset("ab")), (404, "", None)]
)
def test_who_is_in_a_bridge(status: int, body: str, found: frozenset[str] | None) -> None:
    assert wire.look_into("mix~1").path == "bridges/mix~1"
    assert wire.members(status, body) == found
