"""Requests and their answers, on a real board."""

from __future__ import annotations

import msgspec
import pytest
from tests.uapi.front import ANN, BASE, JANE, JIM, JOHN, OTHER_OUTSIDE, OUTSIDE, Front

from cordboard.calls.commands import SingleStepConference
from cordboard.calls.model import Refusal, RefusalKind
from cordboard.calls.records import Rules
from cordboard.people.model import Account
from cordboard.switches.virtual.faults import Fault, Misdeed
from cordboard.switches.virtual.persons import Answer, Dial, Hangup
from cordboard.uapi.requests import Acting, Request
from cordboard.uapi.routes import UapiSettings

CALLS = "/uapi/phoneCalls"


@pytest.mark.uapi("2.5 the printed example")
def test_the_printed_example() -> None:
    """voipnow-uapi §2.5: 0003*210 talks with 0003*024 and is transferred to 3235742879."""
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    front.now += 5
    path = f"{CALLS}/12/0003*210/{call_id}"
    transfer = {
        "action": "Transfer",
        "sendCallTo": OUTSIDE,
        "transferFromNumber": "0003*024",
        "transferNumber": "0003*210",
    }
    status, answer = front.send("PUT", path, transfer)
    assert (status, answer["id"], answer["extension"]) == (200, call_id, "0003*210")
    assert answer["phoneCallView"][0]["status"] == "4"
    front.act(OUTSIDE, Answer())
    front.run()
    assert front.listed(path) == {
        "id": call_id,
        "extension": "0003*210",
        "ownerId": "3",
        "ownerName": "Default Organization",
        "published": "2012-06-27T13:08:50Z",
        "answered": "2012-06-27T13:08:50Z",
        "phoneCallView": [
            {
                "id": "01",
                "extension": "0003*210",
                "answered": "2012-06-27T13:08:50Z",
                "status": "5",
                "callerId": "John Doe <3235742879>",
                "source": ["0003*210"],
                "destination": ["3235742879"],
                "flow": 4,
            }
        ],
        "links": {"self": f"{BASE}{path}"},
        "link": {"self": f"{BASE}{path}"},
    }
    assert front.hears("0003*210") == [OUTSIDE]
    assert front.hears(OUTSIDE) == ["0003*210"]
    assert front.hears("0003*024") == []


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


def test_the_source_transfers() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    body = {"action": "Transfer", "sendCallTo": "0003*025", "transferFromNumber": "210", "transferNumber": "024"}
    status, answer = front.send("PUT", f"{CALLS}/@me/@self/{call_id}/", body)
    assert status == 200
    assert [view["extension"] for view in answer["phoneCallView"]] == ["0003*024", "0003*025"]
    front.act("0003*025", Answer())
    front.run()
    (call,) = front.get(f"{CALLS}/@owner/0003*025")["entry"]
    assert {(tuple(view["source"]), tuple(view["destination"])) for view in call["phoneCallView"]} == {
        (("0003*024",), ("0003*025",))
    }
    assert call["id"] == call_id


def test_the_body_of_2015() -> None:
    """No transferFromNumber, a view instead (§2.4.9, legacy)."""
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    body = {"action": "Transfer", "sendCallTo": OUTSIDE, "phoneCallViewId": "0"}
    assert front.send("PUT", f"/unifiedapi/phoneCalls/@me/%40self/{call_id}/", body)[0] == 200
    assert front.parties(call_id)[0] == "0003*210"


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


