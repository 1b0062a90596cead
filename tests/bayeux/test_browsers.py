"""Which sessions of a browser hold a connect."""

from __future__ import annotations

from cordboard.bayeux.browsers import Browsers
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.session import Session


def session(client_id: str, identity: str = "anna") -> Session:
    return Session(client_id, identity, BayeuxLimits(), 0.0, acknowledging=False)


def test_so_many_sessions_of_a_browser_hold_their_connects_and_others_when_these_are_released() -> None:
    browsers = Browsers(1)
    first, second = session("c1"), session("c2")
    assert browsers.hold("b", first)
    assert not browsers.hold("b", second)
    assert browsers.hold("b", first)
    browsers.release(first)
    assert browsers.hold("b", second)
    assert not browsers.hold("b", first)


def test_other_browsers_other_identities_and_programs_without_a_cookie_are_not_counted_together() -> None:
    browsers = Browsers(1)
    assert browsers.hold("b", session("c1"))
    assert browsers.hold("x", session("c2"))
    assert browsers.hold("b", session("c3", "bert"))
    assert browsers.hold("", session("c4"))
    assert browsers.hold("", session("c5"))


def test_nothing_remains_of_what_is_released() -> None:
    browsers = Browsers(2)
    held = [session("c1"), session("c2")]
    assert all(browsers.hold("b", one) for one in held)
    for one in [*held, *held]:
        browsers.release(one)
    assert len(browsers) == 0
