"""How far an account reaches (voipnow-uapi §1.2): one user, an organisation, everybody. Plain functions."""

from __future__ import annotations

from collections.abc import Sequence

from cordboard.people.directory import Directory
from cordboard.people.model import Account, User


def may_act_for(account: Account, user: User) -> bool:
    """Whether what belongs to this user is within reach."""
    match account.level:
        case "administrator":
            return True
        case "organization":
            return user.tenant.id == account.user.tenant.id
        case _:
            return user.id == account.user.id


def users_of(directory: Directory, account: Account) -> Sequence[User]:
    """Everybody within reach."""
    match account.level:
        case "administrator":
            return directory.users
        case "organization":
            return directory.colleagues(account.user)
        case _:
            return (account.user,)
