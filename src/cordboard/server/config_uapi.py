"""``[uapi]``: the UnifiedAPI and its tokens. Values only; its apps are in ``config_apps``."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cordboard.server import grants
from cordboard.server.webhooks import WebhookLimits

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
    transfer_status: Literal[200, 202] = 200
    transfer_all: bool = True
    path: str = ""
    events_per_extension_max: Count = 100
    webhook_timeout_s: Annotated[float, Meta(gt=0, le=60)] = 5.0
    webhook_tries: Annotated[int, Meta(ge=1, le=100)] = 10
    webhook_pause_s: Annotated[float, Meta(gt=0, le=3_600)] = 1.0
    webhook_pause_max_s: Annotated[float, Meta(gt=0, le=86_400)] = 300.0
    webhook_queue_max: Count = 10_000
    webhook_per_receiver_max: Annotated[int, Meta(ge=1, le=1_000)] = 8
    webhook_reasons: bool = False
    cdr_kept_max: Count = 10_000

    def grants(self) -> grants.Limits:
        """What ``grants`` needs of these."""
        return grants.Limits(**{name: getattr(self, name) for name in grants.Limits.__struct_fields__})

    def webhooks(self) -> WebhookLimits:
        """What ``webhooks`` needs of these."""
        names = WebhookLimits.__struct_fields__
        return WebhookLimits(**{name: getattr(self, f"webhook_{name}") for name in names})
