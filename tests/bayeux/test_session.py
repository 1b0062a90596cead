"""One session: queue, positions, carriers, clock, end."""

from __future__ import annotations

from math import inf

import msgspec
import pytest

from cordboard.bayeux.keeping import Again, KeptSession
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.session import Connect, Ending, Session

LIMITS = BayeuxLimits(queue_max=3, queue_bytes_max=20, interval_ms=500, max_interval_s=10.0)


class Bell:
    """A carrier that counts how often it was woken."""

    def __init__(self) -> None:
        self.rung = 0

    def wake(self) -> None:
        self.rung += 1


def session(*frames: bytes, acknowledging: bool = False) -> Session:
    made = Session("c1", "anna", LIMITS, 100.0, acknowledging=acknowledging)
    for number, frame in enumerate(frames, 1):
        assert made.offer(frame, number)
    return made


def test_messages_wait_in_order_and_wake_the_carrier() -> None:
    waiting = session(b"1")
    waiting.carrier = bell = Bell()
    assert waiting.offer(b"2", 2)
    assert waiting.view() == ([b"1", b"2"], 2)
    assert bell.rung == 1


def test_a_view_removes_nothing_and_a_write_that_went_through_does() -> None:
    waiting = session(b"1", b"2", b"3")
    waiting.view()
    assert waiting.waiting == 3
    waiting.sent(2, waiting.turn)
    assert waiting.view() == ([b"3"], 3)
    assert waiting.written == 2


def test_a_late_or_repeated_confirmation_does_no_harm() -> None:
    waiting = session(b"1", b"2")
    waiting.sent(2, waiting.turn)
    waiting.offer(b"3", 3)
    waiting.sent(2, waiting.turn)
    waiting.sent(1, waiting.turn)
    assert waiting.view() == ([b"3"], 3)


@pytest.mark.parametrize(("bytes_max", "count"), [(1, 1), (8, 2), (9, 2), (12, 3)])
def test_a_view_can_be_limited_in_bytes_but_has_one_message_at_least(bytes_max: int, count: int) -> None:
    frames, through = session(b"aaaa", b"bbbb", b"cccc").view(bytes_max)
    assert frames == [b"aaaa", b"bbbb", b"cccc"][:count]
    assert through == count


def test_a_queue_is_full_by_count_or_by_bytes() -> None:
    assert not session(b"1", b"2", b"3").offer(b"4", 4)
    assert not session(b"a" * 15).offer(b"b" * 6, 2)
    assert session(b"a" * 15).offer(b"b" * 5, 2)


def test_what_was_confirmed_makes_room() -> None:
    waiting = session(b"a" * 10, b"b" * 10)
    waiting.sent(1, waiting.turn)
    waiting.confirm(1)
    assert waiting.offer(b"c" * 10, 3)
    assert (waiting.waiting, waiting.unconfirmed, waiting.last) == (2, 0, 3)


def test_a_second_write_before_the_first_is_confirmed_adds_to_what_is_unconfirmed() -> None:
    waiting = session(b"1", b"2", b"3")
    waiting.sent(1, waiting.turn)
    waiting.sent(2, waiting.turn)
    assert waiting.pressing
    waiting.sent(3, waiting.turn)
    assert (waiting.unconfirmed, waiting.waiting, waiting.pressing) == (3, 0, False)


@pytest.mark.parametrize("frames", [[b"1", b"2", b"3"], [b"a" * 10, b"b" * 10]])
def test_what_was_written_once_makes_room_when_there_is_no_other(frames: list[bytes]) -> None:
    waiting = session(*frames)
    waiting.sent(2, waiting.turn)
    assert waiting.offer(b"c" * 5, 4)
    assert waiting.unconfirmed == 1
    assert waiting.has_room(1, 10)


def test_what_was_promised_to_be_acknowledged_makes_none() -> None:
    waiting = session(b"1", b"2", b"3", acknowledging=True)
    waiting.sent(3, waiting.turn)
    assert not waiting.offer(b"4", 4)


def test_a_lazy_message_waits_for_others_or_until_it_is_pressed() -> None:
    waiting = session()
    waiting.carrier = bell = Bell()
    waiting.press()
    assert waiting.offer(b"1", 1, lazily=True)
    assert (bell.rung, waiting.pressing) == (0, False)
    waiting.press()
    assert (bell.rung, waiting.pressing) == (1, True)
    waiting.sent(1, waiting.turn)
    assert not waiting.pressing
    waiting.carrier = None
    assert waiting.offer(b"2", 2, lazily=True)
    waiting.press()
    assert waiting.pressing


def test_with_acknowledgements_only_the_client_confirms() -> None:
    waiting = session(b"1", acknowledging=True)
    batch = waiting.batch(1)
    assert waiting.offer(b"2", 2)
    waiting.sent(2, waiting.turn)
    waiting.confirm(2)
    waiting.acknowledge(batch)
    waiting.begin_connect()
    assert waiting.view() == ([b"2"], 2)


# ---------------------------------------------------------------------------------------------------- what arrived

WS, OTHER = object(), object()


