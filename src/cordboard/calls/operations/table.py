"""All operations by the type of their command."""

from __future__ import annotations

from cordboard.calls.operations import (
    annotating,
    answering,
    conferencing,
    consulting,
    ending,
    holding,
    parking,
    recording,
    signalling,
    transferring,
)
from cordboard.calls.operations.handler import Table

HANDLERS: Table = {
    **annotating.HANDLERS,
    **answering.HANDLERS,
    **conferencing.HANDLERS,
    **consulting.HANDLERS,
    **ending.HANDLERS,
    **holding.HANDLERS,
    **parking.HANDLERS,
    **recording.HANDLERS,
    **signalling.HANDLERS,
    **transferring.HANDLERS,
}