def test_transferring_all_can_be_forbidden() -> None:
    front = Front(UapiSettings(BASE, transfer_all=False))
    body = {"action": "Transfer", "sendCallTo": OUTSIDE, "transferFromNumber": "0003*210"}
    assert front.code("PUT", f"{CALLS}/12/0003*210", body) == (400, "pc_phoncall_invalid")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"action": "Transfer", "sendCallTo": OUTSIDE}, "pc_transfer_from_number_invalid"),
        ({"action": "Transfer", "sendCallTo": OUTSIDE, "transferFromNumber": "999"}, "pc_transfer_from_number_invalid"),
        ({"action": "Transfer", "sendCallTo": OUTSIDE, "transferFromNumber": []}, "pc_transfer_from_number_invalid"),
        ({"action": "Transfer", "transferFromNumber": "0003*024"}, "pc_sendcallto_invalid"),
        ({"action": "Transfer", "sendCallTo": "999", "transferFromNumber": "024"}, "pc_sendcallto_invalid"),
        ({"action": "Transfer", "sendCallTo": "0003*210", "transferFromNumber": "024"}, "pc_sendcallto_invalid"),
        (
            {"action": "Transfer", "sendCallTo": OUTSIDE, "transferFromNumber": "024", "transferNumber": "024"},
            "pc_transfer_number_invalid",
        ),
        (
            {"action": "Transfer", "sendCallTo": OUTSIDE, "transferFromNumber": "024", "phoneCallViewId": "01"},
            "pc_phonecallview_invalid",
        ),
        ({"action": "Transfer", "sendCallTo": OUTSIDE, "phoneCallViewId": "07"}, "pc_phonecallview_invalid"),
        ({"action": "transfer"}, "pc_action_invalid"),
        ({}, "pc_action_invalid"),
        ({"action": "OnHold", "phoneCallViewId": "9"}, "pc_phonecallview_invalid"),
        ({"action": "OffHold", "phoneCallViewId": "00"}, "pc_state_invalid"),
        ({"action": "StartRecording", "phoneCallViewId": "00", "format": "mp3"}, "pc_format_invalid"),
        ({"action": "BargeIn", "phoneCallViewId": "00", "sendCallTo": "0004*100"}, "pc_sendcallto_invalid"),
        ({"action": "Monitor", "phoneCallViewId": "00"}, "pc_sendcallto_invalid"),
        ({"action": "Monitor", "phoneCallViewId": "77"}, "pc_phonecallview_invalid"),
        ({"action": "Whisper", "phoneCallViewId": "00", "private": 2}, "pc_private_invalid"),
        ([], "request_invalid"),
        (b"{", "request_invalid"),
        (b"\xff", "request_invalid"),
    ],
)
def test_bad_actions_have_their_codes_and_change_nothing(body: object, code: str) -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    before = front.listed(path)
    assert front.code("PUT", path, body) == (400, code)
    assert front.listed(path) == before


def test_private_whispering_is_not_there() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    body = {"action": "Whisper", "phoneCallViewId": "00", "sendCallTo": "0003*025", "private": "1"}
    assert front.code("PUT", f"{CALLS}/12/0003*210/{call_id}", body) == (501, "request_not_implemented")


def test_among_three() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    call = front.calls("0003*210")[0].call
    assert front.ask(SingleStepConference(asker="0003*210", call=call.id, to="0003*025")) is None
    front.run()
    front.act("0003*025", Answer())
    front.run()
    path = f"{CALLS}/12/0003*210/{call_id}"
    assert front.parties(call_id) == ["0003*210", "0003*024", "0003*025"]
    body = {"action": "Transfer", "sendCallTo": OUTSIDE, "transferFromNumber": "0003*024"}
    assert front.code("PUT", path, body) == (400, "pc_transfer_number_invalid")
    assert front.send("DELETE", path, query="phoneNumber=0003*025")[0] == 200
    assert front.parties(call_id) == ["0003*210", "0003*024"]


