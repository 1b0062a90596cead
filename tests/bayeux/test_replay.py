"""What is kept for the extension replay, for how long, and what is known to be lost."""

from __future__ import annotations

import pytest

from cordboard.bayeux.extensions import ALL_RETAINED
from cordboard.bayeux.keeping import KeptShelves, Told
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.replay import RecentMessages, Retained, encode_again, missed

LIMITS = BayeuxLimits(replay_messages_max=3, replay_age_max_s=60.0)


def memory(*channels: str) -> RecentMessages:
    """A memory that anna has asked for, with a message on each channel in turn, numbered from 101."""
    kept = RecentMessages(LIMITS)
    kept.retain("anna", "/before", b"{}", 100)
    kept.want("anna", 10.0)
    for number, channel in enumerate(channels, 101):
        assert kept.retain("anna", channel, b"{}", number)
    return kept


def ids(found: list[Retained] | None) -> list[int] | None:
    return None if found is None else [one.replay_id for one in found]


def test_nothing_is_kept_for_those_who_never_asked() -> None:
    kept = memory()
    assert not kept.retains("bert")
    assert not kept.retain("bert", "/a", b"{}", 101)
    assert ids(kept.since("bert", "/a", ALL_RETAINED)) == []
    assert kept.since("bert", "/a", 100) is None
    assert ids(kept.since("bert", "/a", 101)) == []


def test_numbers_grow_over_all_identities_and_channels() -> None:
    kept = memory("/a", "/b")
    kept.want("bert", 10.0)
    assert kept.retains("bert")
    assert kept.retain("bert", "/a", b"1", 103)
    assert kept.since("bert", "/a", ALL_RETAINED) == [Retained(103, "/a", b"1", 10.0)]


@pytest.mark.parametrize(
    ("name", "after", "expected"),
    [
        ("/v/a", ALL_RETAINED, [101, 103]),
        ("/v/a", 100, [101, 103]),
        ("/v/a", 101, [103]),
        ("/v/a", 103, []),
        ("/v/a", 104, []),
        ("/v/*", ALL_RETAINED, [101, 102, 103]),
        ("/**", 101, [102, 103, 104]),
        ("/x", ALL_RETAINED, []),
        ("/x", 102, []),
        ("/v/a", 99, None),
        ("/v/a", 105, None),
        ("/v/a", -1, None),
        ("/x", 99, None),
    ],
)
def test_what_comes_after_a_number_is_found_by_channel_or_pattern(
    name: str, after: int, expected: list[int] | None
) -> None:
    assert ids(memory("/v/a", "/v/b", "/v/a", "/w/a").since("anna", name, after)) == expected


def test_of_each_channel_the_latest_are_kept_and_a_gap_is_known() -> None:
    kept = memory("/a", "/a", "/b", "/a", "/a", "/a")
    assert ids(kept.since("anna", "/a", ALL_RETAINED)) == [104, 105, 106]
    assert kept.since("anna", "/a", 101) is None
    assert ids(kept.since("anna", "/a", 102)) == [104, 105, 106]
    assert ids(kept.since("anna", "/b", 101)) == [103]
    assert kept.since("anna", "/*", 101) is None
    assert len(kept) == 4


def test_what_is_too_old_is_forgotten_and_a_number_before_it_is_refused() -> None:
    kept = memory("/a")
    kept.sweep(50.0)
    kept.retain("anna", "/a", b"{}", 102)
    kept.want("anna", 100.0)
    kept.sweep(100.0)
    assert ids(kept.since("anna", "/a", ALL_RETAINED)) == [102]
    assert kept.since("anna", "/a", 100) is None
    assert ids(kept.since("anna", "/a", 101)) == [102]


def test_an_identity_that_nobody_wants_any_more_is_forgotten_with_all_its_messages() -> None:
    kept = memory("/a")
    kept.sweep(70.0)
    assert kept.retains("anna")
    kept.sweep(70.1)
    assert not kept.retains("anna")
    assert len(kept) == 0


# ---------------------------------------------------------------------------------------------------- what survives


def test_several_channels_are_had_again_together_each_message_once_and_what_is_gone_is_passed_over() -> None:
    kept = memory("/a", "/a", "/b", "/a", "/a")
    assert ids(missed(kept, "anna", {"/a": 102, "/*": 103})) == [104, 105]
    assert ids(missed(kept, "anna", {"/a": 100})) == [102, 104, 105]
    assert ids(missed(kept, "bert", {"/a": 1, "/b": ALL_RETAINED})) == []


def test_a_message_that_comes_late_has_its_place_among_the_others() -> None:
    kept = memory("/a", "/a")
    assert kept.retain("anna", "/b", b"{}", 99)
    (late,) = kept.since("anna", "/b", ALL_RETAINED) or []
    assert encode_again(late) == b'{"channel":"/b","data":{"event":{"replayId":99}}}'
    assert ids(kept.since("anna", "/*", 102)) == []


def test_what_has_changed_is_told_once_and_the_first_that_is_kept_is_known() -> None:
    kept = memory()
    assert (kept.first, kept.changes()) == (101, {"anna": KeptShelves(100)})
    for number in range(101, 105):
        kept.retain("anna", "/a", b"{}", number)
    assert (kept.first, kept.changes(), kept.changes()) == (102, {"anna": KeptShelves(100, {"/a": 101})}, {})
    kept.sweep(50.0)
    kept.retain("anna", "/b", b"{}", 105)
    kept.want("anna", 100.0)
    kept.sweep(100.0)
    assert (kept.first, kept.changes()) == (105, {"anna": KeptShelves(100, {"/a": 104})})
    kept.sweep(200.0)
    assert (kept.first, kept.changes()) == (106, {"anna": None})


def test_what_is_recalled_is_as_it_was() -> None:
    before = memory("/a", "/a", "/a", "/a", "/b")
    shelves = {identity: own for identity, own in before.changes().items() if own is not None}
    after = RecentMessages(LIMITS)
    after.restore(shelves, 104, 500.0)
    for number, channel in enumerate(("/a", "/a", "/a", "/a", "/b"), 101):
        after.recall(number, Told("anna", channel, b"{}"), 10.0)
    after.recall(106, Told("bert", "/a", b"{}"), 10.0)
    for name in ("/a", "/b", "/*"):
        for number in (ALL_RETAINED, 99, 100, 101, 102, 105):
            assert ids(after.since("anna", name, number)) == ids(before.since("anna", name, number))
    assert not after.retains("bert")
    assert after.since("anna", "/b", 106) == []
    after.sweep(560.0)
    assert after.retains("anna")
    assert len(after) == 0
