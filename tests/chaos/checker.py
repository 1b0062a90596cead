"""The checker: proves from the record of a run that the invariants held (docs/law.md, call-semantics I1 to I10).

Dry: a record in, sentences out; none means that all is well. It believes clients and the exchange, never the server.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec
from tests.chaos import accounts, endings
from tests.chaos.records import (
    RECOVERY_S,
    AnyLine,
    Asked,
    Began,
    Ended,
    Failed,
    Handshook,
    Heard,
    Phone,
    Trouble,
    of,
)

SILENCE_MAX_S = 1.5
"""How long somebody may hear nothing, or ring for nobody, while nothing is wrong."""
INITIATIONS = frozenset({"InitiateTransfer", "InitiateConference"})

NEXT: dict[str, frozenset[str]] = {
    "": frozenset({"Dialing", "Ringing", "Established", "Held"}),
    "Dialing": frozenset({"Dialing", "Established", "Held", "Released"}),
    "Ringing": frozenset({"Ringing", "Established", "Released"}),
    "Established": frozenset({"Established", "Held", "Dialing", "Released"}),
    "Held": frozenset({"Held", "Established", "Dialing", "Released"}),
    "Released": frozenset(),
}
"""Which state of a call may be told after which."""


class Verdict(msgspec.Struct, frozen=True):
    """What is wrong, and how much there was to look at."""

    wrong: tuple[str, ...]
    notifications: int
    calls: int
    accepted: int
    refused: int


def judge(lines: Sequence[AnyLine]) -> Verdict:
    """Everything that is wrong."""
    heard = of(lines, Heard)
    asked = of(lines, Asked)
    wrong = [line.what for line in of(lines, Failed)]
    wrong += _each_desktop(heard)
    wrong += _both_desktops(heard)
    wrong += _sessions(lines)
    wrong += _accepted(asked, heard)
    wrong += endings.judge(lines)
    wrong += accounts.judge(lines)
    wrong += _phones(lines)
    wrong += _end(lines)
    accepted = sum(one.code == 0 for one in asked)
    calls = len({(one.user, one.call) for one in heard if one.call})
    return Verdict(tuple(wrong), len(heard), calls, accepted, len(asked) - accepted)


# -- what clients were told --------------------------------------------------------------------------------------------


def _each_desktop(heard: Sequence[Heard]) -> Iterator[str]:
    """I1, I6: each call's notifications come once, in order, and end with one Released."""
    desktops: dict[str, list[Heard]] = defaultdict(list)
    for one in heard:
        desktops[one.desktop].append(one)
    for desktop, told in desktops.items():
        for before, after in pairwise(told):
            if after.sequence <= before.sequence:
                again = "twice" if after.sequence == before.sequence else f"after {before.sequence}"
                yield f"{desktop} was told {after.sequence} {again}: {_words(after)}"
        yield from _each_call(desktop, [one for one in told if one.state])


def _each_call(desktop: str, told: Sequence[Heard]) -> Iterator[str]:
    states: dict[str, str] = {}
    for one in told:
        before = states.get(one.call, "")
        if one.state not in NEXT[before]:
            yield f"{desktop} was told that {one.call} is {one.state} after {before or 'nothing'} ({one.sequence})"
        states[one.call] = one.state
    for call, state in states.items():
        if state != "Released":
            yield f"{desktop} was never told that {call} is Released; the last was {state}"


def _both_desktops(heard: Sequence[Heard]) -> Iterator[str]:
    """Nothing is lost: all clients of one user were told the same."""
    users: dict[str, dict[str, dict[int, Heard]]] = defaultdict(lambda: defaultdict(dict))
    for one in heard:
        users[one.user][one.desktop][one.sequence] = one
    for desktops in users.values():
        everything = {sequence: one for told in desktops.values() for sequence, one in told.items()}
        for desktop, told in desktops.items():
            for sequence in sorted(everything.keys() - told.keys()):
                yield f"{desktop} was not told {sequence}: {_words(everything[sequence])}"
        for sequence in everything:
            said = {bytes(told[sequence].data) for told in desktops.values() if sequence in told}
            if len(said) > 1:
                yield f"{sequence} is not the same for all: {said}"


