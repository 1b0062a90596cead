"""Phone calls as JSON; whole ones are in test_routes.py, the corners are here."""

from __future__ import annotations

import msgspec
import pytest
from tests.uapi.front import directory

from cordboard.calls.model import Call, CallState, CallType, Parked, Reason
from cordboard.uapi.chronicle import Ended, Party, PhoneCall, ends
from cordboard.uapi.views import Views, disposition, status, view_id

VIEWS = Views(directory(), "https://host", lambda instant: instant)
R, D, E, H = CallState.RINGING, CallState.DIALING, CallState.ESTABLISHED, CallState.HELD


def phone_call(*parties: tuple[str, CallState]) -> PhoneCall:
    call = PhoneCall("ab", "V1", 5.0)
    for seat, (number, state) in enumerate(parties):
        view = Call("C1", number, "V1", "leg", state, CallType.INTERNAL, "c", "", 1.0, participants=("0003*025",))
        call.parties[number] = Party(view, seat, 6.0)
    return call


@pytest.mark.uapi("2.2 status")
@pytest.mark.parametrize(
    ("own", "others", "code"),
    [
        (R, (D,), "3"),
        (D, (), "2"),
        (D, (R,), "4"),
        (E, (R,), "4"),
        (E, (E,), "5"),
        (H, (E,), "5"),
        (E, (), "4"),
        (E, (E, R), "5"),
    ],
)
def test_status(own: CallState, others: tuple[CallState, ...], code: str) -> None:
    call = phone_call(("0003*210", own), *((f"{number}", state) for number, state in enumerate(others)))
    assert status(call, call.parties["0003*210"]) == code


@pytest.mark.uapi("2.2 ids of views")
def test_views_are_numbered_as_printed() -> None:
    call = phone_call(("1", E), ("2", E), ("3", E))
    assert [view_id(party) for party in call.parties.values()] == ["01", "00", "02"]


def test_who_is_alone_waits_for_somebody() -> None:
    assert ends(phone_call(("0003*210", E))) == (["0003*210"], ["0003*025"])


def test_a_call_without_anybody_of_ours_has_no_owner() -> None:
    call = phone_call(("3235742879", E))
    assert VIEWS.phone_call(call)["extension"] == ""
    assert "ownerId" not in VIEWS.phone_call(call)
    assert VIEWS.short(call)["links"] == {"self": "https://host/uapi/phoneCalls/@me/@self/ab"}


@pytest.mark.uapi("2.2 callerId", "2.2 flow")
def test_callers_without_names_and_dates() -> None:
    call = phone_call(("0003*210", R), ("3334444", D))
    call.parties["0003*210"] = msgspec.structs.replace(call.parties["0003*210"], recording=7.0, held=8.0)
    (view,) = VIEWS.phone_call(call)["phoneCallView"]
    assert (view["callerId"], view["ringing"], view["recording"], view["onHold"], view["flow"]) == (
        "3334444 <3334444>",
        "1970-01-01T00:00:06Z",
        "1970-01-01T00:00:07Z",
        "1970-01-01T00:00:08Z",
        4,
    )
    assert VIEWS.phone_call(phone_call(("3334444", E), ("0003*210", R)))["phoneCallView"][0]["flow"] == 8
    assert "callerId" not in VIEWS.phone_call(phone_call(("0003*210", E)))["phoneCallView"][0]
    assert VIEWS.short(call, "n")["nonce"] == "n"


def test_somebody_outside_has_a_view_while_parked() -> None:
    call = phone_call(("3334444", E))
    party = call.parties["3334444"]
    party.call, party.parked = msgspec.structs.replace(party.call, parked=Parked("3", 702, "0003*210", 99.0)), 9.0
    call.parked_by = "0003*210"
    shown = VIEWS.phone_call(call)
    (view,) = shown["phoneCallView"]
    assert (shown["extension"], view["extension"], view["status"]) == ("0003*210", "3334444", "5")
    assert (view["parked"], view["parkedPos"], view["parkedBy"]) == ("1970-01-01T00:00:09Z", 702, "0003*210")


