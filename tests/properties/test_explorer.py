"""Every interleaving of a few people, walked breadth first; and proof that the walk would find what is wrong."""

from __future__ import annotations

import io
from functools import cache

import pytest
from tests.kit import explore
from tests.kit.explorer import Counterexample, Walk
from tests.kit.explorer_casts import CASTS, EVERYTHING
from tests.kit.rows import REACHABLE, why_unreachable
from tests.kit.telling import DIVIDER, retell

from cordboard.calls import placing, seating
from cordboard.calls.commands import Hold, SwapCalls
from cordboard.calls.events import CallChanged, Change
from cordboard.calls.model import Call, Operation, Refusal, RefusalKind
from cordboard.calls.operations import ending
from cordboard.calls.operations.handler import not_now
from cordboard.calls.operations.table import HANDLERS
from cordboard.calls.step import Step, replace


@cache
def walked(name: str) -> Walk:
    walk = Walk(CASTS[name])
    walk.go(CASTS[name].depth)
    return walk


@pytest.mark.parametrize("name", CASTS)
def test_the_law_holds_in_every_interleaving(name: str) -> None:
    walk = walked(name)
    assert walk.levels[-1].depth == CASTS[name].depth
    assert sum(level.states for level in walk.levels) == walk.states > 300
    assert walk.transitions > walk.states
    assert walk.rests > 0


@pytest.mark.parametrize("name", ["transfer", "conference", "single step"])
def test_the_procedures_are_walked_eight_inputs_deep(name: str) -> None:
    assert CASTS[name].depth >= 8


def test_every_operation_that_casts_may_use_is_accepted_somewhere() -> None:
    accepted = set().union(*(walked(name).operations for name in CASTS))
    assert accepted == EVERYTHING


def test_no_row_of_the_table_is_read_that_could_not_be() -> None:
    """See ``tests.kit.rows``, whose stories reach all the others."""
    read = set().union(*(walked(name).cells for name in CASTS))
    assert len(read) >= 30
    assert {cell: why_unreachable(cell) for cell in read - REACHABLE} == {}


def test_two_walks_are_the_same() -> None:
    first, second = Walk(CASTS["transfer"]), Walk(CASTS["transfer"])
    first.go(4)
    second.go(4)
    assert (first.levels, first.cells) == (second.levels, second.cells)


# -- it can fail --------------------------------------------------------------------------------------------------


def counterexample(name: str, depth: int) -> Counterexample:
    with pytest.raises(Counterexample) as caught:
        Walk(CASTS[name]).go(depth)
    return caught.value


def inputs(found: Counterexample) -> list[str]:
    """What is done in the story after it was begun, but for reports that arrive."""
    wanted, above = [], True
    for line in found.lines[found.lines.index("hold reports") + 1 :]:
        above = line != DIVIDER and (above or not line)
        if line and above and not line.startswith("deliver"):
            wanted.append(line)
    return wanted


def test_whoever_hangs_up_without_settling_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "settle", lambda *_: None)
    found = counterexample("transfer", 3)
    assert "is alone" in found.why
    assert inputs(found) == ["5005 Hangup A"]


def test_a_story_that_is_found_can_be_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "settle", lambda *_: None)
    told = "\n".join(counterexample("transfer", 3).lines)
    again = retell(told)
    assert "told 5005 A StatusChange Released" in again
    assert retell(again) == again


def test_a_leg_in_silence_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "reconcile", lambda step: None)
    found = counterexample("transfer", 3)
    assert "belongs to" in found.why


def test_what_is_offered_and_refused_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HANDLERS, Hold, HANDLERS[Hold]._replace(check=lambda *_: not_now("no")))
    found = counterexample("transfer", 3)
    assert "offered, but refused" in found.why
    assert inputs(found) == ["5005 Hold A"]


def test_a_refusal_that_changes_something_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(step: Step, call: Call, command: Hold) -> Refusal:
        step.put(replace(call, muted=True))
        step.ledger.commit()
        return Refusal(RefusalKind.LIMIT_REACHED, "too many")

    monkeypatch.setitem(HANDLERS, Hold, HANDLERS[Hold]._replace(check=check))
    assert "refused, but something changed" in counterexample("transfer", 3).why


def test_a_bug_that_raises_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(step: Step, call: Call, command: SwapCalls) -> None:
        raise KeyError("a bug")

    monkeypatch.setitem(HANDLERS, SwapCalls, HANDLERS[SwapCalls]._replace(apply=broken))
    found = counterexample("transfer", 5)
    assert found.why == "KeyError: 'a bug'"
    assert [line.split()[1] for line in inputs(found)] == ["InitiateTransfer", "SwapCalls"]
    assert found.lines[-1] == "# KeyError: 'a bug'"


def test_capabilities_that_were_told_wrong_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    tell = Step.tell

    def tell_wrong(self: Step, call: Call, change: Change) -> None:
        tell(self, call, change)
        if self.events and isinstance(told := self.events[-1], CallChanged) and len(told.permits) > 1:
            self.events[-1] = replace(told, permits=told.permits - {Operation.HANGUP})

    monkeypatch.setattr(Step, "tell", tell_wrong)
    found = counterexample("single step", 3)
    assert "['Hangup'] were told wrong" in found.why


def test_a_leg_that_outlives_everybody_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seating, "order_drop", lambda step, dropping: None)
    found = counterexample("transfer", 4)
    assert "at the switch only" in found.why
    assert len(inputs(found)) <= 2


# -- walking by hand ----------------------------------------------------------------------------------------------


def test_make_explore_prints_a_table() -> None:
    out = io.StringIO()
    assert explore.main(["--cast", "transfer, an order", "--depth", "2"], out) == 0
    assert "transfer, an order fails, to depth 2, 1 faults" in out.getvalue()
    assert "      2        34           40" in out.getvalue()


def test_make_explore_says_how_it_is_getting_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore, "PROGRESS_S", 0.0)
    out = io.StringIO()
    explore.main(["--cast", "everybody, talking", "--faults", "0", "--depth", "3"], out)
    assert " at the rim, " in out.getvalue()


def test_make_explore_tells_a_counterexample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "settle", lambda *_: None)
    out = io.StringIO()
    assert explore.main(["--cast", "transfer", "--depth", "3"], out) == 1
    assert "THE LAW IS BROKEN" in out.getvalue()
    assert "\n5005 Hangup A\n" in out.getvalue()


def test_make_explore_begins_with_another_story() -> None:
    out = io.StringIO()
    assert explore.main(["--cast", "single step, an", "--depth", "1", "--story", "phone 5000 dial to=5005"], out) == 0
    assert "in all" in out.getvalue()


def test_make_explore_names_its_casts() -> None:
    out = io.StringIO()
    assert explore.main(["--list"], out) == 0
    assert [line.split("  ")[0] for line in out.getvalue().splitlines()] == list(CASTS)
    assert explore.main(["--cast", "nobody"], out) == 2
