"""What tests do that need something from outside this repository, and it can't be had."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def required() -> bool:
    """Whether a test that can't run is a failure, as in CI."""
    return os.environ.get("CORDBOARD_REQUIRE_LIVE") == "1"


def cannot_run(why: str) -> NoReturn:
    """Skip with a reason, or fail where nothing may be skipped."""
    if required():
        pytest.fail(f"{why} (CORDBOARD_REQUIRE_LIVE=1)", pytrace=False)
    pytest.skip(why)
