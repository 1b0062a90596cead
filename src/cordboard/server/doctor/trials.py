"""Trials: what can be seen only by doing it. Each takes away what it made, whatever happens.

A call runs through the dialplan without a telephone at either end: a Local channel whose near end is ours and whose far
end walks. Music is heard by recording a bridge that nobody is in.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import quote, urlsplit

import msgspec

from cordboard.server.doctor.hearing import Music, Start, Step, Walk
from cordboard.server.doctor.visit import RefusedError, Visit
from cordboard.switches.ari import events, wire
from cordboard.switches.ari.ami import Ami, AmiSettings

CONNECTIONS = 101
"""One more than Asterisk takes unless it is told otherwise."""
_CLOSED_WITHIN_S = 0.3
_NORMAL_CLEARING = 16


class _Value(msgspec.Struct, frozen=True):
    value: str


async def walk(visit: Visit, start: Start) -> Walk:
    """Call, until Stasis is reached or nothing is left to do."""
    far = visit.new_name("far")
    async with _local_channel(visit, f"{start.number}@{start.context}", far) as near:
        await visit.expect(_subscribe(visit, f"channel:{far}"))
        status, _ = await visit.ask(wire.dial(near))
        ended = not 200 <= status < 300
        heard = () if ended else await visit.until(lambda event: _is_end(event, far))
    steps = tuple(
        Step(event.dialplan_app, event.dialplan_app_data)
        for event in heard
        if isinstance(event, events.ChannelDialplan) and event.channel.id == far
    )
    ended = ended or any(isinstance(event, events.ChannelDestroyed) for event in heard)
    return Walk(start, steps, ended)


def _is_end(event: object, far: str) -> bool:
    match event:
        case events.ChannelDialplan(channel=channel, dialplan_app=application):
            return channel.id == far and application == "Stasis"
        case events.ChannelDestroyed(channel=channel):
            return channel.id == far
        case _:
            return False


@contextlib.asynccontextmanager
async def _local_channel(visit: Visit, target: str, far: str) -> AsyncIterator[str]:
    """A channel that is not dialled yet, in our application; both its ends are hung up at the end."""
    near = visit.new_name("near")
    created = {"endpoint": f"Local/{target}/n", "app": visit.name, "channelId": near, "otherChannelId": far}
    await visit.expect(wire.Request("POST", "channels/create", created))
    try:
        await visit.until(lambda event: isinstance(event, events.StasisStart) and event.channel.id == near)
        yield near
    finally:
        for channel in (near, far):
            await visit.ask(wire.hang_up(channel, _NORMAL_CLEARING))


def _subscribe(visit: Visit, source: str) -> wire.Request:
    return wire.Request("POST", f"applications/{quote(visit.name)}/subscription", {"eventSource": source})


async def setting(visit: Visit, file: str, section: str, key: str) -> str:
    """A line of Asterisk's configuration, "" if there is none. Needs func_config, which fails for what is not there."""
    async with _local_channel(visit, "s@default", visit.new_name("far")) as near:
        function = quote(f"AST_CONFIG({file},{section},{key})")
        status, body = await visit.ask(wire.Request("GET", f"channels/{near}/variable?variable={function}"))
    return msgspec.json.decode(body, type=_Value).value if status == 200 else ""


async def listen(visit: Visit, name: str) -> Music:
    """Record a second of music."""
    bridge, recording = visit.new_name("bridge"), visit.new_name("recording")
    await visit.expect(wire.create_bridge(bridge, visit.name))
    try:
        await visit.expect(_subscribe(visit, f"bridge:{bridge}"))
        await visit.expect(wire.Request("POST", f"bridges/{bridge}/moh", {"mohClass": name}))
        return await _record(visit, bridge, recording)
    finally:
        await visit.ask(wire.stored_recording(recording, method="DELETE"))
        await visit.ask(wire.destroy_bridge(bridge))


async def _record(visit: Visit, bridge: str, recording: str) -> Music:
    body = {"name": recording, "format": "wav", "maxDurationSeconds": 1}
    try:
        await visit.expect(wire.Request("POST", f"bridges/{bridge}/record", body))
        heard = await visit.until(
            lambda event: (
                isinstance(event, events.RecordingFinished | events.RecordingFailed)
                and event.recording.name == recording
            )
        )
        last = heard[-1] if heard else None
        if isinstance(last, events.RecordingFailed):
            return Music(failure=last.recording.cause or "Asterisk does not tell why")
        return Music(await visit.fetch(f"recordings/stored/{recording}/file"))
    except RefusedError as error:
        return Music(failure=str(error))


async def crowd(url: str) -> int:
    """How many of many connections at once the web server takes."""
    address = urlsplit(url)
    port = address.port or (443 if address.scheme == "https" else 80)
    streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    try:
        for _ in range(CONNECTIONS):
            streams.append(await asyncio.open_connection(address.hostname, port))  # noqa: PERF401  # closed below
        turned_away = sum(await asyncio.gather(*(_is_closed(reader) for reader, _ in streams)))
    finally:
        for _, writer in streams:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in streams), return_exceptions=True)
    return CONNECTIONS - turned_away


async def _is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(1), _CLOSED_WITHIN_S) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


async def notice(settings: AmiSettings, name: str) -> str:
    """What a notice to a channel that does not exist gets."""
    ami = Ami(settings)
    try:
        return await ami.notify(f"PJSIP/{name}", "talk")
    finally:
        ami.close()
