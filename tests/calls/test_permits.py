"""The table against the contract: rows of gws-v2 §4.1 and §4.2 written out by name, for every cell.

The names are the contract's own, so that this page does not follow the code by accident.
"""

from __future__ import annotations

import pytest
from tests.calls.play import CONFERENCE, CONSULTING, TALKING, TARGET_RINGS, Play
from tests.calls.situations import SITUATIONS
from tests.kit.people import PUBLIC

from cordboard.calls.model import CallState, CallView, Monitoring, MonitorKind, Operation, Permits, Recording, Taking
from cordboard.calls.objections import why_not, why_not_taken
from cordboard.calls.permits import (
    BUSY,
    HANDING_ON,
    LEAVING,
    RECORDABLE,
    RECORDABLE_CLEAR,
    TABLE,
    TABLE_CLEAR,
    UNLISTED,
    Link,
    Permissions,
    Seat,
    can_be_joined,
    link_of,
    seat_of,
    supervision,
    takings,
    unlisted,
)
from cordboard.calls.step import replace

UD = {"AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair"}
X4 = {"InitiateTransfer", "SingleStepTransfer", "InitiateConference", "SingleStepConference"}
NOBODY_TO_HAND_OVER = X4 - {"SingleStepTransfer"}
ROW_1 = {*UD, "Hangup", "SendDtmf"}
ROW_2 = {*UD, "Answer"}
ROW_3 = {*UD, "Hangup", "Hold", "SendDtmf", *X4}
ROW_4 = {*UD, "Hangup", "Retrieve", *X4}
ROW_6 = {*UD, "Hangup", "SwapCalls", "CompleteTransfer", *X4}
ROW_7 = {*UD, "Hangup", "SendDtmf", "SwapCalls", "CompleteTransfer"}
ROW_8 = {*UD, "Hangup", "Hold", "SendDtmf", "SwapCalls", *X4, "CompleteConference", "CompleteTransfer"}
CONSULT_ESTABLISHED = {*UD, "Hangup", "Hold", "SendDtmf", "SwapCalls", "CompleteTransfer", "CompleteConference"}
CONSULT_HELD = {*UD, "Hangup", "SwapCalls", "CompleteTransfer", "CompleteConference"}

S, L = CallState, Link
TWO_PARTIES: dict[tuple[CallState, Link], set[str]] = {
    (S.DIALING, L.NONE): ROW_1,
    (S.DIALING, L.PARENT_WAITING): {*ROW_1, "SwapCalls"},
    (S.DIALING, L.PARENT_DIALING): ROW_7,
    (S.DIALING, L.PARENT_ANSWERED): {*ROW_7, "CompleteConference"},
    (S.DIALING, L.CONSULT_WAITING): {*ROW_1, "SwapCalls"},
    (S.DIALING, L.CONSULT_DIALING): ROW_7,
    (S.DIALING, L.CONSULT_ANSWERED): {*ROW_7, "CompleteConference"},
    (S.ESTABLISHED, L.NONE): ROW_3,
    (S.ESTABLISHED, L.PARENT_WAITING): {*ROW_3, "SwapCalls"},
    (S.ESTABLISHED, L.PARENT_DIALING): {*ROW_3, "SwapCalls", "CompleteTransfer"},
    (S.ESTABLISHED, L.PARENT_ANSWERED): ROW_8,
    (S.ESTABLISHED, L.CONSULT_WAITING): {*ROW_1, "Hold", "SwapCalls"},
    (S.ESTABLISHED, L.CONSULT_DIALING): {*ROW_7, "Hold"},
    (S.ESTABLISHED, L.CONSULT_ANSWERED): CONSULT_ESTABLISHED,
    (S.HELD, L.NONE): ROW_4,
    (S.HELD, L.PARENT_WAITING): {*UD, "Hangup", "SwapCalls", *X4},
    (S.HELD, L.PARENT_DIALING): ROW_6,
    (S.HELD, L.PARENT_ANSWERED): {*ROW_6, "CompleteConference"},
    (S.HELD, L.CONSULT_WAITING): {*UD, "Hangup", "SwapCalls"},
    (S.HELD, L.CONSULT_DIALING): {*UD, "Hangup", "SwapCalls", "CompleteTransfer"},
    (S.HELD, L.CONSULT_ANSWERED): CONSULT_HELD,
    **{(S.RINGING, link): ROW_2 for link in Link},
    **{(state, link): set[str]() for state in (S.OFFERED, S.RELEASED) for link in Link},
}
IN_CONFERENCE = {
    # (seat, muted): what an Established call may do besides (rows 9 and 10)
    (Seat.TWO_PARTY, False): set[str](),
    (Seat.TWO_PARTY, True): {"UnmuteCall"},
    (Seat.ALONE, False): set[str](),
    (Seat.ALONE, True): {"UnmuteCall"},
    (Seat.CONFERENCE, False): {"MuteCall"},
    (Seat.CONFERENCE, True): {"UnmuteCall"},
    (Seat.CONFERENCE_OWNER, False): {"MuteCall", "RemoveParticipantFromConference"},
    (Seat.CONFERENCE_OWNER, True): {"UnmuteCall", "RemoveParticipantFromConference"},
}
BESIDE = {
    # gws-v2 §4.2, last row, and §3, RemoveParticipantFromConference
    S.DIALING: {*UD, "Hangup"},
    S.RINGING: ROW_2,
    S.ESTABLISHED: {*UD, "Hangup"},
    S.HELD: {*UD, "Hangup", "Retrieve"},
}
SUPERVISORS = (Seat.BESIDE, Seat.BESIDE_CONFERENCE)


