"""What a person can do at a phone, and when the phone can't.

Actions are typed as they arrive at the lab: tagged by "do". Without ``line`` an action means the line that the person
would mean: the one that is active, or the one that rings.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias, assert_never

import msgspec

from cordboard.calls.model import Reason
from cordboard.calls.reports import LegDigits, LegTransferred
from cordboard.switches.virtual.phones import Line, LineState, Phone, Stage
from cordboard.switches.virtual.plant import Plant

LineIndex: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=999)]
Dialled: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Digits: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-D*#]{1,64}\Z")]


class _Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="do", tag=str.lower):
    line: LineIndex | None = None


class Dial(_Action, frozen=True):
    """``line`` must be free; without it the lowest free one is taken."""

    to: Dialled


class Answer(_Action, frozen=True):
    pass


class Reject(_Action, frozen=True):
    pass


class Hangup(_Action, frozen=True):
    pass


class Hold(_Action, frozen=True):
    pass


class Retrieve(_Action, frozen=True):
    pass


class Transfer(_Action, frozen=True):
    """Blind: the phone asks that the other party be connected to ``to``."""

    to: Dialled


class Dtmf(_Action, frozen=True):
    digits: Digits


class Unplug(_Action, frozen=True):
    """All lines drop at once and the phone is unreachable until it is plugged in."""


class Plug(_Action, frozen=True):
    pass


AnyAction: TypeAlias = Dial | Answer | Reject | Hangup | Hold | Retrieve | Transfer | Dtmf | Unplug | Plug

ACTIONS = ("dial", "answer", "reject", "hangup", "hold", "retrieve", "transfer", "dtmf", "unplug", "plug")
"""All values of "do"."""


class Cannot(msgspec.Struct, frozen=True):
    """The phone can't do that now; nothing has changed."""

    reason: str


_ACTIVE = (LineState.TALKING, LineState.DIALING)
_OFF_HOOK = (*_ACTIVE, LineState.HELD)
_IN_USE = (*_ACTIVE, LineState.RINGING, LineState.HELD)


def act(plant: Plant, phone: Phone, action: AnyAction) -> Cannot | None:
    """Do it, or tell why the phone can't. The reports are left with the plant."""
    match action:
        case Plug():
            phone.plugged = True
            return None
        case Unplug():
            _unplug(plant, phone)
            return None
        case Dial():
            return _dial(plant, phone, action)
        case _:
            return _press(plant, phone, action)


_Pressed: TypeAlias = Answer | Reject | Hangup | Hold | Retrieve | Transfer | Dtmf


def _press(plant: Plant, phone: Phone, action: _Pressed) -> Cannot | None:
    """Everything that is done on a line in use."""
    line = _choose(phone, action)
    if isinstance(line, Cannot):
        return line
    match action:
        case Answer():
            plant.answer(line)
        case Reject():
            plant.end(line, Reason.REJECTED)
        case Hangup():
            _hang_up(plant, line)
        case Hold():
            plant.hold(line)
        case Retrieve():
            plant.retrieve(line)
        case Transfer():
            plant.said.append(LegTransferred(line.leg, action.to))
        case Dtmf():
            _press_keys(plant, line, action.digits)
        case _ as never:
            assert_never(never)
    return None


def _choose(phone: Phone, action: _Pressed) -> Line | Cannot:
    """The line that is meant, if that can be done on it."""
    if not phone.plugged:
        return Cannot("the phone is unplugged")
    states = _fitting(action)
    if action.line is None:
        line = phone.line_in(*states)
    else:
        line = phone.lines.get(action.line)
    verb = type(action).__name__.lower()
    if line is None:
        if action.line is not None:
            return Cannot(f"line {action.line} is not in use")
        return Cannot(f"the phone is {phone.state.value}; {verb} needs a line that is {_either(states)}")
    if line.state not in states:
        return Cannot(f"line {line.slot} is {line.state.value}; {verb} needs one that is {_either(states)}")
    if line.stage is not Stage.UP and isinstance(action, Hold | Transfer | Dtmf):
        return Cannot(f"line {line.slot} is not answered")
    return line


def _fitting(action: _Pressed) -> tuple[LineState, ...]:
    """The states in which an action makes sense, the one that a person would mean first."""
    match action:
        case Answer() | Reject():
            return (LineState.RINGING,)
        case Hangup():
            return _IN_USE
        case Hold() | Dtmf():
            return _ACTIVE
        case Retrieve():
            return (LineState.HELD,)
        case Transfer():
            return _OFF_HOOK
        case _ as never:
            assert_never(never)


def _either(states: tuple[LineState, ...]) -> str:
    return " or ".join(state.value for state in states)


def _dial(plant: Plant, phone: Phone, action: Dial) -> Cannot | None:
    if not phone.plugged:
        return Cannot("the phone is unplugged")
    slot = phone.free_slot if action.line is None else action.line
    if slot is None or slot >= phone.lines_max:
        return Cannot(f"all {phone.lines_max} lines are in use" if slot is None else f"the phone has no line {slot}")
    if slot in phone.lines:
        return Cannot(f"line {slot} is in use")
    plant.offer(phone, slot, action.to)
    return None


def _hang_up(plant: Plant, line: Line) -> None:
    match line.stage:
        case Stage.BUSY_TONE:
            plant.clear(line)
        case Stage.RINGING:
            plant.end(line, Reason.REJECTED)
        case _:
            plant.end(line, Reason.NORMAL)


def _unplug(plant: Plant, phone: Phone) -> None:
    phone.plugged = False
    for line in list(phone.lines.values()):
        if line.stage is Stage.BUSY_TONE:
            plant.clear(line)
        else:
            plant.end(line, Reason.UNREACHABLE)


def _press_keys(plant: Plant, line: Line, digits: str) -> None:
    """The switch reports the digits, and who hears the person hears them."""
    plant.said.append(LegDigits(line.leg, digits))
    if not line.audible:
        return
    for other in plant.mixes.get(line.place, {}).values():
        if other is not line and line.is_known_to(other.leg) and not other.held and other.stage is Stage.UP:
            other.keep(digits)
