"""The doctor finds nothing to change at the example's Asterisk, and finds each thing that was broken."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.kit.outside import cannot_run

from cordboard.server.app import House
from cordboard.server.config import Config, read
from cordboard.server.doctor.findings import Finding, Report, Verdict
from cordboard.server.doctor.rounds import Rounds
from tools.asterisk import Asterisk, CannotBringError, configuring

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "doctor.md"
EXAMPLE = ROOT / "examples" / "asterisk.toml"

# Broken are the transfer key's module, the music, the number of connections; the rest is for tests that ask for it.
_ILL = {
    "modules.conf": "noload = res_pjsip_refer.so\nload = func_config.so",
    "ari.conf": "[reader]\ntype = user\npassword = cordboard\nread_only = yes",
    "manager.conf": "[watcher]\nsecret = cordboard\nread = call\nwrite = call",
    "musiconhold.conf": "[jazz]\nmode = files\ndirectory = moh",
    "pjsip_wizard.conf": (
        "[15020](phone)\nendpoint/context = plain\nendpoint/direct_media = yes\nendpoint/allow = !all,g729\n"
        "[15021](phone)\nendpoint/context = nowhere\nendpoint/allow_transfer = no\n"
        "[15022](phone)\nendpoint/context = elsewhere\nendpoint/allow = !all,ulaw,g729\n"
        "[15023](phone)\nendpoint/context = slow\n"
    ),
    "extensions.conf": (
        "[plain]\nexten => _X.,1,NoOp()\n same => n,Stasis(cordboard)\n"
        "[elsewhere]\nexten => _X.,1,Stasis(other)\n"
        "[slow]\nexten => _X.,1,Progress()\n same => n,Congestion(60)\n"
    ),
}
_GONE_S = 3.0
_ILL_CHECKS = {"modules", "music", "connections"}


@pytest.fixture(scope="module")
def ill(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    """An Asterisk of our own, with a lot to find."""
    example = tmp_path_factory.mktemp("ill")
    shutil.copytree(configuring.EXAMPLE, example, dirs_exist_ok=True)
    http = example / "http.conf"
    http.write_text(http.read_text("utf-8").replace("sessionlimit = 1000", "sessionlimit = 50"), "utf-8")
    try:
        ill = Asterisk.start(example=example, overlay=_ILL)
    except CannotBringError as error:
        cannot_run(f"{error}; {asterisk.version} was there before")
    (ill.base / "moh" / "tone.wav").unlink()
    ill.cli("moh reload")
    yield ill
    ill.stop()


def configured(asterisk: Asterisk, *numbers: str, **settings: Any) -> Config:
    """The example for this Asterisk, or with telephones of these numbers only."""
    document = tomllib.loads(EXAMPLE.read_text("utf-8"))
    document["switch"]["asterisk"] |= {"url": asterisk.ari_url, "ami": f"127.0.0.1:{asterisk.ami_port}", **settings}
    if numbers:
        people = [{"name": number, "password": "cordboard", "number": number} for number in numbers]
        document = {"switch": document["switch"], "users": people}
    config = read(document, {}, "example")
    assert isinstance(config, Config), str(config)
    return config


async def examined(config: Config, timeout_s: float = 5.0) -> Report:
    return await Rounds(config, time.time, timeout_s, lambda _: None, lambda _: None).make()


def wrong(report: Report) -> dict[str, Finding]:
    """By what was looked at."""
    return {one.check: one for one in report.findings if one.verdict is not Verdict.OK}


def is_clean(asterisk: Asterisk) -> bool:
    """Whether the doctor has left nothing; channels take a moment to be gone."""
    deadline = time.monotonic() + _GONE_S
    while not (clean := _is_clean(asterisk)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return clean


def _is_clean(asterisk: Asterisk) -> bool:
    left = [asterisk.cli(f"{what} show {rest}") for what, rest in (("core", "channels"), ("bridge", "all"))]
    recordings = list((asterisk.base / "spool" / "recording").iterdir())
    # Applications are listed after their socket is gone, until another one comes: that is Asterisk's.
    return "cordboard-doctor" not in "".join(left) and not recordings


def printed(asterisk: Asterisk, config: Path) -> tuple[int, list[str]]:
    """The exit code and the lines of the command, with the ports and the version that its page has."""
    done = subprocess.run(
        [sys.executable, "-m", "cordboard", "doctor", "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "CORDBOARD_SWITCH__ASTERISK__URL": asterisk.ari_url,
            "CORDBOARD_SWITCH__ASTERISK__AMI": f"127.0.0.1:{asterisk.ami_port}",
        },
    )
    assert done.stderr == ""
    return done.returncode, shown(done.stdout.replace(f":{asterisk.ports.http}", ":8088"))


def shown(text: str) -> list[str]:
    """Without what differs from one Asterisk to the next."""
    text = re.sub(r"Asterisk \d+\.\S+", "Asterisk VERSION", text)
    return re.sub(r"\d+ are running", "MANY are running", text).splitlines()


def blocks() -> list[list[str]]:
    return [
        shown(block) for block in re.findall(r"^```text\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    ]


async def test_the_example_s_asterisk_is_well_and_that_is_what_the_page_shows(asterisk: Asterisk) -> None:
    code, lines = printed(asterisk, EXAMPLE)
    assert (code, lines) == (0, blocks()[0])
    assert is_clean(asterisk)


async def test_one_that_is_ill_is_shown_on_the_page_too(ill: Asterisk, tmp_path: Path) -> None:
    people = [
        f'[[users]]\nname = "{name}"\npassword = "x"\nnumber = "{name}"\n' for name in ("15000", "15020", "15030")
    ]
    settings = EXAMPLE.read_text("utf-8").partition("[[tenants]]")[0].replace("@trunk", "@provider")
    settings = settings.replace('ami_password = "cordboard"', 'ami_password = "forgotten"')
    config = tmp_path / "ill.toml"
    config.write_text(settings + "".join(people), "utf-8")
    code, lines = printed(ill, config)
    assert (code, lines) == (1, blocks()[1])
    assert is_clean(ill)


async def test_users_that_asterisk_does_not_let_in_or_not_write(ill: Asterisk) -> None:
    report = await examined(configured(ill, user="reader"))
    found = wrong(report)
    assert found["user"].change == "ari.conf, [reader]: read_only = no"
    tried = ("dialplan", "music", "connections")
    assert all("only a user who may write" in found[check].found for check in tried)

    report = await examined(configured(ill, password="guessed", ami_user="watcher"))
    found = wrong(report)
    assert found.keys() == {"user", "manager"}
    assert found["user"].found == 'there is no user "cordboard", or its password is another'
    assert found["manager"].change == "manager.conf: write = system"


async def test_addresses_where_no_ari_is(ill: Asterisk) -> None:
    async def told(url: str) -> str:
        report = await examined(configured(ill, url=url), timeout_s=0.5)
        assert wrong(report).keys() == {"address"}
        return wrong(report)["address"].found

    http = f"http://127.0.0.1:{ill.ports.http}"
    assert await told("http://127.0.0.1:1/ari") == "http://127.0.0.1:1/ari: Connection refused"
    assert await told(f"{http}/other/ari") == f"a web server answers at {http}/other/ari, but it has no ARI there"
    assert "something answers, but it does not speak HTTP" in await told(f"http://127.0.0.1:{ill.ami_port}/ari")
    assert "no answer within 0.5 s" in await told(f"http://127.0.0.1:{ill.sip_port}/ari")


@pytest.mark.parametrize(
    ("number", "checks", "change"),
    [
        ("15020", {"settings", "codecs", "dialplan"}, "[plain]: Set(PJSIP_TRANSFER_HANDLING()=ari-only) before"),
        ("15021", {"settings", "dialplan"}, "extensions.conf, [nowhere]: exten => _[+*#0-9]!,1,"),
        ("15022", {"codecs", "dialplan"}, "Stasis(cordboard); or application in [switch.asterisk]"),
        ("15023", {"dialplan"}, "extensions.conf, [slow]: exten => _[+*#0-9]!,1,"),
    ],
)
async def test_dialplans_that_do_not_lead_to_cordboard(
    ill: Asterisk, number: str, checks: set[str], change: str
) -> None:
    report = await examined(configured(ill, number), timeout_s=2.0)
    assert wrong(report).keys() == checks | _ILL_CHECKS
    assert change in wrong(report)["dialplan"].change
    assert is_clean(ill)


async def test_a_class_that_asterisk_does_not_have(ill: Asterisk) -> None:
    found = wrong(await examined(configured(ill, music="rock")))
    assert found.keys() == _ILL_CHECKS
    assert found["music"].found.startswith('musiconhold.conf has no class "rock"')


async def test_a_folder_for_recordings_that_is_not_there(ill: Asterisk) -> None:
    folder = ill.base / "spool" / "recording"
    folder.rmdir()
    found = wrong(await examined(configured(ill)))
    folder.mkdir()
    assert found.keys() == _ILL_CHECKS | {"recordings"}
    assert "make the folder `recording`" in found["recordings"].change
    assert found["music"].verdict is Verdict.UNSEEN


async def test_a_server_that_is_connected_stays_and_nobody_hears_of_the_trials(asterisk: Asterisk) -> None:
    config = configured(asterisk)
    house = House(msgspec.structs.replace(config, server=msgspec.structs.replace(config.server, listen="127.0.0.1:0")))
    async with house.open():
        assert house.desk.is_linked()
        report = await examined(config)
        assert house.desk.is_linked()
        assert not any(house.desk.calls_of(user.device.number) for user in config.directory.users)
    assert wrong(report).keys() == {"connections"}
    assert wrong(report)["connections"].verdict is Verdict.UNSEEN
    (application,) = (one for one in report.findings if one.check == "application")
    assert "a program drives" in application.found
    assert any("to 5010 in [cordboard]" in tried for tried in report.tried)
    assert is_clean(asterisk)


async def test_what_a_former_run_or_an_interrupted_doctor_left_is_told(ill: Asterisk) -> None:
    auth = (ill.user, ill.password)
    async with httpx.AsyncClient(base_url=ill.ari_url, auth=auth, trust_env=False) as http:
        for bridge, name in (("kept", "cordboard"), ("cordboard-doctor-x-bridge-1", "cordboard-doctor-x")):
            (await http.post(f"bridges/{bridge}", params={"type": "mixing", "name": name})).raise_for_status()
        report = await examined(configured(ill))
        (await http.delete("bridges/kept")).raise_for_status()
    assert wrong(report)["leftovers"].found == "0 channels and 1 bridges of a former run"
    assert "what an interrupted doctor had left was taken away" in report.tried
    assert is_clean(ill)