@pytest.mark.parametrize(
    ("before", "after", "missed", "replied", "again"),
    [
        (None, None, False, True, []),  # a request after a reply: the reply was read
        (None, None, True, True, [b"1", b"2"]),  # the client says that it was not
        (None, WS, False, True, []),
        (WS, WS, False, True, []),  # the same socket after a reply
        (WS, WS, False, False, []),  # still on its way, as far as is known
        (WS, OTHER, False, True, [b"1", b"2"]),  # the socket may have died with them
        (WS, None, False, True, [b"1", b"2"]),
    ],
)
def test_a_connect_tells_what_became_of_what_was_written(
    before: object, after: object, missed: bool, replied: bool, again: list[bytes]
) -> None:
    waiting = session()
    waiting.begin_connect(before)
    waiting.offer(b"1", 1)
    waiting.offer(b"2", 2)
    waiting.sent(2, waiting.turn)
    if replied:
        waiting.replied(2)
    waiting.begin_connect(after, missed=missed)
    assert waiting.view()[0] == again
    assert waiting.unconfirmed == (0 if again or replied else 2)


def test_a_write_of_an_earlier_turn_counts_only_for_acknowledgements() -> None:
    waiting = session(b"1", acknowledging=True)
    batch = waiting.batch(1)
    assert waiting.offer(b"2", 2)
    turn = waiting.turn
    waiting.begin_connect()
    waiting.sent(2, turn)
    assert waiting.waiting == 2
    waiting.acknowledge(batch)
    assert waiting.view() == ([b"2"], 2)


def test_a_connection_confirms_what_it_has_carried_even_after_the_client_has_moved() -> None:
    waiting = session(b"1", b"2", b"3")
    waiting.begin_connect(WS)
    waiting.sent(3, waiting.turn)
    waiting.begin_connect(OTHER)
    waiting.confirm(2)
    assert waiting.view() == ([b"3"], 3)


@pytest.mark.parametrize("batch", [-1, 0, 10**30])
def test_what_was_never_sent_cannot_be_acknowledged_away(batch: int) -> None:
    waiting = session(b"1", acknowledging=True)
    waiting.batch(1)
    waiting.acknowledge(batch)
    assert waiting.waiting == 1


def test_it_expires_a_grace_after_its_birth_unless_a_connect_stops_the_clock() -> None:
    living = session()
    assert living.expires_at == 110.5
    cycle = living.begin_connect()
    assert living.expires_at == inf
    living.touch(105.0)
    assert living.expires_at == inf
    living.end_connect(cycle, 120.0)
    assert living.expires_at == 130.5
    living.touch(125.0)
    assert living.expires_at == 135.5


def test_the_end_of_an_overtaken_connect_does_not_start_the_clock() -> None:
    living = session()
    older = living.begin_connect()
    living.begin_connect()
    living.end_connect(older, 120.0)
    assert living.expires_at == inf


def test_a_new_connect_releases_the_carrier_of_the_older() -> None:
    living = session()
    living.carrier = bell = Bell()
    connect = Connect(living, living.begin_connect(), msgspec.UNSET, advise=False, hold_s=0)
    assert (bell.rung, connect.overtaken) == (1, False)
    assert living.carrier is not bell
    living.begin_connect()
    assert connect.overtaken


def test_its_end_drops_what_waited_and_wakes_the_carrier_once() -> None:
    ending = session(b"1")
    ending.subscriptions.add("/a")
    ending.carrier = bell = Bell()
    ending.end(Ending.EXPIRED)
    ending.end(Ending.STOPPED)
    assert (ending.ending, ending.waiting, ending.subscriptions, bell.rung) == (Ending.EXPIRED, 0, set(), 1)


def test_with_a_farewell_the_carrier_still_delivers_both() -> None:
    ending = session(b"1")
    ending.end(Ending.KICKED, b"bye")
    assert ending.view() == ([b"1", b"bye"], 2)


# ---------------------------------------------------------------------------------------------------- what survives


def test_it_is_a_value_with_all_that_outlives_its_process() -> None:
    living = Session("c1", "anna", LIMITS, 100.0, acknowledging=True, begun=7)
    living.replaying = True
    living.wanted = {"/a": 8}
    living.again = [Again(9, {"/a": -2})]
    assert living.kept == KeptSession("c1", "anna", True, True, 7, {"/a": 8}, (Again(9, {"/a": -2}),))
    living.offer(b"1", 9)
    assert living.is_behind
    living.batch(1)
    living.sent(1, living.turn)
    living.acknowledge(9)
    assert (living.is_behind, living.arrived, living.kept.again) == (False, 9, ())


@pytest.mark.parametrize("acknowledging", [True, False])
def test_what_it_is_restored_with_waits_and_has_room_of_its_own(acknowledging: bool) -> None:
    living = session(acknowledging=acknowledging)
    living.restore([(number, b"%d" % number) for number in (11, 12, 15, 16)])
    assert (living.view()[1], living.pressing, living.numbers.newest) == (4, True, 16)
    assert living.offer(b"17", 17)
    assert living.has_room(2, 5)


def test_an_acknowledgement_from_before_drops_what_the_earlier_process_had_sent() -> None:
    living = session(acknowledging=True)
    living.restore([(11, b"11"), (12, b"12"), (15, b"15")])
    assert living.batch(3) == 15
    living.acknowledge(13)
    assert living.view() == ([b"15"], 3)


def test_without_messages_nothing_presses() -> None:
    living = session()
    living.restore([])
    assert not living.pressing
