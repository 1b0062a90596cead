"""Events become phone calls with dates."""

from __future__ import annotations

import msgspec
import pytest

from cordboard.calls.events import CallChanged, CallFailed, Change
from cordboard.calls.model import Call, CallState, CallType, Errand, Operation, Parked, Recording, Refusal, RefusalKind
from cordboard.uapi.chronicle import Chronicle, Kind, ends, phone_call_id

CALL = Call("C1", "210", "V1", "leg", CallState.DIALING, CallType.INTERNAL, "00aa00bb00000001", "024", 1.0)
OTHER = msgspec.structs.replace(CALL, owner="024", state=CallState.RINGING)


def heed(chronicle: Chronicle, now: float, *calls: Call) -> None:
    chronicle.heed([CallChanged(Change.STATUS, call, frozenset()) for call in calls], now)


def put(call: Call, **changes: object) -> Call:
    return msgspec.structs.replace(call, **changes)


def test_a_call_from_beginning_to_end() -> None:
    chronicle = Chronicle()
    heed(chronicle, 10.0, CALL, OTHER)
    (call,) = chronicle.of("210")
    assert chronicle.find(call.id) is call
    assert (call.id, call.published, call.answered, list(call.parties)) == (
        "00aa00bb000000000001",
        10.0,
        0.0,
        ["210", "024"],
    )
    heed(chronicle, 12.0, put(CALL, state=CallState.ESTABLISHED), put(OTHER, state=CallState.ESTABLISHED))
    assert (call.answered, call.parties["024"].answered, call.parties["024"].seat) == (12.0, 12.0, 1)
    heed(chronicle, 13.0, put(CALL, state=CallState.HELD, recording=Recording.RECORDING))
    heed(chronicle, 14.0, put(CALL, state=CallState.HELD, recording=Recording.PAUSED))
    assert (call.parties["210"].held, call.parties["210"].recording) == (13.0, 13.0)
    heed(chronicle, 15.0, put(CALL, state=CallState.ESTABLISHED, recording=Recording.STOPPED))
    assert (call.parties["210"].held, call.parties["210"].recording, call.parties["210"].answered) == (0.0, 0.0, 12.0)
    heed(chronicle, 16.0, put(CALL, state=CallState.RELEASED))
    assert (chronicle.of("210"), list(call.parties)) == ([], ["024"])
    heed(chronicle, 17.0, put(OTHER, state=CallState.RELEASED))
    assert chronicle.find(call.id) is None


def test_what_happens_to_those_whom_nobody_asked_about_is_noted_and_not_told() -> None:
    chronicle = Chronicle({"024"}.__contains__)
    over = [put(call, state=CallState.RELEASED) for call in (CALL, OTHER)]
    changes = [CallChanged(Change.STATUS, call, frozenset()) for call in (CALL, OTHER)]
    told = chronicle.heed(changes, 1.0)
    (call,) = chronicle.of("210")
    told += chronicle.heed([CallChanged(Change.STATUS, one, frozenset()) for one in over], 2.0)
    assert [(one.kind, one.number) for one in told] == [(Kind.DIAL_IN, "024"), (Kind.HANGUP, "024")]
    assert [party.outgoing for party in call.past] == [True, False]


def test_what_is_no_news() -> None:
    chronicle = Chronicle()
    refusal = Refusal(RefusalKind.NOT_PERMITTED_NOW, "")
    chronicle.heed([CallFailed("210", "C1", Operation.HOLD, refusal)], 1.0)
    heed(chronicle, 1.0, put(CALL, state=CallState.RELEASED))
    heed(chronicle, 1.0, CALL, put(OTHER, owner="024", state=CallState.RELEASED))
    heed(chronicle, 2.0, put(CALL, id="C0", state=CallState.RELEASED))
    assert [list(call.parties) for call in chronicle.of("210")] == [["210"]]


def told(chronicle: Chronicle, *calls: Call) -> list[tuple[str, str, bool]]:
    happenings = chronicle.heed([CallChanged(Change.STATUS, call, frozenset()) for call in calls], 1.0)
    return [(one.number, one.kind.name, one.outgoing) for one in happenings]


@pytest.mark.uapi("3.1 a beginning and an end", "3.1 five types", "3.1 CallFlow")
def test_what_is_told_begins_and_ends_and_keeps_its_direction() -> None:
    chronicle = Chronicle()
    assert told(chronicle, CALL, OTHER) == [("210", "DIAL_OUT", True), ("024", "DIAL_IN", False)]
    talking = [put(call, state=CallState.ESTABLISHED) for call in (CALL, OTHER)]
    assert told(chronicle, *talking) == [("210", "ANSWERED_THERE", True), ("024", "ANSWERED", False)]
    assert told(chronicle, put(CALL, state=CallState.HELD)) == []
    joined = put(OTHER, owner="025", state=CallState.ESTABLISHED)
    assert told(chronicle, joined) == [("025", "DIAL_IN", False), ("025", "ANSWERED", False)]
    assert told(chronicle, put(CALL, state=CallState.RELEASED)) == [("210", "HANGUP", True)]
    assert told(chronicle, *(put(call, state=CallState.RELEASED) for call in (OTHER, joined))) == [
        ("024", "HANGUP", False),
        ("025", "HANGUP", False),
    ]


@pytest.mark.uapi("3.1 a beginning and an end")
def test_of_what_never_rang_nothing_is_told() -> None:
    chronicle = Chronicle()
    offered = put(OTHER, state=CallState.OFFERED)
    assert told(chronicle, offered, put(offered, state=CallState.RELEASED)) == []
    assert told(chronicle, offered, put(offered, state=CallState.RINGING)) == [("024", "DIAL_IN", False)]


