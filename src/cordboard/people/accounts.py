"""How far an account reaches (voipnow-uapi §1.2): one user, an organisation, everybody. Plain functions."""

from __future__ import annotations

from cordboard.people.model import Account, User


def may_act_for(account: Account, user: User) -> bool:
    """Whether what belongs to this user is within reach."""
    match account.level:
        case "administrator":
            return True
        case "organization":
            return user.tenant == account.user.tenant
        case _:
            return user.id == account.user.id
