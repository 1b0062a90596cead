"""Sessions and subscriptions as the npm client lives them: several desktops, coming and going, sleep, restarts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.acceptance.desktops import Drivers, Event
from tests.acceptance.server_process import serving
from tests.acceptance.stage import CALLS_AND_DEVICES, EVERYTHING, Agent, Stage
from tests.acceptance.telling import DIALING, NOTHING, RINGING, Told

pytestmark = pytest.mark.acceptance

RINGS = Told("A", "Ringing", ("5000",), RINGING, dnis="5009")
IS_OVER = Told("A", "Released", ("5000",), NOTHING, dnis="5009")


def test_every_desktop_of_a_user_is_told_the_same(stage: Stage) -> None:
    stage.enter("5009")
    desktops = stage.agents["5009"].desktops
    desktops.append(stage.desktop("5009", channels=CALLS_AND_DEVICES))
    desktops.append(stage.desktop("5009", channels=("/v2/me/**",)))
    stage.lab.do("5000", "dial", to="5009")
    stage.told("5009", RINGS)

    desktops.pop(0).disconnect()
    stage.lab.do("5000", "hangup")
    stage.told("5009", IS_OVER)
    stage.nobody_is_told_more()


def test_subscribed_twice_is_told_once(stage: Stage) -> None:
    stage.enter("5009", channels=(*EVERYTHING, "/v2/me/calls"))
    desktop = stage.agents["5009"].desktop
    stage.lab.do("5000", "dial", to="5009")
    # The client hands the one message to each of its two subscriptions; the next is told on the pattern only.
    stage.told("5009", RINGS, RINGS)
    assert desktop.unsubscribe("/v2/me/calls")["successful"]
    stage.nobody_is_told_more()


def test_unsubscribed_is_not_told(stage: Stage) -> None:
    stage.enter("5009", channels=CALLS_AND_DEVICES)
    desktop = stage.agents["5009"].desktop
    assert desktop.unsubscribe("/v2/me/calls")["successful"]
    stage.lab.do("5000", "dial", to="5009")
    stage.wait_for(lambda: stage.lab.phone("5009")["state"] == "ringing", "5009 rings")
    stage.nobody_is_told_more()

    stage.ids.bind("A", stage.agents["5009"].get("/me/calls?fields=*")["calls"][0])
    assert desktop.subscribe("/v2/me/calls")["successful"]
    stage.lab.do("5000", "hangup")
    stage.told("5009", IS_OVER)
    stage.nobody_is_told_more()


def test_what_is_not_for_clients_is_refused(stage: Stage) -> None:
    stage.enter("5009")
    desktop = stage.agents["5009"].desktop
    for channel in ("/v2/users", "/v2/me/calls/5000", "/somebody/else"):
        refused = desktop.subscribe(channel)
        assert (refused["successful"], refused["error"]) == (False, "403::subscribe_denied")
    published = desktop.publish("/v2/me/calls", {"messageType": "CallStateChangeMessage"})
    assert (published["successful"], published["error"]) == (False, "403::publish_denied")
    stage.nobody_is_told_more()


def test_a_session_that_said_goodbye_is_gone(stage: Stage) -> None:
    stage.enter("5009")
    agent = stage.agents["5009"]
    desktop = agent.desktops.pop()
    desktop.disconnect()
    assert reply_to(agent, "connect", clientId=desktop.client_id)["error"] == "402::session_unknown"


def reply_to(agent: Agent, what: str, **members: object) -> Event:
    """The reply to one meta message that is sent by hand."""
    message = {"channel": f"/meta/{what}", "connectionType": "long-polling", **members}
    reply: Event = agent.client.post("/api/v2/notifications", json=[message]).json()[-1]
    return reply


def another_session(stage: Stage, agent: Agent) -> str:
    """The clientId of a new session, which there is room for as soon as the user's old one is over."""
    replies: list[Event] = []

    def granted() -> bool:
        replies.append(reply_to(agent, "handshake", version="1.0", supportedConnectionTypes=["long-polling"]))
        return bool(replies[-1]["successful"])

    stage.wait_for(granted, "the old session is over")
    return str(replies[-1]["clientId"])


def test_a_short_sleep_loses_nothing(stage: Stage) -> None:
    stage.enter("5009", "5008")
    sleeper = stage.agents["5009"].desktop
    sleeper.suspend()
    try:
        stage.lab.do("5000", "dial", to="5009")
        stage.wait_for(lambda: stage.lab.phone("5009")["state"] == "ringing", "5009 rings")
        stage.ids.bind("A", stage.agents["5009"].get("/me/calls?fields=*")["calls"][0])
        for key in "abcdefgh":
            stage.ask("5009", "A", "AttachUserData", userData={key: key})
        stage.lab.do("5000", "hangup")
    finally:
        sleeper.resume()
    everything = [dict(zip("abcdefgh"[:count], "abcdefgh", strict=False)) for count in range(9)]
    stage.told(
        "5009",
        RINGS,
        *(told_with(RINGS, data, change="AttachedDataChanged") for data in everything[1:]),
        told_with(IS_OVER, everything[-1]),
    )
    stage.nobody_is_told_more()


