"""Calls that are begun by request (voipnow-uapi §2.3), on a real board."""

from __future__ import annotations

from typing import Any

import pytest
from tests.uapi.front import BASE, CALLS, OTHER_OUTSIDE, OUTSIDE, Front

from cordboard.calls.orders import DialLeg
from cordboard.calls.records import Rules
from cordboard.switches.virtual.persons import Answer


@pytest.mark.uapi("2.3 answer", "2.3.1 simple", "0.7 one or a list", "2.1 nonce")
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


@pytest.mark.uapi("2.3 codes", "1.2 @self begins no call", "2.3.1 the extension", "1.2 begin or act", "2.3.1 video")
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
            {"extension": "0003*210", "phoneCallView": {**VIEW, "source": ["0003*210", "0003*777"]}},
            "",
            (400, "pc_source_invalid"),
        ),
        (
            "simple",
            {"extension": "0003*210", "phoneCallView": {**VIEW, "source": ["0003*210", "0003*024"]}},
            "",
            (400, "pc_destination_invalid"),
        ),
        ("simple", {"extension": "0003*210", "phoneCallView": VIEW, "nonce": []}, "", (400, "pc_nonce_invalid")),
        (
            "simple",
            {"extension": "0003*210", "phoneCallView": VIEW, "callerDestination": "x"},
            "",
            (400, "pc_callerid_invalid"),
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


def begun(front: Front, query: str = "", **body: object) -> dict[str, Any]:
    """The call that is begun by ``simple``."""
    fields = {"extension": "0003*210", "phoneCallView": [VIEW], **body}
    status, answer = front.send("POST", f"{CALLS}/@me/simple", fields, query)
    assert status == 200, answer
    (call,) = answer
    return call  # type: ignore[no-any-return]


def dials(front: Front) -> list[tuple[str, str, bool]]:
    """Number, what it shows, and whether it answers by itself."""
    return [(order.number, order.caller, order.auto_answer) for order in front.orders if isinstance(order, DialLeg)]


@pytest.mark.uapi("2.3.1 several sources", "2.2 source and destination", "2.1 the extension is charged")
def test_all_sources_ring_and_the_first_that_answers_is_connected() -> None:
    front = Front()
    call = begun(front, phoneCallView=[{"source": ["210", OTHER_OUTSIDE], "destination": "0003*024"}])
    assert dials(front) == [("0003*210", "0003*024", False), (OTHER_OUTSIDE, "0003*024", False)]
    path = f"{CALLS}/12/0003*210/{call['id']}"
    (view,) = front.listed(path)["phoneCallView"]
    assert (view["source"], view["destination"], view["status"], view["flow"]) == (
        ["0003*210", OTHER_OUTSIDE],
        ["0003*024"],
        "3",
        4,
    )
    assert view["callerId"] == "Jane Roe <0003*024>"
    front.act(OTHER_OUTSIDE, Answer())
    front.run()
    assert front.hears("0003*210") == []
    front.act("0003*024", Answer())
    front.run()
    (view,) = front.listed(path)["phoneCallView"]
    assert (view["source"], view["destination"], view["status"]) == ([OTHER_OUTSIDE], ["0003*024"], "5")
    assert front.listed(path)["extension"] == "0003*210"


def test_a_source_that_is_not_the_extension_is_not_made_to_answer() -> None:
    """Nobody's microphone is opened by somebody else."""
    front = Front()
    begun(front, phoneCallView=[{"source": "025", "destination": "0003*024"}])
    assert dials(front) == [("0003*025", "0003*024", False)]


@pytest.mark.uapi("2.3.1 waitForPickup")
def test_when_nobody_picks_up_in_time_the_call_is_cancelled() -> None:
    front = Front()
    sources = {"source": ["0003*210", "025"], "destination": "0003*024"}
    call = begun(front, "waitForPickup=10", phoneCallView=sources)
    front.wait(9)
    assert len(front.parties(call["id"])) == 2
    front.wait(1)
    assert front.parties(call["id"]) == []
    call = begun(front, phoneCallView=sources)
    front.wait(24)
    assert len(front.parties(call["id"])) == 2
    front.wait(1)
    assert front.parties(call["id"]) == []


@pytest.mark.uapi("2.3.1 callDuration")
def test_a_call_lasts_so_long_and_no_longer() -> None:
    front = Front()
    call = begun(front, "callDuration=60")
    front.act("0003*024", Answer())
    front.wait(59)
    assert len(front.parties(call["id"])) == 2
    front.wait(1)
    assert front.parties(call["id"]) == []


@pytest.mark.uapi("2.3.1 allowPublicTransfer")
@pytest.mark.parametrize(
    ("query", "status"), [("", 401), ("allowPublicTransfer=false", 401), ("allowPublicTransfer=TRUE", 200)]
)
def test_a_number_outside_is_handed_on_if_that_was_allowed(query: str, status: int) -> None:
    front = Front()
    call = begun(front, query, phoneCallView={"source": "210", "destination": OUTSIDE})
    front.act(OUTSIDE, Answer())
    front.run()
    body = {"action": "Transfer", "sendCallTo": "0003*025", "transferFromNumber": "210"}
    answer = front.send("PUT", f"{CALLS}/12/0003*210/{call['id']}", body)
    assert answer[0] == status
    assert status == 200 or answer[1]["error"]["code"] == "access_denied"


@pytest.mark.uapi("2.3.1 allowPublicTransfer")
def test_a_number_inside_is_handed_on_whatever_was_said() -> None:
    front = Front()
    call = begun(front, "allowPublicTransfer=false")
    front.act("0003*024", Answer())
    front.run()
    body = {"action": "Transfer", "sendCallTo": "0003*025", "transferFromNumber": "210"}
    assert front.send("PUT", f"{CALLS}/12/0003*210/{call['id']}", body)[0] == 200


@pytest.mark.uapi("2.3.1 callerId and callerDestination")
def test_what_telephones_show() -> None:
    """callerId at the source, callerDestination at the destination."""
    front = Front()
    begun(front, callerId="John Doe <1>", callerDestination="2")
    assert dials(front) == [("0003*210", "1", True), ("0003*024", "2", False)]


@pytest.mark.uapi("2.1 nonce")
def test_a_nonce_stays_with_its_call_and_is_made_where_there_is_none() -> None:
    front = Front()
    call = begun(front, nonce="my-own")
    assert call["nonce"] == "my-own"
    assert front.listed(f"{CALLS}/@me/@self/{call['id']}")["nonce"] == "my-own"
    call = begun(front)
    assert call["nonce"]
    assert front.get(f"{CALLS}/@me/@self/{call['id']}", "fields=nonce")["entry"] == [{"nonce": call["nonce"]}]


def test_too_many_sources() -> None:
    front = Front(rules=Rules(sources_max=1))
    body = {"extension": "0003*210", "phoneCallView": {"source": ["210", "025"], "destination": "024"}}
    assert front.code("POST", f"{CALLS}/@me/simple", body) == (400, "pc_source_invalid")


# -- callback (§2.3.2) -----------------------------------------------------------------------------------------------

BACK = {"source": OUTSIDE, "destination": OTHER_OUTSIDE}


@pytest.mark.uapi("2.3.2 callback")
def test_two_numbers_outside_are_connected_by_a_callback_extension() -> None:
    front = Front()
    body = {"extension": "400", "phoneCallView": BACK, "callerId": "1", "callerDestination": "2", "nonce": "n"}
    status, (call,) = front.send("POST", f"{CALLS}/@me/callback", body, "waitForPickup=30&callDuration=100")
    assert (status, call["extension"], call["nonce"]) == (200, "0003*400", "n")
    assert dials(front) == [(OUTSIDE, "1", False)]
    front.act(OUTSIDE, Answer())
    front.run()
    assert dials(front)[1:] == [(OTHER_OUTSIDE, "2", False)]
    front.act(OTHER_OUTSIDE, Answer())
    front.run()
    assert (front.hears(OUTSIDE), front.hears(OTHER_OUTSIDE)) == ([OTHER_OUTSIDE], [OUTSIDE])
    shown = front.listed(f"{CALLS}/12/0003*400")
    assert (shown["id"], shown["ownerId"], shown["phoneCallView"]) == (call["id"], "3", [])
    assert shown["links"]["self"] == f"{BASE}{CALLS}/12/0003*400/{call['id']}"
    assert front.listed(f"{CALLS}/@me/@self/{call['id']}")["id"] == call["id"]
    front.wait(100)
    assert front.get(f"{CALLS}/12/0003*400")["entry"] == []
    (record,) = front.get("/uapi/cdr")["entry"].values()
    assert record["extension"] == "0003*400"


def test_a_callback_is_hung_up() -> None:
    front = Front()
    front.send("POST", f"{CALLS}/@me/callback", {"extension": "400", "phoneCallView": BACK})
    assert front.send("DELETE", f"{CALLS}/@me/0003*400")[0] == 200
    assert front.hears(OUTSIDE) == []
    assert front.get(f"{CALLS}/12/0003*400")["entry"] == []


# -- conferenceInvite (§2.3.3) ---------------------------------------------------------------------------------------


def invite(front: Front, destination: str, query: str = "pin=4711", **body: object) -> dict[str, Any]:
    view = {"source": ["0003*500"], "destination": [destination]}
    fields = {"extension": "0003*500", "phoneCallView": [view], **body}
    status, answer = front.send("POST", f"{CALLS}/@me/conferenceInvite", fields, query)
    assert status == 200, answer
    (call,) = answer
    return call  # type: ignore[no-any-return]


@pytest.mark.uapi("2.3.3 conferenceInvite")
def test_numbers_inside_and_outside_are_called_into_a_conference() -> None:
    front = Front()
    call = invite(front, "024", callerId="The board <4711>", nonce="n")
    assert (call["extension"], call["nonce"]) == ("0003*500", "n")
    assert dials(front) == [("0003*024", "4711", False)]
    path = f"{CALLS}/12/0003*500/{call['id']}"
    (view,) = front.listed(path)["phoneCallView"]
    assert (view["source"], view["destination"], view["status"]) == (["0003*500"], ["0003*024"], "3")
    front.act("0003*024", Answer())
    front.run()
    (view,) = front.listed(path)["phoneCallView"]
    assert (view["status"], view["callerId"], view["flow"], front.hears("0003*024")) == (
        "5",
        "0003*500 <0003*500>",
        2,
        ["music"],
    )
    assert invite(front, OUTSIDE)["id"] == call["id"]
    front.act(OUTSIDE, Answer())
    front.run()
    assert front.hears("0003*024") == [OUTSIDE]
    assert front.listed(path)["phoneCallView"][0]["flow"] == 4
    assert invite(front, "025", "number=77")["id"] != call["id"]
    assert front.get(f"{CALLS}/12/0003*500")["totalResults"] == 2
    assert front.send("DELETE", path, query=f"phoneNumber={OUTSIDE}")[0] == 200
    assert front.hears("0003*024") == ["music"]
    assert front.send("DELETE", f"{CALLS}/12/500")[0] == 200
    assert front.get(f"{CALLS}/12/0003*500")["entry"] == []


def test_who_is_called_into_a_conference_and_does_not_come() -> None:
    front = Front()
    call = invite(front, "024", "pin=4711&waitForPickup=10")
    front.wait(10)
    assert front.parties(call["id"]) == []


MEETING = {"source": "0003*500", "destination": "024"}


@pytest.mark.uapi("2.3 codes", "2.3.2 callback", "2.3.3 conferenceInvite")
@pytest.mark.parametrize(
    ("kind", "body", "query", "answer"),
    [
        ("callback", {"extension": "0003*210", "phoneCallView": BACK}, "", (400, "extension_invalid")),
        ("callback", {"extension": "0003*500", "phoneCallView": BACK}, "", (400, "extension_invalid")),
        ("callback", {"extension": "@self", "phoneCallView": BACK}, "", (400, "extension_invalid")),
        ("callback", {"extension": "400"}, "", (400, "pc_phonecallview_invalid")),
        ("callback", {"extension": "400", "phoneCallView": {**BACK, "source": "210"}}, "", (400, "pc_source_invalid")),
        (
            "callback",
            {"extension": "400", "phoneCallView": {**BACK, "destination": "210"}},
            "",
            (400, "pc_destination_invalid"),
        ),
        (
            "callback",
            {"extension": "400", "phoneCallView": BACK},
            "waitForPickup=x",
            (400, "pc_waitforpickup_invalid"),
        ),
        ("callback", {"extension": "400", "phoneCallView": BACK}, "callDuration=0", (400, "pc_callduration_invalid")),
        ("conferenceInvite", {"extension": "400", "phoneCallView": MEETING}, "", (400, "extension_invalid")),
        ("conferenceInvite", {"extension": "210", "phoneCallView": MEETING}, "", (400, "extension_invalid")),
        ("conferenceInvite", {"extension": "0004*500", "phoneCallView": MEETING}, "", (401, "access_denied")),
        ("conferenceInvite", {"extension": "500"}, "pin=4711", (400, "pc_phonecallview_invalid")),
        (
            "conferenceInvite",
            {"extension": "500", "phoneCallView": MEETING},
            "pin=1",
            (400, "pc_conference_pin_invalid"),
        ),
        (
            "conferenceInvite",
            {"extension": "500", "phoneCallView": MEETING},
            "number=78",
            (400, "pc_conference_number_invalid"),
        ),
        (
            "conferenceInvite",
            {"extension": "500", "phoneCallView": {**MEETING, "source": "210"}},
            "pin=4711",
            (400, "pc_source_invalid"),
        ),
        (
            "conferenceInvite",
            {"extension": "500", "phoneCallView": {**MEETING, "destination": "999"}},
            "pin=4711",
            (400, "pc_destination_invalid"),
        ),
        (
            "conferenceInvite",
            {"extension": "500", "phoneCallView": MEETING, "callerId": "x"},
            "pin=4711",
            (400, "pc_callerid_invalid"),
        ),
        (
            "conferenceInvite",
            {"extension": "500", "phoneCallView": MEETING, "nonce": {}},
            "pin=4711",
            (400, "pc_nonce_invalid"),
        ),
        (
            "conferenceInvite",
            {"extension": "500", "phoneCallView": MEETING},
            "pin=4711&waitForPickup=0",
            (400, "pc_waitforpickup_invalid"),
        ),
    ],
)
def test_bad_callbacks_and_invitations_have_their_codes(
    kind: str, body: object, query: str, answer: tuple[int, str]
) -> None:
    front = Front()
    assert front.code("POST", f"{CALLS}/@me/{kind}", body, query) == answer
    assert front.orders == []


def test_nobody_is_called_twice_into_a_conference() -> None:
    front = Front()
    invite(front, "024")
    body = {"extension": "500", "phoneCallView": MEETING}
    assert front.code("POST", f"{CALLS}/@me/conferenceInvite", body, "pin=4711") == (400, "pc_destination_invalid")


def test_a_conference_is_full() -> None:
    front = Front(rules=Rules(conference_max=1))
    invite(front, "024")
    body = {"extension": "500", "phoneCallView": {**MEETING, "destination": "025"}}
    assert front.code("POST", f"{CALLS}/@me/conferenceInvite", body, "pin=4711") == (400, "pc_state_invalid")
