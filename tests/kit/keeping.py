"""Rows that a board wrote, kept as a journal would; and the check that a board restored from them is the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cordboard.calls import timers
from cordboard.calls.ledger import Ledger
from cordboard.calls.ports import Row, packed
from cordboard.calls.records import NOWHERE

NOT_KEPT = frozenset({timers.ORDER, timers.PLACE, timers.DROP, timers.TAPE, timers.AFRESH})
"""Timers that need not outlive the process: the switch says first what there is."""


class Rows:
    """The newest value of each row."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[bytes, bytes]] = {}
        self._lent: dict[tuple[str, bytes], Any] = {}

    def note(self, rows: Iterable[Row]) -> None:
        for row in rows:
            table, value = self._tables.setdefault(row.table, {}), packed(row.value)
            if value is None:
                table.pop(row.key, None)
                self._lent.pop((row.table, row.key), None)
            else:
                table[row.key] = value
                self._lent[row.table, row.key] = row.value

    def have_not_changed(self) -> bool:
        """Whether values that are written later than they were taken would be what they were then."""
        return all(packed(value) == self._tables[name][key] for (name, key), value in self._lent.items())

    def read(self, table: str) -> Sequence[tuple[bytes, bytes]]:
        return list(self._tables.get(table, {}).items())


def due(ledger: Ledger) -> set[tuple[float, str, Any]]:
    """What is due when, as far as it outlives the process."""
    found = ((when, kind, key) for when, _, kind, key in ledger._timers)
    return {one for one in found if counts(ledger, *one) and one[1] not in NOT_KEPT}


def counts(ledger: Ledger, when: float, kind: str, key: Any) -> bool:
    """Whether anything would come of a timer. They are not cancelled, but looked at when they are due."""
    match kind:
        case timers.RING:
            leg = ledger.legs.get(key)
            return leg is not None and leg.deadline == when and not leg.answered
        case timers.RECALL:
            conversation = ledger.conversations.get(key)
            return conversation is not None and conversation.recall is not None and conversation.recall.until == when
        case timers.PLACE:
            legs = (ledger.legs.get(leg_id) for leg_id in key)
            return any(leg is not None and leg.pending and leg.place == NOWHERE for leg in legs)
        case timers.DROP:
            return key in ledger.dropping
        case timers.LIMIT:
            return key in ledger.conversations and ledger.conversations[key].until == when
        case timers.MESSAGE:
            return key in ledger.messages.values()
        case timers.TAPE:
            return key in ledger.tapes
        case timers.TAPE_FULL:
            return key in ledger.tapes and not ledger.tapes[key].ending
        case _:
            return True
