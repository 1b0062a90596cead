"""Requests and their answers, on a real board; what actions do to calls is in ``test_actions``."""

from __future__ import annotations

import msgspec
import pytest
from tests.uapi.front import BASE, CALLS, OTHER_OUTSIDE, OUTSIDE, Front

from cordboard.calls.commands import SingleStepConference
from cordboard.calls.model import Refusal, RefusalKind
from cordboard.calls.records import Rules
from cordboard.switches.virtual.faults import Fault, Misdeed
from cordboard.switches.virtual.persons import Answer, Dial, Hangup
from cordboard.uapi.requests import Acting, Request
from cordboard.uapi.routes import UapiSettings


@pytest.mark.uapi("1.6 200 or 202")
def test_202_has_the_short_body() -> None:
    front = Front(UapiSettings(BASE, transfer_status=202))
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    body = {"action": "Transfer", "sendCallTo": OUTSIDE, "transferFromNumber": "0003*024"}
    link = {"self": f"{BASE}{path}"}
    assert front.send("PUT", path, body) == (
        202,
        {"id": call_id, "extension": "0003*210", "links": link, "link": link},
    )


@pytest.mark.uapi("2.4.9 without an id", "1.6 statuses", "1.2 encoded paths", "1.2 last slash")
def test_all_calls_of_an_extension_are_transferred_and_others_skipped() -> None:
    front = Front()
    front.talk(OUTSIDE, "0003*210")
    front.act("0003*210", Dial(to="0003*024"))
    front.run()
    body = {"action": "Transfer", "sendCallTo": "0003*025", "transferFromNumber": "0003*210"}
    status, answer = front.send("PUT", f"{CALLS}/12/0003%2A210/", body)
    assert status == 200
    assert len(answer) == 1
    assert front.send("PUT", f"{CALLS}/12/0003*210", {**body, "transferFromNumber": "0004*100"}) == (204, None)
    assert front.send("PUT", f"{CALLS}/12/0003*210", body)[0] == 204


@pytest.mark.uapi("2.4.9 without an id", "2.4.9 pc_phoncall_invalid")
def test_transferring_all_can_be_forbidden() -> None:
    front = Front(UapiSettings(BASE, transfer_all=False))
    body = {"action": "Transfer", "sendCallTo": OUTSIDE, "transferFromNumber": "0003*210"}
    assert front.code("PUT", f"{CALLS}/12/0003*210", body) == (400, "pc_phoncall_invalid")


def test_what_the_switch_refuses_is_told() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    front.link.add(Fault(Misdeed.FAIL, "HoldLeg"))
    status, answer = front.send("PUT", f"{CALLS}/12/0003*210/{call_id}", {"action": "OnHold", "phoneCallViewId": "01"})
    assert (status, answer["error"]["code"]) == (500, "internal_server_error")
    front.cut()
    front.run()
    body = {"action": "OnHold", "phoneCallViewId": "01"}
    assert front.code("PUT", f"{CALLS}/12/0003*210/{call_id}", body) == (500, "internal_server_error")


@pytest.mark.uapi("2.4.1 list", "2.2 status", "2.2 ringing and answered", "0.3 a call that is gone")
def test_listing() -> None:
    front = Front()
    first = front.talk("0003*210", "0003*024")
    front.now += 1
    front.act("0003*210", Dial(to="0003*025"))
    front.run()
    body = front.get(f"{CALLS}/@me/@self", "count=1")
    assert (body["totalResults"], body["itemsPerPage"], body["startIndex"]) == (2, 1, 0)
    assert body["entry"][0]["id"] == first
    assert body["paging"] == {"next": f"{BASE}{CALLS}/@me/@self?count=1&startIndex=1"}
    ringing = front.get(f"{CALLS}/@me/0003*210", "startIndex=1")["entry"][0]
    assert [view["status"] for view in ringing["phoneCallView"]] == ["3", "4"]
    assert "ringing" in ringing["phoneCallView"][0]
    assert front.get(f"{CALLS}/@me/@self/deadbeef")["entry"] == []