def test_hold_and_off_hold() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    status, answer = front.send("PUT", path, {"action": "OnHold", "phoneCallViewId": "01"})
    assert status == 200
    holders = {view["extension"]: view["holder"] for view in answer["phoneCallView"]}
    assert holders == {"0003*210": 1, "0003*024": 0}
    assert {view["status"] for view in answer["phoneCallView"]} == {"5"}
    assert front.hears("0003*024") == ["music"]
    assert front.code("PUT", path, {"action": "OnHold", "phoneCallViewId": "01"}) == (400, "pc_state_invalid")
    status, answer = front.send("PUT", f"{CALLS}/12/0003*210", {"action": "OffHold", "phoneCallViewId": 1})
    assert (status, len(answer)) == (200, 1)
    assert "onHold" not in answer[0]["phoneCallView"][0]
    assert front.send("PUT", f"{CALLS}/13/0003*024", {"action": "OffHold"}) == (204, None)


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


def test_recording() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    status, answer = front.send("PUT", path, {"action": "StartRecording", "phoneCallViewId": "01", "format": "wav49"})
    assert (status, answer["phoneCallView"][1]["recording"]) == (200, "2012-06-27T13:08:50Z")
    status, answer = front.send("PUT", path, {"action": "StopRecording", "phoneCallViewId": "01"})
    assert (status, "recording" in answer["phoneCallView"][1]) == (200, False)


def test_supervisors() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    body = {"action": "Monitor", "phoneCallViewId": "00", "sendCallTo": "025"}
    assert front.send("PUT", path, body)[0] == 200
    assert front.exchange.phone("0003*025").state.value != "idle"


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


def test_calls_with_outside() -> None:
    front = Front()
    call_id = front.talk(OUTSIDE, "0003*210")
    (call,) = front.get(f"{CALLS}/12/210")["entry"]
    (view,) = call["phoneCallView"]
    assert (view["flow"], view["callerId"], view["id"]) == (8, f"John Doe <{OUTSIDE}>", "00")
    body = {"action": "Transfer", "sendCallTo": "0003*025", "transferFromNumber": f"+{OUTSIDE}"}
    assert front.send("PUT", f"{CALLS}/12/210/{call_id}", body)[0] == 200
    assert front.parties(call_id) == ["0003*210", "0003*025"]
    front.act(OTHER_OUTSIDE, Dial(to="0003*024"))
    front.run()
    (call,) = front.get(f"{CALLS}/13/@self", account=Account(JANE))["entry"]
    assert call["phoneCallView"][0]["callerId"] == f"{OTHER_OUTSIDE} <{OTHER_OUTSIDE}>"


@pytest.mark.parametrize(
    ("path", "account", "answer"),
    [
        ("/99/0003*210", Account(JOHN, "administrator"), (400, "user_invalid")),
        ("/@global/0003*210", Account(JOHN, "administrator"), (400, "user_invalid")),
        ("/99/@self", Account(JOHN, "administrator"), (400, "user_invalid")),
        ("/12/0003*999", Account(JOHN, "administrator"), (400, "extension_invalid")),
        (f"/12/{OUTSIDE}", Account(JOHN, "administrator"), (400, "extension_invalid")),
        ("/13/0003*210", Account(JOHN, "administrator"), (400, "extension_invalid")),
        ("/13/0003*024", Account(JOHN), (401, "access_denied")),
        ("/@me/0003*024", Account(JOHN), (401, "access_denied")),
        ("/@owner/0004*100", Account(JOHN, "organization"), (401, "access_denied")),
        ("/15/@self", Account(JOHN, "organization"), (401, "access_denied")),
        ("/12/0003*210/1/2", Account(JOHN), (501, "request_not_implemented")),
        ("/12", Account(JOHN), (501, "request_not_implemented")),
    ],
)
def test_who_may_ask_for_what(path: str, account: Account, answer: tuple[int, str]) -> None:
    assert Front().code("GET", CALLS + path, account=account) == answer


def test_an_id_alone_is_found_within_reach() -> None:
    front = Front()
    call_id = front.talk("0003*024", "0003*025")
    assert front.get(f"{CALLS}/@me/@self/{call_id}")["totalResults"] == 1
    assert front.get(f"{CALLS}/@me/@self/{call_id}", account=Account(ANN, "organization"))["totalResults"] == 0
    assert front.get(f"{CALLS}/@viewer/@self/{call_id}", account=Account(JIM))["totalResults"] == 1