def names(permits: Permits) -> set[str]:
    return {operation.value for operation in permits}


def expected(state: CallState, link: Link, seat: Seat, muted: bool) -> set[str]:
    if seat in SUPERVISORS:
        may_remove = state is S.ESTABLISHED and seat is Seat.BESIDE_CONFERENCE
        return BESIDE.get(state, set()) | ({"RemoveParticipantFromConference"} if may_remove else set())
    row = set(TWO_PARTIES[state, link])
    if state is S.ESTABLISHED:
        row |= IN_CONFERENCE[seat, muted]
    return row - {"SingleStepTransfer"} if seat is Seat.ALONE else row


@pytest.mark.parametrize("cell", TABLE, ids=lambda cell: "-".join(str(getattr(part, "name", part)) for part in cell))
def test_every_cell_reads_as_the_contract_has_it(cell: tuple[CallState, Link, Seat, bool]) -> None:
    assert names(TABLE[cell]) == expected(*cell)


@pytest.mark.parametrize("state", CallState)
def test_release_8_5_202_adds_clear_call_from_ringing_on_and_nothing_else(state: CallState) -> None:
    added = {"ClearCall"} if state in (S.RINGING, S.ESTABLISHED, S.HELD) else set[str]()
    cells = [cell for cell in TABLE if cell[0] is state and cell[2] not in SUPERVISORS]
    assert all(names(TABLE_CLEAR[cell]) - names(TABLE[cell]) == added for cell in cells)
    assert all(TABLE[cell] <= TABLE_CLEAR[cell] for cell in cells)
    assert all(TABLE[cell] == TABLE_CLEAR[cell] for cell in TABLE if cell[2] in SUPERVISORS)


def test_rows_of_release_8_5_202() -> None:
    """gws-v2 §4.1, 2' and 3'; release 8.5.2 never offers ClearCall, in a conference neither."""
    play = Play(TALKING[0], clear_from_ringing=True)
    assert names(play.permits("5005")) == {*ROW_2, "ClearCall"}
    play.do(TALKING[1])
    assert names(play.permits("5005")) == {*ROW_3, "ClearCall"}
    offered = [view.permits for lines in SITUATIONS.values() for view in _views(Play(*lines))]
    assert not any("ClearCall" in names(permits) for permits in offered)


def _views(play: Play) -> list[CallView]:
    return [view for number in play.scene.directory.numbers for view in play.scene.calls(number)]


def test_both_tables_have_a_row_for_every_cell() -> None:
    cells = {(state, link, seat, muted) for state in S for link in L for seat in Seat for muted in (False, True)}
    assert set(TABLE) == set(TABLE_CLEAR) == cells


