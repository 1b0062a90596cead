"""Who hears what. What a leg should hear follows from its calls alone; this module works it out and orders it.

The rules (call-semantics I3: nobody who waits is in silence):
- a leg is heard in the call that is Established, else in the one it is Dialing; if all its calls are Held it is quiet;
- Established parties of one conversation are mixed; one that is alone hears music if somebody holds it, ringing if
  somebody is being rung, else music; but whoever leaves a message is alone in the mix that is recorded;
- a leg that is Dialing hears ringing. A leg that we dial ourselves is placed nowhere until it answers;
- a supervisor is with those who talk, or hears what one who waits hears (docs/decisions/0008). No procedure places it:
  it comes after the others.

Because nothing else places legs, a failed or overtaken order heals: the next look orders what is still missing.
"""

from __future__ import annotations

from typing import TypeAlias

from cordboard.calls import timers
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, CallKey, CallState, ConversationId, LegId, OrderId
from cordboard.calls.orders import HoldLeg, JoinLegs, MuteLeg, RingLeg, SpyLeg
from cordboard.calls.procedures import Muting, Placing
from cordboard.calls.records import MUSIC, NOWHERE, QUIET, RINGBACK, Leg, Place, Spying
from cordboard.calls.step import Step, replace

Changes: TypeAlias = "dict[LegId, Place]"
_RUNG = (CallState.RINGING, CallState.OFFERED, CallState.DIALING)


def focus(ledger: Ledger, leg: Leg) -> Call | None:
    """The call that this leg is heard in: the Established one, else the last that it is Dialing."""
    dialing = None
    for key in leg.calls:
        call = ledger.calls[key]
        if call.state is CallState.ESTABLISHED:
            return call
        if call.state is CallState.DIALING:
            dialing = call
    return dialing


def wanted(ledger: Ledger, leg: Leg) -> Place:
    """Where this leg belongs now."""
    if leg.outgoing and not leg.answered:
        return NOWHERE
    call = focus(ledger, leg)
    if call is None:
        return QUIET
    if call.state is CallState.DIALING:
        return RINGBACK
    if call.monitors is not None:
        return _beside(ledger, call)
    return _among(ledger, call)


def _among(ledger: Ledger, call: Call) -> Place:
    """The place of an Established party: with the others, or what it hears while it is alone."""
    held = rung = False
    calls, conversation = ledger.calls, ledger.conversations[call.conversation]
    for key in conversation.members:
        if key[1] == call.owner:
            continue
        state = calls[key].state
        if state is CallState.ESTABLISHED:
            return call.conversation
        held = held or state is CallState.HELD
        rung = rung or state in _RUNG
    sent_on = conversation.recall is not None and bool(conversation.recall.instead)
    if call.mailbox and not rung:
        return call.conversation
    return RINGBACK if rung and not held and not sent_on else MUSIC


def _beside(ledger: Ledger, call: Call) -> Place:
    """The place of a supervisor: that of a party which talks or waits; music if all hold."""
    for key in ledger.conversations[call.conversation].members:
        if ledger.calls[key].state is CallState.ESTABLISHED:
            return _among(ledger, ledger.calls[key])
    return MUSIC


def spying_of(ledger: Ledger, call: Call) -> Spying | None:
    """Who is to hear a supervisor; None for everybody else."""
    monitor = ledger.monitor_of(call.owner) if call.monitors is not None else None
    if call.monitors is None or monitor is None:
        return None
    members = ledger.conversations[call.conversation].members
    legs = (ledger.calls[key].leg for key in members if key[1] == monitor.monitoring.target)
    return Spying(call.monitors, next(legs, ""))


def changes(step: Step) -> Changes:
    """The legs of the touched conversations that are not where they belong, and where that is."""
    found: Changes = {}
    ledger = step.ledger
    for conversation_id in step.touched:
        conversation = ledger.conversations.get(conversation_id)
        if conversation is None:
            continue
        for key in conversation.members:
            leg = ledger.legs[ledger.calls[key].leg]
            if leg.id not in found:
                place = wanted(ledger, leg)
                if place != leg.place:
                    found[leg.id] = place
    return found