@pytest.mark.uapi("2.4.2 hang up", "2.4.2 phoneNumber", "0.4 lists and objects", "1.6 statuses")
def test_hanging_up() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    assert front.send("DELETE", path, query="phoneNumber=0003*025") == (204, None)
    assert front.code("DELETE", path, query="phoneNumber=") == (400, "pc_phonenumber_invalid")
    status, answer = front.send("DELETE", path, query="phoneNumber=024")
    assert (status, answer[0]["id"]) == (200, call_id)
    assert front.send("DELETE", path) == (204, None)
    assert front.send("DELETE", f"{CALLS}/@me/@self") == (204, None)
    assert front.code("DELETE", f"{CALLS}/99/@self") == (400, "user_invalid")
    front.talk("0003*210", "0003*024")
    assert front.send("DELETE", f"{CALLS}/@me/@self")[0] == 200
    assert front.hears("0003*024") == []


@pytest.mark.uapi("2.4.2 hang up")
def test_whoever_it_rings_at_hangs_up_by_declining() -> None:
    front = Front()
    front.act("0003*024", Dial(to="0003*210"))
    front.run()
    (call,) = front.chronicle.of("0003*210")
    status, answer = front.send("DELETE", f"{CALLS}/12/0003*210")
    assert (status, [one["id"] for one in answer]) == (200, [call.id])
    assert front.parties(call.id) == []


@pytest.mark.uapi("2.1 the extension is charged", "2.4.2 phoneNumber")
def test_a_call_that_is_only_charged_to_an_extension_is_hung_up_as_a_whole() -> None:
    front = Front()
    body = {"extension": "0003*210", "phoneCallView": {"source": ["024", "025"], "destination": OUTSIDE}}
    (call,) = front.send("POST", f"{CALLS}/@me/simple", body)[1]
    assert front.send("DELETE", f"{CALLS}/12/0003*210/{call['id']}", query="phoneNumber=0003*210") == (204, None)
    status, answer = front.send("DELETE", f"{CALLS}/12/0003*210/{call['id']}")
    assert (status, len(answer)) == (200, 1)
    assert (front.parties(call["id"]), front.get(f"{CALLS}/12/0003*210")["entry"]) == ([], [])
    (call,) = front.send("POST", f"{CALLS}/@me/simple", body)[1]
    assert front.send("DELETE", f"{CALLS}/12/0003*210/{call['id']}", query="phoneNumber=024")[0] == 200
    assert front.parties(call["id"]) == ["0003*025"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/uapi"),
        ("GET", "/uapi/"),
        ("GET", "/elsewhere"),
        ("PATCH", f"{CALLS}/12/0003*210"),
        ("GET", "/uapi/faxes/12/0003*210"),
    ],
)
def test_what_is_not_there(method: str, path: str) -> None:
    assert Front().code(method, path) == (501, "request_not_implemented")


@pytest.mark.uapi("2.4.4 pc_phonecall_invalid", "2.4.9 pc_phoncall_invalid", "1.6 statuses")
def test_bad_actions_on_nothing() -> None:
    front = Front()
    body = {"action": "Transfer", "sendCallTo": OUTSIDE, "transferFromNumber": "0003*024"}
    assert front.code("PUT", f"{CALLS}/12/0003*210/beef", body) == (400, "pc_phoncall_invalid")
    assert front.code("PUT", f"{CALLS}/12/0003*210/beef", {"action": "OnHold"}) == (400, "pc_phonecall_invalid")
    assert front.code("PUT", f"{CALLS}/99/0003*210/beef", {"action": "OnHold"}) == (400, "user_invalid")
    assert front.send("PUT", f"{CALLS}/12/0003*210", {"action": "OnHold"}) == (204, None)


def test_a_call_that_ends_meanwhile() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    front.act("0003*024", Hangup())
    body = {"action": "OnHold", "phoneCallViewId": "01"}
    assert front.code("PUT", f"{CALLS}/12/0003*210/{call_id}", body)[0] == 400


@pytest.mark.uapi("2.4.4 pc_state_invalid", "2.4.4 pc_phonecall_invalid")
@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (RefusalKind.UNKNOWN_CALL, (400, "pc_phonecall_invalid")),
        (RefusalKind.BAD_DESTINATION, (400, "pc_sendcallto_invalid")),
        (RefusalKind.UNKNOWN_PARTICIPANT, (400, "pc_phonenumber_invalid")),
        (RefusalKind.SWITCH_UNAVAILABLE, (500, "internal_server_error")),
        (RefusalKind.LIMIT_REACHED, (400, "pc_state_invalid")),
        (RefusalKind.FORBIDDEN, (401, "access_denied")),
    ],
)
def test_refusals_of_the_law_have_their_codes(kind: RefusalKind, answer: tuple[int, str]) -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    body = msgspec.json.encode({"action": "OnHold", "phoneCallViewId": "01"})
    acting = front.uapi.handle(Request(front.account, "PUT", f"{CALLS}/12/0003*210/{call_id}", "", body))
    assert isinstance(acting, Acting)
    response = acting.then([Refusal(kind, "why")])
    assert (response.status, msgspec.json.decode(response.body)["error"]["code"]) == answer