@pytest.mark.parametrize(
    ("recording", "added"),
    [
        (Recording.STOPPED, {"StartCallRecording"}),
        (Recording.RECORDING, {"PauseCallRecording", "StopCallRecording"}),
        (Recording.PAUSED, {"ResumeCallRecording", "StopCallRecording"}),
    ],
)
@pytest.mark.parametrize("clear", [False, True])
def test_rows_3r_3q_and_3p_are_what_an_established_call_offers_besides(
    recording: Recording, added: set[str], clear: bool
) -> None:
    plain = TABLE_CLEAR if clear else TABLE
    table = (RECORDABLE_CLEAR if clear else RECORDABLE)[recording]
    assert set(table) == set(plain)
    for cell, permits in table.items():
        records = cell[0] is S.ESTABLISHED and cell[2] not in SUPERVISORS
        assert names(permits) == names(plain[cell]) | (added if records else set())


def test_row_3r_as_the_contract_has_it() -> None:
    cell = (S.ESTABLISHED, L.NONE, Seat.TWO_PARTY, False)
    assert names(RECORDABLE[Recording.STOPPED][cell]) == {*ROW_3, "StartCallRecording"}
    assert names(RECORDABLE[Recording.PAUSED][cell]) == {*ROW_3, "ResumeCallRecording", "StopCallRecording"}
    assert names(RECORDABLE[Recording.RECORDING][cell]) == {*ROW_3, "PauseCallRecording", "StopCallRecording"}


def test_row_10_in_a_conference_the_recording_is_offered_beside_the_rest() -> None:
    cell = (S.ESTABLISHED, L.NONE, Seat.CONFERENCE, True)
    assert names(RECORDABLE[Recording.STOPPED][cell]) == {*ROW_3, "UnmuteCall", "StartCallRecording"}


@pytest.mark.parametrize(
    ("state", "row"),
    [
        (S.OFFERED, set[str]()),
        (S.DIALING, {*UD, "Hangup"}),
        (S.RINGING, UD),
        (S.ESTABLISHED, {*UD, "Hangup"}),
        (S.HELD, {*UD, "Hangup"}),
        (S.RELEASED, set[str]()),
    ],
)
def test_a_busy_call_can_be_hung_up_and_annotated_only(state: CallState, row: set[str]) -> None:
    assert names(BUSY[state]) == row


def test_row_5_the_held_event_of_an_initiation_is_that_of_a_simple_hold() -> None:
    """The consult is not known yet (decision 2); from its Dialing on the parent has row 6."""
    play = Play(*TALKING)
    held = play.told("5005 InitiateTransfer A to=5001")[0]
    assert held == "5005 A StatusChange Held Internal [5000] after 0 s: Hangup Retrieve +Start +Data"
    assert names(play.permits("5005", 0)) == ROW_6


# -- how a call's situation is read -------------------------------------------------------------------------------


CONFERENCE_OF_FOUR = (*CONFERENCE, "5005 SingleStepConference A to=5900")


@pytest.mark.parametrize(
    ("lines", "number", "index", "link", "seat"),
    [
        (TALKING, "5005", -1, L.NONE, Seat.TWO_PARTY),
        (TALKING[:1], "5005", -1, L.NONE, Seat.TWO_PARTY),
        (TARGET_RINGS, "5005", 0, L.PARENT_DIALING, Seat.TWO_PARTY),
        (TARGET_RINGS, "5005", 1, L.CONSULT_DIALING, Seat.TWO_PARTY),
        (TARGET_RINGS, "5001", -1, L.NONE, Seat.TWO_PARTY),
        (CONSULTING, "5005", 0, L.PARENT_ANSWERED, Seat.TWO_PARTY),
        (CONSULTING, "5005", 1, L.CONSULT_ANSWERED, Seat.TWO_PARTY),
        ((*TALKING, "5005 InitiateConference A to=5001"), "5005", 0, L.PARENT_WAITING, Seat.TWO_PARTY),
        ((*TALKING, "5005 InitiateConference A to=5001"), "5005", 1, L.CONSULT_WAITING, Seat.TWO_PARTY),
        ((*TARGET_RINGS, "phone 5000 hangup"), "5005", -1, L.NONE, Seat.TWO_PARTY),
        ((*CONSULTING, "5005 InitiateConference A to=5900"), "5005", 0, L.PARENT_ANSWERED, Seat.TWO_PARTY),
        ((*TARGET_RINGS, "5005 InitiateConference A to=5900"), "5005", 0, L.PARENT_DIALING, Seat.TWO_PARTY),
        (CONFERENCE, "5005", -1, L.NONE, Seat.CONFERENCE_OWNER),
        (CONFERENCE, "5000", -1, L.NONE, Seat.CONFERENCE),
        (CONFERENCE_OF_FOUR, "5900", -1, L.NONE, Seat.CONFERENCE),
        ((*TALKING, "5005 SingleStepConference A to=5001"), "5005", -1, L.NONE, Seat.TWO_PARTY),
        (SITUATIONS["waits for a recall"], "5000", -1, L.NONE, Seat.ALONE),
    ],
)
def test_situation_of_a_call(lines: tuple[str, ...], number: str, index: int, link: Link, seat: Seat) -> None:
    play = Play(*lines)
    call = play.call(number, index)
    assert (link_of(play.ledger, call), seat_of(play.ledger, call)) == (link, seat)