def test_a_whole_call() -> None:
    call = phone_call(("0003*210", E), ("0003*024", E))
    call.answered = call.parties["0003*210"].answered = 7.0
    call.nonce = "n"
    shown = VIEWS.phone_call(call)
    assert (shown["answered"], shown["nonce"], shown["ownerId"]) == ("1970-01-01T00:00:07Z", "n", "3")
    assert [view.get("answered") for view in shown["phoneCallView"]] == [None, "1970-01-01T00:00:07Z"]
    assert [view["flow"] for view in shown["phoneCallView"]] == [2, 2]


def test_a_call_is_charged_to_whom_it_was_begun_for() -> None:
    call = phone_call(("0003*210", E), ("0003*024", E))
    call.charged = "0003*400"
    shown = VIEWS.phone_call(call)
    assert (shown["extension"], shown["ownerName"]) == ("0003*400", "Default Organization")
    assert shown["links"]["self"] == "https://host/uapi/phoneCalls/12/0003*400/ab"
    assert VIEWS.address("/uapi/x/") == "https://host/uapi/x"


def ended(*numbers: str, reason: Reason = Reason.NORMAL, answered: float = 0.0, charged: str = "") -> Ended:
    parties = phone_call(*((number, CallState.RELEASED) for number in numbers)).parties.values()
    for party in parties:
        party.call = msgspec.structs.replace(party.call, reason=reason)
    return Ended("ab", 5.0, answered, (numbers[0], numbers[1]), tuple(parties), charged)


@pytest.mark.parametrize(
    ("numbers", "flow", "seen"),
    [
        (("0003*210", "0003*024"), 2, ["0003*024", "0003*210"]),
        (("0003*210", "3334444"), 4, ["0003*210"]),
        (("3334444", "0003*024"), 8, ["0003*024"]),
    ],
)
def test_what_is_left_of_a_call(numbers: tuple[str, str], flow: int, seen: list[str]) -> None:
    record = VIEWS.record(ended(*numbers, answered=6.0), 16.0)
    views = record["phoneCallView"]
    assert [view["extension"] for view in views] == seen
    assert {view["flow"] for view in views} == {flow}
    assert {(view["source"][0], view["destination"][0], view["duration"]) for view in views} == {(*numbers, 10)}
    assert (record["extension"], record["ownerId"], record["answered"]) == (
        next(number for number in numbers if number in seen),
        "3",
        "1970-01-01T00:00:06Z",
    )


def test_what_is_left_of_a_call_that_nobody_of_ours_was_in() -> None:
    record = VIEWS.record(ended("3334444", "3235742879", charged="0003*400"), 16.0)
    (view,) = record["phoneCallView"]
    assert (record["extension"], record["ownerId"], view["extension"], view["flow"], view["disposition"]) == (
        "0003*400",
        "3",
        "0003*400",
        4,
        3,
    )
    assert "ownerId" not in VIEWS.record(ended("3334444", "3235742879"), 16.0)


@pytest.mark.parametrize(
    ("reason", "answered", "code"),
    [
        (Reason.NORMAL, 1.0, 0),
        (Reason.BUSY, 1.0, 0),
        (Reason.BUSY, 0.0, 1),
        (Reason.UNREACHABLE, 0.0, 2),
        (Reason.NO_ANSWER, 0.0, 3),
        (Reason.NORMAL, 0.0, 3),
    ],
)
def test_how_a_call_ended(reason: Reason, answered: float, code: int) -> None:
    assert disposition(ended("0003*210", "0003*024", reason=reason, answered=answered)) == code


def test_who_is_alone_in_a_room_is_on_call_with_it() -> None:
    call = phone_call(("0003*210", E))
    call.charged = "0003*500"
    party = call.parties["0003*210"]
    party.call = msgspec.structs.replace(party.call, participants=("0003*500",))
    (view,) = VIEWS.phone_call(call)["phoneCallView"]
    assert (view["status"], view["callerId"], view["source"]) == ("5", "0003*500 <0003*500>", ["0003*500"])
