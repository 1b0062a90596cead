"""Actions on phone calls (voipnow-uapi §2.4), on a real board."""

from __future__ import annotations

import pytest
from tests.uapi.front import BASE, CALLS, JANE, OTHER_OUTSIDE, OUTSIDE, Front

from cordboard.calls.commands import SingleStepConference
from cordboard.calls.orders import DialLeg
from cordboard.people.model import Account
from cordboard.switches.virtual.persons import Answer, Dial


@pytest.mark.uapi(
    "2.1 resource",
    "2.2 resource",
    "2.4.9 destination transfers",
    "2.4.9 extension and view stay",
    "2.6 JSON types",
    "1.2 organisations",
    "1.5 links",
    "1.2 dates",
)
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
        "nonce": call_id,
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


@pytest.mark.uapi("2.4.9 source transfers", "2.4.9 numbers are compared", "2.2 source and destination", "1.2 @owner")
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


@pytest.mark.uapi("2.4.9 legacy body", "1.2 last slash", "1.1 two bases", "1.2 encoded paths")
def test_the_body_of_2015() -> None:
    """No transferFromNumber, a view instead (§2.4.9, legacy)."""
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    body = {"action": "Transfer", "sendCallTo": OUTSIDE, "phoneCallViewId": "0"}
    assert front.send("PUT", f"/unifiedapi/phoneCalls/@me/%40self/{call_id}/", body)[0] == 200
    assert front.parties(call_id)[0] == "0003*210"


@pytest.mark.uapi(
    "2.4.9 transferFromNumber",
    "2.4.9 transferNumber",
    "2.4.9 sendCallTo",
    "2.4.9 legacy body",
    "2.4.4 pc_phonecallview_invalid",
    "2.4.4 pc_sendcallto_invalid",
    "2.4.4 pc_state_invalid",
    "2.4.4 codes of other parameters",
)
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
        ({"action": "Monitor", "phoneCallViewId": "00", "sendCallTo": "025", "callerId": "<"}, "pc_callerid_invalid"),
        (
            {"action": "BargeIn", "phoneCallViewId": "00", "sendCallTo": "025", "waitForPickup": "0"},
            "pc_waitforpickup_invalid",
        ),
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


@pytest.mark.uapi("2.4.3 Whisper", "0.6 numbers and texts")
@pytest.mark.parametrize(
    ("body", "whisperer"),
    [({"private": "1"}, ["silence"]), ({"private": 0}, ["0003*210", "0003*024"]), ({}, ["0003*210", "0003*024"])],
)
def test_whispering_and_whispering_in_private(body: dict[str, object], whisperer: list[str]) -> None:
    """Only the party of the view hears the whisperer, who in private hears nobody."""
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    body = {"action": "Whisper", "phoneCallViewId": "00", "sendCallTo": "0003*025", **body}
    status, answer = front.send("PUT", f"{CALLS}/12/0003*210/{call_id}", body)
    assert (status, answer["id"]) == (200, call_id)
    assert front.hears("0003*025") == whisperer
    assert (front.hears("0003*024"), front.hears("0003*210")) == (["0003*210", "0003*025"], ["0003*024"])


@pytest.mark.uapi("2.4.3 waitForPickup and callerId", "2.4.3 Monitor")
def test_how_long_a_supervisor_is_called_and_what_it_is_shown() -> None:
    front = Front()
    front.behave("0003*025", "unreachable", 99_000)
    call_id = front.talk("0003*210", "0003*024")
    body = {"action": "Monitor", "phoneCallViewId": "00", "sendCallTo": "025"}
    body |= {"waitForPickup": "7", "callerId": "Boss <4711>"}
    assert front.send("PUT", f"{CALLS}/12/0003*210/{call_id}", body)[0] == 200
    dialled = [order for order in front.orders if isinstance(order, DialLeg)][-1]
    assert (dialled.number, dialled.caller) == ("0003*025", "4711")
    front.wait(7)
    assert front.parties(call_id) == ["0003*210", "0003*024"]


@pytest.mark.uapi("2.4.9 transferNumber", "2.4.2 phoneNumber")
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


@pytest.mark.uapi("2.4.3 OnHold and OffHold", "2.2 onHold and holder", "2.4.3 without an id", "0.6 numbers and texts")
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


@pytest.mark.uapi("2.4.3 StartRecording and StopRecording", "2.2 recording")
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


@pytest.mark.uapi("2.2 flow", "2.2 callerId", "1.2 public numbers", "1.2 extended and short numbers")
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