def test_a_call_is_begun() -> None:
    front = Front()
    body = {
        "extension": "0003*210",
        "phoneCallView": [{"source": ["0003*210"], "destination": OUTSIDE}],
        "callerId": "John Doe <4242425>",
        "nonce": 17,
    }
    status, answer = front.send("POST", f"{CALLS}/@me/simple", body, query="waitForPickup=25&allowPublicTransfer=true")
    assert status == 200
    (call,) = answer
    assert (call["extension"], call["nonce"]) == ("0003*210", "17")
    assert call["links"]["self"] == f"{BASE}{CALLS}/12/0003*210/{call['id']}"
    view = front.listed(call["links"]["self"].removeprefix(BASE))["phoneCallView"][0]
    assert (view["destination"], view["status"]) == ([OUTSIDE], "4")
    front.act(OUTSIDE, Answer())
    front.run()
    assert front.hears(OUTSIDE) == ["0003*210"]


VIEW = {"source": ["0003*210"], "destination": ["0003*024"]}


@pytest.mark.parametrize(
    ("kind", "body", "query", "answer"),
    [
        ("simple", {"phoneCallView": [VIEW]}, "", (400, "extension_invalid")),
        ("simple", {"extension": "@self", "phoneCallView": [VIEW]}, "", (400, "extension_invalid")),
        ("simple", {"extension": "0003*999", "phoneCallView": [VIEW]}, "", (400, "extension_invalid")),
        ("callback", {"extension": "0003*210", "phoneCallView": [VIEW]}, "", (400, "extension_invalid")),
        ("simple", {"extension": "0003*210"}, "", (400, "pc_phonecallview_invalid")),
        ("simple", {"extension": "0003*210", "phoneCallView": [VIEW, VIEW]}, "", (400, "pc_phonecallview_invalid")),
        ("simple", {"extension": "0003*210", "phoneCallView": {}}, "", (400, "pc_source_invalid")),
        ("simple", {"extension": "0003*210", "phoneCallView": {"source": [[]]}}, "", (400, "pc_source_invalid")),
        ("simple", {"extension": "0003*210", "phoneCallView": {"source": "0003*777"}}, "", (400, "pc_source_invalid")),
        (
            "simple",
            {"extension": "0003*210", "phoneCallView": {**VIEW, "source": ["0003*210", "0003*025"]}},
            "",
            (501, "request_not_implemented"),
        ),
        (
            "simple",
            {"extension": "0003*210", "phoneCallView": {"source": "210"}},
            "",
            (400, "pc_destination_invalid"),
        ),
        (
            "simple",
            {"extension": "0003*210", "phoneCallView": {"source": "210", "destination": "210"}},
            "",
            (400, "pc_destination_invalid"),
        ),
        ("simple", {"extension": "0003*210", "phoneCallView": VIEW, "callerId": {}}, "", (400, "pc_callerid_invalid")),
        ("simple", {"extension": "0003*210", "phoneCallView": VIEW, "callerId": "x"}, "", (400, "pc_callerid_invalid")),
        (
            "simple",
            {"extension": "0003*210", "phoneCallView": VIEW},
            "waitForPickup=0",
            (400, "pc_waitforpickup_invalid"),
        ),
        (
            "simple",
            {"extension": "0003*210", "phoneCallView": VIEW},
            "callDuration=x",
            (400, "pc_callduration_invalid"),
        ),
        ("simple", {"extension": "0003*210", "phoneCallView": VIEW}, "video=2", (400, "pc_video_invalid")),
        (
            "simple",
            {"extension": "0003*210", "phoneCallView": VIEW},
            "allowPublicTransfer=maybe",
            (400, "pc_allowpublictransfer_invalid"),
        ),
        ("simple", b"[", "", (400, "request_invalid")),
        ("0003*210", {}, "", (501, "request_not_implemented")),
    ],
)
def test_bad_calls_have_their_codes(kind: str, body: object, query: str, answer: tuple[int, str]) -> None:
    front = Front()
    assert front.code("POST", f"{CALLS}/@me/{kind}", body, query) == answer
    assert front.get(f"{CALLS}/@me/@self")["entry"] == []


