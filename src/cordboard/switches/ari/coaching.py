"""Coaching: a supervisor who hears a mix and whom one leg of it hears. Dry.

The supervisor is in a bridge of its own with a snooper on the target's channel, which brings all that the target says
and hears, and whispers; for whoever only prompts it brings nothing. (A channel that is silenced in its bridge
says nothing to snoopers either, so it can't be in the mix itself.)
"""

from __future__ import annotations

import msgspec

from cordboard.calls.model import LegId
from cordboard.switches.ari import wire
from cordboard.switches.ari.outbox import Job, Outbox
from cordboard.switches.ari.tracker import Line

_PREFIX = "coach-"
BRIDGE_NAME = "cordboard"
"""What bridges of ours are called, so that those of a former run can be told."""


def is_coaching(bridge: str) -> bool:
    """Whether this is the bridge of a supervisor and a snooper."""
    return bridge.startswith(_PREFIX)


class _Pair(msgspec.Struct, eq=False):
    bridge: str
    snooper: str
    job: Job | None


class Coaching:
    """All supervisors that coach. Names are counted, so that a late event is not mistaken."""

    def __init__(self, outbox: Outbox, app: str) -> None:
        self._outbox = outbox
        self._app = app
        self._pairs: dict[LegId, _Pair] = {}
        self._snoopers: dict[str, _Pair] = {}
        self._count = 0

    def count_from(self, number: int) -> None:
        """No earlier process has come that far: names of what has just ended are taken for a while."""
        self._count = max(self._count, number)

    def bridge_of(self, supervisor: Line) -> str:
        """Where it is with its snooper; "" if it does not coach."""
        pair = self._pairs.get(supervisor.leg)
        return pair.bridge if pair is not None else ""

    def begin(self, supervisor: Line, target: Line, job: Job, *, hears: bool = True) -> None:
        """``job`` is done when they hear each other, or the target the supervisor if that ``hears`` nothing."""
        self._count += 1
        bridge = f"{_PREFIX}{supervisor.leg}-{self._count}"
        pair = _Pair(bridge, f"{bridge}-snooper", job)
        self._pairs[supervisor.leg] = self._snoopers[pair.snooper] = pair
        job.ask(wire.create_bridge(bridge, BRIDGE_NAME), wire.add(bridge, (supervisor.channel,)))
        job.wait()
        request = wire.snoop(target.channel, pair.snooper, self._app, hears=hears)

        def answered(status: int, body: str) -> None:
            if not request.is_done_by(status):
                self._fail(pair, wire.explained(request, status, body))

        self._outbox.ask(request, answered)

    def end(self, supervisor: Line) -> None:
        """It is elsewhere now, or over."""
        pair = self._pairs.pop(supervisor.leg, None)
        if pair is None:
            return
        del self._snoopers[pair.snooper]
        job, pair.job = pair.job, None
        if job is not None:
            job.step_done()  # whatever comes next is what is wanted
        self._outbox.insist(wire.hang_up(pair.snooper, 16))
        self._outbox.insist(wire.destroy_bridge(pair.bridge))

    def _fail(self, pair: _Pair, why: str) -> None:
        job, pair.job = pair.job, None
        if job is not None:
            job.fail(why)

    def started(self, channel: str) -> bool:
        """A channel is there: whether it is a snooper."""
        if not channel.startswith(_PREFIX):
            return False
        pair = self._snoopers.get(channel)
        if pair is None:
            self._outbox.insist(wire.hang_up(channel, 16))
        elif pair.job is not None:
            job, pair.job = pair.job, None
            job.ask(wire.add(pair.bridge, (channel,)))
            job.step_done()
        return True

    def ended(self, channel: str) -> bool:
        """A channel is gone: whether it was a snooper. It goes with its target."""
        pair = self._snoopers.get(channel)
        if pair is not None:
            self._fail(pair, "the target is gone")
        return channel.startswith(_PREFIX)

    def left(self, channel: str, bridge: str) -> None:
        """A channel has left this bridge: if it is a snooper that somebody took out, it is put back. One that has ended
        can't be, which does not matter."""
        pair = self._snoopers.get(channel)
        if pair is not None and pair.bridge == bridge:
            self._outbox.ask(wire.add(bridge, (channel,)))

    def forget(self) -> None:
        """The link was lost: supervisors are placed anew, and what is left of these is swept."""
        self._pairs.clear()
        self._snoopers.clear()
