"""What can happen next in a small world: every input that makes sense, for a cast of a few people.

A **cast** says who is there, where the story begins and which operations its clients use, so that a walk stays small
enough to be complete. What an input is called is what transcripts call it (``tests.kit.telling``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import msgspec
from tests.kit.explorer_world import World

from cordboard.calls import commands
from cordboard.calls.model import CallView, Number, Operation, Refusal, RefusalKind
from cordboard.calls.operations.table import HANDLERS
from cordboard.calls.operations.taking import TAKINGS
from cordboard.calls.permits import ANSWERED, takings
from cordboard.calls.records import Rules
from cordboard.switches.virtual import persons
from cordboard.switches.virtual.faults import Fault, Misdeed
from cordboard.switches.virtual.phones import LineState, Stage

COMMANDS = {handler.operation: command for command, handler in HANDLERS.items()}
CLOSE_S = 1.0
"""A report can be so late: what is due within that time may come before it."""


class Ask(msgspec.Struct, frozen=True):
    """A client's command."""

    command: commands.AnyCallCommand


class Take(msgspec.Struct, frozen=True):
    """Somebody takes a call of somebody else."""

    command: commands.AnyTakingCommand


class Press(msgspec.Struct, frozen=True):
    """A person at a phone."""

    number: Number
    action: persons.AnyAction


class Deliver(msgspec.Struct, frozen=True):
    """The oldest report reaches the board."""


class Wait(msgspec.Struct, frozen=True):
    seconds: float


Keys: TypeAlias = "frozenset[type[persons.AnyAction]]"
Input: TypeAlias = Ask | Take | Press | Deliver | Wait


class Cast(msgspec.Struct, frozen=True):
    """``operations`` by the number whose client uses them, ``keys`` by the number whose phone has them pressed.

    ``depth`` is how far the tests walk; ``targets`` are the numbers that clients dial, ``numbers`` all that there are;
    ``faults`` is how many orders may fail on the way; ``takers`` are the numbers that take others' calls.
    """

    name: str
    depth: int
    story: tuple[str, ...]
    operations: dict[Number, frozenset[Operation]]
    keys: dict[Number, Keys]
    targets: tuple[Number, ...]
    numbers: tuple[Number, ...]
    rules: Rules = Rules()
    faults: int = 0
    takers: tuple[Number, ...] = ()


def possible(world: World, cast: Cast) -> Iterator[Input]:
    """All inputs that make sense now, the most natural first: of two shortest stories it is told that is found."""
    if world.scene.reports:
        yield Deliver()
    for number in cast.numbers:
        wanted = cast.operations.get(number)
        if wanted:
            views = world.scene.calls(number)
            for view in views:
                for operation in Operation:
                    if operation in wanted and operation in world.scene.offered(view):
                        yield from _commands(world, operation, view, views, cast)
    if cast.takers:
        yield from _takings(world, cast)
    for number in cast.numbers:
        if number in cast.keys:
            yield from _presses(world, number, cast.keys[number], next(iter(cast.targets), ""))
    yield from _waits(world)


def _commands(
    world: World, operation: Operation, view: CallView, views: Sequence[CallView], cast: Cast
) -> Iterator[Ask]:
    kind: Any = COMMANDS[operation]
    base = {"asker": view.call.owner, "call": view.call.id}
    names = kind.__struct_fields__
    if "to" in names:
        there = {owner for _, owner in world.ledger.conversations[view.call.conversation].members}
        yield from (Ask(kind(**base, to=target)) for target in cast.targets if target not in there)
    elif "whom" in names:
        members = world.ledger.conversations[view.call.conversation].members
        others = [key[1] for key in members if key != view.call.key and world.ledger.calls[key].state in ANSWERED]
        yield from (Ask(kind(**base, whom=whom)) for whom in (others if len(members) > 2 else [""]))
    elif "mailbox" in names:
        yield from (Ask(kind(**base, mailbox=target)) for target in cast.targets[:1])
    elif "participant" in names:
        yield from (Ask(kind(**base, participant=participant)) for participant in view.call.participants)
    else:
        yield Ask(kind(**base))
        related = [other.call.id for other in views if other.call.parent == view.call.id]
        if len(related) > 1 and ("consult" in names or "other" in names):
            name = "consult" if "consult" in names else "other"
            yield from (Ask(kind(**base, **{name: consult})) for consult in related)


def _takings(world: World, cast: Cast) -> Iterator[Take]:
    ledger = world.ledger
    for number in cast.numbers:
        for view in world.scene.calls(number):
            there = {owner for _, owner in ledger.conversations[view.call.conversation].members}
            for kind, taking in TAKINGS.items():
                if taking in takings(ledger, view.call):
                    for taker in cast.takers:
                        if taker not in there:
                            yield Take(kind(asker=taker, whose=number, call=view.call.id))


_ANSWERED_KEYS = (persons.Hold, persons.Transfer)


def _presses(world: World, number: Number, keys: Keys, target: Number) -> Iterator[Press]:
    lines = world.plant.phones[number].lines
    for slot in sorted(lines):
        line = lines[slot]
        where = slot if len(lines) > 1 else None
        match line.state:
            case LineState.RINGING:
                kinds: tuple[type[Any], ...] = (persons.Answer, persons.Reject)
            case LineState.HELD:
                kinds = (persons.Hangup, persons.Retrieve)
            case LineState.TALKING | LineState.DIALING:
                kinds = (persons.Hangup, *_ANSWERED_KEYS) if line.stage is Stage.UP else (persons.Hangup,)
            case _:
                kinds = ()
        for kind in kinds:
            if kind in keys:
                to = {"to": target} if kind is persons.Transfer else {}
                yield Press(number, kind(line=where, **to))


def _waits(world: World) -> Iterator[Wait]:
    """Until the next thing is due, and until just before that. While reports are on their way only a little."""
    due = world.next_deadline()
    if due is None:
        return
    left = max(round(due - world.scene.now, 3), 0.0)
    if left <= CLOSE_S or not world.scene.reports:
        yield Wait(left)
    if left > CLOSE_S and not world.scene.reports and not world.ledger.waiting:
        yield Wait(round(left - CLOSE_S, 3))


def perform(world: World, step: Input, failing: str = "") -> Refusal | None:
    """Let it happen. The first order of the kind ``failing`` fails, if one is named."""
    scene = world.scene
    if failing:
        scene.link.add(Fault(Misdeed.FAIL, failing))
    match step:
        case Ask(command) | Take(command):
            return scene.ask(command)
        case Press(number, action):
            cannot = scene.act(number, action)
            assert cannot is None, cannot
        case Deliver():
            scene.deliver()
        case Wait(seconds):
            scene.wait(seconds, deliver=False)
    return None


def may_be_refused(world: World, command: commands.AnyCallCommand, refusal: Refusal) -> bool:
    """What is offered is accepted (I7), unless a limit is reached, or there are several consults and the command does
    not say which it is about, or names one that is not ready."""
    if refusal.kind is RefusalKind.LIMIT_REACHED:
        return True
    consults = world.ledger.consults.get((command.call, command.asker), ())
    return refusal.kind is RefusalKind.NOT_PERMITTED_NOW and len(consults) > 1
