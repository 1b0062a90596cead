"""User data as it grows: what a call may carry, and what becomes of two calls' data when they become one.

Every party of a call is told all of it with each notification, so it has a limit (``Rules.user_data_bytes_max``).
Requests beyond that are refused. Two calls that become one are never kept from it by their data.
"""

from __future__ import annotations

import msgspec

from cordboard.calls.model import Refusal, RefusalKind, UserData
from cordboard.calls.records import Rules

_encode = msgspec.json.Encoder().encode


def size(data: UserData) -> int:
    """Bytes as JSON."""
    return len(_encode(data)) if data else 0


def check_added(rules: Rules, data: UserData, added: UserData) -> Refusal | None:
    """What speaks against adding this. Whoever adds nothing is not asked how much there is."""
    if added and size({**data, **added}) > rules.user_data_bytes_max:
        most = rules.user_data_bytes_max
        return Refusal(RefusalKind.LIMIT_REACHED, f"a call carries {most} bytes of user data at most")
    return None


def merged(rules: Rules, parent: UserData, consult: UserData) -> UserData:
    """Data of a transfer or conference: the consult's win (call-semantics decision 8), and the parent's follow, key by
    key, as far as there is room."""
    data = {**parent, **consult}
    if size(data) <= rules.user_data_bytes_max:
        return data
    room = rules.user_data_bytes_max - size(consult)
    kept = dict(consult)
    for key, value in parent.items():
        needed = size({key: value})
        if key not in kept and needed <= room:
            kept[key] = value
            room -= needed
    return kept
