"""What the ledger keeps beside calls, and the rules of a board."""

from __future__ import annotations

import pytest

from cordboard.calls.model import CallType, Recording
from cordboard.calls.records import MUSIC, NOWHERE, QUIET, RINGBACK, Conversation, Leg, Recall, Rules, Tape


def test_rules_have_the_defaults_that_are_documented() -> None:
    """call-semantics §4: #2 (15 s), #24 (two tries, 10 s apart), #28 (4 consults), #50 (20 hops)."""
    rules = Rules()
    assert rules.consult_no_answer_timeout_s == 15
    assert (rules.recall_tries, rules.recall_interval_s) == (2, 10)
    assert (rules.consults_max, rules.hops_max) == (4, 20)
    assert rules.retrieve_on_consult_failure is False
    assert (rules.transfer_fallback, rules.clear_from_ringing) == ("", False)


def test_every_timer_and_limit_is_positive_so_that_nothing_waits_for_ever() -> None:
    rules = Rules()
    for field in rules.__struct_fields__:
        value = getattr(rules, field)
        assert isinstance(value, bool | str) or value > 0, field


def test_places_are_told_apart() -> None:
    assert len({NOWHERE, QUIET, MUSIC, RINGBACK}) == 4
    assert not NOWHERE, "nowhere is what an empty place in a snapshot means"


def test_a_conversation_begins_empty_and_a_leg_unanswered() -> None:
    conversation = Conversation("C1", "00aa", CallType.INTERNAL)
    assert (conversation.members, conversation.past, conversation.hops) == ((), frozenset(), 0)
    assert (conversation.owner, conversation.recall) == ("", None)
    assert (conversation.takes, conversation.recorded_as) == (0, "")
    tape = Tape("C1-1", "C1")
    assert (tape.state, tape.order, tape.ending, tape.tries) == (Recording.STOPPED, 0, False, 0)
    leg = Leg("leg", "5005")
    assert (leg.place, leg.answered, leg.dialled, leg.pending, leg.deadline) == (NOWHERE, False, False, False, 0)
    assert leg.outgoing is True


@pytest.mark.parametrize("value", [Leg("leg", "5005"), Recall("5005", 2), Rules()], ids=lambda v: type(v).__name__)
def test_records_are_frozen(value: Leg | Recall | Rules) -> None:
    with pytest.raises(AttributeError):
        setattr(value, value.__struct_fields__[0], "other")
