"""The link to the switch is lost and comes back. Calls go on there meanwhile; then the switch is the truth (I9).

After a restart of ours that is the same, but for one thing: what was under way is still known, and is done again unless
the switch has done it (``resuming``).
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator

from cordboard.calls import resuming, taping, voicemail
from cordboard.calls.model import CallKey, CallState, LegId, OrderId, Reason, Refusal, RefusalKind
from cordboard.calls.orders import MuteLeg
from cordboard.calls.procedures import Dialing, Dropping, Muting, Placing, Procedure, Taping
from cordboard.calls.records import NOWHERE, Leg
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegHeld,
    LegOffered,
    LegRinging,
    LegSeen,
    SwitchSnapshot,
)
from cordboard.calls.seating import order_drop
from cordboard.calls.step import Step, replace


def down(step: Step) -> None:
    """Nothing can be ordered; what was ordered may or may not have happened."""
    step.ledger.links += 1
    step.ledger.write(step.ledger.switch, "up", None)
    refusal = Refusal(RefusalKind.SWITCH_UNAVAILABLE, "the link to the switch was lost")
    for order, waiting in list(step.ledger.waiting.items()):
        if isinstance(waiting, Procedure | Placing):
            _doubt(step, order, waiting.legs)
        if isinstance(waiting, Procedure):
            step.end(order, waiting)
            step.tell_failed(waiting, refusal)
        elif isinstance(waiting, Taping):
            taping.failed(step, order, waiting, "the link was lost")
        else:
            step.wait(order, None)


def _doubt(step: Step, order: OrderId, legs: Iterable[LegId]) -> None:
    """Nobody knows where these are until the switch says so, perhaps to the next process."""
    for leg_id in legs:
        leg = step.ledger.legs.get(leg_id)
        if leg is not None and leg.order == order:
            step.put_leg(replace(leg, place=NOWHERE))


def up(step: Step, snapshot: SwitchSnapshot) -> Iterator[AnyReport]:
    """The link is there: what was missed, as reports, in an order that makes sense (endings first)."""
    ledger = step.ledger
    ledger.links += 1
    anew = not ledger.switch
    step.ledger.write(step.ledger.switch, "up", True)
    ledger.wait_until(-math.inf)
    seen = {leg.leg: leg for leg in snapshot.legs}
    waiting = list(ledger.waiting.values()) if anew else ()
    # They are about to be brought to where they belong, whatever their telephones do.
    ordered = {leg_id for one in waiting if isinstance(one, Placing | Procedure) for leg_id in one.legs}
    not_yet = {one.leg for one in waiting if isinstance(one, Dialing) and _is_to_ring(step, one)}
    lost = [leg for leg in ledger.legs.values() if leg.dialled and leg.id not in seen and leg.id not in not_yet]
    for leg in sorted(lost, key=_calls_on):
        yield LegEnded(leg.id, Reason.SWITCH_LOST)
    for leg_id in list(ledger.dropping):
        if leg_id not in seen:
            yield LegEnded(leg_id)
    offered = [one for one in snapshot.legs if one.dialled and one.leg not in ledger.dropping]
    _drop_strays(step, snapshot, offered)
    again = resuming.recordings(step, snapshot.recordings) if anew else ()
    taping.compare(step, snapshot.recordings, again)
    voicemail.compare(step)
    for one in snapshot.legs:
        known = ledger.legs.get(one.leg)
        if known is not None:
            yield from _differences(step, known, one)
            if one.held and one.leg not in ordered:
                yield LegHeld(one.leg)
        elif one in offered:
            yield LegOffered(one.leg, one.number, one.dialled, one.external)


def _drop_strays(step: Step, snapshot: SwitchSnapshot, offered: Container[LegSeen]) -> None:
    """Before anything is recorded: whoever is to be gone is no party of that."""
    ledger = step.ledger
    for one in snapshot.legs:
        if one.leg not in ledger.legs and one not in offered:
            order_drop(step, ledger.dropping.get(one.leg) or Dropping(one.leg, Reason.NORMAL))


def _is_to_ring(step: Step, dialing: Dialing) -> bool:
    """Whether a telephone that does not ring is called once more: if it is not known to have rung before (some calls
    are shown as Ringing at once), and its owner has not asked for quiet since."""
    ledger, diversions = step.ledger, step.diversions
    leg = ledger.legs.get(dialing.leg)
    if leg is None:
        return False
    for call in (ledger.calls[key] for key in leg.calls):
        shown_at_once = call.connects_to or ledger.conversations[call.conversation].room
        if call.state is CallState.RINGING and not shown_at_once:
            return False
    return dialing.auto_answer or not (diversions.do_not_disturb(leg.number) or diversions.forward_to(leg.number))


def _is_being_muted(step: Step, leg: Leg) -> bool:
    """Or heard again: a process that is gone ordered it, and nobody has said that it is done."""
    return any(isinstance(one, Muting) and one.leg == leg.id for one in step.ledger.waiting.values())


def _calls_on(leg: Leg) -> tuple[int, tuple[CallKey, ...]]:
    """Whoever consults comes last: if all are gone, nobody is to be connected with anybody first. Else older calls
    first, which a restart does not change."""
    return len(leg.calls), leg.calls


def _differences(step: Step, known: Leg, seen: LegSeen) -> Iterator[AnyReport]:
    # Who hears a supervisor is not in a snapshot: it is ordered again.
    place = seen.place if known.spying is None else NOWHERE
    muted = known.muted if seen.muted is None else seen.muted
    step.put_leg(replace(known, place=place or NOWHERE, muted=muted, pending=False, failures=0))
    step.touch_leg(known)
    if seen.muted is None and (known.muted or _is_being_muted(step, known)):
        step.order(MuteLeg, Muting(known.id, known.muted), known.id, known.muted)
    if seen.ringing:
        yield LegRinging(known.id)
    if seen.answered and known.outgoing:
        yield LegAnswered(known.id)