@pytest.mark.uapi("3.1 five types")
def test_a_telephone_that_rings_to_be_connected_calls() -> None:
    chronicle = Chronicle()
    source = put(CALL, state=CallState.RINGING, connects_to="024")
    assert told(chronicle, source, put(CALL, state=CallState.DIALING)) == [("210", "DIAL_OUT", True)]
    assert told(chronicle, put(CALL, state=CallState.ESTABLISHED)) == [("210", "ANSWERED_THERE", True)]


@pytest.mark.uapi("1.2 ids of calls")
def test_ids_are_twenty_hexadecimal_digits() -> None:
    assert phone_call_id("deadbeef0000002a") == "deadbeef00000000002a"


def test_a_parked_call_is_one_of_whoever_parked_it() -> None:
    chronicle = Chronicle()
    waits = put(CALL, state=CallState.ESTABLISHED, parked=Parked("3", 701, "024", 90.0))
    heed(chronicle, 1.0, CALL, OTHER, put(OTHER, state=CallState.RELEASED))
    assert chronicle.of("024") == []
    heed(chronicle, 5.0, waits)
    heed(chronicle, 6.0, waits)
    (call,) = chronicle.of("024")
    assert (call.parties["210"].parked, call.parked_by) == (5.0, "024")
    heed(chronicle, 7.0, put(OTHER, id="C2"), put(OTHER, id="C2", state=CallState.RELEASED))
    assert chronicle.of("024") == [call]
    heed(chronicle, 8.0, put(OTHER, id="C3"), put(waits, parked=None))
    assert (chronicle.of("024"), call.parked_by, call.parties["210"].parked) == ([call], "", 0.0)
    heed(chronicle, 9.0, put(OTHER, id="C3", state=CallState.RELEASED))
    assert chronicle.of("024") == []


def test_whoever_leaves_from_a_slot_is_no_call_of_the_parker_any_more() -> None:
    chronicle = Chronicle()
    waits = put(CALL, state=CallState.ESTABLISHED, parked=Parked("3", 701, "024", 90.0))
    heed(chronicle, 1.0, waits, put(waits, state=CallState.RELEASED, parked=None))
    assert (chronicle.of("024"), chronicle.of("210")) == ([], [])


ERRAND = Errand("400", "n")


def test_a_call_is_that_of_whom_it_was_begun_for_as_long_as_it_lasts() -> None:
    chronicle = Chronicle()
    heed(chronicle, 1.0, put(CALL, errand=ERRAND), put(OTHER, errand=ERRAND))
    (call,) = chronicle.of("400")
    assert (call.charged, call.nonce, call.concerns("400"), call.concerns("999")) == ("400", "n", True, False)
    heed(chronicle, 2.0, put(CALL, errand=ERRAND, state=CallState.RELEASED))
    assert chronicle.of("400") == [call]
    heed(chronicle, 3.0, put(OTHER, errand=ERRAND, state=CallState.RELEASED))
    assert chronicle.of("400") == []
    (ended,) = chronicle.take_ended()
    assert (ended.charged, ended.connection, chronicle.take_ended()) == ("400", ("210", "024"), [])


def test_whoever_a_call_was_begun_for_may_be_in_it() -> None:
    chronicle = Chronicle()
    own = Errand("210", "")
    heed(chronicle, 1.0, put(CALL, errand=own), put(OTHER, errand=own))
    heed(chronicle, 2.0, put(CALL, errand=own, state=CallState.RELEASED))
    assert len(chronicle.of("210")) == 1
    heed(chronicle, 3.0, put(OTHER, errand=own, state=CallState.RELEASED))
    assert chronicle.of("210") == []


def test_who_called_whom() -> None:
    chronicle = Chronicle()
    heed(chronicle, 1.0, *(put(CALL, owner=one, state=CallState.RINGING, connects_to="9") for one in ("210", "025")))
    (call,) = chronicle.of("210")
    assert (ends(call), call.connection) == ((["210", "025"], ["9"]), ("210", "9"))
    chronicle = Chronicle()
    heed(chronicle, 1.0, put(CALL, state=CallState.ESTABLISHED, participants=("400",), errand=ERRAND))
    (call,) = chronicle.of("210")
    assert ends(call) == (["400"], ["210"])
    heed(chronicle, 2.0, put(OTHER, state=CallState.ESTABLISHED, errand=ERRAND))
    assert (ends(call), call.connection) == ((["210"], ["024"]), ("210", "024"))


def test_who_is_in_two_calls_and_leaves_one_is_in_the_other() -> None:
    chronicle = Chronicle()
    second = put(CALL, id="C2", conversation="V2", conn_id="00aa00bb00000002")
    heed(chronicle, 1.0, CALL, second)
    heed(chronicle, 2.0, put(CALL, state=CallState.RELEASED))
    assert [call.conversation for call in chronicle.of("210")] == ["V2"]


def test_another_chronicle_goes_on_with_what_one_knew() -> None:
    chronicle, other = Chronicle(), Chronicle()
    heed(chronicle, 1.0, put(CALL, errand=ERRAND), put(OTHER, errand=ERRAND))
    changed = chronicle.take_changed()
    other.restore(call for _, call in changed if call is not None)
    assert [len(other.of(number)) for number in ("210", "024", "400", "")] == [1, 1, 1, 0]
    assert chronicle.take_changed() == []
    heed(chronicle, 2.0, *(put(call, errand=ERRAND, state=CallState.RELEASED) for call in (CALL, OTHER)))
    assert chronicle.take_changed() == [(changed[0][0], None)]
