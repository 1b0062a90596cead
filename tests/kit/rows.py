"""Which rows of the table can be read at all, why the others can't, and a short story that leads to each.

Stories are in the words of the transcripts, but for calls: a number's calls are counted from 0, oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from tests.kit.telling import Teller

from cordboard.calls.model import CallState, Number
from cordboard.calls.permits import TABLE, Link, Seat
from cordboard.calls.records import Rules

Cell: TypeAlias = "tuple[CallState, Link, Seat, bool]"
Story: TypeAlias = "tuple[str, ...]"

_CONFERENCES = (Seat.CONFERENCE, Seat.CONFERENCE_OWNER)
_BESIDE = (Seat.BESIDE, Seat.BESIDE_CONFERENCE)
_PARENTS = (Link.PARENT_WAITING, Link.PARENT_DIALING, Link.PARENT_ANSWERED)
_CONSULTS = (Link.CONSULT_WAITING, Link.CONSULT_DIALING, Link.CONSULT_ANSWERED)
_ANSWERED = (CallState.ESTABLISHED, CallState.HELD)

Reason: TypeAlias = "tuple[str, Callable[[CallState, Link, Seat, bool], bool]]"
UNREACHABLE: tuple[Reason, ...] = (
    (
        "nobody can ask anything of a call that is not announced yet, or over",
        lambda state, link, seat, muted: state in (CallState.OFFERED, CallState.RELEASED),
    ),
    (
        "muting is for conferences, so a call that is muted was answered",
        lambda state, link, seat, muted: muted and state not in _ANSWERED,
    ),
    (
        "a call that rings was not begun by its owner: it is no consult and has none",
        lambda state, link, seat, muted: state is CallState.RINGING and link is not Link.NONE,
    ),
    (
        "consults begin from calls that were answered",
        lambda state, link, seat, muted: state is CallState.DIALING and link in _PARENTS,
    ),
    (
        "whoever still dials is with nobody yet",
        lambda state, link, seat, muted: (
            state is CallState.DIALING and (seat in _CONFERENCES or link is Link.CONSULT_ANSWERED)
        ),
    ),
    (
        "a consult that is Established or Held was answered",
        lambda state, link, seat, muted: state in _ANSWERED and link is Link.CONSULT_DIALING,
    ),
    (
        "a consult offers no start of a conference to its originator, who so never owns one on it",
        lambda state, link, seat, muted: link in _CONSULTS and seat is Seat.CONFERENCE_OWNER,
    ),
    (
        "a supervisor's call is Dialing until its telephone is off hook, and offers neither consults nor muting",
        lambda state, link, seat, muted: (
            seat in _BESIDE and (state is CallState.RINGING or link is not Link.NONE or muted)
        ),
    ),
    (
        "an empty side can't be joined with the other",
        lambda state, link, seat, muted: (
            seat is Seat.ALONE
            and state in _ANSWERED
            and link in (Link.PARENT_DIALING, Link.PARENT_ANSWERED, Link.CONSULT_ANSWERED)
        ),
    ),
)


def why_unreachable(cell: Cell) -> str | None:
    return next((reason for reason, applies in UNREACHABLE if applies(*cell)), None)


REACHABLE = {cell for cell in TABLE if why_unreachable(cell) is None}

# -- stories ------------------------------------------------------------------------------------------------------

_TALK = ("phone 5000 dial to=5005", "5005 Answer 0")
_CONSULT = (*_TALK, "5005 InitiateTransfer 0 to=5001", "phone 5001 answer")
_CONFERENCE = (*_CONSULT, "5005 CompleteConference 1")
_NOBODY_COMES = ("5001 behaves busy", "5005 behaves busy", "5005 SingleStepTransfer 0 to=5001")
_ALONE = (*_TALK, *_NOBODY_COMES)
_JOINED = ("5001 SingleStepConference 0 to=5900", "phone 5900 answer")
_CONSULT_LEAVES = ("5001 behaves busy", "15000 behaves busy", "5001 SingleStepTransfer 0 to=15000")
_CONSULT_MUTED = (*_CONSULT, *_JOINED, "5005 MuteCall 1")
_ALONE_CONSULTS = (*_ALONE, "5000 InitiateTransfer 0 to=5900", "phone 5900 answer")
_ALONE_CONFERS = (*_ALONE_CONSULTS, "5900 SingleStepConference 0 to=15000", "phone 15000 answer")

FIRST_CALLS: tuple[tuple[Number, Story], ...] = (
    ("5005", _TALK),
    ("5005", (*_CONFERENCE, "5005 MuteCall 0", "phone 5001 hangup")),
    ("5000", _CONFERENCE),
    ("5000", (*_CONFERENCE, "5000 MuteCall 0")),
    ("5005", _CONFERENCE),
    ("5005", (*_CONFERENCE, "5005 MuteCall 0")),
    ("5000", _ALONE),
    ("5000", (*_CONFERENCE, "5000 MuteCall 0", "phone 5001 hangup", *_NOBODY_COMES)),
)
"""Somebody's only call, Established: in every seat, muted and not."""

