"""Actions on phone calls (voipnow-uapi §2.4), on a real board."""

from __future__ import annotations

import pytest
from tests.uapi.front import ANN, BASE, CALLS, JANE, OTHER_OUTSIDE, OUTSIDE, Front

from cordboard.calls.commands import SingleStepConference
from cordboard.calls.orders import DialLeg
from cordboard.calls.records import Rules
from cordboard.people.model import Account
from cordboard.switches.virtual.persons import Answer, Dial, Hangup


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


# -- leaving somebody somewhere, and taking what is somebody else's -------------------------------------------------


def parked(front: Front, caller: str = "0003*210", called: str = "0003*024", view: str = "01") -> tuple[str, str]:
    """Two talk, and the one with this view is parked; the path of the other, who parked it, and the call's id."""
    call_id = front.talk(caller, called)
    path = f"{CALLS}/@owner/{called}/{call_id}"
    status, answer = front.send("PUT", path, {"action": "Park", "phoneCallViewId": view, "maxInParking": "60"})
    assert (status, [one["id"] for one in answer]) == (200, [call_id])
    return path, call_id


@pytest.mark.uapi("2.4.3 Park", "2.2 parked, parkedPos, parkedBy", "0.4 lists and objects")
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


@pytest.mark.uapi("2.4.3 Park", "2.4.3 UnPark", "2.4.3 waitForPickup and callerId")
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


@pytest.mark.uapi("2.4.3 UnPark", "2.4.3 without an id")
def test_without_a_view_it_is_whoever_the_extension_talks_with() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    assert front.send("PUT", f"{CALLS}/12/0003*210/{call_id}", {"action": "Park"})[0] == 200
    assert front.hears("0003*024") == ["music"]
    status, answer = front.send("PUT", f"{CALLS}/12/0003*210", {"action": "UnPark", "sendCallTo": "0003*210"})
    assert (status, len(answer)) == (200, 1)
    assert front.hears("0003*024") == ["0003*210"]
    assert front.send("PUT", f"{CALLS}/12/0003*210", {"action": "UnPark", "sendCallTo": "0003*025"})[0] == 204


@pytest.mark.uapi("2.4.3 Park")
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


@pytest.mark.uapi("2.4.2 hang up")
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


@pytest.mark.uapi("2.4.3 PickUp", "2.4.3 waitForPickup and callerId")
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


@pytest.mark.uapi(
    "2.4.4 codes of other parameters",
    "2.4.4 pc_phonecallview_invalid",
    "2.4.4 pc_sendcallto_invalid",
    "2.4.4 pc_state_invalid",
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


@pytest.mark.uapi("2.4.10 TransferToVoicemail", "2.4.10 which number is required")
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


@pytest.mark.uapi("2.4.10 TransferToVoicemail", "2.4.3 without an id")
def test_whoever_leaves_a_message_is_on_call() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    numbers = {"transferNumber": "210", "transferFromNumber": "0003*024"}
    body = {"action": "TransferToVoicemail", "sendCallTo": "025", **numbers}
    status, answer = front.send("PUT", f"{CALLS}/12/0003*210", body)
    assert (status, [call["id"] for call in answer]) == (200, [call_id])
    (view,) = answer[0]["phoneCallView"]
    assert (view["status"], view["extension"], view["destination"]) == ("5", "0003*210", ["0003*025"])


@pytest.mark.uapi("2.4.10 which number is required")
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


def conference(front: Front) -> str:
    """John, Jane and Jim; the id."""
    call_id = front.talk("0003*210", "0003*024")
    own = front.calls("0003*210")[0].call
    assert front.ask(SingleStepConference(asker="0003*210", call=own.id, to="0003*025")) is None
    front.run()
    front.act("0003*025", Answer())
    front.run()
    return call_id


@pytest.mark.uapi("2.4.3 Park")
def test_a_party_of_a_conference_is_parked() -> None:
    front = Front()
    call_id = conference(front)
    path = f"{CALLS}/12/0003*210/{call_id}"
    status, (parked,) = front.send("PUT", path, {"action": "Park", "phoneCallViewId": "00"})
    assert status == 200
    (view,) = parked["phoneCallView"]
    assert (parked["id"] == call_id, view["extension"], view["parkedBy"]) == (False, "0003*024", "0003*210")
    assert (front.parties(call_id), front.hears("0003*024")) == (["0003*210", "0003*025"], ["music"])
    assert front.get(f"{CALLS}/12/0003*210")["totalResults"] == 2
    body = {"action": "UnPark", "sendCallTo": "0003*210", "phoneCallViewId": view["id"]}
    assert front.send("PUT", f"{CALLS}/@me/@self/{parked['id']}", body)[0] == 200


@pytest.mark.uapi("2.4.4 pc_phonecallview_invalid")
def test_of_a_conference_the_view_says_who_is_parked() -> None:
    front = Front()
    path = f"{CALLS}/12/0003*210/{conference(front)}"
    assert front.code("PUT", path, {"action": "Park"}) == (400, "pc_phonecallview_invalid")
