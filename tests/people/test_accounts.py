"""How far an account reaches."""

import pytest
from tests.kit.people import AGENT, OLGA, PEOPLE, TENANT

from cordboard.people.accounts import may_act_for, users_of
from cordboard.people.directory import Directory
from cordboard.people.model import Account, Device, Tenant, User

STRANGER = User("99", "stranger", "", Device("d-99", "99"), Tenant("4", "South"))
DIRECTORY = Directory([*PEOPLE, STRANGER], [TENANT, STRANGER.tenant], [])


@pytest.mark.uapi("1.2 scope by level")
@pytest.mark.parametrize(
    ("level", "reached"),
    [("user", (AGENT,)), ("organization", PEOPLE), ("administrator", (*PEOPLE, STRANGER))],
)
def test_each_level_reaches_further(level: str, reached: tuple[User, ...]) -> None:
    account = Account(AGENT, level, "crm")
    assert tuple(users_of(DIRECTORY, account)) == reached
    assert tuple(user for user in DIRECTORY.users if may_act_for(account, user)) == reached


def test_an_unknown_level_reaches_no_further_than_its_user() -> None:
    account = Account(AGENT, "galaxy")
    assert may_act_for(account, AGENT)
    assert not may_act_for(account, OLGA)
    assert tuple(users_of(DIRECTORY, account)) == (AGENT,)
