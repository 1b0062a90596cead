"""The other door: clients of the UnifiedAPI on the real process, in the forms that are in the field.

Requests are those of the vendor's samples of 2015 (``/unifiedapi``, ``[0].links.self``, polling, a body without
``transferFromNumber``) and of its client of 2026 (trailing slash, redirects not followed, ``@me/@self``), written anew
from the contract (voipnow-uapi §0, §6). A Genesys client watches the same calls.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.acceptance.server_process import DEMO, ServerProcess, serving
from tests.acceptance.stage import Stage
from tests.acceptance.uapi_app import App

pytestmark = pytest.mark.acceptance

OUTSIDE, OTHER_OUTSIDE = "3235742879", "3334444"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The demo, with an app that reaches all of its organisation."""
    folder = tmp_path_factory.mktemp("server")
    config = folder / "demo.toml"
    demo = DEMO.read_text("utf-8")
    config.write_text(demo.replace('name = "Demo app"', 'name = "Demo app"\nlevel = "organization"'), "utf-8")
    with serving(folder / "log", config=config) as server:
        yield server


@pytest.fixture
def app(server: ServerProcess) -> Iterator[App]:
    made = App(server)
    yield made
    made.lab.reset()
    made.http.close()


@pytest.mark.uapi("2.5 the printed example")
def test_the_printed_example(app: App) -> None:
    """Call 0003*210 ↔ 0003*024, transferred to 3235742879 (voipnow-uapi §2.5)."""
    app.lab.do("0003*210", "dial", to="0003*024")
    app.lab.do("0003*024", "answer")
    call = app.call("GET", "/uapi/phoneCalls/12/0003*210")["entry"][0]
    path = f"/uapi/phoneCalls/12/0003*210/{call['id']}"
    app.until(path, ["5", "5"])
    answer = app.call(
        "PUT",
        path,
        {
            "action": "Transfer",
            "sendCallTo": OUTSIDE,
            "transferFromNumber": "0003*024",
            "transferNumber": "0003*210",
        },
    )
    assert (answer["id"], answer["extension"], answer["ownerId"]) == (call["id"], "0003*210", "3")
    app.lab.do(OUTSIDE, "answer")
    (view,) = app.until(path, ["5"])
    assert (view["id"], view["extension"], view["source"], view["destination"], view["callerId"]) == (
        "01",
        "0003*210",
        ["0003*210"],
        [OUTSIDE],
        f"A customer <{OUTSIDE}>",
    )
    app.until_idle("0003*024")
    app.until_hears("0003*210", [OUTSIDE])
    assert answer["link"] == answer["links"]
    assert answer["links"]["self"].endswith(path)


@pytest.mark.uapi("2.4.3 Park", "2.4.3 UnPark")
def test_a_call_is_parked_and_got_out_again(app: App) -> None:
    """The id stays, the view is read again (voipnow-uapi §2.4.3, §4)."""
    app.lab.do("0003*210", "dial", to="0003*024")
    app.lab.do("0003*024", "answer")
    call = app.call("GET", "/uapi/phoneCalls/12/0003*210")["entry"][0]
    path = f"/uapi/phoneCalls/12/0003*210/{call['id']}"
    app.until(path, ["5", "5"])
    (parked,) = app.call("PUT", path, {"action": "Park", "phoneCallViewId": "00", "maxInParking": "60"})
    assert parked["id"] == call["id"]
    (view,) = app.views(path)
    assert (view["extension"], view["status"], view["parkedBy"]) == ("0003*024", "5", "0003*210")
    app.until_idle("0003*210")
    app.until_hears("0003*024", ["music"])
    unparked = app.call("PUT", path, {"action": "UnPark", "phoneCallViewId": view["id"], "sendCallTo": "0003*210"})
    assert unparked["id"] == call["id"]
    app.until(path, ["5", "5"])
    app.until_hears("0003*024", ["0003*210"])
    app.lab.do("0003*024", "hangup")
    app.until_idle("0003*210")


