"""Whether the npm packages that the acceptance tests need are there, in tests/acceptance/node_modules."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

from bench import npm

HERE = Path(__file__).parent


def required() -> bool:
    """Whether a test that can't run is a failure, as in CI."""
    return os.environ.get("CORDBOARD_REQUIRE_LIVE") == "1"


def cannot_run(why: str) -> NoReturn:
    """Skip with a reason, or fail where nothing may be skipped."""
    if required():
        pytest.fail(f"{why} (CORDBOARD_REQUIRE_LIVE=1)", pytrace=False)
    pytest.skip(why)


def node() -> str:
    """The path of node, with the packages installed."""
    try:
        found = npm.node()
        npm.install(HERE)
    except npm.CannotInstallError as error:
        cannot_run(f"{error} to run the npm clients" if "needed" in str(error) else str(error))
    return found
