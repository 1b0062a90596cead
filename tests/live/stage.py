"""The acceptance tests' stage on a real Asterisk: telephones instead of the lab, and what is checked of all stories.

Whatever the story is about: who is held hears music within a second, nobody is in silence who should not be, and when
all have hung up nothing is left at Asterisk.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from tests.acceptance.desktops import Drivers
from tests.acceptance.stage import Stage
from tests.live.floor import OUTSIDE, Floor, Handset
from tests.live.phones import MUSIC, Deaf, Phone

_MUSIC_WITHIN_S = 1.0
_LEFT_S = 2.0
"""How long a channel may stay after its telephone has hung up (call-semantics I2), and a bit for a busy machine."""
_SILENCE_S = 1.0
"""What a telephone may take to begin with another voice: see ``ring_for_a_while``, and the machine is busy."""
_RINGS_S = 0.3
_APART_S = 2.1
_BUSY = 486


class LiveLab:
    """The people at the phones: the lab's names for what they do (docs/lab.md), as far as stories need them."""

    def __init__(self, stage: LiveStage) -> None:
        self._stage = stage

    def do(self, number: str, what: str, to: str = "") -> None:
        phone = self._stage.phone(number)
        self._stage.asked = time.monotonic()
        match what:
            case "dial":
                phone.call(to)
            case "answer":
                self._stage.ring_for_a_while(number)
                self._stage.asked = time.monotonic()
                phone.answer()
            case "hangup":
                phone.hang_up()
            case "hold":
                phone.hold()
            case "retrieve":
                phone.unhold()
            case _:
                raise ValueError(what)

    def phone(self, number: str) -> dict[str, Any]:
        phone = self._stage.phone(unquote(number))
        lines = [line for line in phone.lines.values() if line.state != "ended"]
        digits = [{"digits": phone.digits()} for _ in lines]
        return {"state": lines[-1].state if lines else "idle", "hears": sorted(phone.hears()), "lines": digits}

    def behave(self, number: str, on_ring: str) -> None:
        assert on_ring == "busy"
        self._stage.phone(number).set(refuse=_BUSY)
        self._stage.changed[number] = {"refuse": 0}

    def reset(self) -> None:
        self._stage.clear()


