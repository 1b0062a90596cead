"""Phone calls as JSON; whole ones are in test_routes.py, the corners are here."""

from __future__ import annotations

import msgspec
import pytest
from tests.uapi.front import directory

from cordboard.calls.model import Call, CallState, CallType, Parked
from cordboard.uapi.chronicle import Party, PhoneCall, ends
from cordboard.uapi.views import Views, status, view_id

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
