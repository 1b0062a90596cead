"""What the contract says of phone calls that no module does alone: across actions, over time, between interfaces."""

from __future__ import annotations

from typing import Any

import pytest
from tests.uapi.front import CALLS, OTHER_OUTSIDE, OUTSIDE, Front

from cordboard.calls.commands import SingleStepTransfer
from cordboard.calls.records import Rules
from cordboard.switches.virtual.persons import Answer, Dial, Reject


def nulls(value: Any) -> bool:
    """Whether there is a null anywhere."""
    if isinstance(value, dict):
        return any(nulls(one) for one in value.values())
    return value is None or (isinstance(value, list) and any(nulls(one) for one in value))


@pytest.mark.uapi("0.5 NULL", "2.1 resource", "2.2 resource", "2.2 ringing and answered", "2.6 JSON types")
def test_what_is_null_is_left_out() -> None:
    front = Front()
    front.act("0003*210", Dial(to="0003*024"))
    front.run()
    ringing = front.listed(f"{CALLS}/12/0003*210")
    assert not nulls(ringing)
    needed = {"id", "extension", "ownerId", "ownerName", "published", "nonce", "phoneCallView", "links", "link"}
    assert set(ringing) == needed
    of_view = {"id", "extension", "source", "destination", "flow", "status", "callerId"}
    assert [set(view) - of_view for view in ringing["phoneCallView"]] == [{"ringing"}, set()]
    front.act("0003*024", Answer())
    front.run()
    talking = front.listed(f"{CALLS}/12/0003*210")
    assert set(talking) == {*needed, "answered"}
    assert [set(view) - of_view for view in talking["phoneCallView"]] == [{"answered"}, {"answered"}]
    assert {type(view["status"]) for view in talking["phoneCallView"]} == {str}
    assert {type(view["flow"]) for view in talking["phoneCallView"]} == {int}


@pytest.mark.uapi("2.1 ids stay", "2.2 ids of views", "2.2 status")
def test_an_id_stays_whatever_is_done_with_its_call() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/@me/@self/{call_id}"
    for body in (
        {"action": "OnHold", "phoneCallViewId": "01"},
        {"action": "OffHold", "phoneCallViewId": "01"},
        {"action": "StartRecording", "phoneCallViewId": "01"},
        {"action": "StopRecording", "phoneCallViewId": "01"},
        {"action": "Park", "phoneCallViewId": "01"},
        {"action": "UnPark", "phoneCallViewId": "01", "sendCallTo": "0003*024"},
        {"action": "Transfer", "sendCallTo": "0003*025", "transferFromNumber": "0003*024"},
    ):
        status, answer = front.send("PUT", path, body)
        (shown,) = answer if isinstance(answer, list) else [answer]
        assert (status, shown["id"]) == (200, call_id), body
        assert {view["status"] for view in shown["phoneCallView"]} <= {"3", "4", "5"}, body
        views = {view["extension"]: view["id"] for view in shown["phoneCallView"]}
        assert views["0003*210"] == "01", body
    assert views == {"0003*210": "01", "0003*025": "03"}


@pytest.mark.uapi("2.4.1 filters", "2.4.1 list")
def test_lists_are_filtered_by_id_and_date_only() -> None:
    front = Front()
    first = front.talk("0003*210", "0003*024")
    front.now += 60
    front.act("0003*210", Dial(to="0003*025"))
    front.run()
    path = f"{CALLS}/@me/@self"
    assert [one["id"] for one in front.get(path, f"filterBy=id&filterValue={first}")["entry"]] == [first]
    later = "filterBy=published&filterOp=greaterThan&filterValue=2012-06-27T13:09:00Z"
    (call,) = front.get(path, later)["entry"]
    assert call["id"] != first
    assert front.code("GET", path, query="filterBy=extension&filterValue=1") == (400, "filterby_invalid")
    assert front.code("GET", path, query="fields=colour") == (400, "fields_invalid")
    front.act("0003*025", Reject())
    front.run()
    assert [one["id"] for one in front.get(path)["entry"]] == [first]