def order_changes(
    step: Step, found: Changes, pending: bool = False, leaving: tuple[LegId, ...] = ()
) -> tuple[OrderId, tuple[LegId, ...]]:
    """One order that brings these legs to where they belong; ``pending`` if an operation waits for it. ``leaving`` are
    in a mix and end when that operation is applied; where they are until then is not known.

    At most one mix is named by it.

    Legs that belong to further mixes are left for ``reconcile``.
    """
    mix: ConversationId = ""
    by_place: dict[Place, list[LegId]] = {}
    for leg_id, place in found.items():
        if place not in (MUSIC, RINGBACK, QUIET):
            if mix and place != mix:
                continue
            mix = place
        by_place.setdefault(place, []).append(leg_id)
    mixed, music = tuple(by_place.pop(mix, ())), tuple(by_place.get(MUSIC, ()))
    ringback, quiet = tuple(by_place.get(RINGBACK, ())), tuple(by_place.get(QUIET, ()))
    kind = JoinLegs if mixed else HoldLeg if music or quiet else RingLeg
    leaving = leaving if mixed else ()
    legs = mixed + music + ringback + quiet + leaving
    order = step.order(kind, Placing(legs), mix, mixed, music, ringback, quiet, leaving)
    for leg_id in legs:
        place = found.get(leg_id, NOWHERE)
        step.put_leg(replace(step.ledger.legs[leg_id], place=place, order=order, pending=pending))
    return order, legs


def reconcile(step: Step) -> None:
    """Order what is missing in the touched conversations; procedures in progress keep their legs."""
    ledger = step.ledger
    found: Changes = {}
    for conversation_id in step.touched:
        conversation = ledger.conversations.get(conversation_id)
        for key in conversation.members if conversation is not None else ():
            call = ledger.calls[key]
            leg = ledger.legs[call.leg]
            if leg.pending or leg.id in found:
                continue
            place = wanted(ledger, leg)
            if place not in (NOWHERE, leg.place):
                found[leg.id] = place
            if leg.muted or call.muted or call.monitored is not None:
                _reconcile_mute(step, leg)
    while found:
        _, ordered = order_changes(step, found)
        for leg_id in ordered:
            del found[leg_id]
    if ledger.supervisors:
        _reconcile_supervisors(step)


def _reconcile_mute(step: Step, leg: Leg) -> None:
    """The microphone follows the call that is heard, unless an operation waits for it just now."""
    if any(key in step.ledger.busy for key in leg.calls):
        return
    call = focus(step.ledger, leg)
    muted = call is not None and call.inaudible
    if leg.muted is not muted:
        step.order(MuteLeg, Muting(leg.id, muted), leg.id, muted)
        step.put_leg(replace(leg, muted=muted))


def _reconcile_supervisors(step: Step) -> None:
    ledger = step.ledger
    for conversation_id in step.touched:
        for key in ledger.supervisors.get(conversation_id, ()):
            call = ledger.calls[key]
            leg = ledger.legs[call.leg]
            place = wanted(ledger, leg)
            if leg.pending or place == NOWHERE:
                continue
            if place in (MUSIC, RINGBACK, QUIET):
                if place != leg.place:
                    order_changes(step, {leg.id: place})
            elif place != leg.place or spying_of(ledger, call) != leg.spying:
                _order_spying(step, leg, place, spying_of(ledger, call))


def _order_spying(step: Step, leg: Leg, mix: ConversationId, spying: Spying | None) -> None:
    assert spying is not None  # it is a supervisor's leg
    order = step.order(SpyLeg, Placing((leg.id,)), leg.id, mix, spying.target, spying.kind)
    step.put_leg(replace(leg, place=mix, order=order, spying=spying))


def placed(step: Step, legs: tuple[LegId, ...], order: OrderId) -> None:
    """The switch did it."""
    for leg_id in legs:
        leg = step.ledger.legs.get(leg_id)
        if leg is not None and leg.order == order and leg.failures:
            step.put_leg(replace(leg, failures=0))


def misplaced(step: Step, legs: tuple[LegId, ...], order: OrderId) -> list[Leg]:
    """The switch did not do it: where these legs are is not known. Returns those that have failed too often."""
    given_up: list[Leg] = []
    later: list[LegId] = []
    for leg_id in legs:
        leg = step.ledger.legs.get(leg_id)
        if leg is None or leg.order != order:
            continue
        leg = replace(leg, place=NOWHERE, failures=leg.failures + 1)
        step.put_leg(leg)
        if leg.failures >= step.rules.placing_tries:
            given_up.append(leg)
        elif leg.failures > 1:
            step.put_leg(replace(leg, pending=True))
            later.append(leg_id)
        else:
            step.touch_leg(leg)
    if later:
        step.timers.append((step.now + step.rules.placing_pause_s, timers.PLACE, tuple(later)))
    return given_up


def look_again(step: Step, legs: tuple[LegId, ...]) -> None:
    """The pause after a failed placement is over."""
    for leg_id in legs:
        leg = step.ledger.legs.get(leg_id)
        if leg is not None and leg.pending and leg.place == NOWHERE:
            step.put_leg(replace(leg, pending=False))
            step.touch_leg(leg)


def is_heard(ledger: Ledger, key: CallKey) -> bool:
    """Whether this call is the one that its leg is heard in."""
    call = ledger.calls[key]
    return focus(ledger, ledger.legs[call.leg]) == call
