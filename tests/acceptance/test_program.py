"""The program as an operator meets it: help, mistakes in the configuration, the end."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.acceptance.desktops import Drivers
from tests.acceptance.server_process import DEMO, PASSWORD, ROOT, ServerProcess, command, environment, serving
from tests.acceptance.stage import Stage

pytestmark = pytest.mark.acceptance

FEW_SECONDS = 3.0

MISTAKES = """\
[server]
listen = "nowhere"
external_ulr = "http://127.0.0.1:8080"
[cometd]
timeout_s = "long"
[[users]]
name = "5000"
password = "cordboard"
number = "5000"
[[users]]
name = "5000"
number = "5001"
roles = ["boss"]
"""


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_help_helps() -> None:
    helped = run("--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    for word in ("serve", "check-config", "CORDBOARD_SERVER__LISTEN"):
        assert word in helped.stdout
    for name in ("serve", "check-config"):
        helped = run(name, "--help")
        assert helped.returncode == 0
        assert "FILE" in helped.stdout


def test_an_unknown_command_is_a_mistake() -> None:
    done = run("sevre")
    assert (done.returncode, done.stdout) == (2, "")
    assert "sevre" in done.stderr
    assert "serve" in done.stderr


def test_a_good_configuration_is_good() -> None:
    done = run("check-config", str(DEMO))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{DEMO}: no mistakes\n")


@pytest.mark.parametrize("arguments", [["check-config"], ["serve", "--config"]])
def test_every_mistake_is_told_with_file_key_found_and_accepted(arguments: list[str], tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(MISTAKES, "utf-8")
    done = run(*arguments, str(file), CORDBOARD_LOG__LEVEL="loud")
    assert (done.returncode, done.stdout) == (2, "")
    told = dict(line.split(": found ") for line in done.stderr.splitlines())
    expected = {
        "server.listen": '"nowhere"; accepted: HOST:PORT',
        "server.external_ulr": "external_url",
        "cometd.timeout_s": '"long"; accepted: a number above 0 up to 3600',
        "users[#2].name": '"5000"; accepted: a name of its own (users[#1].name has this one)',
        "users[#2].roles": '"supervisor"',
        "users[#2]": "one of password",
    }
    assert told.pop("environment: CORDBOARD_LOG__LEVEL").startswith('"loud"; accepted: "debug" or "error" or ')
    assert set(told) == {f"{file}: {key}" for key in expected}
    for key, text in expected.items():
        assert text in told[f"{file}: {key}"]
        assert "; accepted: " in told[f"{file}: {key}"]


def test_a_missing_file_and_one_that_is_no_toml(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    for text in (None, "[server\n", "\x00"):
        if text is not None:
            file.write_text(text, "utf-8")
        done = run("check-config", str(file))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"{file}: found ")
        assert "; accepted: a " in done.stderr
        assert "Traceback" not in done.stderr


def test_an_address_in_use(log: Path) -> None:
    with serving(log) as server:
        listen = server.url.removeprefix("http://")
        done = run("serve", "--config", str(DEMO), CORDBOARD_SERVER__LISTEN=listen)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"cannot listen on {listen}" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_lab_there_is_none(log: Path) -> None:
    with serving(log, {"CORDBOARD_SWITCH__VIRTUAL__LAB": "false"}) as server, server.client() as client:
        assert client.get("/lab/v1/phones").status_code == 404
        assert client.get("/healthz").status_code == 200
        assert "lab/v1" not in client.get("/").text


def test_addresses_begin_with_the_external_url(log: Path) -> None:
    url = "https://calls.example.org/telephony"
    with serving(log, {"CORDBOARD_SERVER__EXTERNAL_URL": url}) as server, server.client("5000") as client:
        user = client.get("/api/v2/me?subresources=devices").json()["user"]
    assert user["uri"] == f"{url}/api/v2/users/{user['id']}"
    assert user["devices"][0]["uri"].startswith(f"{url}/api/v2/devices/")


def test_sigterm_ends_all_that_is_open_at_once(log: Path, drivers: Drivers) -> None:
    """Desktops on both transports with calls, idle connections, and a connect that is parked for certain."""
    with serving(log) as server:
        stages = {"5000": Stage(server, drivers, "websocket"), "5001": Stage(server, drivers, "long-polling")}
        for number, stage in stages.items():
            stage.enter(number)
            stage.lab.do(number, "dial", to="5005")
            assert stage.agents[number].desktop.message()["data"]["call"]["state"] == "Dialing"
            stage.nobody_is_told_more()
        parked = park_a_connect(server)

        began = time.monotonic()
        assert server.end() == 0
        assert time.monotonic() - began < FEW_SECONDS
    assert [json.loads(line)["event"] for line in server.log_text().splitlines()][-2:] == ["stopping", "stopped"]
    answer = parked.getresponse()
    assert (answer.status, answer.read()) == (503, b"")
    parked.close()
    for number, stage in stages.items():
        assert stage.agents[number].desktop.event("connect", lambda event: not event["successful"])
        stage.agents[number].desktop.abandon()
        stage.leave()


def park_a_connect(server: ServerProcess) -> http.client.HTTPConnection:
    """A connection on which the server holds a connect: it has answered a later request, and not this one."""
    parked = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    credentials = b64encode(f"5002:{PASSWORD}".encode()).decode()

    def send(**message: object) -> None:
        parked.request("POST", "/api/v2/notifications", json.dumps(message), {"Authorization": f"Basic {credentials}"})

    def reply() -> dict[str, str]:
        first: dict[str, str] = json.loads(parked.getresponse().read())[-1]
        return first

    send(channel="/meta/handshake", version="1.0", supportedConnectionTypes=["long-polling"])
    connect = {"channel": "/meta/connect", "clientId": reply()["clientId"], "connectionType": "long-polling"}
    send(**connect)
    assert reply()["successful"]
    send(**connect)
    with server.client() as client:
        assert client.get("/healthz").json()["status"] == "ok"
    return parked
