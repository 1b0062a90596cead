"""Events of extensions, and whom they are told."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.uapi.front import BASE, JOHN, OUTSIDE, Front

from cordboard.people.model import Account
from cordboard.switches.virtual.persons import Answer, Dial, Hangup

EVENTS = "/uapi/extensions/@me/0003*210/phoneCallEvents"
URL = "https://desk.example.org/hook?site=7#top"


def subscribe(front: Front, kind: int | str, **more: object) -> Any:
    status, answer = front.send("POST", f"{EVENTS}/", {"type": kind, "url": URL, **more})
    assert status == 200, answer
    return answer[0]


@pytest.mark.uapi("3.1 event resource", "3.1 create", "3.1 update", "3.1 list", "3.1 delete")
def test_an_event_is_made_read_changed_and_removed() -> None:
    front = Front()
    made = subscribe(front, 2, note="hang-ups", method="0")
    assert made == {
        "type": "2",
        "id": "event1",
        "url": URL,
        "method": "0",
        "status": "1",
        "note": "hang-ups",
        "modified": "2012-06-27T13:08:50Z",
        "links": {"self": f"{BASE}{EVENTS}/2/event1"},
    }
    assert front.get(f"{EVENTS}/2/event1/")["entry"] == [made]
    front.now += 1
    status, changed = front.send("PUT", f"{EVENTS}/2/event1", {"status": 0, "note": ""})
    assert (status, changed) == (200, {**made, "status": "0", "note": "", "modified": "2012-06-27T13:08:51Z"})
    assert front.send("PUT", f"{EVENTS}/2/event1", {"method": 1})[1]["note"] == ""
    subscribe(front, 0)
    assert [row["type"] for row in front.get(EVENTS, "sortOrder=asc&filterBy=type&filterValue=0")["entry"]] == ["0"]
    assert front.send("DELETE", f"{EVENTS}/2")[1][0]["id"] == "event1"
    assert front.send("DELETE", f"{EVENTS}/2") == (204, None)
    assert front.send("DELETE", EVENTS)[0] == 200
    assert front.get(EVENTS)["entry"] == []


@pytest.mark.uapi("3.1 codes", "3.1 extension types", "1.2 @self is refused", "1.7 extension_invalid")
@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("POST", EVENTS, {"type": 5, "url": URL}, (400, "pcet_type_invalid")),
        ("POST", EVENTS, {"url": URL}, (400, "pcet_type_invalid")),
        ("POST", EVENTS, {"type": 0}, (400, "pce_url_invalid")),
        ("POST", EVENTS, {"type": 0, "url": "ftp://x"}, (400, "pce_url_invalid")),
        ("POST", EVENTS, {"type": 0, "url": "http://["}, (400, "pce_url_invalid")),
        ("POST", EVENTS, {"type": 0, "url": "http://"}, (400, "pce_url_invalid")),
        ("POST", EVENTS, {"type": 0, "url": "http://host:0/"}, (400, "pce_url_invalid")),
        ("POST", EVENTS, {"type": 0, "url": "http://host:99999/"}, (400, "pce_url_invalid")),
        ("POST", EVENTS, {"type": 0, "url": "http://host/a b"}, (400, "pce_url_invalid")),
        ("POST", EVENTS, {"type": 0, "url": "http://host/\r\nHost: other"}, (400, "pce_url_invalid")),
        ("POST", EVENTS, {"type": 0, "url": "http://host/ä"}, (400, "pce_url_invalid")),
        ("POST", EVENTS, {"type": 0, "url": f"http://host/{'x' * 2_048}"}, (400, "pce_url_invalid")),
        ("POST", EVENTS, {"type": 0, "url": URL, "method": 2}, (400, "pce_method_invalid")),
        ("POST", EVENTS, {"type": 0, "url": URL, "status": "x"}, (400, "pce_status_invalid")),
        ("POST", EVENTS, {"type": 0, "url": URL, "note": "x" * 2_000}, (400, "pce_note_invalid")),
        ("POST", EVENTS, b"{", (400, "request_invalid")),
        ("POST", f"{EVENTS}/0", {"type": 0, "url": URL}, (501, "request_not_implemented")),
        ("POST", "/uapi/extensions/@me/@self/phoneCallEvents", {}, (400, "extension_invalid")),
        ("POST", "/uapi/extensions/@me/0003*024/phoneCallEvents", {}, (401, "access_denied")),
        ("POST", "/uapi/extensions/@me/0003*300/phoneCallEvents", {}, (400, "extension_invalid")),
        ("POST", "/uapi/extensions/@me/0003*400/phoneCallEvents", {}, (400, "extension_invalid")),
        ("POST", "/uapi/extensions/@me/0003*500/phoneCallEvents", {}, (400, "extension_invalid")),
        ("PUT", EVENTS, {}, (400, "pce_id_invalid")),
        ("PUT", f"{EVENTS}/0/none", {}, (400, "pce_id_invalid")),
        ("PUT", f"{EVENTS}/0/event1", b"[", (400, "request_invalid")),
        ("PUT", f"{EVENTS}/0/event1", {"url": "x"}, (400, "pce_url_invalid")),
        ("GET", f"{EVENTS}?", None, (501, "request_not_implemented")),
        ("GET", f"{EVENTS}/9", None, (400, "pce_type_invalid")),
        ("DELETE", f"{EVENTS}/0/none", None, (400, "pce_id_invalid")),
        ("GET", "/uapi/extensions/99/0003*210/phoneCallEvents", None, (400, "user_invalid")),
        ("PATCH", EVENTS, None, (501, "request_not_implemented")),
        ("GET", "/uapi/extensions/@me/0003*210", None, (501, "request_not_implemented")),
    ],
)
def test_bad_requests_have_their_codes(method: str, path: str, body: object, answer: tuple[int, str]) -> None:
    front = Front()
    subscribe(front, 0)
    assert front.code(method, path, body, account=Account(JOHN)) == answer


def test_lists_know_their_parameters() -> None:
    front = Front()
    assert front.code("GET", EVENTS, query="count=0") == (400, "count_invalid")


def test_an_extension_has_so_many_events_and_no_more() -> None:
    front = Front()
    for _ in range(3):
        subscribe(front, 0)
    assert front.code("POST", EVENTS, {"type": 0, "url": URL}) == (409, "limit_reached")


def forms(front: Front) -> list[dict[str, str]]:
    found = [parse_qs(message.form, keep_blank_values=True) for message in front.messages]
    front.messages.clear()
    return [{name: values[0] for name, values in form.items()} for form in found]


@pytest.mark.uapi("3.1 five types", "3.1 parameters")
def test_a_call_in_is_told() -> None:
    front = Front()
    for kind in (0, 2, 3):
        subscribe(front, kind)
    call_id = front.talk(OUTSIDE, "0003*210")
    told = forms(front)
    assert [(form["CallStatus"], form["CallFlow"], form["CallAPIID"]) for form in told] == [
        ("CALLING", "IN", call_id),
        ("ANSWER", "IN", call_id),
    ]
    assert told[0] == {
        "CallID": call_id,
        "CallAPIID": call_id,
        "CallerIDNum": OUTSIDE,
        "CallerIDName": "John Doe",
        "CallerExtension": "",
        "CalledExtension": "0003*210",
        "CalledNumber": "0003*210",
        "CalledDID": "",
        "CallStatus": "CALLING",
        "CallFlow": "IN",
    }
    front.act(OUTSIDE, Hangup())
    front.run()
    assert [form["CallStatus"] for form in forms(front)] == ["ANSWER"]


@pytest.mark.uapi("3.1 five types", "3.1 by GET")
def test_a_call_out_is_told_with_its_query() -> None:
    front = Front()
    subscribe(front, 1, method=0)
    subscribe(front, 4, method=0, url="https://desk.example.org/answered")
    front.act("0003*210", Dial(to=OUTSIDE))
    front.run()
    front.act(OUTSIDE, Answer())
    front.run()
    dialled, answered = front.messages
    assert (dialled.method, dialled.lane) == ("GET", f"{front.chronicle.of('0003*210')[0].id} desk.example.org")
    query = parse_qs(urlsplit(dialled.url).query)
    assert (query["site"], query["CallFlow"], query["CalledDID"]) == (["7"], ["OUT"], [OUTSIDE])
    assert urlsplit(dialled.url).fragment == "top"
    assert answered.url.startswith("https://desk.example.org/answered?CallID=")


@pytest.mark.uapi("3.1 disabled", "3.1 CallStatus")
def test_who_does_not_answer_and_who_does_not_want_to_know() -> None:
    front = Front()
    subscribe(front, 2)
    subscribe(front, 0, status=0)
    front.act("0003*024", Dial(to="0003*210"))
    front.run()
    front.act("0003*024", Hangup())
    front.run()
    (ended,) = forms(front)
    assert (ended["CallStatus"], ended["CallerIDName"]) == ("UNKNOWN", "Jane Roe")