def _words(one: Heard) -> str:
    return f"{one.call} {one.state or one.error or one.kind} {one.change}".rstrip()


def _sessions(lines: Sequence[AnyLine]) -> Iterator[str]:
    """A client notices nothing but a slow answer."""
    began = of(lines, Began)
    if not began or not began[0].sessions_survive:
        return
    sessions: dict[str, list[Handshook]] = defaultdict(list)
    for one in of(lines, Handshook):
        sessions[one.desktop].append(one)
    for desktop, shaken in sessions.items():
        for one in shaken[1:]:
            yield f"{desktop} had to handshake again at {one.at:.2f} s"


# -- what clients asked ------------------------------------------------------------------------------------------------


def _accepted(asked: Sequence[Asked], heard: Sequence[Heard]) -> Iterator[str]:
    """I5: what was accepted was done, or its owner was told that it failed; and nothing was done twice."""
    told: dict[tuple[str, str], list[float]] = defaultdict(list)
    consults: dict[str, set[str]] = defaultdict(set)
    for one in heard:
        told[one.user, one.call].append(one.at)
        if one.kind == "Consult" and one.state == "Dialing":
            consults[one.user].add(one.call)
    initiated: dict[str, int] = defaultdict(int)
    for question in asked:
        if question.code != 0:
            continue
        initiated[question.user] += question.operation in INITIATIONS
        if not any(at >= question.at for at in told[question.user, question.call]):
            what = f"{question.operation} on {question.call} was accepted at {question.answered_at:.2f} s"
            yield f"{what}, and {question.user} was told nothing of it"
    for user, calls in consults.items():
        if len(calls) > initiated[user]:
            yield f"{user} has {len(calls)} consults and asked for {initiated[user]}: something was done twice"


# -- what phones heard -------------------------------------------------------------------------------------------------


def _phones(lines: Sequence[AnyLine]) -> Iterator[str]:
    """I2, I3: nobody is in silence, no phone rings for nobody, while nothing is wrong."""
    troubles = [(one.at, one.until + RECOVERY_S) for one in of(lines, Trouble)]
    seen: dict[str, list[Phone]] = defaultdict(list)
    for one in of(lines, Phone):
        seen[one.number].append(one)
    for number, phones in seen.items():
        for before, after in pairwise(phones):
            if before.hears == ("silence",) and _calm(before.at, after.at, troubles) > SILENCE_MAX_S:
                yield f"{number} heard nothing from {before.at:.2f} to {after.at:.2f} s, {before.state}"
    for lane in {lane for began in of(lines, Began) for lane in began.lanes}:
        yield from _ringing(lane, seen, troubles)


def _ringing(
    lane: Sequence[str], seen: dict[str, list[Phone]], troubles: Sequence[tuple[float, float]]
) -> Iterator[str]:
    changes = sorted((one for number in lane for one in seen[number]), key=lambda one: one.at)
    states = dict.fromkeys(lane, "idle")
    lonely: tuple[str, float] | None = None
    for one in changes:
        if lonely is not None and _calm(lonely[1], one.at, troubles) > SILENCE_MAX_S:
            yield f"{lonely[0]} rang for nobody from {lonely[1]:.2f} to {one.at:.2f} s"
        states[one.number] = one.state
        used = [number for number, state in states.items() if state != "idle"]
        lonely = (used[0], one.at) if len(used) == 1 and states[used[0]] == "ringing" else None


def _calm(since: float, until: float, troubles: Sequence[tuple[float, float]]) -> float:
    """The longest time without trouble between two instants."""
    longest, at = 0.0, since
    for begin, end in sorted(troubles):
        longest = max(longest, min(begin, until) - at)
        at = max(at, end)
    return max(longest, until - at)


# -- what is left ------------------------------------------------------------------------------------------------------


def _end(lines: Sequence[AnyLine]) -> Iterator[str]:
    ends = of(lines, Ended)
    if not ends:
        yield "the run did not end"
        return
    for phone in ends[-1].phones:
        if phone.state != "idle":
            yield f"{phone.number} is {phone.state} after all have hung up"
    for number, count in ends[-1].calls.items():
        if count:
            yield f"{number} still has {count} calls after all have hung up"
