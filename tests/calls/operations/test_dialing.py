"""Calls begin: by API or by a phone or a trunk that dials."""

from __future__ import annotations

import pytest
from tests.calls.solo import Solo, kinds, news

from cordboard.agents.commands import ForwardCalls, SetDoNotDisturb
from cordboard.calls.commands import Dial
from cordboard.calls.model import CallState, CallType, Errand, Reason, RefusalKind
from cordboard.calls.orders import DialLeg, DropLeg
from cordboard.calls.reports import LegAnswered, LegEnded, LegOffered, LegRinging

PUBLIC = "3235742879"


@pytest.fixture
def solo() -> Solo:
    return Solo()


def dials(solo: Solo) -> list[tuple[str, str, bool]]:
    """Number, caller shown, and whether the phone answers by itself."""
    return [(order.number, order.caller, order.auto_answer) for order in solo.orders if isinstance(order, DialLeg)]


# -- by API -------------------------------------------------------------------------------------------------------


def test_the_own_phone_goes_off_hook_first_then_the_destination_rings(solo: Solo) -> None:
    outcome = solo.accept(Dial(asker="5000", to="5005", user_data={"k": "v"}, location="L"))
    assert news(outcome) == ["5000 Dialing"]
    assert dials(solo) == [("5000", "5005", True)]
    call = solo.call("5000")
    assert (call.user_data, call.location, call.dnis, call.participants) == ({"k": "v"}, "L", "5005", ("5005",))
    assert solo.call("5005").state is CallState.OFFERED
    solo.hear(LegRinging(solo.leg_id("5000")))
    assert solo.call("5000").state is CallState.DIALING
    solo.hear(LegAnswered(solo.leg_id("5000")))
    assert dials(solo)[1:] == [("5005", "5000", False)]
    assert news(solo.hear(LegRinging(solo.leg_id("5005")))) == ["5005 Ringing"]
    assert solo.call("5005").user_data == {"k": "v"}
    assert news(solo.hear(LegAnswered(solo.leg_id("5005")))) == ["5005 Established", "5000 Established"]


def test_a_caller_may_be_shown_as_another_number(solo: Solo) -> None:
    solo.accept(Dial(asker="5000", to="5005", caller_id="18005550100"))
    solo.hear(LegAnswered(solo.leg_id("5000")))
    assert dials(solo)[1] == ("5005", "18005550100", False)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_where_the_call_goes_is_asked_when_the_caller_is_ready(solo: Solo, when: str) -> None:
    """docs/decisions/0007"""
    forward = ForwardCalls(asker="5005", to="5001")
    if when == "before":
        solo.roster.ask(forward, 100.0)
    solo.accept(Dial(asker="5000", to="5005", user_data={"k": "v"}, caller_id="18005550100"))
    if when == "meanwhile":
        solo.roster.ask(forward, 100.0)
    assert news(solo.hear(LegAnswered(solo.leg_id("5000")))) == ["5000 Dialing"]
    assert dials(solo)[1:] == [("5001", "18005550100", False)]
    assert (solo.call("5000").participants, solo.call("5000").dnis) == (("5001",), "5005")
    assert (solo.call("5001").user_data, "5005" in solo.ledger.owners) == ({"k": "v"}, False)


def test_a_destination_that_is_not_to_be_disturbed_ends_the_attempt_once_the_caller_is_ready(solo: Solo) -> None:
    for number in ("5000", "5005"):
        solo.roster.ask(SetDoNotDisturb(asker=number, on=True), 100.0)
    solo.accept(Dial(asker="5000", to="5005"))
    outcome = solo.hear(LegAnswered(solo.leg_id("5000")))
    assert news(outcome) == ["5000 Released"]
    assert kinds(outcome) == ["DropLeg"]
    assert len(dials(solo)) == 1


def test_an_own_phone_that_does_not_answer_ends_the_attempt_and_the_destination_never_rings(solo: Solo) -> None:
    solo.accept(Dial(asker="5000", to="5005"))
    assert news(solo.wait(60.0)) == ["5000 Released"]
    assert len(dials(solo)) == 1
    assert solo.ledger.calls == {}


def test_the_destination_is_dialled_once(solo: Solo) -> None:
    solo.accept(Dial(asker="5000", to="5005"))
    leg = solo.leg_id("5000")
    solo.hear(LegAnswered(leg))
    assert kinds(solo.hear(LegAnswered(leg))) == []
    assert len(dials(solo)) == 2