class LiveStage(Stage):
    """One story. ``asked`` is when somebody last did something; what is heard from then on is what counts.

    ``excused`` are those whose silence is right: agents who hold their only call, somebody whose partner is muted.
    """

    lab: LiveLab  # type: ignore[assignment]  # the same people, other telephones

    def __init__(
        self, floor: Floor, drivers: Drivers, transport: str = "websocket", extensions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(floor.server, drivers, transport, extensions=extensions)
        self.floor = floor
        self.lab = LiveLab(self)
        self.asked = self.began = time.monotonic()
        self.excused: set[str] = set()
        self.mine: set[str] = set()
        self.changed: dict[str, dict[str, Any]] = {}

    def bring(self, *numbers: str, **settings: Any) -> None:
        """These telephones take part in the story."""
        self.mine.update(numbers)
        self.floor.bring(*numbers, **settings)

    def phone(self, number: str) -> Handset:
        self.mine.add(number)
        return self.floor.phone(number)

    def enter(self, *numbers: str, **how: Any) -> None:
        self.bring(*numbers)
        super().enter(*numbers, **how)

    @property
    def phones(self) -> list[Phone]:
        """Those of this story: others may tell theirs at the same time."""
        there = self.floor.phones.phones
        return [there[number] for number in sorted(self.mine) if number in there]

    def ask(self, number: str, call: str, operation: str, **parameters: Any) -> None:
        if operation == "Answer":
            self.ring_for_a_while(number)
        elif operation == "Hold":
            self.excused.add(number)
        self.asked = time.monotonic()
        super().ask(number, call, operation, **parameters)

    def dial(self, number: str, to: str, **parameters: Any) -> None:
        self.asked = time.monotonic()
        super().dial(number, to, **parameters)

    def hears(self, expected: Mapping[str, list[str]]) -> None:
        """Wait until these phones hear this since somebody last did something; who gets music gets it in time."""
        self.excused |= {number for number, heard in expected.items() if heard == ["silence"]}
        self.floor.run(self._hear({number: frozenset(heard) - {"silence"} for number, heard in expected.items()}))

    async def _hear(self, expected: Mapping[str, frozenset[str]]) -> None:
        phones = self.floor.phones.phones
        since = self.asked
        await asyncio.gather(*(phones[number].until_hears(heard, since=since) for number, heard in expected.items()))
        for number, heard in expected.items():
            if heard == {MUSIC}:
                first = phones[number].hearing.first(heard, since)
                if first is None or first > since + _MUSIC_WITHIN_S:
                    raise Deaf(f"{number} did not hear music within a second:\n{phones[number].told(since)}")

    def ring_for_a_while(self, number: str) -> None:
        """Nobody lifts a receiver at once. And voices of telephones that were answered within two seconds are too much
        alike for PJSIP: their clocks begin at 0, Asterisk passes their times on, and what is up to two seconds older
        than what was heard last is taken for late, and left out."""
        self.phone(number).until_ringing()
        until = max(time.monotonic() + _RINGS_S, self._answered() + _APART_S)
        self.wait_for(lambda: time.monotonic() >= until, "somebody to come to the telephone")

    def _answered(self) -> float:
        """When a telephone was answered last in this story."""
        talking: dict[tuple[str, int], float] = {}
        for phone in self.phones:
            for event in list(phone.events):
                if event["event"] == "line" and event["state"] == "talking" and event["at"] > self.began:
                    talking.setdefault((phone.number, event["line"]), event["at"])
        return max(talking.values(), default=0.0)

    def rings(self, number: str) -> None:
        self.phone(number).until_ringing()

    def idle(self, *numbers: str) -> None:
        """These telephones are on hook, or are so within a moment."""
        for number in numbers:
            self.phone(number).until_idle()

    def news(self, number: str, *expected: str) -> list[dict[str, Any]]:
        """What this user was told next of calls, in short: ``A Held``, ``B Released (Busy)``, ``A Established
        participants``, ``Error 4``. A letter stands for a call, as in ``told``; returns the calls."""
        calls = []
        for words in expected:
            data = self.agents[number].desktop.message()["data"]
            letter = words.partition(" ")[0]
            assert _in_short(letter, data) == words, (number, data)
            if "call" in data:
                assert self.ids.bind(letter, data["call"])[0] == data["call"]["id"], (number, words)
                calls.append(data["call"])
        return calls

    # -- what holds of every story ---------------------------------------------------------------------------------

    def nobody_was_in_silence(self, longest_s: float = _SILENCE_S) -> None:
        phones = [phone for phone in self.phones if phone.number not in self.excused]

        async def check() -> None:
            await asyncio.gather(*(phone.never_silent_since(self.began, longest_s) for phone in phones))

        self.floor.run(check())

    def clear(self) -> None:
        """All hang up; then nothing is left."""
        for phone in self.phones:
            for line in list(phone.lines.values()):
                if line.state != "ended":
                    self.floor.run(_hang_up(phone.hang_up(line.line)))
            if phone.number in self.changed:
                self.floor.run(phone.set(**self.changed[phone.number]))
        for phone in self.phones:
            self.floor.run(phone.until_idle())
        self.nothing_is_left()

    def nothing_is_left(self) -> None:
        endpoints = {"PJSIP/trunk" if number == OUTSIDE else f"PJSIP/{number}" for number in self.mine}
        self.wait_for(lambda: not endpoints & set(self.floor.channels()), "everybody is gone at Asterisk", _LEFT_S)


async def _hang_up(hanging_up: Any) -> None:
    """Of a line that ends at that very moment nothing can be asked any more."""
    try:
        await hanging_up
    except Deaf:
        pass


_CHANGES = {
    "StatusChange": "",
    "ParticipantsUpdated": " participants",
    "AttachedDataChanged": " data",
    "CallRecordingStateChange": " recording",
}


def _in_short(letter: str, data: dict[str, Any]) -> str:
    if data["messageType"] == "ErrorMessage":
        return f"Error {data['errorCode']}"
    if "call" not in data:
        return str(data["messageType"])
    reason = data["extensions"].get("Reason")
    because = f" ({reason})" if reason else ""
    return f"{letter} {data['call']['state']}{_CHANGES[data['notificationType']]}{because}"


def tell(floor: Floor, drivers: Drivers, story: Callable[[Any], None]) -> BaseException | None:
    """Tell a story, and what went wrong in it. If a telephone's own process crashed meanwhile, nothing was proved, and
    it is told once more with a new one: the library asserts now and then on a busy machine (pj_ioqueue_sendto)."""
    error = _told(floor, drivers, story)
    if error is not None and (crashed := floor.without_crashed()):
        sys.stderr.write(f"{story.__name__} is told again: the processes of {', '.join(crashed)} crashed\n")
        error = _told(floor, drivers, story)
    return error


def _told(floor: Floor, drivers: Drivers, story: Callable[[Any], None]) -> BaseException | None:
    stage = LiveStage(floor, drivers)
    try:
        try:
            story(stage)
            stage.nobody_was_in_silence()
        finally:
            stage.go_home()
    except BaseException as error:  # noqa: BLE001 - it is raised where the others are known, too
        return error
    return None
