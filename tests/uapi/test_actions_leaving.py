"""Parties that are left somewhere, and got out of there: parking, picking up, mailboxes (§2.4.3, §2.4.10)."""

from __future__ import annotations

import pytest
from tests.uapi.front import ANN, CALLS, OTHER_OUTSIDE, OUTSIDE, Front

from cordboard.calls.records import Rules
from cordboard.people.model import Account
from cordboard.switches.virtual.persons import Answer, Dial, Hangup


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