def test_a_call_can_t_be_begun_while_the_switch_is_away() -> None:
    front = Front()
    front.cut()
    front.run()
    body = {"extension": "0003*210", "phoneCallView": VIEW}
    assert front.code("POST", f"{CALLS}/@me/simple", body) == (500, "internal_server_error")


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


def test_a_ringing_call_can_t_be_hung_up_by_whom_it_rings() -> None:
    """As for other desktops: Hangup is not offered while it rings (call-semantics decision 11)."""
    front = Front()
    front.act("0003*024", Dial(to="0003*210"))
    front.run()
    assert front.code("DELETE", f"{CALLS}/12/0003*210") == (400, "pc_state_invalid")


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


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (RefusalKind.UNKNOWN_CALL, (400, "pc_phonecall_invalid")),
        (RefusalKind.BAD_DESTINATION, (400, "pc_sendcallto_invalid")),
        (RefusalKind.UNKNOWN_PARTICIPANT, (400, "pc_phonenumber_invalid")),
        (RefusalKind.SWITCH_UNAVAILABLE, (500, "internal_server_error")),
        (RefusalKind.LIMIT_REACHED, (400, "pc_state_invalid")),
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


def test_when_none_of_all_calls_can_nothing_is_answered() -> None:
    front = Front()
    front.talk("0003*210", "0003*024")
    body = {"action": "OffHold", "phoneCallViewId": "01"}
    assert front.send("PUT", f"{CALLS}/12/0003*210", body) == (204, None)


def test_lists_know_their_parameters() -> None:
    assert Front().code("GET", f"{CALLS}/@me/@self", query="count=x") == (400, "count_invalid")


# -- parking and picking up (§2.4.3) --------------------------------------------------------------------------------


def parked(front: Front, caller: str = "0003*210", called: str = "0003*024", view: str = "01") -> tuple[str, str]:
    """Two talk, and the one with this view is parked; the path of the other, who parked it, and the call's id."""
    call_id = front.talk(caller, called)
    path = f"{CALLS}/@owner/{called}/{call_id}"
    status, answer = front.send("PUT", path, {"action": "Park", "phoneCallViewId": view, "maxInParking": "60"})
    assert (status, [one["id"] for one in answer]) == (200, [call_id])
    return path, call_id


def test_the_party_of_the_view_is_parked() -> None:
    front = Front()
    path, call_id = parked(front)
    assert (front.hears("0003*210"), front.parties(call_id)) == (["music"], ["0003*210"])
    call = front.listed(path)
    (view,) = call["phoneCallView"]
    assert (call["id"], call["extension"], view["id"], view["status"]) == (call_id, "0003*210", "01", "5")
    assert (view["parked"], view["parkedPos"], view["parkedBy"]) == ("2012-06-27T13:08:50Z", 701, "0003*024")
    assert front.listed(f"{CALLS}/12/0003*210")["id"] == call_id
    assert front.listed(f"{CALLS}/13/0003*024")["id"] == call_id


def test_a_number_outside_is_parked_by_its_extension_and_has_a_view_then() -> None:
    front = Front()
    path, call_id = parked(front, OUTSIDE, "0003*024", "00")
    call = front.listed(path)
    (view,) = call["phoneCallView"]
    assert (call["extension"], view["extension"], view["id"], view["parkedBy"]) == (
        "0003*024",
        OUTSIDE,
        "01",
        "0003*024",
    )
    body = {"action": "UnPark", "phoneCallViewId": "01", "sendCallTo": "025", "callerId": "Somebody <4711>"}
    status, answer = front.send("PUT", path, body)
    assert (status, answer["id"]) == (200, call_id)
    assert front.hears("0003*025") == [OUTSIDE]
    assert [one["extension"] for one in front.listed(f"{CALLS}/14/0003*025")["phoneCallView"]] == ["0003*025"]
    assert front.get(f"{CALLS}/13/0003*024")["totalResults"] == 0


