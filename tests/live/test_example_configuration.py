"""What examples/asterisk promises to cordboard, looked at with bare requests instead of cordboard.

A story that fails here is not the driver's. Telephones and the trunk reach the application, their keys are left to
it, AMI can make a telephone answer, music is heard, and there is an announcement where nobody serves.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.live.phones import Deaf, Phones
from websockets.asyncio.client import ClientConnection, connect

from tools.asterisk import Asterisk

pytestmark = pytest.mark.live

SECONDS = 5.0


class Application:
    """The application that the dialplan hands calls to."""

    def __init__(self, http: httpx.AsyncClient, events: ClientConnection) -> None:
        self.http = http
        self._events = events

    async def until(self, kind: str) -> dict[str, Any]:
        """The next event of this kind; others are passed over."""
        async with asyncio.timeout(SECONDS):
            async for text in self._events:
                event: dict[str, Any] = json.loads(text)
                if event["type"] == kind:
                    return event
        raise AssertionError("the websocket was closed")

    async def post(self, path: str, **asked: str) -> dict[str, Any]:
        answer = await self.http.post(path, params=asked)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return dict(answer.json()) if answer.content else {}

    async def dial(self, endpoint: str) -> str:
        """A new channel that rings there."""
        channel = await self.post("channels/create", endpoint=endpoint, app="cordboard")
        await self.until("StasisStart")
        await self.post(f"channels/{channel['id']}/dial")
        return str(channel["id"])


@pytest_asyncio.fixture
async def application(asterisk: Asterisk) -> AsyncIterator[Application]:
    credentials = (asterisk.user, asterisk.password)
    events = f"{asterisk.ari_url.replace('http', 'ws')}/events?app=cordboard&api_key={':'.join(credentials)}"
    async with (
        httpx.AsyncClient(base_url=asterisk.ari_url, auth=credentials, trust_env=False) as http,
        connect(events, proxy=None) as socket,
    ):
        application = Application(http, socket)
        yield application
        for channel in (await http.get("channels")).json():
            await http.delete(f"channels/{channel['id']}")


def name(event: dict[str, Any]) -> str:
    """Of the endpoint that a channel belongs to."""
    return str(event["channel"]["name"]).rpartition("-")[0]


async def test_a_telephone_s_call_reaches_the_application(application: Application, phones: Phones) -> None:
    (alice,) = await phones.add("15000")
    await alice.call("3235742879")

    event = await application.until("StasisStart")

    assert event["args"] == ["phone", "15000", "3235742879"]
    assert event["channel"]["caller"]["number"] == "15000"
    assert event["channel"]["dialplan"]["exten"] == "3235742879"
    assert name(event) == "PJSIP/15000"


async def test_music_is_the_tone(application: Application, phones: Phones) -> None:
    (alice,) = await phones.add("15001")
    await alice.call("1")
    channel = (await application.until("StasisStart"))["channel"]["id"]
    await application.post(f"channels/{channel}/answer")
    await application.post(f"channels/{channel}/moh", mohClass="default")
    await alice.until_hears({"music"})


async def test_the_keys_of_a_telephone_are_left_to_the_application(application: Application, phones: Phones) -> None:
    (alice,) = await phones.add("15002")
    await alice.call("1")
    channel = (await application.until("StasisStart"))["channel"]["id"]
    await application.post(f"channels/{channel}/answer")
    await alice.until_line("talking")

    await alice.hold()
    assert (await application.until("ChannelHold"))["channel"]["id"] == channel
    await alice.until_line("held")
    await alice.unhold()
    assert (await application.until("ChannelUnhold"))["channel"]["id"] == channel
    await alice.transfer("5005")
    referred = await application.until("ChannelTransfer")
    assert referred["refer_to"]["requested_destination"]["destination"] == "5005"


async def test_a_bridge_can_be_recorded_and_the_recording_fetched(application: Application, phones: Phones) -> None:
    (alice,) = await phones.add("15006")
    await alice.call("1")
    channel = (await application.until("StasisStart"))["channel"]["id"]
    await application.post(f"channels/{channel}/answer")
    bridge = (await application.post("bridges", type="mixing,proxy_media"))["id"]
    await application.post(f"bridges/{bridge}/addChannel", channel=channel)

    await application.post(f"bridges/{bridge}/record", name="kept", format="wav", maxDurationSeconds="1")
    await application.until("RecordingFinished")

    kept = await application.http.get("recordings/stored/kept/file")
    assert kept.content[:4] == b"RIFF"
    assert len(kept.content) > 10_000
    await application.http.delete("recordings/stored/kept")
    await application.http.delete(f"bridges/{bridge}")


@pytest.mark.parametrize("number", ["5000", "5900", "0003*210"])
async def test_a_telephone_is_dialled_by_its_number(application: Application, phones: Phones, number: str) -> None:
    (bob,) = await phones.add(number)
    await application.dial(f"PJSIP/{number}")
    await bob.until_ringing()


async def test_ami_may_make_a_telephone_answer_and_nothing_else(
    application: Application, phones: Phones, asterisk: Asterisk
) -> None:
    (bob,) = await phones.add("5001")
    await application.dial("PJSIP/5001")
    await bob.until_ringing()
    channel = asterisk.cli("core show channels concise").partition("!")[0]

    async with manager(asterisk) as ask:
        assert "Permission denied" in await ask("Action: Originate", "Channel: PJSIP/5001", "Application: Hangup")
        assert "Success" in await ask("Action: PJSIPNotify", f"Channel: {channel}", "Variable: Event=talk")

    await bob.until_line("talking")


@contextlib.asynccontextmanager
async def manager(asterisk: Asterisk) -> AsyncIterator[Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", asterisk.ami_port)

    async def ask(*lines: str) -> str:
        writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        async with asyncio.timeout(SECONDS):
            return (await reader.readuntil(b"\r\n\r\n")).decode()

    assert "Success" in await ask("Action: Login", f"Username: {asterisk.user}", f"Secret: {asterisk.password}")
    yield ask
    writer.close()
    await writer.wait_closed()


async def test_a_call_over_the_trunk_comes_and_goes(
    application: Application, phones: Phones, asterisk: Asterisk
) -> None:
    (customer,) = await phones.add("3235742879", registrar="", sip_port=asterisk.ports.trunk)

    await customer.call(f"sip:15000@127.0.0.1:{asterisk.sip_port}")
    event = await application.until("StasisStart")
    assert event["args"] == ["trunk", "trunk", "15000"]
    assert event["channel"]["caller"]["number"] == "3235742879"
    await application.http.delete(f"channels/{event['channel']['id']}")
    await customer.until_idle()

    await application.dial("PJSIP/3235742879@trunk")
    await customer.until_ringing()


async def test_where_nobody_serves_there_is_an_announcement(phones: Phones) -> None:
    (alice,) = await phones.add("15003")
    mark = time.monotonic()
    line = await alice.call("15004")
    ended = await alice.until_line("ended", line=line, within_s=15)
    assert ended.code == 503
    assert sum(not frame.silent for frame in alice.frames if frame.at > mark) > 10


async def test_strangers_get_nowhere(phones: Phones, asterisk: Asterisk) -> None:
    (stranger,) = await phones.add("4711", registrar="")
    line = await stranger.call(f"sip:15000@127.0.0.1:{asterisk.sip_port}")
    assert (await stranger.until_line("ended", line=line)).code == 401


async def test_a_wrong_password_is_told_in_the_log(phones: Phones, asterisk: Asterisk) -> None:
    with pytest.raises(Deaf, match="15005 was not registered: 401"):
        await phones.add("15005", password="wrong")
    failed = [line for line in asterisk.log.read_text("utf-8").splitlines() if "Failed to authenticate" in line]
    assert any("REGISTER" in line and "<sip:15005@" in line for line in failed)


async def test_a_browser_registers_over_a_websocket(asterisk: Asterisk) -> None:
    async with connect(f"ws://127.0.0.1:{asterisk.ports.http}/ws", subprotocols=["sip"], proxy=None) as socket:  # type: ignore[list-item]
        await socket.send(register(1))
        challenge = str(await asyncio.wait_for(socket.recv(), SECONDS))
        realm, nonce = (re.search(f'{field}="([^"]+)"', challenge) for field in ("realm", "nonce"))
        assert realm
        assert nonce
        first = hashlib.md5(f"15010:{realm[1]}:cordboard".encode()).hexdigest()
        second = hashlib.md5(b"REGISTER:sip:127.0.0.1").hexdigest()
        response = hashlib.md5(f"{first}:{nonce[1]}:{second}".encode()).hexdigest()
        proof = f'username="15010", realm="{realm[1]}", nonce="{nonce[1]}", uri="sip:127.0.0.1", response="{response}"'
        await socket.send(register(2, f"Authorization: Digest {proof}\r\n"))
        async with asyncio.timeout(SECONDS):
            # Asterisk may ask who is there (OPTIONS) before its answer is on its way.
            while not (answer := str(await socket.recv())).startswith("SIP/2.0"):
                pass
        assert answer.startswith("SIP/2.0 200 OK")
        assert "webrtc                             : yes" in asterisk.cli("pjsip show endpoint 15010")


def register(number: int, more: str = "") -> str:
    branch = base64.b16encode(str(number).encode()).decode()
    return (
        "REGISTER sip:127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/WS browser.invalid;branch=z9hG4bK{branch}\r\n"
        "Max-Forwards: 70\r\n"
        "From: <sip:15010@127.0.0.1>;tag=1\r\n"
        "To: <sip:15010@127.0.0.1>\r\n"
        "Call-ID: browser\r\n"
        f"CSeq: {number} REGISTER\r\n"
        "Contact: <sip:15010@browser.invalid;transport=ws>;expires=60\r\n"
        f"{more}"
        "Content-Length: 0\r\n\r\n"
    )