@pytest.mark.uapi("2.4.10 TransferToVoicemail")
def test_a_message_is_left_and_fetched(app: App) -> None:
    """voipnow-uapi §2.4.10; the owner hears it by the other API (docs/voicemail.md)."""
    app.lab.do(OUTSIDE, "dial", to="0003*210")
    app.lab.do("0003*210", "answer")
    path = "/uapi/phoneCalls/12/0003*210"
    app.until(path, ["5"])
    body = {"action": "TransferToVoicemail", "sendCallTo": "0003*024", "transferNumber": OUTSIDE}
    assert len(app.call("PUT", path, body)) == 1
    app.until_idle("0003*210")
    time.sleep(1.0)  # somebody speaks: the process under test looks at a clock of its own
    app.lab.do(OUTSIDE, "hangup")
    with httpx.Client(base_url=app.http.base_url, auth=("0003*024", "cordboard")) as owner:
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found[:] = owner.get("/api/v2/me/voicemails", params={"fields": "*"}).json()["voicemails"]
            return bool(found)

        app.until_true(is_there, "the message")
        (message,) = found
        assert (message["caller"], message["phoneNumber"], message["heard"]) == (OUTSIDE, "0003*024", False)
        assert 800 <= message["durationMs"] <= 3_000
        sound = owner.get(f"/api/v2{message['path']}/content")
        assert (sound.headers["content-type"], sound.content[:4]) == ("audio/wav", b"RIFF")
        assert owner.put(f"/api/v2{message['path']}", json={"heard": True}).json() == {"statusCode": 0}
        assert owner.get(f"/api/v2{message['path']}").json()["voicemail"]["heard"]
        assert owner.delete(f"/api/v2{message['path']}").json() == {"statusCode": 0}
        assert owner.get(f"/api/v2{message['path']}").status_code == 404


@pytest.mark.uapi("2.3.1 several sources", "2.1 the extension is charged", "2.3.1 allowPublicTransfer")
def test_several_telephones_ring_and_the_first_is_connected(app: App) -> None:
    (call,) = app.call(
        "POST",
        "/uapi/phoneCalls/12/simple/",
        {
            "extension": "0003*210",
            "phoneCallView": [{"source": ["0003*210", "0003*024"], "destination": OUTSIDE}],
            "nonce": "n-1",
        },
    )
    path = call["links"]["self"]
    app.until(path, ["3", "3"])
    app.lab.do("0003*024", "answer")
    app.until_idle("0003*210")
    app.lab.do(OUTSIDE, "answer")
    (view,) = app.until(path, ["5"])
    assert (view["source"], view["destination"]) == (["0003*024"], [OUTSIDE])
    assert app.call("GET", path)["entry"][0]["nonce"] == call["nonce"] == "n-1"
    app.until_hears("0003*024", [OUTSIDE])
    body = {"action": "Transfer", "sendCallTo": "5000", "transferFromNumber": "0003*024"}
    answer = app.http.put(path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "access_denied")
    assert app.call("DELETE", path)[0]["id"] == call["id"]
    app.until_idle("0003*024")


@pytest.mark.uapi("2.3.2 callback")
def test_two_numbers_outside_are_connected(app: App) -> None:
    body = {"extension": "0003*400", "phoneCallView": [{"source": [OUTSIDE], "destination": [OTHER_OUTSIDE]}]}
    (call,) = app.call("POST", "/uapi/phoneCalls/@me/callback?waitForPickup=30", body)
    app.lab.do(OUTSIDE, "answer")
    app.until_true(lambda: app.lab.phone(OTHER_OUTSIDE)["state"] == "ringing", "the other telephone")
    app.lab.do(OTHER_OUTSIDE, "answer")
    app.until_hears(OUTSIDE, [OTHER_OUTSIDE])
    path = call["links"]["self"]
    assert app.call("GET", path)["entry"][0]["extension"] == "0003*400"
    app.call("DELETE", path)
    app.until_idle(OTHER_OUTSIDE)


@pytest.mark.uapi("2.3.3 conferenceInvite")
def test_people_are_called_into_a_conference(app: App) -> None:
    def invite(number: str) -> Any:
        view = {"source": ["0003*500"], "destination": [number]}
        body = {"extension": "0003*500", "phoneCallView": [view]}
        return app.call("POST", "/uapi/phoneCalls/@me/conferenceInvite?pin=4711", body)[0]

    call = invite("0003*210")
    app.until(call["links"]["self"], ["3"])
    app.lab.do("0003*210", "answer")
    app.until_hears("0003*210", ["music"])
    for number in ("0003*024", OUTSIDE):
        assert invite(number)["id"] == call["id"]
        app.until_true(lambda number=number: app.lab.phone(number)["state"] == "ringing", number)  # type: ignore[misc]
        app.lab.do(number, "answer")
    app.until_hears("0003*210", ["0003*024", OUTSIDE])
    app.call("DELETE", call["links"]["self"])
    app.until_idle("0003*210")