def test_without_a_view_it_is_whoever_the_extension_talks_with() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    assert front.send("PUT", f"{CALLS}/12/0003*210/{call_id}", {"action": "Park"})[0] == 200
    assert front.hears("0003*024") == ["music"]
    status, answer = front.send("PUT", f"{CALLS}/12/0003*210", {"action": "UnPark", "sendCallTo": "0003*210"})
    assert (status, len(answer)) == (200, 1)
    assert front.hears("0003*024") == ["0003*210"]
    assert front.send("PUT", f"{CALLS}/12/0003*210", {"action": "UnPark", "sendCallTo": "0003*025"})[0] == 204


def test_at_the_end_of_its_time_it_goes_back_to_the_parker() -> None:
    front = Front()
    path, call_id = parked(front)
    front.wait(60)
    assert front.parties(call_id) == ["0003*210", "0003*024"]
    views = front.listed(path)["phoneCallView"]
    assert {view["status"] for view in views} == {"3", "4"}
    assert not any("parked" in view for view in views)
    front.act("0003*024", Answer())
    front.run()
    assert front.hears("0003*210") == ["0003*024"]


def test_whoever_parked_it_can_hang_it_up() -> None:
    front = Front()
    path, call_id = parked(front)
    assert front.send("DELETE", path, query="phoneNumber=0003*210")[0] == 200
    front.run()
    assert front.parties(call_id) == []
    assert front.get(f"{CALLS}/13/0003*024")["totalResults"] == 0
    path, _ = parked(front)
    assert front.send("DELETE", path)[0] == 200


def test_a_call_is_found_by_its_id_alone_by_who_parked_it() -> None:
    front = Front()
    _, call_id = parked(front, "0003*024", "0003*210")
    assert front.listed(f"{CALLS}/@me/@self/{call_id}")["id"] == call_id


def test_a_call_that_rings_is_picked_up() -> None:
    front = Front()
    front.act("0003*210", Dial(to="0003*024"))
    front.run()
    call_id = front.chronicle.of("0003*024")[0].id
    body = {"action": "PickUp", "phoneCallViewId": "00", "sendCallTo": "0003*025", "waitForPickUp": 10}
    status, answer = front.send("PUT", f"{CALLS}/13/0003*024/{call_id}", body)
    assert (status, [view["extension"] for view in answer["phoneCallView"]]) == (200, ["0003*210", "0003*025"])
    assert (front.hears("0003*210"), front.hears("0003*025"), front.hears("0003*024")) == (
        ["0003*025"],
        ["0003*210"],
        [],
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"action": "Park", "phoneCallViewId": "7"}, "pc_phonecallview_invalid"),
        ({"action": "Park", "phoneCallViewId": "01", "maxInParking": 9}, "pc_maxinparking_invalid"),
        ({"action": "Park", "phoneCallViewId": "01", "maxInParking": "3601"}, "pc_maxinparking_invalid"),
        ({"action": "UnPark", "phoneCallViewId": "01", "sendCallTo": "025"}, "pc_state_invalid"),
        ({"action": "UnPark", "phoneCallViewId": "7", "sendCallTo": "025"}, "pc_phonecallview_invalid"),
        ({"action": "UnPark", "phoneCallViewId": "01"}, "pc_sendcallto_invalid"),
        ({"action": "UnPark", "phoneCallViewId": "01", "sendCallTo": OUTSIDE}, "pc_sendcallto_invalid"),
        ({"action": "UnPark", "phoneCallViewId": "01", "sendCallTo": "0004*100"}, "pc_sendcallto_invalid"),
        ({"action": "PickUp", "phoneCallViewId": "01", "sendCallTo": "025"}, "pc_state_invalid"),
        ({"action": "PickUp", "sendCallTo": "025", "waitForPickup": "0"}, "pc_waitforpickup_invalid"),
        ({"action": "PickUp", "sendCallTo": "025", "callerId": "<"}, "pc_callerid_invalid"),
        ({"action": "PickUp", "sendCallTo": "025", "callerId": []}, "pc_callerid_invalid"),
    ],
)
def test_bad_parking_has_its_codes_and_changes_nothing(body: object, code: str) -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    before = front.listed(path)
    assert front.code("PUT", path, body) == (400, code)
    assert front.listed(path) == before