@pytest.mark.parametrize(
    ("to", "detail"), [("9999", "'9999' is no number of this system"), ("5000", "a phone can't call itself")]
)
def test_a_destination_that_makes_no_call_is_refused(solo: Solo, to: str, detail: str) -> None:
    refusal = solo.ask(Dial(asker="5000", to=to)).refusal
    assert refusal is not None
    assert (refusal.kind, refusal.detail) == (RefusalKind.BAD_DESTINATION, detail)
    assert solo.ledger.calls == {}


# -- several sources (voipnow-uapi §2.3.1) -------------------------------------------------------------------------

BOTH = Dial(asker="5000", also=("5001",), to="5005", caller_id="1", announced_as="2", ring_s=20.0, user_data={"k": "v"})


def ringing(solo: Solo, *numbers: str) -> None:
    for number in numbers:
        solo.hear(LegRinging(solo.leg_id(number)))


def test_all_sources_ring_and_the_first_that_answers_is_connected(solo: Solo) -> None:
    assert news(solo.accept(BOTH)) == ["5000 Ringing", "5001 Ringing"]
    assert dials(solo) == [("5000", "2", False), ("5001", "2", False)]
    ringing(solo, "5000", "5001")
    call = solo.call("5001")
    assert (call.state, call.participants, call.connects_to, call.dnis) == (
        CallState.RINGING,
        ("5005",),
        "5005",
        "5005",
    )
    outcome = solo.hear(LegAnswered(solo.leg_id("5001")))
    assert news(outcome) == ["5000 Released", "5001 Established"]
    assert dials(solo)[2:] == [("5005", "1", False)]
    assert (solo.call("5001").connects_to, solo.ledger.conversations[call.conversation].awaits) == ("", "")
    ringing(solo, "5005")
    assert solo.call("5005").user_data == {"k": "v"}
    assert news(solo.hear(LegAnswered(solo.leg_id("5005"))))[0] == "5005 Established"
    assert solo.call("5001").participants == ("5005",)


def test_whoever_answers_is_shown_if_nothing_else_is_said(solo: Solo) -> None:
    solo.accept(Dial(asker="5000", also=("5001",), to="5005"))
    assert dials(solo) == [("5000", "5005", False), ("5001", "5005", False)]
    solo.hear(LegAnswered(solo.leg_id("5000")))
    assert dials(solo)[2:] == [("5005", "5000", False)]


def test_one_source_that_does_not_want_it_leaves_the_others_ringing(solo: Solo) -> None:
    solo.accept(BOTH)
    ringing(solo, "5000", "5001")
    assert news(solo.hear(LegEnded(solo.leg_id("5000"), Reason.REJECTED))) == ["5000 Released"]
    assert solo.call("5001").state is CallState.RINGING
    assert news(solo.wait(20.0)) == ["5001 Released"]
    assert (solo.ledger.calls, solo.ledger.conversations) == ({}, {})


def test_a_destination_that_is_busy_ends_it_for_whoever_answered(solo: Solo) -> None:
    solo.roster.ask(SetDoNotDisturb(asker="5005", on=True), 100.0)
    solo.accept(BOTH)
    ringing(solo, "5000", "5001")
    assert news(solo.hear(LegAnswered(solo.leg_id("5000")))) == ["5001 Released", "5000 Released"]
    assert solo.ledger.calls == {}


def test_sources_whose_telephones_are_not_to_ring_do_not(solo: Solo) -> None:
    solo.roster.ask(SetDoNotDisturb(asker="5000", on=True), 100.0)
    solo.accept(BOTH)
    assert [number for number, _, _ in dials(solo)] == ["5001"]
    solo.wait(20.0)
    solo.roster.ask(ForwardCalls(asker="5001", to="5900"), 120.0)
    refusal = solo.ask(BOTH).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.IN_USE


def test_a_source_outside_rings_too_and_is_not_made_to_answer(solo: Solo) -> None:
    solo.accept(Dial(asker=PUBLIC, to="5005"))
    assert dials(solo) == [(PUBLIC, "5005", False)]
    solo.hear(LegAnswered(solo.leg_id(PUBLIC)))
    assert dials(solo)[1:] == [("5005", PUBLIC, False)]


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (Dial(asker="5000", also=("5005",), to="5005"), RefusalKind.BAD_DESTINATION),
        (Dial(asker="5000", also=("5000",), to="5005"), RefusalKind.BAD_VALUE),
        (Dial(asker="5000", also=("9999",), to="5005"), RefusalKind.BAD_VALUE),
        (Dial(asker="5000", to="5005", ring_s=-1.0), RefusalKind.BAD_VALUE),
        (Dial(asker="5000", to="5005", lasts_s=-1.0), RefusalKind.BAD_VALUE),
        (Dial(asker="5000", also=("5001", "5900"), to="5005"), RefusalKind.LIMIT_REACHED),
    ],
)
def test_sources_that_make_no_call_are_refused(command: Dial, kind: RefusalKind) -> None:
    solo = Solo(sources_max=2)
    refusal = solo.ask(command).refusal
    assert refusal is not None
    assert refusal.kind is kind
    assert (solo.ledger.calls, solo.orders) == ({}, [])