def test_two_telephones_that_only_ring_cannot_be_joined() -> None:
    """Whoever waits on the parent must be there, or whoever was called for the consult (I2)."""
    play = Play(*TARGET_RINGS)
    assert can_be_joined(play.ledger, play.call("5005", 0), play.call("5005", 1))
    play = Play(*SITUATIONS["recalled while consulting"])
    parent, consult = play.call("5000", 0), play.call("5000", 1)
    assert not can_be_joined(play.ledger, parent, consult)
    assert (link_of(play.ledger, parent), link_of(play.ledger, consult)) == (L.PARENT_WAITING, L.CONSULT_WAITING)


def test_whoever_waits_alone_for_a_recall_has_nobody_to_hand_over() -> None:
    play = Play(*SITUATIONS["waits for a recall"], "5000 InitiateTransfer A to=15000")
    assert link_of(play.ledger, play.call("5000", 1)) is L.CONSULT_WAITING
    play.do("phone 15000 answer")
    parent, consult = play.call("5000", 0), play.call("5000", 1)
    assert not can_be_joined(play.ledger, parent, consult)
    assert (link_of(play.ledger, parent), link_of(play.ledger, consult)) == (L.PARENT_WAITING, L.CONSULT_WAITING)


def test_a_released_call_permits_nothing_whatever_the_release() -> None:
    play = Play(*TALKING)
    call = replace(play.call("5005"), state=S.RELEASED)
    for clear in (False, True):
        assert Permissions(play.ledger, clear).of(call) == frozenset()


def test_a_busy_call_is_looked_up_among_the_busy() -> None:
    play = Play(*SITUATIONS["hold under way"])
    assert play.permits("5005") == BUSY[S.ESTABLISHED]
    assert play.permits("5000") == TABLE[S.ESTABLISHED, L.NONE, Seat.TWO_PARTY, False]


@pytest.mark.parametrize("clear", [False, True])
def test_the_short_cut_for_plain_calls_reads_the_same_cell(clear: bool) -> None:
    for lines in SITUATIONS.values():
        ledger = Play(*lines, clear_from_ringing=clear).ledger
        quick, exact = Permissions(ledger, clear), Permissions(ledger, clear)
        exact.touched = set()
        assert [quick.of(call) for call in ledger.calls.values()] == [exact.of(call) for call in ledger.calls.values()]


def test_cells_that_are_read_can_be_collected() -> None:
    play = Play(*CONSULTING)
    permissions = Permissions(play.ledger, clear_from_ringing=False)
    permissions.touched = set()
    permissions.of(play.call("5005", 0))
    permissions.of(play.call("5001"))
    assert permissions.touched == {
        (S.HELD, L.PARENT_ANSWERED, Seat.TWO_PARTY, False),
        (S.ESTABLISHED, L.NONE, Seat.TWO_PARTY, False),
    }


