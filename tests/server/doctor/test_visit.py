"""The doctor's connection, against a likeness of Asterisk."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from tests.kit.patient import Patient, serving

from cordboard.server.doctor import visit as visits
from cordboard.server.doctor.visit import Greeting, RefusedError, Visit
from cordboard.switches.ari import wire
from cordboard.switches.ari.client import PROBE_S, AriSettings, LinkError
from cordboard.switches.ari.events import StasisStart

NAME = "cordboard-doctor-1"


@pytest_asyncio.fixture
async def patient() -> AsyncIterator[Patient]:
    async with Patient() as patient:
        yield patient


@pytest_asyncio.fixture
async def visit(patient: Patient) -> AsyncIterator[Visit]:
    visit = calling(patient.url)
    yield visit
    await visit.close()


def calling(url: str, password: str = "cordboard", timeout_s: float = 5.0) -> Visit:
    return Visit(AriSettings(url, "cordboard", password, "cordboard"), NAME, timeout_s, time.time)


async def test_it_asks_who_is_there(visit: Visit) -> None:
    assert await visit.greet() == Greeting("22.10.1", 0.0)


async def test_it_tells_why_nobody_is(patient: Patient) -> None:
    with pytest.raises(RefusedError) as refused:
        await calling(patient.url, "guessed").greet()
    assert refused.value.status == 401
    with pytest.raises(LinkError, match="Connection refused"):
        await calling("http://127.0.0.1:1/ari").greet()
    patient.info = {"no": "asterisk"}
    with pytest.raises(LinkError, match="it is not Asterisk"):
        await calling(patient.url).greet()


@pytest.mark.parametrize(("said", "told"), [(b"SIP/2.0 400\r\n\r\n", "does not speak HTTP"), (b"", "no answer within")])
async def test_it_tells_that_something_else_is(said: bytes, told: str) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)

    async with serving(greet) as port:
        with pytest.raises(LinkError, match=told):
            await calling(f"http://127.0.0.1:{port}/ari", timeout_s=5.0 if said else 0.2).greet()


async def test_it_tells_of_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(_: aiohttp.ClientSession, url: str) -> None:
        key = aiohttp.client_reqrep.ConnectionKey("pbx", 443, True, True, None, None, None)
        raise aiohttp.ClientConnectorCertificateError(key, ssl.CertificateError(f"self-signed at {url}"))

    monkeypatch.setattr(aiohttp.ClientSession, "get", get)
    with pytest.raises(LinkError, match=r"not trusted here: .*self-signed at https://pbx/ari/asterisk/info"):
        await calling("https://pbx/ari").greet()


def test_errors_of_names_have_words_of_their_own() -> None:
    assert visits._why(OSError(-2, "Name or service not known")) == "Name or service not known"
    assert visits._why(OSError("odd")) == "odd"


@pytest.mark.parametrize(
    ("date", "skew_s"),
    [
        ("Thu, 01 Jan 1970 00:16:40 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:16:39 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:17:00 GMT", 19.0),
        ("Thu, 01 Jan 1970 00:16:00 GMT", -39.0),
        ("", None),
    ],
)
def test_a_date_in_seconds_is_compared(date: str, skew_s: float | None) -> None:
    """It was asked at 1000 and answered at 1001."""
    assert visits._skew(date, 1_000.0, 1_001.0) == skew_s


async def test_it_never_connects_under_the_server_s_name(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    connect = aiohttp.ClientSession.ws_connect

    def noted(self: aiohttp.ClientSession, url: str, **options: object) -> object:
        asked.append(options["params"])
        return connect(self, url, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(aiohttp.ClientSession, "ws_connect", noted)
    assert await visit.open() is False
    assert asked == [{"app": NAME}]


async def test_requests_go_over_the_websocket_or_over_http(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, visit: Visit
) -> None:
    assert PROBE_S
    monkeypatch.setattr("cordboard.switches.ari.client.PROBE_S", 0.05)
    patient.mute.add("GET asterisk/info")
    assert await visit.open() is True
    assert await visit.expect(wire.info()) == '{"system": {"version": "22.10.1"}}'


async def test_answers_are_values_or_errors(patient: Patient, visit: Visit) -> None:
    await visit.open()
    assert await visit.read("asterisk/info", dict[str, dict[str, str]]) == {"system": {"version": "22.10.1"}}
    with pytest.raises(msgspec.MsgspecError):
        await visit.read("asterisk/info", list[str])
    patient.refusing["GET asterisk"] = 403
    with pytest.raises(RefusedError, match="GET asterisk/info: 403 it is told to refuse"):
        await visit.read("asterisk/info", list[str])
    with pytest.raises(RefusedError, match="403"):
        await visit.fetch("asterisk/info")
    patient.refusing.clear()
    assert await visit.fetch("asterisk/info") == b'{"system": {"version": "22.10.1"}}'


async def test_answers_that_do_not_come_are_not_waited_for_forever(patient: Patient) -> None:
    visit = calling(patient.url)
    await visit.open()
    visit.timeout_s = 0.05
    patient.mute.add("GET endpoints")
    with pytest.raises(TimeoutError):
        await visit.ask(wire.Request("GET", "endpoints"))
    await visit.close()


async def test_a_connection_that_is_closed_is_told_at_once(patient: Patient) -> None:
    visit = calling(patient.url)
    with pytest.raises(LinkError):
        await visit.ask(wire.info())
    await visit.open()
    visit.timeout_s = 0.5
    patient.hangs_up_at = "GET endpoints"
    with pytest.raises(TimeoutError):
        await visit.ask(wire.Request("GET", "endpoints"))
    with pytest.raises(LinkError, match="Asterisk closed the connection"):
        await visit.ask(wire.info())
    await visit.close()


async def test_events_are_waited_for(visit: Visit) -> None:
    await visit.open()
    near, far = visit.new_name("near"), visit.new_name("far")
    assert (near, far) == (f"{NAME}-near-1", f"{NAME}-far-2")
    waiting = asyncio.create_task(
        visit.until(lambda event: isinstance(event, StasisStart) and event.channel.id == near)
    )
    for channel, other in ((far, "another"), (near, far)):
        body = {"endpoint": "Local/1@cordboard/n", "channelId": channel, "otherChannelId": other}
        await visit.expect(wire.Request("POST", "channels/create", body))
    heard = await waiting
    assert [event.channel.id for event in heard if isinstance(event, StasisStart)] == [far, near]


async def test_of_events_that_do_not_come_those_are_given_that_did(patient: Patient) -> None:
    visit = calling(patient.url)
    await visit.open()
    visit.timeout_s = 0.05
    assert await visit.until(lambda _: False) == ()
    await visit.close()