# -- what else is said of a call ----------------------------------------------------------------------------------


def test_how_the_own_phone_is_called_can_be_said(solo: Solo) -> None:
    solo.accept(Dial(asker="5000", to="5005", announced_as="4711", ring_s=10.0))
    assert dials(solo) == [("5000", "4711", True)]
    assert news(solo.wait(10.0)) == ["5000 Released"]


def test_what_it_is_for_and_who_may_not_be_handed_on_stays_with_the_call(solo: Solo) -> None:
    errand = Errand("5001", "n")
    solo.accept(Dial(asker="5000", to=PUBLIC, pinned=True, errand=errand))
    call = solo.call("5000")
    assert (call.errand, solo.ledger.conversations[call.conversation].pinned) == (errand, PUBLIC)
    solo.accept(Dial(asker="5005", to="5001", pinned=True))
    assert solo.ledger.conversations[solo.call("5005").conversation].pinned == ""


# -- by phone or trunk --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "kind", "ani"),
    [
        (LegOffered("leg", "5000", "5005"), CallType.INTERNAL, ""),
        (LegOffered("leg", "5000", PUBLIC), CallType.OUTBOUND, ""),
        (LegOffered("leg", PUBLIC, "5005", external=True), CallType.INBOUND, PUBLIC),
    ],
    ids=["inside", "to the outside", "from the outside"],
)
def test_where_a_call_comes_from_and_goes_to_is_its_type(
    solo: Solo, offered: LegOffered, kind: CallType, ani: str
) -> None:
    outcome = solo.hear(offered)
    assert news(outcome) == [f"{offered.number} Dialing"]
    call = solo.call(offered.number)
    assert (call.type, call.ani, call.dnis, call.leg) == (kind, ani, offered.dialled, "leg")
    assert dials(solo) == [(offered.dialled, offered.number, False)]
    assert kinds(outcome) == ["DialLeg", "RingLeg"]


def test_a_dial_by_api_to_the_outside_is_outbound(solo: Solo) -> None:
    solo.accept(Dial(asker="5000", to=PUBLIC))
    assert solo.call("5000").type is CallType.OUTBOUND


@pytest.mark.parametrize(("dialled", "reason"), [("9999", Reason.INVALID_NUMBER), ("5000", Reason.BUSY)])
def test_a_phone_that_dials_what_makes_no_call_is_told_why(solo: Solo, dialled: str, reason: Reason) -> None:
    outcome = solo.hear(LegOffered("leg", "5000", dialled))
    assert list(outcome.events) == []
    assert list(outcome.orders) == [DropLeg(1, "leg", reason)]
    assert (solo.ledger.legs, solo.ledger.calls) == ({}, {})


def test_a_phone_that_dialled_and_is_off_hook_has_its_destination_dialled_already(solo: Solo) -> None:
    solo.hear(LegOffered("leg", "5000", "5005"))
    assert news(solo.hear(LegAnswered("leg"))) == []
    assert len(dials(solo)) == 1


def test_a_phone_that_answers_has_nobody_else_to_wait_for(solo: Solo) -> None:
    """Its own calls are Established, not Dialing: nothing is dialled because of it."""
    solo.ring()
    solo.hear(LegAnswered(solo.leg_id("5005")))
    assert len(dials(solo)) == 1


def test_a_busy_destination_ends_the_attempt_with_the_reason(solo: Solo) -> None:
    solo.hear(LegOffered("leg", "5000", "5005"))
    outcome = solo.hear(LegEnded(solo.leg_id("5005"), Reason.BUSY))
    assert news(outcome) == ["5000 Released"]
    assert list(outcome.orders) == [DropLeg(3, "leg", Reason.BUSY)]


def test_where_the_destination_is_goes_to_the_switch_with_it_only() -> None:
    solo = Solo()
    solo.accept(Dial(asker="5000", to="5005", location="L"))
    solo.hear(LegAnswered(solo.leg_id("5000")))
    assert [order.location for order in solo.orders if isinstance(order, DialLeg)] == ["", "L"]


def test_the_data_of_a_call_have_a_limit() -> None:
    solo = Solo(user_data_bytes_max=20)
    refusal = solo.ask(Dial(asker="5000", to="5005", user_data={"k": "x" * 20})).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.LIMIT_REACHED
    assert solo.ledger.calls == {}