def test_the_parking_lot_is_full() -> None:
    """call-semantics #79; the lot is that of the organisation."""
    front = Front(rules=Rules(park_slots=1))
    parked(front)
    call_id = front.talk(OUTSIDE, "0003*025")
    path = f"{CALLS}/14/0003*025/{call_id}"
    assert front.code("PUT", path, {"action": "Park", "phoneCallViewId": "00"}) == (400, "pc_state_invalid")
    assert front.hears("0003*025") == [OUTSIDE]
    away = Account(ANN, "organization", "an app")
    call_id = front.talk(OTHER_OUTSIDE, "0004*100")
    path = f"{CALLS}/15/0004*100/{call_id}"
    assert front.send("PUT", path, {"action": "Park", "phoneCallViewId": "00"}, account=away)[0] == 200


# -- voicemail (§2.4.10) --------------------------------------------------------------------------------------------


def test_a_party_lands_in_a_mailbox() -> None:
    front = Front()
    call_id = front.talk(OUTSIDE, "0003*210")
    body = {"action": "TransferToVoicemail", "sendCallTo": "024", "transferNumber": OUTSIDE}
    status, answer = front.send("PUT", f"{CALLS}/12/0003*210/{call_id}", body)
    assert (status, answer["id"]) == (200, call_id)
    assert (front.hears(OUTSIDE), front.hears("0003*210")) == (["voicemail"], [])
    front.wait(5)
    front.act(OUTSIDE, Hangup())
    front.run()
    (message,) = front.exchange.take_recordings()
    assert (message.starter, message.seconds, message.parties) == ("0003*024", 5.0, ("0003*024", OUTSIDE))


def test_whoever_leaves_a_message_is_on_call() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    numbers = {"transferNumber": "210", "transferFromNumber": "0003*024"}
    body = {"action": "TransferToVoicemail", "sendCallTo": "025", **numbers}
    status, answer = front.send("PUT", f"{CALLS}/12/0003*210", body)
    assert (status, [call["id"] for call in answer]) == (200, [call_id])
    (view,) = answer[0]["phoneCallView"]
    assert (view["status"], view["extension"], view["destination"]) == ("5", "0003*210", ["0003*025"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "pc_transfer_number_invalid"),
        ({"transferNumber": "999"}, "pc_transfer_number_invalid"),
        ({"transferNumber": "210"}, "pc_sendcallto_invalid"),
        ({"transferNumber": "210", "sendCallTo": OUTSIDE}, "pc_sendcallto_invalid"),
        ({"transferNumber": "210", "sendCallTo": "0004*100"}, "pc_sendcallto_invalid"),
        (
            {"transferNumber": "210", "sendCallTo": "025", "transferFromNumber": "210"},
            "pc_transfer_from_number_invalid",
        ),
        ({"transferNumber": "210", "sendCallTo": "025", "transferFromNumber": []}, "pc_transfer_from_number_invalid"),
    ],
)
def test_bad_transfers_to_voicemail_have_their_codes_and_change_nothing(body: dict[str, object], code: str) -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    before = front.listed(path)
    assert front.code("PUT", path, {"action": "TransferToVoicemail", **body}) == (400, code)
    assert front.listed(path) == before
