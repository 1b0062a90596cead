"""Judges what was tried: a call through the dialplan, music that was recorded, a notice over AMI. Dry."""

from __future__ import annotations

import re
import sys
import wave
from array import array
from collections.abc import Sequence
from io import BytesIO

import msgspec

from cordboard.server.doctor.findings import Finding, ok, problem, unseen, warning

_PEAK_MIN = 32
"""A sample of 16 bits that is above this is not the noise of an empty line."""
_HOLD = "HOLD_INTERCEPT(set)"
_TRANSFER = re.compile(r"PJSIP_TRANSFER_HANDLING\(\)\s*=\s*ari-only")
TRANSFER = "PJSIP_TRANSFER_HANDLING()=ari-only"


class Step(msgspec.Struct, frozen=True):
    """What the dialplan did: an application and its arguments."""

    application: str
    arguments: str


class Start(msgspec.Struct, frozen=True):
    """Where a trial call begins. ``given`` are variables that the endpoint sets beforehand."""

    context: str
    number: str
    given: str = ""
    of_trunk: bool = False
    is_nobodys: bool = False
    """The number is made up."""


class Walk(msgspec.Struct, frozen=True):
    """A trial call, up to Stasis. ``ended``: there was nothing more to do."""

    start: Start
    steps: tuple[Step, ...]
    ended: bool = False


def judge_dialplan(walk: Walk, application: str) -> Finding:
    """Whether calls of this context reach the application, with the transfer key left to it.

    The hold key needs nothing: HOLD_INTERCEPT would tell, as a channel's own, what the other party holds.
    """
    where = f"[{walk.start.context}]"
    line = f"extensions.conf, {where}: "
    last = walk.steps[-1] if walk.steps else None
    if last is None or last.application != "Stasis":
        found = _dead_end(walk, last)
        if walk.start.is_nobodys:
            why = f"{where}: {found}; nobody has this number, and others can't be tried while a program takes calls"
            return unseen("dialplan", why, "stop it for a moment and try again; or call from a telephone")
        return problem("dialplan", f"{where}: {found}", f"{line}exten => _[+*#0-9]!,1,… up to Stasis({application})")
    reached = last.arguments.split(",")[0]
    if reached != application:
        found = f"{where}: calls go to Stasis({reached}), not to Stasis({application})"
        return problem("dialplan", found, f"{line}Stasis({application}); or application in [switch.asterisk]")
    return _judge_keys(walk, where, line)


def _judge_keys(walk: Walk, where: str, line: str) -> Finding:
    texts = [walk.start.given, *(step.arguments for step in walk.steps)]
    if any(_HOLD in text for text in texts):
        found = f"{where}: calls reach cordboard with {_HOLD}: who is held would seem to hold, too"
        return problem("dialplan", found, f"{line}no {_HOLD}")
    if not any(_TRANSFER.search(text) for text in texts):
        found = f"{where}: calls reach cordboard, presses of the transfer key don't"
        return (warning if walk.start.of_trunk else problem)("dialplan", found, f"{line}Set({TRANSFER}) before Stasis")
    return ok("dialplan", f"{where}: calls reach cordboard, and so do presses of the transfer key")


def _dead_end(walk: Walk, last: Step | None) -> str:
    if last is None:
        return f"there is nothing for {walk.start.number}"
    how = "ends in" if walk.ended else "goes no further than"
    return f"a call to {walk.start.number} {how} {last.application}({last.arguments})"


class Music(msgspec.Struct, frozen=True):
    """A second of music that was recorded. ``failure`` is why there is none; ``mode`` what musiconhold.conf says of
    the class, None if that can't be seen, "" if it has none of that name."""

    wav: bytes = b""
    failure: str = ""
    mode: str | None = None


def judge_recordings(music: Music) -> Finding:
    if music.failure:
        return problem(
            "recordings",
            f"nothing can be recorded: {music.failure}",
            "make the folder `recording` in Asterisk's spool (/var/spool/asterisk/recording), owned by its user",
        )
    return ok("recordings", "a second was recorded, fetched and deleted again")


def judge_music(music: Music, name: str) -> Finding:
    """Asterisk plays its class `default` in place of one that it does not have, or has no files for."""
    if music.failure:
        return unseen("music", "nobody can listen without recordings")
    if music.mode == "":
        found = f'musiconhold.conf has no class "{name}": people on hold hear another, or nothing'
        return problem("music", found, f"musiconhold.conf: [{name}]; or music in [switch.asterisk]")
    if peak(music.wav) <= _PEAK_MIN:
        return problem(
            "music",
            f'the class "{name}" is silent: people on hold hear nothing',
            f"musiconhold.conf, [{name}]: directory, and sound files in it",
        )
    if name != "default" and music.mode is None:
        return unseen(
            "music",
            f'music is heard, but whether it is that of "{name}" or of "default" can\'t be seen from here',
            "look at `moh show classes` on Asterisk's console; or modules.conf: load = func_config.so",
        )
    if name != "default":
        return ok("music", f'music is heard, and musiconhold.conf has a class "{name}"')
    return ok("music", f'"{name}" is heard')


def peak(wav: bytes) -> int:
    """The loudest sample of a WAV file with 16 bits; 0 if it is none."""
    try:
        with wave.open(BytesIO(wav)) as file:
            samples = array("h", file.readframes(file.getnframes()))
    except (wave.Error, EOFError, ValueError):
        return 0
    if sys.byteorder == "big":  # pragma: no cover
        samples.byteswap()
    return max(map(abs, samples), default=0)


def judge_manager(answer: str | None, needing: Sequence[str]) -> Finding:
    """``answer`` is what a notice to a channel that does not exist got, None if the configuration names no manager;
    ``needing`` are the telephones that answer by notices."""
    if answer is None:
        if not needing:
            return ok("manager", "not needed: no telephone answers by a notice")
        found = f"{len(needing)} telephones answer by a notice, and the configuration names no manager"
        change = 'ami in [switch.asterisk]; or answer = "auto" or "nailed_up" there'
        return problem("manager", found, change)
    if "Channel not found" in answer or not answer:
        return ok("manager", "it takes notices to telephones")
    if "Permission denied" in answer:
        return problem("manager", "it lets us in, but forbids PJSIPNotify", "manager.conf: write = system")
    if "unknown command" in answer:
        return problem("manager", "it does not know PJSIPNotify", "modules.conf: load = res_pjsip_notify.so")
    return problem("manager", answer, "manager.conf: enabled, port, secret and permit; or ami… in [switch.asterisk]")