@pytest.mark.uapi("2.4.3 BargeIn", "4 supervisors have views")
def test_whoever_barges_in_is_heard_by_all_and_has_a_view() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    body = {"action": "BargeIn", "phoneCallViewId": "00", "sendCallTo": "0003*025"}
    status, _ = front.send("PUT", f"{CALLS}/12/0003*210/{call_id}", body)
    assert (status, front.hears("0003*210"), front.hears("0003*024")) == (
        200,
        ["0003*024", "0003*025"],
        ["0003*210", "0003*025"],
    )
    views = front.listed(f"{CALLS}/12/0003*210/{call_id}")["phoneCallView"]
    assert [(view["id"], view["extension"], view["status"]) for view in views] == [
        ("00", "0003*024", "5"),
        ("01", "0003*210", "5"),
        ("02", "0003*025", "5"),
    ]


@pytest.mark.uapi("2.4.3 action names", "2.4.4 codes of other parameters")
@pytest.mark.parametrize(
    "name",
    [
        *("transfer", "TRANSFER", "onhold", "Answer", "Reject", "Mute", "SendDtmf", "CompleteTransfer"),
        *("InitiateTransfer", "Conference", "", " ", 7, None, [], {}),
    ],
)
def test_other_actions_are_not_there(name: object) -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    body = {"action": name, "phoneCallViewId": "01", "sendCallTo": "025", "transferFromNumber": "024"}
    assert front.code("PUT", f"{CALLS}/12/0003*210/{call_id}", body) == (400, "pc_action_invalid")


@pytest.mark.uapi("2.4.9 blind", "2.4.9 extension and view stay", "2.2 callerId")
def test_the_transferor_is_gone_while_the_target_rings() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    body = {"action": "Transfer", "sendCallTo": OUTSIDE, "transferFromNumber": "0003*024"}
    _, answer = front.send("PUT", f"{CALLS}/12/0003*210/{call_id}", body)
    (view,) = answer["phoneCallView"]
    assert (view["status"], view["callerId"], view["source"], view["destination"]) == (
        "4",
        f"John Doe <{OUTSIDE}>",
        ["0003*210"],
        [OUTSIDE],
    )
    assert (front.hears("0003*024"), front.hears("0003*210")) == ([], ["ringback"])


@pytest.mark.uapi("2.4.9 the target does not come")
@pytest.mark.parametrize(("behaviour", "seconds"), [("busy", 1), ("reject", 1), ("ring", 20)])
def test_a_transfer_in_vain_goes_back_to_the_transferor(behaviour: str, seconds: int) -> None:
    front = Front(rules=Rules(no_answer_timeout_s=20.0))
    front.behave("0003*025", behaviour, 0)
    call_id = front.talk("0003*210", "0003*024")
    body = {"action": "Transfer", "sendCallTo": "0003*025", "transferFromNumber": "0003*024"}
    assert front.send("PUT", f"{CALLS}/12/0003*210/{call_id}", body)[0] == 200
    front.wait(seconds)
    assert front.parties(call_id) == ["0003*210", "0003*024"]
    front.act("0003*024", Answer())
    front.run()
    assert front.hears("0003*210") == ["0003*024"]


@pytest.mark.uapi("4 a call that rings is not transferred", "2.4.4 pc_state_invalid")
@pytest.mark.parametrize("transferor", ["0003*210", "0003*024"])
def test_a_call_that_rings_is_not_transferred(transferor: str) -> None:
    front = Front()
    front.act("0003*210", Dial(to="0003*024"))
    front.run()
    (call,) = front.chronicle.of("0003*210")
    body = {"action": "Transfer", "sendCallTo": "0003*025", "transferFromNumber": transferor}
    assert front.code("PUT", f"{CALLS}/12/0003*210/{call.id}", body) == (400, "pc_state_invalid")
    assert front.parties(call.id) == ["0003*210", "0003*024"]


