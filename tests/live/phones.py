"""Telephones for tests: each in a process of its own, with a tone for a voice, and asked what it hears.

    async with Phones(registrar="127.0.0.1:5060") as phones:
        alice, bob = await phones.add("5001", "5002")
        await alice.call("5002")
        await bob.until_ringing()
        await bob.answer()
        await alice.until_hears({"5002"})

A wait that ends without what it waited for says what was heard instead, and when. Deliberately absent: SIP and sound,
which are the processes' (pjsua_telephone.py, baresip_telephone.py), and how tones are told from sound (ears.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
from tests.kit.outside import cannot_run
from tests.live import ears
from tests.live.hearing import EDGE_S, STEADY_S, Hearing, either
from tests.live.phone_settings import Settings

ROOT = Path(__file__).parents[2]
MUSIC = "music"

WITHIN_S = 5.0
_START_S = 20.0
_END_S = 5.0

_T = TypeVar("_T")


def needed(library: str = "pjsua2") -> None:
    """Skips the test where the library of these telephones is not installed; fails it where it has to be."""
    if importlib.util.find_spec(library) is None:
        cannot_run(f"{library} (requirements/live.txt) is needed to telephone; `make live` installs it")


class Deaf(AssertionError):  # noqa: N818 - not an error of the program: what a test found out
    """A telephone did not hear, see or do what it should have."""


class Line(msgspec.Struct, frozen=True):
    """What is known of one call on a telephone; ``code`` is the last status of its INVITE."""

    line: int
    state: str
    peer: str
    code: int
    reason: str


class Phones:
    """The telephones of one test, and who speaks in which tone."""

    def __init__(self, registrar: str = "", folder: Path | None = None) -> None:
        self.names: dict[int, str] = {ears.MUSIC_HZ: MUSIC}
        self.phones: dict[str, Phone] = {}
        self._registrar = registrar
        self._folder = folder
        self._tones = iter(ears.VOICES)
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    async def __aenter__(self) -> Self:
        if self._folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="phones-")
            self._folder = Path(self._temporary.name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(phone.close() for phone in self.phones.values()))
        if self._temporary is not None:
            self._temporary.cleanup()

    async def add(self, *numbers: str, make: str = "pjsua", **settings: Any) -> list[Phone]:
        """Telephones with these numbers, started together; registered, where there is a registrar."""
        assert self._folder is not None, "use `async with Phones()`"
        added: list[Phone] = []
        for number in numbers:
            mine = Settings(number, next(self._tones), **{"registrar": self._registrar, **settings})
            self.names[mine.tone_hz] = number
            phone = self.phones[number] = Phone(mine, self.names, make, self._folder / f"{number}.log")
            added.append(phone)
        await asyncio.gather(*(phone.start() for phone in added))
        return added

    async def add_outside(self, number: str, port: int, **settings: Any) -> Phone:
        """Somebody in the public network who comes by the trunk: the exchange knows it by this port."""
        [outside] = await self.add(number, sip_port=port, registers=False, **settings)
        return outside

    async def never_silent_since(self, mark: float, longest_s: float = 0.3) -> None:
        """Proves that nobody was in silence who should have heard something."""
        await asyncio.gather(*(phone.never_silent_since(mark, longest_s) for phone in self.phones.values()))


class Phone:
    """One telephone. Keys that are given no line press the one that a person would mean."""

    def __init__(self, settings: Settings, names: dict[int, str], make: str, log: Path) -> None:
        self.number = settings.number
        self.settings = settings
        self.lines: dict[int, Line] = {}
        self.hearing = Hearing(names, time.monotonic())
        self.events = self.hearing.events
        self._make = make
        self._log = log
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    # -------------------------------------------------------------------------------------------- start and end

    async def start(self) -> None:
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                f"tests.live.{self._make}_process",
                msgspec.json.encode(self.settings).decode(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        self._reader = asyncio.create_task(self._read(self._process))
        await self.until_event("ready", within_s=_START_S)
        if self.settings.registrar and self.settings.registers:
            registered = await self.until_event("registered")
            if registered["code"] != 200:
                raise Deaf(f"{self.number} was not registered: {registered['code']} {registered['reason']}")

    @property
    def sip_uri(self) -> str:
        """Where it can be called without a registrar."""
        ready = next(event for event in self.events if event["event"] == "ready")
        return f"sip:{self.number}@127.0.0.1:{ready['sip_port']}"

    def uri(self, number: str) -> str:
        """A number at the exchange."""
        return f"sip:{number}@{self.settings.registrar}"

    async def close(self) -> None:
        """Hangs up, signs off and ends; by force if it must be."""
        if self._process is None or self._reader is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _END_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reader

    @property
    def crashed(self) -> bool:
        """Whether its process has ended, although nobody asked it to."""
        return self._process is not None and self._process.returncode is not None

    async def crash(self) -> None:
        """The plug is pulled: no BYE, no sign-off."""
        assert self._process is not None
        assert self._reader is not None
        self._process.kill()
        await self._process.wait()
        await self._reader

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for text in process.stdout:
            self._hear(msgspec.json.decode(text))
            self._news.set()
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(Deaf(self._gone()))
        self._news.set()

    def _gone(self) -> str:
        return f"{self.number}'s process has ended; it wrote:\n{self._log.read_text('utf-8', 'replace')[-2000:]}"

    def _hear(self, event: dict[str, Any]) -> None:
        if "answers" in event:
            waiting = self._answers.pop(event["answers"])
            if "error" in event:
                waiting.set_exception(Deaf(f"{self.number}: {event['error']}"))
            else:
                waiting.set_result(event["result"])
        elif event["event"] == "heard":
            self.frames.append(ears.Frame(event["at"], tuple(event["tones"]), event["level"]))
        else:
            self.events.append(event)
            if event["event"] == "line":
                line = msgspec.convert(event, Line)
                self.lines[line.line] = line

    # ----------------------------------------------------------------------------------------------------- keys

    async def do(self, what: str, **asked: Any) -> Any:
        """Any key of pjsua_telephone.py, by its name."""
        assert self._process is not None
        assert self._process.stdin is not None
        number = next(self._ids)
        waiting = self._answers[number] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(msgspec.json.encode({"id": number, "do": what, **asked}) + b"\n")
        return await asyncio.wait_for(waiting, WITHIN_S)

    async def call(self, to: str, caller: str = "", **headers: str) -> int:
        """Takes a line and dials; ``headers`` go with the INVITE (underscores become hyphens).

        ``caller`` is another From, such as ``"Ann" <sip:4711@example.org>``, as the public network brings many.
        """
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        line: int = await self.do("call", to=to, headers=more, **({"caller": caller} if caller else {}))
        return line

    async def answer(self, line: int | None = None) -> None:
        await self.do("answer", line=line or self._meant("ringing"))

    async def reject(self, code: int = 486, line: int | None = None) -> None:
        await self.do("hang_up", line=line or self._meant("ringing"), code=code)

    async def hang_up(self, line: int | None = None) -> None:
        await self.do("hang_up", line=line or self._meant("talking", "held", "ringing_there", "calling", "ringing"))

    async def hang_up_all(self) -> None:
        """Whatever is left on it; a line that ends at that very moment is no matter."""
        for line in [one.line for one in self.lines.values() if one.state != "ended"]:
            with contextlib.suppress(Deaf):
                await self.hang_up(line)

    async def hold(self, line: int | None = None) -> None:
        await self.do("hold", line=line or self._meant("talking"))

    async def unhold(self, line: int | None = None) -> None:
        await self.do("unhold", line=line or self._meant("held"))

    async def dtmf(self, digits: str, line: int | None = None) -> None:
        await self.do("dtmf", line=line or self._meant("talking"), digits=digits)

    async def transfer(self, to: str, line: int | None = None, headers: dict[str, str] | None = None) -> None:
        """Blind: REFER without Replaces."""
        await self.do("transfer", line=line or self._meant("talking", "held"), to=to, headers=headers or {})

    async def transfer_to_line(self, line: int, other: int, headers: dict[str, str] | None = None) -> None:
        """Attended: the far end of ``line`` is referred to the far end of ``other``, with Replaces."""
        await self.do("transfer_to_line", line=line, other=other, headers=headers or {})

    async def mute(self, on: bool = True) -> None:
        await self.do("mute", on=on)

    async def set(self, **settings: Any) -> None:
        """Changes settings (phone_settings.py) for the calls to come, such as ``refuse=486`` or ``auto_answer``."""
        await self.do("set", **settings)

    def _meant(self, *states: str) -> int:
        for state in states:
            for line in reversed(self.lines.values()):
                if line.state == state:
                    return line.line
        raise Deaf(f"{self.number} has no line that is {' or '.join(states)}:\n{self.told()}")

    # ------------------------------------------------------------------------------------------- what it shows

    async def until_ringing(self, within_s: float = WITHIN_S) -> Line:
        return await self.until_line("ringing", within_s=within_s)

    async def until_line(self, *states: str, line: int | None = None, within_s: float = WITHIN_S) -> Line:
        """The line that is in one of these states: calling, ringing, ringing_there, talking, held, ended."""

        def found() -> Line | None:
            lines = [one for one in self.lines.values() if one.state in states and line in (None, one.line)]
            return lines[-1] if lines else None

        return await self._until(found, f"had no line {line or ''} that was {' or '.join(states)}", within_s)

    async def until_idle(self, within_s: float = WITHIN_S) -> None:
        """Until no call is left on it."""
        await self._until(
            lambda: None if any(line.state != "ended" for line in self.lines.values()) else True,
            "still had calls",
            within_s,
        )

    async def until_event(self, name: str, since: float = 0.0, within_s: float = WITHIN_S, **fields: Any) -> Any:
        """The first event of this name and with these fields: invite, registered, dtmf, notify, transfer, response."""

        def found() -> dict[str, Any] | None:
            for event in self.events:
                if event["event"] == name and event["at"] >= since and fields.items() <= event.items():
                    return event
            return None

        return await self._until(found, f"saw no {name} {fields or ''}", within_s)

    def digits(self) -> str:
        """The DTMF it was sent, so far."""
        return "".join(event["digit"] for event in self.events if event["event"] == "dtmf")

    def invite(self, line: int) -> str:
        """The INVITE that a line rang with, as it came over the network."""
        return str(next(e["message"] for e in self.events if e["event"] == "invite" and e["line"] == line))

    # ------------------------------------------------------------------------------------------ what it hears

    @property
    def frames(self) -> list[ears.Frame]:
        """All that it heard since it was started."""
        return self.hearing.frames

    def hears(self) -> frozenset[str]:
        """Who and what is heard steadily: in most of the last half second."""
        return self.hearing.now()

    async def until_hears(self, wanted: Iterable[str], within_s: float = WITHIN_S, since: float = 0.0) -> float:
        """Until it steadily hears these and nobody else (none: silence). Returns the time at which that began.

        Where the same was heard before, ``since`` (a ``time.monotonic()``) makes it be heard anew.
        """
        names = frozenset(wanted)
        return await self._until(lambda: self.hearing.begun(names, since), f"did not hear {either(names)}", within_s)

    async def never_silent_since(self, mark: float, longest_s: float = 0.3) -> None:
        """Proves that there was no gap longer than this from the mark (``time.monotonic()``) until now.

        Whoever has hung up, holds all lines or is rung is in silence by right: such times do not count.
        """
        await self._until_told(mark)
        silence = self.hearing.silence_since(mark)
        if silence > longest_s:
            raise Deaf(f"{self.number} was in silence for {silence:.1f} s:\n{self.told(mark)}")

    async def heard_since(self, mark: float, part: float = 0.7) -> frozenset[str]:
        """What was heard in most of the time from the mark until now."""
        await self._until_told(mark)
        return self.hearing.steadily_since(mark, part)

    async def never_hears_since(self, mark: float, *unwanted: str) -> None:
        """Proves that none of these was heard from the mark until now, not even for two frames on end."""
        await self._until_told(mark)
        overheard = self.hearing.overheard_since(mark, unwanted)
        if overheard:
            raise Deaf(f"{self.number} heard {either(overheard)}:\n{self.told(mark)}")

    async def _until_told(self, mark: float) -> None:
        """Until it is known what was heard up to now, and for half a second after the mark at least."""
        end = max(time.monotonic(), mark + EDGE_S + STEADY_S)
        await self._until(lambda: self.hearing.until >= end or None, "stopped listening", WITHIN_S)

    def told(self, since: float | None = None) -> str:
        """What it heard and what happened, for people; times are seconds since it was started."""
        return self.hearing.told(since)

    # ------------------------------------------------------------------------------------------------ the rest

    async def _until(self, found: Callable[[], _T | None], complaint: str, within_s: float) -> _T:
        asked = time.monotonic()
        while True:
            self._news.clear()
            if self._reader is not None and self._reader.done():
                raise Deaf(self._gone())
            result = found()
            if result is not None:
                return result
            left = asked + within_s - time.monotonic()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), max(left, 0))
                continue
            raise Deaf(f"{self.number} {complaint} within {within_s:.1f} s:\n{self.told(asked)}")