REACHED_ROWS = [
    (S.DIALING, L.NONE, Seat.TWO_PARTY, False),
    (S.DIALING, L.CONSULT_WAITING, Seat.TWO_PARTY, False),
    (S.DIALING, L.CONSULT_DIALING, Seat.TWO_PARTY, False),
    (S.RINGING, L.NONE, Seat.TWO_PARTY, False),
    *((S.ESTABLISHED, L.NONE, seat, False) for seat in Seat),
    *((S.ESTABLISHED, L.NONE, seat, True) for seat in (Seat.TWO_PARTY, Seat.CONFERENCE, Seat.CONFERENCE_OWNER)),
    *((S.ESTABLISHED, link, Seat.TWO_PARTY, False) for link in (*Link,)[1:4]),
    (S.ESTABLISHED, L.CONSULT_ANSWERED, Seat.TWO_PARTY, False),
    (S.HELD, L.NONE, Seat.TWO_PARTY, False),
    (S.HELD, L.NONE, Seat.CONFERENCE_OWNER, False),
    *((S.HELD, link, Seat.TWO_PARTY, False) for link in (*Link,)[1:4]),
    (S.HELD, L.CONSULT_ANSWERED, Seat.TWO_PARTY, False),
    *((state, L.NONE, Seat.BESIDE, False) for state in BESIDE),
]


def test_the_situations_of_these_tests_reach_the_rows_that_matter() -> None:
    """So that the tests that walk through all situations meet each of them."""
    reached: set[tuple[CallState, Link, Seat, bool]] = set()
    for lines in SITUATIONS.values():
        ledger = Play(*lines).ledger
        permissions = Permissions(ledger, clear_from_ringing=False)
        permissions.touched = reached
        for call in ledger.calls.values():
            permissions.of(call)
    assert set(REACHED_ROWS) <= reached


@pytest.mark.parametrize(
    ("monitoring", "besides"),
    [
        (None, set()),
        (Monitoring("5900", "5005", MonitorKind.COACH), {"CancelSupervisorMonitoring"}),
        (
            Monitoring("5900", "5005", MonitorKind.COACH, on_call=True),
            {"CancelSupervisorMonitoring", "MuteMonitoredUser"},
        ),
        (
            Monitoring("5900", "5005", MonitorKind.COACH, on_call=True, muted=True),
            {"CancelSupervisorMonitoring", "UnmuteMonitoredUser"},
        ),
    ],
    ids=["nobody", "waiting", "on a call", "muted"],
)
def test_what_a_supervisor_may_ask(monitoring: Monitoring | None, besides: set[str]) -> None:
    """gws-v2 §4.3: the three that begin are there while monitoring, too."""
    assert {one.value for one in supervision(monitoring)} == {"ListenIn", "Coach", "BargeIn", *besides}


# -- what no list names, and what others may ask --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "number", "index", "may"),
    [
        (TALKING, "5005", 0, True),
        (TALKING, "5000", 0, True),
        ((*TALKING, "5005 Hold A"), "5005", 0, True),
        (TALKING[:1], "5000", 0, False),
        (TALKING[:1], "5005", 0, False),
        (TARGET_RINGS, "5005", 0, True),
        (TARGET_RINGS, "5005", 1, False),
        (CONSULTING, "5005", 1, False),
        (CONSULTING, "5001", 0, True),
        ((*TALKING, "5005 Park A"), "5000", 0, False),
        (SITUATIONS["recalled"], "5000", 0, False),
        (SITUATIONS["hold under way"], "5005", 0, False),
        (SITUATIONS["monitored"], "5900", 0, False),
    ],
)
def test_one_party_that_has_answered_can_be_left_somewhere(
    lines: tuple[str, ...], number: str, index: int, may: bool
) -> None:
    """As a single-step transfer can be, but not in conferences."""
    play = Play(*lines)
    call = play.call(number, index)
    assert unlisted(play.ledger, call) & LEAVING == (LEAVING if may else frozenset())
    permissions = Permissions(play.ledger, False)
    assert permissions.allows(call, Operation.PARK) is may
    assert not UNLISTED & permissions.of(call)
    assert permissions.allows(call, Operation.HANGUP) is (Operation.HANGUP in permissions.of(call))


def test_whoever_holds_can_be_parked_but_can_not_talk_to_a_mailbox() -> None:
    play = Play(*TALKING, "5000 Hold A")
    assert unlisted(play.ledger, play.call("5005")) == {Operation.PARK}