@pytest.mark.uapi("4 who is held", "2.2 onHold and holder")
def test_who_is_held_and_handed_on_hears_the_target() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    front.send("PUT", path, {"action": "OnHold", "phoneCallViewId": "00"})
    front.send("PUT", path, {"action": "Transfer", "sendCallTo": "025", "transferFromNumber": "024"})
    front.act("0003*025", Answer())
    front.run()
    assert front.hears("0003*210") == ["0003*025"]
    assert not any("onHold" in view for view in front.listed(path)["phoneCallView"])


@pytest.mark.uapi("4 a recording goes on", "2.2 recording")
def test_a_recording_goes_on_with_who_is_left() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    front.send("PUT", path, {"action": "StartRecording", "phoneCallViewId": "00"})
    front.send("PUT", path, {"action": "Transfer", "sendCallTo": "025", "transferFromNumber": "024"})
    front.act("0003*025", Answer())
    front.run()
    assert ["recording" in view for view in front.listed(path)["phoneCallView"]] == [True, True]


@pytest.mark.uapi("4 who is parked is not transferred", "2.4.9 transferFromNumber")
def test_who_is_parked_is_got_out_before_it_is_transferred() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}"
    front.send("PUT", path, {"action": "Park", "phoneCallViewId": "01"})
    body = {"action": "Transfer", "sendCallTo": "025"}
    parker = {**body, "transferFromNumber": "0003*024"}
    assert front.code("PUT", path, parker) == (400, "pc_transfer_from_number_invalid")
    assert front.code("PUT", path, {**body, "transferFromNumber": "0003*210"}) == (400, "pc_state_invalid")
    assert front.hears("0003*210") == ["music"]


@pytest.mark.uapi("5.11 malformed samples")
@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("PUT", b'{"action":"PickUp","sendCallTo":"025","callerId:" "John Doe <4242425>"}'),
        ("PUT", b'{"action":"Transfer"; "sendCallTo": 1}'),
        ("PUT", b'{"action: "Transfer"}'),
        ("POST", b'{"extension":"0003*210","phoneCallView":[{"source":["0003*210"],"destination":["0003*024"]}'),
        ("POST", b"extension=0003*210"),
    ],
)
def test_what_the_printed_pages_get_wrong_is_no_bug_of_ours(method: str, body: bytes) -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    path = f"{CALLS}/12/0003*210/{call_id}" if method == "PUT" else f"{CALLS}/12/simple"
    assert front.code(method, path, body) == (400, "request_invalid")


@pytest.mark.uapi("5.11 malformed samples")
def test_a_member_that_is_misspelled_is_as_good_as_none() -> None:
    front = Front()
    front.act("0003*210", Dial(to="0003*024"))
    front.run()
    body = {"action": "PickUp", "phoneCallViewId": "00", "sendCallTo": "025", "callerId:": "John Doe <4242425>"}
    assert front.send("PUT", f"{CALLS}/13/0003*024", body)[0] == 200


@pytest.mark.uapi("2.4.9 numbers are compared", "1.2 public numbers", "2.4.2 phoneNumber")
@pytest.mark.parametrize("written", [OUTSIDE, f"+{OUTSIDE}", "(323) 574-2879", "323.574.2879", int(OUTSIDE)])
def test_a_number_may_be_written_as_people_do(written: object) -> None:
    front = Front()
    call_id = front.talk(OUTSIDE, "0003*210")
    body = {"action": "Transfer", "sendCallTo": "333-4444", "transferFromNumber": "210", "transferNumber": written}
    status, _ = front.send("PUT", f"{CALLS}/12/210/{call_id}", body)
    assert (status, front.parties(call_id)) == (200, [OUTSIDE, OTHER_OUTSIDE])


@pytest.mark.uapi("4 one set of calls")
def test_a_transfer_by_the_other_interface_is_seen() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    own = front.calls("0003*024")[0].call
    assert front.ask(SingleStepTransfer(asker="0003*024", call=own.id, to="0003*025")) is None
    front.run()
    (call,) = front.get(f"{CALLS}/14/0003*025")["entry"]
    assert (call["id"], [view["extension"] for view in call["phoneCallView"]]) == (call_id, ["0003*210", "0003*025"])
