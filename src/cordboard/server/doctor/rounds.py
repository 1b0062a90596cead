"""Rounds: what is looked at, in which order, and what is not worth looking at when something before it failed.

Whatever fails on the way is a finding, and the rounds go on. Calls that are up are left alone: what could be noticed by
somebody (a call into the dialplan, many connections) is done only while nobody drives the application.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

import aiohttp
import msgspec

from cordboard.people.directory import Directory
from cordboard.server import switching
from cordboard.server.config import Config
from cordboard.server.doctor import hearing, software, telephones, trials
from cordboard.server.doctor.findings import Finding, Report, ok, problem, unseen
from cordboard.server.doctor.hearing import Music, Start
from cordboard.server.doctor.telephones import Attributes, Phone, endpoint_of
from cordboard.server.doctor.visit import PREFIX, RefusedError, Visit
from cordboard.switches.ari import wire
from cordboard.switches.ari.client import LinkError
from cordboard.switches.ari.coaching import BRIDGE_NAME
from cordboard.switches.ari.events import Bridge, Channel, Endpoint
from cordboard.switches.ari.tracker import AnswerMode

_FAILURES = (RefusedError, LinkError, TimeoutError, OSError, aiohttp.ClientError, msgspec.MsgspecError)
_READ_ONLY = 403
_TAIL_DIGITS = 3
_READS_SETTINGS = "func_config"


class Rounds:
    """One examination. ``tell`` is called with each finding, ``begin`` with what is being looked at."""

    def __init__(
        self,
        config: Config,
        wall: Callable[[], float],
        timeout_s: float,
        tell: Callable[[Finding], None],
        begin: Callable[[str], None],
    ) -> None:
        self._asterisk = config.switch.asterisk
        self._directory = config.directory
        self._setups = switching.setups(self._asterisk, config.directory)
        self._endpoints = {setup.number: endpoint_of(setup.endpoint) for setup in self._setups}
        self._tell = tell
        self._begin = begin
        self._findings: list[Finding] = []
        self._tried: list[str] = []
        self._visit = Visit(switching.ari_settings(self._asterisk), f"{PREFIX}{secrets.token_hex(4)}", timeout_s, wall)
        self._nobody = _number_of_nobody(config.directory)
        self._answers = False
        self._in_use = True
        self._running: frozenset[str] = frozenset()
        self._states: dict[str, str] = {}
        self._options: dict[str, Attributes] = {}
        self._trunk_options: Attributes | None = None
        self._channels: tuple[Channel, ...] = ()

    async def make(self) -> Report:
        """Look at everything."""
        try:
            await self._look("address", self._greet)
            if self._answers and await self._look("websocket", self._connect):
                await self._look_inside()
        finally:
            await self._visit.close()
        await self._look("manager", self._manager)
        return Report(tuple(self._findings), tuple(self._tried))

    async def _look_inside(self) -> None:
        await self._look("user", self._write)
        await self._look("application", self._application)
        await self._look("modules", self._modules)
        await self._look("transfer key", self._operations)
        await self._look("telephones", self._telephones)
        await self._look("trunk", self._trunk)
        await self._look("dialplan", self._dialplan)
        await self._look("music", self._music)
        await self._look("connections", self._connections)
        await self._look("leftovers", self._leftovers)

    async def _look(self, check: str, look: Callable[[], Awaitable[Sequence[Finding]]]) -> bool:
        """Whether it went as it should; what it found is told."""
        self._begin(check)
        try:
            findings, failed = await look(), False
        except _FAILURES as error:
            findings, failed = (self._failure(check, error),), True
        for finding in findings:
            self._findings.append(finding)
            self._tell(finding)
        return not failed

    def _failure(self, check: str, error: Exception) -> Finding:
        match error:
            case TimeoutError():
                return problem(
                    check, f"no answer within {self._visit.timeout_s:g} s", "see Asterisk's log, or --timeout"
                )
            case RefusedError(status=status) if status == _READ_ONLY:
                return unseen(check, "only a user who may write can try it")
            case LinkError():
                return problem(check, str(error), "url in [switch.asterisk]; http.conf: enabled, bindaddr, bindport")
            case msgspec.MsgspecError():
                return problem(check, f"its answer is not understood: {error}", "install Asterisk 22.10 or newer")
            case _:
                return problem(check, str(error), "see Asterisk's log")

    # -- the door --------------------------------------------------------------------------------------------------

    async def _greet(self) -> Sequence[Finding]:
        try:
            greeting = await self._visit.greet()
        except RefusedError as error:
            return [software.judge_refusal(error.status, self._asterisk.url, self._asterisk.user)]
        self._answers = True
        findings = [ok("address", f"ARI answers at {self._asterisk.url}"), software.judge_version(greeting.version)]
        if greeting.skew_s is not None:
            findings.append(software.judge_clock(greeting.skew_s))
        return findings

    async def _connect(self) -> Sequence[Finding]:
        return [software.judge_link(over_http=await self._visit.open())]

    async def _write(self) -> Sequence[Finding]:
        """Filter our own events: it changes nothing for anybody else."""
        user = self._asterisk.user
        try:
            await self._visit.expect(wire.leave_out(self._visit.name, ()))
        except RefusedError as error:
            if error.status != _READ_ONLY:
                raise
            return [problem("user", f'"{user}" may only read', f"ari.conf, [{user}]: read_only = no")]
        return [ok("user", f'"{user}" may read and write')]

    async def _application(self) -> Sequence[Finding]:
        """Connecting has made Asterisk forget applications that are over."""
        name = self._asterisk.application
        found = await self._visit.read("applications", tuple[_Named, ...])
        self._in_use = name in {application.name for application in found}
        return [software.judge_application(name, in_use=self._in_use)]

    # -- what it is made of ----------------------------------------------------------------------------------------

    async def _modules(self) -> Sequence[Finding]:
        found = await self._visit.read("asterisk/modules", tuple[_Module, ...])
        self._running = frozenset(module.name for module in found if module.status == "Running")
        dialled = [*(setup.endpoint for setup in self._setups), self._asterisk.trunk]
        sip = any(dial_string.startswith("PJSIP/") for dial_string in dialled)
        return [software.judge_modules(self._running, sip=sip, notify=bool(self._notified()))]

    async def _operations(self) -> Sequence[Finding]:
        apis = msgspec.json.decode(await self._visit.fetch("api-docs/channels.json"), type=_Docs).apis
        found = software.operations_of((api.path, one.httpMethod) for api in apis for one in api.operations)
        return [software.judge_transfers(found)]

    def _notified(self) -> list[str]:
        return [setup.number for setup in self._setups if setup.answer is AnswerMode.NOTIFY]

    # -- telephones ------------------------------------------------------------------------------------------------

    async def _telephones(self) -> Sequence[Finding]:
        endpoints = await self._visit.read("endpoints", tuple[Endpoint, ...])
        self._states = {f"{one.technology}/{one.resource}": one.state or "unknown" for one in endpoints}
        phones = [Phone(number, endpoint) for number, endpoint in self._endpoints.items()]
        known = [phone for phone in phones if phone.endpoint in self._states]
        self._options = {
            phone.number: options for phone in known if (options := await self._options_of(phone.endpoint)) is not None
        }
        return [
            telephones.judge_telephones(phones, self._states),
            telephones.judge_settings(self._options),
            telephones.judge_codecs(self._options, self._running),
        ]

    async def _options_of(self, endpoint: str) -> Attributes | None:
        """None if Asterisk does not tell."""
        technology, _, name = endpoint.partition("/")
        path = f"asterisk/config/dynamic/res_pjsip/endpoint/{quote(name, safe='')}"
        status, body = await self._visit.ask(wire.Request("GET", path))
        if technology != "PJSIP" or status != 200:
            return None
        return {one.attribute: one.value for one in msgspec.json.decode(body, type=tuple[_Attribute, ...])}

    async def _trunk(self) -> Sequence[Finding]:
        trunk = self._asterisk.trunk
        if trunk:
            self._trunk_options = await self._options_of(endpoint_of(trunk))
        return [telephones.judge_trunk(trunk, self._states, wanted=self._directory.knows_outside)]

    # -- trials ----------------------------------------------------------------------------------------------------

    async def _dialplan(self) -> Sequence[Finding]:
        starts = self._starts()
        if not starts:
            return [unseen("dialplan", "Asterisk does not show to which context the calls of telephones go")]
        if self._in_use and not self._nobody:
            why = "a trial call would reach the program that drives the application"
            return [unseen("dialplan", why, "stop it for a moment and try again; or call from a telephone")]
        findings = []
        for start in starts:
            walk = await trials.walk(self._visit, start)
            self._tried.append(f"a call without telephones to {start.number} in [{start.context}]")
            findings.append(hearing.judge_dialplan(walk, self._asterisk.application))
        return findings

    def _starts(self) -> list[Start]:
        """Where calls of telephones and of the trunk begin, and a number to dial there: better of a telephone that is
        off, as it can't ring wherever the dialplan leads. While a program drives the application, a number of
        nobody's: the program refuses the call, and nobody hears of it."""
        numbers = sorted(self._options, key=lambda number: self._states[self._endpoints[number]] == "online")
        number = self._nobody if self._in_use else next(iter(numbers), "0")
        starts: dict[str, Start] = {}
        for options in self._options.values():
            start = _start(options, number, is_nobodys=self._in_use)
            starts.setdefault(start.context, start)
        if self._trunk_options is not None:
            listed = [trunk.number for trunk in self._directory.trunk_numbers if not self._in_use]
            start = _start(self._trunk_options, (listed or [number])[0], is_nobodys=self._in_use, of_trunk=True)
            starts.setdefault(start.context, start)
        return list(starts.values())

    async def _music(self) -> Sequence[Finding]:
        name = self._asterisk.music
        music = await trials.listen(self._visit, name)
        if not music.failure:
            self._tried.append("a second of music in a conference of nobody, recorded and deleted again")
            music = Music(music.wav, mode=await self._setting("musiconhold.conf", name, "mode"))
        return [hearing.judge_recordings(music), hearing.judge_music(music, name)]

    async def _setting(self, file: str, section: str, key: str) -> str | None:
        if not any(name.startswith(_READS_SETTINGS) for name in self._running):
            return None
        return await trials.setting(self._visit, file, section, key)

    async def _connections(self) -> Sequence[Finding]:
        self._channels = await self._visit.read("channels", tuple[Channel, ...])
        limit = await self._setting("http.conf", "general", "sessionlimit")
        if limit is not None and limit.isdecimal():
            return [software.judge_connections(int(limit), enough=int(limit) >= trials.CONNECTIONS)]
        if self._in_use or self._channels:
            return [unseen("connections", "trying how many there can be at once would disturb calls that are up")]
        taken = await trials.crowd(self._asterisk.url)
        self._tried.append(f"{trials.CONNECTIONS} connections at once for a moment")
        return [software.judge_connections(taken, enough=taken == trials.CONNECTIONS)]

    async def _leftovers(self) -> Sequence[Finding]:
        bridges = await self._visit.read("bridges", tuple[Bridge, ...])
        ours = [one for one in self._channels if self._is_ours(one)]
        mixes = [one for one in bridges if one.name == BRIDGE_NAME]
        await self._sweep([one.id for one in self._channels], [one.id for one in bridges])
        return [software.judge_leftovers(len(ours), len(mixes), in_use=self._in_use)]

    def _is_ours(self, channel: Channel) -> bool:
        plan = channel.dialplan
        return plan.app_name == "Stasis" and plan.app_data.split(",")[0] == self._asterisk.application

    async def _sweep(self, channels: Sequence[str], bridges: Sequence[str]) -> None:
        """What a doctor left who was interrupted."""
        requests = [wire.hang_up(one, 16) for one in channels if one.startswith(PREFIX)]
        requests += [wire.destroy_bridge(one) for one in bridges if one.startswith(PREFIX)]
        for request in requests:
            await self._visit.ask(request)
        if requests:
            self._tried.append("what an interrupted doctor had left was taken away")

    async def _manager(self) -> Sequence[Finding]:
        settings = switching.ami_settings(self._asterisk)
        answer = None if settings is None else await trials.notice(settings, self._visit.name)
        return [hearing.judge_manager(answer, self._notified())]


