"""Why calls ended: no call does so by itself. Part of the checker, and dry as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from tests.chaos.records import RECOVERY_S, Acted, AnyLine, Asked, Began, Heard, Trouble, of

ENDINGS = frozenset({"Hangup", "CompleteTransfer", "CompleteConference", "SingleStepTransfer"})
"""Operations after which calls are over."""
DONE_OR_NOT = frozenset({0, 4})
"""statusCodes after which an operation may have been done."""
EXPLAINS = frozenset({"kill-exchange", "kill-both"})
"""The only harms that end calls of people who talk."""
LOST = "SwitchLost"
BEFORE_S = 2.0
"""So long before the last news of a call its end may have been caused: news overtake each other among clients."""


class _Call(msgspec.Struct, frozen=True):
    extensions: dict[str, Any] = {}


class _Data(msgspec.Struct):
    call: _Call = _Call()


def judge(lines: Sequence[AnyLine]) -> Iterator[str]:
    """Somebody has hung up or handed the call over, or the exchange is gone with it, and only then it is said to be
    lost. One that nobody had answered yet may be lost with any trouble, as telephones have to be told to ring."""
    lanes = {number: lane for began in of(lines, Began) for lane in began.lanes for number in lane}
    troubles = of(lines, Trouble)
    causes = _causes(lines, lanes)
    for (user, call), (before, end) in _ends(of(lines, Heard)).items():
        begin = _before_trouble(before.at - BEFORE_S, end.at, troubles)
        excuses = [one for one in troubles if one.at <= end.at and one.until + RECOVERY_S >= begin]
        reason = msgspec.json.decode(end.data, type=_Data).call.extensions.get("Reason", "")
        why = f"{user} was told at {end.at:.2f} s that {call} is Released after {before.state}"
        if not excuses and reason == LOST:
            yield f"{why}: {LOST}, and nothing was wrong"
        elif not any(begin <= at <= end.at for at in causes[lanes[user]]):
            is_gone = any(one.what in EXPLAINS for one in excuses)
            if not is_gone and not (excuses and before.state in ("Dialing", "Ringing")):
                yield f"{why}: nobody hung up"
            elif before.state not in ("Dialing", "Ringing") and reason != LOST:
                yield f"{why}: the exchange was gone, and the reason is {reason!r}"


def _causes(lines: Sequence[AnyLine], lanes: dict[str, tuple[str, ...]]) -> dict[tuple[str, ...], list[float]]:
    """When somebody did what ends calls, by lane."""
    found: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for act in of(lines, Acted):
        if act.what == "hangup":
            found[lanes[act.number]].append(act.at)
    for question in of(lines, Asked):
        if question.operation in ENDINGS and question.code in DONE_OR_NOT:
            found[lanes[question.user]].append(question.at)
    return found


def _ends(heard: Sequence[Heard]) -> dict[tuple[str, str], tuple[Heard, Heard]]:
    """The Released of each call and what came before, as its user heard it first."""
    news: dict[tuple[str, str], dict[int, Heard]] = defaultdict(dict)
    for one in sorted(heard, key=lambda one: one.at):
        if one.state:
            news[one.user, one.call].setdefault(one.sequence, one)
    ordered = {key: [told[sequence] for sequence in sorted(told)] for key, told in news.items()}
    return {key: (told[-2], told[-1]) for key, told in ordered.items() if told[-1].state == "Released" and told[1:]}


def _before_trouble(begin: float, end: float, troubles: Sequence[Trouble]) -> float:
    """What happens during trouble may be told long after: then one has to look further back."""
    for one in sorted(troubles, key=lambda one: one.until, reverse=True):
        if one.at <= end and one.until + RECOVERY_S >= begin:
            begin = min(begin, one.at - BEFORE_S)
    return begin
