"""``[uapi]``: the UnifiedAPI and its tokens. Values only; its apps are in ``config_apps``."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cordboard.server import grants

Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Lifetime = Annotated[int, Meta(ge=1, le=86_400)]


class Uapi(msgspec.Struct, frozen=True):
    """``[uapi]`` (voipnow-uapi §1.3). Lifetimes are whole seconds, because clients are told them."""

    enabled: bool = True
    auth_failure_status: Literal[401, 403] = 403
    token_lifetime_s: Lifetime = 3_600
    code_lifetime_s: Lifetime = 600
    refresh_lifetime_s: Annotated[int, Meta(ge=1, le=31_536_000)] = 2_592_000
    tokens_per_app_max: Count = 1_000
    tokens_max: Count = 100_000
    apps_path: str = ""

    def grants(self) -> grants.Limits:
        """What ``grants`` needs of these."""
        return grants.Limits(**{name: getattr(self, name) for name in grants.Limits.__struct_fields__})