def told_with(told: Told, user_data: dict[str, str], change: str = "StatusChange") -> Told:
    return msgspec.structs.replace(told, user_data=user_data, change=change)


@pytest.mark.parametrize("transport", ["long-polling"], indirect=True)
def test_a_session_whose_queue_is_full_ends_and_its_client_begins_anew(
    log: Path, drivers: Drivers, transport: str
) -> None:
    """A new session that reads the state is better than a gap that nobody notices. (WebSockets have no queue here:
    what is pushed into one waits in the network.)"""
    with serving(log, {"CORDBOARD_COMETD__QUEUE_MAX": "5"}) as server:
        stage = Stage(server, drivers, transport)
        stage.enter("5009")
        desktop = stage.agents["5009"].desktop
        desktop.suspend()
        try:
            for _ in range(5):
                stage.lab.do("5000", "dial", to="5009")
                stage.wait_for(lambda: stage.lab.phone("5009")["state"] == "ringing", "5009 rings")
                stage.lab.do("5000", "hangup")
                stage.wait_for(lambda: stage.lab.phone("5009")["state"] == "idle", "5009 is left alone")
        finally:
            desktop.resume()
        lost = desktop.event("connect", lambda event: not event["successful"])
        assert (lost["error"], lost["advice"]["reconnect"]) == ("402::session_unknown", "handshake")
        assert desktop.event("handshake")["successful"]
        assert desktop.event("subscribed")["successful"]
        heard = desktop.forget_messages()
        assert heard <= 5

        stage.lab.do("5000", "dial", to="5009")
        stage.told("5009", RINGS)
        stage.nobody_is_told_more()
        stage.close()


@pytest.fixture
def forgetful(log: Path, drivers: Drivers, transport: str) -> Iterator[Stage]:
    """A stage whose server ends a session that is silent for a moment, and lets nobody have two."""
    settings = {"TIMEOUT_S": "0.3", "MAX_INTERVAL_S": "0.3", "SESSIONS_PER_USER_MAX": "1"}
    with serving(log, {f"CORDBOARD_COMETD__{name}": value for name, value in settings.items()}) as server:
        stage = Stage(server, drivers, transport)
        yield stage
        stage.close()


def test_a_laptop_that_slept_comes_back(forgetful: Stage) -> None:
    """Its session expired meanwhile: told so by 402, the client handshakes anew and hears what happens from then on."""
    stage = forgetful
    stage.enter("5009")
    agent = stage.agents["5009"]
    agent.desktop.suspend()
    try:
        probe = another_session(stage, agent)
        stage.lab.do("5000", "dial", to="5009")
        assert reply_to(agent, "disconnect", clientId=probe)["successful"]
    finally:
        agent.desktop.resume()
    lost = agent.desktop.event("connect", lambda event: not event["successful"])
    assert (lost["error"], lost["advice"]["reconnect"]) == ("402::session_unknown", "handshake")
    handshake = agent.desktop.event("handshake")
    assert handshake["successful"]
    assert handshake["clientId"] not in (agent.desktop.client_id, probe)
    assert agent.desktop.event("subscribed")["successful"]

    stage.ids.bind("A", agent.get("/me/calls?fields=*")["calls"][0])
    stage.lab.do("5000", "hangup")
    stage.told("5009", IS_OVER)
    stage.nobody_is_told_more()


def test_desktops_come_back_when_the_server_was_restarted(log: Path, drivers: Drivers, transport: str) -> None:
    nothing_kept = {"CORDBOARD_JOURNAL__PATH": ":memory:"}
    with serving(log, nothing_kept) as first:
        stage = Stage(first, drivers, transport)
        stage.enter("5009")
    settings = {"CORDBOARD_SERVER__LISTEN": first.url.removeprefix("http://"), **nothing_kept}
    with serving(log.with_suffix(".second"), settings) as stage.server:
        desktop = stage.agents["5009"].desktop
        assert desktop.event("handshake", lambda event: bool(event["successful"]))["clientId"] != desktop.client_id
        assert desktop.event("subscribed")["successful"]

        stage.enter("5000")
        stage.lab.do("5000", "dial", to="5009")
        stage.told("5009", RINGS)
        stage.told("5000", Told("A", "Dialing", ("5009",), DIALING, dnis="5009"))
        stage.nobody_is_told_more()
        stage.close()
