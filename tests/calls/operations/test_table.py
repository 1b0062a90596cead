"""What is offered is accepted, what is not is refused, and a refused command changes nothing (call-semantics I4, I7).

Every operation is asked of every call in every situation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from tests.calls.play import CONSULTING, Play
from tests.calls.situations import SITUATIONS
from tests.kit.law import Law, copy_of
from tests.kit.scene import Scene

from cordboard.calls import commands
from cordboard.calls.model import Call, CallView, Operation, Refusal, RefusalKind
from cordboard.calls.operations.table import HANDLERS
from cordboard.calls.operations.taking import TAKINGS
from cordboard.calls.permits import BUSY, TABLE, TABLE_CLEAR, UNLISTED, takings
from cordboard.calls.reports import SwitchDown

UNUSED = "15002"
"""A number that is in none of the situations."""
BAD: dict[str, tuple[Any, RefusalKind]] = {
    "to": ("9999", RefusalKind.BAD_DESTINATION),
    "mailbox": ("9999", RefusalKind.BAD_DESTINATION),
    "participant": ("9999", RefusalKind.UNKNOWN_PARTICIPANT),
    "digits": ("x", RefusalKind.BAD_VALUE),
    "consult": ("unheard of", RefusalKind.NOT_PERMITTED_NOW),
    "other": ("unheard of", RefusalKind.UNKNOWN_CALL),
}
EVERY_KIND = sorted(HANDLERS, key=lambda kind: kind.__name__)
every_situation = pytest.mark.parametrize("lines", SITUATIONS.values(), ids=SITUATIONS)


def visible(scene: Scene) -> list[CallView]:
    return [view for owner in sorted(scene.board.ledger.owners) for view in scene.calls(owner)]


def a_command(kind: type[commands.CallCommand], call: Call, **chosen: Any) -> Any:
    """A command with good arguments, but for those chosen."""
    good: dict[str, Any] = {
        "asker": call.owner,
        "call": call.id,
        "to": UNUSED,
        "mailbox": UNUSED,
        # The first may be a supervisor who barges in, and can't be sent away.
        "participant": next(reversed(call.participants), ""),
        "whom": next(reversed(call.participants), ""),
        "digits": "1",
        "pair": "k",
        "user_data": {"k": "v"},
    }
    return kind(**{name: value for name, value in {**good, **chosen}.items() if name in kind.__struct_fields__})


def ask_in_vain(scene: Scene, command: Any) -> Refusal:
    """The command must be refused and change nothing: no table, no order, no event, no timer that matters."""
    before, orders, told = copy_of(scene.board.ledger), len(scene.orders), len(scene.told)
    refusal = scene.ask(command)
    assert refusal is not None, f"{command} was accepted"
    assert copy_of(scene.board.ledger) == before, f"{command} was refused but changed something"
    assert (len(scene.orders), len(scene.told)) == (orders, told), f"{command} was refused but led to something"
    return refusal


def choices(scene: Scene, kind: type[commands.CallCommand], call: Call) -> Iterator[Any]:
    """The same command without naming a second call, and naming each that could be meant."""
    yield a_command(kind, call)
    for name in {"consult", "other"} & set(kind.__struct_fields__):
        for view in scene.calls(call.owner):
            yield a_command(kind, call, **{name: view.call.id})


def is_accepted_in_one_form(scene: Scene, kind: type[commands.CallCommand], call: Call) -> bool:
    """Several consults must be told apart: then the bare form is refused, for that reason only."""
    for command in choices(scene, kind, call):
        before = copy_of(scene.board.ledger)
        refusal = scene.ask(command)
        if refusal is None:
            return True
        assert refusal.kind is RefusalKind.NOT_PERMITTED_NOW
        assert copy_of(scene.board.ledger) == before
    return False


@pytest.mark.parametrize("clear", [False, True], ids=["8.5.2", "8.5.202"])
@every_situation
def test_what_is_not_offered_is_refused_and_changes_nothing(lines: tuple[str, ...], clear: bool) -> None:
    scene = Play(*lines, clear_from_ringing=clear).scene
    for view in visible(scene):
        for kind in EVERY_KIND:
            if HANDLERS[kind].operation not in scene.offered(view):
                refusal = ask_in_vain(scene, a_command(kind, view.call))
                assert refusal.kind is RefusalKind.NOT_PERMITTED_NOW, f"{kind.__name__} in {view}: {refusal}"


@every_situation
def test_what_is_offered_is_accepted_and_leaves_the_law_intact(lines: tuple[str, ...]) -> None:
    first = Play(*lines, clear_from_ringing=True).scene
    for index, offered in enumerate(visible(first)):
        for kind in EVERY_KIND:
            if HANDLERS[kind].operation in first.offered(offered):
                scene = Play(*lines, clear_from_ringing=True).scene
                view = visible(scene)[index]
                assert is_accepted_in_one_form(scene, kind, view.call), f"{kind.__name__} in {view}"
                scene.run()
                Law(scene).check_at_rest()


@every_situation
def test_others_calls_are_taken_when_that_is_permitted_and_otherwise_nothing_changes(lines: tuple[str, ...]) -> None:
    for index in range(len(visible(Play(*lines).scene))):
        for kind in (commands.UnPark, commands.PickUp):
            scene = Play(*lines).scene
            call = visible(scene)[index].call
            command = kind(asker=UNUSED, whose=call.owner, call=call.id)
            if TAKINGS[kind] not in takings(scene.board.ledger, call):
                assert ask_in_vain(scene, command).kind is RefusalKind.NOT_PERMITTED_NOW
                continue
            own = kind(asker=call.owner, whose=call.owner, call=call.id)
            if kind is commands.UnPark:
                assert ask_in_vain(scene, own).kind is RefusalKind.BAD_DESTINATION
            assert scene.ask(command) is None
            assert ask_in_vain(scene, kind(asker="15003", whose=call.owner, call=call.id))
            scene.run()
            Law(scene).check_at_rest()


@every_situation
def test_bad_arguments_are_refused_and_change_nothing(lines: tuple[str, ...]) -> None:
    scene = Play(*lines).scene
    for view in visible(scene):
        for kind in EVERY_KIND:
            for name in set(BAD) & set(kind.__struct_fields__):
                value, expected = BAD[name]
                refusal = ask_in_vain(scene, a_command(kind, view.call, **{name: value}))
                if HANDLERS[kind].operation in scene.offered(view):
                    assert refusal.kind is expected, f"{kind.__name__} {name}={value}: {refusal}"


@every_situation
def test_nobody_reaches_the_call_of_somebody_else(lines: tuple[str, ...]) -> None:
    scene = Play(*lines).scene
    for view in visible(scene):
        stranger = a_command(commands.Hangup, view.call, asker="15001")
        assert ask_in_vain(scene, stranger).kind is RefusalKind.UNKNOWN_CALL


@every_situation
def test_while_the_link_is_down_only_user_data_can_be_changed(lines: tuple[str, ...]) -> None:
    play = Play(*lines)
    play.hear(SwitchDown())
    for view in visible(play.scene):
        for kind in EVERY_KIND:
            if HANDLERS[kind].needs_switch:
                refusal = ask_in_vain(play.scene, a_command(kind, view.call))
                assert refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
            else:
                assert play.scene.ask(a_command(kind, view.call)) is None


@pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.__name__)
def test_a_call_that_is_over_accepts_nothing(kind: type[commands.CallCommand]) -> None:
    play = Play(*CONSULTING)
    over = play.call("5005")
    play.do("5005 CompleteTransfer B")
    assert ask_in_vain(play.scene, a_command(kind, over)).kind is RefusalKind.UNKNOWN_CALL


def test_every_command_has_a_handler() -> None:
    assert set(HANDLERS) == set(get_args(commands.AnyCallCommand))


def test_everything_that_a_row_offers_has_a_handler() -> None:
    offered = UNLISTED.union(*TABLE.values(), *TABLE_CLEAR.values(), *BUSY.values())
    assert offered <= {handler.operation for handler in HANDLERS.values()}


def test_no_two_commands_are_the_same_operation_and_dialing_is_none_on_a_call() -> None:
    operations = [handler.operation for handler in HANDLERS.values()]
    assert len(set(operations)) == len(operations)
    assert Operation.DIAL not in operations


def test_only_user_data_needs_no_switch() -> None:
    assert {kind for kind, handler in HANDLERS.items() if not handler.needs_switch} == {
        commands.AttachUserData,
        commands.UpdateUserData,
        commands.DeleteUserData,
        commands.DeleteUserDataPair,
    }
