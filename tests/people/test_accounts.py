"""How far accounts reach."""

from __future__ import annotations

from tests.uapi.front import ANN, JANE, JOHN

from cordboard.people.accounts import may_act_for
from cordboard.people.model import Account


def test_each_level_reaches_further() -> None:
    reach = {
        level: [user.first_name for user in (JOHN, JANE, ANN) if may_act_for(Account(JOHN, level), user)]
        for level in ("user", "organization", "administrator")
    }
    assert reach == {"user": ["John"], "organization": ["John", "Jane"], "administrator": ["John", "Jane", "Ann"]}
