from __future__ import annotations

import pytest
from tests.kit.people import ADMIN, AGENT, SUPERVISOR

from cordboard.gws.topics import may_subscribe


@pytest.mark.parametrize(
    "channel",
    [
        "/v2/me",
        "/v2/me/calls",
        "/v2/me/devices",
        "/v2/me/voicemails",
        "/v2/me/channels",
        "/v2/me/*",
        "/v2/me/**",
        "/v2/**",
        "/notifications/services",
    ],
)
def test_everybody_may_hear_of_their_own_things(channel: str) -> None:
    assert may_subscribe(AGENT, channel)


@pytest.mark.parametrize("channel", ["/v2/me/secrets", "/v2/users", "/meta/connect", "/service/x", "", "/v2/me/calls/"])
def test_nobody_else_hears_the_rest(channel: str) -> None:
    assert not may_subscribe(AGENT, channel)


def test_staff_may_hear_of_users() -> None:
    assert may_subscribe(SUPERVISOR, "/v2/users")
    assert may_subscribe(ADMIN, "/v2/users")
