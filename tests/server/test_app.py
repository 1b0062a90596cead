"""Composition: the whole house in this process, over a real socket on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from cordboard.calls.recordings import Recorded
from cordboard.server import app
from cordboard.server.config import Config, read
from cordboard.server.config_reading import Mistakes
from cordboard.server.keeping import CannotKeepError
from cordboard.server.listening import CannotListenError

DOCUMENT: dict[str, Any] = {
    "server": {"listen": "127.0.0.1:0"},
    "switch": {"kind": "virtual", "virtual": {"lab": True}},
    "journal": {"path": ":memory:"},
    "tenants": [{"id": "3", "name": "Here"}],
    "users": [
        {"name": name, "password": "cordboard", "number": name, "tenant": "3", "roles": ["agent"]}
        for name in ("5000", "5005")
    ],
    "trunk_numbers": [{"number": "3334444"}],
}


def config(**tables: Any) -> Config:
    made = read(msgspec.json.decode(msgspec.json.encode({**DOCUMENT, **tables})), {}, "test")
    assert not isinstance(made, Mistakes), made
    return made


@contextlib.asynccontextmanager
async def serving(wanted: Config, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[httpx.AsyncClient]:
    """The server in a task of its own, ended by the signal that ends it in life."""
    task = asyncio.create_task(app.serve(wanted))
    printed = ""
    while "listening on" not in printed:
        await asyncio.sleep(0.01)
        assert not task.done(), task
        printed += capsys.readouterr().out
    address = printed.split("listening on ")[1].strip()
    async with httpx.AsyncClient(base_url=address, auth=("5005", "cordboard")) as client:
        yield client
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(task, 10)


async def test_a_call_comes_in_and_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(config(), capsys) as client:
        assert (await client.get("/healthz")).json()["status"] == "ok"
        assert (await client.get("/readyz")).status_code == 200
        dialled = await client.post("/lab/v1/phones/5000", json={"do": "dial", "to": "5005"})
        assert dialled.status_code == 200
        calls = (await client.get("/api/v2/me/calls", params={"fields": "*"})).json()["calls"]
        assert [call["state"] for call in calls] == ["Ringing"]
        assert calls[0]["uri"].startswith(str(client.base_url).rstrip("/"))
        answer = await client.post(f"/api/v2/me/calls/{calls[0]['id']}", json={"operationName": "Answer"})
        assert answer.json() == {"statusCode": 0}
        assert (await client.get("/lab/v1/phones/5000")).json()["hears"] == ["5005"]


async def test_without_its_switch_it_lives_but_is_not_ready(capsys: pytest.CaptureFixture[str]) -> None:
    asterisk = {"url": "http://127.0.0.1:1/ari", "password": "geheim"}
    wanted = config(switch={"kind": "asterisk", "asterisk": asterisk})
    async with serving(wanted, capsys) as client:
        assert (await client.get("/healthz")).status_code == 200
        readiness = await client.get("/readyz")
        assert (readiness.status_code, readiness.json()["ready"]) == (503, False)
        assert "The switch: asterisk, <strong>not linked</strong>" in (await client.get("/")).text
    assert "geheim" not in repr(wanted)


async def test_what_is_configured_is_built(capsys: pytest.CaptureFixture[str]) -> None:
    tables = {
        "server": {"listen": "localhost:0", "external_url": "https://calls.example.org"},
        "switch": {"kind": "virtual", "virtual": {"lab": False}},
        "gws": {"csrf": True, "allowed_origins": ["https://desk.example.org"]},
    }
    async with serving(config(**tables), capsys) as client:
        assert (await client.get("/lab/v1/phones")).status_code == 404
        me = await client.get("/api/v2/me", headers={"origin": "https://desk.example.org"})
        assert me.headers["access-control-allow-origin"] == "https://desk.example.org"
        assert "secure" in me.headers["set-cookie"].lower()
        assert me.headers["x-csrf-header"] == "X-CSRF-TOKEN"
        handshake = {"channel": "/meta/handshake", "supportedConnectionTypes": ["websocket"], "ext": {"replay": True}}
        shaken = await client.post("/api/v2/notifications", json=handshake | {"ext": {"timesync": {"tc": 1}}})
        assert shaken.json()[0]["ext"]["timesync"]["tc"] == 1
        assert "BAYEUX_BROWSER=" in shaken.headers["set-cookie"]
        assert "replay" in (await client.post("/api/v2/notifications", json=handshake)).json()[0]["ext"]
        assert me.json()["user"]["uri"].startswith("https://calls.example.org/api/v2/users/")
        refused = await client.post("/api/v2/me", json={"operationName": "Ready"})
        assert refused.status_code == 403


async def test_a_slow_password_is_proved_before_the_request_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    from argon2 import PasswordHasher

    slow = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("secret")
    users = [{"name": "5005", "password_hash": slow, "number": "5005", "tenant": "3", "roles": ["agent"]}]
    async with serving(config(users=users), capsys) as client:
        assert (await client.get("/api/v2/me")).status_code == 403
        assert (await client.get("/api/v2/me", auth=("5005", "secret"))).status_code == 200


APP = {"client_id": "crm", "client_secret": "s3cret", "user": "5005"}
OWN = {"grant_type": "client_credentials", "client_id": "crm", "client_secret": "s3cret"}


async def test_apps_get_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    made = config(apps=[APP], uapi={"token_lifetime_s": 60})
    async with serving(made, capsys) as client:
        answer = await client.post("/oauth/token.php/", data=OWN)
        assert (answer.status_code, answer.json()["expires_in"]) == (200, 60)
        assert (await client.get("/oauth/authorize.php")).status_code == 400


async def test_apps_that_are_stored_meanwhile_are_known(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "apps.toml"
    made = config(uapi={"apps_path": str(file)})
    async with serving(made, capsys) as client:
        assert (await client.post("/oauth/token.php", data=OWN)).status_code == 401
        file.write_text("[[apps]]\n" + "".join(f'{key} = "{value}"\n' for key, value in APP.items()))
        assert (await client.post("/oauth/token.php", data=OWN)).status_code == 200


async def test_without_the_unified_api_there_are_no_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(config(apps=[APP], uapi={"enabled": False}), capsys) as client:
        assert (await client.post("/oauth/token.php", data=OWN)).status_code == 404


async def test_who_may_subscribe_to_what() -> None:
    house = app.House(config())
    (user, *_) = house.config.directory.users
    rule = app._subscription_rule(house.config.directory)
    assert rule(user.id, "/v2/me/calls")
    assert not rule(user.id, "/v2/users")
    assert not rule("nobody", "/v2/me/calls")


async def test_a_folder_for_recordings_that_cannot_be_had_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotKeepError, match="file"):
        await app.serve(config(recordings={"path": str(tmp_path / "file")}))


async def test_a_call_is_recorded_and_its_recording_downloaded(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    users = [{**user, "features": ["api-voice", "api-voice-recording"]} for user in DOCUMENT["users"]]
    tables = {"users": users, "recordings": {"path": str(tmp_path)}}
    async with serving(config(**tables), capsys) as client:
        await client.post("/lab/v1/phones/5000", json={"do": "dial", "to": "5005"})
        (uri,) = (await client.get("/api/v2/me/calls")).json()["uris"]
        for operation in ("Answer", "StartCallRecording", "StopCallRecording"):
            await until(lambda: _offers(client, uri, operation))  # noqa: B023  # it is over before the next turn
            answer = await client.post(uri, json={"operationName": operation})
            assert answer.json() == {"statusCode": 0}
        kept = await until(lambda: _recordings(client))
        content = await client.get(kept[0]["contentUri"])
        assert (content.status_code, content.headers["content-type"]) == (200, "audio/wav")
        assert content.content.startswith(b"RIFF")
        assert len(content.content) == kept[0]["size"]
        (tmp_path / f"{kept[0]['id']}.wav").unlink()
        gone = await client.get(kept[0]["contentUri"])
        assert (gone.status_code, gone.json()["statusCode"]) == (404, 6)


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    """Ask until there is something."""
    async with asyncio.timeout(10):
        while True:
            found = await look()
            if found:
                return found


async def _offers(client: httpx.AsyncClient, uri: str, operation: str) -> bool:
    return operation in (await client.get(uri)).json()["call"]["capabilities"]


async def _recordings(client: httpx.AsyncClient) -> Any:
    return (await client.get("/api/v2/me/recordings", params={"fields": "*"})).json()["recordings"]


async def test_lamps_of_telephones_follow_the_mailboxes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Lamps:
        def __init__(self) -> None:
            self.seen: list[Any] = []

        def show(self, *counts: Any) -> None:
            self.seen.append(counts)

        async def start(self) -> None:
            self.seen.append("started")

        async def stop(self) -> None:
            self.seen.append("stopped")

    recorded = Recorded("V-v1", "V", "C", "5005", ("5000", "5005"), 1.0, 2.0)
    for expected in (["started", ("5005", 1, 0), "stopped"], [("5005", 1, 0), "started", "stopped"]):
        lamps = Lamps()
        monkeypatch.setattr(app.switching, "lamps", lambda _, lamps=lamps: lamps)
        house = app.House(config(voicemail={"path": str(tmp_path)}))
        async with house.open():
            house.mailboxes.place("V-v1").write_bytes(b".")
            house.mailboxes.keep(recorded)
        assert lamps.seen == expected


async def test_an_address_in_use_is_said_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CannotListenError, match=listen):
            await app.serve(config(server={"listen": listen}))


def test_run_serves_on_a_loop_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def serve(_: Config) -> None:
        seen.append(type(asyncio.get_running_loop()).__module__)

    monkeypatch.setattr(app, "serve", serve)
    app.run(config())
    assert seen == ["uvloop"]
