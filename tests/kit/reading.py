"""Whether a story whose server was killed reads as if nothing had happened.

Compared are, between two dividers: answers, and what each person was told, in order; recordings that are complete; and
what each telephone hears in the end. Not compared are orders, which may be given again. What else may read otherwise is
promised in docs/durability.md:

- Whoever is gone when a server starts is Released with the reason SwitchLost: nobody knows a better one; nor does
  anybody hear a busy tone then.
- Whoever sent digits is told that they may not have been heard.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import zip_longest

from tests.kit.telling import DIVIDER

_REASON = re.compile(r" reason=\w+| did not come: \w+")
_LOST = ("reason=SwitchLost", "did not come: SwitchLost")
_DIGITS = re.compile(r"told \d+ \w+ SendDtmf failed, ")
_LASTED = re.compile(r" after [\d.e-]+ s(?=:)")
_TIME = re.compile(r"\b\d+\.\d+\b")
_ON_HOOK = "nothing: it is on hook"


class Part:
    """What follows from some inputs."""

    def __init__(self) -> None:
        self.said: defaultdict[str, list[str]] = defaultdict(list)
        """By whom it was told, "" for answers, "kept" for recordings."""
        self.heard: dict[str, str] = {}

    def read(self, line: str) -> None:
        words = line.split()
        match words[0]:
            case "order":
                pass
            case "hears":
                what = " ".join(words[2:])
                self.heard[words[1]] = _ON_HOOK if what == "busy" else what
            case "told" if not _DIGITS.match(line):
                self.said[words[1]].append(line)
            case "told":
                pass
            case "kept":
                self.said["kept"].append(line)
            case _:
                self.said[""].append(line)


def parts(story: str) -> Iterator[Part]:
    """The parts of a transcript, each with what is heard at its end."""
    heard: dict[str, str] = {}
    part: Part | None = None
    for line in story.splitlines():
        if line == DIVIDER:
            part = Part()
            part.heard |= heard
        elif part is not None and not line.strip():
            heard = part.heard
            yield part
            part = None
        elif part is not None:
            part.read(line)
    if part is not None:
        yield part


def differences(written: str, told: str) -> list[str]:
    """What reads otherwise though it should not."""
    found: list[str] = []
    for before, after in zip_longest(parts(written), parts(told), fillvalue=Part()):
        for who in sorted(before.said.keys() | after.said.keys()):
            pairs = zip_longest(before.said[who], after.said[who], fillvalue="nothing")
            found += [f"{one}\n  reads\n{other}" for one, other in pairs if not _is_same(one, other)]
        pairs = (
            (before.heard.get(who, _ON_HOOK), after.heard.get(who, _ON_HOOK), who) for who in before.heard | after.heard
        )
        found += [f"{who} hears {one}\n  reads\n{other}" for one, other, who in pairs if one != other]
    return found


def without_time(story: str) -> str:
    """For servers that take their time: how long a call has lasted is left out, other times are rounded."""
    return _TIME.sub(lambda match: f"{float(match[0]):.0f}", _LASTED.sub("", story))


def _is_same(before: str, after: str) -> bool:
    if before == after:
        return True
    return any(lost in after for lost in _LOST) and _REASON.sub("", before) == _REASON.sub("", after)
