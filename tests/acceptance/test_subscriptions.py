"""Sessions and subscriptions as the npm client lives them: several desktops, coming and going, sleep, restarts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.desktops import Drivers, Event
from tests.acceptance.server_process import ServerProcess
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


@pytest.fixture
def forgetful(log: Path, drivers: Drivers, transport: str) -> Iterator[Stage]:
    """A stage whose server ends a session that is silent for a moment, and lets nobody have two."""
    settings = {"TIMEOUT_S": "0.3", "MAX_INTERVAL_S": "0.3", "SESSIONS_PER_USER_MAX": "1"}
    server = ServerProcess(log, {f"CORDBOARD_COMETD__{name}": value for name, value in settings.items()})
    stage = Stage(server, drivers, transport)
    yield stage
    stage.close()
    server.close()


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
    first = ServerProcess(log)
    stage = Stage(first, drivers, transport)
    stage.enter("5009")
    first.close()
    port = first.url.rpartition(":")[2]
    stage.server = ServerProcess(log.with_suffix(".second"), {"CORDBOARD_SERVER__LISTEN": f"127.0.0.1:{port}"})
    desktop = stage.agents["5009"].desktop
    assert desktop.event("handshake", lambda event: bool(event["successful"]))["clientId"] != desktop.client_id
    assert desktop.event("subscribed")["successful"]

    stage.enter("5000")
    stage.lab.do("5000", "dial", to="5009")
    stage.told("5009", RINGS)
    stage.told("5000", Told("A", "Dialing", ("5009",), DIALING, dnis="5009"))
    stage.nobody_is_told_more()
    stage.close()
    stage.server.close()
