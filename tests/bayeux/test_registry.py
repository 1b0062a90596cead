"""Sessions by id and by identity."""

from __future__ import annotations

from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.registry import Registry
from cordboard.bayeux.session import Ending, Session

LIMITS = BayeuxLimits(sessions_max=3, sessions_per_identity_max=2)


def add(registry: Registry, client_id: str, identity: str) -> Session:
    session = Session(client_id, identity, LIMITS, 0.0, acknowledging=False)
    registry.add(session)
    return session


def test_a_session_is_found_by_its_id_for_its_own_identity_only() -> None:
    registry = Registry(LIMITS)
    mine = add(registry, "c1", "anna")
    assert registry.find("c1", "anna") is mine
    assert registry.find("c1", "bert") is None
    assert registry.find("c2", "anna") is None
    assert registry.find(None, "anna") is None


def test_all_sessions_of_an_identity_are_at_hand() -> None:
    registry = Registry(LIMITS)
    sessions = [add(registry, "c1", "anna"), add(registry, "c2", "anna")]
    other = add(registry, "c3", "bert")
    assert list(registry.of("anna")) == sessions
    assert list(registry.of("nobody")) == []
    assert list(registry) == [*sessions, other]
    assert len(registry) == 3


def test_room_is_limited_for_each_identity_and_in_total() -> None:
    registry = Registry(LIMITS)
    add(registry, "c1", "anna")
    assert registry.has_room("anna")
    second = add(registry, "c2", "anna")
    assert not registry.has_room("anna")
    assert registry.has_room("bert")
    add(registry, "c3", "bert")
    assert not registry.has_room("carl")
    registry.remove(second, Ending.EXPIRED)
    assert registry.has_room("anna")


def test_a_removed_session_is_unknown_and_leaves_nothing_behind() -> None:
    registry = Registry(LIMITS)
    gone = add(registry, "c1", "anna")
    registry.remove(gone, Ending.KICKED)
    registry.remove(gone, Ending.KICKED)
    assert registry.find("c1", "anna") is None
    assert list(registry.of("anna")) == []
    assert len(registry) == 0


def test_who_came_and_went_is_counted() -> None:
    registry = Registry(LIMITS)
    gone, stays = add(registry, "c1", "anna"), add(registry, "c2", "anna")
    registry.remove(gone, Ending.EXPIRED)
    registry.remove(gone, Ending.STOPPED)
    stays.offer(b"a", 1)
    stays.offer(b"b", 2)
    stays.sent(1, stays.turn)
    figures = registry.figures()
    assert (figures.alive, figures.begun, figures.queued) == (1, 2, 2)
    assert {ending: count for ending, count in figures.ended.items() if count} == {Ending.EXPIRED: 1}