@pytest.mark.uapi("2.4.3 Whisper")
def test_a_whisperer_in_private_hears_nobody(app: App) -> None:
    app.lab.do("0003*210", "dial", to="0003*024")
    app.lab.do("0003*024", "answer")
    path = "/uapi/phoneCalls/12/0003*210"
    app.until(path, ["5", "5"])
    body = {"action": "Whisper", "phoneCallViewId": "00", "sendCallTo": "5000", "private": "1"}
    app.call("PUT", path, body)
    app.until_hears("0003*024", ["0003*210", "5000"])
    assert (app.lab.phone("0003*210")["hears"], app.lab.phone("5000")["hears"]) == (["0003*024"], ["silence"])


@pytest.mark.uapi("6 samples of 2015", "0.3 a call that is gone", "1.5 links")
def test_a_sample_of_2015(app: App) -> None:
    """Begin a call, poll its link until both talk, hand it on by view, poll until it is gone."""
    begun = app.call(
        "POST",
        "/unifiedapi/phoneCalls/@me/simple",
        {
            "extension": "0003*210",
            "phoneCallView": [{"source": ["0003*210"], "destination": ["0003*024"]}],
            "callerId": "John Doe <4242425>",
        },
    )
    link = begun[0]["links"]["self"]
    app.until(link, ["3", "4"])
    app.lab.do("0003*024", "answer")
    app.until(link, ["5", "5"])
    body = {"action": "Transfer", "sendCallTo": OTHER_OUTSIDE, "phoneCallViewId": "00"}
    app.call("PUT", f"/unifiedapi/phoneCalls/@me/@self/{begun[0]['id']}", body)
    app.until(link, ["4"])
    app.lab.do(OTHER_OUTSIDE, "answer")
    app.until(link, ["5"])
    assert app.call("DELETE", link)[0]["id"] == begun[0]["id"]
    assert app.call("GET", link)["totalResults"] == 0


@pytest.mark.uapi("6 client of 2026", "1.1 content type", "1.2 last slash")
def test_the_client_of_2026(app: App) -> None:
    """Slashes at the end, no redirects, every answer parsed as JSON."""
    app.lab.do("0003*024", "dial", to="0003*210")
    app.lab.do("0003*210", "answer")
    call = app.call("GET", "/uapi/phoneCalls/@me/%40self/?count=4999")["entry"][0]
    path = f"/uapi/phoneCalls/@me/@self/{call['id']}/"
    held = app.call("PUT", path, {"action": "OnHold", "phoneCallViewId": "00"})
    assert {view["extension"]: view.get("holder") for view in held["phoneCallView"]} == {"0003*210": 1, "0003*024": 0}
    assert app.lab.phone("0003*024")["hears"] == ["music"]
    app.call("PUT", path, {"action": "OffHold", "phoneCallViewId": "00"})
    app.call("PUT", path, {"action": "Monitor", "sendCallTo": "5000", "phoneCallViewId": "00"})
    answer = app.http.get("/uapi/phoneCalls/@me/@self", headers={"Authorization": "Bearer expired"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "access_denied")
    bare = app.http.get(f"/uapi/cdr?accessRequestToken={app.token}", headers={"Authorization": ""})
    assert bare.status_code == 200


@pytest.mark.uapi("4 one set of calls")
def test_both_doors_lead_to_the_same_calls(app: App, stage: Stage) -> None:
    """A transfer by this API is told to a Genesys client, and a Genesys transfer is seen here."""
    stage.enter("5005", "5001", channels=("/v2/me/calls",))
    stage.lab.do("5000", "dial", to="5005")
    stage.wait_for(lambda: bool(stage.agents["5005"].get("/me/calls?fields=*")["calls"]), "a call")
    stage.lab.do("5005", "answer")
    call_id = app.call("GET", "/uapi/phoneCalls/@owner/5005")["entry"][0]["id"]
    body = {"action": "Transfer", "sendCallTo": "5001", "transferFromNumber": "5005"}
    app.call("PUT", f"/uapi/phoneCalls/@owner/5005/{call_id}/", body)
    states = [stage.agents["5005"].desktop.message()["data"]["call"]["state"] for _ in range(3)]
    assert states == ["Ringing", "Established", "Released"]
    assert stage.agents["5001"].desktop.message()["data"]["call"]["state"] == "Ringing"
    stage.lab.do("5001", "answer")
    assert stage.agents["5001"].desktop.message()["data"]["call"]["state"] == "Established"
    views = app.until(f"/uapi/phoneCalls/@owner/5001/{call_id}", ["5", "5"])
    assert {view["extension"] for view in views} == {"5000", "5001"}