CONSULTS: tuple[tuple[Number, Story], ...] = (
    ("5005", _CONSULT),
    ("5005", (*_CONSULT, *_JOINED)),
    ("5005", _CONSULT_MUTED),
    ("5005", (*_CONSULT_MUTED, "phone 5900 hangup")),
    ("5005", (*_CONSULT, *_CONSULT_LEAVES)),
    ("5005", (*_CONSULT_MUTED, "phone 5900 hangup", *_CONSULT_LEAVES)),
    ("5000", _ALONE_CONSULTS),
    ("5000", _ALONE_CONFERS),
    ("5000", (*_ALONE_CONFERS, "5000 MuteCall 1")),
    ("5000", (*_ALONE_CONFERS, "5000 MuteCall 1", "phone 15000 hangup")),
)
"""Somebody's second call is an answered consult."""

RINGING: tuple[Story, ...] = (
    _TALK[:1],
    # The only source of a call that is left.
    ("5000 Dial to=5001 also=5005", "phone 5000 reject"),
    (*_CONFERENCE, "5005 SingleStepConference 0 to=5900"),
    # Whoever made the conference left it by a transfer, and is called into it again.
    (
        *_CONFERENCE,
        "5005 InitiateTransfer 0 to=5900",
        "phone 5900 answer",
        "5005 CompleteTransfer 1",
        "5001 SingleStepTransfer 0 to=5005",
    ),
)

SUPERVISED: tuple[Story, ...] = (
    (*_TALK, "5900 ListenIn 5005"),
    (*_CONFERENCE, "5900 ListenIn 5005"),
)


def stories() -> Iterator[Story]:
    yield from RINGING
    for number, story in FIRST_CALLS:
        yield (*story, f"{number} Hold 0")
        for purpose in ("Conference", "Transfer"):
            rings = (*story, f"{number} Initiate{purpose} 0 to=15001")
            yield (*rings, f"{number} SwapCalls 0")
            yield (*rings, "phone 15001 answer", f"{number} SwapCalls 0")
    for number, story in CONSULTS:
        yield (*story, f"{number} SwapCalls 1")
    for story in SUPERVISED:
        yield (*story, "phone 5900 hold")


def cells_of(story: Story) -> set[Cell]:
    """Play it; the cells that are read on the way, where every call is looked at after each input."""
    teller = Teller(Rules())
    touched: set[Cell] = set()
    permissions = teller.scene.board._permissions
    permissions.touched = touched
    for line in story:
        for said in teller.play(_lettered(teller, line)):
            assert not said.startswith(("answer refused", "phone cannot")), f"{story}: {line}: {said}"
        for call in list(teller.scene.board.ledger.calls.values()):
            teller.scene.board.call(call.id, call.owner)
    return touched


def _lettered(teller: Teller, line: str) -> str:
    words = line.split()
    if len(words) > 2 and words[2].isdigit() and len(words[2]) == 1:
        words[2] = teller.letter(teller.scene.calls(words[0])[int(words[2])].call.id)
    return " ".join(words)