@pytest.mark.parametrize(
    ("lines", "number", "taking", "why"),
    [
        ((*TALKING, "5005 Park A"), "5000", Taking.UN_PARK, ""),
        (TALKING[:1], "5005", Taking.PICK_UP, ""),
        (SITUATIONS["parked, somebody is called"], "5000", Taking.UN_PARK, "somebody is being called for it"),
        (TALKING, "5000", Taking.UN_PARK, "it is not parked"),
        (TALKING, "5005", Taking.PICK_UP, "it does not ring"),
        (SITUATIONS["answer under way"], "5005", Taking.PICK_UP, "it is just being answered"),
        (SITUATIONS["supervisor rings"], "5900", Taking.PICK_UP, "it does not ring"),
    ],
)
def test_what_others_may_ask_of_a_call(lines: tuple[str, ...], number: str, taking: Taking, why: str) -> None:
    play = Play(*lines)
    call = play.call(number)
    assert takings(play.ledger, call) == (frozenset() if why else {taking})


def test_whoever_it_rings_at_may_decline() -> None:
    play = Play(*TALKING[:1])
    assert unlisted(play.ledger, play.call("5005")) == {Operation.DECLINE}
    assert unlisted(play.ledger, play.call("5000")) == frozenset()
    play = Play(*TALKING[:1], "hold reports", "5005 Answer A")
    assert unlisted(play.ledger, play.call("5005")) == frozenset()


PINNED = (f"5005 Dial to={PUBLIC} pinned=yes", f"phone {PUBLIC} answer")


def test_a_number_outside_that_is_pinned_may_not_be_handed_on() -> None:
    """voipnow-uapi §2.3.1: allowPublicTransfer"""
    play = Play(*PINNED)
    own, outside = play.call("5005"), play.call(PUBLIC)
    permissions = Permissions(play.ledger, False)
    assert permissions.of(outside) == TABLE[CallState.ESTABLISHED, Link.NONE, Seat.TWO_PARTY, False]
    assert permissions.of(outside) - permissions.of(own) == HANDING_ON - UNLISTED - {Operation.COMPLETE_TRANSFER}
    assert (unlisted(play.ledger, own), unlisted(play.ledger, outside)) == ({Operation.PARK}, LEAVING)
    why = why_not(play.ledger, own, Operation.SINGLE_STEP_TRANSFER)
    assert why == "it is with a number outside that may not be handed on"
    assert play.ledger.visible(own.id, "5005") is not None


def test_neither_may_it_be_by_way_of_a_consult() -> None:
    play = Play(*PINNED, "5005 InitiateConference A to=5001", "phone 5001 answer")
    permissions = Permissions(play.ledger, False)
    for call in (play.call("5005", 0), play.call("5005", 1)):
        assert Operation.COMPLETE_CONFERENCE in permissions.of(call)
        assert not HANDING_ON & permissions.of(call)


def test_a_source_of_a_call_is_not_picked_up() -> None:
    play = Play("5000 Dial to=5001 also=5005")
    call = play.call("5005")
    assert takings(play.ledger, call) == frozenset()
    assert why_not_taken(play.ledger, call, Taking.PICK_UP) == "it rings to be connected"


def test_a_call_that_rings_for_a_room_is_not_picked_up_unless_somebody_is_there() -> None:
    play = Play("500 Invite to=5001 room=500")
    assert takings(play.ledger, play.call("5001")) == frozenset()
    assert why_not_taken(play.ledger, play.call("5001"), Taking.PICK_UP) == "nobody else is there"
    play = Play("500 Invite to=5000 room=500", "phone 5000 answer", "500 Invite to=5001 room=500")
    assert takings(play.ledger, play.call("5001")) == {Taking.PICK_UP}


def test_of_a_conference_somebody_can_be_parked() -> None:
    play = Play(*CONFERENCE)
    assert unlisted(play.ledger, play.call("5005")) == unlisted(play.ledger, play.call("5000")) == {Operation.PARK}
    play = Play(*TALKING, "5005 SingleStepConference A to=5001")
    assert unlisted(play.ledger, play.call("5005")) == frozenset()
