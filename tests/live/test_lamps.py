"""What telephones and apps are told besides calls: the lamp shines while messages wait, presence knows who is there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.acceptance.desktops import Drivers
from tests.acceptance.uapi_app import App
from tests.live.floor import OUTSIDE, floor
from tests.live.phones import needed
from tests.live.stage import LiveStage

from tools.asterisk import Asterisk

OWNER = "0003*024"


@pytest.mark.live
def test_the_owner_of_a_mailbox_sees_it_at_the_telephone(asterisk: Asterisk, drivers: Drivers, tmp_path: Path) -> None:
    needed()
    settings = {"CORDBOARD_SWITCH__ASTERISK__MESSAGE_LAMPS_REFRESH_S": "2"}
    with floor(asterisk, tmp_path, settings) as here, closing(LiveStage(here, drivers)) as stage:
        stage.bring("0003*210", OWNER, OUTSIDE)
        app = App(here.server, stage.lab)
        telephone = stage.phone(OWNER)
        app.lab.do(OUTSIDE, "dial", to="0003*210")
        app.lab.do("0003*210", "answer")
        path = "/uapi/phoneCalls/12/0003*210"
        app.until(path, ["5"])
        app.call("PUT", path, {"action": "TransferToVoicemail", "sendCallTo": OWNER, "transferNumber": OUTSIDE})
        app.until_idle("0003*210")
        app.lab.do(OUTSIDE, "hangup")
        waits = telephone.until_event("messages", body="Messages-Waiting: yes\nVoice-Message: 1/0")
        telephone.until_event("messages", since=waits["at"] + 0.5, body=waits["body"])
        with here.server.client(OWNER) as owner:
            (message,) = owner.get("/api/v2/me/voicemails?fields=*").json()["voicemails"]
            owner.put(f"/api/v2{message['path']}", json={"heard": True})
            heard = telephone.until_event("messages", body="Messages-Waiting: no\nVoice-Message: 0/1")
            assert heard["at"] > waits["at"]
        app.http.close()


@pytest.mark.live
@pytest.mark.uapi("3.3 registrations")
def test_who_is_registered(asterisk: Asterisk, drivers: Drivers, tmp_path: Path) -> None:
    needed()
    settings = {"CORDBOARD_SWITCH__ASTERISK__REGISTRATIONS_REFRESH_S": "0.2"}
    with floor(asterisk, tmp_path, settings) as here, closing(LiveStage(here, drivers)) as stage:
        app = App(here.server, stage.lab)

        def told() -> tuple[str, str]:
            (row,) = app.call("GET", "/uapi/extensions/@me/0003*210/presence")["entry"]
            return row["status"], row["registration"][0]["registration"]

        app.until_true(lambda: told() == ("0", "-1"), "what Asterisk says")
        stage.bring("0003*210")
        app.until_true(lambda: told() == ("1", "1"), "the telephone")
        app.http.close()