def _start(options: Attributes, number: str, *, is_nobodys: bool, of_trunk: bool = False) -> Start:
    given = options.get("set_var", "")
    return Start(options.get("context", "default"), number, given, of_trunk, is_nobodys)


def _number_of_nobody(directory: Directory) -> str:
    """One that looks like those of telephones; "" if there is none."""
    for number in directory.numbers[:1]:
        head, tail = number[:-_TAIL_DIGITS], number[-_TAIL_DIGITS:]
        if not tail.isdecimal():
            return ""
        for offset in range(1, 10 ** len(tail)):
            other = f"{head}{(int(tail) + offset) % 10 ** len(tail):0{len(tail)}}"
            if directory.find(other, "") is None:
                return other
    return ""


class _Named(msgspec.Struct, frozen=True):
    name: str


class _Module(msgspec.Struct, frozen=True):
    name: str
    status: str = "Running"


class _Attribute(msgspec.Struct, frozen=True):
    attribute: str
    value: str = ""


class _Operation(msgspec.Struct, frozen=True):
    httpMethod: str  # noqa: N815  # Asterisk's word


class _Api(msgspec.Struct, frozen=True):
    path: str
    operations: tuple[_Operation, ...] = ()


class _Docs(msgspec.Struct, frozen=True):
    apis: tuple[_Api, ...]
