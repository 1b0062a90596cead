"""A play: a scene driven by the words of the transcripts, for tests of single modules. See ``tests.kit.telling``."""

from __future__ import annotations

from typing import Any

from tests.kit.telling import Teller

from cordboard.calls.board import Board
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, Number, Operation
from cordboard.calls.records import Conversation, Leg, Rules
from cordboard.calls.reports import AnyReport

TALKING = ("phone 5000 dial to=5005", "5005 Answer A")
"""5000 has called 5005, and they talk: call A."""
TARGET_RINGS = (*TALKING, "5005 InitiateTransfer A to=5001")
"""5005 has put 5000 on hold and rings 5001: call B."""
CONSULTING = (*TARGET_RINGS, "phone 5001 answer")
CONFERENCE = (*CONSULTING, "5005 CompleteConference B")
"""5000, 5001 and 5005, who owns it: all of them see call A."""
COMPLETED_EARLY = (*TARGET_RINGS, "5005 CompleteTransfer B")
"""5000 waits on call A until 5001 answers it."""

RECORDABLE = ("phone 5000 dial to=5002", "5002 Answer A")
"""5002, who may record, talks with 5000, who may not: call A."""
RECORDED = (*RECORDABLE, "5002 StartRecording A")


class Play:
    """Lines are played at once and must be accepted; ``do`` plays one more and gives what follows from it."""

    def __init__(self, *lines: str, **rules: Any) -> None:
        self.teller = Teller(Rules(**rules))
        self.scene = self.teller.scene
        for line in lines:
            for said in self.do(line):
                assert not said.startswith(("answer refused", "phone cannot")), f"{line}: {said}"

    def do(self, line: str) -> list[str]:
        """One input, and everything that follows from it."""
        return self.teller.play(line)

    def told(self, line: str) -> list[str]:
        """One input, and what is told of it, without "told"."""
        return [said.removeprefix("told ") for said in self.do(line) if said.startswith("told ")]

    def ordered(self, line: str) -> list[str]:
        """One input, and the orders that follow from it, without "order"."""
        return [said.removeprefix("order ") for said in self.do(line) if said.startswith("order ")]

    def hear(self, report: AnyReport) -> None:
        """The switch reports this, before anything else."""
        self.scene.reports.appendleft(report)
        self.scene.run()

    # -- looking ---------------------------------------------------------------------------------------------------

    @property
    def board(self) -> Board:
        """Another one after a restart."""
        return self.scene.board

    @property
    def ledger(self) -> Ledger:
        return self.board.ledger

    def call(self, number: Number, index: int = -1) -> Call:
        """A call of this number that it has been told of, by default the newest."""
        return self.scene.calls(number)[index].call

    def permits(self, number: Number, index: int = -1) -> frozenset[Operation]:
        return self.scene.calls(number)[index].permits

    def states(self, number: Number) -> list[str]:
        """The states of this number's calls, oldest first."""
        return [view.call.state.value for view in self.scene.calls(number)]

    def leg(self, number: Number, index: int = -1) -> Leg:
        return self.ledger.legs[self.call(number, index).leg]

    def conversation(self, number: Number, index: int = -1) -> Conversation:
        return self.ledger.conversations[self.call(number, index).conversation]