@pytest.mark.uapi("2.4.3 without an id", "1.6 statuses")
def test_when_none_of_all_calls_can_nothing_is_answered() -> None:
    front = Front()
    front.talk("0003*210", "0003*024")
    body = {"action": "OffHold", "phoneCallViewId": "01"}
    assert front.send("PUT", f"{CALLS}/12/0003*210", body) == (204, None)


def test_lists_know_their_parameters() -> None:
    assert Front().code("GET", f"{CALLS}/@me/@self", query="count=x") == (400, "count_invalid")


def test_every_service_has_its_place() -> None:
    front = Front()
    assert front.get("/uapi/extensions/@me/0003*210/presence")["totalResults"] == 1
    assert front.get("/uapi/cdr")["entry"] == {}
    assert front.code("GET", f"{CALLS}/99/@self") == (400, "user_invalid")


def test_calls_of_each_kind_are_begun() -> None:
    front = Front()
    for kind, extension, view in (
        ("simple", "210", {"source": "210", "destination": "024"}),
        ("callback", "400", {"source": OUTSIDE, "destination": OTHER_OUTSIDE}),
        ("conferenceInvite", "0003*500", {"destination": "025"}),
    ):
        body = {"extension": extension, "phoneCallView": view}
        status, (call,) = front.send("POST", f"{CALLS}/@me/{kind}", body, "pin=4711")
        assert (status, call["extension"]) == (200, front.listed(f"{CALLS}/@me/{extension}")["extension"])


@pytest.mark.parametrize(
    ("kind", "body", "answer"),
    [
        ("0003*210", {}, (501, "request_not_implemented")),
        ("simple", b"[", (400, "request_invalid")),
        ("simple", {"extension": "@self"}, (400, "extension_invalid")),
        ("simple", {"extension": "999"}, (400, "extension_invalid")),
        ("simple", {"extension": "210"}, (400, "pc_phonecallview_invalid")),
        ("callback", {"extension": "500"}, (400, "extension_invalid")),
    ],
)
def test_what_begins_no_call(kind: str, body: object, answer: tuple[int, str]) -> None:
    assert Front().code("POST", f"{CALLS}/@me/{kind}", body) == answer


def test_what_the_law_refuses_begins_no_call() -> None:
    front = Front(rules=Rules(sources_max=1))
    body = {"extension": "210", "phoneCallView": {"source": ["210", "025"], "destination": "024"}}
    assert front.code("POST", f"{CALLS}/@me/simple", body) == (400, "pc_source_invalid")
    front = Front()
    body = {"extension": "500", "phoneCallView": {"destination": "024"}}
    assert front.send("POST", f"{CALLS}/@me/conferenceInvite", body, "pin=4711")[0] == 200
    assert front.code("POST", f"{CALLS}/@me/conferenceInvite", body, "pin=4711") == (400, "pc_destination_invalid")


def test_actions_that_are_none() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    assert front.code("PUT", path, b"[") == (400, "request_invalid")
    assert front.code("PUT", path, {"action": "Fly"}) == (400, "pc_action_invalid")
    assert front.code("PUT", path, {"action": "OnHold", "phoneCallViewId": "9"}) == (400, "pc_phonecallview_invalid")
    status, answer = front.send("PUT", path, {"action": "Park"})
    assert (status, [one["id"] for one in answer]) == (200, [call_id])


def test_a_hang_up_that_is_refused() -> None:
    """Only whoever owns a conference sends others away (gws-v2 §4.1)."""
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    call = front.calls("0003*024")[0].call
    assert front.ask(SingleStepConference(asker="0003*024", call=call.id, to="0003*025")) is None
    front.run()
    front.act("0003*025", Answer())
    front.run()
    path = f"{CALLS}/12/0003*210/{call_id}"
    assert front.code("DELETE", path, query="phoneNumber=025") == (400, "pc_state_invalid")
    path = f"{CALLS}/13/0003*024/{call_id}"
    assert front.send("DELETE", path, query="phoneNumber=025")[0] == 200
    assert front.parties(call_id) == ["0003*210", "0003*024"]
