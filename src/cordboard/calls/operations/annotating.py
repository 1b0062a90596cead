"""User data. It belongs to the conversation: every party sees the same, and is told of each change."""

from __future__ import annotations

from cordboard.calls.commands import AttachUserData, DeleteUserData, DeleteUserDataPair, UpdateUserData
from cordboard.calls.events import Change
from cordboard.calls.model import Call, CallState, Operation, Refusal, UserData
from cordboard.calls.operations.handler import Handler, Table, no_objection
from cordboard.calls.step import Step, replace
from cordboard.calls.user_data import check_added


def _check(step: Step, call: Call, command: AttachUserData | UpdateUserData) -> Refusal | None:
    return check_added(step.rules, call.user_data, command.user_data)


def _merge(step: Step, call: Call, command: AttachUserData | UpdateUserData) -> None:
    _replace(step, call, {**call.user_data, **command.user_data})


def _delete(step: Step, call: Call, _: DeleteUserData) -> None:
    """On voice calls this deletes everything (gws-v2 §7.2, 5)."""
    _replace(step, call, {})


def _delete_pair(step: Step, call: Call, command: DeleteUserDataPair) -> None:
    _replace(step, call, {key: value for key, value in call.user_data.items() if key != command.pair})


def _replace(step: Step, call: Call, data: UserData) -> None:
    ledger = step.ledger
    supervisors = [ledger.calls[key] for key in ledger.supervisors.get(call.conversation, ())]
    for member in (*ledger.members(call.conversation), *supervisors):
        step.put(replace(member, user_data=data))
        if member.user_data == data and member.state is not CallState.OFFERED:
            step.tell(ledger.calls[member.key], Change.USER_DATA)


HANDLERS: Table = {
    AttachUserData: Handler(Operation.ATTACH_USER_DATA, _check, _merge, needs_switch=False),
    UpdateUserData: Handler(Operation.UPDATE_USER_DATA, _check, _merge, needs_switch=False),
    DeleteUserData: Handler(Operation.DELETE_USER_DATA, no_objection, _delete, needs_switch=False),
    DeleteUserDataPair: Handler(Operation.DELETE_USER_DATA_PAIR, no_objection, _delete_pair, needs_switch=False),
}
